//! A sorted list of lower-case words that is asked far more often than it answers yes. Enter at
//! [`Lexicon::contains`].
//!
//! Most words of a text are in no list: one look-up by first byte and length dismisses them.

/// A set of ASCII words, lower case and sorted.
pub(crate) struct Lexicon {
    words: &'static [&'static str],
    /// For each first byte, where its words begin; the next entry is where they end.
    starts: [u16; 257],
    /// For each first byte, the lengths of its words as bits; the last stands for all from there on.
    lengths: [u32; 256],
}

/// Longest word that is looked for whatever its case, in bytes.
const LONGEST: usize = 32;

impl Lexicon {
    /// The set of `words`. In a `static`, words out of order do not compile.
    pub(crate) const fn new(words: &'static [&'static str]) -> Self {
        let mut starts = [0; 257];
        let mut lengths = [0; 256];
        let mut index = 0;
        while index < words.len() {
            let word = words[index].as_bytes();
            assert!(
                index == 0 || precedes(words[index - 1].as_bytes(), word),
                "the words are not sorted, or one stands twice"
            );
            lengths[word[0] as usize] |= 1 << length_bit(word.len());
            starts[word[0] as usize + 1] = index as u16 + 1;
            index += 1;
        }
        // A byte that begins no word begins and ends where the one before it ends.
        let mut byte = 1;
        while byte < starts.len() {
            if starts[byte] < starts[byte - 1] {
                starts[byte] = starts[byte - 1];
            }
            byte += 1;
        }
        Self {
            words,
            starts,
            lengths,
        }
    }

    /// Whether `word` is one, as it is written.
    pub(crate) fn contains(&self, word: &str) -> bool {
        self.holds(word.as_bytes())
    }

    /// Whether `word` is one, whatever the case of its ASCII letters.
    pub(crate) fn contains_any_case(&self, word: &str) -> bool {
        let bytes = word.as_bytes();
        let Some(first) = bytes.first() else {
            return false;
        };
        if bytes.len() > LONGEST || !self.may_hold(first.to_ascii_lowercase(), bytes.len()) {
            return false;
        }
        let mut lower = [0; LONGEST];
        let lower = &mut lower[..bytes.len()];
        lower.copy_from_slice(bytes);
        lower.make_ascii_lowercase();
        self.holds(lower)
    }

    fn holds(&self, word: &[u8]) -> bool {
        let Some(first) = word.first() else {
            return false;
        };
        let first = usize::from(*first);
        self.may_hold(word[0], word.len())
            && self.words[usize::from(self.starts[first])..usize::from(self.starts[first + 1])]
                .binary_search_by(|known| known.as_bytes().cmp(word))
                .is_ok()
    }

    fn may_hold(&self, first: u8, length: usize) -> bool {
        self.lengths[usize::from(first)] >> length_bit(length) & 1 != 0
    }

    /// Its words.
    #[cfg(test)]
    pub(crate) fn words(&self) -> &'static [&'static str] {
        self.words
    }
}

const fn precedes(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() {
        if one[at] != other[at] {
            return one[at] < other[at];
        }
        at += 1;
    }
    one.len() < other.len()
}

const fn length_bit(length: usize) -> u32 {
    if length < 31 { length as u32 } else { 31 }
}

#[cfg(test)]
mod tests {
    use super::*;

    static TREES: Lexicon = Lexicon::new(&["7z", "alder", "ash", "beech", "yew"]);

    #[test]
    fn every_word_of_the_list_is_found_and_no_other() {
        for word in TREES.words {
            assert!(TREES.contains(word), "{word}");
            assert!(TREES.contains_any_case(&word.to_uppercase()), "{word}");
        }
        for word in ["", "as", "ashes", "asp", "oak", "Ash", "é", "zzz"] {
            assert!(!TREES.contains(word), "{word}");
        }
        assert!(!TREES.contains_any_case("axe") && !TREES.contains_any_case(""));
    }

    #[test]
    fn an_order_is_told_from_another() {
        assert!(precedes(b"ash", b"ashes") && precedes(b"a", b"b"));
        assert!(!precedes(b"ash", b"ash") && !precedes(b"b", b"ash"));
    }
}
