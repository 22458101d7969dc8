//! The shapes of look-ups in lists.

use serde_json::{Value, json};

use super::{Shapes, list, maybe, moment, named, object, text, whole};

pub(super) fn shapes() -> Shapes {
    let yes = || json!({"type": "boolean"});
    let wrong = || object([("code", text()), ("message", text())]);
    let sources = || list(named("LookupSource"));
    super::shapes([
        (
            "LookupMeta",
            object([("api_version", text()), ("timestamp", moment())]),
        ),
        (
            "LookupError",
            object([
                ("success", json!({"const": false})),
                ("error", wrong()),
                ("meta", named("LookupMeta")),
            ]),
        ),
        (
            "LookupAbout",
            envelope(object([
                ("name", text()),
                ("version", text()),
                (
                    "endpoints",
                    object([("ioc_lookup", text()), ("bulk_lookup", text())]),
                ),
                (
                    "rate_limits",
                    object([("per_minute", whole()), ("per_day", whole())]),
                ),
            ])),
        ),
        (
            "LookupSource",
            object([
                ("name", text()),
                ("description", text()),
                ("url", maybe("string")),
                ("matched_cidrs", list(text())),
            ]),
        ),
        (
            "LookupFound",
            object([
                ("value", text()),
                ("ioc_type", text()),
                ("ioc_type_display", text()),
                ("found", yes()),
                ("is_in_cidr", yes()),
                ("sources", sources()),
                ("threat_intel_sources", sources()),
                ("contextual_sources", sources()),
                ("matching_cidrs", list(text())),
            ]),
        ),
        ("LookupAnswer", envelope(named("LookupFound"))),
        (
            "LookupValues",
            object([(
                "values",
                json!({"type": "array", "items": text(), "maxItems": 1000}),
            )]),
        ),
        (
            "LookupAnswers",
            envelope(object([(
                "results",
                list(super::loose(
                    &["asked", "success"],
                    [
                        ("asked", text()),
                        ("success", yes()),
                        ("data", named("LookupFound")),
                        ("error", wrong()),
                    ],
                )),
            )])),
        ),
    ])
}

fn envelope(data: Value) -> Value {
    object([
        ("success", json!({"const": true})),
        ("data", data),
        ("meta", named("LookupMeta")),
    ])
}
