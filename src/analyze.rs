//! The product in one pure function: bytes → [`Analysis`].

pub mod reply;

use serde::{Deserialize, Serialize};

use crate::document::{self, Block, BlockKind, Document, Limits, Recogniser, Warning};
use crate::extract::{self, CustomRule};
use crate::format::Format;
use crate::indicator::Finding;
use crate::submission::Failure;

/// Longest title kept, in characters.
const TITLE_CHARS: usize = 300;

/// What one document says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Analysis {
    /// What the bytes are.
    pub format: Format,
    /// The document's own title, else its first heading. Headings of documents inside it are none, and
    /// nor are their names.
    pub title: Option<String>,
    /// A few of its sentences.
    pub summary: Option<String>,
    /// The language that the document says it is written in, a BCP 47 tag: `en-US`.
    pub language: Option<String>,
    /// Distinct indicators in order of first appearance.
    pub findings: Vec<Finding>,
    /// What the reader could not do.
    pub warnings: Vec<Warning>,
    /// The text that was scanned; locations count into it.
    pub text: String,
}

/// Where bytes come from, as far as it is known. A file name alone turns into one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The file name: a hint at what the bytes are.
    pub name: Option<&'a str>,
    /// The URL they were fetched from: what is on its site is flagged as the document's own.
    pub url: Option<&'a str>,
}

impl<'a> From<Option<&'a str>> for Origin<'a> {
    fn from(name: Option<&'a str>) -> Self {
        Self { name, url: None }
    }
}

/// Reads `bytes` and finds its indicators. `origin` is the file name, where there is one, or an
/// [`Origin`].
///
/// # Errors
/// A fact about the input, as [`document::read`] reports it.
pub fn analyze<'a>(
    bytes: &[u8],
    origin: impl Into<Origin<'a>>,
    limits: &Limits,
) -> Result<Analysis, Failure> {
    analyze_with(bytes, origin, limits, &[], None)
}

/// As [`analyze`], with the kinds of indicator that `rules` define besides, and with a `recogniser` of what
/// pictures say.
///
/// # Errors
/// As [`analyze`].
pub fn analyze_with<'a>(
    bytes: &[u8],
    origin: impl Into<Origin<'a>>,
    limits: &Limits,
    rules: &[CustomRule],
    recogniser: Option<&Recogniser>,
) -> Result<Analysis, Failure> {
    let Origin { name, url } = origin.into();
    let (format, mut document) = document::read_with(bytes, name, limits, recogniser)?;
    let title = document
        .title
        .as_deref()
        .or_else(|| heading(&document))
        .map(one_line)
        .filter(|title| !title.is_empty());
    let scan = extract::scan_with(&document, url, rules);
    document.warnings.extend(scan.warnings);
    Ok(Analysis {
        format,
        title,
        summary: extract::summary(&document),
        language: document.language,
        findings: scan.findings,
        warnings: document.warnings,
        text: document.text,
    })
}

/// The first heading that names the document and not one of its parts.
fn heading(document: &Document) -> Option<&str> {
    const PARTS: [&str; 14] = [
        "abstract",
        "background",
        "contents",
        "executive summary",
        "introduction",
        "key findings",
        "key judgements",
        "key judgments",
        "key points",
        "key takeaways",
        "overview",
        "summary",
        "table of contents",
        "tl;dr",
    ];
    let headings = || {
        let kept = |block: &&Block| block.kind == BlockKind::Heading;
        let text = |block: &Block| document.text.get(block.span.clone()).map(str::trim);
        document.own_blocks().filter(kept).filter_map(text)
    };
    let names = |heading: &&str| {
        let said = heading.trim_end_matches([':', '.']);
        !PARTS.iter().any(|part| part.eq_ignore_ascii_case(said))
    };
    headings().find(names).or_else(|| headings().next())
}

/// White space folded, without markup and cut to [`TITLE_CHARS`].
fn one_line(text: &str) -> String {
    let folded = extract::plain(text)
        .split_whitespace()
        // Typewriters have no dash.
        .map(|word| {
            if matches!(word, "--" | "–-" | "---") {
                "–"
            } else {
                word
            }
        })
        .collect::<Vec<_>>()
        .join(" ");
    folded.chars().take(TITLE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(markdown: &str) -> Option<String> {
        let limits = Limits::default();
        analyze(markdown.as_bytes(), Some("a.md"), &limits)
            .unwrap()
            .title
    }

    #[test]
    fn the_title_is_the_first_heading_that_names_the_document() {
        assert_eq!(
            title("## Key Takeaways\n\n- x\n\n# The [loader](http://a.example/x) -- *again*\n\nIt came.\n").as_deref(),
            Some("The loader – again")
        );
        assert_eq!(title("# Summary\n\nIt came.\n").as_deref(), Some("Summary"));
    }

    fn title_of(bytes: &[u8]) -> Option<String> {
        analyze(bytes, None, &Limits::default()).unwrap().title
    }

    #[test]
    fn neither_a_member_nor_its_name_titles_the_whole() {
        let archives: [&[u8]; 3] = [
            include_bytes!("../tests/corpus/zip/mixed.in"),
            include_bytes!("../tests/corpus/7z/mixed.in"),
            include_bytes!("../tests/corpus/gzip/pax.tar.gz.in"),
        ];
        for archive in archives {
            assert_eq!(title_of(archive), None);
        }
        let mail = "From: a@victim.example\nTo: b@victim.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Disposition: attachment; filename=a.md\n\n# Member\n--b\nContent-Type: text/html\n\n<h1>Own</h1>\n--b--\n";
        assert_eq!(title_of(mail.as_bytes()).as_deref(), Some("Own"));
    }

    #[test]
    fn what_is_attached_and_not_read_is_named_as_a_file_and_no_host() {
        use crate::indicator::Kind;
        let mail = "From: a@victim.test\nTo: b@victim.test\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nSee it.\n--b\nContent-Disposition: attachment; filename=evil.com\nContent-Transfer-Encoding: base64\n\nTVqQAAMAAAA=\n--b--\n";
        let analysis = analyze(mail.as_bytes(), None, &Limits::default()).unwrap();
        assert!(analysis.text.ends_with("\nAttachment: evil.com"));
        let named = |kind| {
            let mut findings = analysis.findings.iter();
            findings.any(|finding| finding.kind == kind && finding.value == "evil.com")
        };
        assert!(named(Kind::Filename) && !named(Kind::Domain));
    }

    #[test]
    fn the_one_document_in_a_gzip_titles_it() {
        use std::io::Write;
        let builder = flate2::GzBuilder::new().filename("a.md");
        let mut encoder = builder.write(Vec::new(), flate2::Compression::fast());
        encoder.write_all(b"# The loader\n\nIt came.\n").unwrap();
        let packed = encoder.finish().unwrap();
        assert_eq!(title_of(&packed).as_deref(), Some("The loader"));
    }
}
