//! Text without the signs of Markdown, AsciiDoc and HTML that readers leave in it. Enter at [`plain`].
//!
//! Only what is certain goes: the pair of a link, of emphasis, of a code span; an escape; a tag. What a
//! value holds is never touched, and nothing is looked for farther than the text that is handed over.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use memchr::memmem;

use crate::extract::{letters, sweep, token};

/// How far the end of a link or of an emphasis is looked for, in bytes.
const REACH: usize = 400;
/// Signs that are looked at in any text; in a longer one as many more as it has times as many bytes.
const LOOKS: usize = 32;
/// How far a word around an escape is followed, in bytes.
const WORD: usize = 80;
/// What Markdown escapes with a backslash.
const ESCAPED: &[u8] = b"_*#[]()!<>~|`";
/// Elements that are dropped: those that mark words, and those that break lines.
const TAGS: &[&str] = &[
    "b", "br", "code", "em", "i", "li", "ol", "p", "pre", "span", "strong", "sub", "sup", "u", "ul",
];

/// What happens at a place farther on.
struct Edit {
    to: usize,
    emit: &'static str,
}

/// `text` without markup, and where `value` stands in it then.
pub(in crate::extract) fn plain(text: &str, value: Range<usize>) -> (Cow<'_, str>, Range<usize>) {
    let start = opening(text, &value);
    if !may_be_marked(text, &value) {
        let stands = value.start.saturating_sub(start)..value.end.saturating_sub(start);
        return (Cow::Borrowed(&text[start..]), stands);
    }
    let mut writer = Writer {
        text,
        value,
        out: String::with_capacity(text.len()),
        stands: 0..0,
        edits: BTreeMap::new(),
        looks: LOOKS + text.len() / LOOKS,
    };
    let mut at = start;
    while at < text.len() {
        at = writer.step(at);
    }
    (Cow::Owned(writer.out), writer.stands)
}

/// Where `text` begins behind the marks of a heading, a quotation or an item.
fn opening(text: &str, value: &Range<usize>) -> usize {
    let is_mark = |c: char| matches!(c, '#' | '=' | '>' | '*' | '-' | '•' | '·');
    let opened = text.trim_start();
    let behind = opened.trim_start_matches(is_mark);
    let marked = behind.len() < opened.len() && behind.starts_with(' ');
    let after = text.len() - behind.len() + 1;
    if marked && (value.is_empty() || after <= value.start) {
        after
    } else {
        0
    }
}

/// The bytes at which markup may begin; all others are passed over.
static SIGNS: [bool; 256] = token::table(b"[*`<\\!l");

fn is_sign(byte: &u8) -> bool {
    SIGNS[usize::from(*byte)]
}

/// Whether `part` holds a sign, but for that of `link:`.
fn holds_sign(part: &str) -> bool {
    sweep::any(part.as_bytes(), |byte| {
        // `\` follows `[`.
        (byte.wrapping_sub(b'[') < 2)
            | (byte == b'*')
            | (byte == b'`')
            | (byte == b'<')
            | (byte == b'!')
    })
}

/// Whether `text` has markup behind its opening and outside of `value`, as far as a glance tells: most texts
/// have none.
fn may_be_marked(text: &str, value: &Range<usize>) -> bool {
    let outside = [&text[..value.start], &text[value.end..]];
    let names_link = |part: &&str| memmem::find(part.as_bytes(), b"link:").is_some();
    // A sign in the value shows nothing, but it is where `link:` is looked for.
    let linked_value = || holds_sign(&text[value.clone()]) && outside.iter().any(names_link);
    if !outside.into_iter().any(holds_sign) && !linked_value() {
        return false;
    }
    let bytes = text.as_bytes();
    let linked = || {
        memchr::memchr_iter(b':', bytes)
            .any(|at| bytes[at..].starts_with(b"://") || bytes[..at].ends_with(b"link"))
    };
    let followed = |sign: u8, by: &[u8]| {
        memchr::memchr_iter(sign, bytes)
            .any(|at| bytes.get(at + 1).is_some_and(|next| by.contains(next)))
    };
    let paired = || {
        followed(b'\\', ESCAPED)
            || followed(b']', b"(")
            || memchr::memchr(b'[', bytes).is_some() && linked()
    };
    memchr::memchr3(b'*', b'`', b'<', bytes).is_some() || paired()
}

struct Writer<'t> {
    text: &'t str,
    value: Range<usize>,
    out: String,
    stands: Range<usize>,
    edits: BTreeMap<usize, Edit>,
    /// How many more signs are looked at: a text of nothing else is left as it is.
    looks: usize,
}

impl Writer<'_> {
    /// Writes what stands at `at`; answers where to read on.
    fn step(&mut self, at: usize) -> usize {
        if at == self.value.start && !self.value.is_empty() {
            let start = self.out.len();
            self.out.push_str(&self.text[self.value.clone()]);
            self.stands = start..self.out.len();
            return self.value.end;
        }
        if let Some(edit) = self.edits.remove(&at) {
            self.out.push_str(edit.emit);
            return edit.to;
        }
        let byte = self.text.as_bytes()[at];
        if !is_sign(&byte) || self.looks == 0 {
            return self.copy(at);
        }
        self.looks -= usize::from(byte != b'l');
        let signs = match byte {
            b'!' if self.text[at + 1..].starts_with('[') => self.link(at + 1),
            b'[' => self.link(at).or_else(|| self.asciidoc_label(at)),
            b'l' if self.text[at..].starts_with("link:") && self.begins_word(at) => Some(at + 5),
            b'*' => self.emphasis(at),
            b'`' => self.code(at),
            b'\\' => self.escape(at),
            b'<' => self.tag(at).or_else(|| self.autolink(at)),
            _ => None,
        };
        if let Some(next) = signs.filter(|next| !self.swallows(at..*next)) {
            return next;
        }
        self.copy(at)
    }

    /// Writes what stands at `at` as it is, up to the next sign.
    fn copy(&mut self, at: usize) -> usize {
        let next = self.edits.first_key_value().map(|(at, _)| *at);
        let stop = next
            .into_iter()
            .chain([self.value.start].into_iter().filter(|start| *start > at))
            .fold(self.text.len(), usize::min);
        let end = self.next_sign(at + 1, stop.max(at + 1));
        let end = self.text.ceil_char_boundary(end);
        self.out.push_str(&self.text[at..end]);
        end
    }

    /// Where the first sign stands from `from` to `to`; `to` where there is none.
    fn next_sign(&self, from: usize, to: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = from;
        while let Some(passed) = bytes[at..to].iter().position(is_sign) {
            at += passed;
            // No letter is worth a stop but that of `link:`.
            if bytes[at] != b'l' || bytes[at..].starts_with(b"link:") {
                return at;
            }
            at += 1;
        }
        to
    }

    /// How many signs stand at `at` on end; longer runs mean nothing.
    fn run(&self, at: usize, sign: u8) -> usize {
        const LONGEST: usize = 4;
        let signs = self.text.as_bytes()[at..].iter().take(LONGEST);
        signs.take_while(|byte| **byte == sign).count()
    }

    /// The word that ends at `at`, as far as it is followed.
    fn word_before(&self, at: usize) -> &str {
        let from = self.text.ceil_char_boundary(at.saturating_sub(REACH));
        self.text[from..at]
            .rsplit(char::is_whitespace)
            .next()
            .unwrap_or_default()
    }

    /// Whether `range` holds a part of the value.
    fn swallows(&self, range: Range<usize>) -> bool {
        !self.value.is_empty() && range.start < self.value.end && self.value.start < range.end
    }

    /// What follows `from`, as far as an end is looked for.
    fn ahead(&self, from: usize) -> &str {
        let end = self
            .text
            .floor_char_boundary(self.text.len().min(from + REACH));
        &self.text[from..end.max(from)]
    }

    fn begins_word(&self, at: usize) -> bool {
        !self.text[..at].ends_with(|c: char| c.is_alphanumeric())
    }

    fn edit(&mut self, at: usize, to: usize, emit: &'static str) {
        self.edits.insert(at, Edit { to, emit });
    }

    /// `[words](target)`: the words, and the target where the value is in it.
    fn link(&mut self, open: usize) -> Option<usize> {
        let inside = self.ahead(open + 1);
        let close = open + 1 + label_end(inside)?;
        let target = close + 2;
        let rest = &self.text[target..];
        let end = target + target_end(rest)?;
        let leads = self.text[target..end].contains(['/', '.', '#', '@']);
        if self.swallows(close..target) || !leads {
            return None;
        }
        // `been[written](…)`: the link begins a word of its own.
        if self.out.ends_with(|c: char| c.is_alphanumeric()) {
            self.out.push(' ');
        }
        let empty = close == open + 1;
        if self.swallows(target..end) {
            self.edit(close, target, if empty { "" } else { " (" });
            self.edit(end, end + 1, if empty { "" } else { ")" });
        } else {
            self.edit(close, end + 1, "");
        }
        Some(open + 1)
    }

    /// `https://host/path[words]` of AsciiDoc: the words in parentheses.
    fn asciidoc_label(&mut self, open: usize) -> Option<usize> {
        let word = self.word_before(open);
        let linked = word.contains("://") || word.contains("link:");
        let joins = word.ends_with(['=', '?', '.', '-', '_', '&', ':']);
        let inside = self.ahead(open + 1);
        let close = inside.find(']')?;
        let words = &inside[..close];
        let letters = letters::count(words);
        // `https://host/[user]` is a template.
        let telling = letters > 3 && (words.contains(' ') || !word.ends_with('/'));
        let mut after = inside[close + 1..].chars();
        let ends = match after.next() {
            Some('.') => after.next().is_none_or(char::is_whitespace),
            Some(c) => !c.is_alphanumeric() && !matches!(c, '/' | '['),
            None => true,
        };
        let link = linked && !joins && telling && ends && !words.contains(['[', '@']);
        if !link {
            return None;
        }
        if word.trim_start_matches("link:") == words.trim_matches('`') {
            return Some(open + close + 2);
        }
        self.edit(open + 1 + close, open + 2 + close, ")");
        self.out.push_str(" (");
        Some(open + 1)
    }

    /// `*words*`, `**words**`, `***words***`.
    fn emphasis(&mut self, at: usize) -> Option<usize> {
        let run = self.run(at, b'*');
        let first = self.text[at + run..].chars().next()?;
        let before = self.text[..at].chars().next_back();
        let opens = if run == 1 {
            (first.is_alphanumeric() || matches!(first, '[' | '"' | '“' | '`'))
                && before.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '“' | '"'))
        } else {
            run <= 3 && !first.is_whitespace() && first != '/'
        };
        if !opens {
            return None;
        }
        let marks = &self.text[at..at + run];
        let inside = self.ahead(at + run);
        let close = inside
            .match_indices(marks)
            .map(|(found, _)| found)
            .find(|found| {
                let head = &inside[..*found];
                *found > 0 && !head.ends_with(|c: char| c.is_whitespace() || c == '*')
            })?;
        let close = at + run + close;
        self.edit(close, close + run, "");
        Some(at + run)
    }

    /// A code span between backticks.
    fn code(&mut self, at: usize) -> Option<usize> {
        let run = self.run(at, b'`');
        let close = self.ahead(at + run).find(&self.text[at..at + run])?;
        if run > 2 || close == 0 {
            return None;
        }
        let close = at + run + close;
        self.edit(close, close + run, "");
        Some(at + run)
    }

    /// `\_` for a bare underscore; the backslashes of paths stay.
    fn escape(&self, at: usize) -> Option<usize> {
        let next = *self.text.as_bytes().get(at + 1)?;
        let head = self.word_before(at);
        let head = &head[head.ceil_char_boundary(head.len().saturating_sub(WORD))..];
        let end = self
            .text
            .floor_char_boundary(self.text.len().min(at + WORD));
        let from = at - head.len();
        let word = self.text[from..end]
            .split(char::is_whitespace)
            .next()
            .unwrap_or_default();
        let is_path = word.match_indices('\\').any(|(slash, _)| {
            word.as_bytes()
                .get(slash + 1)
                .is_none_or(|byte| !ESCAPED.contains(byte))
        });
        let bracketed = self.text[..at].ends_with(['[', '(', '{']);
        (ESCAPED.contains(&next) && !is_path && !bracketed && !word.contains(":\\"))
            .then_some(at + 1)
    }

    /// `<code>`, `</p>`, `<br/>`.
    fn tag(&mut self, at: usize) -> Option<usize> {
        let rest = &self.text[at + 1..];
        let close = rest.bytes().take(12).position(|byte| byte == b'>')?;
        let name = rest[..close].trim_matches(['/', ' ']);
        if !TAGS.iter().any(|tag| tag.eq_ignore_ascii_case(name)) {
            return None;
        }
        if ["br", "li", "p"]
            .iter()
            .any(|tag| tag.eq_ignore_ascii_case(name))
        {
            self.out.push(' ');
        }
        Some(at + close + 2)
    }

    /// `<https://host/path>`.
    fn autolink(&mut self, at: usize) -> Option<usize> {
        let rest = &self.text[at + 1..];
        let linked = ["http", "hxxp", "ftp", "mailto:"]
            .iter()
            .any(|scheme| rest.starts_with(scheme));
        let close = rest.find(|c: char| c.is_whitespace() || c == '>')?;
        if !linked || !rest[close..].starts_with('>') {
            return None;
        }
        let close = at + 1 + close;
        self.edit(close, close + 1, "");
        Some(at + 1)
    }
}

/// Where the words of a link end: at the bracket that closes it, if a target follows.
fn label_end(inside: &str) -> Option<usize> {
    let mut depth = 0usize;
    for at in memchr::memchr2_iter(b'[', b']', inside.as_bytes()) {
        match inside.as_bytes()[at] {
            b'[' => depth += 1,
            _ if depth > 0 => depth -= 1,
            _ => return inside[at + 1..].starts_with('(').then_some(at),
        }
    }
    None
}

/// Where the target of a link ends: at the parenthesis that closes it, before any line break.
fn target_end(rest: &str) -> Option<usize> {
    const LONGEST: usize = 4_096;
    let near = &rest.as_bytes()[..rest.len().min(LONGEST)];
    let mut depth = 0usize;
    let end = memchr::memchr2_iter(b'(', b')', near).find(|at| match near[*at] {
        b'(' => {
            depth += 1;
            false
        }
        _ if depth > 0 => {
            depth -= 1;
            false
        }
        _ => true,
    })?;
    memchr::memchr2(b'\n', b'\t', &near[..end])
        .is_none()
        .then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(text: &str, value: &str) -> String {
        let at = text.find(value).unwrap_or(0);
        let (plain, stands) = plain(text, at..at + value.len());
        assert_eq!(&plain[stands], value, "{text}");
        plain.into_owned()
    }

    #[test]
    fn a_link_is_its_words_and_its_target_only_where_that_is_meant() {
        let text =
            "See [the **first** post](https://a.example/x_(1)) and [more](http://b.example/y).";
        assert_eq!(without(text, ""), "See the first post and more.");
        assert_eq!(
            without(text, "b.example"),
            "See the first post and more (http://b.example/y)."
        );
        assert_eq!(
            without("![](http://a.example/i.png) x", "http://a.example/i.png"),
            "http://a.example/i.png x"
        );
        assert_eq!(
            without("[evil\\[.\\]example](http://a.example) x", ""),
            "evil[.]example x"
        );
    }

    #[test]
    fn emphasis_code_escapes_and_tags_go() {
        for (text, plain) in [
            (
                "It sends *template.js*file to **all** of `them`.",
                "It sends template.jsfile to all of them.",
            ),
            ("REG\\_DWORD in <code>x</code>", "REG_DWORD in x"),
            (
                "at <https://a.example/x>, he wrote",
                "at https://a.example/x, he wrote",
            ),
            ("## A heading", "A heading"),
            (
                "The https://a.example[MISP] event of link:x.json[`x.json`].",
                "The https://a.example (MISP) event of x.json.",
            ),
        ] {
            assert_eq!(without(text, ""), plain);
        }
    }

    #[test]
    fn a_text_of_nothing_but_signs_ends() {
        for sign in ["[", "*a", "`", "\\_", "<", "![", "[a](b.c)", "link:x["] {
            let text = sign.repeat(20_000);
            assert!(!plain(&text, 0..0).0.is_empty());
        }
    }

    #[test]
    fn globs_paths_defanging_and_comparisons_stay() {
        for text in [
            "del *.log and *.txt at C:\\_temp\\[x] now",
            "hxxp://evil[.]example/a[.]php and a * b * c",
            "if x < 3 and y > 4, From: Jane <jane@a.example>",
            "https://a.example/[user]/x",
            "-1 and [1] (2)",
            "C:[\\]Windows and [2002(:)(:)1](:)80",
        ] {
            assert_eq!(without(text, ""), text);
        }
        assert_eq!(without("run `a*b*` now", "a*b*"), "run a*b* now");
    }
}
