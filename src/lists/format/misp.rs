//! MISP events and the manifest of a feed
//! ([core format](https://www.misp-standard.org/rfc/misp-standard-core.html)). Enter at [`read`], and at
//! [`manifest`] for which events a feed has.
//!
//! Only what is meant for detection (`to_ids`) is listed; the rest is context.

use chrono::{NaiveDate, NaiveTime};
use uuid::Uuid;

use super::json::{Event, Path, walk};
use super::{Columns, Draft, Unreadable, attribute};
use crate::lists::entry::Entries;

/// An event of a feed, by the feed's manifest. Its file is named by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedEvent {
    /// Its id.
    pub id: Uuid,
    /// When it last changed, in seconds since 1970; the day that it is of where the manifest does not say, 0 where it
    /// says nothing.
    pub timestamp: i64,
}

#[derive(Debug, Default)]
pub(super) struct Attribute {
    pub(super) kind: String,
    pub(super) value: String,
    to_ids: bool,
    deleted: bool,
}

impl Attribute {
    /// The values in it that accuse.
    pub(super) fn values(&self) -> Vec<(crate::indicator::Kind, &str)> {
        attribute::values(&self.kind, &self.value)
    }
}

/// What is met in an event.
pub(super) enum Met<'a> {
    /// An attribute for detection.
    Attribute(Attribute),
    /// Anything else.
    Other(&'a Path, Event<'a>),
}

/// Goes through events, wherever they stand in `text`.
pub(super) fn walk_events(text: &str, mut visit: impl FnMut(Met<'_>)) -> Result<(), Unreadable> {
    let mut attribute = Attribute::default();
    walk(text, |path, event| match event {
        Event::Scalar(value) => match path.key_below(&["Attribute", ""]) {
            Some("type") => attribute.kind = value.to_owned(),
            Some("value") => attribute.value = value.to_owned(),
            Some("to_ids") => attribute.to_ids = is_true(value),
            Some("deleted") => attribute.deleted = is_true(value),
            Some(_) => {}
            None => visit(Met::Other(path, event)),
        },
        Event::End if path.ends(&["Attribute", ""]) => {
            let attribute = std::mem::take(&mut attribute);
            if attribute.to_ids && !attribute.deleted {
                visit(Met::Attribute(attribute));
            }
        }
        Event::End => visit(Met::Other(path, event)),
    })
}

pub(super) fn read(text: &str, _: &Columns, draft: &mut Draft) -> Result<(), Unreadable> {
    let mut events = false;
    let mut info = None;
    let mut timestamp = None;
    walk_events(text, |met| match met {
        Met::Attribute(attribute) => take(&attribute, draft),
        Met::Other(path, Event::Scalar(value)) => match path.key_below(&["Event"]) {
            Some("info") => info = Some(value.to_owned()),
            Some("timestamp") => timestamp = Some(value.to_owned()),
            _ => {}
        },
        Met::Other(path, Event::End) => events |= path.ends(&["Event"]),
    })?;
    if !events {
        return Err(Unreadable::Missing("`Event`"));
    }
    draft.contents.about.name = info;
    draft.contents.about.version = timestamp;
    Ok(())
}

fn is_true(value: &str) -> bool {
    matches!(value, "true" | "1")
}

/// Attributes of types that hold no indicator are no entries that failed.
pub(super) fn take(attribute: &Attribute, draft: &mut Draft) {
    for (kind, value) in attribute.values() {
        draft.take(value, |entries: &mut Entries, value| {
            entries.add_of(kind, value)
        });
    }
}

/// The events of a feed by its `manifest.json`, each once, the newest first.
///
/// # Errors
/// It is not JSON, or a manifest of something else.
pub fn manifest(bytes: &[u8]) -> Result<Vec<FeedEvent>, Unreadable> {
    let mut events = Vec::new();
    let (mut timestamp, mut day) = (None, None);
    let mut others = false;
    walk(&String::from_utf8_lossy(bytes), |path, event| match event {
        Event::Scalar(value) => match path.key_at(2) {
            Some("timestamp") => timestamp = value.parse().ok(),
            Some("date") => day = midnight(value),
            _ => {}
        },
        Event::End => {
            let Some(key) = path.key_in(&[]) else { return };
            let (timestamp, day) = (timestamp.take(), day.take());
            match key.parse() {
                Ok(id) => events.push(FeedEvent {
                    id,
                    timestamp: timestamp.or(day).unwrap_or(0),
                }),
                Err(_) => others = true,
            }
        }
    })?;
    if events.is_empty() && others {
        return Err(Unreadable::Missing("the id of an event"));
    }
    events.sort_by_key(|event| (event.id, std::cmp::Reverse(event.timestamp)));
    events.dedup_by_key(|event| event.id);
    events.sort_by_key(|event| (std::cmp::Reverse(event.timestamp), event.id));
    Ok(events)
}

/// When a day begins.
fn midnight(day: &str) -> Option<i64> {
    let day: NaiveDate = day.parse().ok()?;
    Some(day.and_time(NaiveTime::MIN).and_utc().timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::Kind;
    use crate::lists::ListFormat;

    #[test]
    fn attributes_for_detection_are_read_within_objects_too() {
        let text = r#"{"Event":{"info":"Made up","timestamp":"1767312000","Attribute":[
            {"type":"ip-dst|port","value":"192.0.2.7|443","to_ids":true},
            {"value":"a.example|192.0.2.8","type":"domain|ip","to_ids":true},
            {"type":"ip-dst","value":"192.0.2.0/24","to_ids":true},
            {"type":"url","value":"http://b.example/","to_ids":false},
            {"type":"sha1","value":"da39a3ee5e6b4b0d3255bfef95601890afd80709","to_ids":true,"deleted":true},
            {"type":"text","value":"no indicator","to_ids":true}],
          "Object":[{"name":"file","Attribute":[
            {"type":"filename|md5","value":"a.exe|D41D8CD98F00B204E9800998ECF8427E","to_ids":"1"}]}]}}"#;
        let read =
            super::super::read(ListFormat::Misp, &Columns::default(), text.as_bytes()).unwrap();
        let entries: Vec<_> = read.entries.iter().map(|e| (e.kind, e.value)).collect();
        assert_eq!(
            entries,
            [
                (Some(Kind::IpPort), "192.0.2.7:443"),
                (Some(Kind::Domain), "a.example"),
                (None, "192.0.2.8/32"),
                (None, "192.0.2.0/24"),
                (Some(Kind::HashMd5), "d41d8cd98f00b204e9800998ecf8427e"),
            ]
        );
        assert_eq!(read.about.name.as_deref(), Some("Made up"));
        assert_eq!(read.refused.count, 0);
    }

    #[test]
    fn a_manifest_names_the_events_and_their_times() {
        let id = "5e0b7d2c-1111-4222-8333-444455556666";
        let text = format!(r#"{{"{id}":{{"info":"a","Orgc":{{"name":"b"}},"timestamp":"12"}}}}"#);
        let events = manifest(text.as_bytes()).unwrap();
        assert_eq!(
            events,
            [FeedEvent {
                id: id.parse().unwrap(),
                timestamp: 12
            }]
        );
        assert_eq!(manifest(b"{}"), Ok(vec![]));
        assert!(manifest(br#"{"a":{"timestamp":1}}"#).is_err());
    }

    #[test]
    fn the_newest_event_is_first_and_one_without_a_timestamp_is_as_old_as_its_day() {
        let [a, b, c, d] = [1, 2, 3, 4].map(|number| Uuid::from_u128(number).to_string());
        let text = format!(
            r#"{{"{a}":{{"timestamp":"90000"}},"{b}":{{"date":"1970-01-02"}},"{c}":{{"Tag":[{{"timestamp":9}}]}},
                "{d}":{{"timestamp":100000,"date":"1970-01-01"}},"{a}":{{"timestamp":1}}}}"#
        );
        let events = manifest(text.as_bytes()).unwrap();
        let events: Vec<_> = events
            .iter()
            .map(|event| (event.id.as_u128(), event.timestamp))
            .collect();
        assert_eq!(events, [(4, 100_000), (1, 90_000), (2, 86_400), (3, 0)]);
    }

    #[test]
    fn names_that_are_no_ids_and_fields_of_other_types_are_no_events() {
        let id = Uuid::from_u128(7);
        let text = format!(
            r#"{{"../../x":{{"timestamp":"1"}},"https://a.example/":{{}},"{id}":{{"timestamp":{{"no":1}},"date":[]}},
                "{}":"text","":[{{"timestamp":5}}]}}"#,
            Uuid::from_u128(8)
        );
        let events = manifest(text.as_bytes()).unwrap();
        assert_eq!(events, [FeedEvent { id, timestamp: 0 }]);
        for other in [
            "",
            "[",
            "<html>",
            r#"[{"timestamp":1}]"#,
            r#"{"../../x":{"timestamp":"1"}}"#,
        ] {
            assert!(manifest(other.as_bytes()).is_err(), "{other}");
        }
    }

    #[test]
    fn a_manifest_of_a_million_events_is_read() {
        let entries: Vec<_> = (0..1_000_000_u128)
            .map(|n| format!("\"{}\":{{}}", Uuid::from_u128(n)))
            .collect();
        let text = format!("{{{}}}", entries.join(","));
        assert_eq!(manifest(text.as_bytes()).unwrap().len(), 1_000_000);
    }
}
