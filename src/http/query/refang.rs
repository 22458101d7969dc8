//! What a search text may stand for. The engine has the whole art of refanging; a search needs the
//! few spellings that people paste.

/// How analysts write what no program shall follow, and what they mean; tried in this order.
const REFANGED: &[(&str, &str)] = &[
    ("[://]", "://"),
    ("[:]", ":"),
    ("hxxp", "http"),
    ("[.]", "."),
    ("(.)", "."),
    ("{.}", "."),
    ("[dot]", "."),
    ("(dot)", "."),
    ("{dot}", "."),
    ("[@]", "@"),
    ("(@)", "@"),
    ("[at]", "@"),
    ("(at)", "@"),
    ("{at}", "@"),
];

/// What a search text may stand for: as typed, and refanged where that differs.
pub(in super::super) fn readings(typed: &str) -> Vec<String> {
    let mut live = typed.to_owned();
    for (written, meant) in REFANGED {
        while let Some(at) = live.to_ascii_lowercase().find(written) {
            live.replace_range(at..at + written.len(), meant);
        }
    }
    if live == typed || live.is_empty() {
        vec![typed.to_owned()]
    } else {
        vec![typed.to_owned(), live]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_defanged_search_means_the_live_value_too() {
        assert_eq!(
            readings("evil[.]example"),
            ["evil[.]example", "evil.example"]
        );
        assert_eq!(
            readings("hXXps[://]a[dot]b(.)example/x"),
            ["hXXps[://]a[dot]b(.)example/x", "https://a.b.example/x"]
        );
        assert_eq!(
            readings("user[at]host{.}example"),
            ["user[at]host{.}example", "user@host.example"]
        );
        assert_eq!(readings("100%"), ["100%"]);
    }
}
