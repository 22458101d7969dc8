//! What holds for every input. The fuzz targets run these on inputs that a machine makes up; the test
//! `properties` replays the seeds and past finds through them. One function for each target.

mod containers;
mod reply;

pub use reply::reply;

use std::collections::HashSet;

use iocsift::document::{self, BlockKind, Document, Limits};
use iocsift::extract::{self, MOST_FINDINGS};
use iocsift::format::Format;
use iocsift::indicator::{Evidence, Finding, Kind};

/// A text without structure is scanned; the findings hold together.
pub fn scan(text: &str) {
    let document = Document {
        text: text.replace('\0', " "),
        ..Document::default()
    };
    findings_hold(&document);
}

/// Refanging writes what was defanged live and leaves all else alone; a value is live already.
pub fn refang(text: &str) {
    let live = extract::refang(text);
    let document = Document {
        text: text.to_owned(),
        ..Document::default()
    };
    let found = extract::scan(&document);
    if found.iter().all(|finding| !finding.defanged) {
        assert_eq!(live, text, "nothing was defanged");
    }
    for finding in found.iter().filter(|finding| can_be_defanged(finding.kind)) {
        let value = &finding.value;
        assert_eq!(extract::refang(value), *value, "a value that is not live");
        // What stands in a path is live as far as the whole path is.
        let apart = !found
            .iter()
            .any(|path| path.kind == Kind::Filepath && path.defanged);
        assert!(
            !finding.defanged || !apart || live.contains(value),
            "{finding:?} is not in {live:?}"
        );
    }
}

/// Bytes are read as what they are, under the names of the text formats; what comes out keeps the promises of
/// `Document`, and its findings hold together.
pub fn read(bytes: &[u8]) {
    const NAMES: [&str; 10] = [
        "a.txt", "a.md", "a.yaml", "a.csv", "a.tsv", "a.json", "a.xml", "a.html", "a.eml", "a.mbox",
    ];
    let (selector, bytes) = bytes.split_first().unwrap_or((&0, &[]));
    let name = NAMES[usize::from(*selector) % NAMES.len()];
    // The reader of old workbooks is not ours: it asks for memory without bound, and the sandbox is there for it.
    if Format::sniff(bytes, Some(name)) != Some(Format::Xls) {
        read_as(bytes, name);
    }
}

/// A package of made-up XML parts is read.
pub fn package(input: &[u8]) {
    if let Some(bytes) = containers::package(input) {
        read_as(&bytes, "a.zip");
    }
}

/// A compound file of made-up streams is read.
pub fn compound(input: &[u8]) {
    if let Some(bytes) = containers::compound(input) {
        read_as(&bytes, "a.bin");
    }
}

/// A PDF of made-up objects is read.
pub fn pdf(input: &[u8]) {
    read_as(&containers::pdf(input), "a.pdf");
}

fn read_as(bytes: &[u8], name: &str) {
    let limits = Limits {
        text: 1 << 20,
        ..Limits::default()
    };
    if let Ok((_, document)) = document::read(bytes, Some(name), &limits) {
        document_holds(&document);
        findings_hold(&document);
        reply::is_believed(bytes, name, &limits);
    }
}

fn document_holds(document: &Document) {
    assert!(!document.text.contains('\0'), "a zero in the text");
    let mut end = 0;
    for block in &document.blocks {
        assert!(block.span.start >= end, "blocks overlap");
        assert!(block.span.end > block.span.start, "an empty block");
        assert!(
            document.text.get(block.span.clone()).is_some(),
            "a block cuts a character"
        );
        assert!(
            document.places.get(block.place).is_some(),
            "a block without place"
        );
        if let BlockKind::Row {
            header: Some(header),
        } = block.kind
        {
            assert!(header < document.blocks.len(), "a row without its header");
        }
        end = block.span.end;
    }
    let mut first = 0;
    for member in &document.members {
        let blocks = &member.blocks;
        assert!(blocks.start >= first, "members are out of order");
        assert!(blocks.start < blocks.end, "a member without its name");
        assert!(
            blocks.end <= document.blocks.len(),
            "a member beyond the end"
        );
        first = blocks.start;
    }
}

fn findings_hold(document: &Document) {
    let found = extract::scan(document);
    assert_eq!(
        found,
        extract::scan(document),
        "scanned twice, found otherwise"
    );
    assert!(found.len() <= MOST_FINDINGS);
    let offsets: Vec<usize> = document
        .text
        .char_indices()
        .map(|(at, _)| at)
        .chain([document.text.len()])
        .collect();
    let mut distinct = HashSet::new();
    let mut last = 0;
    for finding in &found {
        assert!(
            distinct.insert((finding.kind, &finding.value)),
            "{finding:?} stands twice"
        );
        let (start, length) = (
            finding.location.offset as usize,
            finding.location.length as usize,
        );
        let written = &document.text[offsets[start]..offsets[start + length]];
        assert_eq!(
            written, finding.raw,
            "{finding:?} is not what is written there"
        );
        assert!(start >= last, "{finding:?} is out of order");
        last = start;
        let line = 1 + document.text[..offsets[start]].matches('\n').count();
        assert_eq!(finding.location.line as usize, line, "{finding:?}");
        finding_holds(finding);
    }
}

fn finding_holds(finding: &Finding) {
    assert!(
        !finding.value.is_empty() && !finding.raw.is_empty(),
        "{finding:?}"
    );
    assert!(
        finding.occurrences >= 1 && finding.confidence <= 100,
        "{finding:?}"
    );
    assert!(!finding.context.contains('\n'), "{finding:?}");
    assert_eq!(
        finding.confidence,
        Evidence::total(&finding.evidence),
        "{finding:?}"
    );
    // The host of a defanged URL counts as defanged, whatever it looks like itself.
    let whole = matches!(finding.kind, Kind::Url | Kind::Email | Kind::IpRange);
    if whole && finding.defanged && finding.occurrences == 1 {
        assert_ne!(finding.raw, finding.value, "{finding:?} was not defanged");
    }
    let shape = |allowed: fn(&u8) -> bool| {
        assert!(finding.value.as_bytes().iter().all(allowed), "{finding:?}");
    };
    match finding.kind {
        Kind::Ipv4 => assert!(
            finding.value.parse::<std::net::Ipv4Addr>().is_ok(),
            "{finding:?}"
        ),
        Kind::Ipv6 => assert_eq!(
            finding
                .value
                .parse::<std::net::Ipv6Addr>()
                .map(|address| address.to_string()),
            Ok(finding.value.clone())
        ),
        Kind::IpPort => assert!(
            finding
                .value
                .parse::<std::net::SocketAddr>()
                .is_ok_and(|socket| socket.port() > 0),
            "{finding:?}"
        ),
        Kind::Domain => shape(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._".contains(byte)
        }),
        Kind::Url => assert!(finding.value.contains("://"), "{finding:?}"),
        Kind::Email => assert!(finding.value.contains('@'), "{finding:?}"),
        Kind::HashMd5 | Kind::HashSha1 | Kind::HashSha256 | Kind::HashSha512 => {
            shape(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            let digits = match finding.kind {
                Kind::HashMd5 => 32,
                Kind::HashSha1 => 40,
                Kind::HashSha256 => 64,
                _ => 128,
            };
            assert_eq!(finding.value.len(), digits, "{finding:?}");
        }
        Kind::Cve => assert!(finding.value.starts_with("CVE-"), "{finding:?}"),
        Kind::Asn => assert!(finding.value[2..].parse::<u32>().is_ok(), "{finding:?}"),
        _ => {}
    }
}

/// Whether analysts defang values of `kind`; a command keeps what was written.
fn can_be_defanged(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Ipv4
            | Kind::Ipv6
            | Kind::IpPort
            | Kind::IpRange
            | Kind::Domain
            | Kind::Url
            | Kind::Email
    )
}
