//! The shapes of accounts and tokens.

use serde_json::json;

use super::{Shapes, both, id, list, loose, maybe_moment, moment, named, object, text, whole};

pub(super) fn shapes() -> Shapes {
    let scopes = list(json!({"type": "string", "enum": crate::account::Scope::ALL}));
    let used = object([
        ("name", text()),
        ("scopes", scopes.clone()),
        ("expires_at", maybe_moment()),
    ]);
    super::shapes([
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
                ("expires_at", maybe_moment()),
                ("last_used_at", maybe_moment()),
                ("revoked_at", maybe_moment()),
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
                    ("expires_at", maybe_moment()),
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
