//! A MISP feed as a list keeps it: what each event of its manifest holds for detection. Enter at [`Feed`].
//!
//! It is written in the form in which MISP answers searches, `{"response": [{"Event": …}, …]}`, with how many events were
//! left out beside it.

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use super::json::{Event, bytes};
use super::misp::{self, FeedEvent, Met, take, walk_events};
use super::{Columns, Draft, Unreadable};

/// The events of a feed.
#[derive(Debug, Default)]
pub struct Feed {
    events: BTreeMap<Uuid, Kept>,
    left_out: usize,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Kept {
    timestamp: i64,
    attributes: Vec<misp::Attribute>,
}

impl Kept {
    /// About what it takes when it is written.
    fn bytes(&self) -> usize {
        const AROUND: usize = 40;
        let attributes = self.attributes.iter();
        let texts = attributes.map(|one| AROUND + one.kind.len() + one.value.len());
        2 * AROUND + texts.sum::<usize>()
    }
}

impl Feed {
    /// One without events, of a feed that has `left_out` more than are wanted.
    #[must_use]
    pub fn without(left_out: usize) -> Self {
        Self {
            left_out,
            ..Self::default()
        }
    }

    /// What was written by [`Feed::write`]; of anything else the events that look like it.
    #[must_use]
    pub fn written(content: &[u8]) -> Self {
        const PLACE: &[&str] = &["response", "", "Event"];
        let mut feed = Self::default();
        let (mut id, mut kept) = (None, Kept::default());
        let read = walk_events(&String::from_utf8_lossy(content), |met| match met {
            Met::Attribute(attribute) => kept.attributes.push(attribute),
            Met::Other(path, Event::Scalar(value)) => match path.key_in(PLACE) {
                Some("uuid") => id = value.parse().ok(),
                Some("timestamp") => kept.timestamp = value.parse().unwrap_or(0),
                _ => {}
            },
            Met::Other(path, Event::End) if path.is(PLACE) => {
                let kept = std::mem::take(&mut kept);
                if let Some(id) = id.take() {
                    feed.insert(id, kept);
                }
            }
            Met::Other(..) => {}
        });
        read.map_or_else(|_| Self::default(), |()| feed)
    }

    /// Takes an event over from `before`, if it is there and has not changed since. False: it is to be fetched.
    pub fn keep(&mut self, event: FeedEvent, before: &mut Self) -> bool {
        let known = before.events.get(&event.id);
        let same =
            known.is_some_and(|known| known.timestamp == event.timestamp) && event.timestamp != 0;
        if same && let Some(kept) = before.events.remove(&event.id) {
            self.insert(event.id, kept);
        }
        same
    }

    /// Takes an event by its file.
    ///
    /// # Errors
    /// It is no event.
    pub fn add(&mut self, event: FeedEvent, file: &[u8]) -> Result<(), Unreadable> {
        let mut kept = Kept {
            timestamp: event.timestamp,
            ..Kept::default()
        };
        let mut is_event = false;
        walk_events(&String::from_utf8_lossy(file), |met| match met {
            Met::Attribute(attribute) if attribute.values().is_empty() => {}
            Met::Attribute(attribute) => kept.attributes.push(attribute),
            Met::Other(path, Event::Scalar(value)) => {
                // A file that is older than the manifest says is not the last word on the event.
                if path.key_in(&["Event"]) == Some("timestamp") {
                    let own = value.parse().unwrap_or(kept.timestamp);
                    kept.timestamp = kept.timestamp.min(own);
                }
            }
            Met::Other(path, Event::End) => is_event |= path.is(&["Event"]),
        })?;
        if !is_event {
            return Err(Unreadable::Missing("`Event`"));
        }
        self.insert(event.id, kept);
        Ok(())
    }

    fn insert(&mut self, id: Uuid, kept: Kept) {
        self.bytes += kept.bytes();
        self.events.insert(id, kept);
    }

    /// About how many bytes it takes when it is written.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The feed as a list's content.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        #[derive(Serialize)]
        struct Attribute<'a> {
            r#type: &'a str,
            value: &'a str,
            to_ids: bool,
        }
        #[derive(Serialize)]
        struct Inner<'a> {
            uuid: Uuid,
            timestamp: i64,
            #[serde(rename = "Attribute")]
            attributes: Vec<Attribute<'a>>,
        }
        #[derive(Serialize)]
        struct Outer<'a> {
            #[serde(rename = "Event")]
            event: Inner<'a>,
        }
        #[derive(Serialize)]
        struct Whole<'a> {
            left_out: usize,
            response: Vec<Outer<'a>>,
        }
        let events = self.events.iter().map(|(id, kept)| Outer {
            event: Inner {
                uuid: *id,
                timestamp: kept.timestamp,
                attributes: kept
                    .attributes
                    .iter()
                    .map(|one| Attribute {
                        r#type: &one.kind,
                        value: &one.value,
                        to_ids: true,
                    })
                    .collect(),
            },
        });
        bytes(&Whole {
            left_out: self.left_out,
            response: events.collect(),
        })
    }
}

/// Reads what [`Feed::write`] wrote, or what MISP answers to a search.
pub(super) fn read(text: &str, _: &Columns, draft: &mut Draft) -> Result<(), Unreadable> {
    let mut known = false;
    let mut newest = None;
    walk_events(text, |met| match met {
        Met::Attribute(attribute) => take(&attribute, draft),
        Met::Other(path, Event::Scalar(value)) => {
            if path.key_in(&[]) == Some("left_out") {
                known = true;
                draft.contents.left_out = value.parse().unwrap_or(0);
            }
            if path.key_below(&["Event"]) == Some("timestamp") {
                newest = newest.max(value.parse::<i64>().ok());
            }
        }
        Met::Other(path, Event::End) => known |= path.ends(&["Event"]),
    })?;
    if !known {
        return Err(Unreadable::Missing("`Event`"));
    }
    draft.contents.about.version = newest.map(|seconds| seconds.to_string());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::{Contents, ListFormat};

    fn contents(feed: &Feed) -> Contents {
        super::super::read(ListFormat::MispFeed, &Columns::default(), &feed.write()).unwrap()
    }

    fn values(feed: &Feed) -> Vec<String> {
        let contents = contents(feed);
        contents
            .entries
            .iter()
            .map(|one| one.value.to_owned())
            .collect()
    }

    fn event(number: u128, timestamp: i64) -> FeedEvent {
        FeedEvent {
            id: Uuid::from_u128(number),
            timestamp,
        }
    }

    fn file(timestamp: i64, name: &str) -> Vec<u8> {
        format!(
            r#"{{"Event":{{"uuid":"x","timestamp":"{timestamp}","Attribute":[
                {{"type":"domain","value":"{name}","to_ids":true}},
                {{"type":"domain","value":"context.example","to_ids":false}},
                {{"type":"text","value":"no indicator","to_ids":true}}]}}}}"#
        )
        .into_bytes()
    }

    #[test]
    fn what_did_not_change_is_kept_and_what_is_gone_from_the_manifest_goes() {
        let mut first = Feed::without(3);
        for (number, name) in [(1, "a.example"), (2, "b.example"), (3, "c.example")] {
            first.add(event(number, 10), &file(10, name)).unwrap();
        }
        assert_eq!(values(&first), ["a.example", "b.example", "c.example"]);
        assert_eq!(contents(&first).left_out, 3);
        assert_eq!(contents(&first).about.version.as_deref(), Some("10"));

        let mut before = Feed::written(&first.write());
        let mut second = Feed::without(0);
        assert!(second.keep(event(1, 10), &mut before));
        assert!(!second.keep(event(2, 11), &mut before), "it changed");
        assert!(!second.keep(event(4, 10), &mut before), "it is new");
        second.add(event(2, 11), &file(11, "new.example")).unwrap();
        assert_eq!(values(&second), ["a.example", "new.example"]);
    }

    #[test]
    fn an_event_is_fetched_again_whose_file_was_older_than_the_manifest_or_whose_age_nobody_tells()
    {
        let mut first = Feed::default();
        first.add(event(1, 20), &file(19, "a.example")).unwrap();
        first.add(event(2, 0), &file(19, "b.example")).unwrap();
        let mut before = Feed::written(&first.write());
        let mut second = Feed::default();
        assert!(!second.keep(event(1, 20), &mut before));
        assert!(!second.keep(event(2, 0), &mut before));
    }

    #[test]
    fn no_event_is_none_and_a_feed_without_events_is_one() {
        let mut feed = Feed::default();
        for file in ["", "{}", "<html>", r#"{"event":{}}"#, r#"{"Event":"x"}"#] {
            assert!(feed.add(event(1, 1), file.as_bytes()).is_err(), "{file}");
        }
        assert_eq!(values(&feed), Vec::<String>::new());
        assert_eq!(feed.bytes(), 0);
        assert!(Feed::written(b"no JSON").events.is_empty());
    }
}
