//! Prints how a document is read: title, warnings, then one line for each block.
//!
//! `cargo run --no-default-features --example text -- [--plain|--cost] FILE...`; `--plain` prints the text alone,
//! `--cost` the milliseconds of CPU time that reading took and the peak memory of the process, in bytes.

use std::path::Path;

use iocsift::document::{Limits, read};

fn main() {
    let (options, files): (Vec<_>, Vec<_>) = std::env::args()
        .skip(1)
        .partition(|argument| argument.starts_with("--"));
    let option = options.first().map_or("", String::as_str);
    for file in files {
        let bytes = match std::fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) => {
                eprintln!("{file}: {error}");
                continue;
            }
        };
        let name = Path::new(&file).file_name().and_then(|name| name.to_str());
        let begin = cpu_time();
        let document = read(&bytes, name, &Limits::default());
        let taken = cpu_time() - begin;
        match document {
            _ if option == "--cost" => println!("{taken:.3} {}", peak_memory()),
            Ok((_, document)) if option == "--plain" => println!("{}", document.text),
            Ok((format, document)) => print!("{}: {}\n{}", file, format.name(), document.outline()),
            Err(failure) => println!("{file}: {}: {failure}", failure.code),
        }
    }
}

/// Milliseconds that this thread has computed, where the kernel tells.
fn cpu_time() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = told.split(' ').next().and_then(|first| first.parse().ok());
    nanoseconds.unwrap_or(0.0) / 1e6
}

/// Bytes of memory that this process has used at most, where the kernel tells.
fn peak_memory() -> u64 {
    let told = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) << 10
}
