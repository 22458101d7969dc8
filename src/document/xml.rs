//! XML other than HTML: the text of every element behind its name, and every attribute.
//!
//! An element that holds others is a paragraph of `name: text` lines, so that a record stays in one
//! block. Entities of a DTD are never expanded. What cannot be parsed further is read as plain text.

use std::borrow::Cow;

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::builder::Builder;
use super::markup::Dialect;
use super::{charset, html, text};

/// Element names followed for their label; deeper elements are read without one.
const MAX_DEPTH: usize = 10_000;

/// Reads `bytes` into blocks.
pub(super) fn read(bytes: &[u8], out: &mut Builder) {
    let xml = decode(bytes);
    let mut reader = Reader::from_str(&xml);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut state = State::default();
    loop {
        let before = reader.buffer_position();
        if out.is_full() {
            return;
        }
        match reader.read_event() {
            Ok(Event::Start(tag)) => state.open(&tag, out),
            Ok(Event::Empty(tag)) => {
                state.open(&tag, out);
                state.close(out);
            }
            Ok(Event::End(_)) => state.close(out),
            Ok(Event::Text(text)) => state.text.push_str(&text),
            Ok(Event::CData(text)) => state.text.push_str(&text),
            Ok(Event::GeneralRef(entity)) => state.text.push_str(&resolve(&entity)),
            Ok(Event::Comment(comment)) => state.comment(&comment),
            Ok(Event::Decl(_) | Event::PI(_) | Event::DocType(_)) => {}
            Ok(Event::Eof) => break,
            Err(_) => {
                state.value(out);
                state.flush(out);
                out.warn(
                    "malformed",
                    "The XML breaks off or is damaged: the rest was read as plain text.",
                );
                let rest = usize::try_from(before)
                    .ok()
                    .and_then(|at| xml.get(at..))
                    .unwrap_or_default();
                return text::read(rest, Dialect::Verbatim, out);
            }
        }
    }
    state.value(out);
    state.flush(out);
}

/// The text of `bytes`, without a byte order mark.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match charset::decode(bytes, declared(bytes)) {
        Cow::Borrowed(xml) => Cow::Borrowed(xml.strip_prefix('\u{feff}').unwrap_or(xml)),
        Cow::Owned(xml) => match xml.strip_prefix('\u{feff}') {
            Some(rest) => Cow::Owned(rest.to_owned()),
            None => Cow::Owned(xml),
        },
    }
}

/// The character or text of a reference; one of a DTD stays as it is written.
pub(crate) fn resolve(entity: &quick_xml::events::BytesRef<'_>) -> String {
    match entity.resolve_char_ref() {
        Ok(Some(c)) => c.to_string(),
        _ => resolve_predefined_entity(entity)
            .map_or_else(|| format!("&{};", &**entity), str::to_owned),
    }
}

/// The charset that the XML declaration names.
fn declared(bytes: &[u8]) -> Option<&str> {
    let head = &bytes[..bytes.len().min(200)];
    let end = memchr::memmem::find(head, b"?>")?;
    let declaration = std::str::from_utf8(&head[..end]).ok()?;
    let (_, value) = declaration.split_once("encoding")?;
    value.split(['"', '\'']).nth(1)
}

#[derive(Default)]
struct State {
    /// Names of the open elements, and whether they hold others.
    open: Vec<(String, bool)>,
    depth: usize,
    text: String,
    /// Lines of the paragraph that is being put together.
    lines: String,
}

impl State {
    fn open(&mut self, tag: &BytesStart<'_>, out: &mut Builder) {
        self.value(out);
        self.depth += 1;
        if let Some(parent) = self.open.last_mut() {
            parent.1 = true;
        }
        if self.depth <= MAX_DEPTH {
            self.open
                .push((tag.local_name().into_inner().to_owned(), false));
        }
        for attribute in tag.attributes().with_checks(false).flatten() {
            let name = attribute.key.as_ref();
            // Names of schemas are addresses that nobody visits.
            if name.starts_with("xmlns") || name.ends_with("schemaLocation") {
                continue;
            }
            let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0);
            let value = value.unwrap_or_else(|_| attribute.value.clone());
            self.line(name, &value);
        }
    }

    fn close(&mut self, out: &mut Builder) {
        self.value(out);
        if self.depth <= MAX_DEPTH
            && let Some((_, true)) = self.open.pop()
        {
            self.flush(out);
        }
        self.depth = self.depth.saturating_sub(1);
    }

    /// Ends a stretch of text: a line of the record, or HTML where the text is a page of its own.
    fn value(&mut self, out: &mut Builder) {
        let text = std::mem::take(&mut self.text);
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return;
        }
        let name = self
            .open
            .last()
            .map_or(String::new(), |(name, _)| name.clone());
        if self.open.len() <= 3 && name == "title" {
            out.title(trimmed);
        }
        if is_html(trimmed) {
            self.flush(out);
            html::read_fragment(trimmed, out);
        } else {
            self.line(&name, trimmed);
        }
    }

    fn comment(&mut self, comment: &str) {
        if !comment.trim().is_empty() {
            self.line("", comment.trim());
        }
    }

    fn line(&mut self, name: &str, value: &str) {
        if value.trim().is_empty() {
            return;
        }
        if !self.lines.is_empty() {
            self.lines.push('\n');
        }
        if !name.is_empty() {
            self.lines.push_str(name);
            self.lines.push_str(": ");
        }
        self.lines.push_str(value);
    }

    fn flush(&mut self, out: &mut Builder) {
        out.paragraph(&self.lines);
        self.lines.clear();
    }
}

/// Feeds carry whole articles as escaped HTML.
fn is_html(text: &str) -> bool {
    ["<p", "<a ", "<br", "<div", "<li", "<td"]
        .iter()
        .any(|tag| text.contains(tag))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Limits};

    fn document(xml: &str) -> Document {
        let mut out = Builder::new(&Limits::default());
        read(xml.as_bytes(), &mut out);
        out.finish().unwrap()
    }

    #[test]
    fn a_record_is_one_paragraph_of_labelled_lines() {
        let doc = document(
            "<?xml version='1.0'?><f xmlns='http://schema.example'><i type='ip'><v>192.0.2.1</v><n>a &amp; b &#46;</n></i><i><v>192.0.2.2</v></i></f>",
        );
        assert_eq!(doc.text, "type: ip\nv: 192.0.2.1\nn: a & b .\nv: 192.0.2.2");
        assert_eq!(doc.blocks.len(), 2);
    }

    #[test]
    fn articles_in_feeds_are_read_as_html() {
        let doc = document(
            "<rss><channel><title>Feed</title><item><description><![CDATA[<p>C2 <a href=\"http://a.example/x\">here</a></p>]]></description></item></channel></rss>",
        );
        assert_eq!(doc.title.as_deref(), Some("Feed"));
        assert_eq!(doc.text, "title: Feed\nC2 here\nhttp://a.example/x");
    }

    #[test]
    fn entities_of_a_dtd_are_not_expanded() {
        let doc = document(
            "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><x>&b;&b; 192.0.2.1</x>",
        );
        assert_eq!(doc.text, "x: &b;&b; 192.0.2.1");
    }

    #[test]
    fn damaged_xml_is_read_to_its_end() {
        let doc = document("<a><b>one</b><c attr='x");
        assert_eq!(doc.text, "b: one\n<c attr='x");
        assert_eq!(doc.warnings[0].code, "malformed");
    }

    #[test]
    fn deep_nesting_costs_nothing() {
        let doc = document(&format!(
            "{}192.0.2.1{}",
            "<a>".repeat(300_000),
            "</a>".repeat(300_000)
        ));
        assert!(doc.text.contains("192.0.2.1"));
    }
}
