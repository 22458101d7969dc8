//! The shapes of TAXII and the MISP feed.

use serde_json::{Value, json};

use super::{Shapes, list, loose, moment, named, object, text, whole};

pub(super) fn shapes() -> Shapes {
    let stix = json!({"type": "object", "required": ["type", "id", "spec_version"]});
    let paged = |objects: Value| {
        loose(
            &["more", "objects"],
            [
                ("more", json!({"type": "boolean"})),
                ("next", text()),
                ("objects", list(objects)),
            ],
        )
    };
    let record = object([
        ("id", text()),
        ("date_added", moment()),
        ("version", moment()),
        ("media_type", text()),
    ]);
    let entry = object([
        ("info", text()),
        ("date", json!({"type": "string", "format": "date"})),
        ("threat_level_id", text()),
        ("analysis", text()),
        ("timestamp", text()),
        ("Orgc", object([("uuid", text()), ("name", text())])),
        ("Tag", list(object([("name", text())]))),
    ]);
    super::shapes([
        (
            "TaxiiError",
            loose(
                &["title"],
                [
                    ("title", text()),
                    ("description", text()),
                    ("error_id", text()),
                    ("error_code", text()),
                    ("http_status", text()),
                ],
            ),
        ),
        (
            "TaxiiDiscovery",
            loose(
                &["title"],
                [
                    ("title", text()),
                    ("description", text()),
                    ("default", text()),
                    ("api_roots", list(text())),
                ],
            ),
        ),
        (
            "TaxiiRoot",
            object([
                ("title", text()),
                ("versions", list(text())),
                ("max_content_length", whole()),
            ]),
        ),
        (
            "TaxiiCollection",
            object([
                ("id", json!({"type": "string", "format": "uuid"})),
                ("title", text()),
                ("description", text()),
                ("alias", text()),
                ("can_read", json!({"type": "boolean"})),
                ("can_write", json!({"type": "boolean"})),
                ("media_types", list(text())),
            ]),
        ),
        (
            "TaxiiCollections",
            object([("collections", list(named("TaxiiCollection")))]),
        ),
        ("TaxiiManifest", paged(record)),
        ("TaxiiEnvelope", paged(stix)),
        (
            "TaxiiVersions",
            object([
                ("more", json!({"type": "boolean"})),
                ("versions", list(moment())),
            ]),
        ),
        (
            "MispManifest",
            json!({"type": "object", "additionalProperties": entry}),
        ),
        ("MispEvent", object([("Event", json!({"type": "object"}))])),
    ])
}
