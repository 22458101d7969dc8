//! The shapes of watches.

use serde_json::json;

use super::{
    Shapes, id, interval, list, loose, maybe, maybe_moment, moment, named, object, page, text,
    whole,
};
use crate::indicator::Level;
use crate::submission::{Sector, Tlp};
use crate::watch::{EntryState, Form};

pub(super) fn shapes() -> Shapes {
    let or_null = |shape| json!({"oneOf": [shape, {"type": "null"}]});
    let address = || json!({"type": "string", "format": "uri", "maxLength": 2048});
    let yes = || json!({"type": "boolean"});
    let interval = || interval(3_600);
    let backfill = || json!({"type": "integer", "minimum": 0, "maximum": 1_000, "default": 10});
    let confidence = || json!({"type": "string", "enum": Level::ALL, "default": "medium"});
    let category = || json!({"type": ["string", "null"], "maxLength": 64});
    let industries = || or_null(list(json!({"type": "string", "enum": Sector::ALL})));
    let tlp = || or_null(json!({"type": "string", "enum": Tlp::ALL}));
    let only = || json!({"type": ["string", "null"], "pattern": "^/", "maxLength": 500});
    let form = or_null(json!({"type": "string", "enum": Form::ALL}));
    let health = object([
        ("entries", whole()),
        ("refused", whole()),
        ("waiting", whole()),
        ("submitted", whole()),
        ("skipped", whole()),
        ("disallowed", whole()),
        ("last_success_at", maybe_moment()),
        ("last_new_at", maybe_moment()),
        ("checked_at", maybe_moment()),
        ("next_check_at", moment()),
        ("failures", whole()),
        ("error", maybe("string")),
    ]);
    let entry = object([
        ("key", text()),
        ("url", text()),
        ("title", maybe("string")),
        ("published_at", maybe_moment()),
        ("first_seen_at", moment()),
        ("state", json!({"type": "string", "enum": EntryState::ALL})),
        ("submission_id", or_null(id("sub"))),
    ]);
    let said = || {
        [
            ("url", address()),
            ("name", maybe("string")),
            ("only", only()),
            ("enabled", yes()),
            ("interval_seconds", interval()),
            ("backfill", backfill()),
            ("category", category()),
            ("confidence", confidence()),
            ("industries", industries()),
            ("tlp", tlp()),
        ]
    };
    super::shapes([
        (
            "Watch",
            object([
                ("id", id("watch")),
                ("name", text()),
                ("url", text()),
                ("form", form),
                ("only", maybe("string")),
                ("enabled", yes()),
                ("interval_seconds", interval()),
                ("backfill", backfill()),
                ("owner_id", id("usr")),
                ("category", category()),
                ("confidence", confidence()),
                ("industries", industries()),
                ("tlp", tlp()),
                ("created_at", moment()),
                ("health", health),
            ]),
        ),
        ("Watches", list(named("Watch"))),
        ("NewWatch", loose(&["url"], said())),
        ("WatchEdit", loose(&[], said())),
        ("WatchEntries", page([("entries", list(entry))])),
    ])
}
