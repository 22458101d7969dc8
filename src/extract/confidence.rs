//! What speaks for and against a value. Enter at [`Witness::hear`] for each place and at [`Judge::evidence`]
//! once all places are known; the points are those of [`Reason`].

use std::ops::Range;

use crate::document::BlockKind;
use crate::extract::candidate::{Candidate, Text};
use crate::extract::context::label;
use crate::extract::letters;
use crate::extract::section::{Section, Sections};
use crate::indicator::{Evidence, Finding, Kind, Reason};

/// How often a value stands in a text that speaks of it, and does not merely name it.
const SEVERAL: u32 = 3;
/// How much may stand beside a value on its line of a list, in bytes.
const BESIDE: usize = 48;

/// What the place says in which a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    section: Section,
    table: bool,
    list: bool,
    part: bool,
    link: bool,
    code: bool,
    joined: bool,
    recognised: bool,
}

impl Standing {
    /// Whether the place is made for indicators: a table, a list, a section of them.
    pub(super) fn is_among_indicators(self) -> bool {
        self.table || self.list || self.section == Section::Indicators
    }
}

/// What is known of all places of one value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standings {
    /// The scanner's certainty about the form, at its best.
    form: u8,
    indicators: bool,
    table: bool,
    list: bool,
    /// True while no place says otherwise.
    sources: bool,
    around: bool,
    part: bool,
    link: bool,
    code: bool,
    joined: bool,
    recognised: bool,
}

impl Standings {
    pub(super) fn of(form: u8, one: Standing) -> Self {
        Self {
            form,
            indicators: one.section == Section::Indicators,
            table: one.table,
            list: one.list,
            sources: one.section == Section::Sources,
            around: one.section == Section::Around,
            part: one.part,
            link: one.link,
            code: one.code,
            joined: one.joined,
            recognised: one.recognised,
        }
    }

    /// Whether one of the places is made for indicators.
    pub(super) fn is_among_indicators(&self) -> bool {
        self.table || self.list || self.indicators
    }

    pub(super) fn add(&mut self, form: u8, one: Standing) {
        let other = Self::of(form, one);
        self.form = self.form.max(form);
        self.indicators |= other.indicators;
        self.table |= other.table;
        self.list |= other.list;
        self.sources &= other.sources;
        self.around &= other.around;
        self.part &= other.part;
        self.link &= other.link;
        self.code &= other.code;
        self.joined &= other.joined;
        self.recognised &= other.recognised;
    }
}

/// Looks at the places of one text, from its start to its end.
pub(super) struct Witness<'t, 'a> {
    text: &'t Text<'a>,
    sections: Sections,
    candidates: &'t [Candidate],
    /// For each candidate that is an entry of its line, the number of that line: all are asked for as the
    /// neighbours of others as well.
    entries: Vec<Option<usize>>,
    /// The header row asked about last, and whether it names columns of indicators.
    header: Option<(usize, bool)>,
}

impl<'t, 'a> Witness<'t, 'a> {
    /// Looks at the places of `candidates` in `text`, which has `sections`.
    pub(super) fn new(text: &'t Text<'a>, sections: Sections, candidates: &'t [Candidate]) -> Self {
        let line =
            |one: &Candidate| is_entry(text, &one.span).then(|| text.line_number(one.span.start));
        Self {
            text,
            sections,
            candidates,
            entries: candidates.iter().map(line).collect(),
            header: None,
        }
    }

    /// What the place of candidate `index` says; candidates are asked about in their order.
    pub(super) fn hear(&mut self, index: usize) -> Standing {
        let span = &self.candidates[index].span;
        let start = span.start;
        let kind = self.text.block_at(start).map(|block| block.kind);
        let table = match kind {
            Some(BlockKind::Row {
                header: Some(header),
            }) => self.names_indicators(header),
            _ => false,
        };
        let outer = outer(self.candidates, index);
        let part = outer.is_some();
        let list = !part
            && !matches!(kind, Some(BlockKind::Row { .. } | BlockKind::Link))
            && self.is_listed(index);
        Standing {
            section: self.sections.at(start),
            table,
            list,
            part,
            link: kind == Some(BlockKind::Link)
                || is_markdown_target(self.text, outer.map_or(start, |outer| outer.span.start)),
            // The host of a URL is a host, in code too.
            code: kind == Some(BlockKind::Code) && !list && !part,
            joined: self.text.line_at(start).end < span.end,
            recognised: self.text.document().is_recognised(start),
        }
    }

    /// Whether candidate `index` and one of its kind are entries of lines right above each other. A URL
    /// stands between the hosts of two others.
    fn is_listed(&self, index: usize) -> bool {
        const NEAR: usize = 3;
        const LINES: usize = 2;
        /// Entries of a list are no farther apart, in bytes.
        const APART: usize = 4_096;
        let Some(line) = self.entries[index] else {
            return false;
        };
        let own = &self.candidates[index];
        let near = index.saturating_sub(NEAR)..self.candidates.len().min(index + NEAR + 1);
        let others = self.candidates[near.clone()]
            .iter()
            .zip(&self.entries[near]);
        others.into_iter().any(|(other, other_line)| {
            other.kind == own.kind
                && other_line.is_some_and(|other| (1..=LINES).contains(&line.abs_diff(other)))
                && own.span.start.abs_diff(other.span.start) <= APART
        })
    }

    fn names_indicators(&mut self, header: usize) -> bool {
        if let Some((known, names)) = self.header
            && known == header
        {
            return names;
        }
        let names = label::names_indicators(self.text, header);
        self.header = Some((header, names));
        names
    }
}

/// Whether the value at `span` opens its line, or closes it behind a label or a number, and hardly more
/// stands beside it.
fn is_entry(text: &Text<'_>, span: &Range<usize>) -> bool {
    let line = text.line_at(span.start);
    if line.len() > span.len() + BESIDE || span.end > line.end {
        return false;
    }
    let head = text.str()[line.start..span.start].trim_end();
    let tail = &text.str()[span.end..line.end];
    !letters::any(head)
        || head.ends_with([':', '=', '-', '–', '|', ',', ')']) && !letters::any(tail)
}

/// The candidate that `candidates[index]` stands in: the URL of a host, the mailbox of a domain.
fn outer(candidates: &[Candidate], index: usize) -> Option<&Candidate> {
    const NESTED: usize = 3;
    let own = &candidates[index];
    candidates[index.saturating_sub(NESTED)..index]
        .iter()
        .find(|outer| outer.span.end >= own.span.end && outer.kind != Kind::IpPort)
}

/// Whether what begins at `start` is where the words before it lead: `[words](http://…)`.
fn is_markdown_target(text: &Text<'_>, start: usize) -> bool {
    let before = text.str()[..start]
        .strip_suffix('<')
        .unwrap_or(&text.str()[..start]);
    before.ends_with("](")
}

/// Weighs what is known of the findings of one text.
pub(super) struct Judge<'t, 'a> {
    text: &'t Text<'a>,
    /// The description judged last: values below one heading are called the same, one behind the other.
    description: String,
    /// Whether it accuses, and whether it clears.
    verdict: (bool, bool),
}

impl<'t, 'a> Judge<'t, 'a> {
    /// Weighs findings of `text`.
    pub(super) fn new(text: &'t Text<'a>) -> Self {
        Self {
            text,
            description: String::new(),
            verdict: (false, false),
        }
    }

    /// Whether the document calls `finding` malicious, and whether it calls it legitimate.
    fn verdict(&mut self, finding: &Finding) -> (bool, bool) {
        let description = finding.description.as_deref().unwrap_or_default();
        if self.description != description {
            self.verdict = (
                finding.is_called_malicious(),
                finding.is_called_legitimate(),
            );
            self.description.clear();
            self.description.push_str(description);
        }
        self.verdict
    }

    /// The evidence for `finding`, of which all but that is known, in the order of [`Reason::ALL`].
    pub(super) fn evidence(&mut self, finding: &Finding, standings: Standings) -> Vec<Evidence> {
        /// Hardly a value has more of it.
        const USUAL: usize = 8;
        let network = matches!(
            finding.kind,
            Kind::Ipv4
                | Kind::Ipv6
                | Kind::Domain
                | Kind::Url
                | Kind::Email
                | Kind::IpPort
                | Kind::IpRange
        );
        let (accused, cleared) = self.verdict(finding);
        // One for each reason but the form: a new one does not compile without.
        let told: [(Reason, bool); Reason::ALL.len() - 1] = [
            (Reason::UnusualForm, (70..90).contains(&standings.form)),
            (Reason::AmbiguousForm, standings.form < 70),
            (Reason::Joined, standings.joined),
            (Reason::Defanged, finding.defanged),
            (
                Reason::LiveAmongDefanged,
                network && !finding.defanged && !standings.indicators && self.text.defangs(),
            ),
            (Reason::CalledMalicious, accused),
            (Reason::CalledLegitimate, cleared),
            (
                Reason::Labelled,
                !accused && !cleared && finding.description.is_some(),
            ),
            (Reason::IndicatorSection, standings.indicators),
            (Reason::IndicatorTable, standings.table),
            (Reason::IndicatorList, standings.list),
            (Reason::Repeated, finding.occurrences >= SEVERAL),
            (Reason::PartOfAnother, standings.part),
            (Reason::LinkTarget, standings.link),
            (Reason::SourceSection, standings.sources),
            (Reason::AroundArticle, standings.around),
            (
                Reason::InCode,
                // Names in code are members and modules more often than anywhere else.
                standings.code && matches!(finding.kind, Kind::Domain | Kind::Filename),
            ),
            (Reason::Recognised, standings.recognised),
            // A document does not know who watches its source.
            (Reason::TrustedSource, false),
            (Reason::DoubtedSource, false),
            (Reason::MayBeBenign, finding.is_flagged()),
        ];
        let mut evidence = Vec::with_capacity(USUAL);
        evidence.push(Evidence::of_form(finding.kind));
        for (reason, holds) in &told {
            if *holds {
                evidence.push(Evidence::from(*reason));
            }
        }
        evidence
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Limits, read};
    use crate::extract::scan;

    fn finding(markdown: &str, value: &str) -> Finding {
        let (_, document) = read(markdown.as_bytes(), Some("a.md"), &Limits::default()).unwrap();
        scan(&document)
            .into_iter()
            .find(|finding| finding.value == value)
            .unwrap_or_else(|| panic!("no {value} in {markdown:?}"))
    }

    fn reasons(markdown: &str, value: &str) -> Vec<&'static str> {
        let finding = finding(markdown, value);
        finding.evidence[1..]
            .iter()
            .map(|evidence| evidence.reason.name())
            .collect()
    }

    #[test]
    fn the_number_is_the_total_of_the_reasons() {
        for text in [
            "The C2 server evil[.]test-host[.]com answered.",
            "see evil.net here",
            "- 192.0.2.1\n- 192.0.2.2",
        ] {
            let (_, document) = read(text.as_bytes(), None, &Limits::default()).unwrap();
            for finding in scan(&document) {
                assert_eq!(finding.confidence, Evidence::total(&finding.evidence));
                assert_eq!(finding.evidence[0], Evidence::of_form(finding.kind));
            }
        }
    }

    #[test]
    fn a_value_that_stands_only_in_pictures_is_doubted() {
        let text = "It asks one.net daily.\n\nThe picture shows one.net and two.net.";
        let (_, mut document) = read(text.as_bytes(), Some("a.md"), &Limits::default()).unwrap();
        document.recognised = vec![document.blocks.len() - 1];
        let doubted: Vec<_> = scan(&document)
            .into_iter()
            .filter(|finding| {
                let mut reasons = finding.evidence.iter().map(|one| one.reason);
                reasons.any(|reason| reason == Reason::Recognised)
            })
            .map(|finding| finding.value)
            .collect();
        assert_eq!(doubted, ["two.net"]);
    }

    #[test]
    fn defanging_and_its_absence_are_evidence() {
        let text = "It asks evil[.]net and was built in one day with what good.net gave.";
        assert_eq!(reasons(text, "evil.net"), ["defanged"]);
        assert_eq!(reasons(text, "good.net"), ["live_among_defanged"]);
    }

    #[test]
    fn what_the_document_calls_a_value_is_evidence() {
        assert_eq!(
            reasons("It asks the C2 server evil.net daily.", "evil.net"),
            ["called_malicious"]
        );
        assert_eq!(
            reasons("It asks the update server evil.net daily.", "evil.net"),
            ["labelled"]
        );
        assert_eq!(
            reasons("It is like the legitimate website evil.net.", "evil.net"),
            ["called_legitimate"]
        );
    }

    #[test]
    fn lists_tables_and_sections_of_indicators_are_evidence() {
        let list = "# Indicators of compromise\n\n- one.net\n- two.net\n- three.net\n\n# References\n\n- see http://four.net/post\n";
        assert_eq!(
            reasons(list, "two.net"),
            ["indicator_section", "indicator_list"]
        );
        assert_eq!(reasons(list, "http://four.net/post"), ["source_section"]);
        let table =
            "Seen.\n\n| Type | Indicator |\n| --- | --- |\n| x | one.net |\n| y | two.net |\n";
        assert!(reasons(table, "one.net").contains(&"indicator_table"));
    }

    #[test]
    fn places_that_say_little_count_against_a_value_only_where_it_has_no_other() {
        let link = "Read [our post](http://four.net/post) now.";
        assert_eq!(reasons(link, "http://four.net/post"), ["link_target"]);
        assert_eq!(
            reasons(link, "four.net"),
            ["part_of_another", "link_target"]
        );
        let both = "Read http://four.net/post now.\n\n```\nhttp://four.net/post\n```\n";
        assert!(!reasons(both, "http://four.net/post").contains(&"in_code"));
        assert_eq!(reasons(both, "four.net"), ["part_of_another"]);
        assert_eq!(reasons("```\nx = one.net\n```\n", "one.net"), ["in_code"]);
        let get = "```\nx = get('http://one.net/a')\n```\n";
        assert_eq!(reasons(get, "one.net"), ["part_of_another"]);
    }

    #[test]
    fn a_flagged_value_loses() {
        let flagged = finding("It asks 10.1.2.3 there.", "10.1.2.3");
        assert!(flagged.is_flagged() && flagged.confidence < 50);
    }

    #[test]
    fn what_stands_only_around_an_article_counts_less() {
        let prose =
            "It waits for an hour and then asks one.net for work, as all of them did. ".repeat(4);
        let page = format!(
            "<html><article><h2>Indicators</h2><p>{prose}</article>\
             <aside><h2>IOCs of others</h2><p>See two.net and one.net.</aside></html>"
        );
        assert_eq!(reasons(&page, "two.net"), ["labelled", "around_article"]);
        assert_eq!(reasons(&page, "one.net"), ["indicator_section", "repeated"]);
    }
}
