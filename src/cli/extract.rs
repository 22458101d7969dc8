//! `iocsift extract`: one document in, its indicators out. No server, no database.

use std::io::{self, BufRead, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::Args;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use crate::analyze::{Analysis, Origin, analyze};
use crate::config::Reader;
use crate::document::Limits;
use crate::export::{self, ExportFormat, Options, Producer, Report};
use crate::id::{IocId, SubmissionId};
use crate::indicator::{Finding, Ioc};
use crate::submission::{SourceType, Status, Submission};
use crate::worker::sandbox::ReadError;

/// What to extract from, and how to print it.
#[derive(Debug, Args)]
pub(super) struct Extract {
    /// The document; `-` reads standard input
    #[arg(value_name = "FILE", required_unless_present = "lines")]
    file: Option<PathBuf>,
    /// How to print the indicators
    #[arg(long, value_name = "FORMAT", default_value = "json", value_parser = parse_format)]
    format: ExportFormat,
    /// Write values defanged (json, csv, text)
    #[arg(long)]
    defang: bool,
    /// Leave out indicators that are flagged as probably benign
    #[arg(long)]
    exclude_flagged: bool,
    /// Where the document was published: what is on that site is flagged as the document's own
    #[arg(long, value_name = "URL")]
    source: Option<String>,
    /// Read JSON lines {"id", "text"} from standard input, answer each with {"id", "iocs"}: for many short texts
    #[arg(long, conflicts_with_all = ["file", "format", "defang", "exclude_flagged", "source"])]
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

pub(super) async fn extract(settings: Extract) -> anyhow::Result<()> {
    let Some(file) = settings.file.filter(|_| !settings.lines) else {
        return lines();
    };
    let bytes = read(&file)?;
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .filter(|_| file != Path::new("-"));
    let origin = Origin {
        name,
        url: settings.source.as_deref(),
    };
    let analysis = match settings.reader.sandbox().analyze(&bytes, origin).await {
        Ok(analysis) => analysis,
        Err(ReadError::Input(failure)) => anyhow::bail!("{}: {failure}", file.display()),
        Err(error) => return Err(error).context(file.display().to_string()),
    };
    for warning in &analysis.warnings {
        eprintln!("iocsift: {}: {}", file.display(), warning.message);
    }
    let report = report(analysis, &bytes, name.unwrap_or("standard input"));
    let options = Options {
        defang: settings.defang,
        exclude_flagged: settings.exclude_flagged,
    };
    let mut stdout = io::stdout().lock();
    stdout.write_all(&export::render(&report, settings.format, options))?;
    Ok(stdout.flush()?)
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    if file != Path::new("-") {
        return std::fs::read(file).with_context(|| file.display().to_string());
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Texts in, indicators out, one line each: the engine without a process for each text.
fn lines() -> anyhow::Result<()> {
    #[derive(Deserialize)]
    struct Line {
        #[serde(default)]
        id: serde_json::Value,
        text: String,
    }
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let line: Line = serde_json::from_str(&line?)?;
        let analysis = analyze(line.text.as_bytes(), None, &Limits::default());
        let findings = analysis
            .map(|analysis| analysis.findings)
            .unwrap_or_default();
        let iocs: Vec<_> = findings
            .iter()
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

/// A report of a document that is in no store. Its ids come from the content, so that the same
/// document gives the same export again; only the moment is that of the call.
fn report(analysis: Analysis, bytes: &[u8], name: &str) -> Report {
    let now = Utc::now();
    let sha256 = Sha256::digest(bytes);
    let submission = Submission {
        id: SubmissionId(uuid_of(&[&sha256])),
        status: Status::Completed,
        source_type: SourceType::FileUpload,
        source_identifier: name.to_owned(),
        original_filename: Some(name.to_owned()),
        title: analysis.title,
        summary: analysis.summary,
        ioc_count: analysis.findings.len() as i64,
        content_type: Some(analysis.format.media_type().to_owned()),
        size_bytes: Some(bytes.len() as i64),
        sha256: Some(sha256.iter().map(|byte| format!("{byte:02x}")).collect()),
        tags: Vec::new(),
        tlp: None,
        error: None,
        warnings: analysis.warnings,
        created_at: now,
        updated_at: now,
        processed_at: Some(now),
    };
    let iocs = analysis
        .findings
        .into_iter()
        .map(|finding| ioc(finding, now))
        .collect();
    let producer = Producer {
        id: uuid_of(&[b"iocsift"]),
        name: "iocsift".to_owned(),
        created_at: now,
    };
    Report {
        submission,
        iocs,
        producer,
    }
}

fn ioc(finding: Finding, now: DateTime<Utc>) -> Ioc {
    Ioc {
        id: IocId(uuid_of(&[
            finding.kind.name().as_bytes(),
            finding.value.as_bytes(),
        ])),
        finding,
        created_at: now,
        first_seen_at: now,
        last_seen_at: now,
        submission_count: 1,
    }
}

/// A UUID of the SHA-256 of some parts, in the form of a random one: STIX takes no other for a producer.
fn uuid_of(parts: &[&[u8]]) -> Uuid {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    Builder::from_random_bytes(bytes).into_uuid()
}
