//! What a reader answers: any bytes, and the answers of honest ones.

use std::collections::HashSet;

use iocsift::analyze::reply::{Locks, Outcome, Reply};
use iocsift::analyze::{Analysis, analyze};
use iocsift::document::Limits;
use iocsift::export::{ExportFormat, Options, Report, render};

const FORMATS: [ExportFormat; 6] = [
    ExportFormat::Json,
    ExportFormat::Csv,
    ExportFormat::Stix,
    ExportFormat::Ecs,
    ExportFormat::Misp,
    ExportFormat::Text,
];

/// Whatever a reader answers, what is believed of it can be stored, shown and exported.
pub fn reply(json: &[u8]) {
    let Ok(reply) = Reply::decode(json, &[]) else {
        return;
    };
    // What is believed is written again as it was meant.
    let again = serde_json::to_vec(&reply).expect("an answer can be written");
    Reply::decode(&again, &[]).expect("an answer that was believed once");
    match reply.outcome {
        Outcome::Analysis(analysis) => analysis_holds(*analysis, json.len()),
        Outcome::Failure(failure) => assert!(!failure.message.contains('\0')),
        Outcome::Unlocked => {}
    }
}

/// The answer of a reader that is not damaged is believed.
pub(crate) fn is_believed(bytes: &[u8], name: &str, limits: &Limits) {
    let outcome = match analyze(bytes, Some(name), limits) {
        Ok(analysis) => Outcome::Analysis(Box::new(analysis)),
        Err(failure) => Outcome::Failure(failure),
    };
    let locks = Locks {
        landlock: true,
        seccomp: true,
    };
    let json = serde_json::to_vec(&Reply { locks, outcome }).expect("an answer can be written");
    if let Err(error) = Reply::decode(&json, &[]) {
        panic!("{error}: {}", String::from_utf8_lossy(&json));
    }
}

fn analysis_holds(analysis: Analysis, length: usize) {
    // A character is one byte in JSON or more, and each finding has its own place in it.
    assert!(analysis.text.len() <= length && analysis.findings.len() <= length);
    let mut distinct = HashSet::new();
    let lines: Vec<&str> = analysis.text.split('\n').collect();
    for finding in &analysis.findings {
        assert!(
            distinct.insert((finding.kind, finding.value.clone())),
            "{finding:?}"
        );
        let location = &finding.location;
        let start = usize::try_from(location.offset).expect("an offset in the text");
        let length = usize::try_from(location.length).expect("a length in the text");
        let written: String = analysis.text.chars().skip(start).take(length).collect();
        assert_eq!(written, finding.raw);
        let line = usize::try_from(location.line).expect("a line of the text");
        assert!(lines.get(line - 1).is_some(), "{finding:?}");
        assert!(finding.confidence <= 100, "{finding:?}");
        let shown = serde_json::to_string(&finding).expect("a finding can be written");
        assert!(!shown.contains("\\u0000"), "{finding:?}");
    }
    let shown = [&analysis.title, &analysis.summary, &analysis.language];
    for text in shown.into_iter().flatten().chain([&analysis.text]) {
        assert!(!text.contains('\0'));
    }
    let report = Report::of("a", b"a", analysis.findings, chrono::DateTime::UNIX_EPOCH);
    for format in FORMATS {
        let _ = render(&report, format, Options::default());
    }
}
