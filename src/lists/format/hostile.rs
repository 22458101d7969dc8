//! Whatever stands in a list: entries or words, never a panic.

use proptest::prelude::*;

use super::{Column, Columns, FORMATS, ListFormat, read};
use crate::indicator::Kind;
use crate::lists::{Builder, List, ListKind};

/// Pieces that the formats are made of, in any order.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        "\"",
        "\\",
        ",",
        ":",
        "'",
        "\n",
        "\r\n",
        " ",
        "#",
        ";",
        "/",
        "|",
        "=",
        "@",
        ".",
        "*",
        "-",
        "list",
        "type",
        "cidr",
        "regex",
        "substring",
        "hostname",
        "\"list\":[",
        "\"type\":\"string\"",
        "{\"objects\":[{\"type\":\"indicator\",\"pattern\":\"",
        "[domain-name:value = '",
        "' AND ",
        "{\"Event\":{\"Attribute\":[{\"to_ids\":true,\"type\":\"domain|ip\",\"value\":\"",
        "{\"cidr\":\"",
        "CVE-2024-1234",
        "198.51.100.7",
        "/24",
        "2001:db8::",
        "a.example",
        "http://",
        "é",
        "\u{0}",
        "xn--",
        "AS64496",
        "(a+)+$",
        "1e999",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat().into_bytes())
}

fn columns() -> impl Strategy<Value = Columns> {
    (
        0_usize..4,
        prop::option::of(0_usize..4),
        prop::sample::select(vec![',', '\t', '"', '\n', 'é']),
    )
        .prop_map(|(value, port, delimiter)| Columns {
            value: Column::Number(value),
            port: port.map(Column::Number),
            kind: Some(Column::Name("list".to_owned())),
            delimiter,
        })
}

proptest! {
    #[test]
    fn nothing_that_a_list_holds_makes_anything_panic(
        bytes in prop_oneof![pieces(), prop::collection::vec(any::<u8>(), 0..200)],
        columns in columns(),
    ) {
        for row in FORMATS {
            let Ok(contents) = read(row.format, &columns, &bytes) else { continue };
            let mut builder = Builder::default();
            builder.add(List::new(row.name, ListKind::ThreatIntel), &contents.entries).unwrap();
            let matcher = builder.build().unwrap();
            for entry in contents.entries.iter() {
                for kind in [Kind::Domain, Kind::Url, Kind::Ipv4, Kind::IpRange, Kind::Email, Kind::IpPort] {
                    drop(matcher.look_up(kind, entry.value));
                }
            }
        }
    }

    #[test]
    fn what_is_listed_is_found(
        label in "[a-z]{1,10}(-[a-z0-9]{1,5})?",
        address in any::<u32>(),
        prefix in 8_u32..=32,
    ) {
        let address = std::net::Ipv4Addr::from(address);
        let text = format!("{label}.example\n{address}/{prefix}\nhttp://{label}.example/{prefix}\n");
        let contents = read(ListFormat::Lines, &Columns::default(), text.as_bytes()).unwrap();
        let mut builder = Builder::default();
        builder.add(List::new("feed", ListKind::Contextual), &contents.entries).unwrap();
        let matcher = builder.build().unwrap();
        for (kind, value) in [
            (Kind::Domain, format!("{label}.example")),
            (Kind::Domain, format!("www.{label}.example")),
            (Kind::Ipv4, address.to_string()),
            (Kind::IpRange, format!("{address}/{prefix}")),
            (Kind::Url, format!("http://{label}.example/{prefix}")),
        ] {
            prop_assert_eq!(matcher.look_up(kind, &value).len(), 1, "{}", value);
        }
        let near = format!("x{label}.example");
        prop_assert!(matcher.look_up(Kind::Domain, &near).is_empty());
    }
}

/// A quarter of a megabyte of one thing over and over: with a square of the time, this would take hours.
#[test]
fn repetition_costs_what_its_bytes_cost() {
    const BYTES: usize = 1 << 18;
    let columns = Columns {
        value: Column::Name("b".to_owned()),
        ..Columns::default()
    };
    for piece in [
        "a.",
        ".",
        ",",
        "\"",
        "\"\"",
        "\n",
        "#",
        "# a,b\n",
        "a,b\n",
        "a,\"b\"\"\n",
        " ",
        "1",
        "f",
        ":",
        "::1,",
        "-",
        "@",
        "[",
        "{",
        "\\",
        "{\"a\":",
        "é",
        "ü.",
        "xn--",
        "a|",
        "https://",
        "/24 ",
        "[\"a\"],",
    ] {
        let bytes = piece.repeat(BYTES / piece.len()).into_bytes();
        for row in FORMATS {
            // What comes out is another test's.
            drop(read(row.format, &columns, &bytes));
            drop(read(row.format, &Columns::default(), &bytes));
        }
    }
}

#[test]
fn a_long_pattern_costs_what_its_bytes_cost() {
    const COUNT: usize = 40_000;
    let long = "x".repeat(COUNT);
    for pattern in [
        format!("[{long}:{long} IN ({})]", "'a',".repeat(COUNT)),
        format!(
            "[{}]",
            "network-traffic:dst_ref.value = '8.8.8.8' AND ".repeat(COUNT)
        ),
        format!("[{}]", "domain-name:value = 'a.example' OR ".repeat(COUNT)),
        format!("[a:{}", "'".repeat(COUNT)),
        "[".repeat(COUNT),
    ] {
        let json = serde_json::json!({"objects": [{"type": "indicator", "pattern": pattern}]});
        drop(read(
            ListFormat::Stix,
            &Columns::default(),
            json.to_string().as_bytes(),
        ));
    }
}

#[test]
fn a_list_of_costly_expressions_is_refused_before_it_costs_much() {
    let expressions = vec![r"\\pL{900}"; 20_000].join("\",\"");
    let text = format!(r#"{{"type":"regex","list":["{expressions}"]}}"#);
    let refused = read(
        ListFormat::Warninglist,
        &Columns::default(),
        text.as_bytes(),
    );
    assert!(refused.is_err(), "{refused:?}");
}
