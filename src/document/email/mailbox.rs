//! Where the messages of a mailbox begin and end ([RFC 4155](https://www.rfc-editor.org/rfc/rfc4155)).

use memchr::memmem;

/// The messages, without their `From ` lines.
pub(super) fn messages(mailbox: &[u8]) -> impl Iterator<Item = &[u8]> {
    let later = memmem::find_iter(mailbox, b"\nFrom ").map(|at| at + 1);
    let starts: Vec<usize> = std::iter::once(0)
        .chain(later.filter(|&at| begins(&mailbox[at..])))
        .collect();
    let ends: Vec<usize> = starts
        .iter()
        .skip(1)
        .copied()
        .chain([mailbox.len()])
        .collect();
    starts
        .into_iter()
        .zip(ends)
        .map(|(start, end)| after_line(&mailbox[start..end]))
}

/// Whether a `From ` line begins a message: a header field follows. In a body it is prose.
fn begins(rest: &[u8]) -> bool {
    let next = after_line(rest);
    let name = next
        .iter()
        .take_while(|&&b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        .count();
    name > 0 && next.get(name) == Some(&b':')
}

fn after_line(text: &[u8]) -> &[u8] {
    memchr::memchr(b'\n', text).map_or(&[], |end| &text[end + 1..])
}

#[cfg(test)]
mod tests {
    use super::messages;

    #[test]
    fn messages_begin_at_from_lines_with_headers_behind_them() {
        let mailbox = b"From a@b.example Mon\nSubject: 1\n\nFrom here on\nit is prose\n\nFrom c@d.example Tue\nSubject: 2\n\ntwo\n";
        let found: Vec<_> = messages(mailbox).collect();
        assert_eq!(found.len(), 2);
        assert!(found[0].ends_with(b"it is prose\n\n"));
        assert_eq!(found[1], b"Subject: 2\n\ntwo\n");
    }
}
