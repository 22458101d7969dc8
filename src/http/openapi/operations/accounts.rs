//! Accounts, their tokens and their webhooks.

use super::{Answer, JSON, NO_CONTENT, Operation, ok};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/auth/me", "getAccount", "Who asks.")
        .answers(&[ok(&[(JSON, "Account")])])
        .signed(&[]),
    Operation::get("/api/auth/tokens", "listTokens", "One's own tokens.")
        .answers(&[ok(&[(JSON, "Tokens")])])
        .signed(&[]),
    Operation::write(
        "post",
        "/api/auth/tokens",
        "createToken",
        "Make a token; it is shown this once.",
    )
    .takes(JSON, "NewToken")
    .answers(&[Answer {
        status: 201,
        says: "Made.",
        content: &[(JSON, "MadeToken")],
        headers: &[],
    }]),
    Operation::write(
        "delete",
        "/api/auth/tokens/{id}",
        "revokeToken",
        "Refuse a token from now on.",
    )
    .answers(&[NO_CONTENT]),
    Operation::get(
        "/api/webhooks",
        "listWebhooks",
        "One's own webhooks; an administrator's list holds everybody's.",
    )
    .answers(&[ok(&[(JSON, "Webhooks")])])
    .signed(&[]),
    Operation::write(
        "post",
        "/api/webhooks",
        "createWebhook",
        "Make a webhook; its secret is shown this once.",
    )
    .takes(JSON, "NewWebhook")
    .answers(&[Answer {
        status: 201,
        says: "Made.",
        content: &[(JSON, "MadeWebhook")],
        headers: &[("Location", "Where it is.")],
    }]),
    Operation::get("/api/webhooks/{id}", "getWebhook", "A webhook.")
        .answers(&[ok(&[(JSON, "Webhook")])])
        .signed(&[]),
    Operation::write(
        "patch",
        "/api/webhooks/{id}",
        "editWebhook",
        "Pause it, or let it go on.",
    )
    .takes(JSON, "WebhookEdit")
    .answers(&[ok(&[(JSON, "Webhook")])]),
    Operation::write(
        "delete",
        "/api/webhooks/{id}",
        "deleteWebhook",
        "Delete it, with all that waits for it.",
    )
    .answers(&[NO_CONTENT]),
    Operation::write(
        "post",
        "/api/webhooks/{id}/test",
        "testWebhook",
        "Have a test event sent.",
    )
    .answers(&[Answer {
        status: 202,
        says: "It is on its way; the deliveries tell how it goes.",
        content: &[(JSON, "WebhookTest")],
        headers: &[],
    }])
    .refuses(&[400, 403, 404, 408, 410, 413, 415, 422]),
    Operation::get(
        "/api/webhooks/{id}/deliveries",
        "listDeliveries",
        "What a webhook was told, newest first, and how each try went.",
    )
    .query(&["limit", "offset"])
    .answers(&[ok(&[(JSON, "Deliveries")])])
    .signed(&[]),
    Operation::get("/api/auth/login", "login", "Sign in on the web page.")
        .posted()
        .takes(JSON, "Login")
        .answers(&[ok(&[(JSON, "Account")])]),
    Operation::get("/api/auth/logout", "logout", "Sign out.")
        .posted()
        .answers(&[NO_CONTENT]),
];
