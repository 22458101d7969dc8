//! URLs as [RFC 3986](https://www.rfc-editor.org/rfc/rfc3986) allows them: stricter than what reports write.

use std::fmt::Write;

/// `url` as [RFC 3986](https://www.rfc-editor.org/rfc/rfc3986) allows it: everything else is
/// percent-encoded. So is `'`, which is allowed: consumers cut a pattern's value at it.
pub(in crate::export) fn rfc3986(url: &str) -> String {
    let authority = url.find("://").map_or(0..0, |at| {
        let start = at + 3;
        start
            ..url[start..]
                .find(['/', '?', '#'])
                .map_or(url.len(), |length| start + length)
    });
    let bytes = url.as_bytes();
    let mut encoded = String::with_capacity(url.len());
    let mut fragment = false;
    for (at, &byte) in bytes.iter().enumerate() {
        let allowed = match byte {
            b'[' | b']' => authority.contains(&at),
            b'%' => bytes
                .get(at + 1..at + 3)
                .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
            // Only the first one opens the fragment.
            b'#' => !std::mem::replace(&mut fragment, true),
            _ => byte.is_ascii_alphanumeric() || b"-._~:/?@!$&()*+,;=".contains(&byte),
        };
        if allowed {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Whether a result of [`rfc3986`] has a scheme and an authority that the RFC allows.
pub(in crate::export) fn is_url(url: &str) -> bool {
    let Some((scheme, host, port)) = parts(url) else {
        return false;
    };
    let host_is_sound = match host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && !host.contains(['[', ']', '@']),
    };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
        && host_is_sound
        && port.bytes().all(|b| b.is_ascii_digit())
}

/// What stands where a host belongs.
pub(in crate::export) fn authority_host(url: &str) -> Option<&str> {
    parts(url).map(|(_, host, _)| host)
}

/// Scheme, host and port; the port is empty where there is none.
fn parts(url: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host_and_port = authority
        .split_once('@')
        .map_or(authority, |(_, host)| host);
    let bracket = host_and_port.find(']').unwrap_or(0);
    let (host, port) = match host_and_port[bracket..].find(':') {
        Some(colon) => (
            &host_and_port[..bracket + colon],
            &host_and_port[bracket + colon + 1..],
        ),
        None => (host_and_port, ""),
    };
    Some((scheme, host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_url_may_not_hold_is_percent_encoded_once() {
        for (written, encoded) in [
            (
                "http://a.example/x y|<z>",
                "http://a.example/x%20y%7C%3Cz%3E",
            ),
            (
                "http://a.example/é?q='1'",
                "http://a.example/%C3%A9?q=%271%27",
            ),
            (
                "http://a.example/100%/%41#a#b",
                "http://a.example/100%25/%41#a%23b",
            ),
            (
                "http://[2001:db8::1]:80/a[0]",
                "http://[2001:db8::1]:80/a%5B0%5D",
            ),
        ] {
            assert_eq!(rfc3986(written), encoded);
            assert_eq!(rfc3986(encoded), encoded);
            assert!(is_url(encoded), "{encoded}");
        }
    }

    #[test]
    fn a_url_without_a_sound_authority_is_none() {
        for bad in [
            "a.example/x",
            "http:///x",
            "http://a.example:8o/",
            "http://[::1/",
            "1http://a.example/",
            "http://a@b@c/",
        ] {
            assert!(!is_url(&rfc3986(bad)), "{bad}");
        }
    }
}
