//! A clock that jumps by an hour. Postgres' is the one that counts, and it is compared with what it said before
//! and nothing else: that the past moves by an hour is the same as that the clock does.

use chrono::{DateTime, Utc};

use super::*;
use crate::support::Database;

/// Moves all that was written into the future: the clock went back.
async fn set_back(database: &Database) {
    shift(database, "+").await;
}

/// Moves all that was written into the past: the clock went ahead.
async fn set_ahead(database: &Database) {
    shift(database, "-").await;
}

async fn shift(database: &Database, sign: &str) {
    database
        .execute(&format!(
            "ALTER TABLE submissions DISABLE TRIGGER submissions_stamp;
             UPDATE submissions SET created_at = created_at {sign} interval '1 hour',
                updated_at = updated_at {sign} interval '1 hour', processed_at = processed_at {sign} interval '1 hour';
             ALTER TABLE submissions ENABLE TRIGGER submissions_stamp;
             UPDATE jobs SET ready_at = ready_at {sign} interval '1 hour';
             UPDATE idempotency_keys SET created_at = created_at {sign} interval '1 hour'"
        ))
        .await;
}

/// Where a mirror stands that has seen everything.
async fn end_of_feed(store: &Store) -> DateTime<Utc> {
    let all = store.submissions_since(DateTime::UNIX_EPOCH, 100, 0).await;
    all.unwrap().last().unwrap().updated_at
}

#[tokio::test]
async fn a_clock_set_back_holds_up_no_new_job_and_no_mirror() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let waiting = insert(store, text(owner, "a")).await;
    set_back(&database).await;
    let seen = end_of_feed(store).await;
    let job = claim(store).await;
    assert_eq!(job.submission_id, waiting.id);
    assert!(store.claim(LEASE).await.unwrap().is_none(), "it is taken");
    // Under the worker's hands: it stays the worker's, and its next sign of life sets the lease right.
    set_back(&database).await;
    assert!(store.claim(LEASE).await.unwrap().is_none());
    assert!(store.renew(&job, NO_LEASE).await.unwrap());
    let heir = store.claim(LEASE).await.unwrap().unwrap();
    assert!(!store.finish(&job, finished(vec![])).await.unwrap());
    assert!(store.finish(&heir, finished(vec![])).await.unwrap());
    let news = store.submissions_since(seen, 100, 0).await.unwrap();
    assert_eq!(news.len(), 1, "the change is after all that was there");
}

#[tokio::test]
async fn a_clock_set_ahead_ends_leases_and_doubles_nothing() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    insert(store, text(owner, "a")).await;
    let brief = Duration::from_secs(60);
    let robbed = store.claim(brief).await.unwrap().unwrap();
    set_ahead(&database).await;
    let seen = end_of_feed(store).await;
    let heir = store.claim(brief).await.unwrap().unwrap();
    assert_eq!(heir.attempt, 2);
    let result = || finished(vec![finding(Kind::Ipv4, "192.0.2.1")]);
    assert!(!store.finish(&robbed, result()).await.unwrap());
    assert!(store.finish(&heir, result()).await.unwrap());
    assert_eq!(database.number("SELECT count(*) FROM sightings").await, 1);
    assert!(end_of_feed(store).await > seen);
}

#[tokio::test]
async fn a_clock_that_jumps_by_an_hour_forgets_no_request() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let new = NewSubmission {
        idempotency_key: Some("k".to_owned()),
        ..text(owner, "a")
    };
    let first = insert(store, new.clone()).await;
    set_back(&database).await;
    assert_eq!(insert(store, new.clone()).await.id, first.id);
    set_ahead(&database).await;
    set_ahead(&database).await;
    assert_eq!(insert(store, new).await.id, first.id);
}
