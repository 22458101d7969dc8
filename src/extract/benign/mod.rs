//! Why a value may be benign. Enter at [`flags`].
//!
//! A flagged value is marked, never dropped. What the author defanged is an indicator whatever the
//! lists say; only the shape of an address (private, reserved) is told then. A hit on a host says
//! nothing of a URL with a path on it, unless the host is plumbing of documents or a reference. What
//! is the document's own is known only once all is found: [`Publisher`].

mod hosts;
mod publisher;

pub(crate) use publisher::Publisher;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::indicator::{Flag, Kind};
use crate::lists::builtin;

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
        Kind::HashMd5 | Kind::HashSha1 | Kind::HashSha256 | Kind::HashSha512 => builtin::DIGESTS
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

/// Special ranges of IPv4, and resolvers that everybody asks.
fn v4(value: &str, defanged: bool) -> Option<(&'static str, &'static str)> {
    // Most hosts are names: no address begins as they do.
    if !value.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let address: Ipv4Addr = value.parse().ok()?;
    let resolver = || {
        let known = !defanged && builtin::RESOLVERS.contains(&value);
        known.then_some(("public DNS resolver", "public-dns"))
    };
    reserved(address.into()).or_else(resolver)
}

/// Special ranges of IPv6.
fn v6(value: &str) -> Option<(&'static str, &'static str)> {
    if !value.bytes().any(|byte| byte == b':') {
        return None;
    }
    let address: Ipv6Addr = value.parse().ok()?;
    reserved(address.into())
}

fn reserved(address: IpAddr) -> Option<(&'static str, &'static str)> {
    let mut ranges = builtin::RESERVED.iter();
    let (_, reason) = ranges.find(|(range, _)| range.contains(address))?;
    Some((*reason, "reserved-ranges"))
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
