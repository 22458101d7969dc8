//! The language that a document says it is written in, as a tag of
//! [BCP 47](https://www.rfc-editor.org/info/bcp47). Nothing is guessed from its text.

/// Longest tag kept, in bytes (RFC 5646, section 4.4.1).
const MAX_TAG: usize = 35;
/// Tags that say that nothing is known, or that there are no words.
const NOTHING: &[&str] = &["und", "zxx", "mul", "mis", "x-none", "none"];

/// The first tag of `said`, in the case that tags are written in: `pt_br, en` is `pt-BR`. `None` for what is
/// no tag.
pub(super) fn tag(said: &str) -> Option<String> {
    // A mail may name several; POSIX adds a charset.
    let first = said
        .split([',', ';', ' ', '.', '@'])
        .find(|s| !s.is_empty())?;
    let first = first.trim();
    if first.len() > MAX_TAG || NOTHING.iter().any(|no| first.eq_ignore_ascii_case(no)) {
        return None;
    }
    let mut tag = String::with_capacity(first.len());
    // Behind a single letter nothing is a script or a region.
    let mut extended = false;
    for (i, part) in first.split(['-', '_']).enumerate() {
        let plain = part.bytes().all(|b| b.is_ascii_alphanumeric());
        let fits = match i {
            0 => matches!(part.len(), 2..=3) && part.bytes().all(|b| b.is_ascii_alphabetic()),
            _ => matches!(part.len(), 1..=8),
        };
        if !plain || !fits {
            return None;
        }
        let mut part = part.to_ascii_lowercase();
        extended |= part.len() == 1;
        match part.len() {
            2 if i > 0 && !extended => part.make_ascii_uppercase(),
            4 if i > 0 && !extended => part[..1].make_ascii_uppercase(),
            _ => {}
        }
        if i > 0 {
            tag.push('-');
        }
        tag.push_str(&part);
    }
    Some(tag)
}

#[cfg(test)]
mod tests {
    use super::tag;

    #[test]
    fn tags_are_written_in_one_way_and_what_is_none_is_left_out() {
        for (said, tagged) in [
            ("en", Some("en")),
            (" EN_us ", Some("en-US")),
            ("pt-br, en", Some("pt-BR")),
            ("ZH-hant-tw", Some("zh-Hant-TW")),
            ("de_DE.UTF-8", Some("de-DE")),
            ("en-US-u-ca-gregory", Some("en-US-u-ca-gregory")),
            ("es-419", Some("es-419")),
            ("English", None),
            ("und", None),
            ("x-none", None),
            ("", None),
            ("en--US", None),
            ("\u{430}\u{431}", None),
            ("en-<script>", None),
            ("en-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa", None),
        ] {
            assert_eq!(tag(said).as_deref(), tagged, "{said:?}");
        }
    }
}
