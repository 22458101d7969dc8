//! Text → findings. Enter at [`scan`], or at [`refang`] for the text itself.
//!
//! The text is cut into words once; words that can hold no indicator are dropped at once. Scanners
//! read the rest and propose candidates, overlaps are settled, equal values are counted as one, and
//! what the document says around a value becomes its context. [`RULES`] and [`EXTENDED_RULES`] list every kind.
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
mod distinct;
mod extended;
mod hash;
#[cfg(test)]
mod hostile;
mod letters;
mod lexicon;
mod lines;
mod network;
mod refang;
mod reference;
mod resolve;
mod rules;
mod section;
#[cfg(test)]
mod situations;
mod summary;
mod sweep;
mod token;

use std::collections::HashSet;

use crate::document::{Document, Place, Warning};
use crate::indicator::{Evidence, Finding, Kind, Location};

use candidate::{Candidate, Text};
use confidence::{Judge, Standings, Witness};
pub use extended::EXTENDED_RULES;
pub use extended::custom::{CustomRule, InvalidRule};
use rules::Scanner;
pub use rules::{RULES, Rule};
use section::Sections;

/// Distinct findings kept of one document. A text with more is no report; the rest is dropped.
pub const MOST_FINDINGS: usize = 200_000;
/// Candidates kept of one document, repeats included: it bounds memory on hostile texts.
const MOST_CANDIDATES: usize = 1_000_000;

/// What a scan finds, and what it left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scan {
    /// Distinct indicators by (kind, value), in order of first appearance.
    pub findings: Vec<Finding>,
    /// Says so where indicators were left out.
    pub warnings: Vec<Warning>,
}

/// Finds every indicator in `document`, distinct by (kind, value), in order of first appearance.
///
/// At most [`MOST_FINDINGS`] come back; [`scan_from`] says so where there are more.
#[must_use]
pub fn scan(document: &Document) -> Vec<Finding> {
    scan_from(document, None).findings
}

/// As [`scan`], for a document that came from the URL `source`: what is on its site is flagged as the
/// document's own. Where indicators are left out, a warning says so.
#[must_use]
pub fn scan_from(document: &Document, source: Option<&str>) -> Scan {
    scan_with(document, source, &[])
}

/// As [`scan_from`], with the kinds that `rules` define besides.
#[must_use]
pub fn scan_with(document: &Document, source: Option<&str>, rules: &[CustomRule]) -> Scan {
    scan_within(document, source, rules, MOST_FINDINGS, MOST_CANDIDATES)
}

fn scan_within(
    document: &Document,
    source: Option<&str>,
    rules: &[CustomRule],
    most_findings: usize,
    most_candidates: usize,
) -> Scan {
    let text = Text::new(document);
    let (mut candidates, mut cut) = candidates(&text, most_candidates);
    let mut extended = extended_candidates(&text, rules, &mut candidates);
    cut |= extended.len() > most_candidates;
    extended.truncate(most_candidates);

    let sections = Sections::new(&text);
    // The standard ones first: what they are must not depend on the others.
    let (mut distinct, left_out) = sightings(&text, sections.clone(), &candidates, most_findings);
    let mut told = findings(&text, &mut candidates, &distinct);
    let running = running(document, &told, &distinct);
    let publisher = benign::Publisher::of(document, source, &told, &running);
    let (others, others_left_out) =
        sightings(&text, sections, &extended, most_findings - distinct.len());
    told.extend(findings(&text, &mut extended, &others));
    distinct.extend(others);
    let mut judge = Judge::new(&text);
    for (finding, sightings) in told.iter_mut().zip(&distinct) {
        publisher.flag(finding);
        finding.evidence = judge.evidence(finding, sightings.standings);
        finding.confidence = Evidence::total(&finding.evidence);
    }
    told.sort_by_key(|finding| finding.location.offset);
    let left_out = left_out + others_left_out;
    let warnings = warning(cut, left_out, most_findings, most_candidates);
    Scan {
        findings: told,
        warnings: warnings.into_iter().collect(),
    }
}

/// `text` with its defanged indicators written live. What only looks defanged stays as it is: prose,
/// code, brackets around no indicator. A command keeps its own writing; the indicators in it are live.
///
/// ```
/// let text = "It asks hxxp://bad[.]example[.]com/x [sic] (see below).";
/// assert_eq!(
///     iocsift::extract::refang(text),
///     "It asks http://bad.example.com/x [sic] (see below)."
/// );
/// ```
#[must_use]
pub fn refang(text: &str) -> String {
    let document = Document {
        text: text.to_owned(),
        ..Document::default()
    };
    let mut live = String::with_capacity(text.len());
    let mut copied = 0;
    for candidate in candidates(&Text::new(&document), MOST_CANDIDATES).0 {
        // Of one inside another the outer stands first: its value holds the inner one live.
        let apart = candidate.span.start >= copied;
        if apart && candidate.defanged && candidate.kind != Kind::Command {
            live.push_str(&text[copied..candidate.span.start]);
            live.push_str(&candidate.value);
            copied = candidate.span.end;
        }
    }
    live.push_str(&text[copied..]);
    live
}

/// Every place of every indicator in `text`, in order, the longer first; and whether there were more than
/// `most` to choose from.
fn candidates(text: &Text<'_>, most: usize) -> (Vec<Candidate>, bool) {
    let mut found = Vec::new();
    let mut cut = false;
    for (index, rule) in RULES.iter().enumerate() {
        if RULES[..index]
            .iter()
            .all(|earlier| earlier.scanner != rule.scanner)
        {
            rule.scanner.run(text, &mut found);
            cut |= found.len() > most;
            found.truncate(most);
        }
    }
    let mut found = resolve::resolve(found);
    drop_names_of_members(text, &mut found);
    (found, cut)
}

/// Drops what stands in the names of documents inside the document: `reports/evil.com.txt` names a list, and no
/// host. What is attached, and what is no document, is known by its name.
fn drop_names_of_members(text: &Text<'_>, found: &mut Vec<Candidate>) {
    let mut names = text.document().names_of_members().peekable();
    found.retain(|candidate| {
        let start = candidate.span.start;
        while names.next_if(|(name, _)| name.end <= start).is_some() {}
        let inside = names.peek().filter(|(name, _)| name.contains(&start));
        inside.is_none_or(|(_, is_file)| *is_file && candidate.kind == Kind::Filename)
    });
}

/// Every place of every indicator of an extended kind, in order. Some are read from `standard`, which holds
/// the places of the standard kinds and comes back as it was.
fn extended_candidates(
    text: &Text<'_>,
    rules: &[CustomRule],
    standard: &mut Vec<Candidate>,
) -> Vec<Candidate> {
    let length = standard.len();
    Scanner::Extended.run(text, standard);
    extended::custom::scan(text, rules, standard);
    let mut found = standard.split_off(length);
    found.sort_by_key(|candidate| (candidate.span.start, candidate.kind, candidate.span.end));
    found.dedup_by(|one, other| one.kind == other.kind && one.span == other.span);
    found
}

/// Says that indicators were left out, where they were.
fn warning(cut: bool, left_out: usize, findings: usize, candidates: usize) -> Option<Warning> {
    let message = if cut {
        format!(
            "Indicators were left out: only the first {candidates} places that look like one are kept."
        )
    } else if left_out > 0 {
        format!(
            "Indicators were left out: only the first {findings} distinct ones are kept, and others stand in {left_out} more places."
        )
    } else {
        return None;
    };
    Some(Warning {
        code: "indicators_cut".to_owned(),
        message,
    })
}

/// A few sentences of `document` that say what it is about; `None` where it has no prose.
#[must_use]
pub fn summary(document: &Document) -> Option<String> {
    summary::summary(document)
}

/// `text` without the signs of Markdown, AsciiDoc and HTML: the words of a link for the link.
#[must_use]
pub fn plain(text: &str) -> String {
    context::markup::plain(text, 0..0).0.into_owned()
}

/// What stands of one value over the whole document.
struct Sightings {
    /// Index of the first candidate.
    first: usize,
    /// Index of a later one that may say what the first does not: the next, or better one among indicators.
    later: Option<usize>,
    occurrences: u32,
    defanged: bool,
    standings: Standings,
    /// In how many parts of the document it stands in the margin, and the last of them.
    margins: usize,
    margin: Option<usize>,
}

/// The distinct values, at most `most`, and how many candidates were left out for that.
fn sightings(
    text: &Text<'_>,
    sections: Sections,
    candidates: &[Candidate],
    most: usize,
) -> (Vec<Sightings>, usize) {
    let mut distinct: Vec<Sightings> = Vec::with_capacity(candidates.len().min(most));
    let mut left_out = 0;
    let mut witness = Witness::new(text, sections, candidates);
    let numbers = distinct::numbers(candidates);
    for (index, (candidate, number)) in candidates.iter().zip(numbers).enumerate() {
        let standing = witness.hear(index);
        if number == distinct.len() && number < most {
            distinct.push(Sightings {
                first: index,
                later: None,
                occurrences: 0,
                defanged: false,
                standings: Standings::of(candidate.confidence, standing),
                margins: 0,
                margin: None,
            });
        }
        let Some(sightings) = distinct.get_mut(number) else {
            left_out += 1;
            continue;
        };
        if sightings.first != index
            && (sightings.later.is_none()
                || standing.is_among_indicators() && !sightings.standings.is_among_indicators())
        {
            sightings.later = Some(index);
        }
        sightings.occurrences = sightings.occurrences.saturating_add(1);
        sightings.defanged |= candidate.defanged;
        sightings.standings.add(candidate.confidence, standing);
        if candidate.kind == Kind::Domain
            && let Some(part) = text.margin_at(candidate.span.start)
            && sightings.margin != Some(part)
        {
            sightings.margins += 1;
            sightings.margin = Some(part);
        }
    }
    (distinct, left_out)
}

/// The hosts in the margins of most parts of a document that has several.
fn running<'f>(
    document: &Document,
    findings: &'f [Finding],
    distinct: &[Sightings],
) -> HashSet<&'f str> {
    const FEWEST: usize = 3;
    let parts = document.places.len();
    distinct
        .iter()
        .zip(findings)
        .filter(|(sightings, _)| sightings.margins >= FEWEST && sightings.margins * 2 > parts)
        .map(|(_, finding)| finding.value.as_str())
        .collect()
}

/// The findings, but for what is known only once all are: whose site it is, and the evidence. Each takes the
/// value of its first candidate: nothing reads that any more.
fn findings(text: &Text<'_>, candidates: &mut [Candidate], distinct: &[Sightings]) -> Vec<Finding> {
    let mut counter = Counter {
        text: text.str(),
        bytes: 0,
        characters: 0,
    };
    let mut describer = context::Describer::new(text);
    let mut findings: Vec<Finding> = distinct
        .iter()
        .map(|sightings| {
            let candidate = &mut candidates[sightings.first];
            let (context, description) = describer.describe(candidate);
            Finding {
                kind: candidate.kind,
                raw: text.str()[candidate.span.clone()].to_owned(),
                defanged: sightings.defanged,
                location: locate(text, candidate, &mut counter),
                occurrences: sightings.occurrences,
                context,
                description,
                flags: benign::flags(candidate.kind, &candidate.value, sightings.defanged),
                value: std::mem::take(&mut candidate.value),
                confidence: 0,
                evidence: Vec::new(),
            }
        })
        .collect();
    name_by_later_places(text, candidates, distinct, &mut findings);
    findings
}

/// Asks a later place what a value is, where the first does not say. Places are asked in their order:
/// the way to a heading is then climbed once for a whole list.
fn name_by_later_places(
    text: &Text<'_>,
    candidates: &[Candidate],
    distinct: &[Sightings],
    findings: &mut [Finding],
) {
    let mut places: Vec<(usize, &mut Finding)> = distinct
        .iter()
        .zip(findings)
        .filter(|(_, finding)| finding.description.is_none())
        .filter_map(|(sightings, finding)| Some((sightings.later?, finding)))
        .collect();
    places.sort_by_key(|(later, _)| *later);
    let mut describer = context::Describer::new(text);
    for (later, finding) in places {
        finding.description = describer.description(&candidates[later]);
    }
}

/// Counts characters up to rising offsets, each byte once.
struct Counter<'a> {
    text: &'a str,
    bytes: usize,
    characters: usize,
}

impl Counter<'_> {
    fn up_to(&mut self, offset: usize) -> usize {
        self.characters += letters::characters(&self.text[self.bytes..offset]);
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
        length: letters::characters(&text.str()[candidate.span.clone()]) as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Block, BlockKind, Member};

    fn scanned(findings: usize, candidates: usize) -> Scan {
        let document = Document {
            text: "one.net two.net\none.net three.net 192.0.2.1".into(),
            ..Document::default()
        };
        scan_within(&document, None, &[], findings, candidates)
    }

    #[test]
    fn the_name_of_a_packed_document_is_no_indicator_and_that_of_an_attached_one_a_file() {
        let mut document = Document {
            text: String::new(),
            places: vec![Place::Whole],
            ..Document::default()
        };
        for text in [
            "lists/evil.net",
            "It asks one.net.",
            "Attachment: invoice.pdf.exe",
            "It asks two.net.",
        ] {
            let start = document.text.len();
            document.text += text;
            document.blocks.push(Block {
                span: start..document.text.len(),
                kind: BlockKind::Paragraph,
                place: 0,
            });
            document.text += "\n";
        }
        document.members = [0..2, 2..4]
            .map(|blocks| Member {
                attached: blocks.start > 0,
                blocks,
            })
            .into();
        let found = scan(&document);
        let values: Vec<_> = found.iter().map(|finding| &*finding.value).collect();
        assert_eq!(values, ["one.net", "invoice.pdf.exe", "two.net"]);
    }

    #[test]
    fn a_later_place_names_what_the_first_does_not() {
        let document = Document {
            text: "We went to one.net and two.net.\n\nAgain one.net came.\n\nRelays:\none.net\ntwo.net\n".into(),
            ..Document::default()
        };
        let findings = scan(&document);
        assert_eq!(findings[0].context, "We went to one.net and two.net.");
        for finding in findings {
            assert_eq!(finding.description.as_deref(), Some("Relays"));
        }
    }

    #[test]
    fn what_is_left_out_is_said() {
        assert_eq!(scanned(4, 9), scanned(9, 9));
        assert_eq!(scanned(4, 9).warnings, []);
        let few = scanned(2, 9);
        let values: Vec<_> = few.findings.iter().map(|finding| &*finding.value).collect();
        assert_eq!(values, ["one.net", "two.net"]);
        assert_eq!(few.findings[0].occurrences, 2);
        assert_eq!(few.warnings[0].code, "indicators_cut");
        assert!(few.warnings[0].message.contains("2 distinct"), "{few:?}");
        let cut = scanned(9, 3);
        assert_eq!(cut.findings.len(), 2);
        assert!(cut.warnings[0].message.contains("3 places"), "{cut:?}");
    }
}
