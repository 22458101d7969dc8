//! The queue: claimed, taken over, fenced, given up.

use iocsift::store::{MAX_ATTEMPTS, PoolSettings};
use iocsift::submission::{Failure, FailureCode, Status};
use sqlx::Connection;

use super::*;
use crate::support::Database;

#[tokio::test]
async fn a_job_goes_to_one_worker_and_the_oldest_goes_first() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let first = insert(store, text(owner, "first")).await;
    let second = insert(store, text(owner, "second")).await;
    let job = claim(store).await;
    assert_eq!(
        (job.submission_id, job.attempt, job.content.as_deref()),
        (first.id, 1, Some(&b"first"[..]))
    );
    assert_eq!(
        store.submission(first.id).await.unwrap().unwrap().status,
        Status::Processing
    );
    assert_eq!(claim(store).await.submission_id, second.id);
    assert!(store.claim(LEASE).await.unwrap().is_none());
    assert_eq!(store.ready().await.unwrap().queue_depth, 2);
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_changes_nothing() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let submission = insert(store, text(owner, "a")).await;
    let late = store.claim(NO_LEASE).await.unwrap().unwrap();
    let quick = claim(store).await;
    assert_eq!((quick.submission_id, quick.attempt), (submission.id, 2));

    assert!(!store.renew(&late, LEASE).await.unwrap());
    assert!(!store.retry(&late, Duration::ZERO).await.unwrap());
    assert!(!store.give_back(&late).await.unwrap());
    assert!(
        !store
            .fail(&late, &Failure::new(FailureCode::NoText, "late"))
            .await
            .unwrap()
    );
    assert!(
        !store
            .finish(&late, finished(vec![finding(Kind::Ipv4, "192.0.2.1")]))
            .await
            .unwrap()
    );
    assert_eq!(database.number("SELECT count(*) FROM iocs").await, 0);
    assert!(store.renew(&quick, LEASE).await.unwrap());
    assert!(
        store
            .finish(&quick, finished(vec![finding(Kind::Ipv4, "192.0.2.2")]))
            .await
            .unwrap()
    );

    // The numbers of attempts start again with a new job; the fence does not.
    store.reprocess_submission(submission.id).await.unwrap();
    let again = claim(store).await;
    assert_eq!(again.attempt, late.attempt);
    assert!(!store.finish(&late, finished(vec![])).await.unwrap());
    assert!(store.finish(&again, finished(vec![])).await.unwrap());
}

#[tokio::test]
async fn a_document_that_kills_its_reader_is_given_up_and_the_next_one_is_read() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let poison = insert(store, text(owner, "poison")).await;
    for attempt in 1..=MAX_ATTEMPTS {
        assert_eq!(
            store.claim(NO_LEASE).await.unwrap().unwrap().attempt,
            attempt
        );
    }
    let good = insert(store, text(owner, "good")).await;
    assert_eq!(claim(store).await.submission_id, good.id);
    let failed = store.submission(poison.id).await.unwrap().unwrap();
    assert_eq!(failed.status, Status::Failed);
    assert_eq!(failed.error.unwrap().code, FailureCode::ReaderCrashed);
    assert!(failed.processed_at.is_some());
    assert_eq!(store.ready().await.unwrap().queue_depth, 1);
}

#[tokio::test]
async fn a_fault_of_ours_counts_as_a_try_and_is_not_blamed_on_the_document() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let submission = insert(store, text(owner, "a")).await;
    let job = claim(store).await;
    assert!(store.retry(&job, LEASE).await.unwrap());
    assert!(
        store.claim(LEASE).await.unwrap().is_none(),
        "not before its time"
    );
    assert_eq!(
        store
            .submission(submission.id)
            .await
            .unwrap()
            .unwrap()
            .status,
        Status::Pending
    );
    database.execute("UPDATE jobs SET ready_at = now()").await;
    for attempt in 2..=MAX_ATTEMPTS {
        let job = claim(store).await;
        assert_eq!(job.attempt, attempt);
        assert!(store.retry(&job, Duration::ZERO).await.unwrap());
    }
    assert!(store.claim(LEASE).await.unwrap().is_none());
    let failed = store.submission(submission.id).await.unwrap().unwrap();
    assert_eq!(failed.error.unwrap().code, FailureCode::Internal);
}

#[tokio::test]
async fn a_job_given_back_is_ready_at_once_and_its_attempt_not_counted() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    insert(store, text(owner, "a")).await;
    for _ in 0..=MAX_ATTEMPTS {
        let job = claim(store).await;
        assert_eq!(job.attempt, 1);
        assert!(store.give_back(&job).await.unwrap());
    }
}

#[tokio::test]
async fn a_failure_is_told_and_reprocessing_clears_it() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let submission = insert(store, text(owner, "a")).await;
    let failure = Failure::new(FailureCode::Encrypted, "it needs a password");
    assert!(store.fail(&claim(store).await, &failure).await.unwrap());
    assert_eq!(
        store
            .submission(submission.id)
            .await
            .unwrap()
            .unwrap()
            .error,
        Some(failure)
    );
    assert!(store.claim(LEASE).await.unwrap().is_none());

    let again = store
        .reprocess_submission(submission.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (again.status, again.error, again.processed_at),
        (Status::Pending, None, None)
    );
    let same = store
        .reprocess_submission(submission.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        same.updated_at, again.updated_at,
        "one on its way stays as it is"
    );
}

#[tokio::test]
async fn a_result_waits_for_a_transaction_that_stands_still_longer_than_a_query_may() {
    let database = Database::new().await;
    let hurried = PoolSettings {
        statement_timeout: Duration::from_millis(100),
        ..PoolSettings::default()
    };
    let store = Store::connect(&database.url, &hurried).await.unwrap();
    let owner = owner(&store).await;
    insert(&store, text(owner, "a")).await;
    let job = claim(&store).await;
    let mut other = sqlx::PgConnection::connect(&database.url).await.unwrap();
    let stand = "BEGIN; LOCK TABLE blobs";
    sqlx::raw_sql(stand).execute(&mut other).await.unwrap();
    let end = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    };
    let (stored, ()) = tokio::join!(store.finish(&job, finished(vec![])), end);
    assert!(stored.unwrap());
}

#[tokio::test]
async fn a_second_reading_replaces_what_the_first_one_found() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let other = completed(
        store,
        owner,
        "b",
        vec![finding(Kind::Domain, "both.example")],
    )
    .await;
    let findings = vec![
        finding(Kind::Domain, "old.example"),
        finding(Kind::Domain, "both.example"),
    ];
    let submission = completed(store, owner, "a", findings).await;
    let values = async |id| {
        let iocs = store.submission_iocs(id, false).await.unwrap();
        iocs.into_iter()
            .map(|ioc| ioc.finding.value)
            .collect::<Vec<_>>()
    };

    store.reprocess_submission(submission.id).await.unwrap();
    assert_eq!(
        values(submission.id).await.len(),
        2,
        "they stay until the second reading ends"
    );
    let findings = vec![
        finding(Kind::Domain, "new.example"),
        finding(Kind::Domain, "both.example"),
    ];
    assert!(
        store
            .finish(&claim(store).await, finished(findings))
            .await
            .unwrap()
    );
    assert_eq!(values(submission.id).await, ["new.example", "both.example"]);
    assert_eq!(store.stats(false).await.unwrap().total_iocs, 2);

    store.reprocess_submission(submission.id).await.unwrap();
    assert!(
        store
            .fail(
                &claim(store).await,
                &Failure::new(FailureCode::NoText, "empty")
            )
            .await
            .unwrap()
    );
    assert_eq!(values(submission.id).await, Vec::<String>::new());
    assert_eq!(store.text(submission.id).await.unwrap(), None);
    assert_eq!(values(other.id).await, ["both.example"]);
    assert_eq!(store.stats(false).await.unwrap().total_iocs, 1);
}

#[tokio::test]
async fn bytes_fetched_again_replace_the_earlier_ones() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let submission = insert(store, url(owner, "https://a.example/")).await;
    for body in ["first", "second", "second"] {
        let fetched = Finished {
            content: Some(content(body.as_bytes())),
            ..finished(vec![])
        };
        assert!(store.finish(&claim(store).await, fetched).await.unwrap());
        assert_eq!(
            store.content(submission.id).await.unwrap().unwrap().bytes,
            body.as_bytes()
        );
        assert_eq!(
            database.number("SELECT count(*) FROM blobs").await,
            2,
            "these bytes and their text"
        );
        store.reprocess_submission(submission.id).await.unwrap();
    }
}

#[tokio::test]
async fn a_new_job_wakes_who_listens_and_a_lost_connection_is_told() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let mut wake_ups = store.wake_ups().await.unwrap();
    insert(store, text(owner, "a")).await;
    let soon = Duration::from_secs(10);
    assert!(tokio::time::timeout(soon, wake_ups.next()).await.unwrap());
    database
        .execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND query LIKE 'LISTEN%'",
        )
        .await;
    assert!(!tokio::time::timeout(soon, wake_ups.next()).await.unwrap());
    wake_ups = store.wake_ups().await.unwrap();
    insert(store, text(owner, "b")).await;
    assert!(tokio::time::timeout(soon, wake_ups.next()).await.unwrap());
}

/// Claims until nothing is left; whose each was, in order.
async fn order_of(store: &Store, owners: &[UserId]) -> Vec<usize> {
    let mut order = Vec::new();
    while let Some(job) = store.claim(LEASE).await.unwrap() {
        let owner = store.submission_owner(job.submission_id).await.unwrap();
        order.push(owners.iter().position(|one| Some(*one) == owner).unwrap());
    }
    order
}

#[tokio::test]
async fn a_single_document_does_not_wait_behind_an_import() {
    let database = Database::new().await;
    let store = &database.store;
    let owners = [owner(store).await, owner(store).await];
    for number in 0..10 {
        insert(store, text(owners[0], &number.to_string())).await;
    }
    for _ in 0..4 {
        claim(store).await;
    }
    insert(store, text(owners[1], "single")).await;
    assert_eq!(order_of(store, &owners).await, [0, 1, 0, 0, 0, 0, 0]);
}

#[tokio::test]
async fn two_imports_alternate_and_the_later_one_catches_up_with_nobody() {
    let database = Database::new().await;
    let store = &database.store;
    let owners = [owner(store).await, owner(store).await];
    for number in 0..6 {
        insert(store, text(owners[0], &format!("a {number}"))).await;
    }
    claim(store).await;
    claim(store).await;
    for number in 0..4 {
        insert(store, text(owners[1], &format!("b {number}"))).await;
    }
    assert_eq!(order_of(store, &owners).await, [0, 1, 0, 1, 0, 1, 0, 1]);
}

#[tokio::test]
async fn one_who_always_hands_in_one_more_does_not_keep_an_import_waiting() {
    let database = Database::new().await;
    let store = &database.store;
    let owners = [owner(store).await, owner(store).await];
    for number in 0..4 {
        insert(store, text(owners[0], &format!("a {number}"))).await;
    }
    let mut order = Vec::new();
    for number in 0..8 {
        insert(store, text(owners[1], &format!("b {number}"))).await;
        let job = claim(store).await;
        let whose = store.submission_owner(job.submission_id).await.unwrap();
        order.push(usize::from(whose == Some(owners[1])));
        assert!(store.finish(&job, finished(vec![])).await.unwrap());
    }
    assert_eq!(
        order.iter().filter(|whose| **whose == 0).count(),
        4,
        "{order:?}"
    );
}
