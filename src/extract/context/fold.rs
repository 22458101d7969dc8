//! White space folded, and the cells of rows joined. Enter at [`folded`] or [`joined`].
//!
//! Most texts are folded already: that is told first, and what is known to be folded is joined as it is.

use std::borrow::Cow;

use super::label;
use crate::extract::sweep;

/// White space folded; one blank stays at either end where there was some.
pub(super) fn folded(part: &str) -> Cow<'_, str> {
    if is_folded(part) {
        return Cow::Borrowed(part);
    }
    let mut out = String::with_capacity(part.len());
    let mut from = 0;
    let mut behind_blank = None;
    for (at, c) in blanks(part) {
        let again = behind_blank == Some(at);
        let end = at + c.len_utf8();
        // What is folded already is written together with what stands before it.
        if again || c != ' ' {
            out.push_str(&part[from..at]);
            out.push_str(if again { "" } else { " " });
            from = end;
        }
        behind_blank = Some(end);
    }
    out.push_str(&part[from..]);
    Cow::Owned(out)
}

/// The white space of `part`.
fn blanks(part: &str) -> impl Iterator<Item = (usize, char)> {
    let bytes = part.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            at += bytes[at..].iter().position(may_be_blank)?;
            let c = part[at..].chars().next()?;
            let found = at;
            at += c.len_utf8();
            if c.is_whitespace() {
                return Some((found, c));
            }
        }
    })
}

/// Whether white space may begin with `byte`; no other character is decoded in search of it.
fn may_be_blank(byte: &u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ' | 0xC2 | 0xE1..=0xE3)
}

/// Whether `part` is sure to be without white space other than single blanks.
pub(super) fn is_folded(part: &str) -> bool {
    let odd = |byte: u8| (byte >= 0x80) | (byte.wrapping_sub(b'\t') < 5);
    !sweep::any(part.as_bytes(), odd) && !holds_double_blank(part)
}

/// Whether `part` is sure to be without white space other than single blanks and tabs.
pub(super) fn is_folded_but_for_tabs(part: &str) -> bool {
    let odd = |byte: u8| (byte >= 0x80) | (byte.wrapping_sub(b'\n') < 4);
    !sweep::any(part.as_bytes(), odd) && !holds_double_blank(part)
}

fn holds_double_blank(part: &str) -> bool {
    sweep::twice(part.as_bytes(), |byte| byte == b' ')
}

/// The cells of a part of a row, joined by ` | `.
pub(super) fn joined(part: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\t', part.as_bytes()).is_none() {
        return folded(part);
    }
    let mut out = String::with_capacity(2 * part.len());
    for cell in label::cells(part) {
        join(&mut out, &folded(&part[cell.clone()]), cell.start == 0);
    }
    Cow::Owned(out)
}

/// The cells of `part`, joined by ` | `, where all are folded.
pub(super) fn joined_folded(part: &str) -> String {
    let mut out = String::with_capacity(2 * part.len());
    for cell in label::cells(part) {
        join(&mut out, &part[cell.clone()], cell.start == 0);
    }
    out
}

/// Writes the next cell of a row behind those in `out`, or the first.
fn join(out: &mut String, cell: &str, first: bool) {
    if first {
        out.push_str(cell);
    } else {
        out.truncate(out.trim_end().len());
        out.push_str(" | ");
        out.push_str(cell.trim_start());
    }
}
