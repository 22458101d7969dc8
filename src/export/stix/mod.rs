//! A [STIX 2.1](https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html) bundle: the producer, its
//! marking, one report, and for each indicator its observables, an `indicator` and what ties them.
//!
//! Every object keeps its id from export to export: observables by the standard's own rule, the others by
//! the submission and their key. `created` and `published` never change, `modified` follows the submission.
//! A flagged value stays as an observable with a `note` that says why; it is never an `indicator`.
//! One pattern is one `indicator`, however many values lead to it. What no object shows as the document
//! has it (a tactic, say) is named in the report's `external_references`: nothing is dropped in silence.
//!
//! What the instance knows has no report and no end: ids are the instance's, each object has the moments of its own
//! indicator, and nothing is kept for the end, so notes follow what they are about.

mod marking;
mod object;
mod observable;
mod pattern;
mod syntax;

use serde_json::{Value, json};

use self::object::{Object, Properties, Reference, properties};
use self::observable::{BASED_ON, Observable, observable};
use super::head::Span;
use super::phrase::{self, Band};
use super::seen::Seen;
use super::{Head, Writer, put_json, stable, uri};
use crate::id::SubmissionId;
use crate::indicator::{Finding, Flag, Ioc, Kind};
use crate::submission::{Submission, rfc3339};

pub(super) fn writer(head: Head) -> Box<dyn Writer> {
    let author = Reference {
        kind: "identity",
        uuid: head.producer.id,
    };
    let written = match head.submission {
        Some(_) => Seen::all(),
        None => Seen::recent(),
    };
    Box::new(Bundle {
        span: head.span(),
        head,
        author,
        markings: Vec::new(),
        written,
        content: Vec::new(),
        doubts: Vec::new(),
        named: Vec::new(),
    })
}

/// The id that the indicator of `kind` and `value` has in exports under `head`.
pub(super) fn indicator_id(head: &Head, kind: Kind, value: &str) -> Option<String> {
    observable(kind, value)
        .map(|observable| own_id(head, "indicator", &[&observable.pattern]).to_string())
}

fn own_id(head: &Head, kind: &'static str, key: &[&str]) -> Reference {
    let scope = head.scope();
    let parts: Vec<_> = [kind, scope.as_str()]
        .into_iter()
        .chain(key.iter().copied())
        .collect();
    Reference {
        kind,
        uuid: stable::id(&parts),
    }
}

struct Bundle {
    head: Head,
    author: Reference,
    markings: Vec<Reference>,
    /// Of what is being written.
    span: Span,
    /// Two indicators may share an observable: an address, and the same address with a port.
    written: Seen<Reference>,
    /// What the report is about, in order.
    content: Vec<Reference>,
    /// Flags and the observables they are about, in order of first appearance.
    doubts: Vec<(Flag, Vec<Reference>)>,
    /// Values that no object shows as they are: external references of the report.
    named: Vec<Value>,
}

impl Writer for Bundle {
    fn open(&mut self, out: &mut Vec<u8>) {
        let bundle = own_id(&self.head, "bundle", &[&rfc3339(self.head.changed_at)]);
        out.extend_from_slice(
            format!("{{\"type\":\"bundle\",\"id\":\"{bundle}\",\"objects\":[").as_bytes(),
        );

        let markings = self.head.tlp().map(marking::markings).unwrap_or_default();
        let created = rfc3339(self.head.producer.created_at);
        let identity = properties([
            ("created", created.as_str().into()),
            ("modified", created.as_str().into()),
            ("name", self.head.producer.name.as_str().into()),
            ("identity_class", "system".into()),
        ]);
        self.put(
            &Object {
                id: self.author,
                properties: identity,
            },
            out,
        );
        for marking in markings {
            self.markings.push(marking.id);
            self.put(&marking, out);
        }
    }

    fn ioc(&mut self, ioc: &Ioc, _: Option<SubmissionId>, out: &mut Vec<u8>) {
        self.span = self.head.span_of(ioc);
        let finding = &ioc.finding;
        match finding.kind {
            Kind::Cve => self.vulnerability(finding, out),
            Kind::MitreAttack => self.attack_pattern(finding, out),
            Kind::Cwe => self.name(finding, Some("cwe"), out),
            _ => match observable(finding.kind, &finding.value) {
                Some(observable) => self.observed(finding, observable, out),
                None => self.name(finding, None, out),
            },
        }
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        if let Some(submission) = self.head.submission.clone() {
            for (flag, about) in std::mem::take(&mut self.doubts) {
                let note = self.benign(&[&flag.list, &flag.reason], &flag, &about);
                self.put_content(&note, out);
            }
            let report = self.report(&submission);
            self.put(&report, out);
        }
        out.extend_from_slice(b"]}\n");
    }
}

impl Bundle {
    fn observed(&mut self, finding: &Finding, observable: Observable, out: &mut Vec<u8>) {
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
        let indicator = self.indicator(finding, observable.pattern);
        if !self.put_content(&indicator, out) {
            self.name(finding, None, out);
            return;
        }
        for target in targets {
            let ends = [indicator.id.to_string(), target.to_string()];
            let mut relationship =
                self.own("relationship", &[observable.relation, &ends[0], &ends[1]]);
            relationship.properties.extend(properties([
                ("relationship_type", observable.relation.into()),
                ("source_ref", ends[0].as_str().into()),
                ("target_ref", ends[1].as_str().into()),
            ]));
            self.put_content(&relationship, out);
        }
    }

    fn indicator(&self, finding: &Finding, pattern: String) -> Object {
        let mut indicator = self.own("indicator", &[&pattern]);
        let says = if finding.is_called_malicious() {
            "malicious-activity"
        } else {
            "unknown"
        };
        indicator.properties.extend(properties([
            ("name", finding.value.as_str().into()),
            ("indicator_types", vec![says].into()),
            ("pattern", pattern.into()),
            ("pattern_type", "stix".into()),
            ("pattern_version", "2.1".into()),
            ("valid_from", rfc3339(self.span.created).into()),
            ("confidence", Band::of(finding).number().into()),
        ]));
        describe(&mut indicator.properties, phrase::remark(finding));
        indicator
    }

    fn vulnerability(&mut self, finding: &Finding, out: &mut Vec<u8>) {
        let mut vulnerability = self.own("vulnerability", &[&finding.value]);
        vulnerability.properties.extend(properties([
            ("name", finding.value.as_str().into()),
            (
                "external_references",
                json!([{"source_name": "cve", "external_id": finding.value}]),
            ),
        ]));
        describe(&mut vulnerability.properties, phrase::remark(finding));
        self.put_content(&vulnerability, out);
        self.doubt(finding, &[vulnerability.id], out);
    }

    /// Techniques alone: a tactic, a group or a mitigation is no attack pattern.
    fn attack_pattern(&mut self, finding: &Finding, out: &mut Vec<u8>) {
        let Some(url) = phrase::technique_url(&finding.value) else {
            self.name(finding, Some("mitre-attack"), out);
            return;
        };
        let mut technique = self.own("attack-pattern", &[&finding.value]);
        technique.properties.extend(properties([
            ("name", finding.value.as_str().into()),
            (
                "external_references",
                json!([{"source_name": "mitre-attack", "external_id": finding.value, "url": url}]),
            ),
        ]));
        describe(&mut technique.properties, phrase::remark(finding));
        self.put_content(&technique, out);
        self.doubt(finding, &[technique.id], out);
    }

    fn report(&self, submission: &Submission) -> Object {
        let mut report = self.own("report", &[]);
        // A report must refer to something.
        let about = if self.content.is_empty() {
            references(&[self.author])
        } else {
            references(&self.content)
        };
        report.properties.extend(properties([
            ("name", phrase::title(submission).into()),
            ("report_types", vec!["indicator"].into()),
            ("published", rfc3339(submission.created_at).into()),
            ("external_references", self.sources(submission)),
            ("object_refs", about),
        ]));
        if !submission.tags.is_empty() {
            report
                .properties
                .insert("labels".to_owned(), submission.tags.clone().into());
        }
        describe(&mut report.properties, submission.summary.clone());
        report
    }

    /// Where the report is kept and where it came from.
    fn sources(&self, submission: &Submission) -> Value {
        let kept = json!({"source_name": self.head.producer.name, "external_id": submission.id});
        let place = match phrase::source_url(submission)
            .map(uri::rfc3986)
            .filter(|url| uri::is_url(url))
        {
            Some(url) => Some(("url", url)),
            None if submission.source_identifier.is_empty() => None,
            None => Some(("description", submission.source_identifier.clone())),
        };
        let source = place.map(|(property, place)| {
            let mut source =
                properties([("source_name", "source".into()), (property, place.into())]);
            if let Some(sha256) = &submission.sha256 {
                source.insert("hashes".to_owned(), json!({"SHA-256": sha256}));
            }
            Value::from(source)
        });
        source
            .into_iter()
            .chain([kept])
            .chain(self.named.iter().cloned())
            .collect()
    }

    /// Names a value that no object shows as it is. `register` keeps ids of its own; without one it is
    /// found here under the value itself.
    fn name(&mut self, finding: &Finding, register: Option<&str>, out: &mut Vec<u8>) {
        let source = register.unwrap_or(&self.head.producer.name);
        let remarks: Vec<_> = std::iter::once(finding.kind.name().to_owned())
            .chain(phrase::doubts(finding))
            .chain(phrase::remark(finding))
            .collect();
        let named = json!({
            "source_name": source,
            "external_id": finding.value,
            "description": remarks.join(". "),
        });
        if self.head.submission.is_some() {
            self.named.push(named);
            return;
        }
        let key = [finding.kind.name(), &finding.value, "named"];
        let mut note = self.note(&key, "Named only", &remarks.join(". "), &[self.author]);
        note.properties
            .insert("external_references".to_owned(), json!([named]));
        self.put(&note, out);
    }

    fn benign(&self, key: &[&str], flag: &Flag, about: &[Reference]) -> Object {
        let content = format!("May be benign: {}", phrase::doubt(flag));
        self.note(key, "May be benign", &content, about)
    }

    fn note(&self, key: &[&str], title: &str, content: &str, about: &[Reference]) -> Object {
        let mut note = self.own("note", key);
        note.properties.extend(properties([
            ("abstract", title.into()),
            ("content", content.into()),
            ("object_refs", references(about)),
        ]));
        note
    }

    /// An object of ours, with what all of them carry.
    fn own(&self, kind: &'static str, key: &[&str]) -> Object {
        let properties = properties([
            ("created_by_ref", self.author.to_string().into()),
            ("created", rfc3339(self.span.created).into()),
            ("modified", rfc3339(self.span.modified).into()),
        ]);
        Object {
            id: own_id(&self.head, kind, key),
            properties,
        }
    }

    /// Keeps a doubt for the notes at the end of a report. What has no end keeps nothing: there each value has
    /// notes of its own.
    fn doubt(&mut self, finding: &Finding, about: &[Reference], out: &mut Vec<u8>) {
        for flag in &finding.flags {
            if self.head.submission.is_none() {
                let key = [
                    finding.kind.name(),
                    &finding.value,
                    &flag.list,
                    &flag.reason,
                ];
                let note = self.benign(&key, flag, about);
                self.put(&note, out);
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
        if is_new && self.head.submission.is_some() {
            self.content.push(object.id);
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
        if self.markings.is_empty() || object.id.kind == "marking-definition" {
            put_json(object, out);
        } else {
            let mut marked = object.clone();
            marked
                .properties
                .insert("object_marking_refs".to_owned(), references(&self.markings));
            put_json(&marked, out);
        }
        true
    }
}

fn references(objects: &[Reference]) -> Value {
    objects.iter().map(ToString::to_string).collect()
}

fn describe(properties: &mut Properties, text: Option<String>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        properties.insert("description".to_owned(), text.into());
    }
}
