//! The texts to measure on: files of a folder, or made up.

use std::fs;
use std::path::{Path, PathBuf};

use super::report::report;

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

/// Reports that are made up, the same on every machine.
pub(super) fn generate() -> Vec<Text> {
    /// Bytes of one report.
    const REPORT: usize = 64 << 10;
    let text = |number: usize| Text {
        name: format!("{number}.md"),
        bytes: report(number, REPORT).into_bytes(),
    };
    (0..GENERATED / REPORT).map(text).collect()
}
