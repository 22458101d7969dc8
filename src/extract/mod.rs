//! Text → findings. Enter at [`scan`].
//!
//! The text is cut into words once; words that can hold no indicator are dropped at once. Scanners
//! read the rest and propose [`Candidate`]s, overlaps are settled, equal values are counted as one, and
//! what the document says around a value becomes its context. [`RULES`] lists every kind.
//!
//! No I/O, no clock, no panic, and linear time on any input: a scanner looks a constant distance
//! around a place, or reads on from where it stopped.

mod artifact;
mod benign;
mod candidate;
#[cfg(test)]
mod cases;
mod command;
mod confidence;
mod context;
mod hash;
mod lexicon;
mod network;
mod refang;
mod reference;
mod resolve;
mod rules;
mod section;
mod summary;
mod token;

use std::collections::HashMap;

use crate::document::{Document, Place};
use crate::indicator::{Evidence, Finding, Kind, Location};

use candidate::{Candidate, Text};
use confidence::{Standings, Witness};
pub use rules::{RULES, Rule};

/// Distinct findings kept of one document. A text with more is no report; the rest is dropped.
pub const MOST_FINDINGS: usize = 200_000;
/// Candidates kept of one document, repeats included: it bounds memory on hostile texts.
const MOST_CANDIDATES: usize = 1_000_000;

/// Finds every indicator in `document`, distinct by (kind, value), in order of first appearance.
///
/// At most [`MOST_FINDINGS`] come back.
#[must_use]
pub fn scan(document: &Document) -> Vec<Finding> {
    let text = Text::new(document);
    let mut found = Vec::new();
    for (index, rule) in RULES.iter().enumerate() {
        if RULES[..index]
            .iter()
            .all(|earlier| earlier.scanner != rule.scanner)
        {
            rule.scanner.run(&text, &mut found);
            found.truncate(MOST_CANDIDATES);
        }
    }
    findings(&text, &resolve::resolve(found))
}

/// A few sentences of `document` that say what it is about; `None` where it has no prose.
#[must_use]
pub fn summary(document: &Document) -> Option<String> {
    summary::summary(document)
}

/// What stands of one value over the whole document.
struct Sightings {
    /// Index of the first candidate.
    first: usize,
    occurrences: u32,
    defanged: bool,
    standings: Standings,
}

fn findings(text: &Text<'_>, candidates: &[Candidate]) -> Vec<Finding> {
    let mut seen: HashMap<(Kind, &str), usize> = HashMap::new();
    let mut distinct: Vec<Sightings> = Vec::new();
    let mut witness = Witness::new(text);
    for (index, candidate) in candidates.iter().enumerate() {
        let standing = witness.hear(candidates, index);
        let key = (candidate.kind, candidate.value.as_str());
        if let Some(known) = seen.get(&key) {
            let sightings = &mut distinct[*known];
            sightings.occurrences = sightings.occurrences.saturating_add(1);
            sightings.defanged |= candidate.defanged;
            sightings.standings.add(candidate.confidence, standing);
        } else if distinct.len() < MOST_FINDINGS {
            seen.insert(key, distinct.len());
            distinct.push(Sightings {
                first: index,
                occurrences: 1,
                defanged: candidate.defanged,
                standings: Standings::of(candidate.confidence, standing),
            });
        }
    }
    let mut counter = Counter {
        text: text.str(),
        bytes: 0,
        characters: 0,
    };
    let mut describer = context::Describer::new(text);
    distinct
        .into_iter()
        .map(|sightings| {
            let candidate = &candidates[sightings.first];
            let raw = &text.str()[candidate.span.clone()];
            let (context, description) = describer.describe(candidate);
            let mut finding = Finding {
                kind: candidate.kind,
                value: candidate.value.clone(),
                raw: raw.to_owned(),
                defanged: sightings.defanged,
                location: locate(text, candidate, &mut counter),
                occurrences: sightings.occurrences,
                context,
                description,
                flags: benign::flags(text, candidate.kind, &candidate.value, sightings.defanged),
                confidence: 0,
                evidence: Vec::new(),
            };
            finding.evidence = confidence::evidence(text, &finding, sightings.standings);
            finding.confidence = Evidence::total(&finding.evidence);
            finding
        })
        .collect()
}

/// Counts characters up to rising offsets, each byte once.
struct Counter<'a> {
    text: &'a str,
    bytes: usize,
    characters: usize,
}

impl Counter<'_> {
    fn up_to(&mut self, offset: usize) -> usize {
        self.characters += self.text[self.bytes..offset].chars().count();
        self.bytes = offset;
        self.characters
    }
}

fn locate(text: &Text<'_>, candidate: &Candidate, counter: &mut Counter<'_>) -> Location {
    let start = candidate.span.start;
    let place = text.place_at(start);
    Location {
        page: if let Some(Place::Page(page)) = place {
            Some(*page)
        } else {
            None
        },
        sheet: if let Some(Place::Sheet(name)) = place {
            Some(name.clone())
        } else {
            None
        },
        slide: if let Some(Place::Slide(slide)) = place {
            Some(*slide)
        } else {
            None
        },
        line: u32::try_from(text.line_number(start) + 1).unwrap_or(u32::MAX),
        offset: counter.up_to(start) as u64,
        length: text.str()[candidate.span.clone()].chars().count() as u64,
    }
}
