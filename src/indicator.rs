//! The nouns of indicators: their kinds, a finding in one text, an indicator in the store.
//! Pure data: no I/O, no clock.

mod accusation;
mod confidence;
mod custom;
mod level;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::id::IocId;
use crate::submission::timestamp;
pub use accusation::{accuses, clears};
pub use confidence::{Evidence, EvidenceView, Reason, weigh_flags};
pub use custom::{CustomKind, UnknownCustomKind};
pub use level::Level;

macro_rules! kinds {
    (
        standard: { $($(#[$sdoc:meta])* $standard:ident => $sname:literal,)* }
        extended: { $($(#[$edoc:meta])* $extended:ident => $ename:literal,)* }
    ) => {
        /// What an indicator is. The name is the one the API and the exports use.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind {
            $($(#[$sdoc])* $standard,)*
            $($(#[$edoc])* $extended,)*
            /// A kind that the settings define.
            Custom(CustomKind),
        }

        impl Kind {
            /// The kinds that every answer holds, in the order in which the API lists them.
            pub const STANDARD: &'static [Kind] = &[$(Kind::$standard),*];

            /// The kinds that an answer holds only where they are asked for, in the order of the API. Kinds
            /// that the settings define are extended as well.
            pub const EXTENDED: &'static [Kind] = &[$(Kind::$extended),*];

            /// Every kind that is not defined by settings: the standard ones, then the extended ones.
            pub const ALL: &'static [Kind] = &[$(Kind::$standard,)* $(Kind::$extended),*];

            /// The stable name: `ipv4`, `hash_sha256`, …
            #[must_use]
            pub fn name(&self) -> &str {
                match self {
                    $(Kind::$standard => $sname,)*
                    $(Kind::$extended => $ename,)*
                    Kind::Custom(custom) => custom.as_str(),
                }
            }
        }
    };
}

kinds! {
    standard: {
        /// An IPv4 address in dotted decimal.
        Ipv4 => "ipv4",
        /// An IPv6 address as RFC 5952 writes it.
        Ipv6 => "ipv6",
        /// A host name, lower case, in its ASCII (punycode) form.
        Domain => "domain",
        /// An absolute URL with a live scheme and a lower-case host.
        Url => "url",
        /// MD5, 32 lower-case hex digits.
        HashMd5 => "hash_md5",
        /// SHA-1, 40 lower-case hex digits.
        HashSha1 => "hash_sha1",
        /// SHA-256, 64 lower-case hex digits.
        HashSha256 => "hash_sha256",
        /// SHA-512, 128 lower-case hex digits.
        HashSha512 => "hash_sha512",
        /// A mail address.
        Email => "email",
        /// `CVE-YYYY-N…`, upper case.
        Cve => "cve",
        /// A file name without a path.
        Filename => "filename",
        /// A command line as written.
        Command => "command",
        /// A path on Windows, Unix or a share.
        Filepath => "filepath",
        /// An autonomous system: `AS64496`.
        Asn => "asn",
        /// A CIDR network or a dashed range of addresses.
        IpRange => "ip_range",
        /// An address with a port: `192.0.2.1:80`, `[2001:db8::1]:80`.
        IpPort => "ip_port",
        /// A Windows registry key, from its hive on.
        RegistryKey => "registry_key",
        /// A MITRE ATT&CK technique or tactic id.
        MitreAttack => "mitre_attack",
    }
    extended: {
        /// A Bitcoin address whose checksum holds.
        Bitcoin => "bitcoin",
        /// An Ethereum address, `0x` and 40 lower-case hex digits.
        Ethereum => "ethereum",
        /// A Monero address whose checksum holds.
        Monero => "monero",
        /// A fuzzy hash: `block size:hash:hash`.
        Ssdeep => "ssdeep",
        /// The MD5 of a program's imports, 32 lower-case hex digits.
        Imphash => "imphash",
        /// The MD5 of a TLS client's or server's hello (JA3, JA3S), 32 lower-case hex digits.
        Ja3 => "ja3",
        /// The name of a mutex.
        Mutex => "mutex",
        /// What a client calls itself in HTTP.
        UserAgent => "user_agent",
        /// A Tor onion service, without names below it.
        Onion => "onion",
        /// The name of a YARA rule.
        YaraRule => "yara_rule",
        /// A label of the Traffic Light Protocol 2.0: `TLP:AMBER`.
        Tlp => "tlp",
        /// An entry of the Common Weakness Enumeration: `CWE-79`.
        Cwe => "cwe",
    }
}

impl Kind {
    /// Whether an answer holds it only where it is asked for.
    #[must_use]
    pub fn is_extended(self) -> bool {
        !Kind::STANDARD.contains(&self)
    }

    /// Writes `value` so that no program follows it: `192[.]0[.]2[.]1`, `hxxps://host[.]tld/path`,
    /// `user[@]host[.]tld`. Kinds that cannot be followed come back as they are.
    #[must_use]
    pub fn defang(self, value: &str) -> Cow<'_, str> {
        match self {
            Kind::Ipv4 | Kind::Domain | Kind::Onion => dotted(value).into(),
            // A colon closes the address part of ip:port; a slash the one of a range.
            Kind::IpPort | Kind::IpRange => {
                let end = value
                    .rfind([':', '/'])
                    .filter(|_| !value.contains("::"))
                    .unwrap_or(value.len());
                format!("{}{}", dotted(&value[..end]), &value[end..]).into()
            }
            Kind::Email => match value.rsplit_once('@') {
                Some((local, host)) => format!("{local}[@]{}", dotted(host)).into(),
                None => value.into(),
            },
            Kind::Url => defang_url(value).into(),
            _ => value.into(),
        }
    }
}

fn dotted(text: &str) -> String {
    text.replace('.', "[.]")
}

fn defang_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return dotted(url);
    };
    let scheme = match scheme {
        "http" => "hxxp",
        "https" => "hxxps",
        "ftp" => "fxp",
        "ftps" => "fxps",
        other => other,
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    format!("{scheme}://{}{}", dotted(&rest[..end]), &rest[end..])
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that names no [`Kind`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown indicator type {0:?}")]
pub struct UnknownKind(pub String);

impl FromStr for Kind {
    type Err = UnknownKind;
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let built_in = Kind::ALL.iter().copied().find(|kind| kind.name() == name);
        built_in
            .or_else(|| name.parse().ok().map(Kind::Custom))
            .ok_or_else(|| UnknownKind(name.to_owned()))
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(de::Error::custom)
    }
}

/// Why a value may be benign. A flagged value is marked, never dropped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flag {
    /// A sentence or phrase for people: "private address (RFC 1918)".
    pub reason: String,
    /// The stable name of the list or rule that says so: `reserved-ranges`, `own-site`, …
    pub list: String,
}

/// The list of the flag by which a person marked an indicator as a false positive.
pub const FALSE_POSITIVES: &str = "false-positives";

/// The list of the flag of a document's own site and contact addresses.
pub const OWN_SITE: &str = "own-site";

impl Flag {
    /// The mark of a person, who may have said why.
    #[must_use]
    pub fn false_positive(reason: Option<&str>) -> Self {
        let marked = "marked as a false positive";
        Self {
            reason: reason.map_or_else(|| marked.to_owned(), |why| format!("{marked}: {why}")),
            list: FALSE_POSITIVES.to_owned(),
        }
    }
}

/// Where in the scanned text a finding stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// Page of a paged document, from 1.
    pub page: Option<u32>,
    /// Name of the sheet of a workbook.
    pub sheet: Option<String>,
    /// Slide of a presentation, from 1.
    pub slide: Option<u32>,
    /// Line of the scanned text, from 1.
    pub line: u32,
    /// Offset into the scanned text, in Unicode characters, from 0.
    pub offset: u64,
    /// Length of what was written there, in Unicode characters.
    pub length: u64,
}

/// One indicator found in one document: distinct by (kind, value).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// The live, normalised value.
    pub value: String,
    /// What the document wrote at `location`.
    pub raw: String,
    /// Whether the document wrote it defanged, here or elsewhere.
    pub defanged: bool,
    /// Where it stands first.
    pub location: Location,
    /// How often it stands in the document, at least 1.
    pub occurrences: u32,
    /// The sentence, table row or line it stands in, white space folded.
    pub context: String,
    /// What the document calls it ("C2 server"), where it says so.
    pub description: Option<String>,
    /// Why it may be benign.
    pub flags: Vec<Flag>,
    /// How sure the engine is that this is an indicator of the kind, 0 to 100: the total of `evidence`.
    pub confidence: u8,
    /// What speaks for and against it; empty in findings of before reasons were kept.
    pub evidence: Vec<Evidence>,
}

impl Finding {
    /// Whether something says that it may be benign.
    #[must_use]
    pub fn is_flagged(&self) -> bool {
        !self.flags.is_empty()
    }

    /// Flags it, which counts against it.
    pub fn flag(&mut self, flag: Flag) {
        self.flags.push(flag);
        weigh_flags(&self.flags, &mut self.evidence, &mut self.confidence);
    }

    /// Whether the document calls it malicious.
    #[must_use]
    pub fn is_called_malicious(&self) -> bool {
        self.description.as_deref().is_some_and(accuses)
    }

    /// Whether the document calls it legitimate.
    #[must_use]
    pub fn is_called_legitimate(&self) -> bool {
        self.description.as_deref().is_some_and(clears)
    }
}

/// An indicator as the store knows it, with what one submission says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ioc {
    /// One for each (kind, value) over all submissions.
    pub id: IocId,
    /// What one document says of it.
    pub finding: Finding,
    /// When the sighting was stored.
    pub created_at: DateTime<Utc>,
    /// First sighting over all submissions.
    pub first_seen_at: DateTime<Utc>,
    /// Latest sighting over all submissions.
    pub last_seen_at: DateTime<Utc>,
    /// How many submissions hold it.
    pub submission_count: i64,
}

/// The one JSON shape of an indicator within a submission: the API's `iocs[]` and the JSON export.
#[derive(Debug, Clone, Serialize)]
pub struct IocView<'a> {
    /// Its id, `ioc_…`.
    pub id: IocId,
    /// The live, normalised value.
    pub value: &'a str,
    /// The DEFANGED form, whatever the name says: the documented API has it so.
    pub refanged_value: Cow<'a, str>,
    /// The kind's name.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The kind's name once more, as the documented API nests it.
    pub ioc_type: KindView,
    /// The sentence, table row or line it stands in.
    pub context: &'a str,
    /// What the document calls it.
    pub description: Option<&'a str>,
    /// Why it may be benign.
    pub flags: &'a [Flag],
    /// Where it stands first.
    pub location: &'a Location,
    /// How sure the engine is, 0 to 100.
    pub confidence: u8,
    /// What speaks for and against it; its points add up to `confidence`.
    pub confidence_reasons: Vec<EvidenceView>,
    /// Whether the document wrote it defanged.
    pub defanged: bool,
    /// How often it stands in the document.
    pub occurrences: u32,
    /// When the sighting was stored.
    #[serde(serialize_with = "timestamp")]
    pub created_at: DateTime<Utc>,
}

/// A kind as the API nests it: `{"name": "ipv4"}`.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct KindView {
    /// The kind, by its name.
    pub name: Kind,
}

impl Ioc {
    /// The indicator as JSON shows it.
    #[must_use]
    pub fn view(&self) -> IocView<'_> {
        let finding = &self.finding;
        IocView {
            id: self.id,
            value: &finding.value,
            refanged_value: finding.kind.defang(&finding.value),
            kind: finding.kind,
            ioc_type: KindView { name: finding.kind },
            context: &finding.context,
            description: finding.description.as_deref(),
            flags: &finding.flags,
            location: &finding.location,
            confidence: finding.confidence,
            confidence_reasons: finding.evidence.iter().map(EvidenceView::from).collect(),
            defanged: finding.defanged,
            occurrences: finding.occurrences,
            created_at: self.created_at,
        }
    }
}

impl Serialize for Ioc {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.view().serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back() {
        for kind in Kind::ALL {
            assert_eq!(kind.name().parse(), Ok(*kind));
        }
        assert!("IPv4".parse::<Kind>().is_err());
        let ticket: Kind = "x_ticket".parse().unwrap();
        assert_eq!(ticket.name(), "x_ticket");
        assert_eq!(serde_json::to_string(&ticket).unwrap(), "\"x_ticket\"");
        assert_eq!(
            serde_json::from_str::<Kind>("\"x_ticket\"").unwrap(),
            ticket
        );
    }

    #[test]
    fn a_kind_is_standard_or_extended_and_what_the_settings_define_is_extended() {
        let ticket: Kind = "x_ticket".parse().unwrap();
        assert!(Kind::STANDARD.iter().all(|kind| !kind.is_extended()));
        assert!(
            Kind::EXTENDED
                .iter()
                .chain([&ticket])
                .all(|kind| kind.is_extended())
        );
        assert_eq!(Kind::ALL, [Kind::STANDARD, Kind::EXTENDED].concat());
    }

    #[test]
    fn defanging_breaks_what_could_be_followed_and_nothing_else() {
        for (kind, value, defanged) in [
            (Kind::Ipv4, "192.0.2.1", "192[.]0[.]2[.]1"),
            (
                Kind::Domain,
                "malicious-domain.example.com",
                "malicious-domain[.]example[.]com",
            ),
            (
                Kind::Url,
                "https://a.example/x.php?q=1.2",
                "hxxps://a[.]example/x.php?q=1.2",
            ),
            (
                Kind::Url,
                "ftp://192.0.2.1/a.b",
                "fxp://192[.]0[.]2[.]1/a.b",
            ),
            (Kind::Email, "a.b@c.example", "a.b[@]c[.]example"),
            (Kind::IpPort, "192.0.2.1:443", "192[.]0[.]2[.]1:443"),
            (Kind::IpPort, "[2001:db8::1]:443", "[2001:db8::1]:443"),
            (Kind::IpRange, "192.0.2.0/24", "192[.]0[.]2[.]0/24"),
            (Kind::Filename, "a.exe", "a.exe"),
        ] {
            assert_eq!(kind.defang(value), defanged);
        }
    }
}
