//! A sorted list of lower-case words that is asked far more often than it answers yes. Enter at
//! [`Lexicon::contains`].
//!
//! Most words of a text are in no list: one look-up by their length and three of their bytes dismisses
//! them.

/// A set of ASCII words, lower case and sorted.
pub(crate) struct Lexicon {
    words: &'static [&'static str],
    /// For each first byte, where its words begin; the next entry is where they end.
    starts: [u16; 257],
    /// The [`print`]s of its words, as bits.
    prints: [u64; PRINTS / 64],
}

/// Number of the prints that are told apart.
const PRINTS: usize = 4096;

/// Longest word that is looked for whatever its case, in bytes.
const LONGEST: usize = 32;

impl Lexicon {
    /// The set of `words`. In a `static`, words out of order do not compile.
    pub(crate) const fn new(words: &'static [&'static str]) -> Self {
        let mut starts = [0; 257];
        let mut prints = [0; PRINTS / 64];
        let mut index = 0;
        while index < words.len() {
            let word = words[index].as_bytes();
            assert!(
                index == 0 || precedes(words[index - 1].as_bytes(), word),
                "the words are not sorted, or one stands twice"
            );
            let print = print(word);
            prints[print / 64] |= 1 << (print % 64);
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
            prints,
        }
    }

    /// Whether `word` is one, as it is written.
    #[inline]
    pub(crate) fn contains(&self, word: &str) -> bool {
        self.may_hold(word.as_bytes()) && self.holds(word.as_bytes())
    }

    /// Whether `word` is one, whatever the case of its ASCII letters.
    pub(crate) fn contains_any_case(&self, word: &str) -> bool {
        let bytes = word.as_bytes();
        if bytes.len() > LONGEST || !self.may_hold(bytes) {
            return false;
        }
        let mut lower = [0; LONGEST];
        let lower = &mut lower[..bytes.len()];
        lower.copy_from_slice(bytes);
        lower.make_ascii_lowercase();
        self.holds(lower)
    }

    /// Whether it holds `word`, which it may hold.
    fn holds(&self, word: &[u8]) -> bool {
        let Some(first) = word.first() else {
            return false;
        };
        let first = usize::from(*first);
        self.words[usize::from(self.starts[first])..usize::from(self.starts[first + 1])]
            .binary_search_by(|known| known.as_bytes().cmp(word))
            .is_ok()
    }

    /// Whether `word` has the print of one. Inlined, it costs a few instructions, and the print of a word
    /// that is looked for in several sets is made once.
    #[inline]
    fn may_hold(&self, word: &[u8]) -> bool {
        if word.is_empty() {
            return false;
        }
        let print = print(word);
        self.prints[print / 64] >> (print % 64) & 1 != 0
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

/// What most words differ in, whatever their case: a number below [`PRINTS`] of `word`, which is not empty.
const fn print(word: &[u8]) -> usize {
    /// Sets two letters that differ only in case equal.
    const CASE: u32 = 0x20;
    let length = word.len();
    let first = word[0] as u32 | CASE;
    let middle = word[length / 2] as u32 | CASE;
    let last = word[length - 1] as u32 | CASE;
    // Multiplying by this odd number (2^32 over the golden ratio) spreads all bits to the highest.
    let mixed =
        (first | middle << 8 | last << 16 | (length as u32) << 24).wrapping_mul(0x9e37_79b1);
    (mixed >> (32 - PRINTS.trailing_zeros())) as usize
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
