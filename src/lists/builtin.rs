//! Lists that are part of the program, written for documents. Enter at [`builtin`].
//!
//! Extraction reads the same tables by itself: what it asks at each word it asks of sets that the compiler makes.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Entries, List, ListKind, Refusal, Rule, Standing};
use crate::indicator::Kind;
use crate::network::Network;

/// Names kept for examples and tests (RFC 2606, RFC 6761). Sorted, as all of these.
pub(crate) const EXAMPLES: &[&str] = &[
    "example",
    "example.com",
    "example.net",
    "example.org",
    "home.arpa",
    "invalid",
    "localhost",
    "test",
];

/// Name spaces, schemas, fonts and counters that documents are made with.
pub(crate) const PLUMBING: &[&str] = &[
    "creativecommons.org",
    "fonts.googleapis.com",
    "fonts.gstatic.com",
    "gmpg.org",
    "iptc.org",
    "ns.adobe.com",
    "ogp.me",
    "openxmlformats.org",
    "purl.org",
    "rssboard.org",
    "schema.org",
    "schemas.android.com",
    "schemas.microsoft.com",
    "sitemaps.org",
    "w3.org",
    "www.google-analytics.com",
    "www.googletagmanager.com",
    "xml.org",
    "xmlns.com",
    "xmlsoap.org",
];

/// Places where researchers look things up and publish: a page there is a citation.
pub(crate) const REFERENCES: &[&str] = &[
    "any.run",
    "attack.mitre.org",
    "blog.talosintelligence.com",
    "blogs.microsoft.com",
    "capec.mitre.org",
    "cert.gov.ua",
    "cisa.gov",
    "cve.mitre.org",
    "cve.org",
    "cwe.mitre.org",
    "d3fend.mitre.org",
    "docs.microsoft.com",
    "exploit-db.com",
    "first.org",
    "hybrid-analysis.com",
    "joesandbox.com",
    "learn.microsoft.com",
    "lolbas-project.github.io",
    "malpedia.caad.fkie.fraunhofer.de",
    "mitre.org",
    "msrc.microsoft.com",
    "ncsc.gov.uk",
    "news.sophos.com",
    "nist.gov",
    "otx.alienvault.com",
    "securelist.com",
    "shodan.io",
    "support.microsoft.com",
    "talosintelligence.com",
    "tria.ge",
    "unit42.paloaltonetworks.com",
    "urlscan.io",
    "virustotal.com",
    "welivesecurity.com",
    "wikipedia.org",
];

/// Names that stand for a whole industry. A page on them may be anybody's.
pub(crate) const BIG_NAMES: &[&str] = &[
    "adobe.com",
    "akamai.com",
    "amazon.com",
    "android.com",
    "apple.com",
    "bing.com",
    "cloudflare.com",
    "crowdstrike.com",
    "eset.com",
    "facebook.com",
    "fireeye.com",
    "github.com",
    "github.io",
    "gitlab.com",
    "google.com",
    "googleapis.com",
    "icloud.com",
    "instagram.com",
    "kaspersky.com",
    "linkedin.com",
    "linux.org",
    "mandiant.com",
    "microsoft.com",
    "microsoftonline.com",
    "mozilla.org",
    "msn.com",
    "office.com",
    "office365.com",
    "oracle.com",
    "paloaltonetworks.com",
    "paypal.com",
    "python.org",
    "reddit.com",
    "sophos.com",
    "symantec.com",
    "t.co",
    "trendmicro.com",
    "twitter.com",
    "ubuntu.com",
    "windows.com",
    "windowsupdate.com",
    "x.com",
    "yahoo.com",
    "youtube.com",
];

/// Resolvers that everybody asks.
pub(crate) const RESOLVERS: &[&str] = &[
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

/// The networks of resolvers that everybody may ask: list, name, networks. What is near a resolver is not one: these are
/// told by look-ups, and excuse nothing.
const RESOLVER_NETWORKS: &[(&str, &str, &[&str])] = &[
    (
        "public-dns-networks-v4",
        "List of known IPv4 public DNS resolvers",
        &[
            "1.0.0.0/24",
            "1.1.1.0/24",
            "8.8.4.0/24",
            "8.8.8.0/24",
            "9.9.9.0/24",
            "94.140.14.0/24",
            "94.140.15.0/24",
            "149.112.112.0/24",
            "208.67.220.0/24",
            "208.67.222.0/24",
        ],
    ),
    (
        "public-dns-networks-v6",
        "List of known IPv6 public DNS resolvers",
        &[
            "2001:4860:4860::/48",
            "2606:4700:4700::/48",
            "2620:fe::/48",
            "2620:119:35::/48",
            "2620:119:53::/48",
            "2a10:50c0::/48",
        ],
    ),
];

/// Digests of nothing and of the EICAR test file: list, reason, digest.
pub(crate) const DIGESTS: &[(&str, &str, &str)] = &[
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

/// Special ranges (IANA registries, RFC 6890), and why: the first that holds an address tells.
pub(crate) const RESERVED: &[(Network, &str)] = &[
    (v4(10, 0, 0, 8), "private address (RFC 1918)"),
    (v4(172, 16, 0, 12), "private address (RFC 1918)"),
    (v4(192, 168, 0, 16), "private address (RFC 1918)"),
    (v4(127, 0, 0, 8), "loopback address (RFC 1122)"),
    (v4(169, 254, 0, 16), "link-local address (RFC 3927)"),
    (v4(192, 0, 2, 24), "documentation address (RFC 5737)"),
    (v4(198, 51, 100, 24), "documentation address (RFC 5737)"),
    (v4(203, 0, 113, 24), "documentation address (RFC 5737)"),
    (v4(224, 0, 0, 4), "multicast address (RFC 5771)"),
    (
        Network::v4(Ipv4Addr::BROADCAST, 32),
        "broadcast address (RFC 919)",
    ),
    (v4(0, 0, 0, 8), "address of this network (RFC 791)"),
    (v4(100, 64, 0, 10), "shared address space (RFC 6598)"),
    (v4(192, 0, 0, 24), "protocol assignment (RFC 6890)"),
    (v4(198, 18, 0, 15), "benchmarking address (RFC 2544)"),
    (v4(240, 0, 0, 4), "reserved address (RFC 1112)"),
    (
        Network::v6(Ipv6Addr::LOCALHOST, 128),
        "loopback address (RFC 4291)",
    ),
    (
        Network::v6(Ipv6Addr::UNSPECIFIED, 128),
        "unspecified address (RFC 4291)",
    ),
    (v6(0xff00, 0, 8), "multicast address (RFC 4291)"),
    (v6(0xfe80, 0, 10), "link-local address (RFC 4291)"),
    (v6(0xfc00, 0, 7), "unique local address (RFC 4193)"),
    (v6(0x2001, 0x0db8, 32), "documentation address (RFC 3849)"),
];

const fn v4(a: u8, b: u8, c: u8, prefix: u32) -> Network {
    Network::v4(Ipv4Addr::new(a, b, c, 0), prefix)
}

const fn v6(a: u16, b: u16, prefix: u32) -> Network {
    Network::v6(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), prefix)
}

/// Whether every address of `network` is special.
pub(super) fn is_reserved(network: Network) -> bool {
    let (first, last) = network.ends();
    RESERVED
        .iter()
        .any(|(range, _)| range.contains(first) && range.contains(last))
}

/// The lists with what they hold, ready for a matcher.
///
/// # Errors
/// An entry that cannot be listed; a test shows that there is none.
pub fn builtin() -> Result<Vec<(List, Entries)>, Refusal> {
    let hosts = [Kind::Domain, Kind::Url, Kind::Email];
    let addresses = [
        Kind::Ipv4,
        Kind::Ipv6,
        Kind::IpRange,
        Kind::IpPort,
        Kind::Url,
    ];
    let names = |slug, name, standing, values: &[&str]| {
        made(slug, name, standing, &hosts, Rule::Name, values)
    };
    let reserved: Vec<_> = RESERVED
        .iter()
        .map(|(range, _)| range.to_string())
        .collect();
    let reserved: Vec<_> = reserved.iter().map(String::as_str).collect();
    let mut lists = vec![
        made(
            "reserved-ranges",
            "address of a special range (RFC 6890)",
            Standing::Always,
            &addresses,
            Rule::Network,
            &reserved,
        )?,
        names(
            "example-domains",
            "example domain (RFC 2606, RFC 6761)",
            Standing::Always,
            EXAMPLES,
        )?,
        names(
            "document-plumbing",
            "document name space, schema or font",
            Standing::Pages,
            PLUMBING,
        )?,
        names(
            "references",
            "reference or research site",
            Standing::Pages,
            REFERENCES,
        )?,
        names("big-names", "well-known site", Standing::Itself, BIG_NAMES)?,
        made(
            "public-dns",
            "public DNS resolver",
            Standing::Itself,
            &addresses,
            Rule::Network,
            RESOLVERS,
        )?,
    ];
    for (slug, name, networks) in RESOLVER_NETWORKS {
        let (mut list, entries) = made(
            slug,
            name,
            Standing::Soft,
            &addresses,
            Rule::Network,
            networks,
        )?;
        list.description =
            "Networks of Google Public DNS, Cloudflare, Quad9, OpenDNS and AdGuard DNS".to_owned();
        lists.push((list, entries));
    }
    let hashes = [
        Kind::HashMd5,
        Kind::HashSha1,
        Kind::HashSha256,
        Kind::HashSha512,
    ];
    for digests in DIGESTS.chunk_by(|(one, ..), (other, ..)| one == other) {
        let values: Vec<_> = digests.iter().map(|(.., digest)| *digest).collect();
        let (slug, reason, _) = digests[0];
        lists.push(made(
            slug,
            reason,
            Standing::Always,
            &hashes,
            Rule::Exact,
            &values,
        )?);
    }
    Ok(lists)
}

fn made(
    slug: &str,
    name: &str,
    standing: Standing,
    kinds: &[Kind],
    rule: Rule,
    values: &[&str],
) -> Result<(List, Entries), Refusal> {
    let mut entries = Entries::default();
    for value in values {
        entries.add(rule, None, value)?;
    }
    let list = List {
        name: name.to_owned(),
        kinds: kinds.iter().copied().collect(),
        standing,
        ..List::new(slug, ListKind::Contextual)
    };
    Ok((list, entries))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_of_the_program_can_be_listed() {
        let lists = builtin().unwrap();
        let slugs: Vec<_> = lists.iter().map(|(list, _)| list.slug.as_str()).collect();
        assert_eq!(
            slugs,
            [
                "reserved-ranges",
                "example-domains",
                "document-plumbing",
                "references",
                "big-names",
                "public-dns",
                "public-dns-networks-v4",
                "public-dns-networks-v6",
                "empty-file",
                "eicar"
            ]
        );
        assert!(lists.iter().all(|(_, entries)| !entries.is_empty()));
    }

    #[test]
    fn a_network_is_reserved_if_all_of_it_is() {
        for (network, reserved) in [
            ("10.0.0.0/8", true),
            ("10.1.2.3/32", true),
            ("0.0.0.0/8", true),
            ("8.0.0.0/6", false),
            ("11.0.0.0/8", false),
            ("fe80::1/128", true),
            ("2001::/16", false),
        ] {
            assert_eq!(is_reserved(network.parse().unwrap()), reserved, "{network}");
        }
    }
}
