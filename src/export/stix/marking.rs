//! TLP labels as marking definitions.
//!
//! The predefined ones of TLP 1 (STIX 2.1, section 7.2.1.4) are what consumers know; TLP:CLEAR is its
//! WHITE. AMBER+STRICT has no counterpart there: it is AMBER plus a statement that narrows it.

use serde_json::json;
use uuid::{Uuid, uuid};

use super::object::{Object, Reference, properties};
use crate::export::stable;
use crate::submission::Tlp;

pub(super) fn markings(tlp: Tlp) -> Vec<Object> {
    match tlp {
        Tlp::Clear => vec![predefined(
            "white",
            uuid!("613f2e26-407d-48c7-9eca-b8e91df99dc9"),
        )],
        Tlp::Green => vec![predefined(
            "green",
            uuid!("34098fce-860f-48ae-8e50-ebd3cc5e41da"),
        )],
        Tlp::Amber => vec![amber()],
        Tlp::AmberStrict => vec![amber(), strict()],
        Tlp::Red => vec![predefined(
            "red",
            uuid!("5e57c739-391a-4eb3-b6be-7d15ca92d5ed"),
        )],
    }
}

fn amber() -> Object {
    predefined("amber", uuid!("f88d31f6-486f-44da-b317-01333bde0b82"))
}

/// Producers must write these word for word.
fn predefined(colour: &str, uuid: Uuid) -> Object {
    Object {
        id: Reference {
            kind: "marking-definition",
            uuid,
        },
        properties: properties([
            ("created", "2017-01-20T00:00:00.000Z".into()),
            ("definition_type", "tlp".into()),
            ("name", format!("TLP:{}", colour.to_uppercase()).into()),
            ("definition", json!({"tlp": colour})),
        ]),
    }
}

fn strict() -> Object {
    Object {
        id: Reference {
            kind: "marking-definition",
            uuid: stable::id(&["marking-definition", "amber+strict"]),
        },
        properties: properties([
            // When TLP 2.0 brought the label.
            ("created", "2022-08-01T00:00:00.000Z".into()),
            ("definition_type", "statement".into()),
            (
                "definition",
                json!({"statement": "TLP:AMBER+STRICT: do not share outside your organization."}),
            ),
        ]),
    }
}
