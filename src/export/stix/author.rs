//! What the producer says itself: every object that is no observable.

use serde_json::{Value, json};

use super::object::{Object, Properties, Reference, properties};
use crate::export::head::Span;
use crate::export::phrase::{self, Band};
use crate::export::{Head, attack, stable, uri};
use crate::indicator::Ioc;
use crate::submission::{Submission, rfc3339};

/// The producer at work on one bundle or feed.
pub(super) struct Author {
    pub(super) head: Head,
    /// Of the identity.
    pub(super) id: Reference,
    /// What every object is marked with.
    pub(super) markings: Vec<Reference>,
    /// Of what is being written.
    pub(super) span: Span,
}

/// The id of something that the key tells.
pub(super) fn own_id(head: &Head, kind: &'static str, key: &[&str]) -> Reference {
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

/// The id of what is said of `ioc`: in a report that of the key, else that of the row.
pub(super) fn said_id(head: &Head, kind: &'static str, ioc: &Ioc, key: &str) -> Reference {
    match head.submission {
        Some(_) => own_id(head, kind, &[key]),
        None => Reference {
            kind,
            uuid: stable::random_form(ioc.id.0),
        },
    }
}

impl Author {
    pub(super) fn new(head: Head) -> Self {
        Self {
            id: Reference {
                kind: "identity",
                uuid: head.producer.id,
            },
            markings: Vec::new(),
            span: head.span(),
            head,
        }
    }

    pub(super) fn identity(&self) -> Object {
        let created = rfc3339(self.head.producer.created_at);
        Object {
            id: self.id,
            properties: properties([
                ("created", created.as_str().into()),
                ("modified", created.as_str().into()),
                ("name", self.head.producer.name.as_str().into()),
                ("identity_class", "system".into()),
            ]),
        }
    }

    /// `object` with its markings; a marking itself has none.
    pub(super) fn mark(&self, object: &Object) -> Object {
        let mut marked = object.clone();
        if !self.markings.is_empty() && object.id.kind != "marking-definition" {
            marked
                .properties
                .insert("object_marking_refs".to_owned(), references(&self.markings));
        }
        marked
    }

    /// An object of ours, with what all of them carry.
    pub(super) fn own(&self, kind: &'static str, key: &[&str]) -> Object {
        self.stamped(own_id(&self.head, kind, key))
    }

    fn stamped(&self, id: Reference) -> Object {
        Object {
            id,
            properties: properties([
                ("created_by_ref", self.id.to_string().into()),
                ("created", rfc3339(self.span.created).into()),
                ("modified", rfc3339(self.span.modified).into()),
            ]),
        }
    }

    pub(super) fn indicator(&self, ioc: &Ioc, pattern: &str) -> Object {
        let finding = &ioc.finding;
        let mut indicator = self.stamped(said_id(&self.head, "indicator", ioc, pattern));
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

    pub(super) fn vulnerability(&self, ioc: &Ioc) -> Object {
        let id = &ioc.finding.value;
        let reference = json!([{"source_name": "cve", "external_id": id}]);
        self.known("vulnerability", ioc, id, reference)
    }

    /// `None` for what is no technique.
    pub(super) fn technique(&self, ioc: &Ioc) -> Option<Object> {
        let id = &ioc.finding.value;
        let url = phrase::technique_url(id)?;
        let reference = json!([{"source_name": "mitre-attack", "external_id": id, "url": url}]);
        Some(self.known(
            "attack-pattern",
            ioc,
            attack::name(id).unwrap_or(id),
            reference,
        ))
    }

    /// Something that others keep a register of.
    fn known(&self, kind: &'static str, ioc: &Ioc, name: &str, references: Value) -> Object {
        let mut known = self.stamped(said_id(&self.head, kind, ioc, &ioc.finding.value));
        known.properties.extend(properties([
            ("name", name.into()),
            ("external_references", references),
        ]));
        describe(&mut known.properties, phrase::remark(&ioc.finding));
        known
    }

    pub(super) fn note(
        &self,
        key: &[&str],
        title: &str,
        content: &str,
        about: &[Reference],
    ) -> Object {
        let mut note = self.own("note", key);
        note.properties.extend(properties([
            ("abstract", title.into()),
            ("content", content.into()),
            ("object_refs", references(about)),
        ]));
        note
    }

    /// The report of the head: of its submission, or of all that the instance knows. `named` are values that no
    /// object shows.
    pub(super) fn report(&self, content: &[Reference], named: Vec<Value>) -> Object {
        let whole = Self {
            span: self.head.span(),
            head: self.head.clone(),
            id: self.id,
            markings: Vec::new(),
        };
        let report = whole.own("report", &[]);
        whole.reported(report, self.head.submission.as_ref(), content, named)
    }

    /// The report of one submission in a feed of the instance.
    pub(super) fn feed_report(&self, submission: &Submission, content: &[Reference]) -> Object {
        let report = self.stamped(Reference {
            kind: "report",
            uuid: stable::random_form(submission.id.0),
        });
        self.reported(report, Some(submission), content, Vec::new())
    }

    fn reported(
        &self,
        mut report: Object,
        submission: Option<&Submission>,
        content: &[Reference],
        named: Vec<Value>,
    ) -> Object {
        // A report must refer to something.
        let about = if content.is_empty() {
            references(&[self.id])
        } else {
            references(content)
        };
        let name = submission.map_or_else(|| self.head.title(), phrase::title);
        report.properties.extend(properties([
            ("name", name.into()),
            ("report_types", vec!["indicator"].into()),
            ("published", rfc3339(self.span.created).into()),
            ("object_refs", about),
        ]));
        let Some(submission) = submission else {
            return report;
        };
        let sources: Value = self.sources(submission).into_iter().chain(named).collect();
        report
            .properties
            .insert("external_references".to_owned(), sources);
        if !submission.tags.is_empty() {
            report
                .properties
                .insert("labels".to_owned(), submission.tags.clone().into());
        }
        describe(&mut report.properties, submission.summary.clone());
        report
    }

    /// Where the report is kept and where it came from.
    fn sources(&self, submission: &Submission) -> Vec<Value> {
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
        source.into_iter().chain([kept]).collect()
    }
}

pub(super) fn references(objects: &[Reference]) -> Value {
    objects.iter().map(ToString::to_string).collect()
}

fn describe(properties: &mut Properties, text: Option<String>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        properties.insert("description".to_owned(), text.into());
    }
}
