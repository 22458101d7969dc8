//! A [STIX 2.1](https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html) bundle: the producer, its
//! marking, one report, and for each indicator its observables, an `indicator` and what ties them.
//!
//! Every object keeps its id from export to export: observables by the standard's own rule, the others by
//! the submission and their key. `created` and `published` never change, `modified` follows the submission.
//! A flagged value stays as an observable with a `note` that says why; it is never an `indicator`.
//! One pattern is one `indicator`, however many values lead to it. What no object shows as the document
//! has it (a tactic, say) is named in the report's `external_references`: nothing is dropped in silence.
//!
//! What the instance knows has no end: each object has the moments of its own indicator, and notes follow what they
//! are about. An indicator has the id of its row, so it is one object in every export, delta and feed. All that is
//! kept for the end are the references of a report, and beyond [`MOST_CONTENT`] not even they.

mod author;
mod feed;
mod marking;
mod object;
mod observable;
mod pattern;
mod syntax;

use serde_json::{Value, json};

pub use self::feed::{Feed, FeedObject, FeedType};

use self::author::Author;
use self::object::{Object, Reference, properties};
use self::observable::{BASED_ON, Observable, observable};
use super::phrase;
use super::seen::Seen;
use super::{Head, Writer, put_json};
use crate::id::SubmissionId;
use crate::indicator::{Finding, Flag, Ioc, Kind};
use crate::submission::rfc3339;

/// References that the report of an instance holds at most, some 5 MB: one of more has no report.
const MOST_CONTENT: usize = 200_000;

pub(super) fn writer(head: Head) -> Box<dyn Writer> {
    let written = match head.submission {
        Some(_) => Seen::all(),
        None => Seen::recent(),
    };
    Box::new(Bundle {
        author: Author::new(head),
        written,
        content: Some(Vec::new()),
        doubts: Vec::new(),
        named: Vec::new(),
    })
}

/// The id that the indicator of `ioc` has in exports under `head`.
pub(super) fn indicator_id(head: &Head, ioc: &Ioc) -> Option<String> {
    observable(ioc.finding.kind, &ioc.finding.value)
        .map(|observable| author::said_id(head, "indicator", ioc, &observable.pattern).to_string())
}

struct Bundle {
    author: Author,
    /// Two indicators may share an observable: an address, and the same address with a port.
    written: Seen<Reference>,
    /// What the report is about, in order; `None` where it is more than is kept.
    content: Option<Vec<Reference>>,
    /// Flags and the observables they are about, in order of first appearance.
    doubts: Vec<(Flag, Vec<Reference>)>,
    /// Values that no object shows as they are: external references of the report.
    named: Vec<Value>,
}

impl Writer for Bundle {
    fn open(&mut self, out: &mut Vec<u8>) {
        let changed_at = rfc3339(self.author.head.changed_at);
        let bundle = author::own_id(&self.author.head, "bundle", &[&changed_at]);
        out.extend_from_slice(
            format!("{{\"type\":\"bundle\",\"id\":\"{bundle}\",\"objects\":[").as_bytes(),
        );
        self.put(&self.author.identity(), out);
        let tlp = self.author.head.tlp();
        for marking in tlp.map(marking::markings).unwrap_or_default() {
            self.author.markings.push(marking.id);
            self.put(&marking, out);
        }
    }

    fn ioc(&mut self, ioc: &Ioc, _: Option<SubmissionId>, out: &mut Vec<u8>) {
        self.author.span = self.author.head.span_of(ioc);
        let finding = &ioc.finding;
        match finding.kind {
            Kind::Cve => {
                let vulnerability = self.author.vulnerability(ioc);
                self.said(finding, &vulnerability, out);
            }
            // Techniques alone: a tactic, a group or a mitigation is no attack pattern.
            Kind::MitreAttack => match self.author.technique(ioc) {
                Some(technique) => self.said(finding, &technique, out),
                None => self.name(finding, Some("mitre-attack"), out),
            },
            Kind::Cwe => self.name(finding, Some("cwe"), out),
            _ => match observable(finding.kind, &finding.value) {
                Some(observable) => self.observed(ioc, observable, out),
                None => self.name(finding, None, out),
            },
        }
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        for (flag, about) in std::mem::take(&mut self.doubts) {
            let note = self.benign(&[&flag.list, &flag.reason], &flag, &about);
            self.put_content(&note, out);
        }
        if let Some(content) = self.content.take() {
            let named = std::mem::take(&mut self.named);
            let report = self.author.report(&content, named);
            self.put(&report, out);
        }
        out.extend_from_slice(b"]}\n");
    }
}

impl Bundle {
    fn observed(&mut self, ioc: &Ioc, observable: Observable, out: &mut Vec<u8>) {
        let finding = &ioc.finding;
        if finding.is_flagged() && observable.relation != BASED_ON {
            // The targets are other values, and in no doubt.
            self.name(finding, None, out);
            return;
        }
        for object in observable.parts.iter().chain(&observable.targets) {
            self.put_content(object, out);
        }
        let targets: Vec<_> = observable.targets.iter().map(|object| object.id).collect();
        if finding.is_flagged() {
            if !observable.shows(&finding.value) {
                self.name(finding, None, out);
            }
            self.doubt(finding, &targets, out);
            return;
        }
        let indicator = self.author.indicator(ioc, &observable.pattern);
        if !self.put_content(&indicator, out) {
            self.name(finding, None, out);
            return;
        }
        for target in targets {
            let ends = [indicator.id.to_string(), target.to_string()];
            let mut relationship = self
                .author
                .own("relationship", &[observable.relation, &ends[0], &ends[1]]);
            relationship.properties.extend(properties([
                ("relationship_type", observable.relation.into()),
                ("source_ref", ends[0].as_str().into()),
                ("target_ref", ends[1].as_str().into()),
            ]));
            self.put_content(&relationship, out);
        }
    }

    /// Writes what the report says of a value that is no observable.
    fn said(&mut self, finding: &Finding, object: &Object, out: &mut Vec<u8>) {
        self.put_content(object, out);
        self.doubt(finding, &[object.id], out);
    }

    /// Names a value that no object shows as it is. `register` keeps ids of its own; without one it is
    /// found here under the value itself.
    fn name(&mut self, finding: &Finding, register: Option<&str>, out: &mut Vec<u8>) {
        let source = register.unwrap_or(&self.author.head.producer.name);
        let remarks: Vec<_> = std::iter::once(finding.kind.name().to_owned())
            .chain(phrase::doubts(finding))
            .chain(phrase::remark(finding))
            .collect();
        let named = json!({
            "source_name": source,
            "external_id": finding.value,
            "description": remarks.join(". "),
        });
        if self.author.head.submission.is_some() {
            self.named.push(named);
            return;
        }
        let key = [finding.kind.name(), &finding.value, "named"];
        let mut note = self
            .author
            .note(&key, "Named only", &remarks.join(". "), &[self.author.id]);
        note.properties
            .insert("external_references".to_owned(), json!([named]));
        self.put_content(&note, out);
    }

    fn benign(&self, key: &[&str], flag: &Flag, about: &[Reference]) -> Object {
        let content = format!("May be benign: {}", phrase::doubt(flag));
        self.author.note(key, "May be benign", &content, about)
    }

    /// Keeps a doubt for the notes at the end of a report. What has no end keeps nothing: there each value has
    /// notes of its own.
    fn doubt(&mut self, finding: &Finding, about: &[Reference], out: &mut Vec<u8>) {
        for flag in &finding.flags {
            if self.author.head.submission.is_none() {
                let key = [
                    finding.kind.name(),
                    &finding.value,
                    &flag.list,
                    &flag.reason,
                ];
                let note = self.benign(&key, flag, about);
                self.put_content(&note, out);
                continue;
            }
            let at = self
                .doubts
                .iter()
                .position(|(known, _)| known == flag)
                .unwrap_or_else(|| {
                    self.doubts.push((flag.clone(), Vec::new()));
                    self.doubts.len() - 1
                });
            let known = &mut self.doubts[at].1;
            for reference in about {
                if !known.contains(reference) {
                    known.push(*reference);
                }
            }
        }
    }

    /// Writes something that the report is about; `false` where it stands in the bundle already.
    fn put_content(&mut self, object: &Object, out: &mut Vec<u8>) -> bool {
        let is_new = self.put(object, out);
        if is_new && let Some(content) = &mut self.content {
            content.push(object.id);
            if self.author.head.submission.is_none() && content.len() > MOST_CONTENT {
                self.content = None;
            }
        }
        is_new
    }

    /// Writes an object once; `false` where it stands in the bundle already.
    fn put(&mut self, object: &Object, out: &mut Vec<u8>) -> bool {
        let is_first = self.written.is_empty();
        if !self.written.insert(object.id) {
            return false;
        }
        if !is_first {
            out.push(b',');
        }
        put_json(&self.author.mark(object), out);
        true
    }
}
