//! HTML and XHTML ([the standard](https://html.spec.whatwg.org/)), token by token: no tree, so that
//! time stays linear however deep the tags nest.
//!
//! Inline tags add nothing, so `evil<b>[.]</b>example` stays one word; block tags end a block. Link
//! targets follow the block they stand in. Script and style are no text. The article of a page comes
//! first, then what stands around it.

mod article;
mod flow;
mod pieces;
mod tag;

use article::{Marks, Regions};
use flow::Flow;
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};
use tag::{Role, role};

use super::builder::Builder;
use super::charset;

/// Bytes in which a charset may be declared (the standard looks at 1,024).
const DECLARATION: usize = 4 << 10;

/// Reads a page.
pub(super) fn read(bytes: &[u8], out: &mut Builder) {
    let page = charset::decode(bytes, declared(bytes).as_deref());
    run(&page, out, true);
}

/// Reads a page that is one part of a document: its title is not the document's.
pub(super) fn read_part(bytes: &[u8], out: &mut Builder) {
    let page = charset::decode(bytes, declared(bytes).as_deref());
    run(&page, out, false);
}

/// Reads HTML inside another document: its title is not the document's.
pub(super) fn read_fragment(html: &str, out: &mut Builder) {
    run(html, out, false);
}

fn run(html: &str, out: &mut Builder, page: bool) {
    let xhtml = html
        .trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t'])
        .starts_with("<?xml");
    let mut reader = Page::new(out.limits().text, xhtml);
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| {
        reader.event(&event);
        // A token ends the loop below: nothing more is kept.
        reader.flow.is_full().then_some(())
    });
    // In XHTML `<script/>` and `<title/>` are closed, in HTML they swallow what follows.
    emitter.naively_switch_states(!xhtml);
    Tokenizer::new_with_emitter(html, emitter).next();
    let pieces = reader.flow.finish();
    if page {
        for address in reader.addresses.into_iter().flatten() {
            out.address(&address);
        }
        for title in reader.titles.into_iter().flatten() {
            out.title(&title);
        }
        if let Some(language) = reader.language {
            out.language(&language);
        }
        pieces.write_article_first(&reader.regions, out);
    } else {
        pieces.write(out);
    }
}

/// The charset that a `<meta>` or an XML declaration names.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(DECLARATION)]).to_ascii_lowercase();
    let at = head
        .find("charset=")
        .map(|at| at + 8)
        .or_else(|| head.find("encoding=").map(|at| at + 9))?;
    let value = head[at..].trim_start_matches(['"', '\'', ' ']);
    let end = value.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':')))?;
    Some(value[..end].to_owned())
}

/// What the tokens of a page have said so far.
struct Page {
    flow: Flow,
    regions: Regions,
    xhtml: bool,
    name: Vec<u8>,
    attribute: Vec<u8>,
    attributes: Attributes,
    /// Open elements whose text is no text: script, style, templates.
    hidden: usize,
    hidden_by: Vec<u8>,
    in_title: bool,
    in_svg: usize,
    in_h1: bool,
    /// `<title>`, `og:title`, first `<h1>`: the first that says something is the title.
    titles: [Option<String>; 3],
    /// The canonical link and `og:url`.
    addresses: [Option<String>; 2],
    /// That of the root element.
    language: Option<String>,
}

/// The attributes of the open tag that matter.
#[derive(Default)]
struct Attributes {
    targets: Vec<String>,
    property: String,
    content: String,
    canonical: bool,
    region: Marks,
}

impl Page {
    /// Keeps `most` bytes of text.
    fn new(most: usize, xhtml: bool) -> Self {
        Self {
            flow: Flow::new(most),
            regions: Regions::default(),
            xhtml,
            name: Vec::new(),
            attribute: Vec::new(),
            attributes: Attributes::default(),
            hidden: 0,
            hidden_by: Vec::new(),
            in_title: false,
            in_svg: 0,
            in_h1: false,
            titles: [const { None }; 3],
            addresses: [const { None }; 2],
            language: None,
        }
    }

    fn event(&mut self, event: &CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.name.clear();
                self.name.extend_from_slice(local(name));
                self.attributes = Attributes::default();
            }
            CallbackEvent::AttributeName { name } => {
                self.attribute.clear();
                self.attribute.extend_from_slice(name);
            }
            CallbackEvent::AttributeValue { value } => {
                self.attribute_value(&String::from_utf8_lossy(value))
            }
            CallbackEvent::CloseStartTag { self_closing } => {
                let name = std::mem::take(&mut self.name);
                self.open(&name);
                if self.xhtml && *self_closing {
                    self.close(&name);
                }
            }
            CallbackEvent::EndTag { name } => self.close(local(name)),
            CallbackEvent::String { value } => self.text(&String::from_utf8_lossy(value)),
            CallbackEvent::Comment { value } => {
                let cdata = value.strip_prefix(b"[CDATA[").filter(|_| self.xhtml);
                if let Some(text) = cdata {
                    self.text(&String::from_utf8_lossy(
                        text.strip_suffix(b"]]").unwrap_or(text),
                    ));
                }
            }
            CallbackEvent::Doctype { .. } | CallbackEvent::Error(_) => {}
        }
    }

    fn attribute_value(&mut self, value: &str) {
        match self.attribute.as_slice() {
            b"href" | b"src" | b"action" | b"formaction" | b"data" | b"data-src"
            | b"xlink:href" | b"background" | b"poster" => {
                self.attributes.targets.push(value.to_owned())
            }
            b"property" | b"name" | b"http-equiv" => {
                self.attributes.property = value.to_ascii_lowercase()
            }
            b"rel" => self.attributes.canonical = value.eq_ignore_ascii_case("canonical"),
            b"content" => self.attributes.content = value.to_owned(),
            b"class" | b"id" if article::is_container(&self.name) => {
                self.attributes.region.name(value)
            }
            b"lang" | b"xml:lang" if self.name == b"html" => {
                self.language.get_or_insert_with(|| value.to_owned());
            }
            b"role" => self.attributes.region.role(value),
            b"itemprop" => self.attributes.region.property(value),
            b"data-cfemail" => {
                if let Some(address) = protected_address(value) {
                    self.attributes.targets.push(format!("mailto:{address}"));
                }
            }
            _ => {}
        }
    }

    fn open(&mut self, name: &[u8]) {
        if self.hidden > 0 {
            self.hidden += usize::from(name == self.hidden_by);
            return;
        }
        let attributes = std::mem::take(&mut self.attributes);
        match role(name) {
            Role::Hidden => {
                self.hidden = 1;
                self.hidden_by = name.to_vec();
            }
            Role::Title if self.in_svg == 0 => self.in_title = true,
            Role::Meta => return self.meta(&attributes),
            Role::Svg => self.in_svg += 1,
            role => self.flow.open(role),
        }
        self.regions.open(name, attributes.region);
        self.flow.region(self.regions.current());
        if name == b"a" {
            self.flow.open_anchor();
        }
        self.in_h1 |= name == b"h1";
        if name == b"link" && attributes.canonical {
            self.addresses[0] = attributes.targets.first().cloned();
        }
        // Stylesheets, icons and preloads are the page's own furniture.
        if name != b"link" && name != b"base" {
            attributes
                .targets
                .iter()
                .for_each(|target| self.flow.link(target));
        }
    }

    fn close(&mut self, name: &[u8]) {
        if self.hidden > 0 {
            self.hidden -= usize::from(name == self.hidden_by);
            return;
        }
        match role(name) {
            Role::Title => self.in_title = false,
            Role::Svg => self.in_svg = self.in_svg.saturating_sub(1),
            role => self.flow.close(role),
        }
        self.regions.close(name);
        self.flow.region(self.regions.current());
        if name == b"a" {
            self.flow.close_anchor();
        }
        if name == b"h1" {
            self.in_h1 = false;
        }
    }

    fn meta(&mut self, attributes: &Attributes) {
        match attributes.property.as_str() {
            "og:title" if self.titles[1].is_none() => {
                self.titles[1] = Some(attributes.content.clone())
            }
            "content-language" => {
                self.language
                    .get_or_insert_with(|| attributes.content.clone());
            }
            "og:url" => self.addresses[1] = Some(attributes.content.clone()),
            // `<meta http-equiv=refresh content="0; url=http://…">` sends the visitor on.
            "refresh" => {
                let at = attributes.content.to_ascii_lowercase().find("url=");
                if let Some(target) = at.and_then(|at| attributes.content.get(at + 4..)) {
                    self.flow.link(target.trim_matches([' ', '\'', '"']));
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.hidden > 0 {
            return;
        }
        if self.in_title {
            self.titles[0].get_or_insert_default().push_str(text);
            return;
        }
        if self.in_h1 {
            self.titles[2].get_or_insert_default().push_str(text);
        }
        self.flow.text(text);
    }
}

/// The name of an element without the prefix of its namespace.
fn local(name: &[u8]) -> &[u8] {
    name.iter()
        .rposition(|&b| b == b':')
        .map_or(name, |at| &name[at + 1..])
}

/// A mail address hidden from harvesters by a content delivery network: hex, each byte XORed with the
/// first.
fn protected_address(hex: &str) -> Option<String> {
    let digits: Option<Vec<u8>> = hex
        .bytes()
        .map(|b| {
            char::from(b)
                .to_digit(16)
                .and_then(|d| u8::try_from(d).ok())
        })
        .collect();
    let bytes: Vec<u8> = digits?
        .chunks_exact(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect();
    let (key, rest) = bytes.split_first()?;
    String::from_utf8(rest.iter().map(|byte| byte ^ key).collect()).ok()
}

#[cfg(test)]
mod tests;
