//! The texts to measure on: files of a folder, or made up.

use std::fs;
use std::path::{Path, PathBuf};

/// Bytes of the corpus that is made up.
const GENERATED: usize = 16 << 20;

/// One document as its file has it.
pub(super) struct Text {
    /// The file's name.
    pub(super) name: String,
    /// Its content.
    pub(super) bytes: Vec<u8>,
}

/// Every file below `directory`, in the order of their names.
pub(super) fn below(directory: &Path) -> std::io::Result<Vec<Text>> {
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
pub(super) fn generate() -> Vec<Text> {
    /// Bytes of one report.
    const REPORT: usize = 64 << 10;
    let text = |number: usize| Text {
        name: format!("{number}.md"),
        bytes: report(number, REPORT).into_bytes(),
    };
    (0..GENERATED / REPORT).map(text).collect()
}

/// One report of about `bytes` bytes.
pub(super) fn report(number: usize, bytes: usize) -> String {
    const PROSE: &[&str] = &[
        "The operators returned in spring with a loader that had not been seen before.",
        "Once it runs, the second stage waits for an hour and then asks for its tasks.",
        "Defenders should look for new services, odd parents and long command lines.",
        "None of the samples was signed, and most were built within one week.",
    ];
    let mut random = Random::new(number);
    let mut text = format!("# Report {number}\n\n");
    while text.len() < bytes {
        text += PROSE[random.below(PROSE.len())];
        text += " ";
        text += &sentence(&mut random);
        text += if random.below(4) == 0 { "\n\n" } else { "\n" };
    }
    text
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
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: usize) -> Self {
        // Any odd factor sets seeds apart; zero is the one state that never changes.
        Self((seed as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let mixed = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d);
        // The high bits are the good ones; 33 of them fit any bound used here.
        (mixed >> 31) as usize % bound
    }
}
