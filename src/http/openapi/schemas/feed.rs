//! The shapes of the feed of indicators.

use serde_json::{Value, json};

use super::super::super::feed::type_names;
use super::{Shapes, id, list, maybe, maybe_moment, moment, named, object, text, whole};
use crate::indicator::Level;
use crate::submission::Sector;

/// Where the paths of the feed begin.
pub(super) const PATHS: &str = "/api/v1/";

/// What a parameter of `path` may be, where it is another one than elsewhere.
pub(super) fn parameter(path: &str, name: &str) -> Option<Value> {
    Some(match name {
        "type" => json!({"type": "array", "items": named("FeedType")}),
        "limit" => {
            let most = if path.ends_with("/search") {
                100
            } else {
                10_000
            };
            json!({"type": "integer", "minimum": 1, "maximum": most, "default": 100})
        }
        "confidence" => json!({"type": "string", "enum": Level::ALL}),
        // The names of sectors have other names, and a place may stand for a moment.
        "industry" | "since" => text(),
        "until" => moment(),
        "count" | "include_related" => json!({"type": "boolean", "default": true}),
        "format" => json!({"type": "string", "enum": ["json", "csv", "txt"], "default": "json"}),
        "value" | "ioc" => json!({"type": "string", "maxLength": 2048}),
        _ => return None,
    })
}

/// What a parameter is for.
pub(super) fn meaning(name: &str) -> &'static str {
    match name {
        "confidence" => "Only of this confidence.",
        "category" => "Only what sources of this category show.",
        "industry" => "Only what sources about this sector show.",
        "until" => "Only what changed up to this moment.",
        "count" => "Count the total; without it no page is too wide.",
        "include_related" => "Tell what stands beside it in the same report.",
        "value" => "The value to look up; this or `ioc`.",
        "ioc" => "Another name of `value`.",
        _ => "",
    }
}

pub(super) fn shapes() -> Shapes {
    let level = json!({"type": "string", "enum": Level::ALL});
    let maybe_level = json!({"oneOf": [level, {"type": "null"}]});
    let reasons = list(object([
        ("reason", text()),
        ("points", json!({"type": "integer"})),
        ("phrase", text()),
    ]));
    let score = json!({"type": "integer", "minimum": 0, "maximum": 100});
    let flags = list(object([("reason", text()), ("list", text())]));
    let rows = || list(named("FeedIndicator"));
    super::shapes([
        (
            "FeedError",
            object([(
                "error",
                object([
                    ("code", text()),
                    ("message", text()),
                    ("request_id", text()),
                ]),
            )]),
        ),
        ("FeedType", json!({"type": "string", "enum": type_names()})),
        (
            "FeedSource",
            object([
                ("feed_name", text()),
                ("category", text()),
                (
                    "industries",
                    list(json!({"type": "string", "enum": Sector::ALL})),
                ),
                ("article_id", id("sub")),
                ("article_title", maybe("string")),
                ("reference_url", maybe("string")),
            ]),
        ),
        (
            "FeedIndicator",
            object([
                ("id", id("ioc")),
                ("type", named("FeedType")),
                ("value", text()),
                ("confidence", level.clone()),
                ("confidence_score", score),
                ("confidence_reasons", reasons.clone()),
                ("first_seen", moment()),
                ("last_seen", moment()),
                ("updated_at", maybe_moment()),
                ("source", named("FeedSource")),
                ("context", text()),
                ("description", maybe("string")),
                ("tags", list(text())),
                ("flags", flags),
            ]),
        ),
        (
            "FeedPage",
            object([
                (
                    "meta",
                    object([
                        ("total", maybe("integer")),
                        ("limit", whole()),
                        ("offset", whole()),
                        ("as_of", maybe_moment()),
                        ("next", maybe("string")),
                    ]),
                ),
                ("data", rows()),
            ]),
        ),
        (
            "FeedFound",
            object([
                (
                    "meta",
                    object([
                        ("total", whole()),
                        ("limit", whole()),
                        ("offset", whole()),
                        ("query", text()),
                        ("match", json!({"enum": ["exact", "partial", null]})),
                    ]),
                ),
                ("data", rows()),
                ("related", rows()),
            ]),
        ),
        (
            "FeedKnown",
            object([
                ("found", json!({"type": "boolean"})),
                ("id", json!({"oneOf": [id("ioc"), {"type": "null"}]})),
                ("value", text()),
                (
                    "type",
                    json!({"oneOf": [named("FeedType"), {"type": "null"}]}),
                ),
                ("risk_score", maybe_level.clone()),
                ("confidence", maybe_level),
                ("confidence_score", maybe("integer")),
                ("confidence_reasons", reasons),
                ("first_seen", maybe_moment()),
                ("last_seen", maybe_moment()),
                ("submission_count", whole()),
                (
                    "mitre_techniques",
                    list(object([("id", text()), ("name", maybe("string"))])),
                ),
                (
                    "hunting_queries",
                    json!({"oneOf": [object([("splunk", text()), ("kql", text())]), {"type": "null"}]}),
                ),
                (
                    "sources",
                    list(json!({"allOf": [named("FeedSource"), object([
                        ("confidence", level),
                        ("context", text()),
                        ("reports", whole()),
                        ("first_seen", moment()),
                        ("last_seen", moment()),
                    ])]})),
                ),
                ("related", rows()),
            ]),
        ),
    ])
}
