//! Prints how a document is read: title, warnings, then one line for each block.
//!
//! `cargo run --no-default-features --example text -- [--plain|--cost] FILE...`; `--plain` prints the text alone,
//! `--cost` the milliseconds of CPU time that reading takes and the peak memory of the process, in bytes.

use std::path::Path;

use iocsift::document::{Limits, read};

/// Readings that a cost is the mean of: the kernel counts in ticks that are longer than one reading.
const READINGS: u32 = 20;

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
        if option == "--cost" {
            let begin = cpu_time();
            for _ in 0..READINGS {
                let _ = read(&bytes, name, &Limits::default());
            }
            let taken = (cpu_time() - begin) / f64::from(READINGS);
            println!("{taken:.3} {}", peak_memory());
            continue;
        }
        match read(&bytes, name, &Limits::default()) {
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
