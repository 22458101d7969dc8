//! How fast the engine is, in MB/s on one core, beside what the machine does at best and beside peers.
//!
//! `cargo bench --bench engine -- DIR` reads every file below DIR; without DIR it makes up a corpus.
//! `cargo bench --bench engine -- probes` measures hostile inputs instead. Nothing is asserted: a time
//! says something only beside another one of the same machine and hour. Times are CPU times of one thread.

mod clock;
mod corpus;
#[path = "../../src/extract/hostile.rs"]
mod hostile;
mod peers;
mod probes;
mod report;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use corpus::Text;
use iocsift::analyze::analyze;
use iocsift::document::{self, Limits};
use iocsift::extract;

/// A figure is the mean of the runs that fill as much time.
const AT_LEAST: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    // Cargo adds `--bench` to the arguments.
    let argument = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    if argument.as_deref() == Some("probes") {
        probes::run();
        return ExitCode::SUCCESS;
    }
    let texts = match &argument {
        None => corpus::generate(),
        Some(directory) => match corpus::below(Path::new(directory)) {
            Ok(texts) => texts,
            Err(error) => {
                eprintln!("{directory}: {error}");
                return ExitCode::FAILURE;
            }
        },
    };
    let bytes = texts.iter().map(|text| text.bytes.len()).sum();
    println!("{} documents, {:.1} MB", texts.len(), megabytes(bytes));
    let read = engine(&texts, bytes);
    peers::run(&read);
    ExitCode::SUCCESS
}

/// Measures the engine; the texts of the documents come back.
fn engine(texts: &[Text], bytes: usize) -> Vec<String> {
    let limits = Limits::default();
    let whole = clock::mean(AT_LEAST, || {
        for text in texts {
            drop(analyze(&text.bytes, Some(text.name.as_str()), &limits));
        }
    });
    show("iocsift: read and scan", bytes, whole);

    let documents: Vec<_> = texts
        .iter()
        .filter_map(|text| document::read(&text.bytes, Some(&text.name), &limits).ok())
        .map(|(_, document)| document)
        .collect();
    let scanned = documents.iter().map(|document| document.text.len()).sum();
    let mut found = 0;
    let scan = clock::mean(AT_LEAST, || {
        found = documents
            .iter()
            .map(|document| extract::scan(document).len())
            .sum();
    });
    show("iocsift: scan alone", scanned, scan);
    println!(
        "{found} indicators of all kinds, with context; {} documents could not be read; what follows \
         reads the {:.1} MB of text that was scanned",
        texts.len() - documents.len(),
        megabytes(scanned)
    );
    documents
        .into_iter()
        .map(|document| document.text)
        .collect()
}

fn show(label: &str, bytes: usize, time: Duration) {
    println!(
        "{label:<34} {:>9.2} MB/s  {time:>10.1?}",
        megabytes(bytes) / time.as_secs_f64()
    );
}

fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}
