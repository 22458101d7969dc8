//! The shapes of webhooks.

use serde_json::json;

use super::{
    Shapes, both, id, list, loose, maybe, maybe_moment, moment, named, object, page, text, whole,
};
use crate::webhook::{DeliveryStatus, Event};

pub(super) fn shapes() -> Shapes {
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
        ("next_attempt_at", maybe_moment()),
        ("attempts", list(attempt)),
    ]);
    super::shapes([
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
                ("paused_at", maybe_moment()),
                ("paused_because", maybe("string")),
                ("failing_since", maybe_moment()),
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
