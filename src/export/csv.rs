//! [RFC 4180](https://www.rfc-editor.org/rfc/rfc4180): a header, CRLF, quotes where needed, UTF-8 without BOM.
//!
//! Danger: spreadsheets run a cell that begins like a formula. Such a cell gets a leading `'`
//! ([OWASP, CSV injection](https://owasp.org/www-community/attacks/CSV_Injection)); machines that must
//! have the exact value read JSON.

use super::{Head, Writer, phrase};
use crate::id::SubmissionId;
use crate::indicator::Ioc;
use crate::submission::rfc3339;

/// The documented columns, then ours.
const HEADER: &str = "type,value,refanged_value,context,description,created_at,flags,confidence,occurrences,defanged,id\r\n";

/// What makes a spreadsheet take a cell for a formula, also in full width.
const DANGEROUS: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

pub(super) fn writer(head: Head) -> Box<dyn Writer> {
    Box::new(Csv { head })
}

struct Csv {
    head: Head,
}

impl Writer for Csv {
    fn open(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(HEADER.as_bytes());
    }

    fn ioc(&mut self, ioc: &Ioc, _: Option<SubmissionId>, out: &mut Vec<u8>) {
        let view = ioc.view();
        let flags: Vec<_> = view.flags.iter().map(phrase::doubt).collect();
        let cells = [
            view.kind.name(),
            if self.head.defang {
                &view.refanged_value
            } else {
                view.value
            },
            &view.refanged_value,
            view.context,
            view.description.unwrap_or_default(),
            &rfc3339(view.created_at),
            &flags.join("; "),
            &view.confidence.to_string(),
            &view.occurrences.to_string(),
            if view.defanged { "true" } else { "false" },
            &view.id.to_string(),
        ];
        put_row(cells, out);
    }
}

/// Appends a row, each cell quoted and guarded as it needs.
pub fn put_row<const N: usize>(cells: [&str; N], out: &mut Vec<u8>) {
    for (column, cell) in cells.into_iter().enumerate() {
        if column > 0 {
            out.push(b',');
        }
        put_cell(cell, out);
    }
    out.extend_from_slice(b"\r\n");
}

fn put_cell(cell: &str, out: &mut Vec<u8>) {
    let guard = if cell.starts_with(DANGEROUS) { "'" } else { "" };
    if cell.contains(['"', ',', '\r', '\n']) {
        out.extend_from_slice(format!("\"{guard}{}\"", cell.replace('"', "\"\"")).as_bytes());
    } else {
        out.extend_from_slice(guard.as_bytes());
        out.extend_from_slice(cell.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> String {
        let mut out = Vec::new();
        put_cell(text, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn quotes_only_what_needs_quotes_and_doubles_them() {
        assert_eq!(cell("plain text"), "plain text");
        assert_eq!(cell("a,b"), "\"a,b\"");
        assert_eq!(cell("say \"hi\"\r\nthere"), "\"say \"\"hi\"\"\r\nthere\"");
    }

    #[test]
    fn a_cell_that_begins_like_a_formula_is_guarded() {
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("-enc AAAA, then"), "\"'-enc AAAA, then\"");
        assert_eq!(cell("＝1"), "'＝1");
        assert_eq!(cell("1-2"), "1-2");
    }
}
