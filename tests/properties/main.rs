//! What holds of the engine whatever the text: replayed seeds, and properties over made-up texts.
//!
//! The cases are the same on every run: a failure on one machine is one on every other.

#![cfg(test)]

mod defang;
mod frames;
#[expect(
    unreachable_pub,
    reason = "the same file is the library of the fuzz targets"
)]
#[path = "../../fuzz/src/lib.rs"]
mod promises;
mod replay;
mod texts;
mod values;

use iocsift::document::Document;
use iocsift::extract;
use iocsift::indicator::{Finding, Kind};
use proptest::test_runner::{Config, RngSeed};

/// As many cases of a property, the same ones on every run.
fn cases(cases: u32) -> Config {
    Config {
        cases,
        rng_seed: RngSeed::Fixed(0x10c5_1f70),
        failure_persistence: None,
        ..Config::default()
    }
}

fn findings(text: &str) -> Vec<Finding> {
    extract::scan(&Document {
        text: text.to_owned(),
        ..Document::default()
    })
}

/// The values of `kind` in a plain text.
fn found(text: &str, kind: Kind) -> Vec<String> {
    findings(text)
        .into_iter()
        .filter(|finding| finding.kind == kind)
        .map(|finding| finding.value)
        .collect()
}
