//! Which candidates name the same value. Enter at [`numbers`].
//!
//! They are put into as many buckets as there are of them, by a print of their values, and each bucket is
//! sorted: a text that was written to make prints collide costs no more than sorting its values does.

use crate::extract::candidate::Candidate;

/// For each of `candidates` the number of its kind and value, from 0 in the order of first appearance.
pub(super) fn numbers(candidates: &[Candidate]) -> Vec<usize> {
    let named = |index: usize| (&candidates[index].value, candidates[index].kind);
    // First, for each candidate, the first one like it; then, in their order, their numbers.
    let mut numbers: Vec<usize> = (0..candidates.len()).collect();
    let (ends, mut sorted) = buckets(candidates);
    let mut start = 0;
    for end in ends {
        let bucket = &mut sorted[start..end];
        start = end;
        if bucket.len() > 1 {
            bucket.sort_unstable_by(|one, other| {
                named(*one).cmp(&named(*other)).then(one.cmp(other))
            });
        }
        for pair in bucket.windows(2) {
            if named(pair[0]) == named(pair[1]) {
                numbers[pair[1]] = numbers[pair[0]];
            }
        }
    }
    let mut next = 0;
    for index in 0..numbers.len() {
        let first = numbers[index];
        if first == index {
            numbers[index] = next;
            next += 1;
        } else {
            numbers[index] = numbers[first];
        }
    }
    numbers
}

/// The indices of `candidates` by the highest bits of the prints of their values, and where each bucket of
/// them ends.
fn buckets(candidates: &[Candidate]) -> (Vec<usize>, Vec<usize>) {
    let bits = candidates.len().next_power_of_two().trailing_zeros();
    let bucket = |one: &Candidate| (print(&one.value) >> 1 >> (63 - bits)) as usize;
    let own: Vec<usize> = candidates.iter().map(bucket).collect();
    let mut ends = vec![0; 1 << bits];
    for bucket in &own {
        ends[*bucket] += 1;
    }
    let mut sum = 0;
    for end in &mut ends {
        // Filled from here on, a bucket ends where the next begins.
        sum += std::mem::replace(end, sum);
    }
    let mut sorted = vec![0; candidates.len()];
    for (index, bucket) in own.into_iter().enumerate() {
        let end = &mut ends[bucket];
        sorted[*end] = index;
        *end += 1;
    }
    (ends, sorted)
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
