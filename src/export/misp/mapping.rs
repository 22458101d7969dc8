//! What MISP has for each kind: its category, its type, and whether detectors should use it.

use crate::indicator::{Finding, Kind};

/// Category, type, whether a detector should use it.
pub(super) type Mapping = (&'static str, &'static str, bool);

/// What MISP has for a value.
pub(super) fn mapping(finding: &Finding) -> Mapping {
    match finding.kind {
        Kind::Ipv4 | Kind::Ipv6 => ("Network activity", "ip-dst", true),
        Kind::Domain if is_below_registrable(&finding.value) => {
            ("Network activity", "hostname", true)
        }
        Kind::Domain => ("Network activity", "domain", true),
        Kind::Url => ("Network activity", "url", true),
        Kind::HashMd5 => ("Payload delivery", "md5", true),
        Kind::HashSha1 => ("Payload delivery", "sha1", true),
        Kind::HashSha256 => ("Payload delivery", "sha256", true),
        Kind::HashSha512 => ("Payload delivery", "sha512", true),
        Kind::Email if is_sender(finding) => ("Payload delivery", "email-src", true),
        Kind::Email => ("Payload delivery", "email", true),
        Kind::Cve => ("External analysis", "vulnerability", false),
        // Most names (`update.exe`) are too common to alert on.
        Kind::Filename => ("Payload delivery", "filename", false),
        Kind::Filepath => ("Artifacts dropped", "filename", false),
        Kind::Command => ("Artifacts dropped", "text", false),
        Kind::Asn => ("Network activity", "AS", false),
        Kind::IpRange => ("Network activity", "ip-dst", false),
        Kind::IpPort => ("Network activity", "ip-dst|port", true),
        Kind::RegistryKey => ("Persistence mechanism", "regkey", true),
        Kind::MitreAttack => ("External analysis", "text", false),
        Kind::Bitcoin => ("Financial fraud", "btc", true),
        Kind::Monero => ("Financial fraud", "xmr", true),
        Kind::Ethereum => ("Financial fraud", "text", false),
        Kind::Ssdeep => ("Payload delivery", "ssdeep", true),
        // Many harmless programs import the same, and many clients say the same hello.
        Kind::Imphash => ("Payload delivery", "imphash", false),
        Kind::Ja3 => ("Network activity", "ja3-fingerprint-md5", false),
        Kind::Mutex => ("Artifacts dropped", "mutex", true),
        Kind::UserAgent => ("Network activity", "user-agent", false),
        Kind::Onion => ("Network activity", "domain", true),
        Kind::Cwe => ("External analysis", "weakness", false),
        Kind::YaraRule | Kind::Tlp | Kind::Custom(_) => ("External analysis", "text", false),
    }
}

/// Whether a name lies below the domain that was registered: `www.example.com` below `example.com`.
fn is_below_registrable(name: &str) -> bool {
    psl::domain_str(name).is_some_and(|registrable| registrable.len() < name.len())
}

/// Whether the document says that mail came from the address.
fn is_sender(finding: &Finding) -> bool {
    let label = finding
        .description
        .as_deref()
        .unwrap_or_default()
        .to_lowercase();
    label
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| matches!(word, "sender" | "senders" | "from"))
}

/// The composite type of a file name and a hash.
pub(super) fn composite(hash: Kind) -> Option<&'static str> {
    match hash {
        Kind::HashMd5 => Some("filename|md5"),
        Kind::HashSha1 => Some("filename|sha1"),
        Kind::HashSha256 => Some("filename|sha256"),
        Kind::HashSha512 => Some("filename|sha512"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_below_the_registrable_domain_is_a_hostname() {
        assert!(is_below_registrable("www.example.co.uk"));
        assert!(!is_below_registrable("example.co.uk"));
        assert!(!is_below_registrable("com"));
    }
}
