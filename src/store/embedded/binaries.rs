//! Where the server binaries of this machine are.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::StartError;

/// Oldest major version that the schema works on.
const OLDEST: u32 = 14;

/// Directories of one installation each, by their parent and what follows it.
const HOMES: &[(&str, &str, &str)] = &[
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
];

/// Server binaries of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    /// Major version: 15.
    pub(super) major: u32,
    /// Where `postgres` and `initdb` are.
    pub(super) dir: PathBuf,
}

/// The binaries for a cluster of version `major`, or for a new cluster the newest there are; those in
/// `only`, whatever else is installed, where that is given.
pub(super) fn find(only: Option<&Path>, major: Option<u32>) -> Result<Binaries, StartError> {
    choose(installed(only)?, major)
}

fn choose(mut installed: Vec<Binaries>, major: Option<u32>) -> Result<Binaries, StartError> {
    if let Some(major) = major {
        let versions: Vec<String> = installed
            .iter()
            .map(|found| found.major.to_string())
            .collect();
        return installed.into_iter().find(|found| found.major == major).ok_or_else(|| {
            StartError::NoBinaries(format!(
                "the database was made by PostgreSQL {major}, whose server is not on this machine (found: {})",
                if versions.is_empty() { "none".to_owned() } else { versions.join(", ") }
            ))
        });
    }
    installed.retain(|found| found.major >= OLDEST);
    // Of the same version the first, which is the one on the PATH.
    let newest = installed.into_iter().reduce(|best, found| {
        if found.major > best.major {
            found
        } else {
            best
        }
    });
    newest.ok_or_else(|| {
        StartError::NoBinaries(format!(
            "no PostgreSQL server of version {OLDEST} or later was found on this machine"
        ))
    })
}

fn installed(only: Option<&Path>) -> Result<Vec<Binaries>, StartError> {
    if let Some(dir) = only {
        return match look(dir) {
            Some(found) => Ok(vec![found]),
            None => Err(StartError::NoBinaries(format!(
                "there is no PostgreSQL server in {}",
                dir.display()
            ))),
        };
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    Ok(std::env::split_paths(&path)
        .chain(homes())
        .filter_map(|dir| look(&dir))
        .collect())
}

fn homes() -> impl Iterator<Item = PathBuf> {
    HOMES.iter().flat_map(|(parent, prefix, sub)| {
        let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
        entries
            .filter(move |entry| entry.file_name().to_string_lossy().starts_with(prefix))
            .map(move |entry| entry.path().join(sub))
    })
}

/// What is in `dir`, if a server is.
fn look(dir: &Path) -> Option<Binaries> {
    if !dir.join("initdb").is_file() {
        return None;
    }
    let output = Command::new(dir.join("postgres"))
        .arg("--version")
        .output()
        .ok()?;
    let major = major(&String::from_utf8_lossy(&output.stdout))?;
    Some(Binaries {
        major,
        dir: dir.to_owned(),
    })
}

/// `postgres (PostgreSQL) 15.18 (Debian …)` → 15; `… 19beta1` → 19.
fn major(version: &str) -> Option<u32> {
    let number = version.strip_prefix("postgres (PostgreSQL) ")?;
    let end = number
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(number.len());
    number[..end].parse().ok()
}

/// Arguments that make a new cluster in `data`.
pub(super) fn initdb_arguments(data: &Path, role: &str) -> Vec<OsString> {
    // Collation C: nothing depends on the system's locales, whose order changes between versions.
    let mut arguments: Vec<OsString> = [
        "--username",
        role,
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--pgdata",
    ]
    .map(OsString::from)
    .into();
    arguments.push(data.into());
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(majors: &[u32]) -> Vec<Binaries> {
        majors
            .iter()
            .map(|&major| Binaries {
                major,
                dir: PathBuf::from(format!("/{major}")),
            })
            .collect()
    }

    #[test]
    fn reads_the_major_version() {
        assert_eq!(
            major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(major("postgres (PostgreSQL) 19beta1"), Some(19));
        assert_eq!(major("something else 15"), None);
    }

    #[test]
    fn a_new_cluster_gets_the_newest_and_an_old_one_its_own() {
        assert_eq!(choose(machine(&[14, 17, 15]), None).unwrap().major, 17);
        assert_eq!(choose(machine(&[14, 17, 15]), Some(15)).unwrap().major, 15);
    }

    #[test]
    fn says_which_version_is_missing_and_the_three_ways_out() {
        let absent = choose(machine(&[15, 17]), Some(16))
            .unwrap_err()
            .to_string();
        assert!(
            absent.contains("made by PostgreSQL 16") && absent.contains("found: 15, 17"),
            "{absent}"
        );
        let none = choose(machine(&[9]), None).unwrap_err().to_string();
        for way in [
            "apt-get install postgresql",
            "DATABASE_URL",
            "docker compose up",
        ] {
            assert!(none.contains(way), "{none}");
        }
    }
}
