//! One STIX object: its type, its id, its properties.

use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::{Map, Value};
use uuid::{Uuid, uuid};

use crate::export::stable;

/// Namespace of the deterministic ids of observables (STIX 2.1, section 2.9).
const OBSERVABLES: Uuid = uuid!("00abedb4-aa42-466c-9c01-fed23315a9b7");

pub(super) type Properties = Map<String, Value>;

/// `type--uuid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Reference {
    pub(super) kind: &'static str,
    pub(super) uuid: Uuid,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}--{}", self.kind, self.uuid)
    }
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) id: Reference,
    pub(super) properties: Properties,
}

impl Object {
    /// An observable. Its id comes from `contributing` alone; `others` do not change it.
    pub(super) fn observable(
        kind: &'static str,
        contributing: Properties,
        others: Properties,
    ) -> Self {
        let uuid = Uuid::new_v5(
            &OBSERVABLES,
            canonical(&Value::Object(contributing.clone())).as_bytes(),
        );
        let mut properties = contributing;
        properties.extend(others);
        Self {
            id: Reference { kind, uuid },
            properties,
        }
    }

    /// A process: no property contributes to its id, so the standard wants the form of a random one.
    pub(super) fn process(command_line: &str) -> Self {
        let id = Reference {
            kind: "process",
            uuid: stable::id(&["process", command_line]),
        };
        Self {
            id,
            properties: properties([("command_line", command_line.into())]),
        }
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", self.id.kind)?;
        map.serialize_entry("spec_version", "2.1")?;
        map.serialize_entry("id", &self.id)?;
        for (name, value) in &self.properties {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

pub(super) fn properties<const N: usize>(entries: [(&str, Value); N]) -> Properties {
    entries
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Canonical JSON ([RFC 8785](https://www.rfc-editor.org/rfc/rfc8785)) of what contributes to an id:
/// strings, whole numbers, lists, and maps with ASCII keys. `serde_json` escapes strings as the RFC
/// wants it; the order of keys must not hang on how that crate was built.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(name, _)| *name);
            let entries: Vec<_> = entries
                .into_iter()
                .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", entries.join(","))
        }
        Value::Array(items) => format!(
            "[{}]",
            items.iter().map(canonical).collect::<Vec<_>>().join(",")
        ),
        scalar => scalar.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_observables_id_is_the_one_that_every_other_producer_makes() {
        let address = Object::observable(
            "ipv4-addr",
            properties([("value", "192.0.2.1".into())]),
            Properties::new(),
        );
        assert_eq!(
            address.id.to_string(),
            "ipv4-addr--8dded90c-40c0-545a-8027-5b212bb37e8e"
        );
    }

    #[test]
    fn other_properties_do_not_change_an_observables_id() {
        let plain = Object::observable(
            "autonomous-system",
            properties([("number", 64496.into())]),
            Properties::new(),
        );
        let named = Object::observable(
            "autonomous-system",
            properties([("number", 64496.into())]),
            properties([("name", "AS64496".into())]),
        );
        assert_eq!(plain.id, named.id);
    }

    #[test]
    fn canonical_json_sorts_keys_and_escapes_as_the_rfc_does() {
        let value = json!({"protocols": ["tcp"], "dst_port": 4444, "a": "é\"\\\u{1}\n\u{7f}/"});
        assert_eq!(
            canonical(&value),
            "{\"a\":\"é\\\"\\\\\\u0001\\n\u{7f}/\",\"dst_port\":4444,\"protocols\":[\"tcp\"]}"
        );
    }
}
