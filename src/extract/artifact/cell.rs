//! What a document calls a file name: cells of a table, fields of a record. Enter at [`scan`].
//!
//! What stands under `Filename` is one though it has no extension, spaces or an apostrophe; elsewhere
//! such words prove nothing.

use std::ops::Range;

use memchr::memmem;

use super::extension;
use crate::document::BlockKind;
use crate::extract::candidate::{Candidate, Text};
use crate::indicator::Kind;

/// Longest file name, in bytes.
const LONGEST: usize = 255;
/// Columns of one table that are looked at.
const COLUMNS: usize = 12;
/// How far before a value its record may say what it is, in bytes.
const RECORD: usize = 1_024;

/// Finds the cells in lines that have tabs, and the fields `filename: …`.
pub(super) fn scan(text: &Text<'_>, found: &mut Vec<Candidate>) {
    let whole = text.str();
    let mut done = 0;
    // The table that was read last, and its columns of file names.
    let mut table: Option<(usize, Vec<usize>)> = None;
    let next = |done: usize| Some(done + memchr::memchr(b'\t', whole.as_bytes().get(done..)?)?);
    while let Some(tab) = next(done) {
        let line = text.line_at(tab);
        done = line.end + 1;
        let header = text.block_at(tab).and_then(|block| match block.kind {
            BlockKind::Row { header } => header,
            _ => None,
        });
        if let Some(header) = header
            && table.as_ref().is_none_or(|(last, _)| *last != header)
        {
            table = Some((header, columns(text, header)));
        }
        let mut named = |span: Range<usize>| {
            if span.len() <= LONGEST {
                take(whole, span, found);
            }
        };
        match table.as_ref().filter(|_| header.is_some()) {
            Some((_, columns)) if !columns.is_empty() => {
                let mut start = line.start;
                for (index, cell) in whole[line].split('\t').enumerate() {
                    if columns.contains(&index) {
                        named(start..start + cell.len());
                    }
                    start += cell.len() + 1;
                }
            }
            // The first cell says what the second is: `filename⇥a.exe`.
            _ if names_files(&whole[line.start..tab]) => {
                let rest = &whole[tab + 1..line.end];
                let cell = &rest[..rest.find('\t').unwrap_or(rest.len())];
                named(tab + 1..tab + 1 + cell.len());
            }
            _ => {}
        }
    }
    fields(text, found);
}

/// The columns of file names in the table that the block `header` heads.
fn columns(text: &Text<'_>, header: usize) -> Vec<usize> {
    let block = text.document().blocks.get(header);
    let names = block.and_then(|block| text.str().get(block.span.clone()));
    let cells = names.unwrap_or_default().split('\t').take(COLUMNS);
    cells
        .enumerate()
        .filter(|(_, name)| names_files(name))
        .map(|(index, _)| index)
        .collect()
}

/// The fields of records that are called file names: `File name: x`, and `value: x` in a record whose
/// type is one.
fn fields(text: &Text<'_>, found: &mut Vec<Candidate>) {
    let whole = text.str();
    // The last letter of `name` and of `value`.
    for letter in memmem::find_iter(whole.as_bytes(), "e: ") {
        let written = &whole[..=letter];
        let (is_name, is_value) = (written.ends_with("ame"), written.ends_with("value"));
        if !is_name && !is_value {
            continue;
        }
        let line = text.line_at(letter);
        let label = &whole[line.start..=letter];
        if label.len() > LONGEST {
            continue;
        }
        let named = if is_value {
            label == "value" && is_file_record(text, line.start)
        } else {
            names_files(label.trim_matches(['*', '-', '•', ' ', '"']))
        };
        if named {
            take(whole, letter + "e: ".len()..line.end, found);
        }
    }
}

/// Whether the record whose value's line begins at `start` says that its type is a file name.
fn is_file_record(text: &Text<'_>, start: usize) -> bool {
    let whole = text.str();
    let Some(block) = text.block_at(start) else {
        return false;
    };
    let floor = whole.ceil_char_boundary(block.span.start.max(start.saturating_sub(RECORD)));
    whole[floor..start].contains("type: filename\n")
}

/// Hands over the name, or the names in backticks, that stand in `cell`.
fn take(whole: &str, cell: Range<usize>, found: &mut Vec<Candidate>) {
    let written = &whole[cell.clone()];
    let parts = if written.contains('`') {
        written.split(", ").collect()
    } else {
        vec![written]
    };
    let mut start = cell.start;
    for part in parts {
        let name = bare(part);
        let from = start + part.find(name).unwrap_or(0);
        start += part.len() + ", ".len();
        if may_name(name) {
            let span = from..from + name.len();
            found.push(super::candidate(Kind::Filename, name, span, 80));
        }
    }
}

/// Whether a column of this name holds nothing but file names.
fn names_files(label: &str) -> bool {
    const NAMES: [&str; 7] = [
        "dateiname",
        "file name",
        "file names",
        "file_name",
        "filename",
        "filenames",
        "nom du fichier",
    ];
    const OTHERS: [&str; 4] = ["имя файла", "Имя файла", "文件名", "ファイル名"];
    let label = label.trim();
    NAMES.iter().any(|name| name.eq_ignore_ascii_case(label)) || OTHERS.contains(&label)
}

/// `cell` without the marks around it.
fn bare(cell: &str) -> &str {
    cell.trim_matches(|c: char| c.is_whitespace() || matches!(c, '`' | '"' | '*' | '“' | '”'))
}

/// Whether `name` can be the name of one file: one word, or some that end in an extension.
fn may_name(name: &str) -> bool {
    const EMPTY: [&str; 19] = [
        "comment",
        "date",
        "description",
        "detection",
        "details",
        "file",
        "filename",
        "hash",
        "md5",
        "n/a",
        "none",
        "note",
        "notes",
        "path",
        "sha1",
        "sha256",
        "size",
        "unknown",
        "various",
    ];
    let digest = name.len() >= 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    (3..=LONGEST).contains(&name.len())
        && name.chars().any(char::is_alphanumeric)
        && !name.contains(['/', '\\', ':', ';', '|', '<', '>', '?', '=', '@'])
        && !digest
        && !EMPTY.iter().any(|empty| empty.eq_ignore_ascii_case(name))
        && (extension::of(name) == Some(extension::Strength::Sure) && !name.contains(", ")
            || !name.contains([' ', ',', '(', '[']))
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let mut names = found(Kind::Filename, text);
        names.dedup();
        names
    }

    #[test]
    fn a_cell_that_is_called_a_file_name_is_one() {
        assert_eq!(names("filename\tmdworker3\t"), ["mdworker3"]);
        assert_eq!(names("file_name\tapp.lite.bot\tx"), ["app.lite.bot"]);
        assert_eq!(
            names("Filename\tBoss's Plan 2.docx\tx")[0],
            "Boss's Plan 2.docx"
        );
    }

    #[test]
    fn a_field_that_is_called_a_file_name_is_one() {
        assert_eq!(names("File name: mdworker3\nx"), ["mdworker3"]);
        assert_eq!(
            names("- **Filename: Boss's Plan 2.docx**"),
            ["Boss's Plan 2.docx"]
        );
        assert_eq!(names("filename\t`one`, `two`\tx"), ["one", "two"]);
        assert_eq!(names("The name: mdworker3\nvalue: mdworker3"), [""; 0]);
    }

    #[test]
    fn what_cannot_be_a_name_is_none_though_the_table_says_so() {
        for text in [
            "filename\tN/A\tx",
            "filename\tsee the text below\tx",
            "filename\td41d8cd98f00b204e9800998ecf8427e\tx",
            "note\tmdworker3\tx",
            "filename mdworker3",
        ] {
            assert_eq!(names(text), [""; 0], "{text}");
        }
    }
}
