//! How a value may be written that is stored in one spelling.

use std::net::Ipv6Addr;

use super::super::query;

/// What an exact search for `typed` looks for: as typed and refanged, in either case, an address in its short form, a
/// URL with its host in lower case and with and without the slash of an empty path.
pub(in super::super) fn spellings(typed: &str) -> Vec<String> {
    let mut spellings: Vec<String> = Vec::new();
    let mut add = |text: String| {
        if !text.is_empty() && !spellings.contains(&text) {
            spellings.push(text);
        }
    };
    for reading in query::readings(typed.trim()) {
        let reading = reading.trim_end_matches('.');
        add(reading.to_owned());
        add(reading.to_lowercase());
        add(reading.to_uppercase());
        if let Ok(address) = reading.trim_matches(['[', ']']).parse::<Ipv6Addr>() {
            add(address.to_string());
        }
        if let Some((scheme, rest)) = reading.split_once("://") {
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            let (authority, path) = rest.split_at(end);
            let host = format!("{}://{}", scheme.to_lowercase(), authority.to_lowercase());
            match path {
                "" | "/" => {
                    add(host.clone());
                    add(format!("{host}/"));
                }
                path => add(format!("{host}{path}")),
            }
        }
    }
    spellings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_stands_for_the_spelling_that_is_stored() {
        for (typed, stored) in [
            ("Evil[.]Example.", "evil.example"),
            ("cve-2024-3400", "CVE-2024-3400"),
            (
                "D41D8CD98F00B204E9800998ECF8427E",
                "d41d8cd98f00b204e9800998ecf8427e",
            ),
            ("2001:0DB8:0:0::1", "2001:db8::1"),
            (
                "hxxps://Evil[.]Example/Gate.php?A=1",
                "https://evil.example/Gate.php?A=1",
            ),
            ("HTTPS://evil.example", "https://evil.example/"),
            (" t1059.001 ", "T1059.001"),
        ] {
            let spellings = spellings(typed);
            assert!(
                spellings.iter().any(|one| one == stored),
                "{typed}: {spellings:?}"
            );
        }
        assert!(spellings("  ").is_empty());
    }
}
