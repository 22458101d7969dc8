//! Damaged copies of documents, each read in the sandbox: whatever the bytes, the service gets an answer.
//!
//! `cargo test --test mutations` damages the cases of `tests/corpus`. `make mutations ARGS="DIR COUNT"` takes the
//! files below DIR, COUNT copies of each, and prints how they ended, by format. The same file and number make the
//! same copy; one that kills its reader is kept in the folder that is named at the end.

mod mutant;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use iocsift::format::Format;
use iocsift::worker::sandbox::{Limits, ReadError, Sandbox};
use tokio::task::JoinSet;

/// Copies of each file when nothing else is asked for.
const COUNT: u64 = 4;

/// How the copies of the files of one format ended.
#[derive(Default)]
struct Outcomes {
    /// Number of copies by outcome: `read`, `crashed`, or the code of a failure.
    counts: BTreeMap<String, u32>,
    slowest: Duration,
}

/// How one copy ended.
struct End {
    format: &'static str,
    outcome: String,
    time: Duration,
    /// Of a copy that killed its reader: what it is called, itself, and what was said last.
    crash: Option<(String, Vec<u8>, String)>,
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|one| !one.starts_with('-'))
        .collect();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let folder = arguments.first().map_or(corpus, PathBuf::from);
    if !folder.is_dir() && !folder.to_string_lossy().contains('/') {
        // `cargo test WORD` hands the word to every test, and it is meant for others.
        println!("{} is no folder: nothing was damaged", folder.display());
        return Ok(ExitCode::SUCCESS);
    }
    let count = arguments.get(1).map_or(Ok(COUNT), |count| count.parse())?;
    let files = below(&folder)?;
    if files.is_empty() {
        return Err(format!("{} holds no files", folder.display()).into());
    }

    let kept = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("mutations");
    let mut outcomes: BTreeMap<&'static str, Outcomes> = BTreeMap::new();
    let mut crashes = 0;
    let before = resident();
    let mut running = JoinSet::new();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let sandbox = Arc::new(Sandbox {
        executable: PathBuf::from(env!("CARGO_BIN_EXE_iocsift")),
        ..Sandbox::new(Limits::default(), false)
    });
    for file in &files {
        let bytes = Arc::new(fs::read(file)?);
        for number in 0..count {
            if running.len() >= cores
                && let Some(end) = running.join_next().await
            {
                crashes += u32::from(note(end?, &kept, &mut outcomes)?);
            }
            running.spawn(read(sandbox.clone(), file.clone(), bytes.clone(), number));
        }
    }
    while let Some(end) = running.join_next().await {
        crashes += u32::from(note(end?, &kept, &mut outcomes)?);
    }
    print(&outcomes);
    println!(
        "memory of this process in kB: {before} before, {} after, {} at most",
        resident(),
        status("VmHWM:")
    );
    if crashes > 0 {
        println!("{crashes} copies killed their reader: {}", kept.display());
    }
    Ok(ExitCode::from(u8::from(crashes > 0)))
}

/// Every file below `folder` but what the golden tests expect, in order.
fn below(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(below(&path)?);
        } else if path.extension().is_none_or(|extension| extension != "out") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

async fn read(sandbox: Arc<Sandbox>, file: PathBuf, bytes: Arc<Vec<u8>>, number: u64) -> End {
    // Golden cases are called `report.docx.in`.
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let name = name.strip_suffix(".in").unwrap_or(name);
    let format = Format::sniff(&bytes, Some(name)).map_or("none", Format::name);
    let mutant = mutant::make(&bytes, name, number);
    let began = Instant::now();
    let result = sandbox.analyze(&mutant, Some(name)).await;
    let time = began.elapsed();
    let mut crash = None;
    let outcome = match result {
        Ok(_) => "read".to_owned(),
        Err(ReadError::Input(failure)) => failure.code.to_string(),
        Err(error) => {
            crash = Some((format!("{number}-{name}"), mutant, error.to_string()));
            "crashed".to_owned()
        }
    };
    End {
        format,
        outcome,
        time,
        crash,
    }
}

/// Counts `end`; answers whether it is a crash.
fn note(
    end: End,
    kept: &Path,
    outcomes: &mut BTreeMap<&'static str, Outcomes>,
) -> std::io::Result<bool> {
    let row = outcomes.entry(end.format).or_default();
    *row.counts.entry(end.outcome).or_default() += 1;
    row.slowest = row.slowest.max(end.time);
    let Some((name, bytes, last_words)) = end.crash else {
        return Ok(false);
    };
    println!("{name}: {last_words}");
    fs::create_dir_all(kept)?;
    fs::write(kept.join(name), bytes)?;
    Ok(true)
}

fn print(outcomes: &BTreeMap<&'static str, Outcomes>) {
    let columns: BTreeSet<&String> = outcomes
        .values()
        .flat_map(|row| row.counts.keys())
        .collect();
    let names: Vec<&str> = columns.iter().map(|name| name.as_str()).collect();
    println!("| format | {} | slowest, ms |", names.join(" | "));
    println!("| --- |{}", " ---: |".repeat(columns.len() + 1));
    for (format, row) in outcomes {
        let counts = columns
            .iter()
            .map(|name| row.counts.get(*name).copied().unwrap_or(0).to_string());
        let counts: Vec<String> = counts.collect();
        println!(
            "| {format} | {} | {} |",
            counts.join(" | "),
            row.slowest.as_millis()
        );
    }
}

/// Memory of this process that is in use, in kB.
fn resident() -> u64 {
    status("VmRSS:")
}

/// A figure of `/proc/self/status`; 0 where the system has no such file.
fn status(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}
