//! Every operation of the API: what it takes, what it answers, how it refuses. Enter at [`all`].

mod accounts;
mod feeds;
mod reports;
mod service;
mod sources;

/// Every operation, in the order in which people read them.
pub(super) fn all() -> impl Iterator<Item = &'static Operation> {
    let groups = [
        reports::OPERATIONS,
        accounts::OPERATIONS,
        sources::OPERATIONS,
        feeds::OPERATIONS,
        service::OPERATIONS,
    ];
    groups.into_iter().flatten()
}

/// An operation.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    /// Whether it always needs a token.
    pub(super) needs_token: bool,
    /// Names of query parameters.
    pub(super) query: &'static [&'static str],
    /// Names of headers.
    pub(super) headers: &'static [&'static str],
    /// Media type and shape of what is sent.
    pub(super) body: Option<(&'static str, &'static str)>,
    pub(super) answers: &'static [Answer],
    /// Statuses beyond those that all have.
    refusals: &'static [u16],
}

/// An answer that is no error.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) says: &'static str,
    /// Media types and shapes.
    pub(super) content: &'static [(&'static str, &'static str)],
    /// Headers that only this answer has, and what each says.
    pub(super) headers: &'static [(&'static str, &'static str)],
}

const JSON: &str = "application/json";
const TAXII: &str = "application/taxii+json;version=2.1";
const FORM: &str = "multipart/form-data";

const fn ok(content: &'static [(&'static str, &'static str)]) -> Answer {
    Answer {
        status: 200,
        says: "As asked.",
        content,
        headers: &[],
    }
}

const NOT_MODIFIED: Answer = Answer {
    status: 304,
    says: "What If-None-Match names is current.",
    content: &[],
    headers: &[],
};
const NO_CONTENT: Answer = Answer {
    status: 204,
    says: "Done.",
    content: &[],
    headers: &[],
};
const EXPORT: Answer = ok(&[
    (JSON, "Export"),
    ("text/csv", "Text"),
    ("application/stix+json;version=2.1", "Bundle"),
    ("application/x-ndjson", "Text"),
    ("text/plain", "Text"),
]);
const EVERYTHING: Answer = Answer {
    headers: &[
        ("ETag", "Changes with whatever a document tells."),
        ("X-Next-Since", "The `since` of the next run."),
    ],
    ..EXPORT
};
const NEW: &[Answer] = &[
    Answer {
        status: 201,
        says: "It was taken in and waits to be read.",
        content: &[(JSON, "Submitted")],
        headers: &[],
    },
    Answer {
        status: 200,
        says: "It is known already.",
        content: &[(JSON, "Submitted")],
        headers: &[],
    },
];
const TAXII_FILTERS: &[&str] = &[
    "added_after",
    "limit",
    "next",
    "match[id]",
    "match[type]",
    "match[version]",
    "match[spec_version]",
];

impl Operation {
    const fn get(path: &'static str, id: &'static str, summary: &'static str) -> Self {
        Self {
            method: "get",
            path,
            id,
            summary,
            needs_token: false,
            query: &[],
            headers: &[],
            body: None,
            answers: &[],
            refusals: &[],
        }
    }

    const fn write(
        method: &'static str,
        path: &'static str,
        id: &'static str,
        summary: &'static str,
    ) -> Self {
        Self {
            method,
            ..Self::get(path, id, summary)
        }
        .signed(&[400, 403, 404, 408, 410, 413, 415])
    }

    const fn query(self, query: &'static [&'static str]) -> Self {
        Self { query, ..self }
    }

    /// Hands something in, under a name where the client has one.
    const fn submits(self, media_type: &'static str, schema: &'static str) -> Self {
        Self {
            headers: &["Idempotency-Key"],
            ..self.takes(media_type, schema).answers(NEW)
        }
    }

    const fn takes(self, media_type: &'static str, schema: &'static str) -> Self {
        Self {
            body: Some((media_type, schema)),
            ..self
        }
    }

    const fn answers(self, answers: &'static [Answer]) -> Self {
        Self { answers, ..self }
    }

    const fn refuses(self, refusals: &'static [u16]) -> Self {
        Self { refusals, ..self }
    }

    const fn signed(self, refusals: &'static [u16]) -> Self {
        Self {
            needs_token: true,
            ..self.refuses(refusals)
        }
    }

    /// The group that it stands in.
    pub(super) fn tag(&self) -> &'static str {
        let mut parts = self.path.trim_start_matches("/api/").split('/');
        match parts.find(|part| !part.is_empty()) {
            Some("submissions" | "extract") => "submissions",
            Some("iocs" | "false-positives") => "indicators",
            Some("v1") => match parts.next() {
                Some("iocs" | "lookup") => "feed",
                _ => "look-ups",
            },
            Some("auth") => "accounts",
            Some("webhooks") => "webhooks",
            Some("lists") => "lists",
            Some("watches") => "watches",
            Some("taxii2") => "TAXII",
            Some("misp") => "MISP",
            _ => "service",
        }
    }

    pub(super) fn is_taxii(&self) -> bool {
        self.path.starts_with("/taxii2")
    }

    /// Media type and shape of its errors.
    pub(super) fn problem(&self) -> (&'static str, &'static str) {
        match self.tag() {
            "TAXII" => (TAXII, "TaxiiError"),
            "feed" => (JSON, "FeedError"),
            "look-ups" => (JSON, "LookupError"),
            _ => ("application/problem+json", "Problem"),
        }
    }

    /// Whether its readers may send a token in ways of their own.
    pub(super) fn is_feed(&self) -> bool {
        matches!(self.tag(), "TAXII" | "MISP")
    }

    /// Whether it looks at who asks.
    pub(super) fn knows_callers(&self) -> bool {
        !matches!(self.tag(), "service" | "look-ups")
    }

    /// Every status of an error.
    pub(super) fn refusals(&self) -> Vec<u16> {
        let mut statuses = self.refusals.to_vec();
        if self.knows_callers() {
            // A token that is sent must be valid, also where none is needed.
            statuses.extend([401, 403, 429, 500, 503, 504]);
            let checked = if self.is_taxii() {
                &[400, 406][..]
            } else {
                &[400, 422]
            };
            if self.is_taxii() || !self.query.is_empty() || self.body.is_some() {
                statuses.extend(checked);
            }
            if !self.query.is_empty() {
                statuses.push(414);
            }
        }
        if self.path.contains('{') {
            statuses.push(404);
        }
        statuses.sort_unstable();
        statuses.dedup();
        statuses
    }

    /// A value for a parameter in the path.
    pub(super) fn example(&self, name: &str) -> &'static str {
        match name {
            "value" => "8.8.8.8",
            "collection" => "all",
            "file" => "00000000-0000-4000-8000-000000000000.json",
            _ if self.is_taxii() => "indicator--00000000-0000-4000-8000-000000000000",
            _ if self.path.contains("/iocs/") => "ioc_01h455vb4pex5vsknk084sn02q",
            _ if self.path.contains("/webhooks/") => "hook_01h455vb4pex5vsknk084sn02q",
            _ if self.path.contains("/false-positives/") => "fp_01h455vb4pex5vsknk084sn02q",
            _ if self.path.contains("/lists/") => "list_01h455vb4pex5vsknk084sn02q",
            _ if self.path.contains("/watches/") => "watch_01h455vb4pex5vsknk084sn02q",
            _ if self.path.contains("/tokens/") => "tok_01h455vb4pex5vsknk084sn02q",
            _ => "sub_01h455vb4pex5vsknk084sn02q",
        }
    }
}

/// What a status of an error says.
pub(super) fn meaning(status: u16) -> &'static str {
    match status {
        400 => "What was sent breaks its own format.",
        401 => "No token, or one that is not valid.",
        403 => "A valid token without the right.",
        404 => "There is no such thing.",
        406 => "Only TAXII 2.1 is spoken here.",
        408 => "The body did not arrive in time.",
        409 => "Not in the state that this needs.",
        410 => "It was deleted.",
        413 => "The body is larger than the limit.",
        414 => "The query is too long.",
        415 => "A type that is not read.",
        422 => "A parameter or body with a value that it cannot have.",
        429 => "Too many requests; Retry-After says when to come back.",
        431 => "The address and the headers are too long.",
        503 => "The service cannot answer now.",
        504 => "The answer took too long.",
        _ => "A fault of the service; the log has the cause under the request id.",
    }
}

impl Operation {
    /// Sent with POST, by whoever is not signed in yet.
    const fn posted(self) -> Self {
        Self {
            method: "post",
            ..self.refuses(&[400, 408, 413, 415])
        }
    }
}
