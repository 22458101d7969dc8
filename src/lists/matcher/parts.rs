//! Entries that match by what a value contains: substrings and regular expressions. Enter at [`Parts::within`].

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex::Regex;

use super::Overfull;
use super::chains::{Chain, Growing, Tag};
use crate::lists::entry::compile;

/// Longest value that is searched, in bytes; longer ones are compared whole.
const LONGEST: usize = 8_192;
/// Occurrences that are looked at: entries within entries can have very many in one value.
const MOST: usize = 1_000;

/// Entries while they come in.
#[derive(Debug, Default)]
pub(super) struct Heap {
    substrings: HashMap<Box<str>, usize>,
    chains: Vec<Chain>,
    regexes: Vec<(Tag, Box<str>)>,
}

/// Entries ready to be searched for.
#[derive(Debug, Default)]
pub(super) struct Parts {
    substrings: Option<AhoCorasick>,
    /// In the order of the automaton's patterns.
    texts: Vec<(Box<str>, Chain)>,
    regexes: Vec<(Tag, Box<str>, Regex)>,
}

impl Heap {
    pub(super) fn add_substring(&mut self, text: &str, tag: Tag, chains: &mut Growing) {
        let index = match self.substrings.get(text) {
            Some(index) => *index,
            None => {
                let index = self.chains.len();
                self.substrings.insert(text.into(), index);
                self.chains.push(0);
                index
            }
        };
        self.chains[index] = chains.add(self.chains[index], tag);
    }

    pub(super) fn add_regex(&mut self, text: &str, tag: Tag) {
        self.regexes.push((tag, text.into()));
    }

    pub(super) fn finish(self) -> Result<Parts, Overfull> {
        let mut numbered: Vec<_> = self.substrings.into_iter().collect();
        numbered.sort_by_key(|(_, index)| *index);
        let texts: Vec<_> = numbered
            .into_iter()
            .map(|(text, index)| (text, self.chains[index]))
            .collect();
        let substrings = match texts.is_empty() {
            true => None,
            false => Some(automaton(&texts)?),
        };
        let regexes = self
            .regexes
            .into_iter()
            // It compiled when it was taken in.
            .filter_map(|(tag, text)| compile(&text).ok().map(|regex| (tag, text, regex)))
            .collect();
        Ok(Parts {
            substrings,
            texts,
            regexes,
        })
    }
}

/// Not the table of all states and bytes: that takes a hundred times the memory of the entries.
fn automaton(texts: &[(Box<str>, Chain)]) -> Result<AhoCorasick, Overfull> {
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::ContiguousNFA))
        .match_kind(MatchKind::Standard)
        .build(texts.iter().map(|(text, _)| text.as_bytes()))
        .map_err(|_| Overfull)
}

impl Parts {
    /// The substrings within `value`, which is in its normal form, each with the lists that hold it. One may come
    /// several times.
    pub(super) fn within(&self, value: &str) -> impl Iterator<Item = (Chain, &str)> {
        let value = if value.len() > LONGEST { "" } else { value };
        self.substrings
            .iter()
            .flat_map(move |automaton| automaton.find_overlapping_iter(value))
            .take(MOST)
            .filter_map(|found| self.texts.get(found.pattern().as_usize()))
            .map(|(text, chain)| (*chain, text.as_ref()))
    }

    /// The regular expressions that match `value` as it is written; `asked` says which lists are asked.
    pub(super) fn matching(
        &self,
        value: &str,
        asked: impl Fn(Tag) -> bool,
    ) -> impl Iterator<Item = (Tag, &str)> {
        let short = value.len() <= LONGEST;
        self.regexes
            .iter()
            .filter(move |(tag, _, regex)| short && asked(*tag) && regex.is_match(value))
            .map(|(tag, text, _)| (*tag, text.as_ref()))
    }

    pub(super) fn bytes(&self) -> usize {
        self.substrings
            .as_ref()
            .map_or(0, AhoCorasick::memory_usage)
            + self
                .texts
                .iter()
                .map(|(text, _)| text.len() + size_of::<(Box<str>, Chain)>())
                .sum::<usize>()
    }
}
