//! How the service fares, and its own description.

use super::{Answer, JSON, NOT_MODIFIED, Operation, ok};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("/healthz", "health", "The process lives.").answers(&[ok(&[(JSON, "Health")])]),
    Operation::get("/readyz", "ready", "It can serve.")
        .answers(&[
            ok(&[(JSON, "Ready")]),
            Answer {
                status: 503,
                says: "It cannot, or is about to go.",
                content: &[(JSON, "Health"), ("application/problem+json", "Problem")],
                headers: &[],
            },
        ])
        .refuses(&[500, 504]),
    Operation::get("/metrics", "metrics", "Counters for Prometheus.")
        .answers(&[ok(&[("text/plain", "Text")])])
        .refuses(&[500, 503, 504]),
    Operation::get("/api/openapi.json", "openapi", "This document.")
        .answers(&[ok(&[(JSON, "Document")]), NOT_MODIFIED]),
];
