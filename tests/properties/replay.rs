//! The seeds of the fuzz targets, and what once broke them, on every run of the tests.

use std::fs;
use std::path::Path;

use crate::promises;

#[track_caller]
fn replay(target: &str, property: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut seeds: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    seeds.sort();
    assert!(seeds.len() >= 5, "the seeds of {target} are gone");
    for seed in seeds {
        let bytes = fs::read(&seed).unwrap();
        // Which seed it was is told by the last of these lines above a panic.
        eprintln!("{}", seed.display());
        property(&bytes);
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("a seed of this target is text")
}

#[test]
fn the_seeds_of_scan_hold() {
    replay("scan", |bytes| promises::scan(text(bytes)));
}

#[test]
fn the_seeds_of_refang_hold() {
    replay("refang", |bytes| promises::refang(text(bytes)));
}

#[test]
fn the_seeds_of_read_hold() {
    replay("read", promises::read);
}

#[test]
fn the_seeds_of_package_hold() {
    replay("package", promises::package);
}

#[test]
fn the_seeds_of_compound_hold() {
    replay("compound", promises::compound);
}

#[test]
fn the_seeds_of_reply_hold() {
    replay("reply", promises::reply);
}

#[test]
fn the_seeds_of_pdf_hold() {
    replay("pdf", promises::pdf);
}
