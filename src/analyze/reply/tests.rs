use serde_json::{Value, json};

use super::{Outcome, Reply};
use crate::analyze::analyze;
use crate::document::Limits;
use crate::extract::CustomRule;

/// The answer of an honest reader.
fn honest() -> Value {
    let text = "The loader é calls evil[.]example.net\nand 198.51.100.7, see CVE-2024-3400.";
    let analysis = analyze(text.as_bytes(), Some("a.txt"), &Limits::default()).unwrap();
    assert!(analysis.findings.len() >= 3);
    json!({"locks": {"landlock": true, "seccomp": true}, "outcome": {"analysis": analysis}})
}

fn decode(reply: &Value) -> Result<Reply, String> {
    let json = serde_json::to_vec(reply).unwrap();
    Reply::decode(&json, &[]).map_err(|error| error.to_string())
}

#[test]
fn an_honest_answer_is_believed() {
    let reply = decode(&honest()).unwrap();
    assert!(matches!(reply.outcome, Outcome::Analysis(_)));
    let failure = json!({"locks": {"landlock": true, "seccomp": true},
        "outcome": {"failure": {"code": "malformed", "message": "It is damaged."}}});
    assert!(decode(&failure).is_ok());
}

#[test]
fn a_lie_that_can_be_told_is_not_believed() {
    let finding = "/outcome/analysis/findings/0";
    for (at, lie) in [
        ("text", json!("zero \u{0}")),
        ("title", json!("t".repeat(1_201))),
        ("title", json!("\u{0}")),
        ("summary", json!("s".repeat(1 << 20))),
        ("language", json!("<b>")),
        ("format", json!("exe")),
        ("warnings", json!([{"code": "x", "message": "\u{0}"}])),
        (
            "warnings",
            json!(vec![json!({"code": "x", "message": "y"}); 101]),
        ),
        ("findings/0/kind", json!("x_unheard_of")),
        ("findings/0/kind", json!("hash_md5")),
        ("findings/0/value", json!("evil example")),
        ("findings/0/value", json!("")),
        ("findings/0/raw", json!("evil.example.net")),
        ("findings/0/raw", json!("")),
        ("findings/0/context", json!("\u{0}")),
        ("findings/0/description", json!("d".repeat(1 << 20))),
        ("findings/0/occurrences", json!(0)),
        ("findings/0/confidence", json!(101)),
        ("findings/0/confidence", json!(300)),
        ("findings/0/evidence", json!([])),
        ("findings/0/location/offset", json!(0)),
        ("findings/0/location/offset", json!(u64::MAX)),
        ("findings/0/location/offset", json!(-1)),
        ("findings/0/location/length", json!(u64::MAX)),
        ("findings/0/location/line", json!(2)),
        ("findings/0/location/sheet", json!("\u{0}")),
        (
            "findings/0/flags",
            json!([{"reason": "\u{0}", "list": "x"}]),
        ),
    ] {
        let mut reply = honest();
        let pointer = format!("/outcome/analysis/{at}");
        *reply.pointer_mut(&pointer).unwrap() = lie.clone();
        assert!(decode(&reply).is_err(), "{at}: {lie}");
    }
    let mut twice = honest();
    let first = twice.pointer(finding).unwrap().clone();
    let findings = twice.pointer_mut("/outcome/analysis/findings").unwrap();
    findings.as_array_mut().unwrap().insert(0, first);
    assert!(decode(&twice).is_err());
    let mut backwards = honest();
    let findings = backwards.pointer_mut("/outcome/analysis/findings").unwrap();
    findings.as_array_mut().unwrap().reverse();
    assert!(decode(&backwards).unwrap_err().contains("order"));
    let mut more = honest();
    more["outcome"]["analysis"]["more"] = json!(1);
    assert!(decode(&more).is_err());
}

#[test]
fn a_reader_speaks_of_the_document_alone() {
    for code in [
        "internal",
        "fetch_refused",
        "reader_crashed",
        "read_timeout",
    ] {
        let failure = json!({"locks": {"landlock": true, "seccomp": true},
            "outcome": {"failure": {"code": code, "message": "It was the other one."}}});
        assert!(decode(&failure).is_err(), "{code}");
    }
}

#[test]
fn what_is_no_answer_is_none() {
    let whole = serde_json::to_vec(&honest()).unwrap();
    for end in 0..whole.len() {
        assert!(Reply::decode(&whole[..end], &[]).is_err());
    }
    let twice = [&whole[..], &whole].concat();
    assert!(Reply::decode(&twice, &[]).is_err());
    assert!(Reply::decode(&vec![b'['; 1 << 20], &[]).is_err());
    assert!(Reply::decode(b"\xff\xfe", &[]).is_err());
}

#[test]
fn values_of_any_length_are_believed_where_they_are_written() {
    let url = format!("https://evil.test-host.com/?d={}", "a1".repeat(100_000));
    let text = format!("It asks {url} and xn--{}.com daily.", "a".repeat(200));
    let limits = Limits::default();
    let analysis = crate::analyze::analyze_with(text.as_bytes(), None, &limits, &[], None).unwrap();
    assert!(analysis.findings.iter().any(|found| found.value == url));
    let reply =
        json!({"locks": {"landlock": true, "seccomp": true}, "outcome": {"analysis": analysis}});
    let reply = Reply::decode(&serde_json::to_vec(&reply).unwrap(), &[]);
    assert!(reply.is_ok(), "{:?}", reply.err());
}

#[test]
fn kinds_that_the_settings_define_are_known_where_they_were_asked_for() {
    let rules: Vec<CustomRule> = vec![r"x_case=case\s(\d+)".parse().unwrap()];
    let limits = Limits::default();
    let analysis =
        crate::analyze::analyze_with(b"see case 17", None, &limits, &rules, None).unwrap();
    let reply =
        json!({"locks": {"landlock": true, "seccomp": true}, "outcome": {"analysis": analysis}});
    let json = serde_json::to_vec(&reply).unwrap();
    assert!(Reply::decode(&json, &rules).is_ok());
    assert!(Reply::decode(&json, &[]).is_err());
}
