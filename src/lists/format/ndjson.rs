//! One JSON object a line, as Spamhaus writes
//! [DROP and ASN-DROP](https://www.spamhaus.org/blocklists/do-not-route-or-peer/). Their last line tells of the list.

use super::csv::Column;
use super::json::{Event, walk};
use super::{Columns, Draft, Unreadable};
use crate::indicator::Kind;
use crate::lists::entry::{Entries, Refusal};

/// Fields that hold the value where none is named, the first that a line has.
const FIELDS: &[&str] = &["cidr", "asn", "ip", "domain", "url", "value"];

/// One line.
#[derive(Default)]
struct Line {
    /// What it lists, by the rank of its field.
    value: Option<(usize, String)>,
    about: bool,
    timestamp: Option<String>,
    copyright: Option<String>,
}

pub(super) fn read(text: &str, columns: &Columns, draft: &mut Draft) -> Result<(), Unreadable> {
    let named = match &columns.value {
        Column::Name(name) => Some([name.as_str()]),
        Column::Number(_) => None,
    };
    let fields = named.as_ref().map_or(FIELDS, |named| named.as_slice());
    for (number, text) in text.lines().enumerate() {
        if text.trim().is_empty() {
            continue;
        }
        let line = line(text, fields).map_err(|error| match error {
            Unreadable::Json(error) => Unreadable::Json(format!("{error} of line {}", number + 1)),
            other => other,
        })?;
        if line.about {
            let about = &mut draft.contents.about;
            about.version = line.timestamp.or(about.version.take());
            about.description = line.copyright.or(about.description.take());
            continue;
        }
        let (rank, value) = line.value.unwrap_or_default();
        let field = fields.get(rank).copied().unwrap_or_default();
        draft.take(&value, |entries, value| add(entries, field, value));
    }
    Ok(())
}

fn line(text: &str, fields: &[&str]) -> Result<Line, Unreadable> {
    let mut line = Line::default();
    walk(text, |path, event| {
        let (Some(key), Event::Scalar(value)) = (path.key_in(&[]), event) else {
            return;
        };
        match key {
            "type" => line.about = value == "metadata",
            "timestamp" => line.timestamp = Some(value.to_owned()),
            "copyright" => line.copyright = Some(value.to_owned()),
            _ => {}
        }
        if let Some(rank) = fields.iter().position(|field| *field == key)
            && line.value.as_ref().is_none_or(|(known, _)| rank < *known)
        {
            line.value = Some((rank, value.to_owned()));
        }
    })?;
    Ok(line)
}

fn add(entries: &mut Entries, field: &str, value: &str) -> Result<(), Refusal> {
    match field {
        "asn" => entries.add_of(Kind::Asn, value),
        _ => entries.add_any(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::ListFormat;

    fn values(columns: &Columns, text: &str) -> Vec<String> {
        let read = super::super::read(ListFormat::Ndjson, columns, text.as_bytes()).unwrap();
        assert_eq!(read.refused.first, None);
        let values = read.entries.iter().map(|entry| entry.value.to_owned());
        values.collect()
    }

    #[test]
    fn networks_and_systems_are_read_and_the_line_of_metadata_is_not() {
        let text = "{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL1\",\"rir\":\"x\"}\n{\"cidr\":\"2001:db8::/32\"}\n\
                    {\"type\":\"metadata\",\"timestamp\":1767312000,\"size\":2,\"copyright\":\"(c) who made it\"}\n";
        let columns = Columns::default();
        assert_eq!(values(&columns, text), ["192.0.2.0/24", "2001:db8::/32"]);
        let read = super::super::read(ListFormat::Ndjson, &columns, text.as_bytes()).unwrap();
        assert_eq!(read.about.version.as_deref(), Some("1767312000"));
        assert_eq!(read.about.description.as_deref(), Some("(c) who made it"));
        assert_eq!(
            values(
                &columns,
                "{\"asn\":64496,\"rir\":\"x\",\"domain\":\"a.example\",\"asname\":\"A\"}\n"
            ),
            ["as64496"]
        );
    }

    #[test]
    fn the_field_may_be_named() {
        let columns = Columns {
            value: Column::Name("domain".to_owned()),
            ..Columns::default()
        };
        assert_eq!(
            values(&columns, "{\"asn\":1,\"domain\":\"a.example\"}"),
            ["a.example"]
        );
    }

    #[test]
    fn a_line_that_was_cut_off_spoils_the_list() {
        let text = "{\"cidr\":\"192.0.2.0/24\"}\n{\"cidr\":\"192.0";
        let read = super::super::read(ListFormat::Ndjson, &Columns::default(), text.as_bytes());
        assert!(read.unwrap_err().to_string().ends_with("of line 2"));
    }
}
