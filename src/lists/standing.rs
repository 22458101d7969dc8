//! What a hit on a list says of a value being benign. Enter at [`Standing::of`].
//!
//! Attackers live in clouds, behind short links and on famous sites: a list is soft unless it is known to hold what
//! nobody attacks from.

use serde::{Deserialize, Serialize};

/// What a hit on a contextual list says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Benign by what it is, whatever an author did with it: reserved ranges, names for examples, the empty file.
    Always,
    /// Benign with every page on it: what documents are made with, and what they cite.
    Pages,
    /// Benign by itself; a page on it may be anybody's.
    Itself,
    /// Evidence beside other evidence, never alone.
    Soft,
}

use Standing::{Always, Itself, Pages};

/// MISP warninglists that are not soft.
const KNOWN: &[(&str, Standing)] = &[
    ("apple", Itself),
    ("automated-malware-analysis", Pages),
    ("captive-portals", Itself),
    ("common-ioc-false-positive", Itself),
    ("crl-hostname", Itself),
    ("crl-ip", Itself),
    ("eicar.com", Always),
    ("empty-hashes", Always),
    ("findip-host", Itself),
    ("google", Itself),
    ("ipv6-linklocal", Always),
    ("microsoft", Itself),
    ("microsoft-office365", Itself),
    ("microsoft-office365-cn", Itself),
    ("microsoft-office365-ip", Itself),
    ("microsoft-win10-connection-endpoints", Itself),
    ("mozilla-CA", Itself),
    ("mozilla-IntermediateCA", Itself),
    ("multicast", Always),
    ("nioc-filehash", Itself),
    ("public-dns-hostname", Itself),
    ("public-dns-v4", Itself),
    ("public-dns-v6", Itself),
    ("rfc1918", Always),
    ("rfc3849", Always),
    ("rfc5735", Always),
    ("rfc6598", Always),
    ("rfc6761", Always),
    ("security-provider-blogpost", Pages),
    ("ti-falsepositives", Itself),
    ("whats-my-ip", Itself),
];

impl Standing {
    /// That of the contextual list called `slug`; soft where nothing is known of it.
    #[must_use]
    pub fn of(slug: &str) -> Self {
        let known = KNOWN.iter().find(|(known, _)| *known == slug);
        known.map_or(Self::Soft, |(_, standing)| *standing)
    }
}
