//! Why a value may be benign. Enter at [`flags`].
//!
//! A flagged value is marked, never dropped. What the author defanged is an indicator whatever the
//! lists say; only the shape of an address (private, reserved) is told then. A hit on a host says
//! nothing of a URL with a path on it, unless the host is plumbing of documents or a reference. What
//! is the document's own is known only once all is found: [`Publisher`].

mod hosts;
mod publisher;

pub(crate) use publisher::Publisher;

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::indicator::{Flag, Kind};

/// Digests of the empty file and of the EICAR test file.
const DIGESTS: &[(&str, &str, &str)] = &[
    (
        "empty-file",
        "hash of the empty file",
        "d41d8cd98f00b204e9800998ecf8427e",
    ),
    (
        "empty-file",
        "hash of the empty file",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    ),
    (
        "empty-file",
        "hash of the empty file",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ),
    (
        "empty-file",
        "hash of the empty file",
        "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
    ),
    (
        "eicar",
        "hash of the EICAR test file",
        "44d88612fea8a8f36de82e1278abb02f",
    ),
    (
        "eicar",
        "hash of the EICAR test file",
        "3395856ce81f2b7382dee72602f798b642f14140",
    ),
    (
        "eicar",
        "hash of the EICAR test file",
        "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f",
    ),
];

/// The reasons for which `value` may be benign; empty where nothing is known.
pub(crate) fn flags(kind: Kind, value: &str, defanged: bool) -> Vec<Flag> {
    let reason = match kind {
        Kind::Ipv4 => v4(value, defanged),
        Kind::Ipv6 => v6(value),
        Kind::IpPort => {
            address_of(value).and_then(|address| v4(address, defanged).or_else(|| v6(address)))
        }
        Kind::IpRange => value
            .split(['/', '-'])
            .next()
            .and_then(|address| v4(address, true).or_else(|| v6(address))),
        Kind::Domain => hosts::reason(value, defanged, hosts::Scope::Host),
        Kind::Email => value
            .rsplit_once('@')
            .and_then(|(_, host)| hosts::reason(host, defanged, hosts::Scope::Mailbox)),
        Kind::Url => url(value, defanged),
        Kind::HashMd5 | Kind::HashSha1 | Kind::HashSha256 | Kind::HashSha512 => DIGESTS
            .iter()
            .find(|(_, _, digest)| *digest == value)
            .map(|(list, reason, _)| (*reason, *list)),
        _ => None,
    };
    match reason {
        Some((reason, list)) => vec![Flag {
            reason: reason.to_owned(),
            list: list.to_owned(),
        }],
        None => Vec::new(),
    }
}

/// The address of `1.2.3.4:80` or `[::1]:80`.
fn address_of(value: &str) -> Option<&str> {
    let (address, _) = value.rsplit_once(':')?;
    Some(address.trim_matches(['[', ']']))
}

fn url(value: &str, defanged: bool) -> Option<(&'static str, &'static str)> {
    let scheme = memchr::memchr_iter(b':', value.as_bytes())
        .find(|colon| value[*colon..].starts_with("://"))?;
    let rest = &value[scheme + 3..];
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let host = match host.strip_prefix('[') {
        Some(inside) => inside.split(']').next().unwrap_or(inside),
        None => host.split(':').next().unwrap_or(host),
    };
    let bare = rest[end..].trim_start_matches('/').is_empty();
    let scope = if bare {
        hosts::Scope::Host
    } else {
        hosts::Scope::Page
    };
    v4(host, true)
        .or_else(|| v6(host))
        .or_else(|| hosts::reason(host, defanged, scope))
}

/// Special ranges of IPv4 (IANA registry, RFC 6890) and resolvers that everybody asks.
fn v4(value: &str, defanged: bool) -> Option<(&'static str, &'static str)> {
    const RESOLVERS: &[&str] = &[
        "1.0.0.1",
        "1.1.1.1",
        "149.112.112.112",
        "208.67.220.220",
        "208.67.222.222",
        "4.2.2.1",
        "4.2.2.2",
        "8.8.4.4",
        "8.8.8.8",
        "9.9.9.9",
        "94.140.14.14",
        "94.140.15.15",
    ];
    // Most hosts are names: no address begins as they do.
    if !value.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let address: Ipv4Addr = value.parse().ok()?;
    let [a, b, c, _] = address.octets();
    let reason = match (a, b, c) {
        _ if address.is_private() => "private address (RFC 1918)",
        _ if address.is_loopback() => "loopback address (RFC 1122)",
        _ if address.is_link_local() => "link-local address (RFC 3927)",
        _ if address.is_documentation() => "documentation address (RFC 5737)",
        _ if address.is_multicast() => "multicast address (RFC 5771)",
        _ if address.is_broadcast() => "broadcast address (RFC 919)",
        (0, ..) => "address of this network (RFC 791)",
        (100, 64..=127, _) => "shared address space (RFC 6598)",
        (192, 0, 0) => "protocol assignment (RFC 6890)",
        (198, 18 | 19, _) => "benchmarking address (RFC 2544)",
        (240..=255, ..) => "reserved address (RFC 1112)",
        _ if !defanged && RESOLVERS.contains(&value) => {
            return Some(("public DNS resolver", "public-dns"));
        }
        _ => return None,
    };
    Some((reason, "reserved-ranges"))
}

/// Special ranges of IPv6 (IANA registry, RFC 6890).
fn v6(value: &str) -> Option<(&'static str, &'static str)> {
    if !value.bytes().any(|byte| byte == b':') {
        return None;
    }
    let address: Ipv6Addr = value.parse().ok()?;
    let [first, second, ..] = address.segments();
    let reason = match (first, second) {
        _ if address.is_loopback() => "loopback address (RFC 4291)",
        _ if address.is_unspecified() => "unspecified address (RFC 4291)",
        _ if address.is_multicast() => "multicast address (RFC 4291)",
        (0xfe80..=0xfebf, _) => "link-local address (RFC 4291)",
        (0xfc00..=0xfdff, _) => "unique local address (RFC 4193)",
        (0x2001, 0x0db8) => "documentation address (RFC 3849)",
        _ => return None,
    };
    Some((reason, "reserved-ranges"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(kind: Kind, value: &str, defanged: bool) -> Vec<String> {
        flags(kind, value, defanged)
            .into_iter()
            .map(|flag| flag.list)
            .collect()
    }

    #[test]
    fn the_shape_of_an_address_is_told_even_where_it_was_defanged() {
        for (kind, value) in [
            (Kind::Ipv4, "10.1.2.3"),
            (Kind::Ipv4, "192.0.2.1"),
            (Kind::Ipv4, "100.64.0.1"),
            (Kind::Ipv6, "fe80::1"),
            (Kind::Ipv6, "2001:db8::1"),
            (Kind::IpPort, "127.0.0.1:80"),
            (Kind::IpPort, "[::1]:80"),
            (Kind::IpRange, "192.168.0.0/16"),
            (Kind::Url, "http://10.0.0.1/a"),
        ] {
            assert_eq!(lists(kind, value, true), ["reserved-ranges"], "{value}");
        }
        assert_eq!(lists(Kind::Ipv4, "100.63.0.1", false), [""; 0]);
        assert_eq!(lists(Kind::Ipv4, "8.8.8.8", false), ["public-dns"]);
        assert_eq!(lists(Kind::Ipv4, "8.8.8.8", true), [""; 0]);
    }

    #[test]
    fn a_host_that_everybody_knows_is_flagged_unless_it_was_defanged() {
        assert_eq!(
            lists(Kind::Domain, "www.w3.org", false),
            ["document-plumbing"]
        );
        assert_eq!(lists(Kind::Domain, "www.google.com", false), ["big-names"]);
        assert_eq!(
            lists(Kind::Domain, "evil.google.com.example.net", false),
            ["example-domains"]
        );
        assert_eq!(lists(Kind::Domain, "notgoogle.com", false), [""; 0]);
        assert_eq!(lists(Kind::Domain, "www.google.com", true), [""; 0]);
        assert_eq!(
            lists(Kind::Email, "a@example.org", true),
            ["example-domains"]
        );
        assert_eq!(lists(Kind::Email, "evil@gmail.com", false), [""; 0]);
    }

    #[test]
    fn a_page_on_a_delivery_host_is_not_silenced_by_its_host() {
        assert_eq!(
            lists(Kind::Url, "https://drive.google.com/uc?id=1", false),
            [""; 0]
        );
        assert_eq!(
            lists(Kind::Url, "https://google.com/", false),
            ["big-names"]
        );
        assert_eq!(
            lists(
                Kind::Url,
                "https://github.com/evil/evil/releases/x.exe",
                false
            ),
            [""; 0]
        );
        assert_eq!(
            lists(
                Kind::Url,
                "https://attack.mitre.org/techniques/T1059",
                false
            ),
            ["references"]
        );
        assert_eq!(
            lists(Kind::Url, "http://www.w3.org/1999/xhtml", false),
            ["document-plumbing"]
        );
    }

    #[test]
    fn digests_of_nothing_are_flagged() {
        assert_eq!(
            lists(Kind::HashMd5, "d41d8cd98f00b204e9800998ecf8427e", true),
            ["empty-file"]
        );
        assert_eq!(
            lists(Kind::HashMd5, "00000000000000000000000000000001", true),
            [""; 0]
        );
    }
}
