//! Control words.

use super::Reader;
use crate::document::office::rtf::charset;
use crate::document::office::rtf::destination::{self, Destination};
use crate::document::office::rtf::flow::Properties;

impl Reader<'_> {
    pub(super) fn word(&mut self, name: &str, number: Option<i32>, star: bool) {
        if self.group.destination == Destination::Mute {
            return;
        }
        if let Some(destination) = destination::of(name) {
            return self.begin(destination, name);
        }
        if name == "ud" {
            self.group.destination = self.around_versions;
            return;
        }
        if star && !destination::is_transparent(name) {
            return self.begin(Destination::Skip, name);
        }
        let on = number != Some(0);
        match name {
            "ansicpg" => {
                self.code_page = charset::of_code_page(number.unwrap_or(1252));
                self.group.encoding = self.code_page;
            }
            "mac" => {
                self.code_page = encoding_rs::MACINTOSH;
                self.group.encoding = self.code_page;
            }
            "deff" => self.default_font = number.unwrap_or(0),
            "f" => self.font(number.unwrap_or(0)),
            "fcharset" => {
                let encoding = charset::of_font(number.unwrap_or(0));
                self.define_font(encoding);
            }
            "cpg" => self.define_font(number.map(charset::of_code_page)),
            "uc" => self.group.stand_ins = usize::try_from(number.unwrap_or(1)).unwrap_or(0),
            "u" => self.unicode(number.unwrap_or(0)),
            "fromhtml" if on => self.html = Some(String::new()),
            "htmlrtf" => self.group.repeats = on,
            "plain" => {
                self.group.deleted = false;
                self.group.encoding = self.encoding_of(self.default_font);
            }
            "deleted" => self.group.deleted = on,
            _ => self.paragraph_word(name, number),
        }
    }

    pub(super) fn paragraph_word(&mut self, name: &str, number: Option<i32>) {
        if self.group.destination == Destination::Styles {
            if name == "s" {
                self.style = number.unwrap_or(0);
            }
            return;
        }
        match name {
            "par" | "sect" | "page" | "column" => self.end_paragraph(),
            "line" | "lbr" | "softline" => self.character('\n'),
            "tab" => self.character('\t'),
            "emdash" => self.character('\u{2014}'),
            "endash" => self.character('\u{2013}'),
            "lquote" => self.character('\u{2018}'),
            "rquote" => self.character('\u{2019}'),
            "ldblquote" => self.character('\u{201c}'),
            "rdblquote" => self.character('\u{201d}'),
            "bullet" => self.character('\u{2022}'),
            "emspace" | "enspace" | "qmspace" => self.character(' '),
            "pard" => self.flow().properties = Properties::default(),
            "intbl" => {
                let properties = &mut self.flow().properties;
                properties.depth = properties.depth.max(1);
            }
            "itap" => {
                let depth = usize::try_from(number.unwrap_or(0)).unwrap_or(0);
                self.flow().properties.depth = depth;
            }
            "ls" => self.flow().properties.item = true,
            "s" => {
                let heading = self.headings.contains(&number.unwrap_or(0));
                self.flow().properties.heading |= heading;
            }
            "outlinelevel" => self.flow().properties.heading |= number != Some(9),
            "cell" => self.in_flow(|flow, out| flow.end_cell(1, out)),
            "nestcell" => self.in_flow(|flow, out| flow.end_cell(2, out)),
            "row" => self.in_flow(|flow, out| flow.end_row(1, out)),
            "nestrow" => self.in_flow(|flow, out| flow.end_row(2, out)),
            _ => {}
        }
    }
}
