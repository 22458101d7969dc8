//! A file as a package of parts: Office Open XML
//! ([ECMA-376, part 2](https://ecma-international.org/publications-and-standards/standards/ecma-376/)),
//! OpenDocument, EPUB. A ZIP whose every inflated byte is counted.

use std::cell::Cell;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::rc::Rc;

use quick_xml::events::Event;
use zip::ZipArchive;
use zip::read::Config;
use zip::unstable::read::ZipIterable;

use super::properties::Properties;
use super::xml::{Parts, attribute};
use crate::document::budget::{Budget, Metered};
use crate::document::builder::Builder;
use crate::submission::{Failure, FailureCode};

/// An open package.
pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    names: Vec<String>,
    budget: Budget,
    cut: Rc<Cell<bool>>,
}

/// A relationship of a part: what it points to, and whether that lies outside of the package.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    pub(super) target: String,
    pub(super) kind: String,
    pub(super) external: bool,
}

/// Those that lie in the package, in an order that is always the same.
pub(super) fn inside(relations: &HashMap<String, Relation>) -> Vec<&Relation> {
    let mut inside: Vec<_> = relations
        .values()
        .filter(|relation| !relation.external)
        .collect();
    inside.sort_by(|a, b| a.target.cmp(&b.target));
    inside
}

impl<'a> Package<'a> {
    /// Opens the package; what is inflated out of it is charged to the account of `out`.
    ///
    /// # Errors
    /// `encrypted` for a compound file around an encrypted package, `malformed` for what is no ZIP,
    /// `too_large` for too many entries.
    pub(super) fn open(bytes: &'a [u8], out: &Builder) -> Result<Self, Failure> {
        let limits = out.limits();
        if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
            return Err(encrypted());
        }
        let unreadable = |_| damaged("its ZIP directory cannot be read");
        // Counted before the index is made: that costs more memory for an entry than its bytes.
        let parts = ZipIterable::try_new(Cursor::new(bytes), Config::default())
            .map_err(unreadable)?
            .len();
        if parts > limits.entries {
            let message = format!(
                "The document has {parts} parts, more than the {} that are read.",
                limits.entries
            );
            return Err(Failure::new(FailureCode::TooLarge, message));
        }
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(unreadable)?;
        let names = archive
            .file_names()
            .filter_map(|name| Some(name.ok()?.into_owned()))
            .collect();
        Ok(Self {
            archive,
            names,
            budget: out.budget().clone(),
            cut: Rc::default(),
        })
    }

    /// The names of all parts, in the order of the package.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The XML parts whose path is `prefix` and a number or nothing, by that number:
    /// `slide2.xml` before `slide10.xml`.
    pub(super) fn numbered(&self, prefix: &str) -> Vec<String> {
        let number = |name: &str| -> Option<u64> {
            let rest = name.strip_prefix(prefix)?.strip_suffix(".xml")?;
            if rest.is_empty() {
                Some(0)
            } else {
                rest.parse().ok()
            }
        };
        let mut found: Vec<_> = self
            .names
            .iter()
            .filter_map(|name| Some((number(name)?, name.clone())))
            .collect();
        found.sort();
        found.into_iter().map(|(_, name)| name).collect()
    }

    /// A part as a stream of XML events; `None` where there is no such part.
    pub(super) fn open_part(&mut self, name: &str) -> Option<Parts<impl BufRead + '_>> {
        Some(Parts::new(BufReader::new(self.inflate(name)?)))
    }

    /// A part as it is, as far as the limits allow; `None` where there is no such part.
    pub(super) fn bytes(&mut self, name: &str) -> Option<Vec<u8>> {
        Some(self.inflate(name)?.read_all().bytes)
    }

    fn inflate(&mut self, name: &str) -> Option<Metered<impl Read + '_>> {
        let name = if self.names.iter().any(|known| known == name) {
            name.to_owned()
        } else {
            // Some writers disagree with themselves about case.
            self.names
                .iter()
                .find(|known| known.eq_ignore_ascii_case(name))?
                .clone()
        };
        let file = self.archive.by_name(&name).ok()?;
        let packed = file.compressed_size();
        Some(self.budget.meter(file, packed).telling(&self.cut))
    }

    /// The relations of `part`, by their ids.
    pub(super) fn relations(&mut self, part: &str) -> HashMap<String, Relation> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let name = if folder.is_empty() {
            format!("_rels/{file}.rels")
        } else {
            format!("{folder}/_rels/{file}.rels")
        };
        let mut relations = HashMap::new();
        let Some(mut xml) = self.open_part(&name) else {
            return relations;
        };
        while let Some(event) = xml.next() {
            let (Event::Start(tag) | Event::Empty(tag)) = event else {
                continue;
            };
            if tag.local_name().into_inner() != "Relationship" {
                continue;
            }
            let get = |key| attribute(&tag, key).unwrap_or_default();
            let external = get("TargetMode").eq_ignore_ascii_case("external");
            let target = if external {
                get("Target")
            } else {
                resolve(folder, &get("Target"))
            };
            relations.insert(
                get("Id"),
                Relation {
                    target,
                    kind: get("Type"),
                    external,
                },
            );
        }
        relations
    }

    /// Says in the document, where it is so, that a limit was hit while inflating.
    pub(super) fn report(&self, out: &mut Builder) {
        if self.cut.get() {
            out.truncated("a part of the document inflates to more than what is read");
        }
    }

    /// Reads title and language out of the properties of the document.
    pub(super) fn properties(&mut self, out: &mut Builder) {
        let Some(mut xml) = self.open_part("docProps/core.xml") else {
            return;
        };
        let mut properties = Properties::default();
        while let Some(event) = xml.next() {
            properties.event(&event);
        }
        properties.write(out);
    }
}

/// The failure for what is behind a password.
pub(super) fn encrypted() -> Failure {
    Failure::new(
        FailureCode::Encrypted,
        "The document is protected with a password: hand in a copy without one.",
    )
}

/// A failure for a package that breaks its rules.
pub(super) fn damaged(why: &str) -> Failure {
    Failure::new(
        FailureCode::Malformed,
        format!("The document is damaged: {why}."),
    )
}

/// The name of the part that `target` means when it is said in `folder`.
pub(super) fn resolve(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = if target.starts_with('/') {
        Vec::new()
    } else {
        folder.split('/').collect()
    };
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            step => parts.push(step),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn targets_are_resolved_inside_the_package() {
        assert_eq!(
            resolve("ppt/slides", "../notesSlides/n1.xml"),
            "ppt/notesSlides/n1.xml"
        );
        assert_eq!(resolve("word", "/word/header1.xml"), "word/header1.xml");
        assert_eq!(resolve("", "../../../etc/passwd"), "etc/passwd");
    }
}
