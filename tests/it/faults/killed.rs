//! Readers and servers that die again and again, by themselves and by documents.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use iocsift::account::Role;
use iocsift::fetch::{Fetcher, Poster};
use iocsift::store::{Inserted, MAX_ATTEMPTS, MAX_CRASHES};
use iocsift::submission::{FailureCode, Status};
use iocsift::worker::pipeline::Pipeline;
use iocsift::worker::sandbox::{Limits, Sandbox};
use iocsift::worker::{Pool, Settings};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{EACH, document, size};
use crate::process::Server;
use crate::store::file;
use crate::support::Database;

/// Documents of the batch whose readers die.
const DOCUMENTS: usize = 100;

/// A reader that is killed in the middle of its work: once where the name says `doomed`, always where it
/// says `poison`.
fn mortal(dir: &Path) -> Sandbox {
    let executable = dir.join("reader");
    let script = format!(
        "#!/bin/sh\nname=$(expr \"$2\" : '.*\\(doomed-[0-9]*\\|poison-[0-9]*\\)')\n\
         case \"$name\" in\n\
         poison*) echo x >> {dir}/$name; kill -KILL $$;;\n\
         doomed*) [ -e {dir}/$name ] || {{ echo x > {dir}/$name; kill -KILL $$; }};;\n\
         esac\nexec {} \"$@\"\n",
        env!("CARGO_BIN_EXE_iocsift"),
        dir = dir.display(),
    );
    fs::write(&executable, script).unwrap();
    fs::set_permissions(&executable, fs::Permissions::from_mode(0o755)).unwrap();
    Sandbox {
        executable,
        limits: Limits::default(),
        required: false,
        rules: Vec::new(),
        tesseract: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_that_are_killed_cost_a_try_and_a_poisoned_document_fails_alone() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::new().await;
    let store = &database.store;
    let account = store.create_user("owner", "hash", Role::Member).await;
    let owner = account.unwrap().unwrap().id;
    let mut ids = Vec::new();
    for number in 0..DOCUMENTS {
        let name = match number {
            7 => format!("poison-{number}.txt"),
            _ if number % 2 == 0 => format!("doomed-{number}.txt"),
            _ => format!("sound-{number}.txt"),
        };
        let body = format!("node-{number}.badhost{number}[.]com");
        let new = file(owner, &name, body.as_bytes());
        match store.insert_submission(new, Duration::ZERO).await.unwrap() {
            Inserted::New(submission) => ids.push(submission.id),
            other => panic!("not new: {other:?}"),
        }
    }
    let pipeline = Pipeline {
        fetcher: Fetcher::new(iocsift::fetch::Policy::default(), Default::default()),
        sandbox: mortal(dir.path()),
        catalogue: Default::default(),
    };
    let settings = Settings {
        poll: Duration::from_millis(200),
        ..Settings::default()
    };
    let end = CancellationToken::new();
    let poster = Poster::new(iocsift::fetch::Policy::default(), Duration::from_secs(1));
    let pool = tokio::spawn(Pool::new(store.clone(), pipeline, poster, settings).run(end.clone()));
    while store.ready().await.unwrap().queue_depth > 0 {
        // No pause before the next try is waited for.
        database
            .execute("UPDATE jobs SET ready_at = now() WHERE handed_back AND ready_at > now()")
            .await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    end.cancel();
    pool.await.unwrap();

    for (number, id) in ids.iter().enumerate() {
        let submission = store.submission(*id).await.unwrap().unwrap();
        if number == 7 {
            assert_eq!(submission.status, Status::Failed);
            assert_eq!(submission.error.unwrap().code, FailureCode::ReaderCrashed);
            continue;
        }
        assert_eq!(submission.status, Status::Completed, "{number}");
        assert_eq!(submission.ioc_count, 1, "{number}");
    }
    let deaths = |name: String| {
        fs::read_to_string(dir.path().join(name))
            .unwrap()
            .lines()
            .count()
    };
    assert_eq!(
        deaths("poison-7".to_owned()),
        usize::try_from(MAX_CRASHES).unwrap()
    );
    for number in (0..DOCUMENTS).step_by(2) {
        assert_eq!(deaths(format!("doomed-{number}")), 1);
    }
    assert_eq!(database.number("SELECT count(*) FROM sightings").await, 99);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_again_and_again_ends_every_acknowledged_upload_once() {
    const AT_ONCE: usize = 16;
    let kills = size(25, 4);
    let dir = tempfile::tempdir().unwrap();
    let start = || {
        let flags = [
            "--lease",
            "3",
            "--workers",
            "3",
            "--submissions-per-hour",
            "0",
            "--token-per-minute",
            "0",
        ];
        Arc::new(Server::start(dir.path(), &flags))
    };
    let mut acknowledged = Vec::new();
    for round in 0..kills {
        let server = start();
        let mut uploads = JoinSet::new();
        for number in round * AT_ONCE..(round + 1) * AT_ONCE {
            let server = Arc::clone(&server);
            uploads.spawn(async move { server.try_submit(&document(number)).await });
        }
        // After another number of answers each time, with others under way and earlier ones being read.
        for _ in 0..(round * 7) % AT_ONCE {
            acknowledged.extend(uploads.join_next().await.unwrap().unwrap());
        }
        server.kill_now();
        while let Some(answer) = uploads.join_next().await {
            acknowledged.extend(answer.unwrap());
        }
    }
    let server = start();
    // What was not acknowledged is handed in again: it may have been stored all the same, and then is known.
    let mut ids = Vec::new();
    for number in 0..kills * AT_ONCE {
        ids.push(server.try_submit(&document(number)).await.unwrap());
    }
    for id in &acknowledged {
        assert!(ids.contains(id), "{id} was acknowledged and is lost");
    }
    // Whoever was in work at three of the kills is given up: nobody can tell it from one that brought them about.
    let mut read = 0;
    for id in &ids {
        let submission = server.ended(id).await;
        if submission["status"] == "failed" {
            assert_eq!(
                submission["error"]["code"], "reader_crashed",
                "{submission}"
            );
            continue;
        }
        read += 1;
        assert_eq!(submission["iocs"].as_array().unwrap().len(), EACH, "{id}");
    }
    assert!(read >= ids.len() - kills, "{read} of {}", ids.len());
    let stats = server.get("/api/iocs/stats").await;
    assert_eq!(stats["total_submissions"], ids.len());
    assert_eq!(stats["total_iocs"], read * EACH);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_takes_the_service_down_is_given_up_and_the_others_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::new().await;
    let flags = [
        "--lease",
        "3",
        "--database-url",
        &database.url,
        "--workers",
        "1",
    ];
    let server = Server::start(dir.path(), &[&flags[..5], &["0"][..]].concat());
    // It takes so long to read that it is met in work.
    let poison = server.submit(&document(0).repeat(20)).await;
    let sound = server.submit(&document(1)).await;
    for _ in 0..MAX_ATTEMPTS {
        let victim = Server::start(dir.path(), &flags);
        while database
            .number(
                "SELECT count(*) FROM jobs j JOIN submissions s ON s.id = j.submission_id
                     WHERE s.size_bytes > 1000000 AND j.ready_at > now() AND j.claim IS NOT NULL",
            )
            .await
            == 0
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        victim.kill();
        database
            .execute("UPDATE jobs SET ready_at = now() WHERE claim IS NOT NULL")
            .await;
    }
    let heir = Server::start(dir.path(), &flags);
    let failed = heir.ended(&poison).await;
    assert_eq!(failed["status"], "failed", "{failed}");
    assert_eq!(failed["error"]["code"], "reader_crashed");
    assert_eq!(heir.ended(&sound).await["status"], "completed");
}
