//! Kinds of one's own, from the settings through the sandbox to the answers.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::process::{Server, iocsift};

const TEXT: &str = "Incident INC-2042 came from 192.0.2.1, see CWE-79.";
const RULE: &str = r"x_incident=\bINC-\d{4}\b";

fn told(iocs: &Value) -> Vec<(&str, &str)> {
    let iocs = iocs.as_array().unwrap().iter();
    iocs.map(|ioc| {
        (
            ioc["type"].as_str().unwrap(),
            ioc["value"].as_str().unwrap(),
        )
    })
    .collect()
}

const WHOLE: [(&str, &str); 3] = [
    ("x_incident", "INC-2042"),
    ("ipv4", "192.0.2.1"),
    ("cwe", "CWE-79"),
];

#[tokio::test]
async fn a_server_stores_what_a_pattern_of_its_settings_finds() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &["--custom-kind", RULE]);
    let id = server.submit(TEXT).await;
    let plain = server.ended(&id).await;
    assert_eq!(told(&plain["iocs"]), [("ipv4", "192.0.2.1")]);
    assert_eq!(plain["ioc_count"], 1);
    let whole = server
        .get(&format!("/api/submissions/{id}?extended=true"))
        .await;
    assert_eq!(told(&whole["iocs"]), WHOLE);
    let found = server
        .get("/api/iocs/search?q=inc-20&type=x_incident")
        .await;
    assert_eq!(found["total"], 1);
}

#[test]
fn the_command_line_knows_them_too() {
    for (arguments, expected) in [
        (&["--extended"][..], &WHOLE[..]),
        (&[], &[("ipv4", "192.0.2.1")]),
    ] {
        let mut child = iocsift()
            .args(["extract", "-"])
            .args(arguments)
            // A list in a variable may have lines to spare.
            .env("IOCSIFT_CUSTOM_KINDS", format!("\n{RULE}\nx_other=zzz\n"))
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(TEXT.as_bytes()).unwrap();
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(told(&report["iocs"]), expected);
    }
}

#[test]
fn a_pattern_that_cannot_be_used_ends_the_program_with_its_reason() {
    for (rule, reason) in [
        ("x_a=(", "unclosed group"),
        ("ticket=a", "x_ and 1 to 30 of a-z, 0-9 and _"),
        ("x_a=b*", "matches where nothing is"),
    ] {
        let output = iocsift()
            .args(["serve", "--custom-kind", rule])
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(reason), "{said}");
    }
    let many = "x_a=b\n".repeat(33);
    let output = iocsift()
        .args(["extract", "-", "--custom-kind", &many])
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && said.contains("33 custom kinds"),
        "{said}"
    );
}
