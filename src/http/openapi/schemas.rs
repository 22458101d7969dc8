//! The shapes of what is sent and answered, as JSON Schema, with an example of each that has one.

mod feed;
mod lists;
mod lookup;
mod watches;

use serde_json::{Map, Value, json};

use crate::export::FORMATS;
use crate::indicator::Kind;
use crate::submission::{FailureCode, Sector, SourceType, Status, Tlp};
use crate::webhook::{DeliveryStatus, Event};

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
        submissions(),
        indicators(),
        accounts(),
        webhooks(),
        feeds(),
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

fn submissions() -> Shapes {
    let sector = json!({"type": "string", "enum": Sector::ALL});
    let tlp = json!({"enum": Tlp::ALL.iter().map(|tlp| json!(tlp)).chain([Value::Null]).collect::<Vec<_>>()});
    let failure = object([
        ("code", json!({"type": "string", "enum": FailureCode::ALL})),
        ("message", text()),
        ("retryable", json!({"type": "boolean"})),
    ]);
    let detail = object([("iocs", list(named("SightedIndicator")))]);
    shapes([
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
                (
                    "processed_at",
                    json!({"type": ["string", "null"], "format": "date-time"}),
                ),
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

fn indicators() -> Shapes {
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
    shapes([
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

fn accounts() -> Shapes {
    let scopes = list(json!({"type": "string", "enum": crate::account::Scope::ALL}));
    let end = json!({"type": ["string", "null"], "format": "date-time"});
    let used = object([
        ("name", text()),
        ("scopes", scopes.clone()),
        ("expires_at", end.clone()),
    ]);
    shapes([
        (
            "Account",
            object([
                ("id", id("usr")),
                ("username", text()),
                (
                    "role",
                    json!({"type": "string", "enum": crate::account::Role::ALL}),
                ),
                ("created_at", moment()),
                ("token", json!({"oneOf": [used, {"type": "null"}]})),
            ]),
        ),
        (
            "Token",
            object([
                ("id", id("tok")),
                ("name", text()),
                ("hint", text()),
                ("scopes", scopes.clone()),
                ("created_at", moment()),
                ("expires_at", end.clone()),
                ("last_used_at", end.clone()),
                ("revoked_at", end.clone()),
            ]),
        ),
        ("Tokens", list(named("Token"))),
        (
            "NewToken",
            loose(
                &["name"],
                [
                    ("name", text()),
                    ("scopes", scopes),
                    ("expires_in_days", whole()),
                    ("expires_at", end),
                ],
            ),
        ),
        ("MadeToken", both("Token", object([("token", text())]))),
        (
            "Login",
            object([("username", text()), ("password", text())]),
        ),
    ])
}

fn webhooks() -> Shapes {
    let end = json!({"type": ["string", "null"], "format": "date-time"});
    let flag = json!({"type": "boolean", "default": false});
    let events = list(json!({"type": "string", "enum": Event::CHOICE}));
    let event = json!({"type": "string", "enum": Event::ALL});
    let sure = json!({"type": "integer", "minimum": 0, "maximum": 100, "default": 0});
    let types = list(named("Type"));
    let attempt = object([
        ("attempt", whole()),
        ("at", moment()),
        ("milliseconds", whole()),
        ("status", maybe("integer")),
        ("error", maybe("string")),
        ("answer", text()),
    ]);
    let delivery = object([
        ("id", id("evt")),
        ("event", event.clone()),
        (
            "submission_id",
            json!({"oneOf": [id("sub"), {"type": "null"}]}),
        ),
        (
            "status",
            json!({"type": "string", "enum": DeliveryStatus::ALL}),
        ),
        ("created_at", moment()),
        ("next_attempt_at", end.clone()),
        ("attempts", list(attempt)),
    ]);
    shapes([
        (
            "Webhook",
            object([
                ("id", id("hook")),
                ("owner_id", id("usr")),
                ("url", text()),
                ("events", events.clone()),
                ("types", types.clone()),
                ("confidence", sure.clone()),
                ("flagged", flag.clone()),
                ("own", flag.clone()),
                ("created_at", moment()),
                ("paused_at", end.clone()),
                ("paused_because", maybe("string")),
                ("failing_since", end),
            ]),
        ),
        ("Webhooks", list(named("Webhook"))),
        (
            "NewWebhook",
            loose(
                &["url"],
                [
                    ("url", json!({"type": "string", "format": "uri"})),
                    ("events", events),
                    ("types", types),
                    ("confidence", sure),
                    ("flagged", flag.clone()),
                    ("own", flag),
                ],
            ),
        ),
        ("MadeWebhook", both("Webhook", object([("secret", text())]))),
        (
            "WebhookEdit",
            object([("paused", json!({"type": "boolean"}))]),
        ),
        ("WebhookTest", object([("id", id("evt")), ("event", event)])),
        ("Deliveries", page([("deliveries", list(delivery))])),
    ])
}

fn feeds() -> Shapes {
    let stix = json!({"type": "object", "required": ["type", "id", "spec_version"]});
    let paged = |objects: Value| {
        loose(
            &["more", "objects"],
            [
                ("more", json!({"type": "boolean"})),
                ("next", text()),
                ("objects", list(objects)),
            ],
        )
    };
    let record = object([
        ("id", text()),
        ("date_added", moment()),
        ("version", moment()),
        ("media_type", text()),
    ]);
    let entry = object([
        ("info", text()),
        ("date", json!({"type": "string", "format": "date"})),
        ("threat_level_id", text()),
        ("analysis", text()),
        ("timestamp", text()),
        ("Orgc", object([("uuid", text()), ("name", text())])),
        ("Tag", list(object([("name", text())]))),
    ]);
    shapes([
        (
            "TaxiiError",
            loose(
                &["title"],
                [
                    ("title", text()),
                    ("description", text()),
                    ("error_id", text()),
                    ("error_code", text()),
                    ("http_status", text()),
                ],
            ),
        ),
        (
            "TaxiiDiscovery",
            loose(
                &["title"],
                [
                    ("title", text()),
                    ("description", text()),
                    ("default", text()),
                    ("api_roots", list(text())),
                ],
            ),
        ),
        (
            "TaxiiRoot",
            object([
                ("title", text()),
                ("versions", list(text())),
                ("max_content_length", whole()),
            ]),
        ),
        (
            "TaxiiCollection",
            object([
                ("id", json!({"type": "string", "format": "uuid"})),
                ("title", text()),
                ("description", text()),
                ("alias", text()),
                ("can_read", json!({"type": "boolean"})),
                ("can_write", json!({"type": "boolean"})),
                ("media_types", list(text())),
            ]),
        ),
        (
            "TaxiiCollections",
            object([("collections", list(named("TaxiiCollection")))]),
        ),
        ("TaxiiManifest", paged(record)),
        ("TaxiiEnvelope", paged(stix)),
        (
            "TaxiiVersions",
            object([
                ("more", json!({"type": "boolean"})),
                ("versions", list(moment())),
            ]),
        ),
        (
            "MispManifest",
            json!({"type": "object", "additionalProperties": entry}),
        ),
        ("MispEvent", object([("Event", json!({"type": "object"}))])),
    ])
}
