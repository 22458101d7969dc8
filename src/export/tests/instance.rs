//! What the instance knows, without a submission and without an end.

use std::collections::HashSet;

use super::*;
use crate::export::sample::moment;

fn written(iocs: &[Ioc], format: ExportFormat) -> String {
    let mut out = Vec::new();
    let producer = report(Vec::new()).producer;
    let changed_at = moment() + chrono::TimeDelta::days(1);
    let options = Options::default();
    let mut stream = Stream::open_instance(&producer, changed_at, format, options, &mut out);
    for ioc in iocs {
        stream.push_seen(ioc, Some(report(Vec::new()).submission.id), &mut out);
    }
    stream.close(&mut out);
    String::from_utf8(out).unwrap()
}

fn parsed(iocs: &[Ioc], format: ExportFormat) -> Value {
    serde_json::from_str(&written(iocs, format)).unwrap()
}

#[test]
fn it_says_of_each_indicator_what_a_report_would_say() {
    let iocs = every_kind();
    for (format, lines) in [
        (ExportFormat::Csv, None),
        (ExportFormat::Text, Some(iocs.len())),
    ] {
        let text = written(&iocs, format);
        assert_eq!(text, super::text(&report(iocs.clone()), format));
        assert!(lines.is_none_or(|lines| text.lines().count() == lines));
    }
    let (bundle, event) = (
        parsed(&iocs, ExportFormat::Stix),
        parsed(&iocs, ExportFormat::Misp),
    );
    let reported = json(&report(iocs.clone()), ExportFormat::Stix);
    for kind in ["vulnerability", "attack-pattern", "file", "url"] {
        let (ours, theirs) = (of_type(&bundle, kind), of_type(&reported, kind));
        assert_eq!(ours.len(), theirs.len(), "{kind}");
    }
    // Here an indicator is one of a value, there one of a pattern: two values may have the same.
    let patterns = |bundle: &Value| -> HashSet<String> {
        let indicators = of_type(bundle, "indicator");
        indicators
            .iter()
            .map(|i| i["pattern"].to_string())
            .collect()
    };
    assert_eq!(patterns(&bundle), patterns(&reported));
    assert_eq!(
        patterns(&reported).len(),
        of_type(&reported, "indicator").len()
    );
    let reported = json(&report(iocs), ExportFormat::Misp);
    let count = |event: &Value| event["Event"]["Attribute"].as_array().unwrap().len();
    // The address of the report and its summary.
    assert_eq!(count(&event) + 2, count(&reported));
    assert_ne!(event["Event"]["uuid"], reported["Event"]["uuid"]);
}

#[test]
fn its_bundle_is_unique_and_closed_and_nothing_refers_to_what_follows() {
    let bundle = parsed(&every_kind(), ExportFormat::Stix);
    let mut known = HashSet::new();
    for object in objects(&bundle) {
        let stands_before = |id: &str| known.contains(id) || object["id"] == id;
        assert!(references(object).all(stands_before), "{object}");
        assert!(known.insert(object["id"].as_str().unwrap()), "{object}");
    }
    let report = objects(&bundle).last().unwrap();
    assert_eq!(report["type"], "report");
    // All but the producer and itself.
    assert_eq!(
        references(report)
            .filter(|id| *id != report["created_by_ref"])
            .count(),
        known.len() - 2
    );
}

#[test]
fn a_bundle_of_more_than_a_report_can_hold_has_none() {
    let mut iocs = vec![ioc(Kind::Cve, "CVE-2024-3400"); 200_001];
    for (number, ioc) in iocs.iter_mut().enumerate() {
        ioc.id.0 = uuid::Uuid::from_u128(number as u128 + 1);
    }
    let reports = |iocs: &[Ioc]| {
        written(iocs, ExportFormat::Stix)
            .matches("\"report\"")
            .count()
    };
    assert_eq!(reports(&iocs[1..]), 1);
    assert_eq!(reports(&iocs), 0);
}

#[test]
fn its_indicators_have_moments_of_their_own() {
    let mut seen_again = ioc(Kind::Domain, "bad.example.com");
    seen_again.last_seen_at += chrono::TimeDelta::hours(1);
    let iocs = [ioc(Kind::Domain, "other.example.com"), seen_again];
    let bundle = parsed(&iocs, ExportFormat::Stix);
    let indicators = of_type(&bundle, "indicator");
    assert_eq!(indicators[0]["modified"], indicators[0]["created"]);
    assert_eq!(indicators[1]["created"], "2026-01-01T00:00:00.123456Z");
    assert_eq!(indicators[1]["modified"], "2026-01-01T01:00:00.123456Z");
}
