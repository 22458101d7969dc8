//! What other programs take again and again: the feed of indicators, look-ups, TAXII, MISP.

use super::{JSON, NOT_MODIFIED, Operation, TAXII, TAXII_FILTERS, ok};

pub(super) const OPERATIONS: &[Operation] = &[
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
];
