//! The shapes of what is sent and answered, as JSON Schema, with an example of each that has one.

mod accounts;
mod feed;
mod indicators;
mod lists;
mod lookup;
mod submissions;
mod taxii;
mod watches;
mod webhooks;

use serde_json::{Map, Value, json};

use crate::export::FORMATS;
use crate::submission::{SourceType, Status, Tlp};

/// The shape of this name.
pub(super) fn named(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// What a parameter of `path` may be.
pub(super) fn parameter(path: &str, name: &str) -> Value {
    if path.starts_with(feed::PATHS)
        && let Some(own) = feed::parameter(path, name)
    {
        return own;
    }
    match name {
        // A server of TAXII may answer with fewer than were asked for.
        "limit" if path.starts_with("/taxii2/") => {
            json!({"type": "integer", "minimum": 1, "default": 100})
        }
        "limit" if path == "/api/submissions/{id}" => {
            json!({"type": "integer", "minimum": 1, "maximum": 10_000})
        }
        "limit" => json!({"type": "integer", "minimum": 1, "maximum": 100, "default": 50}),
        "offset" => json!({"type": "integer", "minimum": 0, "default": 0}),
        "extended" | "defang" | "force" => json!({"type": "boolean", "default": false}),
        "flagged" => {
            json!({"type": "string", "enum": ["include", "exclude"], "default": "include"})
        }
        "format" => {
            let names: Vec<_> = FORMATS.iter().map(|row| row.name).collect();
            json!({"type": "string", "enum": names, "default": "json"})
        }
        "type" => json!({"type": "array", "items": named("Type")}),
        "status" => json!({"type": "string", "enum": Status::ALL}),
        "source_type" => json!({"type": "string", "enum": SourceType::ALL}),
        "q" => json!({"type": "string", "maxLength": 256}),
        "confidence" => json!({"type": "integer", "minimum": 0, "maximum": 100, "default": 0}),
        "tlp" => json!({"type": "string", "enum": Tlp::ALL}),
        "since" | "until" | "added_after" => json!({"type": "string", "format": "date-time"}),
        "Idempotency-Key" => json!({"type": "string", "minLength": 1, "maxLength": 255}),
        _ => json!({"type": "string"}),
    }
}

/// What a parameter is for.
pub(super) fn meaning(name: &str) -> &'static str {
    match name {
        "limit" => "Most rows of the page.",
        "offset" => "Rows to skip.",
        "extended" => "Tell of extended types too.",
        "force" => "Take a version that has lost more than half of its entries, too.",
        "defang" => "Write what nobody can follow.",
        "flagged" => "Leave out what may be benign, or not.",
        "format" => "How it is written.",
        "type" => "Only these types; may repeat.",
        "status" => "Only of this status.",
        "source_type" => "Only what came in so.",
        "q" => "Part of what is looked for, in any case.",
        "Idempotency-Key" => {
            "A name for this request: sent again within 24 hours it stores nothing and is answered as at first."
        }
        "since" => "Only what changed after this moment.",
        "until" => "Only from documents whose last change is not after this moment.",
        "confidence" => "Only what has this confidence or a higher one.",
        "tlp" => {
            "Only from documents with this label of the Traffic Light Protocol or a more open one."
        }
        "added_after" => "Only what was added after this moment.",
        "next" => "What the last page said in `next`.",
        "match[id]" => "Only these ids, separated by commas.",
        "match[type]" => "Only these types, separated by commas.",
        "match[version]" => "`first`, `last`, `all`, or moments of versions.",
        "match[spec_version]" => "Only these versions of STIX.",
        name => feed::meaning(name),
    }
}

/// An example of a shape.
pub(super) fn example(name: &str) -> Option<Value> {
    Some(match name {
        "Submission" => submission_example(),
        "Submissions" => json!([submission_example()]),
        "Submitted" => {
            let mut submitted = submission_example();
            submitted["duplicate"] = false.into();
            submitted
        }
        "Stats" => json!({"total_iocs": 1, "total_submissions": 1, "iocs_by_type": {"ipv4": 1}}),
        "Account" => json!({
            "id": "usr_01h455vb4pex5vsknk084sn02q", "username": "analyst", "role": "member",
            "created_at": MOMENT, "token": {"name": "sync", "scopes": ["read"], "expires_at": null},
        }),
        "Health" => json!({"status": "ok"}),
        "TaxiiDiscovery" => {
            json!({"title": "iocsift", "default": "/taxii2/root/", "api_roots": ["/taxii2/root/"]})
        }
        "TaxiiEnvelope" => json!({"more": false, "objects": []}),
        _ => return None,
    })
}

const MOMENT: &str = "2026-01-31T09:15:02.123456Z";

fn submission_example() -> Value {
    json!({
        "id": "sub_01h455vb4pex5vsknk084sn02q", "status": "completed", "source_type": "url",
        "source_identifier": "https://vendor.example/report", "original_filename": null, "title": "A report",
        "summary": null, "language": "en", "ioc_count": 1, "content_type": "text/html", "size_bytes": 4096,
        "sha256": null, "tags": ["apt"], "tlp": "green", "category": "commercial", "industries": ["energy"], "error": null, "warnings": [],
        "created_at": MOMENT, "updated_at": MOMENT, "processed_at": MOMENT,
    })
}

fn text() -> Value {
    json!({"type": "string"})
}

fn maybe(kind: &str) -> Value {
    json!({"type": [kind, "null"]})
}

fn whole() -> Value {
    json!({"type": "integer", "minimum": 0})
}

fn moment() -> Value {
    json!({"type": "string", "format": "date-time"})
}

fn maybe_moment() -> Value {
    json!({"type": ["string", "null"], "format": "date-time"})
}

/// Seconds between two visits to a server, `default` where nothing is said.
fn interval(default: u32) -> Value {
    json!({"type": "integer", "minimum": 300, "maximum": 2_592_000, "default": default})
}

fn list(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

fn id(prefix: &str) -> Value {
    json!({"type": "string", "pattern": format!("^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$")})
}

/// An object all of whose properties are always there.
fn object<const N: usize>(properties: [(&str, Value); N]) -> Value {
    let required: Vec<_> = properties.iter().map(|(name, _)| *name).collect();
    let properties: Map<_, _> = properties
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    json!({"type": "object", "properties": properties, "required": required})
}

/// An object that may lack some of its properties.
fn loose<const N: usize>(required: &[&str], properties: [(&str, Value); N]) -> Value {
    let mut shape = object(properties);
    shape["required"] = json!(required);
    shape
}

fn both(base: &str, more: Value) -> Value {
    json!({"allOf": [named(base), more]})
}

fn page<const N: usize>(rows: [(&str, Value); N]) -> Value {
    let counted = object([("total", whole()), ("limit", whole()), ("offset", whole())]);
    json!({"allOf": [counted, object(rows)]})
}

/// Every shape by its name.
pub(super) fn all() -> Value {
    let shapes = [
        common(),
        submissions::shapes(),
        indicators::shapes(),
        accounts::shapes(),
        webhooks::shapes(),
        taxii::shapes(),
        feed::shapes(),
        lists::shapes(),
        lookup::shapes(),
        watches::shapes(),
    ];
    shapes.into_iter().flatten().collect::<Map<_, _>>().into()
}

type Shapes = Vec<(String, Value)>;

fn shapes<const N: usize>(shapes: [(&str, Value); N]) -> Shapes {
    shapes
        .into_iter()
        .map(|(name, shape)| (name.to_owned(), shape))
        .collect()
}

fn common() -> Shapes {
    shapes([
        (
            "Problem",
            object([
                ("type", text()),
                ("title", text()),
                ("status", whole()),
                ("detail", text()),
                ("code", text()),
                ("request_id", text()),
            ]),
        ),
        ("Text", text()),
        (
            "Bytes",
            json!({"type": "string", "contentMediaType": "application/octet-stream"}),
        ),
        ("Document", json!({"type": "object"})),
        ("Health", object([("status", text())])),
        (
            "Ready",
            object([
                ("status", text()),
                ("queue_depth", whole()),
                ("oldest_ready_seconds", json!({"type": "number"})),
                (
                    "sandbox",
                    json!({"type": "object", "additionalProperties": {"type": "boolean"}}),
                ),
            ]),
        ),
    ])
}
