//! Does a line have the shape of a command? [`head`] reads the tool at its start, [`is_command`]
//! judges what follows.

use super::tools::{self, Needs};
use crate::extract::lexicon::Lexicon;

/// How far the first word of a command may reach, in bytes: a quoted path with spaces.
const LONGEST_HEAD: usize = 300;
/// Words of the arguments that are weighed.
const WORDS: usize = 24;
/// How much of the arguments is weighed, in bytes.
const WEIGHED: usize = 240;

/// Words of sentences. A tool named in prose is followed by them, a command line by few.
static PROSE: Lexicon = Lexicon::new(&[
    "a",
    "activity",
    "allows",
    "also",
    "an",
    "and",
    "any",
    "are",
    "as",
    "at",
    "attempts",
    "be",
    "because",
    "but",
    "by",
    "can",
    "code",
    "command",
    "commands",
    "down",
    "executes",
    "execution",
    "for",
    "from",
    "had",
    "has",
    "have",
    "if",
    "in",
    "instance",
    "into",
    "is",
    "it",
    "its",
    "malware",
    "may",
    "more",
    "of",
    "on",
    "or",
    "out",
    "process",
    "processes",
    "script",
    "scripts",
    "some",
    "that",
    "the",
    "then",
    "these",
    "they",
    "this",
    "to",
    "up",
    "used",
    "uses",
    "using",
    "via",
    "was",
    "we",
    "were",
    "when",
    "which",
    "while",
    "will",
    "with",
    "you",
    "your",
]);

/// The first word of a line.
pub(super) struct Head {
    /// Its end in the line.
    pub(super) end: usize,
    /// The tool it names, where it is one.
    needs: Option<Needs>,
    /// Whether it is a program by its extension.
    program: bool,
    /// Whether it begins like a sentence, with a capital and without an extension.
    capital: bool,
}

/// The program at the start of `line`; `None` where no tool and no program stands there.
pub(super) fn head(line: &str) -> Option<Head> {
    let near = &line[..line.floor_char_boundary(LONGEST_HEAD)];
    let first = near.chars().next()?;
    let end = match first {
        '"' | '\'' => near[1..].find(first)? + 2,
        _ if first.is_alphanumeric()
            || matches!(first, '%' | '$' | '.' | '/' | '\\' | '~' | '@' | '<') =>
        {
            word_end(near)
        }
        _ => return None,
    };
    // `"start"=dword:2` is a setting; a command has a blank behind its first word.
    let behind = &near[end..];
    let behind = behind.strip_prefix('"').unwrap_or(behind);
    if !behind.starts_with(char::is_whitespace) {
        return None;
    }
    let word = near[..end].trim_matches(['"', '\'', '@']);
    let base = base(word);
    let (name, extension) = program_name(base);
    let program = extension.is_some();
    if word.contains('\\') && !program {
        return None;
    }
    // `./x -o`, `/tmp/x -o`: a path is run where an option follows it.
    let path = word.starts_with("./") || word.starts_with('/') && word[1..].contains('/');
    let needs = tools::needs(name).or(path.then_some(Needs::Option));
    (needs.is_some() || program && base.len() > 4).then_some(Head {
        end,
        needs,
        program,
        capital: !program && word.starts_with(char::is_uppercase),
    })
}

/// The last part of the path `word`.
fn base(word: &str) -> &str {
    let separator = memchr::memrchr2(b'\\', b'/', word.as_bytes());
    &word[separator.map_or(0, |at| at + 1)..]
}

/// The name of the tool that `base` names, and the extension that makes it a program.
fn program_name(base: &str) -> (&str, Option<&str>) {
    const PROGRAMS: [&str; 5] = ["exe", "com", "bat", "cmd", "ps1"];
    if base.eq_ignore_ascii_case("%comspec%") {
        return ("cmd", None);
    }
    let dot = memchr::memrchr(b'.', base.as_bytes());
    let parts = dot.map(|at| (&base[..at], &base[at + 1..]));
    let Some((stem, extension)) = parts.filter(|(_, extension)| {
        PROGRAMS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(extension))
    }) else {
        return (base, None);
    };
    let is_binary = PROGRAMS[..2]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(extension));
    (if is_binary { stem } else { base }, Some(extension))
}

/// The end of the first word; a path with spaces reaches to its program.
fn word_end(near: &str) -> usize {
    let bytes = near.as_bytes();
    let mut space = 0;
    while space < bytes.len() {
        match bytes[space] {
            b' ' | b'\t' | b'\n' | b'"' | b'`' | b'|' | b'>' | b'<' | b';' => break,
            0xE2 if near[space..].starts_with(['“', '”']) => break,
            _ => space += 1,
        }
    }
    if !near[..space].contains('\\') || near[..space].to_ascii_lowercase().contains(".exe") {
        return space;
    }
    let lower = near.to_ascii_lowercase();
    match lower.find(".exe") {
        // Lower case keeps every ASCII byte in its place; other scripts may move.
        Some(at)
            if lower.len() == near.len()
                && !lower[space..at].contains(['-', '"', ':', ','])
                && near.is_char_boundary(at + 4) =>
        {
            at + 4
        }
        _ => space,
    }
}

/// Whether `arguments` behind `head` make a command.
pub(super) fn is_command(head: &Head, arguments: &str) -> bool {
    let weighed = &arguments[..arguments.floor_char_boundary(WEIGHED)];
    let Some(first) = weighed.split_whitespace().next() else {
        return false;
    };
    let lower = first.to_lowercase();
    // `C:\a.exe CommandLine: x`: the name of another field.
    let field = first.ends_with(':')
        && first.len() > 3
        && lower[..first.len() - 1]
            .bytes()
            .all(|byte| byte.is_ascii_lowercase());
    if field || is_prose(&lower) || first.ends_with(',') || matches!(first, "-" | "=" | "–" | "—")
    {
        return false;
    }
    if first.starts_with(['(', '–', '—', ',', ':']) && head.needs != Some(Needs::Proof) {
        return false;
    }
    let (mut words, mut prose, mut proofs) = (0, 0, 0);
    for word in weighed.split_whitespace().take(WORDS) {
        words += 1;
        prose += usize::from(is_prose(word));
        proofs += usize::from(is_proof(word));
    }
    if prose > 1 && prose * 5 > words {
        return false;
    }
    match head.needs {
        Some(Needs::Argument) => {
            proofs > 0 && (is_proof(first) || prose == 0 || !head.capital)
                || words <= 6 && prose == 0 && !head.capital
        }
        Some(Needs::Proof) => {
            // `Screen Capture](http://…` begins a title with the name of a tool.
            is_proof(first) && !(head.capital && first.contains(['(', '[']))
                || !head.capital && proofs > 0 && (prose == 0 || proofs * 4 >= words)
        }
        Some(Needs::Verb(verbs)) => {
            verbs.contains(&lower.as_str())
                && (words > 1 || matches!(lower.as_str(), "view" | "user"))
        }
        Some(Needs::Option) => first.starts_with('-') && is_option(first),
        None => {
            head.program && prose == 0 && (is_option(first) || proofs > 1 && proofs * 2 > words)
        }
    }
}

fn is_prose(word: &str) -> bool {
    PROSE.contains(word)
}

fn is_option(word: &str) -> bool {
    let mut chars = word.chars();
    matches!(chars.next(), Some('-' | '/' | '–'))
        && chars
            .next()
            .is_some_and(|c| c.is_alphanumeric() || c == '-' || c == '?')
}

/// Whether a word is an argument that prose does not have.
fn is_proof(word: &str) -> bool {
    let mut dotted = false;
    for byte in word.bytes() {
        match byte {
            b'\\' | b'$' | b'%' | b'=' | b'|' | b'>' | b'{' | b'+' => return true,
            b'.' | b'/' => dotted = true,
            _ => {}
        }
    }
    if is_option(word) || word == "&&" {
        return true;
    }
    dotted
        && (word.contains("://")
            || word.starts_with('/') && word.len() > 2
            || word
                .trim_matches(['"', '\'', ','])
                .rsplit_once('.')
                .is_some_and(|(stem, end)| is_file_ending(end) && !stem.is_empty()))
}

fn is_file_ending(extension: &str) -> bool {
    const FILES: &[&str] = &[
        "bat", "bin", "cab", "cmd", "dat", "dll", "dmp", "exe", "hta", "js", "lnk", "msi", "pl",
        "ps1", "py", "sh", "so", "sct", "tmp", "txt", "vbs", "xml", "zip",
    ];
    FILES.iter().any(|file| {
        extension.eq_ignore_ascii_case(file)
            || extension
                .split_once(',')
                .is_some_and(|(end, _)| end.eq_ignore_ascii_case(file))
    })
}
