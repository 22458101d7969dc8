//! A [STIX 2.1](https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html) bundle, or the envelope of a TAXII 2.1
//! collection: the values of its indicators' patterns. Revoked ones are left out.

use super::json::{Event, walk};
use super::pattern;
use super::{Columns, Draft, Unreadable};

/// An object, as far as it says what is listed.
#[derive(Debug, Default)]
pub(super) struct Object {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) pattern: String,
    pub(super) pattern_type: Option<String>,
    pub(super) revoked: bool,
    pub(super) modified: Option<String>,
    pub(super) valid_until: Option<String>,
}

/// What an envelope says of those behind it.
#[derive(Debug, Default)]
pub(super) struct Rest {
    pub(super) more: bool,
    pub(super) next: Option<String>,
}

pub(super) fn read(text: &str, _: &Columns, draft: &mut Draft) -> Result<(), Unreadable> {
    objects(text, |object| take(&object, draft)).map(drop)
}

/// Gives each object of a bundle or an envelope to `take`.
pub(super) fn objects(text: &str, mut take: impl FnMut(Object)) -> Result<Rest, Unreadable> {
    let mut object = Object::default();
    let mut rest = Rest::default();
    // An envelope without objects is `{}`, or says whether there are more.
    let mut known = false;
    let mut others = false;
    walk(text, |path, event| match event {
        Event::Scalar(value) => {
            let text = || value.to_owned();
            match path.key_in(&["objects", ""]) {
                Some("id") => object.id = text(),
                Some("type") => object.kind = text(),
                Some("pattern") => object.pattern = text(),
                Some("pattern_type") => object.pattern_type = Some(text()),
                Some("revoked") => object.revoked = value == "true",
                Some("modified") => object.modified = Some(text()),
                Some("valid_until") => object.valid_until = Some(text()),
                _ => {}
            }
            match path.key_in(&[]) {
                Some("type") => known |= value == "bundle",
                Some("more") => {
                    known = true;
                    rest.more = value == "true";
                }
                Some("next") => rest.next = Some(text()),
                Some(_) => others = true,
                None => {}
            }
        }
        Event::End if path.is(&["objects", ""]) => {
            known = true;
            take(std::mem::take(&mut object));
        }
        Event::End => others |= path.key_in(&[]).is_some(),
    })?;
    match known || !others {
        true => Ok(rest),
        false => Err(Unreadable::Missing("`objects`")),
    }
}

fn take(object: &Object, draft: &mut Draft) {
    if object.kind != "indicator" || object.revoked {
        return;
    }
    // The type of a pattern is a field since 2.1; before it there was one type.
    let stix = object
        .pattern_type
        .as_deref()
        .is_none_or(|kind| kind == "stix");
    draft.take(&object.pattern, |entries, text| {
        pattern::add(entries, if stix { text } else { "" })
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::{Contents, ListFormat};

    fn read(text: &str) -> Result<Contents, Unreadable> {
        super::super::read(ListFormat::Stix, &Columns::default(), text.as_bytes())
    }

    #[test]
    fn indicators_of_bundles_and_envelopes_are_read() {
        let objects = r#"[
            {"type":"identity","name":"x","pattern":{"no":"text"}},
            {"type":"indicator","pattern":"[domain-name:value = 'a.example']","pattern_type":"stix"},
            {"pattern":"[url:value = 'http://b.example/c']","type":"indicator"},
            {"type":"indicator","pattern":"[url:value = 'http://gone.example/']","revoked":true}]"#;
        for text in [
            format!(r#"{{"type":"bundle","id":"bundle--1","objects":{objects}}}"#),
            format!(r#"{{"more":true,"next":"x","objects":{objects}}}"#),
        ] {
            let read = read(&text).unwrap();
            let values: Vec<_> = read.entries.iter().map(|entry| entry.value).collect();
            assert_eq!(values, ["a.example", "http://b.example/c"]);
            assert_eq!(read.refused.count, 0);
        }
    }

    #[test]
    fn patterns_in_other_languages_are_counted_as_refused() {
        let text = r#"{"objects":[{"type":"indicator","pattern_type":"yara","pattern":"rule a {}"},
            {"type":"indicator","pattern":"[domain-name:value = 'a.example']"}]}"#;
        assert_eq!(read(text).unwrap().refused.count, 1);
    }

    #[test]
    fn nothing_is_an_empty_envelope_and_something_else_is_not() {
        for empty in [
            "{}",
            r#"{"more":false}"#,
            r#"{"type":"bundle","objects":[]}"#,
        ] {
            assert!(read(empty).unwrap().entries.is_empty());
        }
        assert_eq!(
            read(r#"{"title":"KEV","vulnerabilities":[]}"#).unwrap_err(),
            Unreadable::Missing("`objects`")
        );
    }
}
