//! How fast the engine is, in MB/s on one core, beside what the machine does at best.
//!
//! `cargo bench --bench engine -- DIR` reads every file below DIR; without DIR it makes up a corpus. It
//! asserts nothing: a time says something only beside another one of the same machine and hour.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use iocsift::analyze::analyze;
use iocsift::document::{self, Limits};
use iocsift::extract;

/// Each figure is the best of as many runs.
const RUNS: usize = 3;
/// Bytes of the corpus that is made up.
const GENERATED: usize = 16 << 20;
/// What other tools look for: a small part of what the engine does.
const ALTERNATION: &str = r"\b(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32}|[a-z0-9-]+(?:\[?\.\]?[a-z0-9-]+)+|CVE-[0-9]{4}-[0-9]{4,})\b";

struct Text {
    name: String,
    bytes: Vec<u8>,
}

fn main() -> ExitCode {
    // Cargo adds `--bench` to the arguments.
    let directory = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    let texts = match directory
        .as_deref()
        .map(Path::new)
        .map_or_else(|| Ok(generate()), below)
    {
        Ok(texts) => texts,
        Err(error) => {
            eprintln!("{}: {error}", directory.unwrap_or_default());
            return ExitCode::FAILURE;
        }
    };
    let bytes: usize = texts.iter().map(|text| text.bytes.len()).sum();
    println!("{} documents, {:.1} MB", texts.len(), megabytes(bytes));
    engine(&texts, bytes);
    others(&texts, bytes);
    ExitCode::SUCCESS
}

fn engine(texts: &[Text], bytes: usize) {
    let limits = Limits::default();
    let mut found = 0;
    let mut unread = 0;
    let whole = best(|| {
        let analyses = texts
            .iter()
            .map(|text| analyze(&text.bytes, Some(text.name.as_str()), &limits));
        (found, unread) = analyses.fold((0, 0), |(found, unread), analysis| match analysis {
            Ok(analysis) => (found + analysis.findings.len(), unread),
            Err(_) => (found, unread + 1),
        });
    });
    show("analyze: read and scan", bytes, whole);

    let documents: Vec<_> = texts
        .iter()
        .filter_map(|text| document::read(&text.bytes, Some(text.name.as_str()), &limits).ok())
        .map(|(_, document)| document)
        .collect();
    let scanned = documents.iter().map(|document| document.text.len()).sum();
    let scan = best(|| {
        documents
            .iter()
            .for_each(|document| drop(extract::scan(document)))
    });
    show("extract: scan alone", scanned, scan);
    println!("{found} indicators; {unread} documents could not be read");
}

/// The same bytes through tools that the machine may have.
fn others(texts: &[Text], bytes: usize) {
    let joined = std::env::temp_dir().join(format!("iocsift-bench-{}.txt", std::process::id()));
    let written = fs::File::create(&joined).and_then(|mut file| {
        texts.iter().try_for_each(|text| {
            file.write_all(&text.bytes)
                .and_then(|()| file.write_all(b"\n"))
        })
    });
    if let Err(error) = written {
        eprintln!("{}: {error}", joined.display());
        return;
    }
    let path = joined.to_string_lossy();
    for (label, program, arguments) in [
        (
            "ripgrep -o: one alternation",
            "rg",
            &[
                "--text",
                "--no-config",
                "--threads=1",
                "-o",
                ALTERNATION,
                &path,
            ][..],
        ),
        ("wc -l: lines", "wc", &["-l", &path][..]),
    ] {
        let mut ran = true;
        let time = best(|| {
            let status = Command::new(program)
                .args(arguments)
                .stdout(Stdio::null())
                .status();
            ran &= status.is_ok_and(|status| status.success());
        });
        if ran {
            show(label, bytes, time);
        } else {
            println!("{label:<30} {program} is not installed");
        }
    }
    // A left-over file in the temporary directory is no fault of the figures.
    let _ = fs::remove_file(&joined);
}

fn best(mut run: impl FnMut()) -> Duration {
    let time = |run: &mut dyn FnMut()| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..RUNS).map(|_| time(&mut run)).min().unwrap_or_default()
}

fn show(label: &str, bytes: usize, time: Duration) {
    println!(
        "{label:<30} {:>9.1} MB/s  {time:>10.1?}",
        megabytes(bytes) / time.as_secs_f64()
    );
}

fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// Every file below `directory`, in the order of their names.
fn below(directory: &Path) -> std::io::Result<Vec<Text>> {
    let mut entries: Vec<PathBuf> = fs::read_dir(directory)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    entries.sort();
    let mut texts = Vec::new();
    for path in entries {
        if path.is_dir() {
            texts.extend(below(&path)?);
        } else {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            texts.push(Text {
                name,
                bytes: fs::read(&path)?,
            });
        }
    }
    Ok(texts)
}

/// Reports of prose with an indicator in every other sentence, the same on every machine.
fn generate() -> Vec<Text> {
    /// Bytes of one report.
    const REPORT: usize = 64 << 10;
    const PROSE: &[&str] = &[
        "The operators returned in spring with a loader that had not been seen before.",
        "Once it runs, the second stage waits for an hour and then asks for its tasks.",
        "Defenders should look for new services, odd parents and long command lines.",
        "None of the samples was signed, and most were built within one week.",
    ];
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let report = |number: usize| {
        let mut text = format!("# Report {number}\n\n");
        while text.len() < REPORT {
            text += PROSE[random.below(PROSE.len())];
            text += " ";
            text += &sentence(&mut random);
            text += if random.below(4) == 0 { "\n\n" } else { "\n" };
        }
        Text {
            name: format!("{number}.md"),
            bytes: text.into_bytes(),
        }
    };
    (0..GENERATED / REPORT).map(report).collect()
}

fn sentence(random: &mut Random) -> String {
    let n = random.below(1 << 20);
    let hex = |random: &mut Random, digits: usize| -> String {
        (0..digits)
            .map(|_| char::from(b"0123456789abcdef"[random.below(16)]))
            .collect()
    };
    match random.below(8) {
        0 => format!("It talks to 198.51.100[.]{} on port 443.", n % 256),
        1 => format!("The domain h{n}[.]example[.]com was registered the day before."),
        2 => format!(
            "It loads hxxps://h{n}.example[.]net/a/{}/index.php?id={n}.",
            n % 97
        ),
        3 => format!("SHA-256: {}", hex(random, 64)),
        4 => format!("The file has the MD5 {}.", hex(random, 32)),
        5 => format!(
            r"It is dropped as C:\Users\Public\u{n}.exe and set under HKCU\Software\Run{n}."
        ),
        6 => format!(
            "It exploits CVE-2024-{} against the gateway.",
            1_000 + n % 9_000
        ),
        _ => format!("Mail came from billing{n}@example.org."),
    }
}

/// xorshift64*: good enough to mix sentences, and the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let mixed = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d);
        // The high bits are the good ones; 33 of them fit any bound used here.
        (mixed >> 31) as usize % bound
    }
}
