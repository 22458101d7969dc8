//! Finds indicators without a server.
//!
//! `scan PATH` reads a document and prints `{"iocs":[{"type","value"},…]}`.
//! `scan --lines` reads JSON lines `{"id","text"}` and answers each with `{"id","iocs":[…]}`.

use std::error::Error;
use std::io::{BufRead, Write};

use iocsift::analyze::analyze;
use iocsift::document::{Document, Limits};
use iocsift::extract;
use iocsift::indicator::{Finding, Kind};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Question {
    id: serde_json::Value,
    text: String,
}

#[derive(Serialize)]
struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<serde_json::Value>,
    iocs: Vec<Ioc>,
}

#[derive(Serialize)]
struct Ioc {
    r#type: Kind,
    value: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    match std::env::args().nth(1).as_deref() {
        Some("--lines") => {
            for line in std::io::stdin().lock().lines() {
                let Question { id, text } = serde_json::from_str(&line?)?;
                let findings = extract::scan(&Document {
                    text,
                    ..Document::default()
                });
                answer(&mut out, Some(id), findings)?;
            }
            Ok(())
        }
        Some(path) => {
            let bytes = std::fs::read(path)?;
            let name = std::path::Path::new(path)
                .file_name()
                .and_then(|name| name.to_str());
            let analysis = analyze(&bytes, name, &Limits::default())
                .map_err(|failure| format!("{failure:?}"))?;
            answer(&mut out, None, analysis.findings)
        }
        None => Err("usage: scan PATH | scan --lines".into()),
    }
}

fn answer(
    out: &mut impl Write,
    id: Option<serde_json::Value>,
    findings: Vec<Finding>,
) -> Result<(), Box<dyn Error>> {
    let iocs = findings
        .into_iter()
        .map(|finding| Ioc {
            r#type: finding.kind,
            value: finding.value,
        })
        .collect();
    serde_json::to_writer(&mut *out, &Answer { id, iocs })?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}
