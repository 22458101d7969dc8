//! `iocsift extract` on one document, many documents and standard input.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::process::iocsift;

fn extract(arguments: &[&str], folder: &Path) -> Output {
    iocsift()
        .arg("extract")
        .args(arguments)
        .current_dir(folder)
        .stderr(Stdio::piped())
        .output()
        .unwrap()
}

/// Two reports, one of them in a folder of the folder, a picture and a hidden file.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("reports/older");
    fs::create_dir_all(&below).unwrap();
    fs::write(folder.path().join("reports/b.txt"), "C2 at 192.0.2[.]1").unwrap();
    fs::write(below.join("a.md"), "see hxxp://evil[.]example[.]com/a").unwrap();
    fs::write(below.join("c.png"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").unwrap();
    fs::write(folder.path().join("reports/.hidden"), "192.0.2.99").unwrap();
    folder
}

fn values(report: &Value) -> Vec<&str> {
    let iocs = report["iocs"].as_array().unwrap().iter();
    iocs.map(|ioc| ioc["value"].as_str().unwrap()).collect()
}

#[test]
fn a_folder_gives_one_report_a_line_and_the_exit_code_tells_of_what_could_not_be_read() {
    let folder = folder();
    let output = extract(&["reports"], folder.path());
    let stdout = String::from_utf8(output.stdout).unwrap();
    let reports: Vec<Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let names: Vec<_> = reports
        .iter()
        .map(|report| report["source_identifier"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["reports/b.txt", "reports/older/a.md"]);
    assert_eq!(values(&reports[0]), ["192.0.2.1"]);
    assert_eq!(
        values(&reports[1]),
        ["http://evil.example.com/a", "evil.example.com"]
    );
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("reports/older/c.png: An image"), "{stderr}");
    assert!(stderr.contains("1 of 3 documents failed"), "{stderr}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn outputs_go_into_a_folder_of_the_same_shape() {
    let folder = folder();
    let arguments = [
        "reports/older",
        "reports/b.txt",
        "--format",
        "csv",
        "--output",
        "out",
    ];
    let output = extract(&arguments, folder.path());
    assert!(output.stdout.is_empty());
    assert_eq!(output.status.code(), Some(1));
    let read = |name: &str| fs::read_to_string(folder.path().join("out").join(name)).unwrap();
    assert!(read("a.md.csv").contains("evil.example.com"));
    assert!(read("b.txt.csv").contains("192.0.2.1"));
    assert!(!folder.path().join("out/c.png.csv").exists());

    let whole = extract(
        &["reports", "--format", "txt", "--output", "all"],
        folder.path(),
    );
    assert_eq!(whole.status.code(), Some(1));
    let text = fs::read_to_string(folder.path().join("all/older/a.md.txt")).unwrap();
    assert!(text.contains("http://evil.example.com/a"), "{text}");
}

#[test]
fn two_documents_are_never_written_to_one_file() {
    let folder = folder();
    fs::create_dir(folder.path().join("other")).unwrap();
    fs::write(folder.path().join("other/b.txt"), "192.0.2.7").unwrap();
    let output = extract(
        &["reports/b.txt", "other/b.txt", "--output", "out"],
        folder.path(),
    );
    assert_eq!(output.status.code(), Some(1));
    let kept = fs::read_to_string(folder.path().join("out/b.txt.json")).unwrap();
    assert!(kept.contains("192.0.2.1"), "{kept}");
}

#[test]
fn tables_of_many_documents_need_a_folder() {
    let folder = folder();
    let output = extract(&["reports", "--format", "csv"], folder.path());
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("--output")
    );
}

#[test]
fn one_document_and_standard_input_print_their_export() {
    let folder = folder();
    let file = extract(&["reports/b.txt", "--format", "txt"], folder.path());
    assert!(file.status.success());
    let mut child = iocsift()
        .args(["extract", "-", "--format", "txt"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"C2 at 192.0.2[.]1").unwrap();
    drop(stdin);
    let piped = child.wait_with_output().unwrap();
    assert!(piped.status.success());
    assert_eq!(piped.stdout, file.stdout);
    assert!(
        String::from_utf8(file.stdout)
            .unwrap()
            .contains("192.0.2.1")
    );
}

#[test]
fn a_missing_document_is_said_and_the_others_are_read() {
    let folder = folder();
    let output = extract(&["missing.txt", "reports/b.txt"], folder.path());
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("missing.txt")
    );
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("192.0.2.1")
    );
}

#[test]
fn an_output_never_takes_the_place_of_a_document() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a"), "C2 at 192.0.2[.]1").unwrap();
    fs::write(folder.path().join("a.json"), "{\"ip\": \"192.0.2.7\"}").unwrap();
    let output = extract(&[".", "--output", "."], folder.path());
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("./a.json is a document itself"), "{said}");
    let kept = fs::read_to_string(folder.path().join("a.json")).unwrap();
    assert_eq!(kept, "{\"ip\": \"192.0.2.7\"}");
    let written = fs::read_to_string(folder.path().join("a.json.json")).unwrap();
    assert!(written.contains("192.0.2.7"), "{written}");
}

#[test]
fn an_output_that_is_no_folder_ends_it_before_anything_is_read() {
    let folder = folder();
    let output = extract(&["reports", "--output", "reports/b.txt"], folder.path());
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("iocsift: reports/b.txt: "), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn what_has_no_end_is_read_up_to_what_a_reader_may_hold() {
    let output = extract(
        &["/dev/zero", "--reader-memory", "64"],
        std::env::temp_dir().as_path(),
    );
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("/dev/zero: larger than the 64 MiB"), "{said}");
}

#[test]
fn a_source_that_is_no_web_address_is_refused() {
    let long = format!("https://example.com/{}", "a".repeat(2_048));
    for source in ["", "example.com", "ftp://192.0.2.1/", "https://", &long] {
        let output = extract(&["-", "--source", source], &std::env::temp_dir());
        assert_eq!(output.status.code(), Some(2), "{source}");
    }
}

#[test]
fn lines_are_answered_and_a_broken_one_is_named() {
    let mut child = iocsift()
        .args(["extract", "--lines"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = b"{\"id\": 7, \"text\": \"C2 at 192.0.2[.]1\"}\n\n{\"text\": 1}\n";
    child.stdin.take().unwrap().write_all(lines).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "{\"id\":7,\"iocs\":[{\"type\":\"ipv4\",\"value\":\"192.0.2.1\"}]}\n"
    );
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("line 3 of standard input"), "{said}");
}
