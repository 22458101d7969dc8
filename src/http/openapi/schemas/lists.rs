//! The shapes of lists.

use serde_json::json;

use super::{
    Shapes, id, interval, list, loose, maybe, maybe_moment, moment, named, object, text, whole,
};
use crate::lists::{FORMATS, ListKind};

pub(super) fn shapes() -> Shapes {
    let names: Vec<_> = FORMATS.iter().map(|row| row.name).collect();
    let format = json!({"type": "string", "enum": names});
    let kind = json!({"type": "string", "enum": ListKind::ALL});
    let maybe_address = || json!({"type": ["string", "null"], "format": "uri"});
    let yes = || json!({"type": "boolean"});
    let interval = interval(86_400);
    let column = json!({"oneOf": [{"type": "integer", "minimum": 1}, {"type": "string"}]});
    let maybe_column = json!({"oneOf": [column, {"type": "null"}]});
    let columns = loose(
        &[],
        [
            ("value", column),
            ("port", maybe_column.clone()),
            ("kind", maybe_column),
            (
                "delimiter",
                json!({"type": "string", "minLength": 1, "maxLength": 1}),
            ),
        ],
    );
    let secret = || json!({"type": "string", "writeOnly": true});
    let maybe_credentials = || {
        let by_header = loose(&["value"], [("header", text()), ("value", secret())]);
        let by_name = loose(
            &["user", "password"],
            [("user", secret()), ("password", secret())],
        );
        json!({"oneOf": [by_header, by_name, {"type": "null"}]})
    };
    let health = object([
        ("entries", whole()),
        ("refused", whole()),
        ("left_out", whole()),
        ("changed_at", maybe_moment()),
        ("last_success_at", maybe_moment()),
        ("checked_at", maybe_moment()),
        ("next_check_at", maybe_moment()),
        ("failures", whole()),
        ("error", maybe("string")),
    ]);
    super::shapes([
        ("ListColumns", columns),
        (
            "List",
            object([
                ("id", id("list")),
                ("slug", text()),
                ("name", text()),
                ("description", text()),
                ("kind", kind.clone()),
                ("format", format.clone()),
                ("columns", named("ListColumns")),
                ("page_url", maybe("string")),
                ("source_url", maybe("string")),
                ("has_credentials", yes()),
                ("enabled", yes()),
                ("interval_seconds", interval.clone()),
                ("created_at", moment()),
                ("version", maybe("string")),
                ("types", json!({"oneOf": [list(text()), {"type": "null"}]})),
                ("health", health),
            ]),
        ),
        ("Lists", list(named("List"))),
        (
            "NewList",
            loose(
                &["slug", "format"],
                [
                    ("slug", json!({"type": "string", "maxLength": 100})),
                    ("name", maybe("string")),
                    ("description", maybe("string")),
                    ("kind", kind.clone()),
                    ("format", format),
                    ("columns", named("ListColumns")),
                    ("page_url", maybe_address()),
                    ("source_url", maybe_address()),
                    ("credentials", maybe_credentials()),
                    ("enabled", yes()),
                    ("interval_seconds", interval.clone()),
                ],
            ),
        ),
        (
            "ListEdit",
            loose(
                &[],
                [
                    ("name", maybe("string")),
                    ("description", maybe("string")),
                    ("kind", kind),
                    ("page_url", maybe_address()),
                    ("source_url", maybe_address()),
                    ("credentials", maybe_credentials()),
                    ("enabled", yes()),
                    ("interval_seconds", interval),
                ],
            ),
        ),
        (
            "Remark",
            object([
                ("wanted_at", moment()),
                ("ended_at", maybe_moment()),
                ("submissions", whole()),
                ("changed", whole()),
            ]),
        ),
        ("ListContent", json!({"type": "string", "format": "binary"})),
    ])
}
