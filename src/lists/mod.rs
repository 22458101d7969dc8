//! Lists of what is known of indicators: formats → matcher → hits. Enter at [`read`] for the bytes of a list, at
//! [`Builder`] for the matcher of many lists, at [`Matcher::look_up`] for a value, at [`judge`] for what a hit means.
//!
//! Pure: no I/O, no clock. Who fetches lists keeps an old version when a new one is not [`Unreadable`] alone but
//! also when it has [`shrunk`]. Lists come from strangers, and their terms are their own: none is shipped but
//! [`builtin`], which is ours.
//!
//! ```
//! use iocsift::indicator::Kind;
//! use iocsift::lists::{Builder, Columns, How, List, ListFormat, ListKind, read};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let bytes = b"# seen today\nbad.example.net\n8.8.4.0/24\n";
//! let contents = read(ListFormat::Lines, &Columns::default(), bytes)?;
//!
//! let mut builder = Builder::default();
//! builder.add(List::new("seen-today", ListKind::ThreatIntel), &contents.entries)?;
//! let matcher = builder.build()?;
//!
//! let hits = matcher.look_up(Kind::Domain, "www.bad.example.net");
//! assert_eq!(hits[0].list.slug, "seen-today");
//! assert_eq!(hits[0].matches[0].how, How::Parent("bad.example.net"));
//! assert!(matcher.look_up(Kind::Domain, "notbad.example.net").is_empty());
//! # Ok(())
//! # }
//! ```

mod accept;
pub(crate) mod builtin;
mod classify;
mod entry;
mod format;
mod hit;
mod judge;
mod kinds;
mod list;
mod matcher;
mod normal;
mod standing;

pub use accept::{Unacceptable, accept};
pub use builtin::builtin;
pub use classify::recognise;
pub use entry::{Entries, Entry, Refusal, Rule};
pub use format::{
    About, Column, Columns, Contents, FORMATS, Feed, FeedEvent, ListFormat, ListFormatRow, Pages,
    Refused, UnknownListFormat, Unreadable, manifest, read,
};
pub use hit::{Hit, How, Match, Part};
pub use judge::{Bearing, Suspect, excuse, judge};
pub use kinds::Kinds;
pub use list::{List, ListKind, UnknownListKind};
pub use matcher::{Builder, Matcher, Overfull};
pub use standing::Standing;

/// Whether a list that had `before` entries and now has `now` lost more than half of them: more likely an accident
/// of its source than the truth.
#[must_use]
pub fn shrunk(before: usize, now: usize) -> bool {
    now < before.div_ceil(2)
}

#[cfg(test)]
mod tests {
    use super::shrunk;

    #[test]
    fn a_list_has_shrunk_when_less_than_half_is_left() {
        assert!(shrunk(10, 4) && shrunk(3, 1) && shrunk(1, 0));
        assert!(!shrunk(10, 5) && !shrunk(3, 2) && !shrunk(0, 0) && !shrunk(0, 9));
    }
}
