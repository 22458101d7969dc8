//! Single objects, for whoever serves what the instance knows object by object. Enter at [`Feed`].
//!
//! No observables: they have no version by which a mirror could tell a new one from an old one, and the pattern of an
//! indicator says all that they say.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::author::Author;
use super::object::{Object, Reference};
use super::{marking, observable::observable};
use crate::export::head::{Head, Span};
use crate::export::{Producer, phrase, put_json, stable};
use crate::id::IocId;
use crate::indicator::{Ioc, Kind};
use crate::submission::{Submission, Tlp};

/// The types of a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedType {
    /// `identity`
    Identity,
    /// `marking-definition`
    Marking,
    /// `indicator`
    Indicator,
    /// `vulnerability`
    Vulnerability,
    /// `attack-pattern`
    Technique,
    /// `report`
    Report,
}

impl FeedType {
    /// Every type.
    pub const ALL: &'static [Self] = &[
        Self::Identity,
        Self::Marking,
        Self::Indicator,
        Self::Vulnerability,
        Self::Technique,
        Self::Report,
    ];

    /// The word of the standard.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Marking => "marking-definition",
            Self::Indicator => "indicator",
            Self::Vulnerability => "vulnerability",
            Self::Technique => "attack-pattern",
            Self::Report => "report",
        }
    }

    /// What an indicator of `kind` becomes, where it becomes anything.
    #[must_use]
    pub const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Cve => Self::Vulnerability,
            Kind::MitreAttack => Self::Technique,
            _ => Self::Indicator,
        }
    }
}

/// One object, written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedObject {
    /// `type--uuid`.
    pub id: String,
    /// `modified`, or `created` where the type knows no other, as it stands in the object.
    pub version: String,
    /// The object.
    pub json: Vec<u8>,
}

/// What an instance says, object by object.
pub struct Feed {
    author: Author,
}

impl Feed {
    /// The feed of `producer`.
    #[must_use]
    pub fn new(producer: &Producer) -> Self {
        Self {
            author: Author::new(Head {
                submission: None,
                producer: producer.clone(),
                changed_at: producer.created_at,
                defang: false,
            }),
        }
    }

    /// What the others refer to: the producer, and the markings. They never change.
    #[must_use]
    pub fn common(&self) -> Vec<FeedObject> {
        let mut objects = vec![self.author.identity()];
        for tlp in Tlp::ALL {
            for marking in marking::markings(*tlp) {
                if objects.iter().all(|known| known.id != marking.id) {
                    objects.push(marking);
                }
            }
        }
        objects.iter().map(written).collect()
    }

    /// What is said of `ioc` since `at`, by a report that is marked with `tlp`; `None` where the standard has no
    /// object that says it.
    #[must_use]
    pub fn indicator(
        &mut self,
        ioc: &Ioc,
        tlp: Option<Tlp>,
        at: DateTime<Utc>,
    ) -> Option<FeedObject> {
        self.set(ioc.created_at, at, tlp);
        let finding = &ioc.finding;
        let object = match FeedType::of(finding.kind) {
            FeedType::Vulnerability => self.author.vulnerability(ioc),
            FeedType::Technique => self.author.technique(ioc)?,
            _ => {
                let pattern = observable(finding.kind, &finding.value)?.pattern;
                self.author.indicator(ioc, &pattern)
            }
        };
        Some(written(&self.author.mark(&object)))
    }

    /// The report of a submission that shows these indicators.
    #[must_use]
    pub fn report<'a>(
        &mut self,
        submission: &Submission,
        shown: impl IntoIterator<Item = (IocId, Kind, &'a str)>,
    ) -> FeedObject {
        self.set(submission.created_at, submission.updated_at, submission.tlp);
        let content: Vec<Reference> = shown
            .into_iter()
            .filter(|(_, kind, value)| has_object(*kind, value))
            .map(|(id, kind, _)| Reference {
                kind: FeedType::of(kind).name(),
                uuid: stable::random_form(id.0),
            })
            .collect();
        let report = self.author.feed_report(submission, &content);
        written(&self.author.mark(&report))
    }

    fn set(&mut self, created: DateTime<Utc>, modified: DateTime<Utc>, tlp: Option<Tlp>) {
        self.author.span = Span {
            created,
            modified: modified.max(created),
        };
        let markings = tlp.map(marking::markings).unwrap_or_default();
        self.author.markings = markings.iter().map(|marking| marking.id).collect();
    }

    /// The row that the object `id` of a feed was made of.
    #[must_use]
    pub fn row(id: &str) -> Option<Uuid> {
        let (_, uuid) = id.split_once("--")?;
        uuid.parse().ok().map(stable::row_form)
    }
}

fn has_object(kind: Kind, value: &str) -> bool {
    match FeedType::of(kind) {
        FeedType::Vulnerability => true,
        FeedType::Technique => phrase::technique_url(value).is_some(),
        _ => observable(kind, value).is_some(),
    }
}

fn written(object: &Object) -> FeedObject {
    let text = |name: &str| {
        let value = object.properties.get(name)?;
        value.as_str().map(str::to_owned)
    };
    let mut json = Vec::new();
    put_json(object, &mut json);
    FeedObject {
        id: object.id.to_string(),
        version: text("modified")
            .or_else(|| text("created"))
            .unwrap_or_default(),
        json,
    }
}
