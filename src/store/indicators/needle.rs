//! Which part of what is searched for the index is asked for.

/// What a part must tell to be asked for alone, in bits as [`bits`] counts them: eight digits of a hash.
const ENOUGH: u32 = 28;

/// The part of `needle` that the index is asked for; what it finds is compared with the whole needle.
///
/// The index knows values by every three letters and digits in a row. Each three of the needle are one more list
/// to read, and those of a scheme or an ending are as long as the table: the shortest part that tells enough is
/// the cheapest, the last of them where there are several, for what stands behind tells more.
pub(super) fn probe(needle: &str) -> &str {
    let mut best = needle;
    let mut chars = needle.char_indices().peekable();
    let (mut start, mut told) = (0, 0);
    let mut starts = needle.char_indices().map(|(at, c)| (at + c.len_utf8(), c));
    while let Some((_, c)) = chars.next() {
        told += bits(c);
        let end = chars.peek().map_or(needle.len(), |(at, _)| *at);
        while told >= ENOUGH {
            let part = &needle[start..end];
            if part.len() <= best.len() {
                best = part;
            }
            let Some((next, first)) = starts.next() else {
                break;
            };
            (start, told) = (next, told - bits(first));
        }
    }
    best
}

/// How much a character tells of a value, roughly.
fn bits(c: char) -> u32 {
    match c {
        '0'..='9' => 4,
        'a'..='f' | 'A'..='F' => 3,
        c if c.is_alphanumeric() => 2,
        // The index does not know it.
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_tells_enough_is_asked_for() {
        let sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(probe(sha256), "7852b855");
    }

    #[test]
    fn what_tells_too_little_is_asked_for_whole() {
        for needle in ["", "com", "evil.net", "192.0.2.7", "é", "----------------"] {
            assert_eq!(probe(needle), needle);
        }
    }
}
