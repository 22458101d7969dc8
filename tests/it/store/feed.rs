//! The change feed: a client that follows the documented rule misses nothing.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use iocsift::id::SubmissionId;
use iocsift::store::{Store, SubmissionEdit};
use iocsift::submission::{Failure, FailureCode, Submission};
use tokio::task::JoinSet;

use super::*;
use crate::support::Database;

const WRITERS: usize = 8;
const ROUNDS: usize = 30;
const PAGE: i64 = 10;

type Mirror = BTreeMap<SubmissionId, Submission>;

/// Pages through the feed as the documentation says, until the writers have stopped and a page is short.
async fn mirror(store: Store, stopped: &AtomicBool) -> Mirror {
    let mut mirror = Mirror::new();
    let mut since = DateTime::<Utc>::UNIX_EPOCH;
    loop {
        let last_look = stopped.load(Ordering::SeqCst);
        let page = store.submissions_since(since, PAGE, 0).await.unwrap();
        let short = (page.len() as i64) < PAGE;
        for submission in page {
            assert!(submission.updated_at > since, "the feed rises strictly");
            since = submission.updated_at;
            mirror.insert(submission.id, submission);
        }
        if short && last_look {
            return mirror;
        }
    }
}

/// Hands in, reads, fails, edits, reprocesses and deletes, as much as others leave of it.
async fn write(store: Store, owner: UserId, writer: usize) {
    for round in 0..ROUNDS {
        let submission = insert(&store, text(owner, &format!("{writer} {round}"))).await;
        let edit = SubmissionEdit {
            tags: Some(vec![format!("{round}")]),
            ..SubmissionEdit::default()
        };
        store.edit_submission(submission.id, &edit).await.unwrap();
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
            match round % 5 {
                0 => drop(store.delete_submission(job.submission_id).await.unwrap()),
                1 => drop(store.reprocess_submission(job.submission_id).await.unwrap()),
                _ => {}
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_of_the_feed_end_with_the_state_of_the_server_however_many_write() {
    static STOPPED: AtomicBool = AtomicBool::new(false);

    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let mut readers = JoinSet::new();
    let mut writers = JoinSet::new();
    for _ in 0..2 {
        readers.spawn(mirror(store.clone(), &STOPPED));
    }
    for writer in 0..WRITERS {
        writers.spawn(write(store.clone(), owner, writer));
    }
    writers.join_all().await;
    STOPPED.store(true, Ordering::SeqCst);

    let all = store
        .submissions_since(DateTime::<Utc>::UNIX_EPOCH, i64::MAX, 0)
        .await
        .unwrap();
    let truth: Mirror = all
        .into_iter()
        .map(|submission| (submission.id, submission))
        .collect();
    assert_eq!(truth.len(), WRITERS * ROUNDS);
    for mirror in readers.join_all().await {
        assert_eq!(mirror, truth);
    }
}
