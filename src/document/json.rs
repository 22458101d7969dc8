//! JSON and NDJSON ([RFC 8259](https://www.rfc-editor.org/rfc/rfc8259)): every value on its own line
//! behind its key, unescaped, so that `\/` and `\u002e` hide nothing.
//!
//! An object is a paragraph of `key: value` lines; objects without inner ones that follow each other
//! with the same keys are the rows of a table. One pass over the text, no tree: memory grows with the
//! nesting alone, which is capped. Anything that is not JSON is read as plain text.

mod lexer;

use std::borrow::Cow;

use lexer::{Lexer, Token};

use super::builder::Builder;
use super::markup::Dialect;
use super::text;

/// Nesting followed. Deeper text is read as plain text.
const MAX_DEPTH: usize = 1_000;
/// Keys of one object that may become columns.
const MAX_COLUMNS: usize = 200;

/// Reads `json` into blocks.
pub(super) fn read(json: &str, out: &mut Builder) {
    let json = json.strip_prefix('\u{feff}').unwrap_or(json);
    // Two passes: what is written cannot be taken back.
    if !is_sound(json) {
        out.warn(
            "malformed",
            "The text is not valid JSON: it was read as plain text.",
        );
        return text::read(json, Dialect::Verbatim, out);
    }
    let mut writer = Writer {
        frames: vec![Frame::array(None)],
        out,
    };
    for token in Lexer::new(json) {
        if writer.out.is_full() {
            return;
        }
        writer.token(token);
    }
    writer.close();
}

/// Whether brackets, keys and values stand as they must.
fn is_sound(json: &str) -> bool {
    #[derive(PartialEq)]
    enum Want {
        Value,
        ValueOrEnd,
        KeyOrEnd,
        Key,
        Colon,
        CommaOrEnd,
    }
    let mut objects: Vec<bool> = Vec::new();
    let mut want = Want::Value;
    for token in Lexer::new(json) {
        want = match (token, want) {
            (Token::Open(object), Want::Value | Want::ValueOrEnd) if objects.len() < MAX_DEPTH => {
                objects.push(object);
                if object {
                    Want::KeyOrEnd
                } else {
                    Want::ValueOrEnd
                }
            }
            (Token::Close(object), want) => {
                let ends = match want {
                    Want::CommaOrEnd => true,
                    Want::KeyOrEnd => object,
                    Want::ValueOrEnd => !object,
                    _ => false,
                };
                if !ends || objects.pop() != Some(object) {
                    return false;
                }
                if objects.is_empty() {
                    Want::Value
                } else {
                    Want::CommaOrEnd
                }
            }
            (Token::String(_), Want::Key | Want::KeyOrEnd) => Want::Colon,
            (Token::Colon, Want::Colon) => Want::Value,
            (Token::String(_) | Token::Bare(_), Want::Value | Want::ValueOrEnd) => {
                if objects.is_empty() {
                    Want::Value
                } else {
                    Want::CommaOrEnd
                }
            }
            (Token::Comma, Want::CommaOrEnd) => match objects.last() {
                Some(true) => Want::Key,
                _ => Want::Value,
            },
            _ => return false,
        };
    }
    objects.is_empty()
}

/// An open object or array.
struct Frame<'a> {
    object: bool,
    /// What the values in an array are called: the key of the array.
    label: Option<Cow<'a, str>>,
    /// The key whose value comes next.
    key: Option<Cow<'a, str>>,
    /// Pairs of an object not yet written.
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// Whether an inner object or array was met: such an object is no row.
    nested: bool,
    /// The flat object before, which becomes the first row if the next one has its keys.
    pending: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    header: Option<usize>,
    columns: Vec<Cow<'a, str>>,
}

impl<'a> Frame<'a> {
    fn array(label: Option<Cow<'a, str>>) -> Self {
        Self {
            object: false,
            label,
            key: None,
            pairs: Vec::new(),
            nested: false,
            pending: Vec::new(),
            header: None,
            columns: Vec::new(),
        }
    }
}

struct Writer<'a, 'o> {
    frames: Vec<Frame<'a>>,
    out: &'o mut Builder,
}

impl<'a> Writer<'a, '_> {
    fn token(&mut self, token: Token<'a>) {
        let Some(top) = self.frames.last_mut() else {
            return;
        };
        match token {
            Token::Open(object) => {
                // What stands before the inner value is written before it.
                let label = if top.object {
                    top.key.take()
                } else {
                    top.label.clone()
                };
                if top.object || !object {
                    top.nested = true;
                    let pairs = std::mem::take(&mut top.pairs);
                    let pending = std::mem::take(&mut top.pending);
                    lines(&pending, self.out);
                    lines(&pairs, self.out);
                }
                self.frames.push(Frame {
                    object,
                    ..Frame::array(label)
                });
            }
            Token::Close(_) => self.close(),
            Token::String(text) if top.object && top.key.is_none() => top.key = Some(text),
            Token::String(text) | Token::Bare(text) => {
                let key = if top.object {
                    top.key.take()
                } else {
                    top.label.clone()
                };
                top.pairs.push((key.unwrap_or_default(), text));
            }
            Token::Colon | Token::Comma | Token::Rubbish => {}
        }
    }

    fn close(&mut self) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        lines(&frame.pending, self.out);
        let row = frame.object && !frame.nested && frame.pairs.len() <= MAX_COLUMNS;
        match self
            .frames
            .last_mut()
            .filter(|parent| !parent.object && row)
        {
            Some(parent) => parent.flat_object(frame.pairs, self.out),
            None => {
                if let Some(parent) = self.frames.last_mut() {
                    parent.end_table(self.out);
                }
                lines(&frame.pairs, self.out);
            }
        }
    }
}

impl<'a> Frame<'a> {
    /// Takes an object of plain values inside an array.
    fn flat_object(&mut self, pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>, out: &mut Builder) {
        let same = |columns: &[Cow<'a, str>]| columns.iter().eq(pairs.iter().map(|(key, _)| key));
        let cells = |pairs: &[(Cow<'a, str>, Cow<'a, str>)]| {
            pairs
                .iter()
                .map(|(_, value)| {
                    if value == "null" {
                        Cow::Borrowed("")
                    } else {
                        value.clone()
                    }
                })
                .collect::<Vec<_>>()
        };
        if self.header.is_some() && same(&self.columns) {
            out.row(&cells(&pairs), self.header);
            return;
        }
        let pending: Vec<_> = std::mem::take(&mut self.pending);
        if pairs.len() >= 2
            && pending
                .iter()
                .map(|(key, _)| key)
                .eq(pairs.iter().map(|(key, _)| key))
        {
            self.columns = pairs.iter().map(|(key, _)| key.clone()).collect();
            self.header = out.row(&self.columns, None);
            out.row(&cells(&pending), self.header);
            out.row(&cells(&pairs), self.header);
        } else {
            lines(&pending, out);
            self.header = None;
            self.pending = pairs;
        }
    }

    /// Something other than a flat object follows in this array: the table is over.
    fn end_table(&mut self, out: &mut Builder) {
        lines(&std::mem::take(&mut self.pending), out);
        self.header = None;
    }
}

/// `key: value` lines as one paragraph; a value of several lines is a paragraph of its own.
fn lines(pairs: &[(Cow<'_, str>, Cow<'_, str>)], out: &mut Builder) {
    if let Some(title) = title(pairs, out.is_empty()) {
        out.title(title);
    }
    let mut paragraph = String::new();
    for (key, value) in pairs {
        if value.trim().is_empty() || value == "null" {
            continue;
        }
        let several = value.trim().contains('\n');
        if several {
            out.paragraph(&paragraph);
            paragraph.clear();
        } else if !paragraph.is_empty() {
            paragraph.push('\n');
        }
        if !key.is_empty() {
            paragraph.push_str(key);
            paragraph.push_str(": ");
        }
        paragraph.push_str(value);
        if several {
            out.paragraph(&paragraph);
            paragraph.clear();
        }
    }
    out.paragraph(&paragraph);
}

/// The title of what the JSON is about: the name of a STIX report, the info of a MISP event, or a title
/// at the very start.
fn title<'p>(pairs: &'p [(Cow<'_, str>, Cow<'_, str>)], first: bool) -> Option<&'p str> {
    let value = |wanted: &str| {
        pairs
            .iter()
            .find(|(key, _)| key == wanted)
            .map(|(_, value)| &**value)
    };
    if value("type").is_some_and(|kind| matches!(kind, "report" | "grouping")) {
        return value("name");
    }
    let event = value("threat_level_id").and_then(|_| value("info"));
    event.or_else(|| value("title").filter(|_| first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{BlockKind, Document, Limits};

    fn document(json: &str) -> Document {
        let mut out = Builder::new(&Limits::default());
        read(json, &mut out);
        out.finish().unwrap()
    }

    #[test]
    fn escapes_hide_nothing() {
        let doc = document(
            r#"{"url": "http:\/\/evil\u002eexample\/a", "path": "C:\\Temp\\x.exe", "n": 1.50, "none": null}"#,
        );
        assert_eq!(
            doc.text,
            "url: http://evil.example/a\npath: C:\\Temp\\x.exe\nn: 1.50"
        );
        assert_eq!(doc.blocks.len(), 1);
    }

    #[test]
    fn objects_of_the_same_keys_are_rows() {
        let doc = document(
            r#"{"name": "feed", "iocs": [{"t": "ip", "v": "192.0.2.1"}, {"t": "ip", "v": "192.0.2.2"}, {"x": 1}], "tags": ["a", "b"]}"#,
        );
        assert_eq!(
            doc.text,
            "name: feed\nt\tv\nip\t192.0.2.1\nip\t192.0.2.2\nx: 1\ntags: a\ntags: b"
        );
        assert_eq!(doc.blocks[3].kind, BlockKind::Row { header: Some(1) });
        assert_eq!(doc.blocks[5].kind, BlockKind::Paragraph);
    }

    #[test]
    fn one_object_a_line_is_a_table_too() {
        let doc = document("{\"a\": 1, \"b\": 2}\n{\"a\": 3, \"b\": 4}\n");
        assert_eq!(doc.text, "a\tb\n1\t2\n3\t4");
    }

    #[test]
    fn an_object_around_others_is_written_in_order() {
        let doc = document(r#"[{"id": 1, "in": {"k": "v"}, "after": "z"}, {"id": 2}]"#);
        assert_eq!(doc.text, "id: 1\nk: v\nafter: z\nid: 2");
    }

    #[test]
    fn what_is_not_json_is_read_as_text() {
        for bad in [
            "{\"a\": 192.0.2.1}",
            "{\"a\": \"x\"",
            "[1,,2]",
            "{\"a\" \"b\"}",
            "{\"a\": 1]",
        ] {
            let doc = document(bad);
            assert_eq!(
                (doc.text.as_str(), doc.warnings[0].code.as_str()),
                (bad, "malformed")
            );
        }
    }

    #[test]
    fn endless_nesting_costs_nothing() {
        let doc = document(&"[".repeat(1_000_000));
        assert_eq!(doc.text.len(), 1_000_000);
    }
}
