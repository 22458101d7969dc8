//! Pages that are pictures: what `tesseract` says of them, and what becomes of a document where it hangs,
//! floods, dies or turns evil. Stand-ins for it are small scripts; the last test takes the one that is installed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use iocsift::analyze::Analysis;
use iocsift::indicator::{Finding, Reason};
use iocsift::submission::FailureCode;
use iocsift::worker::sandbox::{Limits, ReadError, Sandbox, Tesseract};

/// Two pages without text.
const SCAN: &[u8] = include_bytes!("../corpus/pdf/scanned-pages.in");
/// One page with text, one without.
const MIXED: &[u8] = include_bytes!("../corpus/pdf/half-scanned.in");

const READER: &str = env!("CARGO_BIN_EXE_iocsift");

/// Hands over a picture of one pixel, as a command of a shell.
const SHOW: &str = r"printf 'P\001\000\000\000\001\000\000\000x'";

/// A sandbox whose `tesseract` is a shell script. The folder goes with the returned guard.
fn scripted(script: &str) -> (Sandbox, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("tesseract");
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    (with(&program), dir)
}

fn with(program: &Path) -> Sandbox {
    Sandbox {
        executable: PathBuf::from(READER),
        tesseract: Some(Tesseract {
            program: program.to_owned(),
            language: "eng".to_owned(),
            pages: 10,
            seconds: 20,
            total: Duration::from_secs(300),
        }),
        ..Sandbox::new(Limits::default(), false)
    }
}

async fn read(sandbox: &Sandbox, bytes: &[u8]) -> Analysis {
    sandbox.analyze(bytes, None).await.unwrap()
}

/// The sentence of the failure of a document that has no text.
async fn no_text(sandbox: &Sandbox) -> String {
    match sandbox.analyze(SCAN, None).await {
        Err(ReadError::Input(failure)) if failure.code == FailureCode::NoText => failure.message,
        other => panic!("{other:?}"),
    }
}

fn values(analysis: &Analysis) -> Vec<&str> {
    let findings = analysis.findings.iter();
    findings.map(|finding| finding.value.as_str()).collect()
}

fn warning<'a>(analysis: &'a Analysis, code: &str) -> &'a str {
    let warning = analysis.warnings.iter().find(|one| one.code == code);
    warning.map_or("", |warning| &warning.message)
}

#[tokio::test]
async fn what_a_page_says_stands_on_its_page() {
    // The head of the picture goes into the text: both pages lie as they are read.
    let (sandbox, _dir) = scripted(
        "read -r kind width height most\necho \"$kind $((width > height)) $most, 198.51.100.$((width / 100)) $*\"",
    );
    let analysis = read(&sandbox, SCAN).await;
    assert_eq!(
        analysis.text,
        "P5 1 255, 198.51.100.18 stdin stdout -l eng --psm 3\nP5 1 255, 198.51.100.18 stdin stdout -l eng --psm 3"
    );
    let finding = &analysis.findings[0];
    assert_eq!(finding.location.page, Some(1));
    assert_eq!(finding.occurrences, 2);
    let doubted = |finding: &Finding| {
        let mut reasons = finding.evidence.iter().map(|one| one.reason);
        reasons.any(|reason| reason == Reason::Recognised)
    };
    assert!(doubted(finding));
    let mixed = read(&sandbox, MIXED).await;
    assert_eq!(values(&mixed)[0], "203.0.113.77");
    assert!(!doubted(&mixed.findings[0]) && doubted(&mixed.findings[1]));
    assert!(
        warning(&analysis, "recognised").starts_with("Pages 1–2 "),
        "{:?}",
        analysis.warnings
    );
}

#[tokio::test]
async fn a_tesseract_that_fails_costs_its_page_and_says_so() {
    for (script, words) in [
        ("while :; do :; done", "longer than the limit of 1 second"),
        (
            "while :; do echo 192.0.2.1 and more; done",
            "more than 262144 bytes",
        ),
        ("echo 192.0.2.1; exit 3", "exit code 3"),
        (
            "echo \"Tesseract couldn't load any languages!\" >&2; exit 1",
            "the data of its language `eng` is not installed",
        ),
        ("exec /nonexistent/program", "exit code 127"),
    ] {
        let (mut sandbox, _dir) = scripted(script);
        if let Some(tesseract) = &mut sandbox.tesseract {
            tesseract.seconds = 1;
        }
        let analysis = read(&sandbox, MIXED).await;
        assert_eq!(values(&analysis), ["203.0.113.77"], "{script}");
        let told = warning(&analysis, "no_text_pages");
        assert!(
            told.starts_with("Page 2 ") && told.contains(words),
            "{script}: {told}"
        );
    }
}

#[tokio::test]
async fn a_reader_that_does_not_listen_runs_out_of_time() {
    let shows = format!("{SHOW}; {SHOW}; {SHOW}; {SHOW}; exec sleep 60");
    let (mut sandbox, _dir) = acted("printf '%0200000d' 0", &with_pictures(&shows));
    sandbox.limits.wall_seconds = 4;
    let told = left_out(&sandbox).await;
    assert!(
        told.contains("longer than the limit of 4 seconds"),
        "{told}"
    );
}

#[tokio::test]
async fn a_reader_that_shows_pictures_for_ever_is_stopped() {
    let forever = format!("while :; do {SHOW}; done");
    let (mut sandbox, _dir) = reader_that(&forever);
    sandbox.limits.wall_seconds = 20;
    if let Some(tesseract) = &mut sandbox.tesseract {
        tesseract.pages = 1;
    }
    let told = left_out(&sandbox).await;
    assert!(told.contains("with it the reader died"), "{told}");
}

#[tokio::test]
async fn a_tesseract_that_is_gone_is_said_in_words() {
    let told = no_text(&with(Path::new("/nonexistent/tesseract"))).await;
    assert!(told.contains("exit code 98"), "{told}");
}

/// What it prints shows how far it came.
#[tokio::test]
async fn a_tesseract_that_turned_evil_gets_nowhere() {
    let secret = tempfile::NamedTempFile::new().unwrap();
    fs::write(secret.path(), "192.0.2.66").unwrap();
    let target = tempfile::tempdir().unwrap();
    let written = target.path().join("written");
    for deed in [
        format!(
            "read -r line < {} && echo \"read $line\"",
            secret.path().display()
        ),
        "read -r line < /etc/passwd && echo \"read $line\"".to_owned(),
        "read -r line < /proc/self/status && echo \"read $line\"".to_owned(),
        format!("echo 192.0.2.66 > {} && echo written", written.display()),
        "(echo 192.0.2.66)".to_owned(),
        "exec /bin/cat /etc/passwd".to_owned(),
    ] {
        let (sandbox, _dir) = scripted(&format!("echo begun 198.51.100.1\n{deed}\nexit 0"));
        let found = match sandbox.analyze(SCAN, None).await {
            Ok(analysis) => analysis.text,
            Err(error) => error.to_string(),
        };
        let harm = ["192.0.2.66", "root:", "Name:", "written"];
        assert!(
            harm.iter().all(|harm| !found.contains(harm)),
            "{deed}: {found}"
        );
        assert!(!written.exists());
    }
    // That it came to its deed at all is seen where the deed is harmless.
    let (sandbox, _dir) =
        scripted("echo begun\nread -r line < /usr/bin/env || echo refused\necho 198.51.100.1");
    assert_eq!(
        read(&sandbox, SCAN).await.text,
        "begun\n198.51.100.1\nbegun\n198.51.100.1"
    );
}

/// As Perl, it makes the calls that a shell has no words for. Its limits are no secret, and its own can be asked for:
/// that shows that the call is made as it should be.
#[tokio::test]
async fn a_tesseract_that_turned_evil_calls_in_vain() {
    let limit = |process: &str, new: &str, old: &str| {
        format!(
            "my $of = pack('QQ', 60, 60); my $done = syscall({}, {process}, 7, {new}, {old}); print $done == 0 ? 'done' : 'refused';",
            libc::SYS_prlimit64
        )
    };
    for (deed, ends) in [
        (
            format!(
                "print syscall({}, 2, 2, 0) >= 0 ? 'done' : 'refused';",
                libc::SYS_socket
            ),
            "refused",
        ),
        (
            "print defined(fork) ? 'done' : 'refused';".to_owned(),
            "refused",
        ),
        (limit("0", "0", "$of"), "done"),
        (limit("0", "$of", "0"), "refused"),
        (limit("getppid()", "0", "$of"), "refused"),
        (fcntl(libc::F_SETOWN, "getppid()"), "refused"),
        (fcntl(libc::F_GETFL, "0"), "done"),
        (fcntl(F_SETSIG, "9"), "refused"),
    ] {
        let (sandbox, _dir) = in_perl(&format!("print 'begun '; {deed}"));
        let found = read(&sandbox, MIXED).await.text;
        assert!(found.ends_with(&format!("begun {ends}")), "{deed}: {found}");
    }
}

#[tokio::test]
async fn a_tesseract_that_crashes_is_told_by_its_signal() {
    // No shell has words for a signal that goes to itself alone, which is the only one that it may send.
    let deed = format!(
        "print '192.0.2.1'; syscall({}, $$ + 0, $$ + 0, {});",
        libc::SYS_tgkill,
        libc::SIGSEGV
    );
    let (sandbox, _dir) = in_perl(&deed);
    let analysis = read(&sandbox, MIXED).await;
    assert_eq!(values(&analysis), ["203.0.113.77"]);
    let told = warning(&analysis, "no_text_pages");
    assert!(
        told.starts_with("Page 2 ") && told.contains("by signal 11"),
        "{told}"
    );
}

/// As [`scripted`], in Perl.
fn in_perl(script: &str) -> (Sandbox, tempfile::TempDir) {
    let perl = Path::new("/usr/bin/perl");
    assert!(perl.exists(), "the test needs {}", perl.display());
    let (sandbox, dir) = scripted("");
    // A file of its own: for `perl -e` it would open `/dev/null`, which it may not.
    let script = format!("#!{}\n$| = 1; {script}\n", perl.display());
    fs::write(dir.path().join("tesseract"), script).unwrap();
    (sandbox, dir)
}

/// `F_SETSIG` of Linux, which names the signal that a file sends.
const F_SETSIG: i32 = 10;

/// A line of Perl that asks `command` of its standard input.
fn fcntl(command: i32, argument: &str) -> String {
    format!(
        "print syscall({}, 0, {command}, {argument}) >= 0 ? 'done' : 'refused';",
        libc::SYS_fcntl
    )
}

#[tokio::test]
async fn more_memory_than_its_limit_is_not_to_be_had() {
    // A shell that grows its variable: doubled 40 times it would be a terabyte.
    let grow = "x=0123456789abcdef\nfor i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36; do x=$x$x; done\necho grown";
    let (sandbox, _dir) = scripted(grow);
    let told = no_text(&sandbox).await;
    assert!(told.contains("could not read page"), "{told}");
}

#[tokio::test]
async fn the_pages_of_one_document_are_counted() {
    let (mut sandbox, _dir) = scripted("echo 198.51.100.1");
    if let Some(tesseract) = &mut sandbox.tesseract {
        tesseract.pages = 1;
    }
    let analysis = read(&sandbox, SCAN).await;
    assert_eq!(analysis.text, "198.51.100.1");
    let told = warning(&analysis, "no_text_pages");
    assert!(
        told.starts_with("Page 2 ") && told.contains("1 page was read, the most that is"),
        "{told}"
    );
}

#[tokio::test]
async fn a_document_whose_pictures_are_too_much_for_its_reader_is_read_without_them() {
    // The reader dies as soon as it hears what its first picture says.
    let (sandbox, _dir) = reader_that(&format!("{SHOW}; kill -SEGV $$"));
    let analysis = read(&sandbox, MIXED).await;
    assert_eq!(values(&analysis), ["203.0.113.77"]);
    assert!(warning(&analysis, "no_text_pages").contains("was not read"));
    let told = &analysis.warnings.last().unwrap().message;
    assert!(told.contains("with it the reader died"), "{told}");
}

/// A reader that does `deed` where it may hand over pictures, and reads as it should where it may not.
fn reader_that(deed: &str) -> (Sandbox, tempfile::TempDir) {
    acted("echo 198.51.100.1", &with_pictures(deed))
}

/// The cases of such a reader.
fn with_pictures(deed: &str) -> String {
    format!("__recognise*) ;; *'\"pictures\":\"none\"'*) ;; *) {deed};;")
}

/// A reader that looks at the `cases` of a shell before it reads as it should; `says` is the script of `tesseract`.
fn acted(says: &str, cases: &str) -> (Sandbox, tempfile::TempDir) {
    let (sandbox, dir) = scripted(says);
    let executable = dir.path().join("reader");
    let script = format!("#!/bin/sh\ncase \"$1 $2\" in {cases} esac\nexec {READER} \"$@\"\n");
    fs::write(&executable, script).unwrap();
    fs::set_permissions(&executable, fs::Permissions::from_mode(0o755)).unwrap();
    let sandbox = Sandbox {
        executable,
        ..sandbox
    };
    (sandbox, dir)
}

/// What is said of the pictures of a document that was read without them in the end.
async fn left_out(sandbox: &Sandbox) -> String {
    let analysis = read(sandbox, MIXED).await;
    assert_eq!(values(&analysis), ["203.0.113.77"]);
    analysis.warnings.last().unwrap().message.clone()
}

#[tokio::test]
async fn what_was_read_before_its_reader_died_stays() {
    let (sandbox, _dir) = scripted("read -r kind width height most; echo \"$width $height\"");
    let sizes = read(&sandbox, SCAN).await.text;
    let mut sides = sizes
        .split_whitespace()
        .map(|side| side.parse::<usize>().unwrap());
    let size = sides.next().unwrap() * sides.next().unwrap();
    // With its first picture its output is cut off: it dies at the second.
    let cut = format!("{READER} \"$@\" | head -c {}; kill -SEGV $$", size + 9);
    let first = format!("*'\"pictures\":\"all\"'*) {cut};;");
    let (mut sandbox, _dir) = acted("echo 198.51.100.1", &first);
    if let Some(tesseract) = &mut sandbox.tesseract {
        // So its picture is not looked at once more.
        tesseract.pages = 1;
    }
    let analysis = read(&sandbox, SCAN).await;
    assert_eq!(analysis.text, "198.51.100.1");
    assert_eq!(analysis.findings[0].location.page, Some(1));
    let told = warning(&analysis, "no_text_pages");
    assert!(
        told.starts_with("Page 2 ") && told.contains("got no further: the reader died"),
        "{told}"
    );
}

#[tokio::test]
async fn a_document_whose_first_picture_cannot_even_be_drawn_is_read_without_it() {
    for (deed, words) in [
        ("kill -SEGV $$", "with it the reader died"),
        ("echo 'out of memory' >&2; exit 1", "MiB of memory"),
        ("kill -XCPU $$", "longer than the limit"),
    ] {
        let (sandbox, _dir) = reader_that(deed);
        let analysis = read(&sandbox, MIXED).await;
        assert_eq!(values(&analysis), ["203.0.113.77"], "{deed}");
        let told = &analysis.warnings.last().unwrap().message;
        assert!(told.contains(words), "{deed}: {told}");
        // Nothing else to be found: the sentence of the failure says it.
        let told = no_text(&sandbox).await;
        assert!(told.contains(words), "{deed}: {told}");
    }
}

/// The document is read in the end: nobody is told but who runs the service.
#[tokio::test]
async fn why_a_reader_died_is_in_the_log_though_another_reads_on() {
    for (deed, words) in [
        ("echo last words >&2; kill -SEGV $$", "last words"),
        ("kill -SYS $$", "something that the sandbox forbids"),
    ] {
        let log = tempfile::NamedTempFile::new().unwrap();
        let subscriber = tracing_subscriber::fmt().with_writer(log.reopen().unwrap());
        let heard = tracing::subscriber::set_default(subscriber.finish());
        let (sandbox, _dir) = reader_that(deed);
        let analysis = read(&sandbox, MIXED).await;
        drop(heard);
        assert_eq!(values(&analysis), ["203.0.113.77"], "{deed}");
        let logged = fs::read_to_string(log.path()).unwrap();
        assert!(
            logged.contains("WARN") && logged.contains(words),
            "{deed}: {logged}"
        );
    }
}

#[tokio::test]
async fn half_the_time_of_a_reader_is_kept_for_what_is_behind_its_pictures() {
    // By its signal the reader says whether it was told that this is enough.
    let late = format!(
        "sleep 3; {SHOW}; head -c {} > /dev/null; told=$(head -c 9); case $told in '{{\"enough\"') kill -XCPU $$;; esac; kill -SEGV $$",
        MIXED.len() + 4
    );
    let (mut sandbox, _dir) = reader_that(&late);
    sandbox.limits.cpu_seconds = 4;
    let analysis = read(&sandbox, MIXED).await;
    let told = &analysis.warnings.last().unwrap().message;
    assert!(told.contains("longer than the limit"), "{told}");
}

#[tokio::test]
async fn the_time_of_all_pages_together_is_bounded() {
    let (mut sandbox, _dir) = scripted("while :; do :; done");
    if let Some(tesseract) = &mut sandbox.tesseract {
        tesseract.total = Duration::from_secs(1);
    }
    let analysis = read(&sandbox, MIXED).await;
    assert_eq!(values(&analysis), ["203.0.113.77"]);
    let told = warning(&analysis, "no_text_pages");
    assert!(told.contains("together may take 1 s"), "{told}");
}

#[tokio::test]
async fn a_machine_without_the_locks_that_it_needs_is_said_in_words() {
    let (sandbox, _dir) = scripted("exit 97");
    let told = no_text(&sandbox).await;
    assert!(told.contains("lacks Landlock"), "{told}");
}

#[tokio::test]
async fn a_picture_that_is_none_is_a_crash() {
    for picture in [
        r"P\377\377\377\377\377\377\377\377",
        r"P\000\000\000\000\001\000\000\000",
        r"P\002\000",
        r"P\002\000\000\000\002\000\000\000x",
    ] {
        let dir = tempfile::tempdir().unwrap();
        let reader = dir.path().join("reader");
        fs::write(&reader, format!("#!/bin/sh\nprintf '{picture}'\n")).unwrap();
        fs::set_permissions(&reader, fs::Permissions::from_mode(0o755)).unwrap();
        let sandbox = Sandbox {
            executable: reader,
            ..with(Path::new("/nonexistent/tesseract"))
        };
        let ended = sandbox.analyze(b"text", None).await;
        assert!(
            matches!(ended, Err(ReadError::Crashed(_))),
            "{picture}: {ended:?}"
        );
    }
}

#[tokio::test]
async fn whether_it_works_is_known_before_the_first_scan() {
    let (works, _dir) = scripted("exit 0");
    assert_eq!(works.try_tesseract().await, Ok(()));
    let (broken, _dir) = scripted("exit 3");
    assert!(
        broken
            .try_tesseract()
            .await
            .is_err_and(|reason| reason.contains("exit code 3"))
    );
}

fn extract(arguments: &[&str]) -> (String, String) {
    let output = Command::new(READER)
        .args(["extract", "--format", "txt"])
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}

/// The one that is installed reads a scan; where none is, the command says what is missing. Either way it
/// does so without being told to.
#[test]
fn a_scan_is_read_where_tesseract_is_and_said_to_be_one_where_it_is_not() {
    let scan = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/corpus/pdf/scanned-pages.in"
    );
    let (found, told) = extract(&[scan]);
    if Tesseract::find().is_some() {
        for value in [
            "198.51.100.23",
            "collector.example.net",
            "CVE-2024-3400",
            "203.0.113.9",
        ] {
            assert!(found.contains(value), "{found}{told}");
        }
        assert!(told.contains("Pages 1–2 "), "{told}");
    } else {
        assert!(told.contains("Run text recognition (OCR)"), "{told}");
    }
    let (found, told) = extract(&[scan, "--ocr", "off"]);
    assert!(
        found.is_empty() && told.contains("Run text recognition (OCR)"),
        "{told}"
    );
}

#[test]
fn settings_of_ocr_that_make_no_sense_are_refused() {
    let scan = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/corpus/pdf/scanned-pages.in"
    );
    for (setting, words) in [
        ("--ocr-language=../etc/passwd", "is no list of languages"),
        ("--ocr-language=-c", "is no list of languages"),
        ("--ocr-language=", "--ocr-language"),
        ("--tesseract=/nonexistent/tesseract", "no tesseract at"),
    ] {
        let (found, told) = extract(&[scan, setting]);
        assert!(
            found.is_empty() && told.contains(words),
            "{setting}: {told}"
        );
    }
}
