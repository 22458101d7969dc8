//! The shapes of submissions.

use serde_json::{Value, json};

use super::{
    Shapes, both, id, list, loose, maybe, maybe_moment, moment, named, object, page, text, whole,
};
use crate::submission::{FailureCode, Sector, SourceType, Status, Tlp};

pub(super) fn shapes() -> Shapes {
    let sector = json!({"type": "string", "enum": Sector::ALL});
    let tlp = json!({"enum": Tlp::ALL.iter().map(|tlp| json!(tlp)).chain([Value::Null]).collect::<Vec<_>>()});
    let failure = object([
        ("code", json!({"type": "string", "enum": FailureCode::ALL})),
        ("message", text()),
        ("retryable", json!({"type": "boolean"})),
    ]);
    let detail = object([("iocs", list(named("SightedIndicator")))]);
    super::shapes([
        (
            "Submission",
            object([
                ("id", id("sub")),
                ("status", json!({"type": "string", "enum": Status::ALL})),
                (
                    "source_type",
                    json!({"type": "string", "enum": SourceType::ALL}),
                ),
                ("source_identifier", text()),
                ("original_filename", maybe("string")),
                ("title", maybe("string")),
                ("summary", maybe("string")),
                ("language", maybe("string")),
                ("ioc_count", whole()),
                ("content_type", maybe("string")),
                ("size_bytes", maybe("integer")),
                ("sha256", maybe("string")),
                ("tags", list(text())),
                ("tlp", tlp.clone()),
                ("category", text()),
                ("industries", list(sector)),
                ("error", json!({"oneOf": [failure, {"type": "null"}]})),
                ("warnings", list(named("Warning"))),
                ("created_at", moment()),
                ("updated_at", moment()),
                ("processed_at", maybe_moment()),
            ]),
        ),
        ("Warning", object([("code", text()), ("message", text())])),
        ("Submissions", list(named("Submission"))),
        (
            "Submitted",
            both(
                "Submission",
                object([("duplicate", json!({"type": "boolean"}))]),
            ),
        ),
        (
            "FoundSubmissions",
            page([("submissions", list(named("Submission")))]),
        ),
        ("SubmissionDetail", both("Submission", detail.clone())),
        ("Export", json!({"type": "object"})),
        (
            "Bundle",
            object([
                ("type", json!({"const": "bundle"})),
                ("id", text()),
                ("objects", list(json!({"type": "object"}))),
            ]),
        ),
        (
            "File",
            loose(
                &["file"],
                [(
                    "file",
                    json!({"type": "string", "contentMediaType": "application/octet-stream"}),
                )],
            ),
        ),
        (
            "NewText",
            loose(&["text"], [("text", text()), ("title", maybe("string"))]),
        ),
        (
            "NewUrl",
            object([("url", json!({"type": "string", "format": "uri"}))]),
        ),
        (
            "Edit",
            loose(
                &[],
                [
                    ("title", maybe("string")),
                    ("summary", maybe("string")),
                    ("tags", list(text())),
                    ("tlp", tlp),
                    ("category", maybe("string")),
                    (
                        "industries",
                        json!({"type": ["array", "null"], "items": text()}),
                    ),
                ],
            ),
        ),
    ])
}
