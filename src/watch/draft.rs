//! An entry that is being read. It may say several times where it is and when it was: the surest counts.

use super::{Entry, moment};

/// Characters of a title that are kept.
const MAX_TITLE: usize = 300;

#[derive(Default)]
pub(super) struct Draft {
    pub(super) title: Option<String>,
    url: Option<(u8, String)>,
    published: Option<(u8, String)>,
}

impl Draft {
    /// An address, where there is one; the first of the highest rank stays.
    pub(super) fn offer(&mut self, rank: u8, url: Option<String>) {
        if let Some(url) = url {
            keep(&mut self.url, rank, url);
        }
    }

    /// A moment as it is written, in the same way.
    pub(super) fn date(&mut self, rank: u8, text: &str) {
        keep(&mut self.published, rank, text.to_owned());
    }

    /// The entry; `None` where it has no address that can be fetched.
    pub(super) fn finish(self) -> Option<Entry> {
        let (_, url) = self.url?;
        Some(Entry {
            url,
            title: self.title,
            published_at: self.published.and_then(|(_, text)| moment::read(&text)),
        })
    }
}

fn keep(kept: &mut Option<(u8, String)>, rank: u8, value: String) {
    if kept.as_ref().is_none_or(|(best, _)| rank > *best) {
        *kept = Some((rank, value));
    }
}

/// A title in one line; `None` where it says nothing.
pub(super) fn title(text: &str) -> Option<String> {
    let words: Vec<_> = text.split_whitespace().collect();
    let line: String = words.join(" ").chars().take(MAX_TITLE).collect();
    let line = line.replace('\0', "\u{fffd}");
    (!line.is_empty()).then_some(line)
}
