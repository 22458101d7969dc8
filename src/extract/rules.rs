//! The table of kinds: what finds each, what is one and what only looks like one.
//!
//! Tests walk it; the documentation of the kinds is written from it.

use super::candidate::{Candidate, Text};
use super::{artifact, command, extended, hash, network, reference};
use crate::indicator::Kind;

/// What finds the values of one or more kinds, in one reading of the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scanner {
    Network,
    Hash,
    Reference,
    Artifact,
    Command,
    Extended,
}

impl Scanner {
    pub(super) fn run(self, text: &Text<'_>, found: &mut Vec<Candidate>) {
        match self {
            Scanner::Network => network::scan(text, found),
            Scanner::Hash => hash::scan(text, found),
            Scanner::Reference => reference::scan(text, found),
            Scanner::Artifact => artifact::scan(text, found),
            Scanner::Command => command::scan(text, found),
            Scanner::Extended => extended::scan(text, found),
        }
    }
}

/// One kind of indicator.
#[derive(Debug)]
pub struct Rule {
    /// The kind.
    pub kind: Kind,
    /// What makes a value of the kind, in a sentence.
    pub meaning: &'static str,
    /// Texts and the one value of the kind in each.
    pub examples: &'static [(&'static str, &'static str)],
    /// Texts that look alike and hold no value of the kind.
    pub counter_examples: &'static [&'static str],
    pub(super) scanner: Scanner,
}

/// Every standard kind, in the order in which the API lists them. The others: [`super::EXTENDED_RULES`].
pub const RULES: &[Rule] = &[
    Rule {
        kind: Kind::Ipv4,
        meaning: "Four octets without leading zeros that are no version, object identifier or part of a longer name.",
        examples: &[
            ("beacons to 192.0.2.1.", "192.0.2.1"),
            ("192[.]0[.]2[.]1", "192.0.2.1"),
            ("(198.51.100.7)", "198.51.100.7"),
            ("192.0.2[.1, then", "192.0.2.1"),
        ],
        counter_examples: &[
            "version 3.3.14.5",
            "Chrome/96.0.4664.45",
            "v4.7.1.20",
            "1.2.3.4.5",
            "192.0.2.256",
            "192.0.2.01",
            "libfoo-1.2.3.4.tar.gz",
            "1.1.1.1.host.example",
        ],
        scanner: Scanner::Network,
    },
    Rule {
        kind: Kind::Ipv6,
        meaning: "An address by RFC 4291 that is no time, MAC address or scope in code; written as RFC 5952 has it.",
        examples: &[
            (
                "from 2001:0DB8:0:0:0:FF00:0042:8329",
                "2001:db8::ff00:42:8329",
            ),
            ("(2001:db8::33)", "2001:db8::33"),
            ("[IPv6:2001:db8::1]", "2001:db8::1"),
        ],
        counter_examples: &[
            "17:10:17",
            "AB:F2:C9:A6:B3:4F",
            "std::vector",
            "[Text.Encoding]::ASCII",
            "::",
            "1::2::3",
            "12345:1:2:3:4:5:6:7",
        ],
        scanner: Scanner::Network,
    },
    Rule {
        kind: Kind::Domain,
        meaning: "A well-formed host name under a known root, lower case and in punycode, that is no file, code or sentence.",
        examples: &[
            ("visit evil.example.com.", "evil.example.com"),
            ("evil[.]zip", "evil.zip"),
            ("hosted at bücher.example.com", "xn--bcher-kva.example.com"),
            ("facebookcorewwwi.onion", "facebookcorewwwi.onion"),
            ("1.1.1.1.example.com", "1.1.1.1.example.com"),
            ("the C2 domain a.sh", "a.sh"),
        ],
        counter_examples: &[
            "setup.py",
            "archive.zip",
            "item.Name",
            "console.info(1)",
            "payload.In using this",
            "co.uk",
            "evil.notatld",
            "-hi-.com",
            "applications. [To",
        ],
        scanner: Scanner::Network,
    },
    Rule {
        kind: Kind::Url,
        meaning: "A URL with a scheme, live or defanged, and a valid host; the punctuation around it is not part of it.",
        examples: &[
            (
                "at hxxp://evil[.]example[.]com/a.php.",
                "http://evil.example.com/a.php",
            ),
            ("(https://example.com/x_(y))", "https://example.com/x_(y)"),
            ("HTTP://EXAMPLE.com/Path", "http://example.com/Path"),
            (
                "hxxps[://]192[.]0[.]2[.]1:8080[/]a",
                "https://192.0.2.1:8080/a",
            ),
            ("[x](http://example.com/a)", "http://example.com/a"),
            ("http://[2001:db8::7]:80/x", "http://[2001:db8::7]:80/x"),
        ],
        counter_examples: &[
            "http://",
            "http://localhost",
            "hxxpfoo",
            "and/or",
            "example.com/path",
        ],
        scanner: Scanner::Network,
    },
    Rule {
        kind: Kind::HashMd5,
        meaning: "32 hex digits that stand alone and carry no other label.",
        examples: &[
            (
                "D41D8CD98F00B204E9800998ECF8427E",
                "d41d8cd98f00b204e9800998ecf8427e",
            ),
            (
                "registry key d41d8cd98f00b204e9800998ecf8427e",
                "d41d8cd98f00b204e9800998ecf8427e",
            ),
        ],
        counter_examples: &[
            "imphash: d41d8cd98f00b204e9800998ecf8427e",
            "RC4 key: d41d8cd98f00b204e9800998ecf8427e",
            "0xd41d8cd98f00b204e9800998ecf8427e",
            "xd41d8cd98f00b204e9800998ecf8427e",
            "d41d8cd98f00b204e9800998ecf8427",
        ],
        scanner: Scanner::Hash,
    },
    Rule {
        kind: Kind::HashSha1,
        meaning: "40 hex digits that stand alone and carry no other label.",
        examples: &[
            (
                "sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709",
                "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            ),
            (
                "da39a3ee5e6b4b0d3255bf\nef95601890afd80709",
                "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            ),
        ],
        counter_examples: &[
            "0xda39a3ee5e6b4b0d3255bfef95601890afd80709",
            "AppXda39a3ee5e6b4b0d3255bfef95601890afd80709",
        ],
        scanner: Scanner::Hash,
    },
    Rule {
        kind: Kind::HashSha256,
        meaning: "64 hex digits that stand alone and carry no other label.",
        examples: &[(
            "https://www.virustotal.com/gui/file/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855/detection",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        )],
        counter_examples: &[
            "d41d8cd98f00b204e9800998ecf8427e\nd41d8cd98f00b204e9800998ecf8427e",
            "authentihash e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ],
        scanner: Scanner::Hash,
    },
    Rule {
        kind: Kind::HashSha512,
        meaning: "128 hex digits that stand alone and carry no other label.",
        examples: &[(
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
        )],
        counter_examples: &["cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"],
        scanner: Scanner::Hash,
    },
    Rule {
        kind: Kind::Email,
        meaning: "A local part and a valid domain; `at` and `dot` only in brackets.",
        examples: &[
            ("<boss@evil.example.com>", "boss@evil.example.com"),
            ("mailto:boss@example.com", "boss@example.com"),
            ("boss[at]example[dot]com", "boss@example.com"),
            ("x.y+z@sub.example.co.uk.", "x.y+z@sub.example.co.uk"),
        ],
        counter_examples: &[
            "mailer at example.com",
            "CPU @ 2.70GHz",
            "user@host",
            "@scope/pkg@1.2.3",
            "git@example.com:path",
            "@example.com",
        ],
        scanner: Scanner::Network,
    },
    Rule {
        kind: Kind::Cve,
        meaning: "`CVE`, a year from 1999 to 2099 and four to seven digits, upper case with hyphens.",
        examples: &[
            ("cve-2021-44228,", "CVE-2021-44228"),
            ("CVE–2023–23397", "CVE-2023-23397"),
            ("CVE 2019-0708", "CVE-2019-0708"),
        ],
        counter_examples: &[
            "CVE-20211-1234",
            "CVE-2021-123",
            "XCVE-2021-44228",
            "CVE-1998-1234",
        ],
        scanner: Scanner::Reference,
    },
    Rule {
        kind: Kind::Filename,
        meaning: "A name with a known extension that is part of no path, URL or domain.",
        examples: &[
            ("drops invoice.pdf.exe", "invoice.pdf.exe"),
            ("runs install.sh", "install.sh"),
        ],
        counter_examples: &["3.5 percent", "v1.2", "http://example.com/a.exe"],
        scanner: Scanner::Artifact,
    },
    Rule {
        kind: Kind::Command,
        meaning: "A command line that begins with an interpreter or system tool and has arguments, as written.",
        examples: &[(
            "It runs `vssadmin delete shadows /all /quiet` next.",
            "vssadmin delete shadows /all /quiet",
        )],
        counter_examples: &["PowerShell is a shell."],
        scanner: Scanner::Command,
    },
    Rule {
        kind: Kind::Filepath,
        meaning: "A path from a drive, variable, share, home or root on.",
        examples: &[
            ("in C:\\Windows\\Temp\\a.exe,", "C:\\Windows\\Temp\\a.exe"),
            ("writes /etc/cron.d/apache2", "/etc/cron.d/apache2"),
        ],
        counter_examples: &[
            "and/or",
            "TCP/IP",
            "10/12/2020",
            "http://example.com/etc/passwd",
        ],
        scanner: Scanner::Artifact,
    },
    Rule {
        kind: Kind::Asn,
        meaning: "`AS` or `ASN` and a number of 32 bits.",
        examples: &[
            ("AS64496 (Example)", "AS64496"),
            ("ASN 64496", "AS64496"),
            ("AS 64496", "AS64496"),
            ("as64496", "AS64496"),
        ],
        counter_examples: &[
            "just as 2024",
            "Same as 1234",
            "AS64496foobar",
            "HUBCAS1234.example.com",
        ],
        scanner: Scanner::Reference,
    },
    Rule {
        kind: Kind::IpRange,
        meaning: "A network in CIDR notation or two addresses with a dash.",
        examples: &[
            ("192.0.2.0/24", "192.0.2.0/24"),
            ("2001:db8::/32", "2001:db8::/32"),
            ("192.0.2.10-192.0.2.20", "192.0.2.10-192.0.2.20"),
        ],
        counter_examples: &["192.0.2.0/33", "192.0.2.1/47820.dat", "192.0.2.1"],
        scanner: Scanner::Network,
    },
    Rule {
        kind: Kind::IpPort,
        meaning: "An address and a port from 1 to 65535.",
        examples: &[
            ("192.0.2.1:443.", "192.0.2.1:443"),
            ("192[.]0[.]2[.]1[:]8080", "192.0.2.1:8080"),
            ("[2001:db8::1]:443", "[2001:db8::1]:443"),
        ],
        counter_examples: &["192.0.2.1:99999", "192.0.2.1: see", "192.0.2.1:0"],
        scanner: Scanner::Network,
    },
    Rule {
        kind: Kind::RegistryKey,
        meaning: "A Windows registry key from its hive on.",
        examples: &[(
            "adds HKCU\\Software\\Example\\Run.",
            "HKCU\\Software\\Example\\Run",
        )],
        counter_examples: &["HKP\\SYSTEM is no hive", "HKLM alone"],
        scanner: Scanner::Artifact,
    },
    Rule {
        kind: Kind::MitreAttack,
        meaning: "The id of an ATT&CK technique, tactic or mitigation; groups and software where the text speaks of ATT&CK.",
        examples: &[
            ("T1059.001:", "T1059.001"),
            ("(TA0002)", "TA0002"),
            (
                "https://attack.mitre.org/techniques/T1059/001/",
                "T1059.001",
            ),
            ("MITRE calls it G0016", "G0016"),
        ],
        counter_examples: &["FOOT1329", "T1329FUN", "T1156.0012", "G0016"],
        scanner: Scanner::Reference,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::EXTENDED_RULES;
    use crate::extract::cases::values;

    fn rules() -> impl Iterator<Item = &'static Rule> {
        RULES.iter().chain(EXTENDED_RULES)
    }

    #[test]
    fn every_kind_has_one_rule_in_the_order_of_the_api() {
        assert_eq!(rules().map(|rule| rule.kind).collect::<Vec<_>>(), Kind::ALL);
        assert!(rules().all(|rule| !rule.examples.is_empty() && !rule.counter_examples.is_empty()));
    }

    #[test]
    fn every_example_gives_its_value_alone() {
        for rule in rules() {
            for (text, value) in rule.examples {
                assert_eq!(
                    values(text, rule.kind),
                    [*value],
                    "{} in {text:?}",
                    rule.kind
                );
            }
        }
    }

    #[test]
    fn no_counter_example_gives_a_value() {
        for rule in rules() {
            for text in rule.counter_examples {
                assert_eq!(
                    values(text, rule.kind),
                    Vec::<String>::new(),
                    "{} in {text:?}",
                    rule.kind
                );
            }
        }
    }

    #[test]
    fn a_value_in_its_normal_form_gives_itself() {
        // These are told by their label alone.
        const LABELLED: [Kind; 5] = [
            Kind::Imphash,
            Kind::Ja3,
            Kind::Mutex,
            Kind::UserAgent,
            Kind::YaraRule,
        ];
        const IN_CONTEXT: [&str; 4] = ["a.sh", "evil.zip", "G0016", "6:abc:d"];
        for rule in rules().filter(|rule| !LABELLED.contains(&rule.kind)) {
            for (_, value) in rule
                .examples
                .iter()
                .filter(|(_, value)| !IN_CONTEXT.contains(value))
            {
                assert_eq!(values(value, rule.kind), [*value], "{}", rule.kind);
            }
        }
    }
}
