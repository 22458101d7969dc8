//! What exports say in words, and how sure they are: the same in every format.

use crate::indicator::{Finding, Flag};
use crate::submission::Submission;

/// The report's name on one line: its title, else where it came from, else its id. Never empty.
pub(super) fn title(submission: &Submission) -> String {
    [
        submission.title.as_deref(),
        Some(submission.source_identifier.as_str()),
    ]
    .into_iter()
    .flatten()
    .map(one_line)
    .find(|text| !text.is_empty())
    .unwrap_or_else(|| submission.id.to_string())
}

/// White space folded.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The address that the report was fetched from.
pub(super) fn source_url(submission: &Submission) -> Option<&str> {
    let source = submission.source_identifier.as_str();
    (submission.source_type == crate::submission::SourceType::Url).then_some(source)
}

/// The context, with what the document calls the value in front where the context does not say it.
pub(super) fn remark(finding: &Finding) -> Option<String> {
    let context = finding.context.as_str();
    let remark = match finding.description.as_deref() {
        Some(label) if context.is_empty() => label.to_owned(),
        Some(label) if !context.contains(label) => format!("{label}: {context}"),
        _ => context.to_owned(),
    };
    (!remark.is_empty()).then_some(remark)
}

/// Why a value may be benign: `private address (reserved-ranges)`.
pub(super) fn doubt(flag: &Flag) -> String {
    format!("{} ({})", flag.reason, flag.list)
}

/// All doubts in one line; `None` where nothing is flagged.
pub(super) fn doubts(finding: &Finding) -> Option<String> {
    let doubts: Vec<_> = finding.flags.iter().map(doubt).collect();
    (!doubts.is_empty()).then(|| format!("May be benign: {}", doubts.join("; ")))
}

/// How sure, in the bands of STIX 2.1 Appendix A ("None / Low / Med / High") that ECS uses too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Band {
    None,
    Low,
    Medium,
    High,
}

impl Band {
    /// A flagged value is never above low.
    pub(super) fn of(finding: &Finding) -> Self {
        match finding.confidence {
            0 => Self::None,
            1..=29 => Self::Low,
            _ if finding.is_flagged() => Self::Low,
            30..=69 => Self::Medium,
            _ => Self::High,
        }
    }

    /// The number that Appendix A gives to the band.
    pub(super) const fn number(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Low => 15,
            Self::Medium => 50,
            Self::High => 85,
        }
    }

    /// The word that ECS gives to the band.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
        }
    }
}

/// The page of an ATT&CK technique or sub-technique; `None` for tactics and for what is neither.
pub(super) fn technique_url(id: &str) -> Option<String> {
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let (technique, sub) = id
        .split_once('.')
        .map_or((id, None), |(technique, sub)| (technique, Some(sub)));
    let sound = technique
        .strip_prefix('T')
        .is_some_and(|number| digits(number, 4))
        && sub.is_none_or(|sub| digits(sub, 3));
    sound.then(|| {
        format!(
            "https://attack.mitre.org/techniques/{}",
            id.replace('.', "/")
        )
    })
}
