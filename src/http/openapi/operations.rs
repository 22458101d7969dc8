//! Every operation of the API: what it takes, what it answers, how it refuses.

/// One row of [`OPERATIONS`].
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

/// Every operation, in the order of the router.
pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write(
        "post",
        "/api/submissions/file",
        "submitFile",
        "Hand in a file.",
    )
    .submits(FORM, "File"),
    Operation::write(
        "post",
        "/api/submissions/text",
        "submitText",
        "Hand in a text.",
    )
    .submits(JSON, "NewText"),
    Operation::write(
        "post",
        "/api/submissions/url",
        "submitUrl",
        "Hand in a URL, which is fetched.",
    )
    .submits(JSON, "NewUrl"),
    Operation::write(
        "post",
        "/api/extract",
        "extract",
        "The indicators of a text or a file at once; nothing is stored.",
    )
    .query(&["extended"])
    .takes(JSON, "NewText")
    .answers(&[ok(&[(JSON, "Extracted")])]),
    Operation::get(
        "/api/submissions",
        "listSubmissions",
        "The newest submissions; with since the change feed.",
    )
    .query(&["limit", "offset", "since"])
    .answers(&[ok(&[(JSON, "Submissions")])]),
    Operation::get(
        "/api/submissions/search",
        "searchSubmissions",
        "Submissions by words of their title, file name or URL.",
    )
    .query(&["q", "status", "source_type", "limit", "offset"])
    .answers(&[ok(&[(JSON, "FoundSubmissions")])]),
    Operation::get(
        "/api/submissions/{id}",
        "getSubmission",
        "A submission with its indicators, or with a page of them.",
    )
    .query(&["extended", "limit", "offset"])
    .answers(&[ok(&[(JSON, "SubmissionDetail")])])
    .refuses(&[410]),
    Operation::write(
        "patch",
        "/api/submissions/{id}",
        "editSubmission",
        "Change title, summary, tags, TLP, category or industries.",
    )
    .takes(JSON, "Edit")
    .answers(&[ok(&[(JSON, "Submission")])]),
    Operation::write(
        "delete",
        "/api/submissions/{id}",
        "deleteSubmission",
        "Delete it.",
    )
    .answers(&[NO_CONTENT]),
    Operation::write(
        "post",
        "/api/submissions/{id}/reprocess",
        "reprocessSubmission",
        "Read it again.",
    )
    .answers(&[Answer {
        status: 202,
        says: "It waits to be read.",
        content: &[(JSON, "Submission")],
        headers: &[],
    }]),
    Operation::get(
        "/api/submissions/{id}/export",
        "exportSubmission",
        "A submission as a file for other programs.",
    )
    .query(&["format", "defang", "flagged", "extended"])
    .answers(&[EXPORT, NOT_MODIFIED])
    .refuses(&[409, 410]),
    Operation::get(
        "/api/submissions/{id}/content",
        "getContent",
        "The original.",
    )
    .answers(&[ok(&[("application/octet-stream", "Bytes")])])
    .signed(&[410]),
    Operation::get(
        "/api/submissions/{id}/text",
        "getText",
        "The text that was scanned.",
    )
    .answers(&[ok(&[("text/plain", "Text")])])
    .signed(&[410]),
    Operation::get(
        "/api/iocs/search",
        "searchIndicators",
        "Indicators over all submissions, newest first.",
    )
    .query(&["q", "type", "extended", "limit", "offset"])
    .answers(&[ok(&[(JSON, "FoundIndicators")])]),
    Operation::get(
        "/api/iocs/stats",
        "countIndicators",
        "How much there is of every type.",
    )
    .query(&["extended"])
    .answers(&[ok(&[(JSON, "Stats")])]),
    Operation::get(
        "/api/iocs/export",
        "exportIndicators",
        "Every indicator as a file, streamed.",
    )
    .query(&[
        "format",
        "type",
        "since",
        "until",
        "confidence",
        "tlp",
        "defang",
        "flagged",
        "extended",
    ])
    .answers(&[EVERYTHING, NOT_MODIFIED]),
    Operation::get(
        "/api/iocs/{id}",
        "getIndicator",
        "An indicator and the submissions that show it.",
    )
    .query(&["limit", "offset"])
    .answers(&[ok(&[(JSON, "IndicatorDetail")])]),
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
    Operation::get(
        "/api/lists",
        "listLists",
        "The lists that values are looked up in.",
    )
    .answers(&[ok(&[(JSON, "Lists")])])
    .signed(&[]),
    Operation::write(
        "post",
        "/api/lists",
        "createList",
        "Make a list, to be fetched or uploaded.",
    )
    .takes(JSON, "NewList")
    .answers(&[Answer {
        status: 201,
        says: "Made.",
        content: &[(JSON, "List")],
        headers: &[("Location", "Where it is.")],
    }]),
    Operation::get(
        "/api/lists/remark",
        "getRemark",
        "How far the last run over the marks of all reports has come.",
    )
    .answers(&[ok(&[(JSON, "Remark")])])
    .signed(&[404]),
    Operation::write(
        "post",
        "/api/lists/remark",
        "remark",
        "Have the marks of lists made anew in all stored reports.",
    )
    .answers(&[Answer {
        status: 202,
        says: "It is on its way.",
        content: &[(JSON, "Remark")],
        headers: &[],
    }]),
    Operation::get("/api/lists/{id}", "getList", "A list, and how it fares.")
        .answers(&[ok(&[(JSON, "List")])])
        .signed(&[]),
    Operation::write(
        "patch",
        "/api/lists/{id}",
        "editList",
        "Change what is said of it.",
    )
    .takes(JSON, "ListEdit")
    .answers(&[ok(&[(JSON, "List")])]),
    Operation::write(
        "delete",
        "/api/lists/{id}",
        "deleteList",
        "Remove it, with what it holds.",
    )
    .answers(&[NO_CONTENT]),
    Operation::write(
        "put",
        "/api/lists/{id}/content",
        "uploadList",
        "Upload a version of it, which takes the place of the one before.",
    )
    .query(&["force"])
    .takes("application/octet-stream", "ListContent")
    .answers(&[ok(&[(JSON, "List")])]),
    Operation::write(
        "post",
        "/api/lists/{id}/refresh",
        "refreshList",
        "Have it fetched as soon as a worker is free.",
    )
    .query(&["force"])
    .answers(&[Answer {
        status: 202,
        says: "It is due; its health tells how it goes.",
        content: &[(JSON, "List")],
        headers: &[],
    }]),
    Operation::get(
        "/api/watches",
        "listWatches",
        "The feeds and sitemaps whose new entries become submissions.",
    )
    .answers(&[ok(&[(JSON, "Watches")])])
    .signed(&[]),
    Operation::write(
        "post",
        "/api/watches",
        "createWatch",
        "Watch a feed or a sitemap.",
    )
    .takes(JSON, "NewWatch")
    .answers(&[Answer {
        status: 201,
        says: "Made.",
        content: &[(JSON, "Watch")],
        headers: &[("Location", "Where it is.")],
    }]),
    Operation::get(
        "/api/watches/{id}",
        "getWatch",
        "A watch, and how it fares.",
    )
    .answers(&[ok(&[(JSON, "Watch")])])
    .signed(&[]),
    Operation::write(
        "patch",
        "/api/watches/{id}",
        "editWatch",
        "Change what is said of it.",
    )
    .takes(JSON, "WatchEdit")
    .answers(&[ok(&[(JSON, "Watch")])]),
    Operation::write(
        "delete",
        "/api/watches/{id}",
        "deleteWatch",
        "Remove it, with what it has seen; its submissions stay.",
    )
    .answers(&[NO_CONTENT]),
    Operation::write(
        "post",
        "/api/watches/{id}/poll",
        "pollWatch",
        "Have its page looked at as soon as a worker is free.",
    )
    .answers(&[Answer {
        status: 202,
        says: "It is due; its health tells how it goes.",
        content: &[(JSON, "Watch")],
        headers: &[],
    }]),
    Operation::get(
        "/api/watches/{id}/entries",
        "listWatchEntries",
        "What a watch has seen, newest first, and what became of each entry.",
    )
    .query(&["limit", "offset"])
    .answers(&[ok(&[(JSON, "WatchEntries")])])
    .signed(&[]),
    Operation::get(
        "/api/false-positives",
        "listFalsePositives",
        "Indicators that people marked as false positives, latest first.",
    )
    .query(&["limit", "offset"])
    .answers(&[ok(&[(JSON, "FalsePositives")])])
    .signed(&[]),
    Operation::write(
        "post",
        "/api/false-positives",
        "markFalsePositive",
        "Mark an indicator: every report flags it, those that are there and those to come.",
    )
    .takes(JSON, "NewFalsePositive")
    .answers(&[
        Answer {
            status: 201,
            says: "Marked.",
            content: &[(JSON, "FalsePositive")],
            headers: &[],
        },
        Answer {
            status: 200,
            says: "It was marked before; this mark takes the place of that.",
            content: &[(JSON, "FalsePositive")],
            headers: &[],
        },
    ]),
    Operation::write(
        "delete",
        "/api/false-positives/{id}",
        "withdrawFalsePositive",
        "Take the mark back.",
    )
    .answers(&[NO_CONTENT]),
    Operation::get("/api/auth/login", "login", "Sign in on the web page.")
        .posted()
        .takes(JSON, "Login")
        .answers(&[ok(&[(JSON, "Account")])]),
    Operation::get("/api/auth/logout", "logout", "Sign out.")
        .posted()
        .answers(&[NO_CONTENT]),
    Operation::get(
        "/api/v1/iocs",
        "feed",
        "Indicators by their latest change; with since the changes after it.",
    )
    .query(&[
        "type",
        "confidence",
        "category",
        "industry",
        "since",
        "until",
        "limit",
        "offset",
        "count",
        "format",
    ])
    .answers(&[ok(&[
        (JSON, "FeedPage"),
        ("text/csv", "Text"),
        ("text/plain", "Text"),
    ])])
    .signed(&[]),
    Operation::get(
        "/api/v1/iocs/search",
        "searchFeed",
        "A value, or what holds it, and what stands beside it.",
    )
    .query(&["q", "type", "include_related", "limit", "offset"])
    .answers(&[ok(&[(JSON, "FeedFound")])])
    .signed(&[]),
    Operation::get(
        "/api/v1/",
        "aboutLookUps",
        "What look-ups there are, and how many.",
    )
    .answers(&[ok(&[(JSON, "LookupAbout")])])
    .refuses(&[429, 500, 504]),
    Operation::get(
        "/api/v1/ioc/{value}",
        "lookUpInLists",
        "What lists and reports know a value, live or defanged, encoded or not.",
    )
    .answers(&[ok(&[(JSON, "LookupAnswer")])])
    .refuses(&[400, 429, 500, 503, 504]),
    Operation::get(
        "/api/v1/ioc/",
        "lookUpManyInLists",
        "The same of up to 1,000 values, each in its place.",
    )
    .posted()
    .takes(JSON, "LookupValues")
    .answers(&[ok(&[(JSON, "LookupAnswers")])])
    .refuses(&[400, 408, 413, 415, 422, 429, 500, 503, 504]),
    Operation::get(
        "/api/v1/lookup",
        "lookUp",
        "All that is known of one value.",
    )
    .query(&["value", "ioc", "type"])
    .answers(&[ok(&[(JSON, "FeedKnown")])])
    .signed(&[]),
    Operation::get("/taxii2/", "taxiiDiscovery", "TAXII: discovery.")
        .answers(&[ok(&[(TAXII, "TaxiiDiscovery")])]),
    Operation::get("/taxii2/root/", "taxiiRoot", "TAXII: the API root.")
        .answers(&[ok(&[(TAXII, "TaxiiRoot")])]),
    Operation::get(
        "/taxii2/root/collections/",
        "taxiiCollections",
        "TAXII: the collections.",
    )
    .answers(&[ok(&[(TAXII, "TaxiiCollections")])]),
    Operation::get(
        "/taxii2/root/collections/{collection}/",
        "taxiiCollection",
        "TAXII: one collection.",
    )
    .answers(&[ok(&[(TAXII, "TaxiiCollection")])]),
    Operation::get(
        "/taxii2/root/collections/{collection}/manifest/",
        "taxiiManifest",
        "TAXII: what a collection holds.",
    )
    .query(TAXII_FILTERS)
    .answers(&[ok(&[(TAXII, "TaxiiManifest")])]),
    Operation::get(
        "/taxii2/root/collections/{collection}/objects/",
        "taxiiObjects",
        "TAXII: the objects of a collection.",
    )
    .query(TAXII_FILTERS)
    .answers(&[ok(&[(TAXII, "TaxiiEnvelope")])]),
    Operation::get(
        "/taxii2/root/collections/{collection}/objects/{id}/",
        "taxiiObject",
        "TAXII: one object.",
    )
    .query(&[
        "added_after",
        "limit",
        "next",
        "match[version]",
        "match[spec_version]",
    ])
    .answers(&[ok(&[(TAXII, "TaxiiEnvelope")])]),
    Operation::get(
        "/taxii2/root/collections/{collection}/objects/{id}/versions/",
        "taxiiVersions",
        "TAXII: the versions of an object.",
    )
    .query(&["added_after", "limit", "next", "match[spec_version]"])
    .answers(&[ok(&[(TAXII, "TaxiiVersions")])]),
    Operation::get(
        "/misp/manifest.json",
        "mispManifest",
        "MISP feed: its events.",
    )
    .answers(&[ok(&[(JSON, "MispManifest")]), NOT_MODIFIED]),
    Operation::get(
        "/misp/hashes.csv",
        "mispHashes",
        "MISP feed: the hashes of its values.",
    )
    .answers(&[ok(&[("text/csv", "Text")]), NOT_MODIFIED]),
    Operation::get(
        "/misp/{file}",
        "mispEvent",
        "MISP feed: one event, `UUID.json`.",
    )
    .answers(&[ok(&[(JSON, "MispEvent")]), NOT_MODIFIED]),
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

impl Operation {
    /// Sent with POST, by whoever is not signed in yet.
    const fn posted(self) -> Self {
        Self {
            method: "post",
            ..self.refuses(&[400, 408, 413, 415])
        }
    }
}
