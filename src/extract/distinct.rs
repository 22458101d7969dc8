//! Which candidates name the same value. Enter at [`numbers`].
//!
//! The first candidate of each value is noted in one of a few places of a table, by a print of the value: a
//! text that was written to make prints collide costs no more than a search tree of its values does.

use std::collections::BTreeMap;

use crate::extract::candidate::Candidate;

/// Places that are tried for a value before it is left to the tree.
const TRIES: usize = 8;
/// A place that is not taken.
const FREE: usize = usize::MAX;

/// For each of `candidates` the number of its kind and value, from 0 in the order of first appearance.
pub(super) fn numbers(candidates: &[Candidate]) -> Vec<usize> {
    let named = |index: usize| (candidates[index].value.as_str(), candidates[index].kind);
    let bits = (2 * candidates.len()).next_power_of_two().trailing_zeros();
    // For a value, the index of the first candidate that has it.
    let mut table = vec![FREE; (1 << bits) + TRIES];
    let mut tree = BTreeMap::new();
    let mut numbers = Vec::with_capacity(candidates.len());
    let mut next = 0;
    for (index, candidate) in candidates.iter().enumerate() {
        let at = (print(&candidate.value) >> 1 >> (63 - bits)) as usize;
        let mut tried = table[at..at + TRIES].iter_mut();
        let first = match tried.find(|first| **first == FREE || named(**first) == named(index)) {
            Some(first) => {
                *first = index.min(*first);
                *first
            }
            None => *tree.entry(named(index)).or_insert(index),
        };
        if first == index {
            numbers.push(next);
            next += 1;
        } else {
            numbers.push(numbers[first]);
        }
    }
    numbers
}

/// A number in which most values differ, and few instructions make.
fn print(value: &str) -> u64 {
    /// 2^64 over the golden ratio: multiplying by it spreads all bits to the highest.
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let bytes = value.as_bytes();
    let mix = |print: u64, word: u64| (print.rotate_left(29) ^ word).wrapping_mul(SPREAD);
    let (words, rest) = bytes.as_chunks();
    let print = words.iter().fold(bytes.len() as u64, |print, word| {
        mix(print, u64::from_le_bytes(*word))
    });
    let last = match bytes.last_chunk() {
        Some(last) => u64::from_le_bytes(*last),
        None => rest
            .iter()
            .fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    mix(print, last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::Kind;

    fn numbered(values: &[(Kind, &str)]) -> Vec<usize> {
        let candidate = |(kind, value): &(Kind, &str)| Candidate {
            kind: *kind,
            value: (*value).to_owned(),
            span: 0..0,
            defanged: false,
            confidence: 0,
        };
        numbers(&values.iter().map(candidate).collect::<Vec<_>>())
    }

    #[test]
    fn equal_values_of_a_kind_share_the_number_of_the_first() {
        let (a, b) = (Kind::Domain, Kind::Filename);
        let values = [
            (a, "z.example"),
            (a, "a.example"),
            (b, "z.example"),
            (a, "z.example"),
            (a, ""),
            (a, "a.example"),
            (b, "z.example"),
        ];
        assert_eq!(numbered(&values), [0, 1, 2, 0, 3, 1, 2]);
        assert!(numbered(&[]).is_empty());
    }

    #[test]
    fn more_values_of_one_print_than_places_are_told_apart() {
        // One value of more kinds than places are tried for has one print.
        let kinds = Kind::ALL.iter().chain(Kind::ALL);
        let values: Vec<_> = kinds.map(|kind| (*kind, "one.example")).collect();
        let expected: Vec<_> = (0..Kind::ALL.len()).chain(0..Kind::ALL.len()).collect();
        assert_eq!(numbered(&values), expected);
    }

    #[test]
    fn prints_tell_the_lengths_the_ends_and_the_order_of_values_apart() {
        let values = [
            "",
            "\0",
            "a",
            "b",
            "ab",
            "ba",
            "0123456789",
            "0123456798",
            "1032547698",
        ];
        for (index, value) in values.iter().enumerate() {
            assert!(
                values[..index]
                    .iter()
                    .all(|other| print(other) != print(value))
            );
        }
    }
}
