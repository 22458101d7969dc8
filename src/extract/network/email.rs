//! Mail addresses. Enter at [`read`].

use std::ops::Range;

use super::{Reader, domain, name_end, script_end};
use crate::extract::candidate::Text;
use crate::indicator::Kind;

/// Longest local part.
const LOCAL: usize = 64;

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'.' | b'_' | b'-' | b'+' | b'#' | b'!' | b'$' | b'%' | b'&' | b'*' | b'^' | b'~'
        )
}

/// Reads the mail address around the `@` at `at`; answers where to read on.
pub(super) fn read(reader: &mut Reader<'_, '_>, at: usize) -> Option<usize> {
    let bytes = reader.bytes();
    let local = bytes[..at]
        .iter()
        .rev()
        .take(LOCAL + 1)
        .take_while(|byte| is_local(**byte))
        .count();
    if local > LOCAL {
        return None;
    }
    let mut start = at - local;
    while start < at && !(bytes[start].is_ascii_alphanumeric() || bytes[start] == b'_') {
        start += 1;
    }
    let end = name_end(bytes, at + 1);
    let mut end = script_end(reader.view.text, at + 1..end);
    while end > at + 1 && matches!(bytes[end - 1], b'.' | b'-' | b'_') {
        end -= 1;
    }
    if start == at
        || bytes[at - 1] == b'.'
        || bytes.get(end) == Some(&b'@')
        || reader.view.text[start..at].contains("..")
    {
        return None;
    }
    let domain = domain::host(&reader.view.text[at + 1..end])?;
    let value = format!(
        "{}@{}",
        reader.view.text[start..at].to_ascii_lowercase(),
        domain.value
    );
    // `git@host.example:path` is an address of a repository.
    let repository = bytes.get(end) == Some(&b':')
        && bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric)
        && &bytes[start..at] == b"git";
    let defanged = reader.view.defanged(start..end);
    if !repository && !is_message_id(reader.text, reader.view.written(start..end)) {
        reader.push_as(Kind::Email, value, start..end, 95, defanged);
    }
    reader.push_as(Kind::Domain, domain.value, at + 1..end, 85, defanged);
    Some(end)
}

/// Whether the address at `written` names a message: in `Message-ID: <…>` and the headers that refer to
/// one, folded or not.
fn is_message_id(text: &Text<'_>, written: Range<usize>) -> bool {
    const HEADERS: [&str; 5] = [
        "message-id:",
        "in-reply-to:",
        "references:",
        "content-id:",
        "x-ms-exchange-message-id:",
    ];
    const FOLDED: usize = 20;
    let whole = text.str();
    if written.start == 0 || whole.as_bytes()[written.start - 1] != b'<' {
        return false;
    }
    let mut line = text.line_at(written.start);
    for _ in 0..FOLDED {
        let start = &whole.as_bytes()[line.clone()];
        if HEADERS.iter().any(|header| {
            start.len() >= header.len()
                && start[..header.len()].eq_ignore_ascii_case(header.as_bytes())
        }) {
            return true;
        }
        if line.start == 0 || !matches!(start.first(), Some(b' ' | b'\t' | b'<')) {
            return false;
        }
        line = text.line_at(line.start - 1);
    }
    false
}
