//! Lists in a folder. Enter at [`stamps`] for what is there, at [`read_list`] for one of them.
//!
//! Files directly in the folder, or in one of its folders `contextual`, `threat_intel` and `allowlist`, are read by
//! their extension; `*/list.json`, up to three folders down, is a MISP warninglist called as its folder is, so that a
//! checkout of all of them can be put there as it is.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::lists::{Columns, Contents, List, ListFormat, ListKind, read};

/// Files with when they were written and how large they are, in the order of their paths.
pub(super) type Stamps = Vec<(PathBuf, SystemTime, u64)>;

/// Folders within folders that are looked into.
const DEPTH: usize = 3;
/// Files that are looked at, at most: a wrong path must not cost a walk through a whole disk.
const MOST_FILES: usize = 10_000;
/// Largest file that is read, in bytes.
const MOST_BYTES: u64 = 256 << 20;
const WARNINGLIST: &str = "list.json";
/// What a file called `.json` may be; the first that it can be read as. An envelope of TAXII may be empty, and so many
/// a thing is one: it comes last.
const JSON: &[ListFormat] = &[
    ListFormat::Warninglist,
    ListFormat::Kev,
    ListFormat::Misp,
    ListFormat::Stix,
];

/// The files of `folder` that hold lists, and the folders that cannot be read.
pub(super) fn stamps(folder: &Path) -> Stamps {
    let mut found = Stamps::new();
    walk(folder, 0, true, &mut found);
    found.sort();
    found
}

fn walk(folder: &Path, depth: usize, by_extension: bool, found: &mut Stamps) {
    let Ok(entries) = fs::read_dir(folder) else {
        // Who reads it as a list is told why it is none, once and not at each look.
        found.push((folder.to_owned(), SystemTime::UNIX_EPOCH, 0));
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        let Ok(about) = fs::metadata(&path) else {
            continue;
        };
        if is_hidden || found.len() >= MOST_FILES {
            continue;
        }
        if about.is_dir() {
            if depth < DEPTH {
                walk(
                    &path,
                    depth + 1,
                    depth == 0 && kind_of(&path).is_some(),
                    found,
                );
            }
            continue;
        }
        let is_warninglist = depth > 0 && entry.file_name() == WARNINGLIST;
        if is_warninglist || (by_extension && !formats(&path).is_empty()) {
            let written = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            found.push((path, written, about.len()));
        }
    }
}

/// The kind of the lists in a folder of this name.
fn kind_of(folder: &Path) -> Option<ListKind> {
    folder.file_name()?.to_str()?.parse().ok()
}

/// What a file of this name may be.
fn formats(path: &Path) -> &'static [ListFormat] {
    match path.extension().and_then(OsStr::to_str).unwrap_or_default() {
        "txt" | "lst" => &[ListFormat::Lines],
        "netset" | "ipset" => &[ListFormat::Netset],
        "csv" => &[ListFormat::Csv],
        "ndjson" | "jsonl" => &[ListFormat::Ndjson],
        "json" => JSON,
        "allowlist" => &[ListFormat::Allowlist],
        _ => &[],
    }
}

/// The list in a file, or in words why there is none.
pub(super) fn read_list(path: &Path) -> Result<(List, Contents), String> {
    let bytes = bytes(path).map_err(|error| error.to_string())?;
    let folder = path.parent().unwrap_or(path);
    let is_warninglist = path.file_name() == Some(OsStr::new(WARNINGLIST));
    let named = if is_warninglist {
        folder.file_name()
    } else {
        path.file_stem()
    };
    let slug = named.unwrap_or_default().to_string_lossy();
    let candidates = if is_warninglist {
        &[ListFormat::Warninglist]
    } else {
        formats(path)
    };
    let mut refused = Vec::new();
    for format in candidates {
        match read(*format, &Columns::default(), &bytes) {
            Ok(contents) => {
                let kind = match format {
                    ListFormat::Allowlist => ListKind::Allowlist,
                    _ => kind_of(folder).unwrap_or(ListKind::Contextual),
                };
                return Ok((List::new(slug, kind).told(&contents.about), contents));
            }
            Err(error) => refused.push(format!("as {format}: {error}")),
        }
    }
    Err(refused.join("; "))
}

fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        let large = format!("it is larger than {MOST_BYTES} bytes");
        return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, large));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WARNING: &str = r#"{"name": "Known", "type": "hostname", "list": ["a.example"]}"#;

    /// A folder with these files.
    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn files_are_lists_by_their_name_and_their_folder() {
        let folder = folder(&[
            ("seen.txt", "bad.example.net\n"),
            ("threat_intel/blocked.netset", "198.51.100.0/24\n"),
            ("trusted.allowlist", ".corp.example\n"),
            ("known.json", WARNING),
            ("checkout/lists/top/list.json", WARNING),
            ("checkout/requirements.txt", "jsonschema\n"),
            (".hidden.txt", "a.example\n"),
            ("README.md", "a.example\n"),
        ]);
        let read: Vec<_> = stamps(folder.path())
            .iter()
            .map(|(path, ..)| read_list(path).unwrap().0)
            .map(|list| (list.slug, list.name, list.kind))
            .collect();
        let expected = [
            ("top", "Known", ListKind::Contextual),
            ("known", "Known", ListKind::Contextual),
            ("seen", "seen", ListKind::Contextual),
            ("blocked", "blocked", ListKind::ThreatIntel),
            ("trusted", "trusted", ListKind::Allowlist),
        ];
        assert_eq!(
            read,
            expected.map(|(slug, name, kind)| (slug.to_owned(), name.to_owned(), kind))
        );
    }

    #[test]
    fn what_is_no_list_is_refused_by_every_name_it_could_have() {
        let folder = folder(&[("x.json", "{\"list\": ["), ("y.txt", "<html>\n<body>\n")]);
        for (path, ..) in stamps(folder.path()) {
            let refused = read_list(&path).unwrap_err();
            assert!(refused.starts_with("as "), "{refused}");
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_named_as_what_cannot_be_read() {
        let missing = Path::new("/nonexistent/lists");
        let found = stamps(missing);
        assert_eq!(found.len(), 1);
        assert!(read_list(&found[0].0).unwrap_err().contains("No such file"));
    }
}
