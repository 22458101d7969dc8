//! MISP's types of attributes as kinds. Enter at [`kinds`] and [`values`].

use crate::indicator::Kind;

/// A type, and the kind of each of the values that it writes with `|` between them.
type Row = (&'static str, &'static [&'static [Kind]]);

const ADDRESS: &[Kind] = &[Kind::Ipv4, Kind::Ipv6, Kind::IpRange];
const PORT: &[Kind] = &[Kind::IpPort];
const NAME: &[Kind] = &[Kind::Domain];
const FILE: &[Kind] = &[Kind::Filename];
const MAIL: &[Kind] = &[Kind::Email];
const MD5: &[Kind] = &[Kind::HashMd5];
const SHA1: &[Kind] = &[Kind::HashSha1];
const SHA256: &[Kind] = &[Kind::HashSha256];
const SHA512: &[Kind] = &[Kind::HashSha512];
const NOTHING: &[Kind] = &[];

/// Types that hold an indicator of a kind; the others hold none.
const TYPES: &[Row] = &[
    ("AS", &[&[Kind::Asn]]),
    ("btc", &[&[Kind::Bitcoin]]),
    ("dns-soa-email", &[MAIL]),
    ("domain", &[NAME]),
    ("domain|ip", &[NAME, ADDRESS]),
    ("email", &[MAIL]),
    ("email-dst", &[MAIL]),
    ("email-reply-to", &[MAIL]),
    ("email-src", &[MAIL]),
    ("filename", &[FILE]),
    ("filename|imphash", &[FILE, &[Kind::Imphash]]),
    ("filename|md5", &[FILE, MD5]),
    ("filename|sha1", &[FILE, SHA1]),
    ("filename|sha256", &[FILE, SHA256]),
    ("filename|sha512", &[FILE, SHA512]),
    ("filename|ssdeep", &[FILE, &[Kind::Ssdeep]]),
    ("hostname", &[NAME]),
    ("hostname|port", &[NAME, NOTHING]),
    ("imphash", &[&[Kind::Imphash]]),
    ("ip-dst", &[ADDRESS]),
    ("ip-src", &[ADDRESS]),
    ("ja3-fingerprint-md5", &[&[Kind::Ja3]]),
    ("md5", &[MD5]),
    ("mutex", &[&[Kind::Mutex]]),
    ("regkey", &[&[Kind::RegistryKey]]),
    ("regkey|value", &[&[Kind::RegistryKey], NOTHING]),
    ("sha1", &[SHA1]),
    ("sha256", &[SHA256]),
    ("sha512", &[SHA512]),
    ("ssdeep", &[&[Kind::Ssdeep]]),
    ("target-email", &[MAIL]),
    ("uri", &[&[Kind::Url]]),
    ("url", &[&[Kind::Url]]),
    ("user-agent", &[&[Kind::UserAgent]]),
    ("vulnerability", &[&[Kind::Cve]]),
    ("weakness", &[&[Kind::Cwe]]),
    ("whois-registrant-email", &[MAIL]),
    ("xmr", &[&[Kind::Monero]]),
];

/// The kinds that an attribute of type `name` may be of.
pub(super) fn kinds(name: &str) -> Vec<Kind> {
    if is_socket(name) {
        return [ADDRESS, PORT].concat();
    }
    let row = TYPES.iter().find(|(known, _)| *known == name);
    row.map_or_else(Vec::new, |(_, parts)| parts.concat())
}

/// The values of an attribute of type `name`, each with its kind. A file name beside its hash is left out: it is the
/// hash that accuses.
pub(super) fn values<'a>(name: &str, value: &'a str) -> Vec<(Kind, &'a str)> {
    if is_socket(name) {
        return vec![(Kind::IpPort, value)];
    }
    let Some((_, parts)) = TYPES.iter().find(|(known, _)| *known == name) else {
        return Vec::new();
    };
    // A user agent, or what a registry holds, may have a bar in it.
    let mut texts = value.splitn(parts.len(), '|');
    let mut values = Vec::new();
    for kinds in *parts {
        let (Some(kind), Some(text)) = (kinds.first(), texts.next()) else {
            continue;
        };
        if parts.len() == 1 || *kind != Kind::Filename {
            values.push((*kind, text));
        }
    }
    values
}

/// An address with a port.
fn is_socket(name: &str) -> bool {
    matches!(name, "ip-dst|port" | "ip-src|port")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_gives_the_values_that_accuse() {
        assert_eq!(
            values("domain|ip", "a.example|192.0.2.1"),
            [(Kind::Domain, "a.example"), (Kind::Ipv4, "192.0.2.1")]
        );
        assert_eq!(values("filename|md5", "a.exe|ab"), [(Kind::HashMd5, "ab")]);
        assert_eq!(values("filename", "a.exe"), [(Kind::Filename, "a.exe")]);
        assert_eq!(
            values("ip-dst|port", "192.0.2.1|80"),
            [(Kind::IpPort, "192.0.2.1|80")]
        );
        assert_eq!(
            values("regkey|value", r"HKLM\A|b|c"),
            [(Kind::RegistryKey, r"HKLM\A")]
        );
        assert_eq!(
            values("url", "http://a.example/|"),
            [(Kind::Url, "http://a.example/|")]
        );
        assert_eq!(values("text", "a"), []);
    }

    #[test]
    fn types_stand_once_and_have_a_kind_for_each_of_their_values() {
        for pair in TYPES.windows(2) {
            assert!(
                pair[0].0.to_lowercase() < pair[1].0.to_lowercase(),
                "{pair:?}"
            );
        }
        for (name, parts) in TYPES {
            assert_eq!(name.split('|').count(), parts.len(), "{name}");
        }
    }
}
