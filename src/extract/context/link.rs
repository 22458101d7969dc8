//! What a document says of the target of a link. Enter at [`of`].
//!
//! Readers write a target below the block with the words that lead there: those words are its context,
//! and its name where they lead nowhere else. Pages know their links apart from their words: there the
//! target stands alone.

use std::ops::Range;

use super::description::{LONGEST, clean};
use super::{markup, phrase};
use crate::document::{BlockKind, Place};
use crate::extract::candidate::Text;

/// Targets of one block that are passed on the way to it.
const TARGETS: usize = 64;
/// Longest part of the words that is shown, in bytes.
const SHOWN: usize = 300;

/// A target and the block with the words that lead to it.
pub(super) struct Link {
    target: Range<usize>,
    words: Range<usize>,
    /// Whether the words lead to this target alone.
    alone: bool,
}

/// The link whose target holds `span`; `None` where it is none, or no words lead to it.
pub(super) fn of(text: &Text<'_>, span: &Range<usize>) -> Option<Link> {
    let own = text
        .block_at(span.start)
        .filter(|block| block.kind == BlockKind::Link)?;
    if matches!(text.place_at(span.start), Some(Place::Page(_))) {
        return None;
    }
    let blocks = &text.document().blocks;
    let at = blocks.partition_point(|block| block.span.start < own.span.start);
    let above = (at.saturating_sub(TARGETS)..at)
        .rev()
        .find(|index| blocks[*index].kind != BlockKind::Link)?;
    let words = &blocks[above];
    let last = blocks
        .get(at + 1)
        .is_none_or(|next| next.kind != BlockKind::Link);
    (words.place == own.place && !matches!(words.kind, BlockKind::Code)).then(|| Link {
        target: own.span.clone(),
        words: words.span.clone(),
        alone: above + 1 == at && last,
    })
}

impl Link {
    /// The words and the target behind them.
    pub(super) fn context(&self, whole: &str, span: &Range<usize>) -> String {
        let target = &whole[self.target.start.min(span.start)..self.target.end.max(span.end)];
        let words = self.words(whole);
        if words.contains(target) {
            return words;
        }
        format!("{words} ({target})")
    }

    /// What the words call the target, where they lead to it alone.
    pub(super) fn description(&self, whole: &str) -> Option<String> {
        let words = self.words(whole);
        let said = clean(&words);
        (self.alone && said.len() > 1 && said.len() <= LONGEST && phrase::is_words(said))
            .then(|| said.to_owned())
    }

    fn words(&self, whole: &str) -> String {
        let all = &whole[self.words.clone()];
        let shown = &all[..all.floor_char_boundary(SHOWN)];
        let (plain, _) = markup::plain(shown, 0..0);
        let mut words = plain.split_whitespace().collect::<Vec<_>>();
        let cut = shown.len() < all.len();
        if cut {
            words.pop();
        }
        words.join(" ") + if cut { "…" } else { "" }
    }
}

#[cfg(test)]
mod tests {
    use crate::document::{Limits, read};
    use crate::extract::scan;

    fn said(html: &str, value: &str) -> (String, Option<String>) {
        let (_, document) = read(html.as_bytes(), Some("a.html"), &Limits::default()).unwrap();
        let finding = scan(&document)
            .into_iter()
            .find(|finding| finding.value == value)
            .unwrap();
        (finding.context, finding.description)
    }

    #[test]
    fn a_link_in_a_list_is_named_by_its_words() {
        let page = "<html><body><ul><li><a href='http://a.net/x'>Report on the loader</a></li>\
                    <li><a href='http://b.net/y'>Its panel</a></li></ul></body></html>";
        assert_eq!(
            said(page, "http://b.net/y"),
            (
                "Its panel (http://b.net/y)".to_owned(),
                Some("Its panel".to_owned())
            )
        );
    }

    #[test]
    fn of_several_links_in_one_paragraph_none_is_named_and_all_have_a_context() {
        let page = "<html><body><p>Told by <a href='http://a.net/x'>one</a> and <a href='http://b.net/y'>two</a>.</p></body></html>";
        let (context, description) = said(page, "http://a.net/x");
        assert_eq!(context, "Told by one and two. (http://a.net/x)");
        assert_eq!(description, None);
    }
}
