//! A document and its indicators, written as an export:
//! `cargo run --no-default-features --example document -- report.pdf stix`
//!
//! The format is json, csv, stix, ecs, misp or txt. The document is read in this very process: for documents
//! of strangers use `iocsift extract`, which reads each in a locked child.

use std::error::Error;
use std::io::Write;
use std::path::Path;

use chrono::Utc;
use iocsift::analyze::analyze;
use iocsift::document::Limits;
use iocsift::export::{Options, Report, render};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: document FILE [FORMAT]")?;
    let format = arguments.next().unwrap_or("json".to_owned()).parse()?;

    let bytes = std::fs::read(&path)?;
    let name = Path::new(&path).file_name().and_then(|name| name.to_str());
    let analysis =
        analyze(&bytes, name, &Limits::default()).map_err(|failure| failure.to_string())?;
    eprintln!(
        "{}: {}, {} indicators",
        analysis.format.name(),
        analysis.title.as_deref().unwrap_or("no title"),
        analysis.findings.len()
    );
    for warning in &analysis.warnings {
        eprintln!("{}", warning.message);
    }

    let mut report = Report::of(&path, &bytes, analysis.findings, Utc::now());
    report.submission.title = analysis.title;
    report.submission.summary = analysis.summary;
    std::io::stdout().write_all(&render(&report, format, Options::default()))?;
    Ok(())
}
