//! Tests of the whole bundle.

use std::collections::HashSet;

use serde_json::Value;

use super::{json, objects, of_type, references, text};
use crate::export::ExportFormat;
use crate::export::sample::{every_kind, flagged, ioc, report};
use crate::indicator::Kind;

#[test]
fn stix_ids_are_unique_and_every_reference_resolves() {
    let bundle = json(&report(every_kind()), ExportFormat::Stix);
    let ids: Vec<_> = objects(&bundle)
        .iter()
        .map(|object| object["id"].as_str().unwrap())
        .collect();
    let known: HashSet<_> = ids.iter().copied().collect();
    assert_eq!(ids.len(), known.len());
    for object in objects(&bundle) {
        let is_known = |id: &str| known.contains(id);
        assert!(references(object).all(is_known), "{object}");
    }
}

#[test]
fn stix_indicates_what_is_not_flagged_and_notes_what_is() {
    let bundle = json(
        &report(vec![
            flagged(Kind::Ipv4, "192.0.2.1"),
            ioc(Kind::Ipv4, "198.51.100.7"),
        ]),
        ExportFormat::Stix,
    );
    let indicators = of_type(&bundle, "indicator");
    assert_eq!(indicators.len(), 1);
    assert_eq!(indicators[0]["name"], "198.51.100.7");
    assert_eq!(indicators[0]["confidence"], 85);
    assert_eq!(indicators[0]["indicator_types"][0], "unknown");
    let note = of_type(&bundle, "note")[0];
    assert_eq!(
        note["content"],
        "May be benign: reserved for examples (reserved-ranges)"
    );
    assert_eq!(
        note["object_refs"][0],
        "ipv4-addr--8dded90c-40c0-545a-8027-5b212bb37e8e"
    );
}

/// What importers make entries of: they fold what a traffic refers to into the traffic, and a directory
/// into its file.
fn entries_of_an_importer(bundle: &Value) -> usize {
    let folded: HashSet<_> = of_type(bundle, "network-traffic")
        .iter()
        .map(|traffic| traffic["dst_ref"].clone())
        .collect();
    let observables = [
        "network-traffic",
        "ipv4-addr",
        "ipv6-addr",
        "domain-name",
        "url",
    ];
    objects(bundle)
        .iter()
        .filter(|object| observables.iter().any(|kind| object["type"] == *kind))
        .filter(|object| !folded.contains(&object["id"]))
        .count()
}

#[test]
fn an_address_with_and_without_ports_keeps_an_entry_of_its_own_in_importers() {
    let bundle = json(
        &report(vec![
            ioc(Kind::IpPort, "198.51.100.7:80"),
            ioc(Kind::Ipv4, "198.51.100.7"),
            ioc(Kind::IpPort, "198.51.100.7:443"),
            ioc(Kind::Ipv6, "2001:db8::7"),
            ioc(Kind::IpPort, "[2001:db8::7]:443"),
        ]),
        ExportFormat::Stix,
    );
    assert_eq!(of_type(&bundle, "indicator").len(), 5);
    assert_eq!(entries_of_an_importer(&bundle), 5);
    let carried: HashSet<_> = of_type(&bundle, "network-traffic")
        .iter()
        .filter(|traffic| traffic["dst_port"].is_number())
        .map(|traffic| traffic["encapsulated_by_ref"].to_string())
        .collect();
    assert_eq!(carried.len(), 2);
}

#[test]
fn values_with_one_pattern_share_an_indicator_and_none_is_lost() {
    let report = report(vec![
        ioc(Kind::Ipv4, "198.51.100.7"),
        ioc(Kind::IpRange, "198.51.100.7/32"),
        ioc(Kind::Url, "http://bad.example.com/é"),
        ioc(Kind::Url, "http://bad.example.com/%C3%A9"),
    ]);
    let bundle = json(&report, ExportFormat::Stix);
    let names: Vec<_> = of_type(&bundle, "indicator")
        .iter()
        .map(|indicator| indicator["name"].clone())
        .collect();
    assert_eq!(names, ["198.51.100.7", "http://bad.example.com/é"]);
    assert_eq!(
        named(&bundle),
        ["198.51.100.7/32", "http://bad.example.com/%C3%A9"]
    );
    // Elsewhere they refer to the indicator that they share.
    let known: HashSet<_> = of_type(&bundle, "indicator")
        .iter()
        .map(|indicator| indicator["id"].clone())
        .collect();
    for line in text(&report, ExportFormat::Ecs).lines() {
        let document: Value = serde_json::from_str(line).unwrap();
        assert!(known.contains(&document["threat"]["indicator"]["id"][0]));
    }
}

/// The values that the report names beside its source and itself.
fn named(bundle: &Value) -> Vec<&str> {
    of_type(bundle, "report")[0]["external_references"]
        .as_array()
        .unwrap()
        .iter()
        .skip(2)
        .map(|reference| reference["external_id"].as_str().unwrap())
        .collect()
}

#[test]
fn stix_names_in_the_report_what_no_object_shows() {
    let bundle = json(
        &report(vec![
            ioc(Kind::MitreAttack, "TA0001"),
            ioc(Kind::MitreAttack, "T1566"),
            ioc(Kind::MitreAttack, "S0106"),
            flagged(Kind::Domain, "_dmarc.example.org"),
            flagged(Kind::Domain, "www.example.org"),
            flagged(Kind::IpRange, "192.0.2.1-192.0.2.9"),
            flagged(Kind::IpRange, "192.0.2.0/24"),
            flagged(Kind::IpPort, "192.0.2.1:80"),
            ioc(Kind::IpRange, "198.51.100.1-198.51.100.9"),
        ]),
        ExportFormat::Stix,
    );
    assert_eq!(
        named(&bundle),
        [
            "TA0001",
            "S0106",
            "_dmarc.example.org",
            "192.0.2.1-192.0.2.9"
        ]
    );
    let references = &of_type(&bundle, "report")[0]["external_references"];
    assert_eq!(references[2]["source_name"], "mitre-attack");
    let doubted = references[4]["description"].as_str().unwrap();
    assert!(
        doubted.starts_with("domain. May be benign: reserved for examples"),
        "{doubted}"
    );
}

#[test]
fn stix_calls_malicious_only_what_the_document_calls_so() {
    for (label, says) in [
        (Some("C2 server"), "malicious-activity"),
        (Some("Legitimate payload host"), "unknown"),
        (Some("victim"), "unknown"),
        (None, "unknown"),
    ] {
        let mut ioc = ioc(Kind::Domain, "bad.example.com");
        ioc.finding.description = label.map(str::to_owned);
        let bundle = json(&report(vec![ioc]), ExportFormat::Stix);
        assert_eq!(
            of_type(&bundle, "indicator")[0]["indicator_types"][0],
            says,
            "{label:?}"
        );
    }
}

#[test]
fn a_change_moves_modified_and_nothing_else() {
    let before = report(every_kind());
    let mut after = before.clone();
    after.submission.updated_at += chrono::TimeDelta::microseconds(1);
    let (before, after) = (
        json(&before, ExportFormat::Stix),
        json(&after, ExportFormat::Stix),
    );
    for (old, new) in objects(&before).iter().zip(objects(&after)) {
        assert_eq!(
            (&old["id"], &old["created"], &old["published"]),
            (&new["id"], &new["created"], &new["published"])
        );
        if old["type"] == "indicator" {
            assert!(old["modified"].as_str() < new["modified"].as_str());
        }
    }
}

#[test]
fn techniques_go_by_their_names_where_the_table_knows_them() {
    let iocs = ["T1059.001", "T9999", "TA0001"].map(|id| ioc(Kind::MitreAttack, id));
    let bundle = json(&report(iocs.to_vec()), ExportFormat::Stix);
    let techniques = of_type(&bundle, "attack-pattern");
    let names: Vec<_> = techniques
        .iter()
        .map(|t| t["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["PowerShell", "T9999"]);
    assert_eq!(
        techniques[0]["external_references"][0]["external_id"],
        "T1059.001"
    );

    let event = json(&report(iocs.to_vec()), ExportFormat::Misp);
    let tags: Vec<_> = event["Event"]["Attribute"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|attribute| attribute["Tag"][0]["name"].as_str())
        .collect();
    assert_eq!(
        tags,
        ["misp-galaxy:mitre-attack-pattern=\"PowerShell - T1059.001\""]
    );
}
