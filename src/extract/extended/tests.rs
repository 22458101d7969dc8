//! What the table of rules cannot show: neighbours, columns, and that the standard kinds stay as they are.

use crate::document::{Block, BlockKind, Document};
use crate::extract::cases::{endures, values};
use crate::extract::scan;
use crate::indicator::Kind;

/// A table of rows, the first of which names the columns.
fn table(rows: &[&str]) -> Document {
    let text = rows.join("\n");
    let mut start = 0;
    let block = |(index, row): (usize, &&str)| {
        let span = start..start + row.len();
        start = span.end + 1;
        let header = (index > 0).then_some(0);
        Block {
            span,
            kind: BlockKind::Row { header },
            place: 0,
        }
    };
    let blocks = rows.iter().enumerate().map(block).collect();
    Document {
        text,
        blocks,
        places: vec![Default::default()],
        ..Document::default()
    }
}

fn of_kind(document: &Document, kind: Kind) -> Vec<String> {
    scan(document)
        .into_iter()
        .filter(|finding| finding.kind == kind)
        .map(|finding| finding.value)
        .collect()
}

#[test]
fn a_column_labels_every_cell_below_it() {
    let document = table(&[
        "File\tImphash\tMutex\tUser-Agent",
        "a.exe\tf34d5f2d4577ed6d9ceec516c1f5a744\tonce\tcurl/8.5.0",
        "b.exe\t0cc175b9c0f1b6a831c399e269772661\t\tExample Loader 1",
        "c.exe\t\ttwice, maybe\tpython-requests/2.31",
    ]);
    assert_eq!(
        of_kind(&document, Kind::Imphash),
        [
            "f34d5f2d4577ed6d9ceec516c1f5a744",
            "0cc175b9c0f1b6a831c399e269772661"
        ]
    );
    assert_eq!(of_kind(&document, Kind::Mutex), ["once"]);
    assert_eq!(
        of_kind(&document, Kind::UserAgent),
        ["curl/8.5.0", "python-requests/2.31"]
    );
}

#[test]
fn a_label_is_of_the_digits_that_stand_next_to_it() {
    let (one, two) = (
        "f34d5f2d4577ed6d9ceec516c1f5a744",
        "0cc175b9c0f1b6a831c399e269772661",
    );
    let text = format!("imphash {one} MD5 {two} JA3 {one}");
    assert_eq!(values(&text, Kind::Imphash), [one]);
    assert_eq!(values(&text, Kind::Ja3), [one]);
    assert_eq!(values(&text, Kind::HashMd5), [two]);
}

#[test]
fn an_onion_service_is_a_domain_and_an_onion_and_keeps_its_defanging() {
    let text = "see www.facebookcorewwwi[.]onion";
    let found = scan(&Document {
        text: text.into(),
        ..Document::default()
    });
    let told: Vec<_> = found
        .iter()
        .map(|finding| (finding.kind, finding.value.as_str(), finding.defanged))
        .collect();
    assert_eq!(
        told,
        [
            (Kind::Domain, "www.facebookcorewwwi.onion", true),
            (Kind::Onion, "facebookcorewwwi.onion", true)
        ]
    );
}

#[test]
fn an_extended_kind_takes_nothing_from_a_standard_one() {
    for (text, kind, value) in [
        (
            "User-Agent: loader/1.0 http://evil.example.com/a",
            Kind::Url,
            "http://evil.example.com/a",
        ),
        (
            "mutex: C:\\Temp\\evil.exe",
            Kind::Filepath,
            "C:\\Temp\\evil.exe",
        ),
        (
            "rule CVE_2024_3400 { CVE-2024-3400",
            Kind::Cve,
            "CVE-2024-3400",
        ),
    ] {
        assert_eq!(values(text, kind), [value], "{text}");
    }
}

#[test]
fn no_label_makes_a_square_of_the_time() {
    endures(
        super::scan,
        &[
            "mutex ",
            "mutex\n",
            "mutex: ",
            "mutex \"",
            "CreateMutexA(",
            "User-Agent: ",
            "User-Agent\t",
            "Mozilla/5.0 (",
            "Mozilla/5.0 (a) b/1 ",
            "rule a ",
            "rule a : ",
            "TLP:",
            "CWE-1",
            "ja3 ",
            "imphash 0cc175b9c0f1b6a831c399e269772661 ",
            "3:",
            "3:aaaaaaaaaaaaaaaaaaaa:",
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa ",
            "0x",
            "bc1",
        ],
    );
    let mut rows = vec!["mutex\t".repeat(2_000)];
    rows.resize(2_000, "a1\t".repeat(40));
    let rows: Vec<_> = rows.iter().map(String::as_str).collect();
    assert!(!scan(&table(&rows)).is_empty());
}
