//! Reports to write in tests.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::{Uuid, uuid};

use super::{Producer, Report};
use crate::id::{IocId, SubmissionId};
use crate::indicator::{Finding, Flag, Ioc, Kind, Location};
use crate::submission::{Category, SourceType, Status, Submission, Tlp};

pub(super) fn moment() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600, 123_456_000).unwrap()
}

pub(super) fn ioc(kind: Kind, value: &str) -> Ioc {
    let name = [kind.name().as_bytes(), value.as_bytes()].concat();
    Ioc {
        id: IocId(Uuid::new_v5(&Uuid::nil(), &name)),
        finding: Finding {
            kind,
            value: value.to_owned(),
            raw: value.to_owned(),
            defanged: false,
            location: Location {
                line: 1,
                length: value.chars().count() as u64,
                ..Location::default()
            },
            occurrences: 1,
            context: format!("We saw {value}, \"once\"."),
            description: None,
            flags: Vec::new(),
            confidence: 80,
            evidence: Vec::new(),
        },
        created_at: moment(),
        first_seen_at: moment(),
        last_seen_at: moment(),
        submission_count: 1,
    }
}

pub(super) fn flagged(kind: Kind, value: &str) -> Ioc {
    let mut ioc = ioc(kind, value);
    ioc.finding.flags.push(Flag {
        reason: "reserved for examples".into(),
        list: "reserved-ranges".into(),
    });
    ioc
}

pub(super) fn report(iocs: Vec<Ioc>) -> Report {
    Report {
        submission: Submission {
            id: SubmissionId(uuid!("01890a5d-ac96-774b-bcce-b302099a8057")),
            status: Status::Completed,
            source_type: SourceType::Url,
            source_identifier: "https://vendor.example/blog/a report".into(),
            original_filename: None,
            title: Some("Threat \"Report\"\nQ1 — 2026".into()),
            summary: Some("A campaign, described.".into()),
            ioc_count: iocs.len() as i64,
            content_type: Some("text/html".into()),
            language: None,
            size_bytes: Some(1_000),
            sha256: Some("ab".repeat(32)),
            tags: vec!["apt".into()],
            tlp: Some(Tlp::Clear),
            category: Category::of(SourceType::Url, "https://vendor.example/"),
            industries: Vec::new(),
            error: None,
            warnings: Vec::new(),
            created_at: moment(),
            updated_at: moment() + TimeDelta::seconds(90),
            processed_at: Some(moment() + TimeDelta::seconds(90)),
        },
        iocs,
        producer: Producer {
            id: uuid!("7f3c1a52-5b0e-4c58-9a53-3a9f7c2f1d10"),
            name: "iocsift".into(),
            created_at: moment() - TimeDelta::days(30),
        },
    }
}

/// At least one plain and one hostile value of every kind.
pub(super) fn every_kind() -> Vec<Ioc> {
    let (md5, sha1, sha256, sha512) = (
        "a1".repeat(16),
        "b2".repeat(20),
        "c3".repeat(32),
        "d4".repeat(64),
    );
    let values: &[(Kind, &[&str])] = &[
        (Kind::Ipv4, &["198.51.100.7"]),
        (Kind::Ipv6, &["2001:db8::7"]),
        (
            Kind::Domain,
            &[
                "bad.example.com",
                "example.net",
                "_dmarc.example.com",
                "xn--bcher-kva.example",
            ],
        ),
        (
            Kind::Url,
            &[
                "http://bad.example.com/a'b?q=\"x\"&y=1,2",
                "http://198.51.100.7:8080/é/\u{1f600}|<x> y\\z",
                "https://[2001:db8::7]/a[0]#b#c",
                "http://bad_host.example/100%",
            ],
        ),
        (Kind::HashMd5, &[&md5]),
        (Kind::HashSha1, &[&sha1]),
        (Kind::HashSha256, &[&sha256]),
        (Kind::HashSha512, &[&sha512]),
        (Kind::Email, &["p@example.com", "o'brien+x@bad.example.com"]),
        (Kind::Cve, &["CVE-2024-3400"]),
        (
            Kind::Filename,
            &["evil.exe", "it's \"й\u{1f600}\".exe", "=cmd.exe"],
        ),
        (
            Kind::Command,
            &[
                "powershell -nop -enc \"JABh'\\b\"",
                "-enc AAAA",
                "=HYPERLINK(\"http://bad.example.com\")",
                "cmd /c a\r\nb",
            ],
        ),
        (
            Kind::Filepath,
            &[
                r"C:\Windows\Temp\it's.exe",
                r"C:\x.exe",
                r"\\srv\share\x.dll",
                "/var/tmp/.x",
                "/opt/x/",
                r"%TEMP%\é.dll",
            ],
        ),
        (Kind::Asn, &["AS64496"]),
        (
            Kind::IpRange,
            &[
                "198.51.100.0/24",
                "198.51.100.9/25",
                "2001:db8::/32",
                "192.0.2.1-192.0.2.9",
                "198.51.100.7/32",
            ],
        ),
        (Kind::IpPort, &["198.51.100.7:4444", "[2001:db8::7]:443"]),
        (
            Kind::RegistryKey,
            &[
                r"HKLM\Software\Microsoft\Windows NT\X's",
                r"HKEY_CURRENT_USER\Software\Y",
                "HKU",
            ],
        ),
        (Kind::MitreAttack, &["T1059.001", "T1566", "TA0001"]),
        (Kind::Bitcoin, &["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"]),
        (
            Kind::Ethereum,
            &["0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"],
        ),
        (
            Kind::Monero,
            &[
                "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
            ],
        ),
        (Kind::Ssdeep, &["3:AIO9AJraNvsgzsVqSwHq9:AeOuNv"]),
        (Kind::Imphash, &["f34d5f2d4577ed6d9ceec516c1f5a744"]),
        (Kind::Ja3, &["72a589da586844d7f0818ce684948eea"]),
        (Kind::Mutex, &[r"Global\it's once"]),
        (Kind::UserAgent, &["Mozilla/5.0 (a, \"b\") c/1"]),
        (Kind::Onion, &["facebookcorewwwi.onion"]),
        (Kind::YaraRule, &["Example_Loader"]),
        (Kind::Tlp, &["TLP:AMBER+STRICT"]),
        (Kind::Cwe, &["CWE-79"]),
    ];
    let mut iocs: Vec<_> = values
        .iter()
        .flat_map(|(kind, values)| values.iter().map(|value| ioc(*kind, value)))
        .collect();
    iocs.push(ioc("x_case".parse().unwrap(), "CASE-7"));
    iocs[0].finding.description = Some("C2 server".into());
    iocs.push(flagged(Kind::Ipv4, "192.0.2.1"));
    iocs.push(flagged(Kind::Domain, "www.example.org"));
    iocs.push(flagged(Kind::Cve, "CVE-2020-0001"));
    iocs
}
