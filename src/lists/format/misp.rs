//! MISP events and the manifest of a feed
//! ([core format](https://www.misp-standard.org/rfc/misp-standard-core.html)). Enter at [`read`], and at
//! [`manifest`] for which events a feed has.
//!
//! Only what is meant for detection (`to_ids`) is listed; the rest is context.

use uuid::Uuid;

use super::json::{Event, walk};
use super::{Columns, Draft, Unreadable, attribute};
use crate::lists::entry::Entries;

/// An event of a feed, by the feed's manifest. Its file is named by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedEvent {
    /// Its id.
    pub id: Uuid,
    /// When it last changed, in seconds since 1970.
    pub timestamp: i64,
}

#[derive(Default)]
struct Attribute {
    kind: String,
    value: String,
    to_ids: bool,
    deleted: bool,
}

pub(super) fn read(text: &str, _: &Columns, draft: &mut Draft) -> Result<(), Unreadable> {
    let mut attribute = Attribute::default();
    let mut events = false;
    let mut info = None;
    let mut timestamp = None;
    walk(text, |path, event| match event {
        Event::Scalar(value) => {
            match path.key_below(&["Attribute", ""]) {
                Some("type") => attribute.kind = value.to_owned(),
                Some("value") => attribute.value = value.to_owned(),
                Some("to_ids") => attribute.to_ids = is_true(value),
                Some("deleted") => attribute.deleted = is_true(value),
                _ => {}
            }
            match path.key_below(&["Event"]) {
                Some("info") => info = Some(value.to_owned()),
                Some("timestamp") => timestamp = Some(value.to_owned()),
                _ => {}
            }
        }
        Event::End if path.ends(&["Attribute", ""]) => {
            let attribute = std::mem::take(&mut attribute);
            if attribute.to_ids && !attribute.deleted {
                take(&attribute, draft);
            }
        }
        Event::End => events |= path.ends(&["Event"]),
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
fn take(attribute: &Attribute, draft: &mut Draft) {
    for (kind, value) in attribute::values(&attribute.kind, &attribute.value) {
        draft.take(value, |entries: &mut Entries, value| {
            entries.add_of(kind, value)
        });
    }
}

/// The events of a feed, in the order of its `manifest.json`.
///
/// # Errors
/// It is not JSON, or a manifest of something else.
pub fn manifest(bytes: &[u8]) -> Result<Vec<FeedEvent>, Unreadable> {
    let mut events = Vec::new();
    let mut timestamp = 0;
    let mut others = false;
    walk(&String::from_utf8_lossy(bytes), |path, event| match event {
        Event::Scalar(value) if path.ends(&["timestamp"]) => {
            timestamp = value.parse().unwrap_or(0);
        }
        Event::Scalar(_) => {}
        Event::End => {
            let Some(key) = path.key_in(&[]) else { return };
            let timestamp = std::mem::take(&mut timestamp);
            match key.parse() {
                Ok(id) => events.push(FeedEvent { id, timestamp }),
                Err(_) => others = true,
            }
        }
    })?;
    if events.is_empty() && others {
        return Err(Unreadable::Missing("the id of an event"));
    }
    Ok(events)
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
}
