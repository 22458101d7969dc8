//! The walk along a path: where does it end? Paths hold spaces, brackets and placeholders, and
//! prose goes on behind them without notice.

use super::{after, before, extension, is_function_word, registry};
use crate::extract::token::runs_on;

/// Longest path followed, in bytes.
pub(super) const LONGEST: usize = 1_024;
/// How far a space is looked past for the separator that makes it part of the path, in bytes.
const BEYOND_SPACE: usize = 96;
/// Most words that one part of a path may have.
const WORDS: usize = 8;

/// How the walk treats what it meets.
pub(super) struct Walk<'a> {
    /// The text.
    pub(super) text: &'a str,
    /// Where the path starts.
    pub(super) start: usize,
    /// `\` or `/`.
    pub(super) separator: u8,
    /// Whether parts may hold spaces outside quotes.
    pub(super) spaces: bool,
    /// Whether an extension of files ends the path at the next space or comma.
    pub(super) files: bool,
}

impl Walk<'_> {
    /// The end of the path that starts before `from`, which is the first byte after its root.
    pub(super) fn end(&self, from: usize) -> usize {
        let text = self.text;
        let limit = text.floor_char_boundary(self.start.saturating_add(LONGEST).min(text.len()));
        let quote = self.closing_quote(limit);
        let limit = quote.unwrap_or(limit);
        let (mut at, mut part) = (from, from);
        let mut open: Vec<char> = Vec::new();
        while at < limit {
            let Some(c) = after(text, at) else { break };
            let next = at + c.len_utf8();
            match c {
                _ if c.is_ascii() && c as u8 == self.separator => part = next,
                ' ' => {
                    if !open.is_empty() && closes_soon(text, at, limit, &open) {
                        at = next;
                        continue;
                    }
                    let Some(beyond) = self.past_space(part, at, limit, quote.is_some()) else {
                        break;
                    };
                    at = beyond;
                    continue;
                }
                // A placeholder: `C:\Users\<user name>\x`.
                '<' => match placeholder(text, at) {
                    Some(end) if end <= limit => {
                        at = end;
                        continue;
                    }
                    _ => break,
                },
                '(' | '[' | '{' => open.push(c),
                ')' | ']' | '}' => {
                    if open.pop() != Some(opening(c)) {
                        break;
                    }
                }
                ',' | '!' | '\'' if self.ends_at_mark(part, at, next, limit) => break,
                '/' if self.separator == b'\\' && self.is_file(part, at) => break,
                '/' if self.separator == b'\\' => part = next,
                '\\' if before(text, at) == Some('/') => break,
                '\\' | '-' | '_' | '.' | '~' | '%' | '$' | '@' | '#' | '&' | '+' | '=' | '^'
                | ',' | '!' | '\'' | '*' => {}
                _ if runs_on(c) && self.is_file(part, at) => break,
                _ if c.is_alphanumeric() => {}
                _ => break,
            }
            at = next;
        }
        let end = trim(text, from, at.min(limit));
        self.without_emphasis(from, end)
    }

    /// `end` moved back over marks of emphasis that were opened earlier on the line.
    fn without_emphasis(&self, from: usize, end: usize) -> usize {
        const EARLIER: usize = 200;
        let kept = self.text[from..end].trim_end_matches('*');
        let stars = end - from - kept.len();
        if stars == 0 || stars == 1 && kept.ends_with(['\\', '/']) {
            return end;
        }
        let floor = self
            .text
            .ceil_char_boundary(self.start.saturating_sub(EARLIER));
        let line = self.text[floor..self.start].rsplit('\n').next();
        if stars > 1 || line.is_some_and(|line| line.contains('*')) {
            trim(self.text, from, from + kept.len())
        } else {
            end
        }
    }

    fn is_file(&self, part: usize, end: usize) -> bool {
        self.files && extension::ends_file(&self.text[part..end])
    }

    /// A comma, an apostrophe or an exclamation mark after a file or before white space is prose.
    fn ends_at_mark(&self, part: usize, at: usize, next: usize, limit: usize) -> bool {
        self.is_file(part, at)
            || next >= limit
            || after(self.text, next).is_none_or(|c| !c.is_alphanumeric() && c != '_')
    }

    /// Where the quotation ends that the path opens.
    fn closing_quote(&self, limit: usize) -> Option<usize> {
        let closing = match before(self.text, self.start)? {
            '"' => '"',
            '\'' => '\'',
            '`' => '`',
            '“' => '”',
            '‘' => '’',
            '«' => '»',
            '*' => return self.closing_emphasis(limit),
            '「' => '」',
            _ => return None,
        };
        let inside = &self.text[self.start..limit];
        let end = inside.find([closing, '\n', '\t'])?;
        // An escaped quote, as in a JSON string, closes as well.
        inside[end..].starts_with(closing).then(|| self.start + end)
    }

    /// Where the emphasis ends that the path opens: `*C:\Temp\a b.exe*`. A star for any name, as in
    /// `\*.exe`, does not end it.
    fn closing_emphasis(&self, limit: usize) -> Option<usize> {
        let inside = &self.text[self.start..limit];
        let line = &inside[..inside.find(['\n', '\t']).unwrap_or(inside.len())];
        let wild = |at: usize| {
            line[..at].ends_with(['\\', '/']) && line[at + 1..].starts_with(['.', '\\', '/'])
        };
        let end = line
            .match_indices('*')
            .map(|(at, _)| at)
            .find(|at| !wild(*at))?;
        let prose = line[..end].split(' ').skip(1).any(is_function_word);
        (!prose).then_some(self.start + end)
    }

    /// Where to go on after the space at `at`, if the part that began at `part` goes on there.
    fn past_space(&self, part: usize, at: usize, limit: usize, quoted: bool) -> Option<usize> {
        if self.is_file(part, at) {
            return None;
        }
        let text = self.text;
        let rest = &text[at + 1..text.floor_char_boundary(limit.min(at + BEYOND_SPACE))];
        if quoted {
            return (!rest.starts_with(['-', '/', ' ', '>', '|', '&'])).then_some(at + 1);
        }
        if !self.spaces || rest.starts_with(' ') {
            return None;
        }
        let stop = rest
            .find(|c: char| {
                matches!(
                    c,
                    '\n' | '\t' | '"' | '`' | ':' | ';' | '<' | '>' | '|' | '“' | '”' | '\\' | '/'
                )
            })
            .unwrap_or(rest.len());
        let words = &rest[..stop];
        if let Some(length) = rest_of_name(&text[part..at], words) {
            return Some(at + 1 + length);
        }
        let goes_on = rest.as_bytes().get(stop) == Some(&self.separator)
            && (!rest[stop + 1..].starts_with(self.separator as char) || self.is_doubled(at));
        if goes_on && !words.ends_with(' ') && !words.is_empty() {
            return plausible(&text[part..at], words, self.files).then_some(at + 1 + stop);
        }
        // The last part of a path that opens its cell: `%TEMP%\Host Manager.exe`.
        let name = file_name(words)?;
        let behind = &rest[name.len()..];
        let closed = behind
            .trim_start_matches(['.', ',', ')', '+', '*', ' '])
            .starts_with(['\n', '\t', '"', '`', '|', '”', '<', '-', '/'])
            || behind.starts_with(',')
            || behind.is_empty();
        (closed && self.files && self.opens_cell() && plausible(&text[part..at], name, false))
            .then_some(at + 1 + name.len())
    }

    /// Whether the path up to `at` is written with doubled backslashes, as in the source of a program.
    fn is_doubled(&self, at: usize) -> bool {
        let written = &self.text.as_bytes()[self.start..at];
        self.separator == b'\\'
            && written
                .windows(3)
                .any(|near| near[0] != b'\\' && near[1..] == *b"\\\\")
    }

    /// Whether nothing of its line or cell stands before the path.
    fn opens_cell(&self) -> bool {
        let text = self.text;
        let line =
            text[..self.start].trim_end_matches([' ', '"', '\'', '`', '“', '*', '-', '•', '+']);
        line.is_empty() || line.ends_with(['\n', '\t', '|', ':'])
    }
}

/// The start of `words` up to the first that ends like a file.
fn file_name(words: &str) -> Option<&str> {
    let mut end = 0;
    for word in words.split_inclusive([' ', ',']) {
        end += word.len();
        let name = words[..end].trim_end_matches(['.', ',', ')', '+', '*', ' ']);
        if extension::ends_file(name) {
            return Some(name);
        }
    }
    None
}

/// Length of the rest, in `words`, of a well-known name of two words that `part` begins: `Login Data`.
fn rest_of_name(part: &str, words: &str) -> Option<usize> {
    const NAMES: [(&str, &str); 9] = [
        ("all", "Users"),
        ("common", "Files"),
        ("internet", "Explorer"),
        ("local", "Settings"),
        ("login", "Data"),
        ("program", "Files"),
        ("start", "Menu"),
        ("user", "Data"),
        ("web", "Data"),
    ];
    let fits = |rest: &str| {
        words.starts_with(rest) && !words[rest.len()..].starts_with(char::is_alphanumeric)
    };
    let known = |(head, rest): &&(&str, &str)| head.eq_ignore_ascii_case(part) && fits(rest);
    NAMES.iter().find(known).map(|(_, rest)| rest.len())
}

/// Whether `words`, behind a space after `head`, read like the rest of a folder or file name.
fn plausible(head: &str, words: &str, files: bool) -> bool {
    if head == "Documents" && words == "and Settings"
        || head == "documents" && words == "and settings"
    {
        return true;
    }
    let mut count = 0;
    for (index, word) in words.split(' ').enumerate() {
        count = index + 1;
        let bare = word.trim_end_matches([',', '.']);
        let ends = bare.len() < word.len();
        let closes_in = word.starts_with(['-', '%', '[', '{', '$']);
        if word.is_empty()
            || ends
            || closes_in
            || is_function_word(word)
            || registry::is_hive(word)
            || files && extension::of(word) == Some(extension::Strength::Sure)
        {
            return false;
        }
    }
    count <= WORDS
}

fn opening(closing: char) -> char {
    match closing {
        ')' => '(',
        ']' => '[',
        _ => '{',
    }
}

/// Whether the innermost open bracket closes within a few bytes on this line: `(16 random letters)`.
fn closes_soon(text: &str, at: usize, limit: usize, open: &[char]) -> bool {
    const NEAR: usize = 48;
    let closing = match open.last() {
        Some('(') => ')',
        Some('[') => ']',
        _ => '}',
    };
    let rest = &text[at..text.floor_char_boundary(limit.min(at + NEAR))];
    rest.find([closing, '\n', '\t', '\\', '/'])
        .is_some_and(|end| rest[end..].starts_with(closing))
}

/// The end of the `<placeholder>` that starts at `at`.
fn placeholder(text: &str, at: usize) -> Option<usize> {
    const NEAR: usize = 40;
    let rest = &text[at + 1..text.floor_char_boundary(text.len().min(at + NEAR))];
    let end = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, ' ' | '_' | '-' | '.'))?;
    (end > 0 && rest[end..].starts_with('>')).then_some(at + 1 + end + 1)
}

/// `end` moved back over the marks that close a sentence and never end a path.
fn trim(text: &str, from: usize, end: usize) -> usize {
    let kept = text[from..end].trim_end_matches(|c: char| {
        matches!(
            c,
            '.' | ',' | '!' | '\'' | ' ' | '-' | '=' | '&' | '^' | '+' | '('
        )
    });
    from + kept.len()
}
