//! A [MISP warninglist](https://github.com/MISP/misp-warninglists): JSON with `type`, `list` and `matching_attributes`.
//!
//! A dot before an entry of names means "this name and those below", in lists of strings, too: they could never
//! match otherwise.

use super::json::{Event, walk};
use super::{Columns, Draft, Unreadable, attribute};
use crate::lists::Kinds;
use crate::lists::entry::{Entries, Refusal, Rule};

pub(super) fn read(text: &str, _: &Columns, draft: &mut Draft) -> Result<(), Unreadable> {
    // The type stands behind the list that it is the type of.
    let mut rule = None;
    let mut kinds = None;
    let mut lists = false;
    let about = &mut draft.contents.about;
    walk(text, |path, event| {
        let Event::Scalar(value) = event else { return };
        lists |= path.is(&["list", ""]);
        if path.is(&["matching_attributes", ""]) {
            let known = kinds.get_or_insert(Kinds::NONE);
            attribute::kinds(value)
                .iter()
                .for_each(|kind| known.insert(*kind));
        }
        match path.key_in(&[]) {
            Some("name") => about.name = Some(value.to_owned()),
            Some("description") => about.description = Some(value.to_owned()),
            Some("version") => about.version = Some(value.to_owned()),
            Some("category") => about.category = Some(value.to_owned()),
            Some("type") => rule = Some(value.to_owned()),
            _ => {}
        }
    })?;
    about.kinds = kinds.unwrap_or_default();
    let Some(rule) = rule else {
        // There are empty lists; they have a type all the same.
        return Err(Unreadable::Missing(if lists { "`type`" } else { "`list`" }));
    };
    let rule = match rule.as_str() {
        "cidr" => Rule::Network,
        "hostname" => Rule::Name,
        "string" => Rule::Exact,
        "substring" => Rule::Substring,
        "regex" => Rule::Regex,
        _ => return Err(Unreadable::Rule(rule)),
    };
    walk(text, |path, event| {
        if let Event::Scalar(value) = event
            && path.is(&["list", ""])
        {
            draft.take(value, |entries, value| add(entries, rule, value));
        }
    })
}

fn add(entries: &mut Entries, rule: Rule, value: &str) -> Result<(), Refusal> {
    if rule == Rule::Exact && value.starts_with('.') {
        return entries.add(Rule::Name, None, value);
    }
    entries.add(rule, None, value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicator::Kind;
    use crate::lists::{Contents, ListFormat};

    fn read(text: &str) -> Result<Contents, Unreadable> {
        super::super::read(
            ListFormat::Warninglist,
            &Columns::default(),
            text.as_bytes(),
        )
    }

    fn entries(kind: &str, list: &str) -> Vec<String> {
        let text = format!(r#"{{"list": {list}, "name": "N", "type": "{kind}", "version": 7}}"#);
        let read = read(&text).unwrap();
        assert_eq!(read.about.version.as_deref(), Some("7"));
        read.entries
            .iter()
            .map(|entry| format!("{:?} {}", entry.rule, entry.value))
            .collect()
    }

    #[test]
    fn each_of_the_five_types_is_read() {
        assert_eq!(
            entries("cidr", r#"["192.0.2.0/24", "192.0.2.1", "FE80::/10"]"#),
            [
                "Network 192.0.2.0/24",
                "Network 192.0.2.1/32",
                "Network fe80::/10"
            ]
        );
        assert_eq!(
            entries("hostname", r#"[".a.example", "b.example"]"#),
            ["Name a.example", "Name b.example"]
        );
        assert_eq!(
            entries("string", r#"["AAA", ".a.example", "b.example"]"#),
            ["Exact aaa", "Name a.example", "Exact b.example"]
        );
        assert_eq!(
            entries("substring", r#"["mail.example"]"#),
            ["Substring mail.example"]
        );
        assert_eq!(entries("regex", r#"["/^a\\@b/i"]"#), [r"Regex /^a\@b/i"]);
        assert_eq!(entries("string", "[]"), [""; 0]);
    }

    #[test]
    fn matching_attributes_are_the_kinds_of_the_list() {
        let kinds = |attributes: &str| {
            let text =
                format!(r#"{{"type":"string","list":[],"matching_attributes":{attributes}}}"#);
            read(&text).unwrap().about.kinds
        };
        assert_eq!(
            kinds(r#"["domain", "filename|md5"]"#),
            Kinds::from_iter([Kind::Domain, Kind::HashMd5, Kind::Filename])
        );
        assert_eq!(kinds(r#"["phone-number"]"#), Kinds::NONE);
        assert_eq!(
            read(r#"{"type":"string","list":[]}"#).unwrap().about.kinds,
            Kinds::ALL
        );
    }

    #[test]
    fn another_type_or_another_document_is_refused_in_words() {
        assert_eq!(
            read(r#"{"type":"bloom","list":[]}"#)
                .unwrap_err()
                .to_string(),
            r#"its entries match by "bloom", which is unknown"#
        );
        assert_eq!(read("{}").unwrap_err(), Unreadable::Missing("`list`"));
    }
}
