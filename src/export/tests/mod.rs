//! Tests that every format must pass, walking [`FORMATS`].

mod instance;
mod stix;

use std::collections::HashSet;

use serde_json::Value;

use super::sample::{every_kind, flagged, ioc, report};
use super::*;
use crate::indicator::Kind;
use crate::submission::{SourceType, Tlp};

fn text(report: &Report, format: ExportFormat) -> String {
    String::from_utf8(render(report, format, Options::default())).unwrap()
}

fn json(report: &Report, format: ExportFormat) -> Value {
    serde_json::from_str(&text(report, format)).unwrap()
}

fn objects(bundle: &Value) -> &[Value] {
    bundle["objects"].as_array().unwrap()
}

fn of_type<'a>(bundle: &'a Value, kind: &str) -> Vec<&'a Value> {
    objects(bundle)
        .iter()
        .filter(|object| object["type"] == kind)
        .collect()
}

/// The ids that `object` refers to.
fn references(object: &Value) -> impl Iterator<Item = &str> {
    let fields = object.as_object().unwrap().iter();
    fields.flat_map(|(name, value)| match value {
        Value::String(one) if name.ends_with("_ref") => vec![one.as_str()],
        Value::Array(many) if name.ends_with("_refs") => {
            many.iter().filter_map(Value::as_str).collect()
        }
        _ => Vec::new(),
    })
}

#[test]
fn the_table_stands_in_the_order_of_the_formats_and_its_names_parse_back() {
    for (place, row) in FORMATS.iter().enumerate() {
        assert_eq!(row.format as usize, place);
        assert_eq!(row.name.parse(), Ok(row.format));
    }
    let unknown = "xml".parse::<ExportFormat>().unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "\"xml\" is none of json, csv, stix, ecs, misp, txt"
    );
}

#[test]
fn the_documentation_names_every_format_with_its_media_type() {
    let page = include_str!("../../../docs/exports.md");
    for row in FORMATS {
        let line = format!("| `{}` | `{}` |", row.name, row.media_type);
        assert!(page.contains(&line), "{line}");
    }
}

#[test]
fn the_sample_holds_every_kind() {
    let kinds: HashSet<_> = every_kind().iter().map(|ioc| ioc.finding.kind).collect();
    assert!(Kind::ALL.iter().all(|kind| kinds.contains(kind)));
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    for row in FORMATS {
        let once = render(&report(every_kind()), row.format, Options::default());
        assert_eq!(
            once,
            render(&report(every_kind()), row.format, Options::default()),
            "{}",
            row.name
        );
    }
}

#[test]
fn a_report_without_indicators_is_still_whole() {
    let empty = report(Vec::new());
    assert_eq!(
        json(&empty, ExportFormat::Json)["iocs"],
        Value::Array(Vec::new())
    );
    assert_eq!(text(&empty, ExportFormat::Csv).lines().count(), 1);
    assert_eq!(text(&empty, ExportFormat::Ecs), "");
    assert_eq!(text(&empty, ExportFormat::Text), "");
    assert!(json(&empty, ExportFormat::Misp)["Event"]["Attribute"].is_array());
    let bundle = json(&empty, ExportFormat::Stix);
    let about = &of_type(&bundle, "report")[0]["object_refs"];
    assert_eq!(about[0], of_type(&bundle, "identity")[0]["id"]);
}

#[test]
fn ten_thousand_indicators_are_all_written() {
    let iocs = (0..10_000)
        .map(|n| ioc(Kind::Domain, &format!("h{n}.example.com")))
        .collect();
    let report = report(iocs);
    assert_eq!(
        json(&report, ExportFormat::Json)["iocs"]
            .as_array()
            .unwrap()
            .len(),
        10_000
    );
    assert_eq!(text(&report, ExportFormat::Text).lines().count(), 10_000);
    assert_eq!(text(&report, ExportFormat::Ecs).lines().count(), 10_000);
    assert_eq!(text(&report, ExportFormat::Csv).lines().count(), 10_001);
    assert_eq!(
        of_type(&json(&report, ExportFormat::Stix), "indicator").len(),
        10_000
    );
    let event = json(&report, ExportFormat::Misp);
    let hosts = event["Event"]["Attribute"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|a| a["type"] == "hostname")
        .count();
    assert_eq!(hosts, 10_000);
}

#[test]
fn a_flagged_value_can_be_left_out_of_every_format() {
    let report = report(vec![
        flagged(Kind::Domain, "www.example.org"),
        ioc(Kind::Domain, "bad.example.com"),
    ]);
    for row in FORMATS {
        let marked = render(&report, row.format, Options::default());
        assert!(
            String::from_utf8_lossy(&marked).contains("www.example.org"),
            "{}",
            row.name
        );
        let without = render(
            &report,
            row.format,
            Options {
                exclude_flagged: true,
                ..Options::default()
            },
        );
        let without = String::from_utf8_lossy(&without);
        assert!(
            !without.contains("www.example.org") && without.contains("bad.example.com"),
            "{}",
            row.name
        );
    }
}

#[test]
fn defanging_replaces_the_value_where_people_read_it() {
    let report = report(vec![ioc(Kind::Ipv4, "198.51.100.7")]);
    let written = |format| {
        let bytes = render(
            &report,
            format,
            Options {
                defang: true,
                ..Options::default()
            },
        );
        String::from_utf8(bytes).unwrap()
    };
    assert_eq!(written(ExportFormat::Text), "198[.]51[.]100[.]7\n");
    assert!(written(ExportFormat::Csv).contains("\r\nipv4,198[.]51[.]100[.]7,"));
    assert!(written(ExportFormat::Json).contains("\"value\":\"198[.]51[.]100[.]7\""));
    assert!(written(ExportFormat::Stix).contains("= '198.51.100.7'"));
}

#[test]
fn json_has_the_shape_of_the_api() {
    let report = report(vec![flagged(Kind::Ipv4, "192.0.2.1")]);
    let written = json(&report, ExportFormat::Json);
    assert_eq!(written["id"], report.submission.id.to_string());
    assert_eq!(written["created_at"], "2026-01-01T00:00:00.123456Z");
    assert_eq!(written["error"], Value::Null);
    let ioc = &written["iocs"][0];
    let mut keys: Vec<_> = ioc
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "confidence",
            "confidence_reasons",
            "context",
            "created_at",
            "defanged",
            "description",
            "flags",
            "id",
            "ioc_type",
            "location",
            "occurrences",
            "refanged_value",
            "type",
            "value"
        ]
    );
    assert_eq!(
        (&ioc["value"], &ioc["refanged_value"]),
        (&"192.0.2.1".into(), &"192[.]0[.]2[.]1".into())
    );
    assert_eq!(
        (&ioc["type"], &ioc["ioc_type"]["name"]),
        (&"ipv4".into(), &"ipv4".into())
    );
    assert_eq!(ioc["flags"][0]["list"], "reserved-ranges");
    assert_eq!(ioc["description"], Value::Null);
}

#[test]
fn csv_lines_end_in_crlf_and_no_cell_is_a_formula() {
    let written = text(&report(every_kind()), ExportFormat::Csv);
    assert!(written.starts_with("type,value,refanged_value,context,description,created_at,"));
    assert!(written.ends_with("\r\n"));
    assert!(written.contains("\r\nfilename,'=cmd.exe,'=cmd.exe,"));
    assert!(written.contains("\r\ncommand,\"'=HYPERLINK(\"\"http"));
}

#[test]
fn misp_keeps_a_network_of_one_address_as_it_is_beside_the_address() {
    let event = json(
        &report(vec![
            ioc(Kind::IpRange, "198.51.100.7/32"),
            ioc(Kind::IpRange, "198.51.100.0/24"),
        ]),
        ExportFormat::Misp,
    );
    let written: Vec<_> = event["Event"]["Attribute"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| (a["type"].as_str().unwrap(), a["value"].as_str().unwrap()))
        .filter(|(_, value)| value.starts_with("198."))
        .collect();
    assert_eq!(
        written,
        [
            ("ip-dst", "198.51.100.7"),
            ("text", "198.51.100.7/32"),
            ("ip-dst", "198.51.100.0/24")
        ]
    );
}

#[test]
fn ecs_calls_a_technique_only_what_is_one() {
    let documents = text(
        &report(vec![
            ioc(Kind::MitreAttack, "T1059.001"),
            ioc(Kind::MitreAttack, "S0106"),
            ioc(Kind::MitreAttack, "TA0001"),
        ]),
        ExportFormat::Ecs,
    );
    let techniques: Vec<_> = documents
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["threat"]["technique"].take())
        .collect();
    assert_eq!(techniques[0]["subtechnique"]["id"][0], "T1059.001");
    assert_eq!(techniques[1..], [Value::Null, Value::Null]);
}

#[test]
fn every_tlp_label_marks_and_none_marks_nothing() {
    for (tlp, marks, tag) in [
        (Some(Tlp::Clear), 1, Some("tlp:clear")),
        (Some(Tlp::AmberStrict), 2, Some("tlp:amber+strict")),
        (Some(Tlp::Red), 1, Some("tlp:red")),
        (None, 0, None),
    ] {
        let mut report = report(vec![ioc(Kind::Ipv4, "198.51.100.7")]);
        report.submission.tlp = tlp;
        report.submission.tags = vec!["TLP:GREEN".into()];
        let bundle = json(&report, ExportFormat::Stix);
        assert_eq!(of_type(&bundle, "marking-definition").len(), marks);
        assert_eq!(
            of_type(&bundle, "indicator")[0]["object_marking_refs"]
                .as_array()
                .map_or(0, Vec::len),
            marks
        );
        let event = json(&report, ExportFormat::Misp);
        let tags: Vec<_> = event["Event"]["Tag"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|t| t["name"].as_str())
            .collect();
        assert_eq!(tags, Vec::from_iter(tag));
    }
}

#[test]
fn misp_repeats_no_attribute_and_detects_nothing_that_is_flagged() {
    let event = json(&report(every_kind()), ExportFormat::Misp);
    let attributes = event["Event"]["Attribute"].as_array().unwrap();
    let keys: HashSet<_> = attributes
        .iter()
        .map(|a| [&a["category"], &a["type"], &a["value"]].map(ToString::to_string))
        .collect();
    assert_eq!(keys.len(), attributes.len());
    let uuids: HashSet<_> = attributes.iter().map(|a| a["uuid"].to_string()).collect();
    assert_eq!(uuids.len(), attributes.len());
    let detected = |value| {
        let of_value = |a: &&Value| a["value"] == value && a["category"] == "Network activity";
        attributes.iter().find(of_value).unwrap()
    };
    // Also stands at the edge of a range, which must not take its place.
    assert_eq!(detected("198.51.100.7")["to_ids"], true);
    let flagged = detected("192.0.2.1");
    assert_eq!(flagged["to_ids"], false);
    assert!(
        flagged["comment"]
            .as_str()
            .unwrap()
            .starts_with("May be benign: ")
    );
}

#[test]
fn misp_joins_a_file_name_and_the_hashes_of_its_row() {
    let mut iocs = vec![
        ioc(Kind::Filename, "evil.exe"),
        ioc(Kind::HashMd5, &"a1".repeat(16)),
        ioc(Kind::HashSha256, &"c3".repeat(32)),
        ioc(Kind::Ipv4, "198.51.100.7"),
        ioc(Kind::HashSha1, &"b2".repeat(20)),
    ];
    let mut offset = 0;
    for ioc in &mut iocs {
        ioc.finding.location.offset = offset;
        offset += ioc.finding.location.length + 2;
    }
    iocs[4].finding.location.line = 2;
    let report = report(iocs);
    let event = json(&report, ExportFormat::Misp);
    let attributes = event["Event"]["Attribute"].as_array().unwrap();
    let found: Vec<_> = attributes
        .iter()
        .filter(|attribute| attribute["category"] != "External analysis")
        .map(|attribute| {
            let text = |key: &str| attribute[key].as_str().unwrap().to_owned();
            (text("type"), text("value"), attribute["to_ids"] == true)
        })
        .collect();
    let composite = |kind: &str, hash: String| (kind.to_owned(), format!("evil.exe|{hash}"), true);
    assert_eq!(
        found,
        [
            composite("filename|md5", "a1".repeat(16)),
            composite("filename|sha256", "c3".repeat(32)),
            ("ip-dst".to_owned(), "198.51.100.7".to_owned(), true),
            ("sha1".to_owned(), "b2".repeat(20), true),
        ]
    );
    // Found by each part: the name in two of them, two hashes, the address, the hash alone, and three of the report.
    let lines = String::from_utf8(super::feed::hashes(&report)).unwrap();
    assert_eq!(lines.lines().count(), 2 + 2 + 2 + attributes.len() - 4);
}

#[test]
fn ecs_never_puts_a_network_where_an_address_belongs() {
    for line in text(&report(every_kind()), ExportFormat::Ecs).lines() {
        let document: Value = serde_json::from_str(line).unwrap();
        if let Some(address) = document["threat"]["indicator"]["ip"].as_str() {
            assert!(address.parse::<std::net::IpAddr>().is_ok(), "{address}");
        }
    }
}

#[test]
fn text_has_one_line_for_each_value() {
    let iocs = every_kind();
    assert_eq!(
        text(&report(iocs.clone()), ExportFormat::Text)
            .lines()
            .count(),
        iocs.len()
    );
}

#[test]
fn a_pasted_text_without_a_title_still_has_a_name() {
    let mut report = report(Vec::new());
    report.submission.source_type = SourceType::Text;
    report.submission.title = None;
    report.submission.source_identifier = String::new();
    let bundle = json(&report, ExportFormat::Stix);
    let references = &of_type(&bundle, "report")[0]["external_references"];
    assert_eq!(references.as_array().map_or(0, Vec::len), 1);
    assert_eq!(
        of_type(&bundle, "report")[0]["name"],
        report.submission.id.to_string()
    );
    assert_eq!(
        json(&report, ExportFormat::Misp)["Event"]["info"],
        report.submission.id.to_string()
    );
}
