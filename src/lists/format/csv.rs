//! Tables (CSV): one column holds the values. Enter at [`read`].
//!
//! What feeds do: comments behind `#`, the header in such a comment, a blank before each quote, quotes around
//! commas and line breaks, more columns from one day to the next. So columns go by name where they have one.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Draft, Unreadable};
use crate::indicator::Kind;
use crate::lists::entry::{Entries, Refusal};

/// Where a table has its values, and a line of NDJSON its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Columns {
    /// What is listed.
    pub value: Column,
    /// The port that belongs to an address.
    pub port: Option<Column>,
    /// The kind of the value, in one of the words that feeds use.
    pub kind: Option<Column>,
    /// What stands between fields.
    pub delimiter: char,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Column {
    /// Counted from 1.
    Number(usize),
    /// By the header, whatever its case.
    Name(String),
}

impl Default for Columns {
    fn default() -> Self {
        Self {
            value: Column::Number(1),
            port: None,
            kind: None,
            delimiter: ',',
        }
    }
}

impl Column {
    /// Its index, if it needs no header or `header` has it.
    fn index(&self, header: &[Cow<'_, str>]) -> Option<usize> {
        match self {
            Self::Number(number) => number.checked_sub(1),
            Self::Name(name) => header
                .iter()
                .position(|field| field.trim().eq_ignore_ascii_case(name)),
        }
    }
}

/// The indexes of [`Columns`] in one table.
struct Indexes {
    value: usize,
    port: Option<usize>,
    kind: Option<usize>,
}

impl Columns {
    fn indexes(&self, header: &[Cow<'_, str>]) -> Result<Indexes, Unreadable> {
        let index = |column: &Column| {
            column.index(header).ok_or_else(|| {
                Unreadable::Column(match column {
                    Column::Number(number) => number.to_string(),
                    Column::Name(name) => name.clone(),
                })
            })
        };
        Ok(Indexes {
            value: index(&self.value)?,
            port: self.port.as_ref().map(index).transpose()?,
            kind: self.kind.as_ref().map(index).transpose()?,
        })
    }
}

pub(super) fn read(text: &str, columns: &Columns, draft: &mut Draft) -> Result<(), Unreadable> {
    let mut table = Table {
        text,
        at: 0,
        delimiter: columns.delimiter,
    };
    let mut indexes = columns.indexes(&[]).ok();
    let mut first = true;
    while table.at < text.len() {
        let line = table.line();
        if let Some(comment) = comment(line) {
            if indexes.is_none() {
                let mut names = Table {
                    text: comment,
                    at: 0,
                    delimiter: columns.delimiter,
                };
                // Any comment may be the header; most are prose with quotes in it.
                indexes = names
                    .row()
                    .ok()
                    .and_then(|names| columns.indexes(&names).ok());
            }
            table.at += line.len();
            continue;
        }
        let row = table.row()?;
        if row.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        let heads = std::mem::replace(&mut first, false);
        let Some(indexes) = &indexes else {
            indexes = Some(columns.indexes(&row)?);
            continue;
        };
        let listed = field(&row, indexes.value);
        // A header above numbered columns is no entry that failed.
        if !heads || crate::lists::classify::kind_of(listed).is_some() {
            take(&row, indexes, draft);
        }
    }
    match indexes {
        Some(_) => Ok(()),
        None => columns.indexes(&[]).map(drop),
    }
}

/// What stands behind `#`; other marks of comments may be delimiters.
fn comment(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix('#')
}

fn take(row: &[Cow<'_, str>], indexes: &Indexes, draft: &mut Draft) {
    let value = field(row, indexes.value);
    let kind = indexes.kind.map(|kind| field(row, kind));
    match indexes.port.map(|port| field(row, port)) {
        Some(port) if !port.is_empty() => draft.take(&format!("{value}|{port}"), Entries::add_any),
        _ => draft.take(value, |entries, value| add(entries, kind, value)),
    }
}

fn add(entries: &mut Entries, word: Option<&str>, value: &str) -> Result<(), Refusal> {
    match word.and_then(kind) {
        Some(kind) => entries.add_of(kind, value),
        None => entries.add_any(value),
    }
}

/// The kind that feeds call `word`, where the shape of a value would not tell it.
fn kind(word: &str) -> Option<Kind> {
    let kind = match word.to_ascii_lowercase().as_str() {
        "filename" => Kind::Filename,
        "imphash" => Kind::Imphash,
        "ja3" | "ja3_fingerprint" => Kind::Ja3,
        "mutex" => Kind::Mutex,
        "ssdeep" => Kind::Ssdeep,
        "user_agent" | "user-agent" => Kind::UserAgent,
        _ => return None,
    };
    Some(kind)
}

fn field<'r>(row: &'r [Cow<'_, str>], index: usize) -> &'r str {
    row.get(index).map_or("", |field| field.trim())
}

/// A table that is read row by row.
struct Table<'t> {
    text: &'t str,
    at: usize,
    delimiter: char,
}

impl<'t> Table<'t> {
    /// The line that begins here, with its end.
    fn line(&self) -> &'t str {
        let rest = &self.text[self.at..];
        &rest[..rest.find('\n').map_or(rest.len(), |end| end + 1)]
    }

    /// The fields of the next row, which may have several lines.
    fn row(&mut self) -> Result<Vec<Cow<'t, str>>, Unreadable> {
        let mut fields = Vec::new();
        loop {
            fields.push(self.field()?);
            let rest = &self.text[self.at..];
            match rest.strip_prefix(self.delimiter) {
                Some(rest) => self.at = self.text.len() - rest.len(),
                None => {
                    self.at += usize::from(!rest.is_empty());
                    return Ok(fields);
                }
            }
        }
    }

    /// A field; what comes next is its delimiter, the end of the line, or the end of all.
    fn field(&mut self) -> Result<Cow<'t, str>, Unreadable> {
        let rest = &self.text[self.at..];
        let inside = rest
            .trim_start_matches(|c| c != self.delimiter && matches!(c, ' ' | '\t'))
            .strip_prefix('"');
        let ends = [self.delimiter, '\n'];
        let Some(inside) = inside else {
            let end = rest.find(ends).unwrap_or(rest.len());
            self.at += end;
            return Ok(Cow::Borrowed(rest[..end].trim_end_matches('\r')));
        };
        let opened = self.text.len() - inside.len();
        let mut from = 0;
        let close = loop {
            let Some(quote) = inside[from..].find('"') else {
                let line = self.text[..opened].matches('\n').count() + 1;
                return Err(Unreadable::Quote(line));
            };
            from += quote + 1;
            match inside[from..].strip_prefix('"') {
                Some(_) => from += 1,
                None => break from - 1,
            }
        };
        let behind = &inside[close + 1..];
        self.at = opened + close + 1 + behind.find(ends).unwrap_or(behind.len());
        let written = &inside[..close];
        Ok(match written.contains('"') {
            true => Cow::Owned(written.replace("\"\"", "\"")),
            false => Cow::Borrowed(written),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::{Contents, ListFormat};

    fn read(columns: &Columns, text: &str) -> Result<Contents, Unreadable> {
        super::super::read(ListFormat::Csv, columns, text.as_bytes())
    }

    fn values(columns: &Columns, text: &str) -> Vec<String> {
        let read = read(columns, text).unwrap();
        assert_eq!(read.refused.first, None);
        read.entries
            .iter()
            .map(|entry| entry.value.to_owned())
            .collect()
    }

    fn named(value: &str) -> Columns {
        Columns {
            value: Column::Name(value.to_owned()),
            ..Columns::default()
        }
    }

    #[test]
    fn a_header_may_stand_in_a_comment_and_addresses_have_their_ports() {
        let columns = Columns {
            port: Some(Column::Name("dst_port".to_owned())),
            ..named("dst_ip")
        };
        let rows = "2026-01-02 03:04:05,192.0.2.7,443,online,2026-01-03,Made\r\n";
        for header in ["# ", ""] {
            let text = format!(
                "# C2 list, \"as is\n{header}first_seen_utc,dst_ip,dst_port,c2_status,last_online,malware\r\n{rows}# END 1\r\n"
            );
            assert_eq!(values(&columns, &text), ["192.0.2.7:443"]);
        }
    }

    #[test]
    fn a_blank_stands_after_each_comma_and_there_may_be_columns_more() {
        let columns = Columns {
            kind: Some(Column::Name("ioc_type".to_owned())),
            ..named("ioc_value")
        };
        let header =
            "################\n# \"first_seen_utc\",\"ioc_id\",\"ioc_value\",\"ioc_type\",\"tags\"";
        for (head, tail) in [("", ""), (",\"is_compromised\"", ", \"False\"")] {
            let text = format!(
                "{header}{head}\n\
                 \"2026-01-02\", \"1\", \"192.0.2.7:443\", \"ip:port\", \"a,b\"{tail}\n\
                 \"2026-01-02\", \"2\", \"bad.example\", \"domain\", \"say \"\"x\"\"\"{tail}\n\
                 \"2026-01-02\", \"3\", \"d41d8cd98f00b204e9800998ecf8427e\", \"md5_hash\", \"\"{tail}\n"
            );
            assert_eq!(
                values(&columns, &text),
                [
                    "192.0.2.7:443",
                    "bad.example",
                    "d41d8cd98f00b204e9800998ecf8427e"
                ]
            );
        }
    }

    #[test]
    fn a_column_may_be_chosen_by_number_with_a_header_above_or_without() {
        let columns = Columns {
            value: Column::Number(2),
            ..Columns::default()
        };
        let rows = "1,\"http://bad.example/a,b\",x\n2,http://worse.example/,y\n";
        for header in ["phish_id,url,target\n", ""] {
            assert_eq!(
                values(&columns, &format!("{header}{rows}")),
                ["http://bad.example/a,b", "http://worse.example"]
            );
        }
    }

    #[test]
    fn other_delimiters_and_quoted_line_breaks_are_read() {
        let columns = Columns {
            delimiter: '\t',
            ..named("ip")
        };
        assert_eq!(
            values(
                &columns,
                "note\tip\n\"two\nlines\"\t192.0.2.1\n\t192.0.2.2\n\n"
            ),
            ["192.0.2.1/32", "192.0.2.2/32"]
        );
    }

    #[test]
    fn what_is_missing_or_left_open_is_said() {
        let said = |columns: &Columns, text: &str| read(columns, text).unwrap_err().to_string();
        assert_eq!(said(&named("ip"), "a,b\nc,d\n"), r#"it has no column "ip""#);
        assert_eq!(said(&named("ip"), ""), r#"it has no column "ip""#);
        assert_eq!(
            said(&Columns::default(), "192.0.2.1\n\"192.0.2.2\n192.0.2.3\n"),
            "the quote that opens in line 2 is never closed"
        );
        assert_eq!(
            said(
                &Columns {
                    value: Column::Number(0),
                    ..Columns::default()
                },
                "a\n"
            ),
            r#"it has no column "0""#
        );
    }

    #[test]
    fn columns_are_written_as_settings_are() {
        let columns: Columns = serde_json::from_str(r#"{"value":"url","port":3}"#).unwrap();
        assert_eq!(columns.value, Column::Name("url".to_owned()));
        assert_eq!(columns.port, Some(Column::Number(3)));
        assert_eq!(columns.delimiter, ',');
    }
}
