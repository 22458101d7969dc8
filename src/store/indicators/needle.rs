//! What the indexes are asked for, so that what is searched for is found.
//!
//! Hashes have indexes of their own, for what holds nothing but hexadecimal digits: one of blocks for needles that hold a
//! block whole wherever they stand, one of trigrams for shorter ones. All other values are in an index of trigrams, those
//! in which four numbers stand with dots between them, as in an address, in one of such fours, and those with a hash in them
//! in one of trigrams that is all theirs.

use std::cmp::Reverse;

use super::super::submissions::containing;

/// Digits of a block (`hash_blocks` of the schema).
const BLOCK: usize = 8;
/// Digits from the beginning of one block of a hash to that of the next.
const STRIDE: usize = 24;
/// Digits among which there is a block, wherever in a hash they stand.
const HOLDS_A_BLOCK: usize = STRIDE + BLOCK - 1;

/// What the indexes are asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Probes {
    /// Patterns for values that are no hashes.
    pub(super) words: Vec<String>,
    /// Patterns for hashes.
    pub(super) digits: Vec<String>,
    /// Blocks of hashes.
    pub(super) blocks: Vec<i32>,
    /// Patterns for values with a hash in them.
    pub(super) long_digits: Vec<String>,
    /// Fours of numbers with dots between them.
    pub(super) dotted: Vec<i32>,
    /// What is looked for in what they found, in lower case; `None` where they find nothing else.
    pub(super) needles: Option<Vec<String>>,
}

impl Probes {
    /// For values that hold one of `needles` in any case.
    pub(super) fn new(needles: &[String]) -> Self {
        let mut probes = Self::default();
        let mut finds_more = false;
        let needles: Vec<String> = needles.iter().map(|q| q.to_ascii_lowercase()).collect();
        for needle in needles.iter().map(String::as_str) {
            if let Some(four) = four(needle) {
                finds_more = true;
                probes.dotted.extend([four, MORE_THAN_FOUR]);
                continue;
            }
            let pattern = match telling(needle) {
                Some(parts) => {
                    finds_more |= parts != [needle];
                    format!("%{}%", parts.join("%"))
                }
                None => containing(needle),
            };
            let is_digits = needle.bytes().all(|b| b.is_ascii_hexdigit());
            if is_digits && needle.len() >= HOLDS_A_BLOCK {
                finds_more = true;
                let windows = (0..STRIDE).map(|at| &needle[at..at + BLOCK]);
                let numbers = windows.filter_map(|digits| u32::from_str_radix(digits, 16).ok());
                probes.blocks.extend(numbers.map(u32::cast_signed));
                probes.long_digits.push(pattern);
                continue;
            }
            if is_digits {
                probes.digits.push(pattern.clone());
            }
            probes.words.push(pattern);
        }
        probes.needles = finds_more.then_some(needles);
        probes
    }
}

/// What stands in the index for a row of more than four numbers (`dotted_keys` of the schema).
const MORE_THAN_FOUR: i32 = -1;
/// Digits of one of the inner two.
const INNER_DIGITS: usize = 3;

/// The first four numbers with dots between them in `needle`, as the index has them. Of the outer two only the digit beside
/// the dot counts: more may stand before and behind the needle.
fn four(needle: &str) -> Option<i32> {
    let parts: Vec<&str> = needle.split('.').collect();
    parts.windows(4).find_map(|four| {
        let first = four[0].chars().next_back()?.to_digit(10)?;
        let last = four[3].chars().next()?.to_digit(10)?;
        let inner = [four[1], four[2]];
        let sound = inner
            .iter()
            .all(|n| n.len() <= INNER_DIGITS && n.bytes().all(|b| b.is_ascii_digit()));
        let [second, third] = inner.map(|n| n.parse::<u32>().ok().filter(|_| sound));
        i32::try_from(((first * 1000 + second?) * 1000 + third?) * 10 + last).ok()
    })
}

/// What a part must tell to be asked for alone, in bits as [`bits`] counts them: some six digits of a hash.
const ENOUGH: u32 = 22;
/// Letters and digits in a row that the index knows: fewer tell it nothing.
const KNOWN: usize = 3;

/// The parts of `needle` that the index is asked for, in order; `None` where it is to be asked for the whole.
///
/// The index knows values by every three letters and digits in a row, and where words begin and end. Each three of the
/// needle are one more list to read, and those of a scheme or an ending are as long as the table: the shortest part that
/// tells enough is the cheapest, the last of them where there are several, for what stands behind tells more. Where no
/// part does, as in an address, the words that tell most do together.
fn telling(needle: &str) -> Option<Vec<&str>> {
    let words: Vec<&str> = needle.split(|c: char| !c.is_alphanumeric()).collect();
    let mut best: Option<&str> = None;
    for word in &words {
        let (mut start, mut told) = (0, 0);
        for (at, c) in word.char_indices() {
            told += bits(c);
            while let Some(first) = word[start..].chars().next()
                && told >= ENOUGH
            {
                let part = &word[start..at + c.len_utf8()];
                if best.is_none_or(|best| part.len() <= best.len()) {
                    best = Some(part);
                }
                start += first.len_utf8();
                told -= bits(first);
            }
        }
    }
    if let Some(best) = best {
        return Some(vec![best]);
    }
    let told = |word: &str| word.chars().map(bits).sum::<u32>();
    let mut known: Vec<(usize, &str)> = words.into_iter().enumerate().collect();
    known.retain(|(_, word)| word.chars().count() >= KNOWN);
    known.sort_by_key(|(_, word)| Reverse(told(word)));
    let mut sum = 0;
    let enough = 1 + known.iter().position(|(_, word)| {
        sum += told(word);
        sum >= ENOUGH
    })?;
    known.truncate(enough);
    known.sort_unstable();
    Some(known.into_iter().map(|(_, word)| word).collect())
}

/// How much a letter or digit tells of a value, roughly.
fn bits(c: char) -> u32 {
    match c {
        '0'..='9' => 4,
        'a'..='f' | 'A'..='F' => 3,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probes(needles: &[&str]) -> Probes {
        Probes::new(&needles.iter().map(|&q| q.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn digits_alone_may_stand_in_hashes() {
        assert_eq!(probes(&["Evil"]).digits, [""; 0]);
        assert_eq!(probes(&["Evil"]).needles, None);
        assert_eq!(probes(&["BEEF"]).digits, ["%beef%"]);
        assert_eq!(probes(&["BEEF"]).words, ["%beef%"]);
        let thirty = probes(&["d41d8cd98f00b204e9800998ecf842"]);
        assert_eq!((thirty.digits.len(), thirty.blocks.len()), (1, 0));
    }

    #[test]
    fn many_digits_hold_a_block_wherever_they_begin() {
        let sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let blocks = [0xe3b0_c442, 0x996f_b924, 0xa495_991b_u32].map(u32::cast_signed);
        for from in 0..=sha256.len() - HOLDS_A_BLOCK {
            let asked = probes(&[&sha256[from..from + HOLDS_A_BLOCK]]);
            assert!(
                blocks.iter().any(|block| asked.blocks.contains(block)),
                "{from}"
            );
            assert_eq!(asked.blocks.len(), STRIDE);
            assert_eq!((asked.digits.len(), asked.words.len()), (0, 0));
            assert_eq!(asked.long_digits.len(), 1);
            assert!(asked.needles.is_some());
        }
    }

    #[test]
    fn a_part_that_tells_enough_is_asked_for() {
        let sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        for (needle, part) in [
            (sha256, "52b855"),
            ("https://cdn.evil4711.example/login.php", "vil4711"),
            ("https://microsoftonline.example/a", "softonline"),
            ("éééééééééééééééé", "ééééééééééé"),
        ] {
            assert_eq!(telling(needle), Some(vec![part]));
        }
    }

    #[test]
    fn parts_that_tell_enough_together_are_asked_for() {
        assert_eq!(telling("198.51.100.207"), Some(vec!["198", "100"]));
        assert_eq!(telling("cve-2024-3094"), Some(vec!["2024", "3094"]));
        assert_eq!(telling("www.update.evil.com"), Some(vec!["update", "evil"]));
        let probes = probes(&["cve-2024-3094"]);
        assert_eq!(probes.words, ["%2024%3094%"]);
        assert_eq!(probes.needles, Some(vec!["cve-2024-3094".to_owned()]));
    }

    #[test]
    fn an_address_is_asked_for_by_its_four_numbers() {
        for (needle, four) in [
            ("198.51.100.207", Some(80_511_002)),
            ("8.51.100.2", Some(80_511_002)),
            ("http://192.0.2.1:8080/gate.php", Some(20_000_021)),
            ("1.2345.6.7.8.9", Some(50_060_078)),
            ("1.2.3", None),
            ("1.2.3.", None),
            ("1.2345.6.7", None),
            ("a.b.c.d", None),
            ("1.+2.3.4", None),
            ("1..2.3.4", None),
        ] {
            assert_eq!(super::four(needle), four, "{needle}");
        }
        let asked = probes(&["198.51.100.207", "evil"]);
        assert_eq!(asked.dotted, [80_511_002, MORE_THAN_FOUR]);
        assert_eq!(asked.words, ["%evil%"]);
        assert!(asked.needles.is_some());
    }

    #[test]
    fn what_tells_too_little_is_asked_for_whole() {
        for needle in [
            "",
            "com",
            "evil.net",
            "192.0.2.1",
            "2a00::1",
            "é",
            "----------------",
        ] {
            assert_eq!(telling(needle), None);
        }
        assert_eq!(probes(&["100%"]).words, [r"%100\%%"]);
    }
}
