//! The change feed: a client that follows the documented rule misses nothing. `IOCSIFT_STRESS=100000` makes so many
//! changes (`make stress`).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use iocsift::id::SubmissionId;
use iocsift::store::{PoolSettings, Store, SubmissionEdit};
use iocsift::submission::{Failure, FailureCode, Submission};
use sqlx::{Connection, PgConnection};
use tokio::task::JoinSet;

use super::*;
use crate::support::Database;

const WRITERS: usize = 16;
const READERS: usize = 4;
const PAGE: i64 = 10;
/// Changes of a run where nobody asks for more.
const CHANGES: usize = 4_000;
/// So often a reader dies before it has kept the page that it got.
const DEATHS: usize = 7;
/// How long a slow writer takes from its change to its commit.
const SLOW: &str = "SELECT pg_sleep(0.02)";
/// Changes of slow writers in a run.
const SLOW_CHANGES: usize = 20;

type Mirror = BTreeMap<SubmissionId, Submission>;

/// What writers and readers tell each other.
#[derive(Default)]
struct Run {
    changes: AtomicUsize,
    is_over: AtomicBool,
}

/// Pages through the feed as the documentation says, until the writers have stopped and a page is short. A mirror
/// that `dies` comes back with a connection of its own and what it had kept: a page, or none of it.
/// Also whether every stamp was above the one before it.
async fn mirror(database: Arc<Database>, run: Arc<Run>, dies: bool) -> (Mirror, bool) {
    let mut store = database.store.clone();
    let mut mirror = Mirror::new();
    let mut since = DateTime::<Utc>::UNIX_EPOCH;
    let mut rises = true;
    for look in 1.. {
        let last_look = run.is_over.load(Ordering::SeqCst);
        let page = store.submissions_since(since, PAGE, 0).await.unwrap();
        let mut last = since;
        for submission in &page {
            rises &= submission.updated_at > last;
            last = submission.updated_at;
        }
        if dies && look % DEATHS == 0 && !last_look {
            let own = PoolSettings {
                max_connections: 1,
                ..PoolSettings::default()
            };
            store = Store::connect(&database.url, &own).await.unwrap();
            continue;
        }
        since = last;
        let is_short = (page.len() as i64) < PAGE;
        mirror.extend(
            page.into_iter()
                .map(|submission| (submission.id, submission)),
        );
        if is_short && last_look {
            break;
        }
    }
    (mirror, rises)
}

/// Hands in, reads, fails, edits, reprocesses and deletes, as much as others leave of it.
async fn write(store: Store, run: Arc<Run>, owner: UserId, writer: usize, wanted: usize) {
    let changed = |changes: usize| run.changes.fetch_add(changes, Ordering::SeqCst);
    for round in 0.. {
        if run.changes.load(Ordering::SeqCst) >= wanted {
            return;
        }
        let submission = insert(&store, text(owner, &format!("{writer} {round}"))).await;
        let edit = SubmissionEdit {
            tags: Some(vec![format!("{round}")]),
            ..SubmissionEdit::default()
        };
        store.edit_submission(submission.id, &edit).await.unwrap();
        changed(2);
        if let Some(job) = store.claim(LEASE).await.unwrap() {
            let findings = vec![finding(Kind::Domain, format!("d{}.example", round % 7))];
            match round % 4 {
                0 => store
                    .fail(&job, &Failure::new(FailureCode::NoText, "nothing to read"))
                    .await
                    .unwrap(),
                1 => store.give_back(&job).await.unwrap(),
                _ => store.finish(&job, finished(findings)).await.unwrap(),
            };
            changed(2);
            match round % 5 {
                0 => drop(store.delete_submission(job.submission_id).await.unwrap()),
                1 => drop(store.reprocess_submission(job.submission_id).await.unwrap()),
                _ => continue,
            }
            changed(1);
        }
    }
}

/// Changes rows of its own, each once, and takes its time before each commit.
async fn write_slowly(database: Arc<Database>, owner: UserId) {
    let mut connection = PgConnection::connect(&database.url).await.unwrap();
    for round in 0..SLOW_CHANGES {
        let submission = insert(&database.store, text(owner, &format!("slow {round}"))).await;
        let mut tx = connection.begin().await.unwrap();
        sqlx::query("UPDATE submissions SET tags = '{slow}' WHERE id = $1")
            .bind(submission.id.0)
            .execute(&mut *tx)
            .await
            .unwrap();
        sqlx::raw_sql(SLOW).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// What the table holds in the end, and what each reader made of the feed.
async fn run(database: Database, wanted: usize) -> (Mirror, Vec<(Mirror, bool)>) {
    let database = Arc::new(database);
    let run = Arc::new(Run::default());
    let owner = owner(&database.store).await;
    let mut readers = JoinSet::new();
    let mut writers = JoinSet::new();
    for reader in 0..READERS {
        readers.spawn(mirror(database.clone(), run.clone(), reader % 2 == 1));
    }
    writers.spawn(write_slowly(database.clone(), owner));
    for writer in 0..WRITERS {
        writers.spawn(write(
            database.store.clone(),
            run.clone(),
            owner,
            writer,
            wanted,
        ));
    }
    writers.join_all().await;
    run.is_over.store(true, Ordering::SeqCst);
    let all = database
        .store
        .submissions_since(DateTime::<Utc>::UNIX_EPOCH, i64::MAX, 0)
        .await
        .unwrap();
    let truth = all.into_iter().map(|one| (one.id, one)).collect();
    (truth, readers.join_all().await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_of_the_feed_end_with_the_state_of_the_server_however_many_write() {
    let wanted =
        std::env::var("IOCSIFT_STRESS").map_or(CHANGES, |changes| changes.parse().unwrap());
    let (truth, mirrors) = run(Database::new().await, wanted).await;
    assert!(truth.len() > SLOW_CHANGES);
    for (mirror, rises) in mirrors {
        assert!(rises, "the feed rises strictly");
        let missed = truth.iter().filter(|(id, one)| mirror.get(id) != Some(one));
        assert_eq!(missed.count(), 0, "of {}", truth.len());
        assert_eq!(mirror, truth);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_lock_of_the_stamp_readers_miss_changes() {
    let database = Database::new().await;
    database
        .execute(
            "CREATE OR REPLACE FUNCTION submissions_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN NEW.updated_at = clock_timestamp(); RETURN NEW; END $$;
             DROP INDEX submissions_updated_at; CREATE INDEX submissions_updated_at ON submissions (updated_at)",
        )
        .await;
    let (truth, mirrors) = run(database, CHANGES).await;
    for (mirror, _) in mirrors {
        assert_ne!(
            mirror, truth,
            "the test cannot tell whether a change was missed"
        );
    }
}
