//! The pages of a [TAXII 2.1](https://docs.oasis-open.org/cti/taxii/v2.1/os/taxii-v2.1-os.html) collection → one envelope
//! of the indicators that hold. Enter at [`Pages`].
//!
//! While one page is read the server changes another: what comes twice counts in its last version.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Unreadable;
use super::stix::{self, Object};

/// The indicators of a collection, page by page.
#[derive(Debug, Default)]
pub struct Pages {
    /// By id: whatever their order on the server, the same indicators make the same envelope.
    indicators: BTreeMap<String, Object>,
    bytes: usize,
}

impl Pages {
    /// Takes a page; where the next one begins, `None` behind the last.
    ///
    /// # Errors
    /// It is no envelope, or says that there is more and not where.
    pub fn add(&mut self, page: &[u8]) -> Result<Option<String>, Unreadable> {
        let text = String::from_utf8_lossy(page);
        let rest = stix::objects(&text, |object| {
            if object.kind == "indicator" {
                self.take(object);
            }
        })?;
        match (rest.more, rest.next) {
            (false, _) => Ok(None),
            (true, Some(next)) => Ok(Some(next)),
            (true, None) => Err(Unreadable::Missing("`next`, where more is promised,")),
        }
    }

    /// About how many bytes the envelope takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn take(&mut self, object: Object) {
        let key = match object.id.is_empty() {
            true => &object.pattern,
            false => &object.id,
        };
        let known = self.indicators.get(key);
        if known.is_some_and(|known| modified(known) > modified(&object)) {
            return;
        }
        self.bytes = self.bytes + bytes(&object) - known.map_or(0, bytes);
        self.indicators.insert(key.clone(), object);
    }

    /// An envelope of those that are not revoked and hold at `now`.
    #[must_use]
    pub fn envelope(&self, now: DateTime<Utc>) -> Vec<u8> {
        #[derive(Serialize)]
        struct Indicator<'a> {
            r#type: &'a str,
            id: &'a str,
            pattern: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            pattern_type: Option<&'a str>,
        }
        #[derive(Serialize)]
        struct Envelope<'a> {
            more: bool,
            objects: Vec<Indicator<'a>>,
        }
        let ended =
            |object: &Object| moment(object.valid_until.as_deref()).is_some_and(|end| end <= now);
        let hold = self.indicators.values();
        let hold = hold.filter(|object| !object.revoked && !ended(object));
        let envelope = Envelope {
            more: false,
            objects: hold
                .map(|object| Indicator {
                    r#type: &object.kind,
                    id: &object.id,
                    pattern: &object.pattern,
                    pattern_type: object.pattern_type.as_deref(),
                })
                .collect(),
        };
        super::json::bytes(&envelope)
    }
}

fn bytes(object: &Object) -> usize {
    const AROUND: usize = 70;
    AROUND + object.id.len() + object.pattern.len()
}

fn modified(object: &Object) -> Option<DateTime<Utc>> {
    moment(object.modified.as_deref())
}

fn moment(text: Option<&str>) -> Option<DateTime<Utc>> {
    let moment = DateTime::parse_from_rfc3339(text?).ok()?;
    Some(moment.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::{Columns, ListFormat};

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn values(pages: &Pages) -> Vec<String> {
        let read = super::super::read(ListFormat::Taxii, &Columns::default(), &pages.envelope(NOW));
        let values = read.unwrap();
        values
            .entries
            .iter()
            .map(|one| one.value.to_owned())
            .collect()
    }

    fn indicator(id: &str, name: &str, rest: &str) -> String {
        format!(
            r#"{{"type":"indicator","id":"indicator--{id}","pattern":"[domain-name:value = '{name}']","pattern_type":"stix"{rest}}}"#
        )
    }

    fn page(rest: &str, objects: &[String]) -> Vec<u8> {
        format!(r#"{{{rest}"objects":[{}]}}"#, objects.join(",")).into_bytes()
    }

    #[test]
    fn what_comes_twice_counts_in_its_last_version_whatever_comes_first() {
        let old = indicator(
            "1",
            "old.example",
            r#","modified":"1969-01-01T00:00:00.000Z""#,
        );
        let new = indicator(
            "1",
            "new.example",
            r#","modified":"1969-01-01T00:00:00.500Z""#,
        );
        for [first, second] in [[&old, &new], [&new, &old]] {
            let mut pages = Pages::default();
            let first = page(r#""more":true,"next":"a b","#, std::slice::from_ref(first));
            assert_eq!(pages.add(&first), Ok(Some("a b".to_owned())));
            assert_eq!(pages.add(&page("", std::slice::from_ref(second))), Ok(None));
            assert_eq!(values(&pages), ["new.example"]);
        }
    }

    #[test]
    fn what_is_revoked_has_ended_or_is_no_indicator_is_left_out() {
        let mut pages = Pages::default();
        let objects = [
            indicator("1", "a.example", ""),
            indicator("1", "a.example", r#","revoked":true"#),
            indicator("2", "b.example", r#","valid_until":"1969-12-31T23:59:59Z""#),
            indicator("3", "c.example", r#","valid_until":"1970-01-01T00:00:01Z""#),
            indicator("4", "d.example", r#","valid_until":7"#),
            r#"{"type":"identity","id":"identity--1","pattern":"[domain-name:value = 'e.example']"}"#.to_owned(),
        ];
        pages.add(&page("", &objects)).unwrap();
        assert_eq!(values(&pages), ["c.example", "d.example"]);
    }

    #[test]
    fn a_page_that_is_no_envelope_or_does_not_say_where_to_go_on_is_refused() {
        let mut pages = Pages::default();
        for page in [
            "",
            "[",
            "<html>",
            r#"{"title":"Sign in","http_status":"401"}"#,
            r#"{"objects":"none"}"#,
            r#"{"more":true,"objects":[]}"#,
            r#"{"more":true,"next":{"a":1},"objects":[]}"#,
        ] {
            assert!(pages.add(page.as_bytes()).is_err(), "{page}");
        }
        assert_eq!(pages.add(b"{}"), Ok(None));
    }
}
