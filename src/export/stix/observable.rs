//! One indicator as observables and a pattern.

use std::net::IpAddr;

use serde_json::Value;

use super::object::{Object, Properties, properties};
use super::pattern::{equals, literal, term};
use super::syntax::{is_hostname, is_mailbox};
use crate::export::address::{networks, with_port};
use crate::export::path::parts;
use crate::export::phrase::one_line;
use crate::export::registry::Key;
use crate::export::uri::{authority_host, is_url, rfc3986};
use crate::indicator::Kind;

pub(super) const BASED_ON: &str = "based-on";

/// What can be observed of an indicator.
#[derive(Debug)]
pub(super) struct Observable {
    /// What a detector looks for.
    pub(super) pattern: String,
    /// What the pattern is about, as its relation says.
    pub(super) targets: Vec<Object>,
    /// `based-on`; `related-to` where the standard has no form for the value itself.
    pub(super) relation: &'static str,
    /// What the targets refer to.
    pub(super) parts: Vec<Object>,
}

impl Observable {
    /// Whether a target says `value` as it is: in a property, or as the port of an address.
    pub(super) fn shows(&self, value: &str) -> bool {
        fn holds(property: &Value, value: &str) -> bool {
            match property {
                Value::String(text) => text == value,
                Value::Object(map) => map.values().any(|inner| holds(inner, value)),
                _ => false,
            }
        }
        self.targets.iter().any(|target| {
            target.id.kind == "network-traffic"
                || target.properties.values().any(|p| holds(p, value))
        })
    }
}

/// The observable form of a value; `None` for kinds that are no observables (CVE, ATT&CK) or that the
/// standard has no object for, and for values that are not of their kind.
pub(super) fn observable(kind: Kind, value: &str) -> Option<Observable> {
    if value.contains(['\n', '\r']) {
        // A line break is how the document was set, not what ran; and importers die on one in a pattern.
        return observable(kind, &one_line(value));
    }
    Some(match kind {
        Kind::Ipv4 => valued("ipv4-addr", value),
        Kind::Ipv6 => valued("ipv6-addr", value),
        Kind::Email if !is_mailbox(value) => {
            beside(equals("email-addr:value", value), value.rsplit('@').next())
        }
        Kind::Email => valued("email-addr", value),
        Kind::Domain if !is_hostname(value) => {
            beside(equals("domain-name:value", value), Some(value))
        }
        Kind::Domain => valued("domain-name", value),
        Kind::Url => {
            let url = rfc3986(value);
            if is_url(&url) {
                valued("url", &url)
            } else {
                beside(equals("url:value", &url), authority_host(&url))
            }
        }
        Kind::HashMd5 => hashed("MD5", value),
        Kind::HashSha1 => hashed("SHA-1", value),
        Kind::HashSha256 => hashed("SHA-256", value),
        Kind::HashSha512 => hashed("SHA-512", value),
        Kind::Filename => alone(equals("file:name", value), named(value, Properties::new())),
        Kind::Filepath => path(value),
        Kind::Command => alone(
            equals("process:command_line", value),
            Object::process(value),
        ),
        Kind::Asn => autonomous_system(value)?,
        Kind::IpRange => range(value)?,
        Kind::IpPort => endpoint(value)?,
        Kind::RegistryKey => {
            let key = Key::parse(value).spelled_out();
            let pattern = equals("windows-registry-key:key", &key);
            alone(
                pattern,
                bare("windows-registry-key", properties([("key", key.into())])),
            )
        }
        Kind::Ssdeep => hashed("SSDEEP", value),
        Kind::Mutex => alone(
            equals("mutex:name", value),
            bare("mutex", properties([("name", value.into())])),
        ),
        Kind::Onion => valued("domain-name", value),
        // An import hash and a User-Agent have a place only in objects that want what no report says: what
        // sort of program it is, and between whom the traffic was.
        Kind::Imphash | Kind::UserAgent => return None,
        Kind::Bitcoin | Kind::Ethereum | Kind::Monero | Kind::Ja3 => return None,
        Kind::YaraRule | Kind::Tlp | Kind::Custom(_) => return None,
        Kind::Cve | Kind::Cwe | Kind::MitreAttack => return None,
    })
}

fn alone(pattern: String, target: Object) -> Observable {
    Observable {
        pattern,
        targets: vec![target],
        relation: BASED_ON,
        parts: Vec::new(),
    }
}

/// An observable whose every property contributes to its id.
fn bare(kind: &'static str, contributing: Properties) -> Object {
    Object::observable(kind, contributing, Properties::new())
}

fn valued(kind: &'static str, value: &str) -> Observable {
    alone(
        equals(&format!("{kind}:value"), value),
        bare(kind, properties([("value", value.into())])),
    )
}

/// A value that the standard has no form for, beside the nearest domain name: without a relation an
/// indicator is lost in most tools.
fn beside(pattern: String, host: Option<&str>) -> Observable {
    let mut name = host.unwrap_or_default();
    while let Some((_, parent)) = name.split_once('.').filter(|_| !is_hostname(name)) {
        name = parent;
    }
    let domain = || bare("domain-name", properties([("value", name.into())]));
    let targets = (is_hostname(name) && name.contains('.')).then(domain);
    Observable {
        pattern,
        targets: targets.into_iter().collect(),
        relation: "related-to",
        parts: Vec::new(),
    }
}

fn hashed(algorithm: &str, digest: &str) -> Observable {
    let hashes = properties([(algorithm, digest.into())]);
    let pattern = equals(&format!("file:hashes.'{algorithm}'"), digest);
    alone(
        pattern,
        bare("file", properties([("hashes", hashes.into())])),
    )
}

fn named(name: &str, mut others: Properties) -> Object {
    others.insert("name".to_owned(), name.into());
    bare("file", others)
}

/// A file in its directory; what ends in a separator is a directory alone.
fn path(value: &str) -> Observable {
    let Some((directory_path, name)) = parts(value) else {
        return alone(equals("file:name", value), named(value, Properties::new()));
    };
    let directory = bare("directory", properties([("path", directory_path.into())]));
    if name.is_empty() {
        return alone(equals("directory:path", directory_path), directory);
    }
    let pattern = format!(
        "[{} AND {}]",
        term("file:name", name),
        term("file:parent_directory_ref.path", directory_path)
    );
    let file = named(
        name,
        properties([("parent_directory_ref", directory.id.to_string().into())]),
    );
    Observable {
        pattern,
        targets: vec![file],
        relation: BASED_ON,
        parts: vec![directory],
    }
}

fn autonomous_system(value: &str) -> Option<Observable> {
    let number: u32 = value
        .trim_start_matches(['A', 'S', 'a', 's'])
        .parse()
        .ok()?;
    let object = Object::observable(
        "autonomous-system",
        properties([("number", number.into())]),
        // Not needed by the standard, but importers stumble without it.
        properties([("name", format!("AS{number}").into())]),
    );
    Some(alone(
        format!("[autonomous-system:number = {number}]"),
        object,
    ))
}

const fn address_type(address: IpAddr) -> &'static str {
    if address.is_ipv4() {
        "ipv4-addr"
    } else {
        "ipv6-addr"
    }
}

fn range(value: &str) -> Option<Observable> {
    let networks = networks(value);
    let kind = address_type(networks.first()?.base);
    let terms: Vec<_> = networks
        .iter()
        .map(|network| {
            let operator = if network.is_single() { "=" } else { "ISSUBSET" };
            format!("{kind}:value {operator} {}", literal(&network.to_string()))
        })
        .collect();
    let targets = networks
        .iter()
        .map(|network| bare(kind, properties([("value", network.to_string().into())])))
        .collect();
    Some(Observable {
        pattern: format!("[{}]", terms.join(" OR ")),
        targets,
        relation: BASED_ON,
        parts: Vec::new(),
    })
}

fn endpoint(value: &str) -> Option<Observable> {
    let (address, port) = with_port(value)?;
    let host = bare(
        address_type(address),
        properties([("value", address.to_string().into())]),
    );
    let protocol = if address.is_ipv4() { "ipv4" } else { "ipv6" };
    let carrier = bare(
        "network-traffic",
        properties([
            ("dst_ref", host.id.to_string().into()),
            ("protocols", vec![protocol].into()),
        ]),
    );
    let traffic = Object::observable(
        "network-traffic",
        properties([
            ("dst_ref", host.id.to_string().into()),
            ("dst_port", port.into()),
            // Required; a report that names a port all but always means TCP.
            ("protocols", vec!["tcp"].into()),
        ]),
        // Importers fold an address into the traffic that refers to it. Without traffic of its own, an
        // address that stands both with and without a port would lose the entry without.
        properties([("encapsulated_by_ref", carrier.id.to_string().into())]),
    );
    let host_term = term("network-traffic:dst_ref.value", &address.to_string());
    let pattern = format!("[{host_term} AND network-traffic:dst_port = {port}]");
    Some(Observable {
        pattern,
        targets: vec![traffic],
        relation: BASED_ON,
        parts: vec![host, carrier],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_the_pattern_that_consumers_read() {
        for (kind, value, pattern) in [
            (
                Kind::Ipv4,
                "198.51.100.7",
                "[ipv4-addr:value = '198.51.100.7']",
            ),
            (
                Kind::Ipv6,
                "2001:db8::7",
                "[ipv6-addr:value = '2001:db8::7']",
            ),
            (
                Kind::Domain,
                "bad.example.com",
                "[domain-name:value = 'bad.example.com']",
            ),
            (
                Kind::Url,
                "http://bad.example.com/a'b",
                "[url:value = 'http://bad.example.com/a%27b']",
            ),
            (Kind::HashSha256, "ab", "[file:hashes.'SHA-256' = 'ab']"),
            (Kind::HashSha512, "ab", "[file:hashes.'SHA-512' = 'ab']"),
            (
                Kind::Email,
                "p@example.com",
                "[email-addr:value = 'p@example.com']",
            ),
            (Kind::Filename, "evil'.exe", r"[file:name = 'evil\'.exe']"),
            (
                Kind::Filepath,
                r"C:\Windows\x.exe",
                r"[file:name = 'x.exe' AND file:parent_directory_ref.path = 'C:\\Windows']",
            ),
            (
                Kind::Filepath,
                r"C:\x.exe",
                r"[file:name = 'x.exe' AND file:parent_directory_ref.path = 'C:\\']",
            ),
            (
                Kind::Filepath,
                "/x",
                "[file:name = 'x' AND file:parent_directory_ref.path = '/']",
            ),
            (Kind::Filepath, "/var/tmp/", "[directory:path = '/var/tmp']"),
            (
                Kind::Command,
                r#"cmd /c "a\b""#,
                r#"[process:command_line = 'cmd /c "a\\b"']"#,
            ),
            (
                Kind::Command,
                "cmd /c a\r\n  b",
                "[process:command_line = 'cmd /c a b']",
            ),
            (Kind::Asn, "AS64496", "[autonomous-system:number = 64496]"),
            (
                Kind::IpRange,
                "198.51.100.9/24",
                "[ipv4-addr:value ISSUBSET '198.51.100.0/24']",
            ),
            (
                Kind::IpRange,
                "192.0.2.1-192.0.2.3",
                "[ipv4-addr:value = '192.0.2.1' OR ipv4-addr:value ISSUBSET '192.0.2.2/31']",
            ),
            (
                Kind::IpPort,
                "203.0.113.5:4444",
                "[network-traffic:dst_ref.value = '203.0.113.5' AND network-traffic:dst_port = 4444]",
            ),
            (
                Kind::RegistryKey,
                r"HKLM\Software\X",
                r"[windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\Software\\X']",
            ),
            (Kind::Ssdeep, "3:ab:c", "[file:hashes.'SSDEEP' = '3:ab:c']"),
            (Kind::Mutex, r"Global\x", r"[mutex:name = 'Global\\x']"),
            (
                Kind::Onion,
                "facebookcorewwwi.onion",
                "[domain-name:value = 'facebookcorewwwi.onion']",
            ),
        ] {
            assert_eq!(observable(kind, value).unwrap().pattern, pattern);
        }
    }

    #[test]
    fn a_value_that_the_standard_refuses_keeps_its_pattern_beside_the_nearest_domain() {
        for (kind, value, nearest) in [
            (Kind::Domain, "_x.example.com", Some("example.com")),
            (Kind::Domain, "_x._y", None),
            (
                Kind::Email,
                "o'brien@bad.example.com",
                Some("bad.example.com"),
            ),
            (
                Kind::Url,
                "http://bad.example.com:x/",
                Some("bad.example.com"),
            ),
        ] {
            let observable = observable(kind, value).unwrap();
            assert_eq!(observable.relation, "related-to");
            let targets: Vec<_> = observable
                .targets
                .iter()
                .map(|o| o.properties["value"].as_str().unwrap())
                .collect();
            assert_eq!(targets, Vec::from_iter(nearest), "{value}");
        }
    }

    #[test]
    fn a_value_that_is_not_of_its_kind_has_no_observable_form() {
        for (kind, value) in [
            (Kind::Asn, "ASX"),
            (Kind::IpRange, "10"),
            (Kind::IpPort, "a:b"),
            (Kind::Cve, "CVE-2024-0001"),
        ] {
            assert!(observable(kind, value).is_none(), "{value}");
        }
    }
}
