//! The parent's side of the sandbox: a reader that crashes, hangs, floods or lies is an error of one
//! document. Stand-ins for the reader are small scripts; the real one reads the last test's text.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use iocsift::indicator::Kind;
use iocsift::submission::FailureCode;
use iocsift::worker::sandbox::{Limits, ReadError, Sandbox};

fn real(limits: Limits) -> Sandbox {
    Sandbox {
        executable: PathBuf::from(env!("CARGO_BIN_EXE_iocsift")),
        ..Sandbox::new(limits, false)
    }
}

/// A sandbox whose reader is a shell script. The folder goes with the returned guard.
fn scripted(script: &str, limits: Limits) -> (Sandbox, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let executable = dir.path().join("reader");
    fs::write(&executable, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&executable, fs::Permissions::from_mode(0o755)).unwrap();
    (
        Sandbox {
            executable,
            ..Sandbox::new(limits, false)
        },
        dir,
    )
}

async fn failure(script: &str, limits: Limits) -> Result<FailureCode, String> {
    let (sandbox, _dir) = scripted(script, limits);
    match sandbox.analyze(b"text", None).await {
        Err(ReadError::Input(failure)) => Ok(failure.code),
        Err(error) => Err(error.to_string()),
        Ok(analysis) => panic!("{analysis:?}"),
    }
}

#[tokio::test]
async fn a_reader_that_dies_is_a_crash_whatever_killed_it() {
    for script in [
        "kill -SEGV $$",
        "kill -ABRT $$",
        "kill -KILL $$",
        "exit 101",
        "echo panicked >&2; exit 1",
    ] {
        let error = failure(script, Limits::default()).await.expect_err(script);
        assert!(error.starts_with("the reader died"), "{script}: {error}");
    }
}

#[tokio::test]
async fn a_reader_that_answers_nonsense_has_crashed() {
    for script in [
        "echo hello",
        "echo '{\"locks\":{}}'",
        ":",
        "printf '\\377\\376'",
    ] {
        assert!(
            failure(script, Limits::default()).await.is_err(),
            "{script}"
        );
    }
}

#[tokio::test]
async fn each_limit_has_its_own_code() {
    let short = Limits {
        wall_seconds: 1,
        ..Limits::default()
    };
    let small = Limits {
        output: 1 << 20,
        ..Limits::default()
    };
    for (script, limits, code) in [
        ("exec sleep 60", short, FailureCode::ReadTimeout),
        ("kill -XCPU $$", Limits::default(), FailureCode::ReadTimeout),
        (
            "kill -SYS $$",
            Limits::default(),
            FailureCode::SandboxViolation,
        ),
        ("exec yes", small, FailureCode::OutputLimit),
        (
            "echo 'memory allocation of 9 bytes failed' >&2; kill -ABRT $$",
            Limits::default(),
            FailureCode::MemoryLimit,
        ),
    ] {
        assert_eq!(failure(script, limits).await, Ok(code), "{script}");
    }
}

#[tokio::test]
async fn a_missing_executable_is_a_fault_of_ours() {
    let mut sandbox = real(Limits::default());
    sandbox.executable = PathBuf::from("/nonexistent/iocsift");
    assert!(matches!(
        sandbox.analyze(b"text", None).await,
        Err(ReadError::Fault(_))
    ));
}

#[tokio::test]
async fn the_real_reader_runs_out_of_memory_alone() {
    // Text that stays within the input limit but whose decoded form does not fit.
    let limits = Limits {
        memory: 40 << 20,
        ..Limits::default()
    };
    let text = "word ".repeat(8 << 20).into_bytes();
    match real(limits).analyze(&text, None).await {
        Err(ReadError::Input(failure)) => assert_eq!(failure.code, FailureCode::MemoryLimit),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_real_reader_knows_the_kinds_that_the_settings_define() {
    let sandbox = Sandbox {
        rules: vec![r#"x_case="case\s(\d+)""#.parse().unwrap()],
        ..real(Limits::default())
    };
    let text = b"see \"case 17\" and 192.0.2.1";
    let analysis = sandbox.analyze(text, Some("a.txt")).await.unwrap();
    let found: Vec<_> = analysis
        .findings
        .iter()
        .map(|finding| (finding.kind.name(), finding.value.as_str()))
        .collect();
    assert_eq!(found, [("x_case", "17"), ("ipv4", "192.0.2.1")]);
}

#[tokio::test]
async fn the_real_reader_is_locked_and_reads() {
    let sandbox = real(Limits::default());
    let locks = sandbox.probe().await.unwrap();
    assert!(locks.seccomp, "seccomp needs no privilege");
    let analysis = sandbox
        .analyze(b"The C2 server is evil-c2[.]example.", Some("a.txt"))
        .await
        .unwrap();
    assert!(analysis.text.starts_with("The C2 server"));
    assert!(
        !analysis
            .findings
            .iter()
            .any(|finding| finding.kind == Kind::Ipv4)
    );
}
