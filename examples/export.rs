//! Writes a built-in report with hostile values of every kind, to look at a format or to hand to a
//! validator: `cargo run --no-default-features --example export -- stix > report.stix.json`
//!
//! For the indicators of a document, use `iocsift extract FILE --format stix`.

use std::io::Write;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use iocsift::export::{ExportFormat, Options, Producer, Report, render};
use iocsift::id::{IocId, SubmissionId};
use iocsift::indicator::{Finding, Flag, Ioc, Kind, Location};
use iocsift::submission::{Category, SourceType, Status, Submission, Tlp};
use uuid::{Uuid, uuid};

const VALUES: &[(Kind, &str)] = &[
    (Kind::Ipv4, "198.51.100.7"),
    (Kind::Ipv6, "2001:db8::7"),
    (Kind::Domain, "bad.example.com"),
    (Kind::Domain, "_dmarc.example.com"),
    (Kind::Domain, "xn--bcher-kva.example"),
    (
        Kind::Url,
        "https://bad.example.com:8443/a'b?q=\"x\"&y=1,2#z",
    ),
    (Kind::Url, "http://198.51.100.7/é/\u{1f600}|<x> y\\z"),
    (Kind::Url, "http://[2001:db8::7]/a[0]"),
    (Kind::HashMd5, "d41d8cd98f00b204e9800998ecf8427e"),
    (Kind::HashSha1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    (
        Kind::HashSha256,
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ),
    (
        Kind::HashSha512,
        "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce\
         47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
    ),
    (Kind::Email, "o'brien+x@bad.example.com"),
    (Kind::Cve, "CVE-2024-3400"),
    (Kind::Filename, "it's \"й\u{1f600}\".exe"),
    (Kind::Filename, "=cmd.exe"),
    (Kind::Command, "powershell -nop -enc \"JABh'\\b\""),
    (Kind::Command, "-enc AAAA"),
    (Kind::Command, "cmd /c a\r\nb"),
    (Kind::Filepath, r"C:\Windows\Temp\it's.exe"),
    (Kind::Filepath, r"C:\x.exe"),
    (Kind::Filepath, r"\\srv\share\x.dll"),
    (Kind::Filepath, "/var/tmp/.x"),
    (Kind::Filepath, "/opt/x/"),
    (Kind::Asn, "AS64496"),
    (Kind::IpRange, "198.51.100.0/24"),
    (Kind::IpRange, "2001:db8::/32"),
    (Kind::IpRange, "192.0.2.1-192.0.2.9"),
    (Kind::IpPort, "198.51.100.7:4444"),
    (Kind::IpPort, "[2001:db8::7]:443"),
    (Kind::RegistryKey, r"HKLM\Software\Microsoft\Windows NT\X's"),
    (Kind::RegistryKey, r"HKEY_CURRENT_USER\Software\Y"),
    (Kind::MitreAttack, "T1059.001"),
    (Kind::MitreAttack, "T1566"),
    (Kind::MitreAttack, "TA0001"),
];

fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_else(|| "json".to_owned());
    let format = match name.parse::<ExportFormat>() {
        Ok(format) => format,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let bytes = render(&report(), format, Options::default());
    match std::io::stdout().write_all(&bytes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn report() -> Report {
    let at = DateTime::UNIX_EPOCH + chrono::TimeDelta::microseconds(1_767_225_600_123_456);
    let mut iocs: Vec<_> = VALUES
        .iter()
        .map(|(kind, value)| ioc(*kind, value, at))
        .collect();
    let mut flagged = ioc(Kind::Ipv4, "192.0.2.1", at);
    flagged.finding.flags = vec![Flag {
        reason: "reserved for examples (RFC 5737)".into(),
        list: "reserved-ranges".into(),
    }];
    iocs.push(flagged);
    Report {
        submission: Submission {
            id: SubmissionId(uuid!("019b76da-a800-7000-8000-000000000001")),
            status: Status::Completed,
            source_type: SourceType::Url,
            source_identifier: "https://vendor.example/blog/a report".into(),
            original_filename: None,
            language: None,
            title: Some("A \"threat\" report".into()),
            summary: Some("A campaign, described.".into()),
            ioc_count: iocs.len() as i64,
            content_type: Some("text/html".into()),
            size_bytes: Some(1_000),
            sha256: Some("ab".repeat(32)),
            tags: vec!["example".into()],
            tlp: Some(Tlp::Clear),
            category: Category::of(SourceType::Url, "https://vendor.example/"),
            industries: Vec::new(),
            error: None,
            warnings: Vec::new(),
            created_at: at,
            updated_at: at,
            processed_at: Some(at),
        },
        iocs,
        producer: Producer {
            id: uuid!("7f3c1a52-5b0e-4c58-9a53-3a9f7c2f1d10"),
            name: "iocsift".into(),
            created_at: at,
        },
    }
}

fn ioc(kind: Kind, value: &str, at: DateTime<Utc>) -> Ioc {
    Ioc {
        id: IocId(Uuid::new_v5(
            &Uuid::NAMESPACE_OID,
            format!("{kind} {value}").as_bytes(),
        )),
        finding: Finding {
            kind,
            value: value.into(),
            raw: value.into(),
            defanged: false,
            location: Location {
                line: 1,
                ..Location::default()
            },
            occurrences: 1,
            context: format!("The implant used {value}."),
            description: Some("implant".into()),
            flags: Vec::new(),
            confidence: 80,
            evidence: Vec::new(),
        },
        created_at: at,
        first_seen_at: at,
        last_seen_at: at,
        submission_count: 1,
    }
}
