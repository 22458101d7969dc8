//! Plain text: one value a line, comments behind `#`, `;` or `//`. What a value is, its shape tells.

use super::{Columns, Draft, Unreadable, header};
use crate::lists::entry::Entries;

pub(super) fn read(text: &str, _: &Columns, draft: &mut Draft) -> Result<(), Unreadable> {
    for line in text.lines() {
        if let Some(comment) = header::comment(line) {
            header::tell(comment, &mut draft.contents.about);
            continue;
        }
        let value = header::value(line);
        if !value.is_empty() {
            draft.take(value, Entries::add_any);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Columns, ListFormat, read};
    use crate::lists::Rule;

    #[test]
    fn values_are_read_around_comments_and_blank_lines() {
        let text = "# Title: made up\r\n\r\n192.0.2.1\r\n  b.example  # why\nhttp://c.example/#d\n; x\n2001:db8::1\n";
        let read = read(ListFormat::Lines, &Columns::default(), text.as_bytes()).unwrap();
        assert_eq!(read.about.name.as_deref(), Some("made up"));
        let entries: Vec<_> = read.entries.iter().map(|e| (e.rule, e.value)).collect();
        assert_eq!(
            entries,
            [
                (Rule::Network, "192.0.2.1/32"),
                (Rule::Name, "b.example"),
                (Rule::Exact, "http://c.example/#d"),
                (Rule::Network, "2001:db8::1/128"),
            ]
        );
    }
}
