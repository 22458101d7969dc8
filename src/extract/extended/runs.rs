//! Long runs of ASCII letters and digits. Enter at [`long`].

use std::ops::Range;

use crate::extract::candidate::Text;
use crate::extract::token::{self, DIGIT, HEX, LETTER, REFERENCE};

/// Shortest run that is told: the shortest Bitcoin address.
const LEAST: usize = 26;

/// The runs of at least [`LEAST`] letters and digits, whole, in order, but for some without a digit: no value
/// is one.
pub(super) fn long<'t>(text: &'t Text<'_>) -> impl Iterator<Item = Range<usize>> + 't {
    let bytes = text.str().as_bytes();
    let is_long = |word: &&token::Token| word.end - word.start >= LEAST && word.has(DIGIT);
    text.tokens().iter().filter(is_long).flat_map(move |word| {
        let mut at = word.start;
        std::iter::from_fn(move || {
            while word.end.saturating_sub(at) >= LEAST {
                // A word of nothing else need not be read.
                let length = match word.has(!(DIGIT | HEX | LETTER | REFERENCE)) {
                    true => token::span(&bytes[at..word.end], DIGIT | HEX | LETTER),
                    false => word.end - word.start,
                };
                let run = at..at + length;
                at = run.end + 1;
                if run.len() >= LEAST {
                    return Some(run);
                }
            }
            None
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    #[test]
    fn only_whole_runs_of_the_length_are_told() {
        let (short, least, longer) = ("1".repeat(25), "2".repeat(26), "c3".repeat(30));
        let document = Document {
            text: format!("{short} {least}-{longer}_{short}é{least} {least}"),
            ..Document::default()
        };
        let text = Text::new(&document);
        let told: Vec<_> = long(&text).map(|run| &document.text[run]).collect();
        assert_eq!(told, [least.as_str(), &longer, &least, &least]);
    }
}
