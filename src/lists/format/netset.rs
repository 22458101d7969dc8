//! FireHOL's [netset and ipset](https://iplists.firehol.org): an address or network a line, below a header of
//! comments. Danger: such lists hold private ranges, too; the matcher does not let them accuse anybody.

use super::{Columns, Draft, Unreadable, header};
use crate::lists::entry::Rule;

pub(super) fn read(text: &str, _: &Columns, draft: &mut Draft) -> Result<(), Unreadable> {
    let mut named = false;
    for line in text.lines() {
        if let Some(comment) = header::comment(line) {
            let about = &mut draft.contents.about;
            let comment = comment.trim();
            // The first words of the header are the name of the set.
            if !named && !comment.is_empty() {
                named = true;
                about.name = Some(comment.to_owned());
            }
            header::tell(comment, about);
            continue;
        }
        let value = header::value(line);
        if !value.is_empty() {
            draft.take(value, |entries, value| {
                entries.add(Rule::Network, None, value)
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Columns, ListFormat, read};

    #[test]
    fn the_header_tells_name_category_and_version() {
        let text = "#\n# made_up_level1\n#\n# ipv4 hash:net ipset\n#\n# Maintainer      : Example\n\
                    # Category        : attacks\n# Version         : 12\n# Entries         : 2 subnets, 257 unique IPs\n#\n\
                    198.51.100.0/24\n203.0.113.9\n";
        let read = read(ListFormat::Netset, &Columns::default(), text.as_bytes()).unwrap();
        assert_eq!(read.about.name.as_deref(), Some("made_up_level1"));
        assert_eq!(read.about.category.as_deref(), Some("attacks"));
        assert_eq!(read.about.version.as_deref(), Some("12"));
        let entries: Vec<_> = read.entries.iter().map(|entry| entry.value).collect();
        assert_eq!(entries, ["198.51.100.0/24", "203.0.113.9/32"]);
    }

    #[test]
    fn a_name_is_no_network() {
        let read = read(ListFormat::Netset, &Columns::default(), b"a.example\n");
        assert!(read.unwrap_err().to_string().ends_with("it is no network"));
    }
}
