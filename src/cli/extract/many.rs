//! Many documents at once: a child process for each core, reports in the order of the paths.
//!
//! A document that cannot be read is said on standard error and stops nothing; the exit code tells.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow};
use futures_util::{StreamExt, stream};

use super::{Extract, STDIN};
use crate::export::ExportFormat;

/// A document to read.
#[derive(Debug, PartialEq, Eq)]
struct Document {
    path: PathBuf,
    /// Its place below the folder of outputs, without the extension of the format.
    target: PathBuf,
}

impl Document {
    /// What its report calls it: the name of the file alone would not say which of them it is.
    fn name(&self) -> Cow<'_, str> {
        if self.path == Path::new(STDIN) {
            super::name_of(&self.path)
        } else {
            self.path.to_string_lossy()
        }
    }
}

pub(super) async fn extract(settings: Extract) -> anyhow::Result<()> {
    anyhow::ensure!(
        settings.output.is_some() || settings.format != ExportFormat::Csv,
        "many documents make many tables: --format csv needs --output FOLDER"
    );
    let mut failed = 0;
    let mut documents = Vec::new();
    for path in &settings.paths {
        failed += collect(path, &mut documents);
    }
    let total = documents.len() + failed;
    anyhow::ensure!(total > 0, "no documents are there");
    if let Some(folder) = &settings.output {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    // Where they really are: an output never takes the place of a document.
    let sources: HashSet<PathBuf> = documents
        .iter()
        .filter_map(|document| fs::canonicalize(&document.path).ok())
        .collect();

    let settings = Arc::new(settings);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut targets = HashSet::new();
    let mut exports = stream::iter(documents)
        .map(|document| {
            let settings = Arc::clone(&settings);
            // A task of its own: what a child answers is parsed and rendered on any core.
            tokio::spawn(async move {
                let export = settings.export(&document.path, &document.name()).await;
                (export, document.target)
            })
        })
        .buffered(cores);
    while let Some(joined) = exports.next().await {
        let (export, target) = joined.context("a reader's task broke")?;
        let written = match (export, &settings.output) {
            (Err(error), _) => Err(error),
            (Ok(export), None) => {
                // Standard output that is closed ends the run: nobody reads on.
                print(&export)?;
                Ok(())
            }
            (Ok(export), Some(folder)) => {
                let file = file(folder, &target, settings.format);
                let shown = file.display();
                if !targets.insert(target) {
                    Err(anyhow!(
                        "{shown} is there already: two documents have its name"
                    ))
                } else if fs::canonicalize(&file).is_ok_and(|file| sources.contains(&file)) {
                    Err(anyhow!("{shown} is a document itself: it is left as it is"))
                } else {
                    write(&file, &export)
                }
            }
        };
        if let Err(error) = written {
            eprintln!("iocsift: {error:#}");
            failed += 1;
        }
    }
    anyhow::ensure!(failed == 0, "{failed} of {total} documents failed");
    Ok(())
}

/// One report a line.
fn print(export: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(export)?;
    if !export.is_empty() && !export.ends_with(b"\n") {
        stdout.write_all(b"\n")?;
    }
    stdout.flush()
}

fn file(folder: &Path, target: &Path, format: ExportFormat) -> PathBuf {
    let mut file = folder.join(target).into_os_string();
    file.push(".");
    file.push(format.row().extension);
    file.into()
}

fn write(file: &Path, export: &[u8]) -> anyhow::Result<()> {
    let written = match file.parent() {
        Some(folder) => fs::create_dir_all(folder).and_then(|()| fs::write(file, export)),
        None => fs::write(file, export),
    };
    written.with_context(|| file.display().to_string())
}

/// Adds the document at `path`, or those below the folder there, in the order of their names; answers how
/// many could not be looked at. What is hidden below a folder is left alone, and no link to a folder is
/// followed: it may lead back.
fn collect(path: &Path, documents: &mut Vec<Document>) -> usize {
    if !path.is_dir() {
        documents.push(Document {
            path: path.to_owned(),
            target: path.file_name().unwrap_or_default().into(),
        });
        return 0;
    }
    let mut failed = 0;
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let entries = match entries(&path.join(&folder)) {
            Ok(entries) => entries,
            Err(error) => {
                eprintln!("iocsift: {}: {error}", path.join(&folder).display());
                failed += 1;
                continue;
            }
        };
        let below = folders.len();
        for (name, is_folder) in entries {
            let target = folder.join(name);
            if is_folder {
                folders.push(target);
            } else {
                documents.push(Document {
                    path: path.join(&target),
                    target,
                });
            }
        }
        // The last one pushed is looked at first.
        folders[below..].reverse();
    }
    failed
}

/// The names in `folder`, sorted, each with whether it is a folder. Pipes and devices are no documents, and
/// reading one might never end.
fn entries(folder: &Path) -> io::Result<Vec<(PathBuf, bool)>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let kind = entry.file_type()?;
        let leads_to_file = kind.is_symlink() && entry.path().is_file();
        if kind.is_dir() || kind.is_file() || leads_to_file {
            entries.push((name.into(), kind.is_dir()));
        }
    }
    entries.sort();
    Ok(entries)
}
