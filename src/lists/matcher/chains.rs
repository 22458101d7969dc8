//! Which lists hold an entry, shared by all entries that the same lists hold. Enter at [`Growing::add`].
//!
//! A chain is the lists of an entry, the last one first; it points to the chain without its last. Millions of
//! entries have few hundred chains between them.

use std::collections::HashMap;

use crate::indicator::Kind;
use crate::lists::Kinds;
use crate::lists::kinds::{code, kind};

/// A chain; 0 is that of no list.
pub(super) type Chain = u32;

/// How the entry of one list matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Reach {
    /// The whole value.
    Exact,
    /// What it is, and what is below or within it.
    Below,
    /// Not the host itself, but something on it is listed.
    Host,
}

/// One list of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Tag {
    pub(super) list: u16,
    pub(super) reach: Reach,
    kind: u8,
}

const ANY: u8 = u8::MAX;

impl Tag {
    pub(super) fn new(list: u16, reach: Reach, kind: Option<Kind>) -> Self {
        let kind = kind.map_or(ANY, code);
        Self { list, reach, kind }
    }

    /// The only kind that it is about.
    pub(super) fn kind(self) -> Option<Kind> {
        kind(self.kind)
    }

    /// Whether it is about one of `kinds`, where `all` are those of its list.
    pub(super) fn is_about(self, kinds: Kinds, all: Kinds) -> bool {
        match self.kind {
            ANY => all.meets(kinds),
            kind => kinds.has(kind),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Link {
    tag: Tag,
    before: Chain,
}

/// Chains while entries come in, list by list.
#[derive(Debug, Default)]
pub(super) struct Growing {
    chains: Chains,
    known: HashMap<(Chain, Tag), Chain>,
}

/// Every chain.
#[derive(Debug, Default)]
pub(super) struct Chains(Vec<Link>);

impl Growing {
    /// The chain of `chain` and `tag`.
    pub(super) fn add(&mut self, chain: Chain, tag: Tag) -> Chain {
        // A list that repeats itself makes no chain longer: its tags stand together at the end.
        let own = self
            .chains
            .tags(chain)
            .take_while(|known| known.list == tag.list);
        if own.into_iter().any(|known| known == tag) {
            return chain;
        }
        *self.known.entry((chain, tag)).or_insert_with(|| {
            self.chains.0.push(Link { tag, before: chain });
            self.chains.0.len() as Chain
        })
    }

    pub(super) fn finish(mut self) -> Chains {
        self.chains.0.shrink_to_fit();
        self.chains
    }
}

impl Chains {
    pub(super) fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<Link>()
    }

    /// The lists of `chain`, the last one first.
    pub(super) fn tags(&self, chain: Chain) -> impl Iterator<Item = Tag> {
        let link = |chain: Chain| self.0.get((chain as usize).wrapping_sub(1));
        std::iter::successors(link(chain), move |known| link(known.before)).map(|link| link.tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_lists_make_the_same_chain() {
        let mut growing = Growing::default();
        let tag = |list| Tag::new(list, Reach::Exact, None);
        let first = growing.add(0, tag(1));
        let both = growing.add(first, tag(2));
        assert_eq!(growing.add(0, tag(1)), first);
        assert_eq!(growing.add(first, tag(2)), both);
        assert_eq!(growing.add(both, tag(2)), both);
        let chains = growing.finish();
        assert_eq!(chains.0.len(), 2);
        let lists: Vec<_> = chains.tags(both).map(|tag| tag.list).collect();
        assert_eq!(lists, [2, 1]);
        assert_eq!(chains.tags(0).count(), 0);
    }

    #[test]
    fn a_list_that_repeats_itself_makes_no_chain_longer() {
        let mut growing = Growing::default();
        let mut chain = 0;
        for _ in 0..1_000 {
            for reach in [Reach::Exact, Reach::Below, Reach::Host] {
                chain = growing.add(chain, Tag::new(1, reach, None));
            }
        }
        assert_eq!(growing.finish().tags(chain).count(), 3);
    }
}
