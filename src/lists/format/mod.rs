//! Bytes of a list → its entries. Enter at [`read`]; [`FORMATS`] is the one table of what can be read.
//!
//! Lists come from strangers: a format file takes time linear in the bytes and memory of their size, and answers
//! with entries or with words, never with a panic. A page of HTML that came instead of a list is refused whole.

mod allowlist;
mod attribute;
mod csv;
mod feed;
mod header;
mod json;
mod kev;
mod lines;
mod misp;
mod ndjson;
mod netset;
mod pattern;
mod stix;
mod taxii;
mod warninglist;

#[cfg(test)]
mod hostile;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Kinds;
use super::entry::{Entries, Refusal};
pub use csv::{Column, Columns};
pub use feed::Feed;
pub use misp::{FeedEvent, manifest};
pub use taxii::Pages;

/// How a list is written. A row of [`FORMATS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ListFormat {
    /// A MISP warninglist.
    Warninglist,
    /// One value a line.
    Lines,
    /// One address or network a line, below a header of comments.
    Netset,
    /// A table.
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// CISA's catalogue of known exploited vulnerabilities.
    Kev,
    /// A MISP event.
    Misp,
    /// A STIX bundle, or a TAXII envelope.
    Stix,
    /// What an operator trusts.
    Allowlist,
    /// A MISP feed: a manifest, and a file for each event.
    MispFeed,
    /// A collection of a TAXII server, in pages.
    Taxii,
}

/// One row of [`FORMATS`].
#[derive(Debug)]
pub struct ListFormatRow {
    /// What it is.
    pub format: ListFormat,
    /// The stable word for it.
    pub name: &'static str,
    /// What it is, for people.
    pub title: &'static str,
    read: fn(&str, &Columns, &mut Draft) -> Result<(), Unreadable>,
}

/// Everything that can be read, in the order of [`ListFormat`].
pub const FORMATS: &[ListFormatRow] = &[
    ListFormatRow {
        format: ListFormat::Warninglist,
        name: "misp-warninglist",
        title: "MISP warninglist (JSON)",
        read: warninglist::read,
    },
    ListFormatRow {
        format: ListFormat::Lines,
        name: "txt",
        title: "plain text, one value a line",
        read: lines::read,
    },
    ListFormatRow {
        format: ListFormat::Netset,
        name: "netset",
        title: "netset or ipset, one network a line",
        read: netset::read,
    },
    ListFormatRow {
        format: ListFormat::Csv,
        name: "csv",
        title: "CSV, with the column of the values",
        read: csv::read,
    },
    ListFormatRow {
        format: ListFormat::Ndjson,
        name: "ndjson",
        title: "one JSON object a line (Spamhaus DROP, ASN-DROP)",
        read: ndjson::read,
    },
    ListFormatRow {
        format: ListFormat::Kev,
        name: "cisa-kev",
        title: "CISA known exploited vulnerabilities (JSON)",
        read: kev::read,
    },
    ListFormatRow {
        format: ListFormat::Misp,
        name: "misp-event",
        title: "MISP event, as feeds hold them (JSON)",
        read: misp::read,
    },
    ListFormatRow {
        format: ListFormat::Stix,
        name: "stix",
        title: "STIX 2.1 bundle or TAXII 2.1 envelope",
        read: stix::read,
    },
    ListFormatRow {
        format: ListFormat::Allowlist,
        name: "allowlist",
        title: "an allowlist: value, domain suffix or network, and the kinds it is for",
        read: allowlist::read,
    },
    ListFormatRow {
        format: ListFormat::MispFeed,
        name: "misp-feed",
        title: "MISP feed, the events of its manifest (JSON)",
        read: feed::read,
    },
    ListFormatRow {
        format: ListFormat::Taxii,
        name: "taxii",
        title: "TAXII 2.1 collection, all its pages",
        read: stix::read,
    },
];

impl ListFormat {
    /// Its row of [`FORMATS`].
    #[must_use]
    pub const fn row(self) -> &'static ListFormatRow {
        &FORMATS[self as usize]
    }
}

impl fmt::Display for ListFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row().name)
    }
}

/// A word that names no [`ListFormat`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown list format {0:?}")]
pub struct UnknownListFormat(pub String);

impl FromStr for ListFormat {
    type Err = UnknownListFormat;
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let row = FORMATS.iter().find(|row| row.name == name);
        row.map(|row| row.format)
            .ok_or_else(|| UnknownListFormat(name.to_owned()))
    }
}

/// What a list holds and what it says of itself.
#[derive(Debug, Clone, Default)]
pub struct Contents {
    /// What it says of itself.
    pub about: About,
    /// Its entries, in its order.
    pub entries: Entries,
    /// What was not taken.
    pub refused: Refused,
    /// Events that its source has beyond those that are wanted.
    pub left_out: usize,
}

/// What a list says of itself; whoever loads it may say otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// For people.
    pub name: Option<String>,
    /// A sentence or two.
    pub description: Option<String>,
    /// As the list writes it.
    pub version: Option<String>,
    /// In its own word.
    pub category: Option<String>,
    /// The kinds that it speaks of.
    pub kinds: Kinds,
}

/// Entries of a list that were not taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refused {
    /// How many.
    pub count: usize,
    /// The first, cut to 80 characters, and why.
    pub first: Option<(String, Refusal)>,
}

/// Why bytes are no list of the format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is not JSON.
    #[error("it is not sound JSON: {0}")]
    Json(String),
    /// It is JSON of something else.
    #[error("{0} is missing: it is something else")]
    Missing(&'static str),
    /// A way of matching that is not known.
    #[error("its entries match by {0:?}, which is unknown")]
    Rule(String),
    /// No such column.
    #[error("it has no column {0:?}")]
    Column(String),
    /// A quote that stays open.
    #[error("the quote that opens in line {0} is never closed")]
    Quote(usize),
    /// More was refused than taken.
    #[error("{count} of {of} entries cannot be used, first {first:?}: {reason}")]
    Alien {
        /// How many were refused.
        count: usize,
        /// How many there are.
        of: usize,
        /// The first that was.
        first: String,
        /// Why.
        reason: Refusal,
    },
}

/// What a reader fills.
#[derive(Debug, Default)]
struct Draft {
    contents: Contents,
}

impl Draft {
    /// Takes an entry, or counts why not.
    fn take(&mut self, text: &str, add: impl FnOnce(&mut Entries, &str) -> Result<(), Refusal>) {
        const SHOWN: usize = 80;
        let Err(refusal) = add(&mut self.contents.entries, text) else {
            return;
        };
        let refused = &mut self.contents.refused;
        refused.count += 1;
        refused
            .first
            .get_or_insert_with(|| (text.chars().take(SHOWN).collect(), refusal));
    }
}

/// Reads `bytes` as a list of `format`. `columns` says where CSV and NDJSON have their values.
///
/// # Errors
/// Why they are no such list, in words that may be shown.
pub fn read(format: ListFormat, columns: &Columns, bytes: &[u8]) -> Result<Contents, Unreadable> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // Comments may be in any charset; indicators are not.
    let text = String::from_utf8_lossy(bytes);
    let mut draft = Draft::default();
    (format.row().read)(&text, columns, &mut draft)?;
    let Contents {
        entries, refused, ..
    } = &draft.contents;
    match &refused.first {
        Some((first, reason)) if refused.count > entries.len() => Err(Unreadable::Alien {
            count: refused.count,
            of: refused.count + entries.len(),
            first: first.clone(),
            reason: *reason,
        }),
        _ => Ok(draft.contents),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_its_row_and_its_name() {
        for (index, row) in FORMATS.iter().enumerate() {
            assert_eq!(row.format as usize, index);
            assert_eq!(row.name.parse(), Ok(row.format));
        }
        assert!("xml".parse::<ListFormat>().is_err());
    }

    #[test]
    fn a_page_that_came_instead_of_a_list_is_refused_by_every_format() {
        let page = "<!DOCTYPE html>\n<html>\n<head><title>Sign in</title></head>\n<body>Please sign in</body>\n</html>\n";
        for row in FORMATS {
            let read = read(row.format, &Columns::default(), page.as_bytes());
            assert!(read.is_err(), "{}: {read:?}", row.name);
        }
    }

    #[test]
    fn what_was_refused_is_counted_and_the_first_is_shown() {
        let text = "a.example\nno indicator\nb.example\n";
        let read = read(ListFormat::Lines, &Columns::default(), text.as_bytes()).unwrap();
        assert_eq!(read.entries.len(), 2);
        assert_eq!(read.refused.count, 1);
        assert_eq!(
            read.refused.first,
            Some(("no indicator".to_owned(), Refusal::Unknown))
        );
    }
}
