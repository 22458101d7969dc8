//! The kind of a text by its first lines. The file name decides only where the shape leaves it open.

use super::Format;

/// Lines looked at for the shape of a table.
const LINES: usize = 20;
/// Nesting followed while looking at the first brackets of what may be JSON.
const BRACKETS: usize = 16;

/// Header fields that begin mail. One alone may begin any text ("Subject: ...").
const MAIL_FIELDS: &[&str] = &[
    "from",
    "to",
    "subject",
    "date",
    "received",
    "return-path",
    "delivered-to",
    "message-id",
    "mime-version",
    "content-type",
    "reply-to",
    "cc",
    "sender",
    "x-mailer",
    "x-originating-ip",
    "authentication-results",
    "dkim-signature",
    "arc-seal",
    "x-received",
    "envelope-to",
    "content-transfer-encoding",
];

pub(super) fn of_text(head: &str, name: Option<&str>) -> Format {
    let head = head.trim_start_matches('\u{feff}');
    let hint = name.and_then(Format::by_extension);
    if is_mbox(head) {
        return Format::Mbox;
    }
    // A name of mail and a first field, whichever: programs put their own on top.
    let claimed = hint == Some(Format::Eml) && head.lines().next().and_then(field_name).is_some();
    if is_mail(head) || claimed {
        return mail(head);
    }
    let start = head.trim_start();
    if let Some(format) = markup(start, hint) {
        return format;
    }
    match hint {
        Some(
            hint @ (Format::Markdown | Format::Csv | Format::Tsv | Format::Json | Format::Yaml),
        ) => return hint,
        Some(hint @ (Format::Xml | Format::Html)) if start.starts_with('<') => return hint,
        _ => {}
    }
    if is_json(start) {
        return Format::Json;
    }
    if start.starts_with("%YAML")
        || start.starts_with("---\n") && start.lines().nth(1).is_some_and(is_yaml_key)
    {
        return Format::Yaml;
    }
    // Someone who names a file .txt or .log means its lines as lines.
    if hint != Some(Format::Text) {
        if is_markdown(head) {
            return Format::Markdown;
        }
        if is_table(head, '\t', 2) {
            return Format::Tsv;
        }
        if is_table(head, ',', 3) {
            return Format::Csv;
        }
    }
    Format::Text
}

/// `From someone date`, then a header field.
fn is_mbox(head: &str) -> bool {
    let mut lines = head.lines();
    let from = lines
        .next()
        .is_some_and(|line| line.starts_with("From ") && line.len() > 6);
    from && lines
        .next()
        .is_some_and(|line| field_name(line).is_some() || line.starts_with('>'))
}

/// Whether a text begins as mail does.
pub(super) fn is_mail(head: &str) -> bool {
    mail_fields(head) >= 2
}

/// Mail, or a web page saved in its form: that says where it was taken from, or was sent to nobody.
pub(super) fn mail(head: &str) -> Format {
    let header = head.lines().take_while(|line| !line.trim().is_empty());
    let (mut related, mut saved, mut sent) = (false, false, false);
    for line in header {
        let Some(name) = field_name(line) else {
            continue;
        };
        let value = line[name.len() + 1..].trim_start().to_ascii_lowercase();
        match name.to_ascii_lowercase().as_str() {
            "content-type" => related = value.starts_with("multipart/related"),
            "snapshot-content-location" => saved = true,
            "from" => saved |= value.starts_with("<saved by"),
            "to" | "received" | "message-id" | "delivered-to" | "return-path" => sent = true,
            _ => {}
        }
    }
    if related && (saved || !sent) {
        Format::Mhtml
    } else {
        Format::Eml
    }
}

/// Known mail header fields at the very start, before the first blank line.
fn mail_fields(head: &str) -> usize {
    let mut known = 0;
    for line in head.lines().take(200) {
        match field_name(line) {
            Some(name) => {
                known += usize::from(
                    MAIL_FIELDS
                        .iter()
                        .any(|field| name.eq_ignore_ascii_case(field)),
                )
            }
            // A folded line belongs to the field above it.
            None if line.starts_with([' ', '\t']) && known > 0 => {}
            None => break,
        }
    }
    known
}

fn field_name(line: &str) -> Option<&str> {
    let (name, _) = line.split_once(':')?;
    let sound = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    sound.then_some(name)
}

/// HTML or XML, where the text begins with a tag.
fn markup(start: &str, hint: Option<Format>) -> Option<Format> {
    if !start.starts_with('<') {
        return None;
    }
    let lower = start.get(..floor(start, 4096))?.to_ascii_lowercase();
    if lower.starts_with("<!doctype html") || lower.contains("<html") {
        return Some(Format::Html);
    }
    if lower.starts_with("<?xml") || lower.starts_with("<!doctype") {
        return Some(Format::Xml);
    }
    // Markdown may begin with a tag: a logo, a comment.
    if hint == Some(Format::Markdown) {
        return hint;
    }
    const TAGS: &[&str] = &[
        "!--", "head", "body", "div", "p", "table", "meta", "script", "style", "title", "a",
        "span", "h1", "h2", "h3", "br", "ul", "ol", "img", "center", "font", "b", "pre", "article",
        "section", "main", "form", "iframe", "link",
    ];
    let tag = lower[1..]
        .split([' ', '>', '\n', '\r', '\t', '/'])
        .next()
        .unwrap_or_default();
    let html = TAGS.contains(&tag) || tag.starts_with("!--");
    if html && hint != Some(Format::Xml) {
        return Some(Format::Html);
    }
    let xml = tag.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && lower.contains('>')
        && lower.contains("</");
    xml.then_some(Format::Xml)
}

fn is_json(start: &str) -> bool {
    let mut rest = start;
    for _ in 0..BRACKETS {
        if let Some(inner) = rest.strip_prefix('{') {
            let inner = inner.trim_start();
            return inner.starts_with('}') || inner.strip_prefix('"').is_some_and(key_then_colon);
        }
        let Some(inner) = rest.strip_prefix('[') else {
            break;
        };
        rest = inner.trim_start();
        if rest.starts_with('"') {
            return true;
        }
        if let Some(after) = rest.strip_prefix(']') {
            return after.trim().is_empty();
        }
    }
    // `[2021-05-10 …]` is a log, `[1] https://…` a footnote, `[1, 2]` a list.
    let number =
        rest.len() < start.len() && rest.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    number && {
        let end = rest
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E')))
            .unwrap_or(rest.len());
        rest[..end].parse::<f64>().is_ok() && rest[end..].trim_start().starts_with(',')
    }
}

fn key_then_colon(rest: &str) -> bool {
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return rest[at + 1..].trim_start().starts_with(':'),
            _ => {}
        }
    }
    false
}

fn is_yaml_key(line: &str) -> bool {
    line.starts_with("- ")
        || line
            .split_once(':')
            .is_some_and(|(key, _)| !key.is_empty() && !key.contains(' '))
}

/// A heading and a second sign of Markdown: either alone stands in many texts.
fn is_markdown(head: &str) -> bool {
    let heading = head.lines().any(|line| {
        let level = line.bytes().take_while(|&b| b == b'#').count();
        (1..=6).contains(&level) && line[level..].starts_with(' ')
    });
    heading
        && ["```", "](", "**", "|--", "| --", "|:-", "\n- ", "\n* "]
            .iter()
            .any(|sign| head.contains(sign))
}

/// Whether the first lines have the same number of fields, at least two.
fn is_table(head: &str, delimiter: char, least: usize) -> bool {
    let complete = head.rfind('\n').map_or("", |end| &head[..end]);
    let mut rows = complete
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .take(LINES);
    let fields = |line: &str| {
        let mut quoted = false;
        line.chars()
            .filter(|&c| {
                quoted ^= c == '"';
                c == delimiter && !quoted
            })
            .count()
    };
    let Some(first) = rows.next() else {
        return false;
    };
    let width = fields(first);
    // Prose has commas too, but a space after each.
    let prose = |line: &str| {
        delimiter == ',' && line.contains(", ") && !line.contains('"') && line.len() > 80
    };
    let mut seen = 1;
    width > 0
        && !prose(first)
        && rows.all(|line| {
            seen += 1;
            fields(line) == width && !prose(line)
        })
        && seen >= least
}

/// The largest character boundary not after `end`.
fn floor(text: &str, end: usize) -> usize {
    text.floor_char_boundary(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> Format {
        of_text(text, None)
    }

    #[test]
    fn mail_and_mailboxes_show_in_their_first_lines() {
        assert_eq!(
            shape("Received: from a\n by b\nFrom: x@y.example\n\nhi"),
            Format::Eml
        );
        assert_eq!(
            shape("From x@y.example Mon Jan  1 00:00:00 2024\nSubject: hi\n\nx"),
            Format::Mbox
        );
        assert_eq!(shape("Subject: what we know\nThe group ..."), Format::Text);
        assert_eq!(
            of_text("X-Notes-Item: x;\n flags=1\n", Some("a.eml")),
            Format::Eml
        );
        assert_eq!(shape("From here on it gets worse\nand worse"), Format::Text);
    }

    #[test]
    fn brackets_are_json_only_when_they_hold_json() {
        assert_eq!(shape("{\"a\": 1}"), Format::Json);
        assert_eq!(shape("[ [ {\"a\": 1} ] ]"), Format::Json);
        assert_eq!(shape("[1, 2]"), Format::Json);
        assert_eq!(shape("[2021-05-10 10:00:00] GET /"), Format::Text);
        assert_eq!(shape("[1] hxxp://a.example"), Format::Text);
        assert_eq!(shape("{not json}"), Format::Text);
    }

    #[test]
    fn tags_are_html_or_xml() {
        assert_eq!(shape("<?xml version='1.0'?><html xmlns='x'>"), Format::Html);
        assert_eq!(
            shape("<?xml version='1.0'?><rss><channel/></rss>"),
            Format::Xml
        );
        assert_eq!(shape("<ioc id='1'><v>x</v></ioc>"), Format::Xml);
        assert_eq!(shape("<div>evil</div>"), Format::Html);
        assert_eq!(
            of_text("<p align=center>\n# Title", Some("README.md")),
            Format::Markdown
        );
        assert_eq!(shape("<someone> said hello"), Format::Text);
    }

    #[test]
    fn tables_have_the_same_width_in_every_line() {
        assert_eq!(
            shape("ip,port,seen\n192.0.2.1,80,a\n192.0.2.2,81,b\n"),
            Format::Csv
        );
        assert_eq!(shape("ip\tport\n192.0.2.1\t80\n"), Format::Tsv);
        assert_eq!(
            shape("Well, one comma.\nNone here.\nAnd, two, here.\n"),
            Format::Text
        );
        assert_eq!(of_text("a,b\nc,d\ne,f\n", Some("x.log")), Format::Text);
    }

    #[test]
    fn the_name_decides_what_the_shape_leaves_open() {
        assert_eq!(of_text("one column", Some("x.CSV")), Format::Csv);
        assert_eq!(of_text("a: b", Some("x.yml")), Format::Yaml);
        assert_eq!(
            shape("# Title\n\nSee [x](http://a.example)"),
            Format::Markdown
        );
        assert_eq!(shape("# a comment\n192.0.2.1"), Format::Text);
    }
}
