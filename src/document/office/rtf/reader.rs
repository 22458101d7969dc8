//! Tokens → text: the state of the groups, the control words, characters in their charsets.

use std::collections::{HashMap, HashSet};

use encoding_rs::Encoding;

use super::charset;
use super::destination::{self, Destination};
use super::flow::{Flow, Properties};
use super::object::Data;
use super::token::Token;
use crate::document::builder::Builder;
use crate::document::member::Fate;
use crate::document::office::{field, outside};

/// Groups inside each other that are told apart.
const MAX_GROUPS: usize = 10_000;
/// Objects whose documents are read.
const MAX_OBJECTS: usize = 1_000;
/// Notes inside notes that are told apart.
const MAX_FLOWS: usize = 100;

/// What holds until the group ends.
#[derive(Clone, Copy)]
struct Group {
    destination: Destination,
    /// Whether the destination began with this group, and ends with it.
    begins: bool,
    /// Whether the group has a stream of text of its own.
    flows: bool,
    encoding: &'static Encoding,
    deleted: bool,
    /// Whether the text only repeats a tag of wrapped HTML.
    repeats: bool,
    /// Characters that stand in for one in Unicode.
    stand_ins: usize,
}

pub(super) struct Reader<'o> {
    out: &'o mut Builder,
    group: Group,
    outer: Vec<Group>,
    /// Groups open beyond [`MAX_GROUPS`].
    deeper: usize,
    flows: Vec<Flow>,
    /// Bytes not yet decoded: a character may be two of them.
    bytes: Vec<u8>,
    high_surrogate: Option<u16>,
    /// Stand-ins still to be left out.
    skip: usize,
    /// Whether `\*` stands before the next word.
    star: bool,
    code_page: &'static Encoding,
    fonts: HashMap<i32, &'static Encoding>,
    font: i32,
    default_font: i32,
    /// Numbers of the styles that are headings.
    headings: HashSet<i32>,
    style: i32,
    /// What the open destinations have collected.
    collected: Vec<String>,
    data: Data,
    /// The objects, whose documents follow the text.
    objects: Vec<Data>,
    /// Where the two versions of a text stand.
    around_versions: Destination,
    html: Option<String>,
}

impl<'o> Reader<'o> {
    pub(super) fn new(out: &'o mut Builder) -> Self {
        Self {
            out,
            group: Group {
                destination: Destination::Text,
                begins: false,
                flows: false,
                encoding: encoding_rs::WINDOWS_1252,
                deleted: false,
                repeats: false,
                stand_ins: 1,
            },
            outer: Vec::new(),
            deeper: 0,
            flows: vec![Flow::default()],
            bytes: Vec::new(),
            high_surrogate: None,
            skip: 0,
            star: false,
            code_page: encoding_rs::WINDOWS_1252,
            fonts: HashMap::new(),
            font: 0,
            default_font: 0,
            headings: HashSet::new(),
            style: 0,
            collected: Vec::new(),
            data: Data::default(),
            objects: Vec::new(),
            around_versions: Destination::Text,
            html: None,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.out.is_full()
    }

    pub(super) fn token(&mut self, token: Token<'_>) {
        match token {
            Token::Open => self.open(),
            Token::Close => self.close(),
            Token::Word(name, number) => {
                self.skip = 0;
                self.decode();
                let star = std::mem::take(&mut self.star);
                self.word(name, number, star);
            }
            Token::Symbol(symbol) => self.symbol(symbol),
            Token::Hex(byte) if self.skip == 0 => self.bytes.push(byte),
            Token::Hex(_) => self.skip -= 1,
            Token::Text(text) => {
                let skipped = self.skip.min(text.len());
                self.skip -= skipped;
                self.bytes.extend_from_slice(&text[skipped..]);
            }
        }
    }

    /// Ends what is open; answers the HTML that was wrapped into the text.
    pub(super) fn finish(mut self) -> Option<String> {
        self.decode();
        while !self.outer.is_empty() {
            self.deeper = 0;
            self.close();
        }
        self.end_flow();
        for object in &self.objects {
            if object.read(self.out) == Fate::Exhausted {
                break;
            }
        }
        self.html
    }

    fn open(&mut self) {
        self.decode();
        (self.skip, self.star) = (0, false);
        if self.outer.len() >= MAX_GROUPS {
            self.deeper += 1;
            return;
        }
        self.outer.push(self.group);
        (self.group.begins, self.group.flows) = (false, false);
    }

    fn close(&mut self) {
        self.decode();
        (self.skip, self.star) = (0, false);
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        // A closing brace too many closes nothing.
        let Some(outer) = self.outer.pop() else {
            return;
        };
        if self.group.begins {
            self.end_destination();
        }
        self.group = outer;
    }

    fn symbol(&mut self, symbol: u8) {
        if symbol == b'*' {
            self.star = true;
            return;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        match symbol {
            b'\\' | b'{' | b'}' => self.bytes.push(symbol),
            b'~' => self.character(' '),
            b'_' => self.character('-'),
            b'\r' | b'\n' => {
                self.decode();
                self.end_paragraph();
            }
            _ => {}
        }
    }

    fn word(&mut self, name: &str, number: Option<i32>, star: bool) {
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

    fn paragraph_word(&mut self, name: &str, number: Option<i32>) {
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

    fn begin(&mut self, destination: Destination, name: &str) {
        if name == "upr" {
            self.around_versions = self.group.destination;
        }
        // A word in the middle of its group changes nothing that has begun.
        if !self.group.begins {
            self.group.begins = true;
            self.collected.push(String::new());
        }
        self.group.destination = destination;
        match destination {
            Destination::Aside if !self.group.flows && self.flows.len() < MAX_FLOWS => {
                self.group.flows = true;
                self.flows.push(Flow::default());
            }
            Destination::ItemMark => self.flow().properties.item = true,
            Destination::ObjectData => self.data = Data::default(),
            _ => {}
        }
    }

    fn end_destination(&mut self) {
        let text = self.collected.pop().unwrap_or_default();
        match self.group.destination {
            Destination::Title => self.out.title(&text),
            Destination::Instruction => {
                let targets = field::targets(&text);
                self.flow().links.extend(targets);
                if field::is_command(&text) {
                    self.out.code(text.trim());
                }
            }
            Destination::Template => outside::target("template", text.trim(), self.out),
            Destination::ObjectName if !text.trim().is_empty() => {
                self.out.paragraph(&format!("object: {}", text.trim()));
            }
            Destination::ObjectData => {
                let data = std::mem::take(&mut self.data);
                data.write(self.out);
                if self.objects.len() < MAX_OBJECTS {
                    self.objects.push(data);
                }
            }
            Destination::Target if outside::is(text.trim()) => {
                outside::target("picture", text.trim(), self.out);
            }
            _ => {}
        }
        if self.group.flows {
            self.end_flow();
        }
    }

    fn end_flow(&mut self) {
        if let Some(mut flow) = self.flows.pop() {
            flow.finish(self.out);
        }
    }

    fn font(&mut self, font: i32) {
        self.font = font;
        if self.group.destination != Destination::FontTable {
            self.group.encoding = self.encoding_of(font);
        }
    }

    fn define_font(&mut self, encoding: Option<&'static Encoding>) {
        if let Some(encoding) =
            encoding.filter(|_| self.group.destination == Destination::FontTable)
        {
            self.fonts.insert(self.font, encoding);
        }
    }

    fn encoding_of(&self, font: i32) -> &'static Encoding {
        self.fonts.get(&font).copied().unwrap_or(self.code_page)
    }

    /// A character in UTF-16, as a signed number; its stand-ins follow.
    fn unicode(&mut self, number: i32) {
        let unit = (number & 0xffff) as u16;
        let high = self.high_surrogate.take();
        match char::decode_utf16(high.into_iter().chain([unit])).last() {
            Some(Ok(c)) => self.character(c),
            _ if (0xd800..0xdc00).contains(&unit) => self.high_surrogate = Some(unit),
            _ => {}
        }
        self.skip = self.group.stand_ins;
    }

    fn character(&mut self, c: char) {
        self.decode();
        self.write(c.encode_utf8(&mut [0; 4]));
    }

    /// Decodes the bytes that were collected, in the charset that they stand in.
    fn decode(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.bytes);
        let text = self.group.encoding.decode_without_bom_handling(&bytes).0;
        self.write(&text);
        self.bytes = bytes;
        self.bytes.clear();
    }

    fn write(&mut self, text: &str) {
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

    fn style_name(&mut self, name: &str) {
        let name = name.trim().to_ascii_lowercase();
        if name.starts_with("heading ") || name.trim_end_matches(';') == "title" {
            self.headings.insert(self.style);
        }
    }

    fn end_paragraph(&mut self) {
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

    /// The stream of text that is open.
    fn flow(&mut self) -> &mut Flow {
        if self.flows.is_empty() {
            self.flows.push(Flow::default());
        }
        let last = self.flows.len() - 1;
        &mut self.flows[last]
    }

    fn in_flow(&mut self, act: impl FnOnce(&mut Flow, &mut Builder)) {
        if let Some(flow) = self.flows.last_mut() {
            act(flow, self.out);
        }
    }
}
