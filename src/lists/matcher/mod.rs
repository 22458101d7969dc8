//! Many lists as one thing to be asked. Enter at [`Builder::add`], then [`Matcher::look_up`].
//!
//! Built off-line and never changed: whoever serves swaps it whole. A look-up costs a probe for the value and for
//! each domain above it, a search among sorted networks, or a pass over the value; it takes no lock and waits for
//! nothing. Memory is some thirteen bytes an entry besides its text, and what several lists hold stands once.

mod asked;
mod blocks;
mod chains;
mod names;
mod parts;

#[cfg(test)]
mod tests;

use std::net::IpAddr;

use super::entry::{Entries, Entry, Rule};
use super::hit::{Hit, How, Match, Part};
use super::{List, ListKind, builtin, normal};
use crate::indicator::Kind;
use crate::network::Network;
use asked::{Asked, Side, Subject};
use blocks::Blocks;
use chains::{Chain, Chains, Growing, Reach, Tag};
use names::Names;
use normal::Host;
use parts::Parts;

/// The lists, ready to be asked.
#[derive(Debug, Default)]
pub struct Matcher {
    lists: Vec<List>,
    chains: Chains,
    names: Names,
    v4: Blocks,
    v6: Blocks,
    parts: Parts,
}

/// A matcher that is being made.
#[derive(Debug, Default)]
pub struct Builder {
    lists: Vec<List>,
    chains: Growing,
    names: Names,
    v4: blocks::Heap,
    v6: blocks::Heap,
    parts: parts::Heap,
}

/// Four gigabytes of entries, or 65,536 lists: more than there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the lists hold more than can be looked up")]
pub struct Overfull;

impl Builder {
    /// Adds `list` with what it holds.
    ///
    /// # Errors
    /// There is no room for it; the matcher is not to be used then.
    pub fn add(&mut self, list: List, entries: &Entries) -> Result<(), Overfull> {
        let number = u16::try_from(self.lists.len()).map_err(|_| Overfull)?;
        for entry in entries.iter() {
            // Some lists are about phone numbers and the like: nobody can ask for them.
            let asked = entry.kind.map_or(list.kinds != super::Kinds::NONE, |kind| {
                list.kinds.contains(kind)
            });
            if asked {
                self.enter(number, list.kind, entry)?;
            }
        }
        self.lists.push(list);
        Ok(())
    }

    fn enter(&mut self, list: u16, kind: ListKind, entry: Entry<'_>) -> Result<(), Overfull> {
        let tag = |reach| Tag::new(list, reach, entry.kind);
        match entry.rule {
            Rule::Exact => {
                self.name(entry.value, tag(Reach::Exact))?;
                if kind != ListKind::Allowlist {
                    self.host(kind, entry, tag(Reach::Host))?;
                }
            }
            Rule::Name => self.name(entry.value, tag(Reach::Below))?,
            Rule::Network => {
                if let Ok(network) = entry.value.parse() {
                    self.network(kind, network, tag(Reach::Below));
                }
            }
            Rule::Substring => {
                self.parts
                    .add_substring(entry.value, tag(Reach::Exact), &mut self.chains);
            }
            Rule::Regex => self.parts.add_regex(entry.value, tag(Reach::Exact)),
        }
        Ok(())
    }

    fn name(&mut self, text: &str, tag: Tag) -> Result<(), Overfull> {
        let chains = &mut self.chains;
        self.names
            .change(text.as_bytes(), |chain| chains.add(chain, tag))
    }

    fn network(&mut self, kind: ListKind, network: Network, tag: Tag) {
        // Feeds hold private and reserved ranges by accident or as bogons: those accuse nobody.
        if kind == ListKind::ThreatIntel && builtin::is_reserved(network) {
            return;
        }
        match network.base() {
            IpAddr::V4(_) => self.v4.add(network, tag),
            IpAddr::V6(_) => self.v6.add(network, tag),
        }
    }

    /// Enters the host on which `entry` is.
    fn host(&mut self, kind: ListKind, entry: Entry<'_>, tag: Tag) -> Result<(), Overfull> {
        let host = match entry.kind {
            Some(Kind::Url) => normal::host_of_url(entry.value),
            Some(Kind::IpPort) => {
                normal::with_port(entry.value).map(|(address, _)| Host::Address(address))
            }
            _ => None,
        };
        match host {
            Some(Host::Name(name)) => self.name(&name, tag)?,
            Some(Host::Address(address)) => self.network(kind, Network::of(address), tag),
            None => {}
        }
        Ok(())
    }

    /// The matcher of the lists so far.
    ///
    /// # Errors
    /// There are more substrings than can be searched for.
    pub fn build(mut self) -> Result<Matcher, Overfull> {
        self.names.shrink();
        Ok(Matcher {
            v4: self.v4.finish(32, &mut self.chains),
            v6: self.v6.finish(128, &mut self.chains),
            parts: self.parts.finish()?,
            chains: self.chains.finish(),
            names: self.names,
            lists: self.lists,
        })
    }
}

/// What was found, by the number of the list.
type Found<'m> = Vec<(u16, Match<'m>)>;

impl Matcher {
    /// The lists, in the order in which they were added.
    #[must_use]
    pub fn lists(&self) -> &[List] {
        &self.lists
    }

    /// Bytes on the heap, but for the lists' own descriptions and the expressions.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.names.bytes()
            + self.v4.bytes()
            + self.v6.bytes()
            + self.parts.bytes()
            + self.chains.bytes()
    }

    /// The lists that know `value`, in the order in which they were added.
    ///
    /// A value is what [`Kind`] says, in any case, with or without the dot of the root, in Unicode or punycode; a
    /// range of addresses is known to a list that holds all of it.
    #[must_use]
    pub fn look_up(&self, kind: Kind, value: &str) -> Vec<Hit<'_>> {
        let asked = Asked::new(kind, value);
        let mut found = Found::new();
        match &asked.subject {
            Subject::Name => self.name(&asked.value, asked.whole, &mut found),
            Subject::Span(first, last) => {
                self.exact(&asked.value, asked.whole, &mut found);
                self.span(*first, *last, asked.whole, &mut found);
            }
            Subject::Host(host, side) => {
                self.exact(&asked.value, asked.whole, &mut found);
                match host {
                    Host::Name(name) => {
                        self.name(name, *side, &mut found);
                        // Those that speak of the whole are asked for it below.
                        let asked =
                            |tag| self.is_asked(tag, *side) && !self.is_asked(tag, asked.whole);
                        self.parts(name, name, *side, asked, &mut found);
                    }
                    Host::Address(address) => {
                        self.exact(&address.to_string(), *side, &mut found);
                        self.span(*address, *address, *side, &mut found);
                    }
                }
            }
            Subject::Value => self.exact(&asked.value, asked.whole, &mut found),
        }
        let whole = |tag| self.is_asked(tag, asked.whole);
        self.parts(&asked.value, value.trim(), asked.whole, whole, &mut found);
        found.sort();
        found.dedup();
        self.hits(found)
    }

    fn hits<'m>(&'m self, found: Found<'m>) -> Vec<Hit<'m>> {
        let mut hits = Vec::new();
        let mut last = None;
        for (number, matched) in found {
            if last.replace(number) != Some(number) {
                hits.push(Hit {
                    list: &self.lists[usize::from(number)],
                    matches: Vec::new(),
                });
            }
            if let Some(hit) = hits.last_mut() {
                hit.matches.push(matched);
            }
        }
        hits
    }

    fn exact<'m>(&'m self, value: &str, side: Side, found: &mut Found<'m>) {
        if let Some((chain, _)) = self.names.get(value.as_bytes()) {
            self.tell(chain, side, found, |reach| {
                (reach != Reach::Host).then_some(How::Exact)
            });
        }
    }

    fn name<'m>(&'m self, name: &str, side: Side, found: &mut Found<'m>) {
        if let Some((chain, _)) = self.names.get(name.as_bytes()) {
            self.tell(chain, side, found, |reach| at(reach, side, How::Exact));
        }
        for (dot, _) in name.match_indices('.') {
            let above = &name[dot + 1..];
            if let Some((chain, above)) = self.names.get(above.as_bytes()) {
                self.tell(chain, side, found, |reach| {
                    (reach == Reach::Below).then_some(How::Parent(above))
                });
            }
        }
    }

    fn span<'m>(&'m self, first: IpAddr, last: IpAddr, side: Side, found: &mut Found<'m>) {
        let blocks = match first {
            IpAddr::V4(_) => &self.v4,
            IpAddr::V6(_) => &self.v6,
        };
        for block in blocks.holding(blocks::bits(first), blocks::bits(last)) {
            let network = block.network(first);
            let how = match network.is_single() {
                true => How::Exact,
                false => How::Network(network),
            };
            self.tell(block.chain, side, found, |reach| at(reach, side, how));
        }
    }

    /// What contains an entry: `normal` is searched for substrings, `written` for expressions.
    fn parts<'m>(
        &'m self,
        normal: &str,
        written: &str,
        side: Side,
        asked: impl Fn(Tag) -> bool,
        found: &mut Found<'m>,
    ) {
        for (chain, text) in self.parts.within(normal) {
            let tags = self.chains.tags(chain).filter(|tag| asked(*tag));
            found.extend(tags.map(|tag| (tag.list, matched(tag, side, How::Substring(text)))));
        }
        for (tag, text) in self.parts.matching(written, &asked) {
            found.push((tag.list, matched(tag, side, How::Regex(text))));
        }
    }

    /// Adds the lists of `chain` that speak of what is asked, where `how` says how they match.
    fn tell<'m>(
        &'m self,
        chain: Chain,
        side: Side,
        found: &mut Found<'m>,
        how: impl Fn(Reach) -> Option<How<'m>>,
    ) {
        for tag in self.chains.tags(chain) {
            // That something on a host is listed, no kind of the host says.
            if tag.reach == Reach::Host || self.is_asked(tag, side) {
                found.extend(how(tag.reach).map(|how| (tag.list, matched(tag, side, how))));
            }
        }
    }

    fn is_asked(&self, tag: Tag, side: Side) -> bool {
        let list = &self.lists[usize::from(tag.list)];
        tag.is_about(side.kinds, list.kinds)
    }
}

/// How an entry matches the very thing that it lists.
fn at<'m>(reach: Reach, side: Side, how: How<'m>) -> Option<How<'m>> {
    match (reach, side.part) {
        (Reach::Exact | Reach::Below, _) => Some(how),
        (Reach::Host, Part::Whole) => Some(How::Listed),
        // Of another page or port on the host nothing is known.
        (Reach::Host, Part::Host) => None,
    }
}

fn matched<'m>(tag: Tag, side: Side, how: How<'m>) -> Match<'m> {
    Match {
        part: side.part,
        how,
        kind: tag.kind(),
    }
}
