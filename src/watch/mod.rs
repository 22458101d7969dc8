//! Pages that tell of reports: feeds and sitemaps → entries, robots.txt → what may be fetched. Enter at [`read`] and
//! [`Robots::read`].
//!
//! Pure: no I/O, no clock. What is read comes from strangers: entities of a DTD are never expanded, depth, size and number are
//! bounded, and a page that breaks off is refused as a whole, so that nobody takes half of it for all.

mod address;
mod draft;
mod feed;
mod moment;
mod page;
mod robots;
#[cfg(test)]
mod tests;

use std::io::Read;

use chrono::{DateTime, Utc};
use flate2::bufread::MultiGzDecoder;

pub use address::{host, key, origin};
pub use robots::Robots;

use crate::document::xml::decode;
use crate::submission::words;

/// Entries of one page: what the protocol of sitemaps allows in one file.
const MAX_ENTRIES: usize = 50_000;
/// Bytes of a page that came packed; the same.
const MAX_BYTES: u64 = 50 << 20;

words! {
    /// How a page tells of reports.
    Form {
        /// RSS 0.9x, 1.0 or 2.0.
        Rss => "rss",
        /// Atom.
        Atom => "atom",
        /// Pages of a site.
        Sitemap => "sitemap",
        /// Sitemaps of a site.
        Index => "sitemapindex",
    }
}

words! {
    /// What became of an entry.
    EntryState {
        /// Will be handed in.
        Waiting => "waiting",
        /// Has a submission.
        Submitted => "submitted",
        /// Stood there before the watch did.
        Skipped => "skipped",
        /// robots.txt was against it.
        Disallowed => "disallowed",
    }
}

/// What a page tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// How.
    pub form: Form,
    /// What it calls itself.
    pub title: Option<String>,
    /// The oldest first, each address once. Of an index: the sitemaps, in the order of the page.
    pub entries: Vec<Entry>,
    /// What was an entry, but without an address that can be fetched.
    pub refused: usize,
}

/// A report that a page tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it is: absolute, in its one spelling, without fragment and without what only counts visitors.
    pub url: String,
    /// What it is called.
    pub title: Option<String>,
    /// When it was published, or else changed.
    pub published_at: Option<DateTime<Utc>>,
}

/// Why a page tells of nothing; the end of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Something else.
    #[error("it is no RSS or Atom feed and no sitemap")]
    Other,
    /// A page for people that names no feed.
    #[error("it is a web page, and names no feed")]
    WebPage,
    /// A page for people that names a feed.
    #[error("it is a web page; the feed that it names is {0}")]
    NamesFeed(String),
    /// Not well-formed, or broken off.
    #[error("it is damaged or breaks off: {0}")]
    Damaged(String),
    /// More than is read.
    #[error("it has more than {MAX_ENTRIES} entries")]
    TooManyEntries,
    /// More than is unpacked.
    #[error("it is larger than {MAX_BYTES} bytes")]
    TooLarge,
}

/// Reads the page that was fetched from `url`, packed by gzip or not. Entries whose path does not begin with `only` are as
/// if they were not there.
///
/// # Errors
/// Where it tells of nothing, or not all of it can be read.
pub fn read(bytes: &[u8], url: &str, only: Option<&str>) -> Result<Page, Unreadable> {
    let base = url::Url::parse(url).map_err(|_| Unreadable::Other)?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return feed::read(&decode(bytes), base, only);
    }
    let mut plain = Vec::new();
    MultiGzDecoder::new(bytes)
        .take(MAX_BYTES + 1)
        .read_to_end(&mut plain)
        .map_err(|error| Unreadable::Damaged(error.to_string()))?;
    if plain.len() as u64 > MAX_BYTES {
        return Err(Unreadable::TooLarge);
    }
    feed::read(&decode(&plain), base, only)
}
