//! Prints how a document is read: title, warnings, then one line for each block.
//!
//! `cargo run --no-default-features --example text -- [--plain] FILE...`; `--plain` prints the text alone.

use std::path::Path;

use iocsift::document::{Limits, read};

fn main() {
    let (options, files): (Vec<_>, Vec<_>) = std::env::args()
        .skip(1)
        .partition(|argument| argument == "--plain");
    for file in files {
        let bytes = match std::fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) => {
                eprintln!("{file}: {error}");
                continue;
            }
        };
        let name = Path::new(&file).file_name().and_then(|name| name.to_str());
        match read(&bytes, name, &Limits::default()) {
            Ok((_, document)) if !options.is_empty() => println!("{}", document.text),
            Ok((format, document)) => print!("{}: {}\n{}", file, format.name(), document.outline()),
            Err(failure) => println!("{file}: {}: {failure}", failure.code),
        }
    }
}
