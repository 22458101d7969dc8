//! The shapes of indicators and of marks of them.

use serde_json::{Value, json};

use super::{Shapes, both, id, list, loose, maybe, moment, named, object, page, text, whole};
use crate::indicator::Kind;

pub(super) fn shapes() -> Shapes {
    let names: Vec<_> = Kind::STANDARD
        .iter()
        .chain(Kind::EXTENDED)
        .map(|kind| json!({"const": kind.name()}))
        .collect();
    let own = json!({"type": "string", "pattern": "^x_"});
    let named_type = object([("name", named("Type"))]);
    let mark = object([
        ("id", id("fp")),
        ("reason", maybe("string")),
        ("marked_at", moment()),
    ]);
    let nullable = |shape: Value| json!({"oneOf": [shape, {"type": "null"}]});
    let said = [("context", text()), ("description", maybe("string"))];
    let row = object([
        ("id", id("ioc")),
        ("value", text()),
        ("refanged_value", text()),
        ("type", named("Type")),
        ("context", text()),
        ("description", maybe("string")),
        ("submission_id", nullable(id("sub"))),
        ("submission_count", whole()),
        ("first_seen_at", moment()),
        ("last_seen_at", moment()),
        ("flags", list(named("Flag"))),
        ("created_at", moment()),
    ]);
    let sighting = json!({"allOf": [
        object([("id", id("sub")), ("title", maybe("string")), ("source_identifier", text()), ("created_at", moment())]),
        object(said),
    ]});
    super::shapes([
        ("Type", json!({"anyOf": [{"oneOf": names}, own]})),
        ("Flag", object([("reason", text()), ("list", text())])),
        (
            "Location",
            object([
                ("page", maybe("integer")),
                ("sheet", maybe("string")),
                ("slide", maybe("integer")),
                ("line", whole()),
                ("offset", whole()),
                ("length", whole()),
            ]),
        ),
        (
            "FoundIndicator",
            object([
                ("value", text()),
                ("refanged_value", text()),
                ("type", named("Type")),
                ("ioc_type", named_type.clone()),
                ("context", text()),
                ("description", maybe("string")),
                ("flags", list(named("Flag"))),
                ("location", named("Location")),
                ("occurrences", whole()),
                (
                    "confidence",
                    json!({"type": "integer", "minimum": 0, "maximum": 100}),
                ),
                (
                    "confidence_reasons",
                    list(object([
                        ("reason", text()),
                        ("points", json!({"type": "integer"})),
                        ("phrase", text()),
                    ])),
                ),
            ]),
        ),
        (
            "SightedIndicator",
            both(
                "FoundIndicator",
                object([
                    ("id", id("ioc")),
                    ("defanged", json!({"type": "boolean"})),
                    ("created_at", moment()),
                ]),
            ),
        ),
        ("Indicator", row),
        (
            "FoundIndicators",
            page([("iocs", list(named("Indicator")))]),
        ),
        (
            "IndicatorDetail",
            both(
                "Indicator",
                object([
                    ("ioc_type", named_type),
                    ("false_positive", json!({"oneOf": [mark, {"type": "null"}]})),
                    ("limit", whole()),
                    ("offset", whole()),
                    ("submissions", list(sighting)),
                ]),
            ),
        ),
        (
            "FalsePositive",
            object([
                ("id", id("fp")),
                ("ioc_id", json!({"oneOf": [id("ioc"), {"type": "null"}]})),
                ("type", text()),
                ("value", text()),
                ("reason", maybe("string")),
                ("marked_by", maybe("string")),
                ("marked_at", moment()),
            ]),
        ),
        (
            "FalsePositives",
            page([("false_positives", list(named("FalsePositive")))]),
        ),
        (
            "NewFalsePositive",
            loose(
                &["ioc_id"],
                [
                    ("ioc_id", id("ioc")),
                    (
                        "reason",
                        json!({"type": ["string", "null"], "maxLength": 300}),
                    ),
                ],
            ),
        ),
        (
            "Stats",
            object([
                ("total_iocs", whole()),
                ("total_submissions", whole()),
                (
                    "iocs_by_type",
                    json!({"type": "object", "additionalProperties": whole()}),
                ),
            ]),
        ),
        (
            "Extracted",
            object([
                ("content_type", text()),
                ("title", maybe("string")),
                ("summary", maybe("string")),
                ("language", maybe("string")),
                ("ioc_count", whole()),
                ("iocs", list(named("FoundIndicator"))),
                ("warnings", list(named("Warning"))),
                ("text", text()),
            ]),
        ),
    ])
}
