//! Every `tests/corpus/<format>/<case>.in` must read as its `.out` says: the format, then
//! `Document::outline`, or the failure.
//!
//! A new case is two files; `BLESS=1 cargo test --test corpus` writes the second. Read the difference
//! before you commit it. A case may carry a file name for the reader, `<case>.<extension>.in`.

#![cfg(test)]

use std::fs;
use std::path::{Path, PathBuf};

use iocsift::document::{Limits, read};

/// The inputs, in order.
fn inputs(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the corpus is there") {
        let path = entry.expect("the corpus can be listed").path();
        if path.is_dir() {
            found.extend(inputs(&path));
        } else if path.extension().is_some_and(|extension| extension == "in") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn outline(input: &Path) -> String {
    let bytes = fs::read(input).expect("the input can be read");
    let name = input.file_stem().and_then(|stem| stem.to_str());
    match read(&bytes, name, &Limits::default()) {
        Ok((format, document)) => format!("format: {}\n{}", format.name(), document.outline()),
        Err(failure) => format!("failure: {}: {failure}\n", failure.code),
    }
}

#[test]
fn every_case_reads_as_written_down() {
    let bless = std::env::var_os("BLESS").is_some();
    let inputs = inputs(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus"));
    assert!(
        inputs.len() > 20,
        "the corpus has shrunk to {} cases",
        inputs.len()
    );
    let mut wrong = Vec::new();
    for input in inputs {
        let (expected, read) = (input.with_extension("out"), outline(&input));
        if bless {
            fs::write(&expected, &read).expect("the corpus can be written");
        } else if fs::read_to_string(&expected).unwrap_or_default() != read {
            wrong.push(format!("{}:\n{read}", input.display()));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} cases read differently:\n\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Blocks are what the extraction builds on: they rise, do not overlap, and stand on characters.
#[test]
fn blocks_of_every_case_hold_their_promises() {
    for input in inputs(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")) {
        let bytes = fs::read(&input).expect("the input can be read");
        let name = input.file_stem().and_then(|stem| stem.to_str());
        let Ok((_, document)) = read(&bytes, name, &Limits::default()) else {
            continue;
        };
        let mut end = 0;
        for block in &document.blocks {
            assert!(
                block.span.start >= end && block.span.end > block.span.start,
                "{}",
                input.display()
            );
            assert!(
                document.text.get(block.span.clone()).is_some(),
                "{}",
                input.display()
            );
            assert!(
                document.places.get(block.place).is_some(),
                "{}",
                input.display()
            );
            end = block.span.end;
        }
        assert!(!document.text.contains('\0'), "{}", input.display());
    }
}

/// Cutting or breaking a document anywhere must end in a result, never in a panic.
#[test]
fn damaged_copies_of_every_case_end_in_a_result() {
    for input in inputs(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")) {
        let bytes = fs::read(&input).expect("the input can be read");
        let name = input.file_stem().and_then(|stem| stem.to_str());
        for step in 1..=12 {
            let _ = read(&bytes[..bytes.len() * step / 13], name, &Limits::default());
            let mut broken = bytes.clone();
            for at in (step * 7..broken.len()).step_by(97 + step * 13) {
                broken[at] ^= 1 << (at % 8);
            }
            let _ = read(&broken, name, &Limits::default());
        }
    }
}
