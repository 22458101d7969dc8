//! A walk through JSON that keeps nothing but the path. Enter at [`walk`]; at [`bytes`] to write some.
//!
//! Documents of strangers: a field of another type than expected is another event, never an error.
//! The depth is bounded by `serde_json`.

use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserializer, Serialize};

use super::Unreadable;

/// What is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event<'a> {
    /// A string, a number, `true` or `false`, as text.
    Scalar(&'a str),
    /// The end of an object.
    End,
}

/// Where it is met: the keys from the outermost object in; an element of an array is the empty key.
#[derive(Debug, Default)]
pub(super) struct Path(Vec<String>);

impl Path {
    /// Whether the path is that of `keys`.
    pub(super) fn is(&self, keys: &[&str]) -> bool {
        self.0 == keys
    }

    /// The last key, if those before it are `keys`.
    pub(super) fn key_in(&self, keys: &[&str]) -> Option<&str> {
        let (last, before) = self.0.split_last()?;
        (before == keys).then_some(last)
    }

    /// The last key, if there are `depth` of them.
    pub(super) fn key_at(&self, depth: usize) -> Option<&str> {
        let last = self.0.last().map(String::as_str);
        last.filter(|_| self.0.len() == depth)
    }

    /// Whether the last keys are `keys`.
    pub(super) fn ends(&self, keys: &[&str]) -> bool {
        let start = self.0.len().checked_sub(keys.len());
        start.is_some_and(|start| self.0[start..] == *keys)
    }

    /// The last key, if the last ones before it are `keys`.
    pub(super) fn key_below(&self, keys: &[&str]) -> Option<&str> {
        let (last, before) = self.0.split_last()?;
        let start = before.len().checked_sub(keys.len())?;
        (before[start..] == *keys).then_some(last)
    }
}

/// Calls `visit` for each scalar and each end of an object in `text`, in their order.
pub(super) fn walk(text: &str, mut visit: impl FnMut(&Path, Event<'_>)) -> Result<(), Unreadable> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let mut path = Path::default();
    let walker = Walker {
        path: &mut path,
        visit: &mut visit,
    };
    walker
        .deserialize(&mut reader)
        .and_then(|()| reader.end())
        .map_err(|error| Unreadable::Json(error.to_string()))
}

/// `what` as JSON. Nothing, which no reader takes for a list, where that cannot be; texts and numbers always can.
pub(super) fn bytes(what: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(what).unwrap_or_default()
}

struct Walker<'w> {
    path: &'w mut Path,
    visit: &'w mut dyn FnMut(&Path, Event<'_>),
}

impl Walker<'_> {
    fn within(&mut self) -> Walker<'_> {
        Walker {
            path: self.path,
            visit: self.visit,
        }
    }

    fn scalar<E>(self, text: &str) -> Result<(), E> {
        (self.visit)(self.path, Event::Scalar(text));
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Walker<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walker<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.scalar(text)
    }

    fn visit_bool<E: Error>(self, it: bool) -> Result<(), E> {
        self.scalar(if it { "true" } else { "false" })
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.scalar(&number.to_string())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.scalar(&number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        self.scalar(&number.to_string())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        self.path.0.push(String::new());
        while elements.next_element_seed(self.within())?.is_some() {}
        self.path.0.pop();
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<(), A::Error> {
        while let Some(key) = fields.next_key()? {
            self.path.0.push(key);
            fields.next_value_seed(self.within())?;
            self.path.0.pop();
        }
        (self.visit)(self.path, Event::End);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_met_with_their_path_and_objects_at_their_end() {
        let mut met = Vec::new();
        walk(r#"{"a":[{"b":1,"c":null},true],"d":"e"}"#, |path, event| {
            met.push(format!("{} {event:?}", path.0.join("/")));
        })
        .unwrap();
        assert_eq!(
            met,
            [
                r#"a//b Scalar("1")"#,
                "a/ End",
                r#"a/ Scalar("true")"#,
                r#"d Scalar("e")"#,
                " End"
            ]
        );
    }

    #[test]
    fn what_is_cut_off_or_too_deep_is_an_error_in_words() {
        for text in [
            "",
            "{",
            r#"{"a":1}x"#,
            &"[".repeat(100_000),
            r#"{"a":"\ud800"}"#,
        ] {
            assert!(matches!(walk(text, |_, _| ()), Err(Unreadable::Json(_))));
        }
    }
}
