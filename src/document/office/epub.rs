//! Electronic books ([EPUB 3.3](https://www.w3.org/TR/epub-33/)): a package of pages, read in the order in
//! which they are turned. Pages that the order leaves out follow at the end.

use std::collections::{HashMap, HashSet};

use quick_xml::events::Event;

use super::package::{Package, damaged, resolve};
use super::properties::Properties;
use super::xml::attribute;
use crate::document::builder::Builder;
use crate::document::{html, text_number};
use crate::submission::{Failure, FailureCode};

/// Schemes that hide the font of a book, and nothing that is read.
const FONTS: &[&str] = &[
    "http://www.idpf.org/2008/embedding",
    "http://ns.adobe.com/pdf/enc#RC",
];

/// Reads a book.
///
/// # Errors
/// Encrypted, damaged, too many parts.
pub(in crate::document) fn read(bytes: &[u8], out: &mut Builder) -> Result<(), Failure> {
    let mut package = Package::open(bytes, out)?;
    let main = main_part(&mut package).ok_or_else(|| damaged("it does not say what it holds"))?;
    let book = Book::read(&mut package, &main);
    book.properties.write(out);
    let pages = book.pages(&main);
    let locked = encrypted(&mut package);
    let (open, closed): (Vec<_>, Vec<_>) =
        pages.into_iter().partition(|page| !locked.contains(page));
    if open.is_empty() && !closed.is_empty() {
        return Err(Failure::new(
            FailureCode::Encrypted,
            "The pages of the book are locked by its seller (DRM): hand in a copy without that.",
        ));
    }
    if !closed.is_empty() {
        let count = text_number(closed.len(), "page");
        out.warn(
            "page_failed",
            format!("{count} of the book are locked (DRM)."),
        );
    }
    let limit = out.limits().pages;
    if open.len() > limit {
        let count = open.len();
        out.truncated(&format!("the book has {count} pages and {limit} were read"));
    }
    for name in open.into_iter().take(limit) {
        if out.is_full() {
            break;
        }
        if let Some(page) = package.bytes(&name) {
            html::read_part(&page, out);
        }
    }
    package.report(out);
    Ok(())
}

/// The part that lists all others.
fn main_part(package: &mut Package<'_>) -> Option<String> {
    let named = main_part_named(package);
    let is_there = |name: &String| package.names().contains(name);
    named.filter(is_there).or_else(|| {
        let mut names = package.names().iter();
        names.find(|name| name.ends_with(".opf")).cloned()
    })
}

fn main_part_named(package: &mut Package<'_>) -> Option<String> {
    let mut part = package.open_part("META-INF/container.xml")?;
    while let Some(event) = part.next() {
        if let Event::Start(tag) | Event::Empty(tag) = event
            && tag.local_name().into_inner() == "rootfile"
        {
            return attribute(&tag, "full-path");
        }
    }
    None
}

/// The parts that are encrypted, fonts apart.
fn encrypted(package: &mut Package<'_>) -> HashSet<String> {
    let mut locked = HashSet::new();
    let Some(mut part) = package.open_part("META-INF/encryption.xml") else {
        return locked;
    };
    let mut font = false;
    while let Some(event) = part.next() {
        let (Event::Start(tag) | Event::Empty(tag)) = event else {
            continue;
        };
        match tag.local_name().into_inner() {
            "EncryptedData" => font = false,
            "EncryptionMethod" => {
                let method = attribute(&tag, "Algorithm").unwrap_or_default();
                font |= FONTS.contains(&method.as_str());
            }
            "CipherReference" if !font => {
                let target = attribute(&tag, "URI").unwrap_or_default();
                locked.insert(resolve("", &unescape(&target)));
            }
            _ => {}
        }
    }
    locked
}

/// What the main part says.
#[derive(Default)]
struct Book {
    properties: Properties,
    /// Pages by their ids, in the order of the list.
    order: Vec<String>,
    pages: HashMap<String, String>,
    /// Ids in the order in which the pages are turned.
    spine: Vec<String>,
    /// The id of the table of contents, which says again what the headings say.
    contents: HashSet<String>,
}

impl Book {
    fn read(package: &mut Package<'_>, main: &str) -> Self {
        let mut book = Self::default();
        let Some(mut part) = package.open_part(main) else {
            return book;
        };
        while let Some(event) = part.next() {
            book.properties.event(&event);
            match &event {
                Event::Start(tag) | Event::Empty(tag) => match tag.local_name().into_inner() {
                    "item" => book.item(
                        attribute(tag, "id").unwrap_or_default(),
                        attribute(tag, "href").unwrap_or_default(),
                        &attribute(tag, "media-type").unwrap_or_default(),
                        &attribute(tag, "properties").unwrap_or_default(),
                    ),
                    "itemref" => book.spine.extend(attribute(tag, "idref")),
                    _ => {}
                },
                _ => {}
            }
        }
        book
    }

    fn item(&mut self, id: String, target: String, media: &str, properties: &str) {
        if !media.contains("html") && !media.contains("oeb1-document") {
            return;
        }
        if properties.split_whitespace().any(|word| word == "nav") {
            self.contents.insert(id.clone());
        }
        self.order.push(id.clone());
        self.pages.insert(id, target);
    }

    /// The parts of the pages, in order.
    fn pages(mut self, main: &str) -> Vec<String> {
        let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder);
        let contents = std::mem::take(&mut self.contents);
        let others = self.order.iter().filter(|id| !contents.contains(*id));
        let ids: Vec<String> = self.spine.iter().chain(others).cloned().collect();
        // Taken out of the list, a page that is named twice is read once.
        let pages = ids.iter().filter_map(|id| self.pages.remove(id));
        let parts = pages.map(|target| resolve(folder, &unescape(&target)));
        parts.collect()
    }
}

/// `target` without its fragment, its `%20` a space.
fn unescape(target: &str) -> String {
    let target = target.split('#').next().unwrap_or_default();
    let mut bytes = Vec::with_capacity(target.len());
    let mut rest = target.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digit = |at: usize| after.get(at).and_then(|&b| char::from(b).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::unescape;
    use crate::document::office::tests::zip;
    use crate::document::{Limits, read};
    use crate::submission::FailureCode;

    const CONTAINER: &str =
        "<container><rootfiles><rootfile full-path='O/book.opf'/></rootfiles></container>";
    const BOOK: &str = "<package><metadata><dc:title>The book</dc:title><dc:title>Subtitle</dc:title><dc:language>en</dc:language><dc:language>fr</dc:language></metadata><manifest>\
        <item id='nav' href='nav.xhtml' media-type='application/xhtml+xml' properties='nav'/>\
        <item id='a' href='one%20two.xhtml' media-type='application/xhtml+xml'/><item id='b' href='../b.html' media-type='text/html'/>\
        <item id='c' href='left-out.xhtml' media-type='application/xhtml+xml'/><item id='i' href='i.png' media-type='image/png'/>\
        </manifest><spine><itemref idref='b'/><itemref idref='a'/><itemref idref='a'/><itemref idref='none'/></spine></package>";

    fn epub(more: &[(&str, &str)]) -> Vec<u8> {
        let mut parts = vec![
            ("mimetype", "application/epub+zip"),
            ("META-INF/container.xml", CONTAINER),
            ("O/book.opf", BOOK),
            ("O/nav.xhtml", "<p>contents</p>"),
            (
                "O/one two.xhtml",
                "<?xml version='1.0'?><html><head><title/></head><body><h1>Two</h1><p>evil<b>[.]</b>example <a href='http://link.example/'>x</a></p></body></html>",
            ),
            ("b.html", "<title>no</title><p>One</p>"),
            ("O/left-out.xhtml", "<p>Three</p>"),
        ];
        parts.extend(more);
        zip(&parts)
    }

    #[test]
    fn pages_are_read_as_they_are_turned() {
        let (format, doc) = read(&epub(&[]), None, &Limits::default()).unwrap();
        assert_eq!(format.name(), "epub");
        assert_eq!(doc.title.as_deref(), Some("The book"));
        assert_eq!(doc.language.as_deref(), Some("en"));
        assert_eq!(
            doc.text,
            "One\nTwo\nevil[.]example x\nhttp://link.example/\nThree"
        );
        assert!(doc.warnings.is_empty());
    }

    #[test]
    fn locked_pages_are_told() {
        let data = |method: &str, part: &str| {
            format!(
                "<EncryptedData><EncryptionMethod Algorithm='{method}'/><CipherData><CipherReference URI='{part}'/></CipherData></EncryptedData>"
            )
        };
        let one = [
            data(
                "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
                "O/one%20two.xhtml",
            ),
            data("http://www.idpf.org/2008/embedding", "b.html"),
        ]
        .concat();
        let lock = |data: &str| {
            epub(&[(
                "META-INF/encryption.xml",
                &format!("<encryption>{data}</encryption>"),
            )])
        };
        let doc = read(&lock(&one), None, &Limits::default()).unwrap().1;
        assert_eq!(doc.text, "One\nThree");
        assert_eq!(doc.warnings[0].code, "page_failed");
        let all = one + &data("x", "b.html") + &data("x", "O/left-out.xhtml");
        let failure = read(&lock(&all), None, &Limits::default()).unwrap_err();
        assert_eq!(failure.code, FailureCode::Encrypted);
    }

    #[test]
    fn a_book_that_lists_nothing_is_a_failure() {
        let bytes = zip(&[("mimetype", "application/epub+zip"), ("a", "b")]);
        let failure = read(&bytes, None, &Limits::default()).unwrap_err();
        assert_eq!(failure.code, FailureCode::Malformed);
    }

    #[test]
    fn names_are_unescaped() {
        assert_eq!(unescape("a%20b%C3%A9%zz%2#top"), "a bé%zz%2");
    }
}
