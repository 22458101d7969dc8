//! How sure one is, in a word: the cut of STIX 2.1, appendix A.

use std::ops::RangeInclusive;

use crate::submission::words;

words! {
    /// A confidence in a word.
    Level {
        /// 70 to 100.
        High => "high",
        /// 30 to 69.
        Medium => "medium",
        /// Up to 29.
        Low => "low",
    }
}

impl Level {
    /// The word for a confidence of 0 to 100.
    #[must_use]
    pub fn of(confidence: u8) -> Self {
        match confidence {
            0..=29 => Self::Low,
            30..=69 => Self::Medium,
            _ => Self::High,
        }
    }

    /// The confidences that it stands for.
    #[must_use]
    pub fn range(self) -> RangeInclusive<u8> {
        match self {
            Self::Low => 0..=29,
            Self::Medium => 30..=69,
            Self::High => 70..=100,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_confidence_has_one_word() {
        for confidence in 0..=100 {
            let level = Level::of(confidence);
            let fits = |other: &&Level| other.range().contains(&confidence);
            assert_eq!(Level::ALL.iter().filter(fits).collect::<Vec<_>>(), [&level]);
        }
    }
}
