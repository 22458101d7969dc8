//! The arrows between the rooms, and the engine's independence of the server.
//! The table here is the one of `docs/architecture.md`.

#![cfg(test)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A room and the rooms it may use.
const ARROWS: &[(&str, &[&str])] = &[
    ("id", &[]),
    ("format", &[]),
    ("network", &[]),
    ("indicator", &["id", "submission"]),
    ("submission", &["id"]),
    ("account", &["id", "submission"]),
    ("credential", &[]),
    ("webhook", &["id", "indicator", "submission"]),
    ("document", &["format", "submission"]),
    ("lists", &["indicator", "network"]),
    ("extract", &["document", "indicator", "lists"]),
    (
        "analyze",
        &["document", "extract", "format", "indicator", "submission"],
    ),
    ("export", &["id", "indicator", "submission"]),
    ("watch", &["document", "submission"]),
    ("fetch", &["credential", "network", "submission"]),
    (
        "store",
        &[
            "account",
            "credential",
            "id",
            "indicator",
            "lists",
            "submission",
            "watch",
            "webhook",
        ],
    ),
    ("catalogue", &["indicator", "lists", "store"]),
    (
        "worker",
        &[
            "analyze",
            "catalogue",
            "document",
            "extract",
            "fetch",
            "format",
            "indicator",
            "lists",
            "store",
            "submission",
            "watch",
            "webhook",
        ],
    ),
    (
        "http",
        &[
            "account",
            "catalogue",
            "credential",
            "export",
            "format",
            "id",
            "indicator",
            "lists",
            "network",
            "store",
            "submission",
            "watch",
            "webhook",
        ],
    ),
    (
        "config",
        &["extract", "fetch", "http", "network", "store", "worker"],
    ),
];

/// Crates that live in one room each.
const HEAVY: &[(&str, &[&str])] = &[
    ("object_store", &["store"]),
    ("sqlx", &["store"]),
    ("axum", &["http"]),
    ("reqwest", &["fetch"]),
    ("hayro_interpret", &["document"]),
    ("hayro_syntax", &["document"]),
    ("quick_xml", &["document", "watch"]),
    ("zip", &["document"]),
    ("sevenz_rust2", &["document"]),
    ("calamine", &["document"]),
    ("mail_parser", &["document"]),
    ("landlock", &["worker"]),
    ("seccompiler", &["worker"]),
    ("argon2", &["account"]),
    ("hmac", &["webhook"]),
    ("clap", &["cli", "config"]),
];

const SERVER_CRATES: &[&str] = &[
    "axum", "sqlx", "tokio", "reqwest", "hyper", "tower", "clap", "rustix",
];

fn sources(below: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// Every source file with its room: the first part of its path below `src`.
fn rooms() -> Vec<(String, PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut rooms: Vec<_> = sources(&src)
        .into_iter()
        .map(|path| {
            let first = path
                .strip_prefix(&src)
                .unwrap()
                .components()
                .next()
                .unwrap();
            let room = first
                .as_os_str()
                .to_str()
                .unwrap()
                .trim_end_matches(".rs")
                .to_owned();
            let text = fs::read_to_string(&path).unwrap();
            (room, path, text)
        })
        .collect();
    rooms.sort();
    assert!(rooms.len() > 10, "the sources were not found");
    rooms
}

/// Code without comments and without its unit tests, which may look anywhere.
fn code(text: &str) -> String {
    let body = text.split("#[cfg(test)]").next().unwrap_or_default();
    body.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The words that follow `crate::` in code, through one level of braces.
fn used_rooms(code: &str) -> BTreeSet<String> {
    let word = |text: &str| {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect::<String>()
    };
    let mut used = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => used.extend(
                group
                    .split('}')
                    .next()
                    .unwrap_or_default()
                    .split(',')
                    .map(|part| word(part.trim())),
            ),
            None => drop(used.insert(word(rest))),
        }
    }
    used
}

#[test]
fn every_arrow_between_rooms_is_on_the_plan() {
    let names: BTreeSet<_> = rooms().into_iter().map(|(room, ..)| room).collect();
    for (room, path, text) in rooms() {
        let Some((_, may_use)) = ARROWS.iter().find(|(name, _)| *name == room) else {
            assert!(
                ["lib", "main", "cli"].contains(&room.as_str()),
                "{room} is not on the plan"
            );
            continue;
        };
        for used in used_rooms(&code(&text)) {
            let allowed =
                used == room || may_use.contains(&used.as_str()) || !names.contains(&used);
            assert!(
                allowed,
                "{} uses {used}, which {room} may not",
                path.display()
            );
        }
    }
}

#[test]
fn each_heavy_crate_lives_in_one_room() {
    for (room, path, text) in rooms() {
        let code = code(&text);
        for (name, homes) in HEAVY {
            let used =
                code.contains(&format!("{name}::")) || code.contains(&format!("use {name};"));
            assert!(
                !used || homes.contains(&room.as_str()),
                "{} uses {name}",
                path.display()
            );
        }
    }
}

#[test]
fn the_engine_names_no_crate_of_the_server() {
    let engine = [
        "id",
        "format",
        "indicator",
        "network",
        "submission",
        "document",
        "lists",
        "extract",
        "export",
        "analyze",
    ];
    for (room, path, text) in rooms() {
        if engine.contains(&room.as_str()) {
            for name in SERVER_CRATES {
                assert!(
                    !code(&text).contains(&format!("{name}::")),
                    "{} uses {name}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn a_forbidden_arrow_would_be_seen() {
    let seen = used_rooms("use crate::{http::State, store};\nlet x = crate::worker::step;");
    assert_eq!(
        seen.into_iter().collect::<Vec<_>>(),
        ["http", "store", "worker"]
    );
}

#[test]
fn the_engine_depends_on_no_crate_of_the_server() {
    let tree = std::process::Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--locked",
            "--no-default-features",
            "--edges",
            "normal",
            "--prefix",
            "none",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        tree.status.success(),
        "{}",
        String::from_utf8_lossy(&tree.stderr)
    );
    let tree = String::from_utf8(tree.stdout).unwrap();
    let crates: BTreeSet<_> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(crates.contains("regex"), "{tree}");
    for name in SERVER_CRATES {
        assert!(!crates.contains(name), "the engine depends on {name}");
    }
}
