//! Tokens → text: the state of the groups, and what their destinations come to.

mod characters;
mod words;

use std::collections::{HashMap, HashSet};

use encoding_rs::Encoding;

use super::destination::Destination;
use super::flow::Flow;
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
