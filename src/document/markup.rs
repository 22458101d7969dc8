//! What one line of a text is, in plain text, Markdown
//! ([CommonMark](https://spec.commonmark.org/)) and AsciiDoc. Inline marks stay in the text: taking
//! them out would take characters out of values.

use std::borrow::Cow;

use memchr::memmem;

/// How the lines of a text are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Only list marks and tables between pipes are recognised.
    Plain,
    /// Every line as it stands, YAML for one: its indentation means something.
    Verbatim,
    Markdown,
    Asciidoc,
}

/// What a line is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    Blank,
    Words,
    Heading(&'a str),
    /// `====` or `----` alone: the line above may be a heading.
    Underline,
    Item(&'a str),
    /// A block of code begins; it ends at this line.
    Fence(String),
    /// One row of a table between pipes.
    Cells(Vec<String>),
    /// An AsciiDoc table begins.
    TableFence,
}

impl Dialect {
    /// The dialect that a file name speaks for.
    pub(super) fn of(name: Option<&str>) -> Self {
        let extension = name
            .and_then(|name| name.rsplit_once('.'))
            .map(|(_, extension)| extension.to_ascii_lowercase());
        match extension.as_deref() {
            Some("adoc" | "asciidoc") => Dialect::Asciidoc,
            _ => Dialect::Plain,
        }
    }

    /// AsciiDoc, where plain text shows its two surest signs.
    pub(super) fn or_asciidoc(self, text: &str) -> Self {
        let heading = |line: &str| asciidoc_heading(line).is_some();
        let sign =
            |line: &str| line.starts_with("|===") || line == "----" || line.starts_with("[source");
        if self == Dialect::Plain && text.lines().take(400).any(heading) && text.lines().any(sign) {
            return Dialect::Asciidoc;
        }
        self
    }

    /// The YAML between two rules at the start of a Markdown file, and what follows it.
    pub(super) fn front_matter(self, text: &str) -> Option<(&str, &str)> {
        let body = text
            .strip_prefix("---")
            .filter(|_| self == Dialect::Markdown)?;
        let (matter, rest) = body.split_once("\n---")?;
        Some((matter, rest.split_once('\n').map_or("", |(_, rest)| rest)))
    }

    /// Whether the text escapes as Markdown does. Pages saved as text often are Markdown: they have its
    /// links or its bold words.
    pub(super) fn escapes(self, text: &str) -> bool {
        match self {
            Dialect::Markdown => true,
            Dialect::Plain => {
                let holds = |sign: &str| memmem::find(text.as_bytes(), sign.as_bytes()).is_some();
                holds("\\_") && (holds("](") || holds("**"))
            }
            Dialect::Verbatim | Dialect::Asciidoc => false,
        }
    }

    pub(super) fn line(self, line: &str) -> Line<'_> {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            return Line::Blank;
        }
        match self {
            Dialect::Verbatim => Line::Words,
            Dialect::Plain => plain(line, trimmed),
            Dialect::Markdown => markdown(line, trimmed),
            Dialect::Asciidoc => asciidoc(line, trimmed),
        }
    }

    /// The cells that begin in a line of an AsciiDoc table; `None` where it goes on with a cell.
    pub(super) fn asciidoc_cells(self, line: &str) -> Option<Vec<String>> {
        // A cell may carry its form before the pipe: `2+|`, `a|`.
        let at = line.find('|')?;
        let form = line[..at].trim();
        let specifier = form.len() <= 4
            && form
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+*.^<>".contains(c));
        specifier.then(|| split_pipes(&line[at + 1..]))
    }
}

/// The line without the escapes that converters put before the brackets of `evil\[.\]example` and the
/// underscore of `HKEY\_USERS`. Between backticks and before anything else a backslash is one.
pub(super) fn unescape(line: &str) -> Cow<'_, str> {
    let marked = |at: usize| matches!(line.as_bytes().get(at + 1), Some(b'_' | b'[' | b']'));
    if !memchr::memchr_iter(b'\\', line.as_bytes()).any(marked) {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len());
    for (index, part) in line.split('`').enumerate() {
        if index > 0 {
            out.push('`');
        }
        let mut rest = part;
        while let Some(at) = rest.find('\\').filter(|_| index % 2 == 0) {
            let mark = rest[at + 1..].starts_with(['_', '[', ']']);
            out.push_str(&rest[..at + usize::from(!mark)]);
            rest = &rest[at + 1..];
        }
        out.push_str(rest);
    }
    Cow::Owned(out)
}

/// Text copied out of a page often keeps its `## Headings`. A single `#` is a comment.
fn plain<'a>(line: &'a str, trimmed: &'a str) -> Line<'a> {
    if trimmed.starts_with("##")
        && let Line::Heading(heading) = markdown(line, trimmed)
    {
        return Line::Heading(heading);
    }
    pipes(trimmed).or_else(|| item(line)).unwrap_or(Line::Words)
}

fn markdown<'a>(line: &'a str, trimmed: &'a str) -> Line<'a> {
    let level = trimmed.bytes().take_while(|&b| b == b'#').count();
    if (1..=6).contains(&level) && trimmed[level..].starts_with(' ') {
        let heading = trimmed[level..].trim().trim_end_matches('#').trim_end();
        let bold = heading
            .strip_prefix("**")
            .and_then(|heading| heading.strip_suffix("**"));
        return Line::Heading(bold.unwrap_or(heading));
    }
    for mark in ['`', '~'] {
        let count = trimmed.chars().take_while(|&c| c == mark).count();
        // A fence that closes in its own line is inline code.
        if count >= 3 && !trimmed[count..].contains(mark) {
            return Line::Fence(trimmed[..count].to_owned());
        }
    }
    if underline(trimmed) {
        return Line::Underline;
    }
    pipes(trimmed).or_else(|| item(line)).unwrap_or(Line::Words)
}

fn asciidoc<'a>(line: &'a str, trimmed: &'a str) -> Line<'a> {
    if let Some(heading) = asciidoc_heading(line) {
        return Line::Heading(heading);
    }
    if line.starts_with("|===") {
        return Line::TableFence;
    }
    let fence = |mark: char| trimmed.len() >= 4 && trimmed.chars().all(|c| c == mark);
    if fence('-') || fence('.') || trimmed == "```" {
        return Line::Fence(trimmed.to_owned());
    }
    // `[options="header"]`, `[source,sh]` say how the next block looks, `:toc:` how the whole does.
    if line.starts_with('[')
        && trimmed.ends_with(']')
        && !trimmed[1..trimmed.len() - 1].contains([' ', '.', '[', ']', '/'])
        || line.starts_with(':')
            && line[1..]
                .split_once(':')
                .is_some_and(|(name, _)| !name.is_empty() && !name.contains(' '))
    {
        return Line::Blank;
    }
    item(line).unwrap_or(Line::Words)
}

fn asciidoc_heading(line: &str) -> Option<&str> {
    let level = line.bytes().take_while(|&b| b == b'=').count();
    let text = line
        .get(level..)?
        .strip_prefix(' ')
        .filter(|_| (1..=6).contains(&level))?;
    Some(text.trim()).filter(|text| !text.is_empty())
}

fn underline(trimmed: &str) -> bool {
    trimmed.len() >= 3 && (trimmed.bytes().all(|b| b == b'=') || trimmed.bytes().all(|b| b == b'-'))
}

/// A row `| a | b |`: the pipe at both ends keeps `a|b` in running text what it is.
fn pipes(trimmed: &str) -> Option<Line<'_>> {
    let inner = trimmed.strip_prefix('|')?.strip_suffix('|')?;
    let cells = split_pipes(inner);
    (cells.len() >= 2 || is_rule(&cells)).then_some(Line::Cells(cells))
}

/// Whether the cells are the dashes under a header: `--- | :-: `.
pub(super) fn is_rule(cells: &[String]) -> bool {
    let dashes = |cell: &String| {
        !cell.is_empty() && cell.contains('-') && cell.chars().all(|c| matches!(c, '-' | ':'))
    };
    cells.iter().all(dashes)
}

/// Cells between pipes; `\|` is a pipe. Marks of code around a whole cell go.
fn split_pipes(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek() == Some(&'|') => {
                chars.next();
                push(&mut cells, '|');
            }
            '|' => cells.push(String::new()),
            c => push(&mut cells, c),
        }
    }
    cells.iter().map(|cell| bare(cell).to_owned()).collect()
}

fn push(cells: &mut [String], c: char) {
    if let Some(cell) = cells.last_mut() {
        cell.push(c);
    }
}

fn bare(cell: &str) -> &str {
    let cell = cell.trim();
    let inner = cell
        .strip_prefix('`')
        .and_then(|cell| cell.strip_suffix('`'));
    inner.filter(|inner| !inner.contains('`')).unwrap_or(cell)
}

/// `- x`, `* x`, `• x`, `1. x`, `2) x`.
fn item(line: &str) -> Option<Line<'_>> {
    let trimmed = line.trim_start();
    let rest = trimmed
        .strip_prefix(['-', '*', '+', '•', '‣', '▪', '●', '◦', '–'])
        .or_else(|| {
            let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
            let after = trimmed
                .get(digits..)
                .filter(|_| (1..=3).contains(&digits))?;
            after.strip_prefix(['.', ')'])
        })?;
    // AsciiDoc doubles the mark for deeper levels.
    let rest = rest.trim_start_matches('*');
    rest.starts_with([' ', '\t'])
        .then(|| Line::Item(rest.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_marks_need_a_space() {
        assert_eq!(
            Dialect::Plain.line("  • 192.0.2.1"),
            Line::Item("192.0.2.1")
        );
        assert_eq!(Dialect::Plain.line("2) two"), Line::Item("two"));
        assert_eq!(Dialect::Plain.line("10.0.0.1 is an address"), Line::Words);
        assert_eq!(Dialect::Plain.line("-option"), Line::Words);
        assert_eq!(Dialect::Plain.line("*.evil.example"), Line::Words);
    }

    #[test]
    fn what_markdown_escapes_is_written_live_outside_code() {
        for (written, live) in [
            (
                r"HKEY\_LOCAL\_MACHINE\SOFTWARE",
                r"HKEY_LOCAL_MACHINE\SOFTWARE",
            ),
            (r"evil\[.\]example", "evil[.]example"),
            (r"`C:\Temp\_x` and a\_b", r"`C:\Temp\_x` and a_b"),
            (r"C:\Temp\x", r"C:\Temp\x"),
        ] {
            assert_eq!(unescape(written), live);
        }
        assert!(Dialect::Plain.escapes(r"[x](y) a\_b"));
        assert!(!Dialect::Plain.escapes(r"C:\Temp\_x"));
        assert!(!Dialect::Asciidoc.escapes(r"**x** a\_b"));
    }

    #[test]
    fn pipes_in_running_text_are_no_table() {
        assert_eq!(Dialect::Plain.line("a|b|c"), Line::Words);
        assert_eq!(
            Dialect::Plain.line("| a | b |"),
            Line::Cells(vec!["a".into(), "b".into()])
        );
    }

    #[test]
    fn attributes_of_asciidoc_blocks_are_no_text_but_values_in_brackets_are() {
        assert_eq!(Dialect::Asciidoc.line("[options=\"header\"]"), Line::Blank);
        assert_eq!(Dialect::Asciidoc.line(":toclevels: 2"), Line::Blank);
        assert_eq!(Dialect::Asciidoc.line("[evil.example]"), Line::Words);
    }

    #[test]
    fn front_matter_stands_apart() {
        let text = "---\nlayout: x\n---\nText";
        assert_eq!(
            Dialect::Markdown.front_matter(text),
            Some(("\nlayout: x", "Text"))
        );
        assert_eq!(Dialect::Plain.front_matter(text), None);
    }
}
