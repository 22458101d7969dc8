//! A MISP event ([core format](https://www.misp-standard.org/rfc/misp-standard-core.html)).
//!
//! Every attribute keeps its UUID from export to export, so that importing again updates. A flagged value
//! stays, with `to_ids` off and a comment that says why. What the instance knows is one event of the instance.
//!
//! Dangers: a server refuses an attribute that repeats category, type and value; it drops a category that
//! does not allow the type; it stores characters above U+FFFF as `?`.

mod mapping;
mod row;

use std::borrow::Cow;
use std::fmt::Write;

use md5::{Digest, Md5};
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::head::Span;
use super::seen::Seen;
use super::{Head, Writer, address, attack, phrase, put_json, stable, uri};
use crate::id::SubmissionId;
use crate::indicator::{Finding, Ioc, Kind};
use mapping::{Mapping, composite, mapping};
use row::Row;

/// Longest `info`, in characters.
const INFO_CHARS: usize = 255;

pub(super) fn writer(head: Head) -> Box<dyn Writer> {
    Box::new(Event::new(head, Form::Export))
}

/// What is written of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// All of it.
    Export,
    /// What a feed shows: who may have it further is for the importing side alone.
    Feed,
    /// A line for each value: `md5,event uuid`.
    Hashes,
}
/// An event while it is written.
pub(super) struct Event {
    head: Head,
    scope: String,
    /// Of what is being written.
    span: Span,
    /// Category, type and value by their id.
    written: Seen<Uuid>,
    form: Form,
    /// The indicators of one row, until it is known which of them belong together.
    row: Row,
}

#[derive(Serialize)]
struct Attribute<'a> {
    uuid: Uuid,
    category: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    value: &'a str,
    to_ids: bool,
    comment: &'a str,
    timestamp: String,
    /// "5": as the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    distribution: Option<&'static str>,
    disable_correlation: bool,
    #[serde(rename = "Tag", skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Value>,
}

impl Writer for Event {
    fn open(&mut self, out: &mut Vec<u8>) {
        if self.form != Form::Hashes {
            let mut event = self.summary();
            event.insert("uuid".into(), json!(self.uuid()));
            event.insert("publish_timestamp".into(), "0".into());
            event.insert("published".into(), false.into());
            if self.form == Form::Export {
                event.insert("distribution".into(), "0".into());
            }
            out.extend_from_slice(b"{\"Event\":");
            put_json(&event, out);
            // The attributes go inside the object that was just closed.
            out.pop();
            out.extend_from_slice(b",\"Attribute\":[");
        }
        self.source(out);
    }

    fn ioc(&mut self, ioc: &Ioc, _: Option<SubmissionId>, out: &mut Vec<u8>) {
        // What the instance knows comes kind by kind, and no two of it stand in one row.
        if self.head.submission.is_none() {
            self.alone(ioc, out);
        } else if let Some(row) = self.row.push(ioc) {
            self.row(&row, out);
        }
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        let row = std::mem::take(&mut self.row);
        self.row(&row, out);
        if self.form != Form::Hashes {
            out.extend_from_slice(b"]}}\n");
        }
    }
}

impl Event {
    /// A file name and its hashes become composite attributes, everything else one of its own.
    fn row(&mut self, row: &Row, out: &mut Vec<u8>) {
        let (name, hashes) = row.file();
        for ioc in row.iocs() {
            match name {
                Some(name) if name.id == ioc.id => {
                    for hash in &hashes {
                        self.file(name, hash, out);
                    }
                }
                Some(_) if hashes.iter().any(|hash| hash.id == ioc.id) => {}
                _ => self.alone(ioc, out),
            }
        }
    }

    fn file(&mut self, name: &Ioc, hash: &Ioc, out: &mut Vec<u8>) {
        self.span = self.head.span_of(hash);
        let Some(kind) = composite(hash.finding.kind) else {
            return;
        };
        let (category, ..) = mapping(&name.finding);
        let value = format!("{}|{}", name.finding.value, hash.finding.value);
        let mut remarks: Vec<_> = [name, hash]
            .into_iter()
            .filter_map(|ioc| phrase::remark(&ioc.finding))
            .collect();
        remarks.dedup();
        self.put((category, kind, true), &value, &remarks.join("\n"), out);
    }

    fn alone(&mut self, ioc: &Ioc, out: &mut Vec<u8>) {
        self.span = self.head.span_of(ioc);
        let finding = &ioc.finding;
        let value = finding.value.as_str();
        match finding.kind {
            Kind::IpRange => self.range(finding, out),
            Kind::MitreAttack => {
                self.finding(finding, ("External analysis", "text", false), value, out);
                if let Some(url) = phrase::technique_url(value) {
                    self.finding(finding, ("External analysis", "link", false), &url, out);
                }
            }
            Kind::Asn => self.finding(
                finding,
                mapping(finding),
                value.trim_start_matches(['A', 'S', 'a', 's']),
                out,
            ),
            Kind::IpPort => match address::with_port(value) {
                Some((address, port)) => {
                    self.finding(finding, mapping(finding), &format!("{address}|{port}"), out);
                }
                None => self.finding(finding, ("Network activity", "text", false), value, out),
            },
            Kind::Url => self.finding(finding, mapping(finding), &basic_url(value), out),
            _ => self.finding(finding, mapping(finding), value, out),
        }
    }

    pub(super) fn new(head: Head, form: Form) -> Self {
        let written = match head.submission {
            Some(_) => Seen::all(),
            None => Seen::recent(),
        };
        Self {
            span: head.span(),
            scope: head.scope(),
            head,
            written,
            form,
            row: Row::default(),
        }
    }

    pub(super) fn uuid(&self) -> Uuid {
        match &self.head.submission {
            // Leads back to the submission: a feed is asked for it.
            Some(submission) => stable::random_form(submission.id.0),
            None => stable::id(&["misp-event", &self.scope]),
        }
    }

    /// What a list of events tells of this one.
    pub(super) fn summary(&self) -> Map<String, Value> {
        let producer = &self.head.producer;
        let info: String = storable(&self.head.title())
            .chars()
            .take(INFO_CHARS)
            .collect();
        let tlp = self.head.tlp().map(|tlp| format!("tlp:{tlp}"));
        // At most one TLP label: the field rules, not what somebody typed.
        let labels = self
            .head
            .tags()
            .iter()
            .filter(|tag| !tag.to_lowercase().starts_with("tlp:"));
        let tags: Vec<_> = tlp
            .iter()
            .chain(labels)
            .map(|name| json!({"name": storable(&phrase::one_line(name))}))
            .collect();
        let entries = [
            ("info", json!(info)),
            (
                "date",
                json!(self.span.created.format("%Y-%m-%d").to_string()),
            ),
            ("threat_level_id", json!("4")),
            ("analysis", json!("2")),
            ("timestamp", json!(self.timestamp())),
            ("Orgc", json!({"uuid": producer.id, "name": producer.name})),
            ("Tag", json!(tags)),
        ];
        entries
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect()
    }

    fn timestamp(&self) -> String {
        self.span.modified.timestamp().to_string()
    }

    fn range(&mut self, finding: &Finding, out: &mut Vec<u8>) {
        let value = finding.value.as_str();
        let mut is_written = false;
        for network in address::networks(value) {
            if network.is_single() {
                // In the category of addresses it could take the place of an address that is to be
                // detected.
                let mapping = ("External analysis", "ip-dst", false);
                self.finding(finding, mapping, &network.to_string(), out);
            } else if value.contains('/') {
                self.finding(finding, mapping(finding), value, out);
                is_written = true;
            } else {
                self.finding(finding, mapping(finding), &network.to_string(), out);
            }
        }
        if !is_written {
            // MISP takes neither a dashed range nor a network of one address (`/32`): such a value is
            // kept as it is beside what it holds.
            self.finding(finding, ("Network activity", "text", false), value, out);
        }
    }

    /// Where the report came from and what it says.
    fn source(&mut self, out: &mut Vec<u8>) {
        let Some(submission) = self.head.submission.clone() else {
            return;
        };
        if let Some(url) = phrase::source_url(&submission) {
            self.put(
                ("External analysis", "link", false),
                &uri::rfc3986(url),
                "The report",
                out,
            );
        } else {
            let sha256 = submission
                .sha256
                .iter()
                .map(|sha256| format!(" (SHA-256 {sha256})"));
            let text: String = std::iter::once(submission.source_identifier.clone())
                .chain(sha256)
                .collect();
            self.put(
                ("External analysis", "comment", false),
                &text,
                "The report",
                out,
            );
        }
        if let Some(summary) = &submission.summary {
            self.put(
                ("External analysis", "comment", false),
                summary,
                "Summary",
                out,
            );
        }
    }

    fn finding(&mut self, finding: &Finding, mapping: Mapping, value: &str, out: &mut Vec<u8>) {
        let (category, kind, to_ids) = mapping;
        // The type there does not say what it is.
        let unsaid =
            (kind == "text" && finding.kind.is_extended()).then(|| finding.kind.to_string());
        let remarks: Vec<_> = unsaid
            .into_iter()
            .chain(phrase::doubts(finding))
            .chain(phrase::remark(finding))
            .collect();
        self.put(
            (category, kind, to_ids && !finding.is_flagged()),
            value,
            &remarks.join("\n"),
            out,
        );
    }

    fn put(
        &mut self,
        (category, kind, to_ids): Mapping,
        value: &str,
        comment: &str,
        out: &mut Vec<u8>,
    ) {
        let is_prose = matches!(kind, "text" | "comment");
        let value = storable(value);
        let value = if is_prose || !value.contains(['\n', '\r']) {
            value
        } else {
            phrase::one_line(&value).into()
        };
        if value.trim().is_empty() {
            return;
        }
        let uuid = stable::id(&["misp-attribute", &self.scope, category, kind, &value]);
        let is_first = self.written.is_empty();
        if !self.written.insert(uuid) {
            return;
        }
        if self.form == Form::Hashes {
            self.hash(kind, &value, out);
            return;
        }
        if !is_first {
            out.push(b',');
        }
        let attribute = Attribute {
            uuid,
            category,
            kind,
            value: &value,
            to_ids,
            comment: &storable(comment),
            timestamp: self.timestamp(),
            distribution: (self.form == Form::Export).then_some("5"),
            disable_correlation: false,
            tags: galaxy(category, kind, &value).into_iter().collect(),
        };
        put_json(&attribute, out);
    }
}

impl Event {
    /// A composite value is found by each of its parts.
    fn hash(&self, kind: &str, value: &str, out: &mut Vec<u8>) {
        let parts: Vec<&str> = match kind.contains('|') {
            true => value.split('|').collect(),
            false => vec![value],
        };
        for part in parts {
            for byte in Md5::digest(part.as_bytes()) {
                out.extend_from_slice(format!("{byte:02x}").as_bytes());
            }
            out.extend_from_slice(format!(",{}\n", self.uuid()).as_bytes());
        }
    }
}

/// The tag that leads to a technique: MISP knows it by its exact name alone.
fn galaxy(category: &str, kind: &str, value: &str) -> Option<Value> {
    let name = attack::name(value).filter(|_| (category, kind) == ("External analysis", "text"))?;
    let tag = format!("misp-galaxy:mitre-attack-pattern=\"{name} - {value}\"");
    Some(json!({ "name": tag }))
}

/// `text` in characters that MISP's database holds: one above U+FFFF is written `\u{1f600}`.
fn storable(text: &str) -> Cow<'_, str> {
    encode_above_bmp(text, |c, out| out.extend(c.escape_unicode()))
}

/// `url` with characters above U+FFFF percent-encoded.
fn basic_url(url: &str) -> Cow<'_, str> {
    encode_above_bmp(url, |c, out| {
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    })
}

fn encode_above_bmp(text: &str, encode: impl Fn(char, &mut String)) -> Cow<'_, str> {
    if text.chars().all(|c| c <= '\u{ffff}') {
        return text.into();
    }
    let mut encoded = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if c > '\u{ffff}' {
            encode(c, &mut encoded)
        } else {
            encoded.push(c)
        }
    }
    encoded.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_misp_cannot_store_are_spelled_out() {
        assert_eq!(storable("é\u{1f600}.exe"), "é\\u{1f600}.exe");
        assert_eq!(
            basic_url("http://a.example/\u{1f600}"),
            "http://a.example/%F0%9F%98%80"
        );
    }
}
