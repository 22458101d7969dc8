//! Names with spaces: where do they start? Enter at [`widen`].
//!
//! A name with spaces is believed where it fills its quotes, a cell or line of file names, or stands
//! beside its hash; elsewhere its first words are prose.

use super::extension::{self, Strength};
use super::is_function_word;
use super::name::LONGEST;
use crate::extract::candidate::Text;
use crate::extract::context::label;

/// Most words in a file name with spaces.
const WORDS: usize = 14;

/// The start of a name with spaces: one that fills its quotes, or a cell or line of file names.
pub(super) fn widen(text: &Text<'_>, start: usize, end: usize) -> Option<usize> {
    let whole = text.str();
    let floor = whole.ceil_char_boundary(start.saturating_sub(LONGEST));
    let head = &whole[floor..start];
    let tail = whole[end..].trim_start_matches(['+', ' ', '\u{a0}']);
    if !head.ends_with(' ') {
        return None;
    }
    let beside_digest = tail.starts_with('|') && is_digest(&tail[1..]);
    let first = match tail.chars().next() {
        Some('"') => {
            head.rfind(['"', '\n', '\t'])
                .filter(|at| head[*at..].starts_with('"'))?
                + 1
        }
        Some('`') => {
            head.rfind(['`', '\n', '\t'])
                .filter(|at| head[*at..].starts_with('`'))?
                + 1
        }
        Some('”') => {
            head.rfind(['“', '\n', '\t'])
                .filter(|at| head[*at..].starts_with('“'))?
                + '“'.len_utf8()
        }
        None | Some('\n' | '\t' | '\r' | '|') if stands_among_files(text, start, end) => {
            head.rfind(['\n', '\t', '|']).map_or(0, |at| at + 1)
        }
        // `name.exe|hash`, as threat platforms write samples.
        Some('|') if beside_digest => head.rfind(['\n', '\t', '|']).map_or(0, |at| at + 1),
        _ => return None,
    };
    if first == 0 && floor > 0 {
        return None;
    }
    let name = &whole[floor + first..end];
    let trimmed = name.trim_start_matches([' ', '*', '-', '•', '+']);
    let mut words = trimmed.split(' ');
    let last = words.next_back()?;
    let mut count = 0;
    let fits = words.all(|word| {
        count += 1;
        let is_option = word.starts_with(['-', '/', '\\', '"', '%', '$']);
        let is_path = word.contains([':', '/', '\\', '|', '>', '=']);
        let is_hash = word.len() >= 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_word = word.contains(char::is_alphanumeric) && (beside_digest || !is_running(word));
        is_word && !is_option && !is_path && !is_hash && !extension::ends_file(word)
    });
    (fits && count < WORDS && !last.is_empty()).then(|| end - trimmed.len())
}

/// Whether `word` is one of running text, also behind the number of a list: `5.Executes`.
fn is_running(word: &str) -> bool {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
    match rest.strip_prefix('.').filter(|_| rest.len() < word.len()) {
        Some(item) => is_function_word(&item.to_lowercase()),
        None => is_function_word(word),
    }
}

/// Whether `rest` begins with a hash and nothing of a word behind it.
fn is_digest(rest: &str) -> bool {
    let digits = rest
        .bytes()
        .take(129)
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    matches!(digits, 32 | 40 | 64 | 128)
        && rest[..digits].bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether the cell of `start..end` is labelled as a file, or a neighbouring line is a file name too.
fn stands_among_files(text: &Text<'_>, start: usize, end: usize) -> bool {
    let whole = text.str();
    if label::of(text, start).is_some_and(|label| label.to_ascii_lowercase().contains("file")) {
        return true;
    }
    let line = text.line_at(start);
    if whole[line.clone()].len() > LONGEST || end > line.end {
        return false;
    }
    let earlier = line.start.checked_sub(1).map(|at| text.line_at(at));
    let later = (line.end < whole.len()).then(|| text.line_at(line.end + 1));
    [earlier, later].into_iter().flatten().any(|line| {
        let line = &whole[line];
        line.len() <= LONGEST && extension::of(line.trim()) == Some(Strength::Sure)
    })
}
