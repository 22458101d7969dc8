//! Characters in their charsets, and where they go.

use encoding_rs::Encoding;

use super::Reader;
use crate::document::office::rtf::destination::Destination;
use crate::document::office::rtf::flow::Flow;

impl Reader<'_> {
    pub(super) fn font(&mut self, font: i32) {
        self.font = font;
        if self.group.destination != Destination::FontTable {
            self.group.encoding = self.encoding_of(font);
        }
    }

    pub(super) fn define_font(&mut self, encoding: Option<&'static Encoding>) {
        if let Some(encoding) =
            encoding.filter(|_| self.group.destination == Destination::FontTable)
        {
            self.fonts.insert(self.font, encoding);
        }
    }

    pub(super) fn encoding_of(&self, font: i32) -> &'static Encoding {
        self.fonts.get(&font).copied().unwrap_or(self.code_page)
    }

    /// A character in UTF-16, as a signed number; its stand-ins follow.
    pub(super) fn unicode(&mut self, number: i32) {
        let unit = (number & 0xffff) as u16;
        let high = self.high_surrogate.take();
        match char::decode_utf16(high.into_iter().chain([unit])).last() {
            Some(Ok(c)) => self.character(c),
            _ if (0xd800..0xdc00).contains(&unit) => self.high_surrogate = Some(unit),
            _ => {}
        }
        self.skip = self.group.stand_ins;
    }

    pub(super) fn character(&mut self, c: char) {
        self.decode();
        self.write(c.encode_utf8(&mut [0; 4]));
    }

    /// Decodes the bytes that were collected, in the charset that they stand in.
    pub(super) fn decode(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.bytes);
        let text = self.group.encoding.decode_without_bom_handling(&bytes).0;
        self.write(&text);
        self.bytes = bytes;
        self.bytes.clear();
    }

    pub(super) fn write(&mut self, text: &str) {
        match self.group.destination {
            Destination::Text | Destination::Aside => match &mut self.html {
                Some(html) if !self.group.repeats => html.push_str(text),
                Some(_) => {}
                None => {
                    let deleted = self.group.deleted;
                    let flow = self.flow();
                    if deleted {
                        flow.deleted.push_str(text);
                    } else {
                        flow.text.push_str(text);
                    }
                }
            },
            Destination::HtmlTag => {
                if let Some(html) = &mut self.html {
                    html.push_str(text);
                }
            }
            Destination::Styles => self.style_name(text),
            Destination::ObjectData => self.data.push(text),
            Destination::Skip
            | Destination::Mute
            | Destination::FontTable
            | Destination::ItemMark => {}
            _ => {
                if let Some(collected) = self.collected.last_mut() {
                    collected.push_str(text);
                }
            }
        }
    }

    pub(super) fn style_name(&mut self, name: &str) {
        let name = name.trim().to_ascii_lowercase();
        if name.starts_with("heading ") || name.trim_end_matches(';') == "title" {
            self.headings.insert(self.style);
        }
    }

    pub(super) fn end_paragraph(&mut self) {
        let text = matches!(
            self.group.destination,
            Destination::Text | Destination::Aside | Destination::HtmlTag
        );
        match &mut self.html {
            Some(html) if text && !self.group.repeats => html.push('\n'),
            None if text => self.in_flow(Flow::end_paragraph),
            _ => {}
        }
    }
}
