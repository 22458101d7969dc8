//! A value is found whatever stands around it: prose of any language, lists, tables, quotes, markup.

use iocsift::indicator::Kind;
use proptest::prelude::*;
use proptest::sample::select;

use crate::values::{kind_and_value, value};
use crate::{cases, findings, found};

/// What stands before and after a value. None of them speaks of a kind.
const FRAMES: &[(&str, &str)] = &[
    ("", ""),
    ("We saw ", " twice in one week."),
    ("The analysts had noted ", "."),
    ("Was it ", "? Nobody knows"),
    ("First ", ", then nothing at all happened."),
    ("One of them (", ") was known before."),
    ("They named it \"", "\" in the report."),
    ("They named it “", "” in the report."),
    ("They named it '", "' in the report."),
    ("They named it «", "» in the report."),
    ("It is `", "` that was seen."),
    ("It is **", "** that was seen."),
    ("- ", ""),
    ("* ", ""),
    ("• ", ""),
    ("12. ", ""),
    ("> ", ""),
    ("| first | ", " | last |"),
    ("first\t", "\tlast"),
    ("\"first\",\"", "\",\"last\""),
    ("{\"value\": \"", "\"}"),
    ("<td>", "</td>"),
    ("<b>", "</b>"),
    ("observed: ", ""),
    ("observed=", ""),
    ("[", "]"),
    ("Beobachtet wurde ", ", wie schon zuvor."),
    ("On a vu ", " à plusieurs reprises."),
    ("Se observó ", " más de una vez."),
    ("Был замечен ", " в отчёте."),
    ("观察到 ", "。"),
    ("「", "」が確認された。"),
    ("관찰됨: ", " 입니다"),
    ("شوهد ", " مرتين"),
    ("\u{a0}", "\u{a0}"),
    ("previous line\n", "\nnext line"),
    ("previous paragraph.\n\n", "\n\nNext paragraph."),
];

/// Rows of a file that was not read as a table. The kinds of [`LOOSE`] may hold a comma themselves.
const ROWS: &[(&str, &str)] = &[("first,", ",last"), ("first;", ";last"), ("", ",last")];
const LOOSE: &[Kind] = &[Kind::Url, Kind::Filepath, Kind::RegistryKey, Kind::Command];

/// A command runs to the end of its line or of its quotes: it needs one of them around it.
const LINES: &[(&str, &str)] = &[
    ("", ""),
    ("It runs `", "` and ends."),
    ("- ", ""),
    ("> ", ""),
    ("$ ", ""),
    ("first\t", "\tlast"),
    ("previous line\n", "\nnext line"),
    ("Он запускает `", "` и завершает работу."),
];

fn frame(kind: Kind) -> impl Strategy<Value = (&'static str, &'static str)> {
    select(if kind == Kind::Command { LINES } else { FRAMES })
}

fn in_row() -> impl Strategy<Value = (Kind, String, String)> {
    (kind_and_value(), select(ROWS))
        .prop_filter("a comma may be part of it", |((kind, _), _)| {
            !LOOSE.contains(kind)
        })
        .prop_map(|((kind, value), (before, after))| {
            let text = format!("{before}{value}{after}");
            (kind, value, text)
        })
}

fn framed() -> impl Strategy<Value = (Kind, String, String)> {
    kind_and_value().prop_flat_map(|(kind, value)| {
        frame(kind).prop_map(move |(before, after)| {
            (kind, value.clone(), format!("{before}{value}{after}"))
        })
    })
}

proptest! {
    #![proptest_config(cases(4_000))]

    #[test]
    fn a_value_is_found_in_every_frame((kind, value, text) in framed()) {
        prop_assert_eq!(found(&text, kind), [value.as_str()], "{} in {:?}", kind, text);
    }

    #[test]
    fn a_value_is_found_between_commas((kind, value, text) in in_row()) {
        prop_assert_eq!(found(&text, kind), [value.as_str()], "{} in {:?}", kind, text);
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn values_of_all_kinds_in_one_document_do_not_hide_each_other(
        lines in prop::collection::vec(framed(), 2..12),
    ) {
        let text = lines.iter().map(|(_, _, text)| format!("{text}\n\n")).collect::<String>();
        let all = findings(&text);
        for (kind, value, line) in &lines {
            prop_assert!(
                all.iter().any(|finding| finding.kind == *kind && finding.value == *value),
                "{} {:?} of {:?} is not found in {:?}", kind, value, line, text
            );
        }
    }

    #[test]
    fn a_defanged_value_is_found_in_every_frame(
        (kind, value) in select(&[Kind::Ipv4, Kind::Domain, Kind::Url, Kind::Email, Kind::IpPort][..])
            .prop_flat_map(|kind| (Just(kind), value(kind))),
        (before, after) in select(FRAMES),
    ) {
        let text = format!("{before}{}{after}", kind.defang(&value));
        prop_assert_eq!(found(&text, kind), [value.as_str()], "{} in {:?}", kind, text);
    }
}
