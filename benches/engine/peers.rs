//! The same text through tools that the machine may have: what it does at best, and other extractors.
//!
//! What is not there is named as not installed. Python peers run under `PEERS_PYTHON` (else `python3`),
//! those of npm in the folder `PEERS_NODE` that holds `node_modules`:
//!
//! ```sh
//! python3 -m venv peers && peers/bin/pip install ioc-finder iocsearcher iocextract iocparser-tool
//! npm install --prefix peers ioc-extractor
//! PEERS_PYTHON=$PWD/peers/bin/python PEERS_NODE=$PWD/peers make bench
//! ```

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use regex::bytes::Regex;

/// What a search without any judgement looks for: URLs, mail addresses, addresses, hashes, names, CVEs.
const ALTERNATION: &str = r"(?i-u)(?:hxxp|http|ftp)s?(?::|\[:\])//[^\s<>]+|[a-z0-9._+-]+@[a-z0-9.-]+|\b(?:[0-9]{1,3}(?:\[?\.\]?[0-9]{1,3}){3}|[0-9a-f]{128}|[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32}|[a-z0-9-]+(?:\[?\.\]?[a-z0-9-]+)+|CVE-[0-9]{4}-[0-9]{4,})\b";
/// Runs of a program that is over soon.
const RUNS: usize = 10;
/// A peer stops after as many seconds; its rate is that of what it has read by then.
const SECONDS: &str = "20";
/// What a peer's script answers where the peer is not installed.
const NOT_INSTALLED: i32 = 3;

/// Measures all of them on `texts`.
pub(super) fn run(texts: &[String]) {
    let joined = match Joined::new(texts) {
        Ok(joined) => joined,
        Err(error) => {
            eprintln!("the texts could not be written for others to read: {error}");
            return;
        }
    };
    limits(&joined);
    extractors(&joined);
}

/// The texts in one file, each closed by a zero.
struct Joined {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Joined {
    fn new(texts: &[String]) -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("iocsift-bench-{}.txt", std::process::id()));
        let bytes: Vec<u8> = texts
            .iter()
            .flat_map(|text| text.bytes().chain(*b"\n\0"))
            .collect();
        fs::write(&path, &bytes)?;
        Ok(Self { path, bytes })
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        // A left-over file in the temporary directory is no fault of the figures.
        let _ = fs::remove_file(&self.path);
    }
}

/// What the machine does at best.
fn limits(joined: &Joined) {
    let bytes = joined.bytes.len();
    match Regex::new(ALTERNATION) {
        Ok(regex) => {
            let mut count = 0;
            let time = super::clock::mean(super::AT_LEAST, || {
                count = regex.find_iter(&joined.bytes).count()
            });
            super::show("regex: one alternation", bytes, time);
            println!("{:<34} {count} matches", "");
        }
        Err(error) => eprintln!("the alternation is broken: {error}"),
    }
    let search = [
        "--text",
        "--no-config",
        "--threads=1",
        "-o",
        "-e",
        ALTERNATION,
    ];
    for (label, program, arguments) in [
        ("ripgrep -o: the same", "rg", &search[..]),
        ("wc -l: lines", "wc", &["-l"][..]),
    ] {
        let run = || {
            let start = Instant::now();
            let status = Command::new(program)
                .args(arguments)
                .arg(&joined.path)
                .stdout(Stdio::null())
                .status();
            status
                .is_ok_and(|status| status.success())
                .then(|| start.elapsed())
        };
        // Of another process the clock on the wall is known alone: the best run had the machine for itself.
        let times: Option<Vec<_>> = (0..RUNS).map(|_| run()).collect();
        match times.and_then(|times| times.into_iter().min()) {
            Some(time) => super::show(label, bytes, time),
            None => println!("{label:<34} {program} is not installed"),
        }
    }
}

/// Other extractors. Each reads on for a while, once: most are slow.
fn extractors(joined: &Joined) {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/engine");
    let python = std::env::var_os("PEERS_PYTHON").unwrap_or_else(|| "python3".into());
    for name in ["ioc-finder", "iocsearcher", "iocextract", "iocparser-tool"] {
        let mut command = Command::new(&python);
        command.arg(scripts.join("peers.py")).arg(name);
        peer(name, command, joined);
    }
    let mut command = Command::new("node");
    command
        .arg(scripts.join("peers.cjs"))
        .current_dir(std::env::var_os("PEERS_NODE").unwrap_or_else(|| ".".into()));
    peer("npm ioc-extractor", command, joined);
}

fn peer(name: &str, mut command: Command, joined: &Joined) {
    // One of them draws its progress for each document.
    command
        .arg(&joined.path)
        .arg(SECONDS)
        .env("TQDM_DISABLE", "1");
    let output = match command.stderr(Stdio::inherit()).output() {
        Ok(output) => output,
        Err(error) => return println!("{name:<34} is not installed: {error}"),
    };
    let said = String::from_utf8_lossy(&output.stdout);
    let mut fields = said.split_whitespace();
    let read = fields.next().and_then(|bytes| bytes.parse::<usize>().ok());
    let time = fields
        .next()
        .and_then(|seconds| seconds.parse::<f64>().ok());
    match (read, time) {
        (Some(bytes), Some(seconds)) if output.status.success() => {
            super::show(name, bytes, Duration::from_secs_f64(seconds));
        }
        _ if output.status.code() == Some(NOT_INSTALLED) => {
            println!("{name:<34} is not installed");
        }
        _ => println!("{name:<34} failed: {}", output.status),
    }
}
