//! CSV and TSV ([RFC 4180](https://www.rfc-editor.org/rfc/rfc4180), read leniently): one row block for
//! each record. Lines that begin with `#` are comments; the last of them may name the columns.

use super::builder::Builder;
use super::header::names_columns;

/// Characters looked at when the delimiter has to be guessed.
const SAMPLE: usize = 16 << 10;

/// Reads `text`; without a `delimiter` the commonest of `,` `;` tab and `|` is taken.
pub(super) fn read(text: &str, delimiter: Option<char>, out: &mut Builder) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let delimiter = delimiter.unwrap_or_else(|| guess(text));
    let mut rest = text;
    let mut header = None;
    let mut comment: Option<Vec<String>> = None;
    let mut first = true;
    while !rest.is_empty() && !out.is_full() {
        if rest.starts_with('#') {
            let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
            let line = line.trim_end_matches('\r');
            flush_comment(comment.take(), out);
            comment = Some(record(line.trim_start_matches(['#', ' ']), delimiter).0);
            if comment.as_ref().is_some_and(|cells| cells.len() < 2) {
                comment = None;
                out.paragraph(if line.trim_matches(['#', ' ']).is_empty() {
                    ""
                } else {
                    line
                });
            }
            rest = after;
            continue;
        }
        let (cells, after) = record(rest, delimiter);
        rest = after;
        if let Some(names) = comment.take() {
            // A comment of as many fields, right above the data, is their header.
            if first && names.len() == cells.len() && names_columns(&names) {
                header = out.row(&names, None);
                first = false;
            } else {
                flush_comment(Some(names), out);
            }
        }
        if cells.len() == 1 {
            out.paragraph(&cells[0]);
            continue;
        }
        let index = out.row(&cells, header);
        if first && index.is_some() {
            header = index.filter(|_| names_columns(&cells));
            first = false;
        }
    }
    flush_comment(comment, out);
}

/// Fewest records that make a table of lines with commas.
const FEWEST: usize = 3;

/// Whether `text`, lines of a text, is a table of its own: the first line names three columns or more,
/// and every line has a field for each.
pub(super) fn is_table(text: &str) -> bool {
    let (names, mut rest) = record(text, ',');
    if names.len() < 3 || !names_columns(&names) || !names.iter().all(|name| is_name(name)) {
        return false;
    }
    let mut records = 1;
    while !rest.is_empty() {
        let (cells, after) = record(rest, ',');
        if cells.len() != names.len() {
            return false;
        }
        records += 1;
        rest = after;
    }
    records >= FEWEST
}

/// A word or two, no clause of a sentence.
fn is_name(name: &str) -> bool {
    !name.trim().is_empty()
        && name.split_whitespace().count() <= 3
        && !name.contains(['.', '!', '?'])
}

fn flush_comment(comment: Option<Vec<String>>, out: &mut Builder) {
    if let Some(cells) = comment {
        out.paragraph(&cells.join(","));
    }
}

fn guess(text: &str) -> char {
    let sample = &text[..text.floor_char_boundary(SAMPLE)];
    let count = |delimiter: char| {
        sample
            .lines()
            .filter(|line| !line.starts_with('#'))
            .take(20)
            .filter(|line| line.contains(delimiter))
            .count()
    };
    [',', ';', '\t', '|']
        .into_iter()
        .rev()
        .max_by_key(|&delimiter| count(delimiter))
        .unwrap_or(',')
}

/// The fields of the first record, and what follows it.
fn record(text: &str, delimiter: char) -> (Vec<String>, &str) {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let Some(cell) = cells.last_mut() else { break };
        match c {
            '"' if quoted && chars.peek().is_some_and(|&(_, next)| next == '"') => {
                chars.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            // A quote inside a bare field is a character like any other; one that never closes too.
            '"' if cell.trim().is_empty() && closes(&text[at + 1..], delimiter) => {
                cell.clear();
                quoted = true;
            }
            '\n' if !quoted => return (cells, &text[at + 1..]),
            '\r' if !quoted => {}
            c if c == delimiter && !quoted => cells.push(String::new()),
            c => cell.push(c),
        }
    }
    (cells, "")
}

/// Longest quoted field, in bytes: beyond it the quote is taken for a stray one. It also keeps a file
/// of stray quotes linear.
const MAX_QUOTED: usize = 64 << 10;

/// Whether a quoted field ends as one should: its quote followed by a delimiter or the line's end.
fn closes(rest: &str, delimiter: char) -> bool {
    let rest = &rest[..rest.floor_char_boundary(MAX_QUOTED)];
    let mut chars = rest.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '"' {
            match chars.peek() {
                Some('"') => {
                    chars.next();
                }
                Some(&next) => return next == delimiter || matches!(next, '\n' | '\r' | ' '),
                None => return true,
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{BlockKind, Document, Limits};

    fn document(text: &str) -> Document {
        let mut out = Builder::new(&Limits::default());
        read(text, None, &mut out);
        out.finish().unwrap()
    }

    #[test]
    fn quotes_hide_delimiters_and_line_breaks() {
        let doc = document("type,data\nnote,\"one, \"\"two\"\"\nthree\"\nip,192.0.2.1\n");
        assert_eq!(
            doc.text,
            "type\tdata\nnote\tone, \"two\"\nthree\nip\t192.0.2.1"
        );
        assert_eq!(doc.blocks[2].kind, BlockKind::Row { header: Some(0) });
    }

    #[test]
    fn lines_with_commas_are_a_table_where_the_first_names_the_columns() {
        assert!(is_table(
            "type,value,note\nip,192.0.2.1,\"one, two\"\nip,192.0.2.2,x"
        ));
        assert!(!is_table("type,value,note\nip,192.0.2.1\nip,192.0.2.2,x"));
        assert!(!is_table(
            "First, second, and third.\nAnd so on, so forth, said he.\na,b,c"
        ));
        assert!(!is_table("192.0.2.1,a,b\n192.0.2.2,a,b\n192.0.2.3,a,b"));
    }

    #[test]
    fn a_stray_quote_does_not_swallow_the_rest() {
        let doc = document("a,\"b\nc,d\ne,f\n");
        assert_eq!(doc.text, "a\t\"b\nc\td\ne\tf");
        assert_eq!(doc.blocks.len(), 3);
    }

    #[test]
    fn a_comment_right_above_the_data_names_the_columns() {
        let doc = document(
            "# A feed of hosts\n#\n# id,dateadded,url\n\"1\",\"2024\",\"http://a.example/\"\n",
        );
        assert_eq!(
            doc.text,
            "# A feed of hosts\nid\tdateadded\turl\n1\t2024\thttp://a.example/"
        );
        assert_eq!(doc.blocks[2].kind, BlockKind::Row { header: Some(1) });
    }

    #[test]
    fn a_first_row_of_values_heads_nothing() {
        let doc = document("192.0.2.1;80\n192.0.2.2;81\n");
        assert_eq!(doc.blocks[1].kind, BlockKind::Row { header: None });
    }
}
