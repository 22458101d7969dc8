//! How sure the engine is, and why: the points of every reason, and the one place where they become
//! a number.

use serde::{Deserialize, Serialize};

use super::{Flag, Kind, Level};

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident => $name:literal, $points:literal, $phrase:literal,)*) => {
        /// Why a value is trusted more or less. The name is the one the API and the store use.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Reason {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl Reason {
            /// Every reason, in the order in which a finding lists them.
            pub const ALL: &'static [Reason] = &[$(Reason::$variant),*];

            /// The stable name: `defanged`, `indicator_table`, …
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Reason::$variant => $name),* }
            }

            /// What it says, for people.
            #[must_use]
            pub const fn phrase(self) -> &'static str {
                match self { $(Reason::$variant => $phrase),* }
            }

            /// What it counts, against a value where it is negative. The form's points are those of
            /// the kind: [`Evidence::of_form`].
            #[must_use]
            pub const fn points(self) -> i8 {
                match self { $(Reason::$variant => $points),* }
            }
        }
    };
}

reasons! {
    /// It has the form of its kind: where every count begins.
    Form => "form", 0, "it has the form of its kind",
    /// Its form leaves some doubt.
    UnusualForm => "unusual_form", -10, "its form leaves some doubt",
    /// Files, code or prose have the same form.
    AmbiguousForm => "ambiguous_form", -20, "a file, code or prose could have the same form",
    /// Its parts stood on different lines.
    Joined => "joined", -5, "it was put together over a line break",
    /// The document writes it defanged.
    Defanged => "defanged", 20, "the document writes it defanged",
    /// The author defangs, but not this.
    LiveAmongDefanged => "live_among_defanged", -15, "it is written live where the document defangs others",
    /// The document calls it malicious.
    CalledMalicious => "called_malicious", 15, "the document calls it malicious",
    /// The document calls it legitimate.
    CalledLegitimate => "called_legitimate", -15, "the document calls it legitimate",
    /// The document says what it is.
    Labelled => "labelled", 5, "the document says what it is",
    /// It stands below a heading of indicators.
    IndicatorSection => "indicator_section", 15, "it stands below a heading of indicators",
    /// It stands in a table of indicators.
    IndicatorTable => "indicator_table", 10, "it stands in a table of indicators",
    /// It stands in a list of its kind.
    IndicatorList => "indicator_list", 10, "it stands in a list of values of its kind",
    /// It stands several times.
    Repeated => "repeated", 5, "it stands in the document several times",
    /// It is only a part of other values: the host of a URL.
    PartOfAnother => "part_of_another", -10, "it stands only inside another value",
    /// It is only the target of links.
    LinkTarget => "link_target", -15, "it stands only behind a link",
    /// It is only named among sources.
    SourceSection => "source_section", -20, "it stands only below a heading of sources",
    /// It is only in what stands around the article of a web page.
    AroundArticle => "around_article", -20, "it stands only around the article: in menus, advertisements, related links",
    /// It stands only in code.
    InCode => "in_code", -10, "it stands only in code",
    /// It stands only in pictures.
    Recognised => "recognised", -30, "it stands only in pictures, and text recognition (OCR) mistakes characters",
    /// Whoever watches the source trusts it more than others.
    TrustedSource => "trusted_source", 15, "its source is trusted more than others",
    /// Whoever watches the source trusts it less than others.
    DoubtedSource => "doubted_source", -20, "its source is trusted less than others",
    /// Something says that it may be benign: see its flags.
    MayBeBenign => "may_be_benign", -30, "it is flagged as probably benign",
}

impl Reason {
    /// What it says of a value that its source is trusted so far.
    #[must_use]
    pub const fn of_source(confidence: Level) -> Option<Self> {
        match confidence {
            Level::High => Some(Self::TrustedSource),
            Level::Medium => None,
            Level::Low => Some(Self::DoubtedSource),
        }
    }
}

/// One reason with what it counted for one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The reason.
    pub reason: Reason,
    /// What it counted, against the value where it is negative.
    pub points: i8,
}

impl Evidence {
    /// Where every count begins: how much the form alone says of a value of `kind`.
    #[must_use]
    pub const fn of_form(kind: Kind) -> Self {
        let points = match kind {
            // The names of registers mean nothing else.
            Kind::Cve | Kind::MitreAttack => 85,
            Kind::HashMd5 | Kind::HashSha1 | Kind::HashSha256 | Kind::HashSha512 => 80,
            Kind::Asn | Kind::IpPort => 70,
            Kind::Command | Kind::RegistryKey => 65,
            Kind::Ipv4 | Kind::Ipv6 | Kind::Filepath => 60,
            Kind::IpRange | Kind::Filename | Kind::Url => 55,
            // Half of the hosts that reports name are nobody's infrastructure.
            Kind::Domain | Kind::Email => 50,
            // Their checksums hold, or their names mean nothing else.
            Kind::Bitcoin | Kind::Monero | Kind::Onion | Kind::Tlp | Kind::Cwe => 85,
            Kind::Ssdeep | Kind::Imphash | Kind::Ja3 => 80,
            Kind::Ethereum | Kind::YaraRule | Kind::UserAgent => 70,
            Kind::Mutex | Kind::Custom(_) => 60,
        };
        Self {
            reason: Reason::Form,
            points,
        }
    }

    /// The confidence that `evidence` adds up to, 0 to 100.
    #[must_use]
    pub fn total(evidence: &[Evidence]) -> u8 {
        let sum: i32 = evidence.iter().map(|one| i32::from(one.points)).sum();
        u8::try_from(sum.clamp(0, 100)).unwrap_or(0)
    }
}

/// Has `flags` count against a value, once however many there are, and not where there are none. What is of before reasons
/// were kept, without evidence, keeps its number.
pub fn weigh_flags(flags: &[Flag], evidence: &mut Vec<Evidence>, confidence: &mut u8) {
    if evidence.is_empty() {
        return;
    }
    evidence.retain(|one| one.reason != Reason::MayBeBenign);
    if !flags.is_empty() {
        evidence.push(Evidence::from(Reason::MayBeBenign));
    }
    *confidence = Evidence::total(evidence);
}

impl From<Reason> for Evidence {
    fn from(reason: Reason) -> Self {
        Self {
            reason,
            points: reason.points(),
        }
    }
}

/// A piece of evidence as the API shows it, with its phrase for people.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct EvidenceView {
    /// The reason.
    pub reason: Reason,
    /// What it counted, against the value where it is negative.
    pub points: i8,
    /// What the reason says, for people.
    pub phrase: &'static str,
}

impl From<&Evidence> for EvidenceView {
    fn from(evidence: &Evidence) -> Self {
        Self {
            reason: evidence.reason,
            points: evidence.points,
            phrase: evidence.reason.phrase(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_the_sum_within_its_bounds() {
        let of = |points: &[i8]| {
            let evidence: Vec<_> = points
                .iter()
                .map(|points| Evidence {
                    reason: Reason::Form,
                    points: *points,
                })
                .collect();
            Evidence::total(&evidence)
        };
        assert_eq!(of(&[]), 0);
        assert_eq!(of(&[50, 20, -15]), 55);
        assert_eq!(of(&[85, 20, 15]), 100);
        assert_eq!(of(&[10, -30]), 0);
    }

    #[test]
    fn flags_count_once_and_no_longer_when_they_are_gone() {
        let kept = [
            Evidence::of_form(Kind::Domain),
            Evidence::from(Reason::Defanged),
        ];
        let (mut evidence, mut confidence) = (kept.to_vec(), 70);
        let flag = Flag::false_positive(None);
        for flags in [&[flag.clone()][..], &[flag.clone(), flag]] {
            weigh_flags(flags, &mut evidence, &mut confidence);
            assert_eq!((evidence.len(), confidence), (3, 40));
        }
        weigh_flags(&[], &mut evidence, &mut confidence);
        assert_eq!((evidence.as_slice(), confidence), (&kept[..], 70));

        let mut none = Vec::new();
        weigh_flags(&[Flag::false_positive(None)], &mut none, &mut confidence);
        assert_eq!((none.len(), confidence), (0, 70));
    }

    #[test]
    fn the_names_of_reasons_are_theirs_alone_and_the_ones_that_are_stored() {
        for reason in Reason::ALL {
            let stored = serde_json::to_value(reason).unwrap();
            assert_eq!(stored, reason.name());
            let same = |other: &&Reason| other.name() == reason.name();
            assert_eq!(Reason::ALL.iter().filter(same).count(), 1);
            assert!(*reason == Reason::Form || reason.points() != 0);
        }
    }
}
