//! How long lists take to load, what memory they take, and what a look-up costs beside a probe of a `HashMap`.
//!
//! `cargo bench --bench lists -- DIR` loads every `list.json` below DIR: the MISP warninglists, which are not shipped here.
//! Without DIR it makes up as many entries of each kind as the warninglists had in August 2026. Nothing is asserted:
//! a time says something only beside another one of the same machine and hour. Times are CPU times of one thread.

#[path = "../engine/clock.rs"]
mod clock;
mod made;
mod memory;
mod queries;

use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use iocsift::lists::{Builder, Columns, Contents, List, ListFormat, ListKind, Matcher, read};

type Failed = Box<dyn Error>;

/// A list that is still in its file, or made up when it is asked for.
enum Source {
    File(PathBuf),
    Made(made::Shape),
}

fn main() -> Result<(), Failed> {
    // Cargo adds `--bench` to the arguments.
    let directory = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    let sources: Vec<Source> = match &directory {
        Some(directory) => {
            let files = files(Path::new(directory))?;
            files.into_iter().map(Source::File).collect()
        }
        None => made::SHAPES.iter().copied().map(Source::Made).collect(),
    };
    let mut samples = queries::Samples::default();
    let matcher = load(&sources, &mut samples)?;
    let plain = plain(&sources)?;
    println!(
        "a HashMap of the same entries: {} MiB more",
        memory::resident().saturating_sub(plain.1) >> 20
    );
    queries::measure(&matcher, &plain.0, &samples);
    Ok(())
}

/// Every `list.json` below `directory`, in the order of their paths.
fn files(directory: &Path) -> Result<Vec<PathBuf>, Failed> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.ends_with("list.json") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

impl Source {
    fn bytes(&self) -> Result<Vec<u8>, Failed> {
        Ok(match self {
            Self::File(path) => fs::read(path)?,
            Self::Made(shape) => shape.json(),
        })
    }

    fn slug(&self) -> String {
        match self {
            Self::File(path) => {
                let folder = path.parent().and_then(Path::file_name);
                folder.unwrap_or_default().to_string_lossy().into_owned()
            }
            Self::Made(shape) => shape.kind.to_owned(),
        }
    }

    fn contents(&self) -> Result<Contents, Failed> {
        let bytes = self.bytes()?;
        read(ListFormat::Warninglist, &Columns::default(), &bytes)
            .map_err(|error| format!("{}: {error}", self.slug()).into())
    }
}

/// Makes the matcher, and says what it took.
fn load(sources: &[Source], samples: &mut queries::Samples) -> Result<Matcher, Failed> {
    let before = memory::resident();
    let mut builder = Builder::default();
    let mut spent = Duration::ZERO;
    let (mut entries, mut refused) = (0, 0);
    for source in sources {
        let bytes = source.bytes()?;
        let start = clock::now();
        let contents = read(ListFormat::Warninglist, &Columns::default(), &bytes)?;
        drop(bytes);
        let list = List::new(source.slug(), ListKind::Contextual).told(&contents.about);
        builder.add(list, &contents.entries)?;
        spent += clock::now().saturating_sub(start);
        entries += contents.entries.len();
        refused += contents.refused.count;
        if let Some((first, why)) = &contents.refused.first {
            println!(
                "{}: {} refused, first {first:?}: {why}",
                source.slug(),
                contents.refused.count
            );
        }
        samples.take(&contents.entries);
    }
    let start = clock::now();
    let matcher = builder.build()?;
    spent += clock::now().saturating_sub(start);
    println!(
        "{} lists, {entries} entries, {refused} refused: loaded in {:.2} s of CPU time",
        sources.len(),
        spent.as_secs_f64()
    );
    println!(
        "memory: {} MiB on the heap by its own count, {} MiB more resident than before, {} MiB at the peak",
        matcher.bytes() >> 20,
        memory::resident().saturating_sub(before) >> 20,
        memory::peak() >> 20
    );
    Ok(matcher)
}

/// The same entries as a plain map, and what was resident before.
fn plain(sources: &[Source]) -> Result<(HashMap<String, u32>, u64), Failed> {
    let before = memory::resident();
    let mut map = HashMap::new();
    for (number, source) in (0..).zip(sources) {
        let contents = source.contents()?;
        map.extend(
            contents
                .entries
                .iter()
                .map(|entry| (entry.value.to_owned(), number)),
        );
    }
    Ok((map, before))
}
