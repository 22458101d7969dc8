//! Which part of a report a place belongs to: its indicators, its sources, or neither. Enter at
//! [`Sections::at`].

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::document::BlockKind;
use crate::extract::candidate::Text;

/// Longest heading, in bytes and in words.
const LONGEST: usize = 100;
const WORDS: usize = 10;

/// What a part of a report holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// Lists of indicators.
    Indicators,
    /// What the report was written from, and what to read next.
    Sources,
    /// What stands around the article of a page, whatever its headings say.
    Around,
    /// Anything else.
    Other,
}

/// Beginnings of headings of sources, lower case.
const SOURCES: &[&str] = &[
    "additional reading",
    "additional resources",
    "bibliography",
    "external links",
    "further reading",
    "more information",
    "read more",
    "reference",
    "related",
    "resources",
    "see also",
    "source",
];

/// Words of headings that divide indicators by what they are, lower case.
const PARTS: &[&str] = &[
    "address",
    "addresses",
    "binaries",
    "c&c",
    "c2",
    "domain",
    "domains",
    "email",
    "emails",
    "file",
    "filename",
    "filenames",
    "files",
    "hash",
    "hashes",
    "host",
    "hosts",
    "infrastructure",
    "ip",
    "ips",
    "malware",
    "md5",
    "network",
    "path",
    "paths",
    "payload",
    "payloads",
    "persistence",
    "registry",
    "sample",
    "samples",
    "server",
    "servers",
    "sha-1",
    "sha-256",
    "sha1",
    "sha256",
    "table",
    "url",
    "urls",
];

/// The sections of one text. Places are asked for from its start to its end.
#[derive(Clone)]
pub(super) struct Sections {
    /// Where each begins.
    starts: Vec<(usize, Section)>,
    /// How many have begun.
    begun: usize,
}

impl Sections {
    /// Finds the headings of `text`.
    pub(super) fn new(text: &Text<'_>) -> Self {
        let whole = text.str();
        let mut starts: Vec<(usize, Section)> = Vec::new();
        let mut now = Section::Other;
        for block in &text.document().blocks {
            let section = if text.document().is_around(block) {
                Section::Around
            } else if block.kind == BlockKind::Heading {
                let said = whole.get(block.span.clone()).unwrap_or_default();
                named(said).unwrap_or_else(|| {
                    let goes_on = now == Section::Indicators && divides(said);
                    if goes_on { now } else { Section::Other }
                })
            } else if now == Section::Around {
                Section::Other
            } else {
                continue;
            };
            if section != now {
                starts.push((block.span.start, section));
                now = section;
            }
        }
        starts.extend(lines(text));
        starts.sort_by_key(|(start, _)| *start);
        Self { starts, begun: 0 }
    }

    /// The section that holds `offset`, which is not before that of the last question.
    pub(super) fn at(&mut self, offset: usize) -> Section {
        while self
            .starts
            .get(self.begun)
            .is_some_and(|(start, _)| *start <= offset)
        {
            self.begun += 1;
        }
        self.begun
            .checked_sub(1)
            .and_then(|last| self.starts.get(last))
            .map_or(Section::Other, |(_, section)| *section)
    }
}

/// What one of the headings holds that readers are likely not to know as such.
static NEEDLES: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .build(["ndicators", "NDICATORS", "IOCs", "eferences", "REFERENCES"])
        .ok()
});

/// Headings that no reader knew as such: short lines of their own outside of tables and lists.
fn lines<'t>(text: &'t Text<'_>) -> impl Iterator<Item = (usize, Section)> + 't {
    let needles = NEEDLES.iter();
    let found = needles.flat_map(|needles| needles.find_iter(text.str()));
    let mut after = 0;
    found.filter_map(move |needle| {
        let at = needle.start();
        // A line is looked at once, however many needles stand in it.
        if at < after {
            return None;
        }
        let line = text.line_at(at);
        after = line.end;
        let free = text.block_at(at).is_none_or(|block| {
            block.kind == BlockKind::Paragraph && !text.document().is_around(block)
        });
        let said = text.str()[line.clone()].trim();
        let alone = free && line.len() <= LONGEST && !said.ends_with(['.', ',', ';']);
        named(said)
            .filter(|_| alone)
            .map(|section| (line.start, section))
    })
}

/// The section that a heading names, if it names one.
fn named(heading: &str) -> Option<Section> {
    if heading.len() > LONGEST || heading.split_whitespace().count() > WORDS {
        return None;
    }
    let lower = heading.to_lowercase();
    let said = lower.trim_start_matches(|c: char| !c.is_alphabetic());
    let mut words = said.split(|c: char| !c.is_alphanumeric());
    if said.contains("indicators of compromise")
        || said.contains("indicator of compromise")
        || said.starts_with("indicators")
        || words.any(|word| matches!(word, "ioc" | "iocs"))
    {
        return Some(Section::Indicators);
    }
    SOURCES
        .iter()
        .any(|begin| said.starts_with(begin))
        .then_some(Section::Sources)
}

/// Whether a heading says which indicators follow.
fn divides(heading: &str) -> bool {
    heading.len() <= LONGEST
        && heading
            .to_lowercase()
            .split(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '&'))
            .any(|word| PARTS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Limits, read};

    fn sections(markdown: &str, values: &[&str]) -> Vec<Section> {
        let (_, document) = read(markdown.as_bytes(), Some("a.md"), &Limits::default()).unwrap();
        let text = Text::new(&document);
        let mut sections = Sections::new(&text);
        values
            .iter()
            .map(|value| sections.at(text.str().find(value).unwrap()))
            .collect()
    }

    #[test]
    fn headings_of_indicators_hold_for_their_parts_and_end_with_another() {
        use Section::{Indicators, Other, Sources};
        let text = "# Report\n\nAsks a.example.\n\n## Indicators of Compromise\n\n### Domains\n\n- b.example\n\n\
                    ## Conclusion\n\nAt c.example.\n\n## References\n\n- d.example\n";
        assert_eq!(
            sections(text, &["a.example", "b.example", "c.example", "d.example"]),
            [Other, Indicators, Other, Sources]
        );
    }

    #[test]
    fn a_line_of_its_own_is_a_heading_and_a_sentence_is_none() {
        use Section::{Indicators, Other};
        let text = "The IOCs of this case, which we list below, are many and they are long to read here.\na.example\n\nIOCs:\n\nb.example\n";
        assert_eq!(
            sections(text, &["a.example", "b.example"]),
            [Other, Indicators]
        );
    }
}
