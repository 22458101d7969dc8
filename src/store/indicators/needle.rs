//! Which part of what is searched for the index is asked for.

/// What a part must tell to be asked for alone, in bits as [`bits`] counts them: some six digits of a hash.
const ENOUGH: u32 = 22;

/// The part of `needle` that the index is asked for; what it finds is compared with the whole needle.
///
/// The index knows values by every three letters and digits in a row. Each three of the needle are one more list
/// to read, and those of a scheme or an ending are as long as the table: the shortest part that tells enough is
/// the cheapest, the last of them where there are several, for what stands behind tells more.
pub(super) fn probe(needle: &str) -> &str {
    let mut best = needle;
    for word in needle.split(|c: char| !c.is_alphanumeric()) {
        let (mut start, mut told) = (0, 0);
        for (at, c) in word.char_indices() {
            told += bits(c);
            while let Some(first) = word[start..].chars().next()
                && told >= ENOUGH
            {
                let part = &word[start..at + c.len_utf8()];
                if part.len() <= best.len() {
                    best = part;
                }
                start += first.len_utf8();
                told -= bits(first);
            }
        }
    }
    best
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

    #[test]
    fn a_part_that_tells_enough_is_asked_for() {
        let sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        for (needle, part) in [
            (sha256, "52b855"),
            ("https://cdn.evil4711.example/login.php", "vil4711"),
            ("https://microsoftonline.example/a", "softonline"),
            ("éééééééééééééééé", "ééééééééééé"),
        ] {
            assert_eq!(probe(needle), part);
        }
    }

    #[test]
    fn what_tells_too_little_is_asked_for_whole() {
        for needle in [
            "",
            "com",
            "evil.net",
            "198.51.100.207",
            "2001:db8::1",
            "é",
            "----------------",
        ] {
            assert_eq!(probe(needle), needle);
        }
    }
}
