//! Long runs of ASCII letters and digits. Enter at [`long`].

use std::ops::Range;

use crate::extract::candidate::Text;
use crate::extract::token::{self, DIGIT, HEX, LETTER, REFERENCE, Token};

/// Shortest run that is told: the shortest Bitcoin address.
const LEAST: usize = 26;

/// The runs of at least [`LEAST`] letters and digits, whole, in order, but for some without a digit: no value
/// is one.
pub(super) fn long<'t>(text: &'t Text<'_>) -> impl Iterator<Item = Range<usize>> + 't {
    let bytes = text.str().as_bytes();
    let is_long = |word: &&Token| word.end - word.start >= LEAST && word.has(DIGIT);
    text.tokens().iter().filter(is_long).flat_map(move |word| {
        let mut at = word.start;
        std::iter::from_fn(move || {
            let run = next(bytes, *word, at)?;
            at = run.end;
            Some(run)
        })
    })
}

/// The first run in `word` from `at` on, where no run stands around `at`.
fn next(bytes: &[u8], word: Token, mut at: usize) -> Option<Range<usize>> {
    // A word of nothing else need not be read.
    if at == word.start && !word.has(!(DIGIT | HEX | LETTER | REFERENCE)) {
        return Some(word.start..word.end);
    }
    // A run that begins at `at` holds the last byte of the window: read from there, most are skipped.
    while let Some(window) = bytes[at..word.end].first_chunk::<LEAST>() {
        let parts = window.iter().rev().take_while(|byte| is_part(**byte));
        let skipped = LEAST - parts.count();
        if skipped == 0 {
            let rest = token::span(&bytes[at + LEAST..word.end], DIGIT | HEX | LETTER);
            return Some(at..at + LEAST + rest);
        }
        at += skipped;
    }
    None
}

fn is_part(byte: u8) -> bool {
    token::class(byte) & (DIGIT | HEX | LETTER) != 0
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
