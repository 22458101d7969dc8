//! `iocsift extract`: documents in, their indicators out. No server, no database.
//!
//! One document, or standard input, is printed as its export. Of more, or of a folder, `many` makes one
//! report for each.

mod many;

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use chrono::Utc;
use clap::Args;
use serde::Deserialize;
use url::Url;

use crate::analyze::{Analysis, Origin, analyze_with};
use crate::config::Reader;
use crate::document::Limits;
use crate::export::{self, ExportFormat, Options, Report};
use crate::extract::CustomRule;

/// The path that means standard input.
const STDIN: &str = "-";
/// Longest `--source`, in bytes.
const MAX_SOURCE: usize = 2_048;

/// What to extract from, and how to print it.
#[derive(Debug, Args)]
pub(super) struct Extract {
    /// Documents, and folders that are searched for documents; `-` reads standard input
    #[arg(value_name = "PATH", required_unless_present = "lines")]
    paths: Vec<PathBuf>,
    /// Write a file for each document into this folder, rather than one report a line to standard output
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// How to print the indicators
    #[arg(long, value_name = "FORMAT", default_value = "json", value_parser = parse_format)]
    format: ExportFormat,
    /// Write values defanged (json, csv, txt)
    #[arg(long)]
    defang: bool,
    /// Leave out indicators that are flagged as probably benign
    #[arg(long)]
    exclude_flagged: bool,
    /// Where the document was published: what is on that site is flagged as the document's own
    #[arg(long, value_name = "URL", value_parser = parse_source)]
    source: Option<Url>,
    /// Print indicators of the extended kinds and of kinds of your own too
    #[arg(long)]
    extended: bool,
    /// Read JSON lines {"id", "text"} from standard input, answer each with {"id", "iocs"}: for many short texts
    #[arg(long, conflicts_with_all = ["paths", "output", "format", "defang", "exclude_flagged", "source"])]
    lines: bool,
    #[command(flatten)]
    reader: Reader,
}

/// The names of the API's exports, and `text` as a longer name of `txt`.
fn parse_format(name: &str) -> Result<ExportFormat, export::UnknownFormat> {
    if name == "text" {
        Ok(ExportFormat::Text)
    } else {
        name.parse()
    }
}

/// A hint that means nothing would be passed over in silence: it is refused instead.
fn parse_source(text: &str) -> Result<Url, String> {
    if text.len() > MAX_SOURCE {
        return Err(format!("is longer than {MAX_SOURCE} bytes"));
    }
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        _ => Err("is no URL such as https://host/path".to_owned()),
    }
}

pub(super) async fn extract(settings: Extract) -> anyhow::Result<()> {
    let rules = settings.reader.rules()?;
    match settings.paths.as_slice() {
        _ if settings.lines => lines(&rules, settings.extended),
        [path] if settings.output.is_none() && !path.is_dir() => {
            let export = settings.export(path, &name_of(path)).await?;
            let mut stdout = io::stdout().lock();
            stdout.write_all(&export)?;
            Ok(stdout.flush()?)
        }
        _ => many::extract(settings).await,
    }
}

impl Extract {
    /// The export of the document at `path`, which calls it `name`. What its reader could not do is said
    /// on standard error.
    async fn export(&self, path: &Path, name: &str) -> anyhow::Result<Vec<u8>> {
        let bytes = self
            .read(path)
            .with_context(|| path.display().to_string())?;
        let origin = Origin {
            name: path
                .file_name()
                .and_then(|name| name.to_str())
                .filter(|name| *name != STDIN),
            url: self.source.as_ref().map(Url::as_str),
        };
        let analysis = self.reader.sandbox()?.analyze(&bytes, origin).await;
        // Its text tells of its source too.
        let mut analysis = analysis.map_err(|error| anyhow!("{}: {error}", path.display()))?;
        for warning in &analysis.warnings {
            eprintln!("iocsift: {}: {}", path.display(), warning.message);
        }
        if !self.extended {
            let findings = &mut analysis.findings;
            findings.retain(|finding| !finding.kind.is_extended());
        }
        let report = report(analysis, &bytes, name);
        let options = Options {
            defang: self.defang,
            exclude_flagged: self.exclude_flagged,
        };
        Ok(export::render(&report, self.format, options))
    }

    /// The bytes at `path`. More than a reader may hold is not read: a device may have no end.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let most = self.reader.reader_memory.saturating_mul(1 << 20);
        let mut bytes = Vec::new();
        let source: Box<dyn Read> = if path == Path::new(STDIN) {
            Box::new(io::stdin().lock())
        } else {
            Box::new(File::open(path)?)
        };
        let taken = source
            .take(most.saturating_add(1))
            .read_to_end(&mut bytes)?;
        if taken as u64 > most {
            let most = self.reader.reader_memory;
            return Err(io::Error::other(format!(
                "larger than the {most} MiB of memory that reading it may take"
            )));
        }
        Ok(bytes)
    }
}

/// What an export of one document calls it.
fn name_of(path: &Path) -> Cow<'_, str> {
    match path.file_name() {
        Some(name) if path != Path::new(STDIN) => name.to_string_lossy(),
        _ => "standard input".into(),
    }
}

/// Texts in, indicators out, one line each: the engine without a process for each text.
fn lines(rules: &[CustomRule], extended: bool) -> anyhow::Result<()> {
    #[derive(Deserialize)]
    struct Line {
        #[serde(default)]
        id: serde_json::Value,
        text: String,
    }
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    for (number, line) in (1..).zip(io::stdin().lock().lines()) {
        let line = line.with_context(|| format!("line {number} of standard input"))?;
        if line.trim().is_empty() {
            continue;
        }
        let line: Line = serde_json::from_str(&line)
            .with_context(|| format!("line {number} of standard input"))?;
        let analysis = analyze_with(line.text.as_bytes(), None, &Limits::default(), rules, None);
        let findings = analysis
            .map(|analysis| analysis.findings)
            .unwrap_or_default();
        let iocs: Vec<_> = findings
            .iter()
            .filter(|finding| extended || !finding.kind.is_extended())
            .map(|finding| serde_json::json!({ "type": finding.kind, "value": finding.value }))
            .collect();
        serde_json::to_writer(
            &mut stdout,
            &serde_json::json!({ "id": line.id, "iocs": iocs }),
        )?;
        stdout.write_all(b"\n")?;
        stdout.flush()?;
    }
    Ok(())
}

/// What was read, as an export takes it.
fn report(analysis: Analysis, bytes: &[u8], name: &str) -> Report {
    let mut report = Report::of(name, bytes, analysis.findings, Utc::now());
    let submission = &mut report.submission;
    submission.title = analysis.title;
    submission.summary = analysis.summary;
    submission.language = analysis.language;
    submission.content_type = Some(analysis.format.media_type().to_owned());
    submission.warnings = analysis.warnings;
    report
}
