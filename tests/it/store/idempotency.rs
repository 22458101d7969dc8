//! Requests that come again under the name that their client gave them.

use super::*;
use crate::support::Database;

fn named(new: NewSubmission, key: &str) -> NewSubmission {
    NewSubmission {
        idempotency_key: Some(key.to_owned()),
        ..new
    }
}

async fn handed_in(store: &Store, new: &NewSubmission) -> Inserted {
    store.insert_submission(new.clone(), FRESH).await.unwrap()
}

#[tokio::test]
async fn a_request_that_comes_again_under_its_name_ends_as_it_did() {
    let database = Database::new().await;
    let store = &database.store;
    let (owner, other) = (owner(store).await, owner(store).await);
    let new = named(text(owner, "a"), "k");
    let Inserted::New(first) = handed_in(store, &new).await else {
        panic!("it was not there before");
    };
    assert_eq!(handed_in(store, &new).await, Inserted::New(first.clone()));
    // Without the name, under another, or by somebody else it is what it always was.
    for again in [
        text(owner, "a"),
        named(text(owner, "a"), "l"),
        named(text(other, "a"), "k"),
    ] {
        for _ in 0..2 {
            assert_eq!(
                handed_in(store, &again).await,
                Inserted::Duplicate(first.clone())
            );
        }
    }
    assert_eq!(database.number("SELECT count(*) FROM submissions").await, 1);
    assert_eq!(database.number("SELECT count(*) FROM jobs").await, 1);
}

#[tokio::test]
async fn another_request_under_the_same_name_is_told_and_stores_nothing() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let new = named(text(owner, "a"), "k");
    handed_in(store, &new).await;
    let titled = NewSubmission {
        title: Some("a title".to_owned()),
        ..new
    };
    for other in [
        titled,
        named(text(owner, "b"), "k"),
        named(file(owner, "a text", b"a"), "k"),
        named(url(owner, "https://example.com/"), "k"),
    ] {
        assert_eq!(handed_in(store, &other).await, Inserted::KeyReused);
    }
    assert_eq!(database.number("SELECT count(*) FROM submissions").await, 1);
    assert_eq!(database.number("SELECT count(*) FROM blobs").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_name_at_the_same_time_makes_one_submission() {
    let database = Database::new().await;
    let owner = owner(&database.store).await;
    // A URL that is read at once would be fetched again by the next request without a name.
    let new = named(url(owner, "https://example.com/"), "k");
    let all = (0..8).map(|_| handed_in(&database.store, &new));
    let mut ids: Vec<_> = futures_util::future::join_all(all)
        .await
        .into_iter()
        .map(|inserted| match inserted {
            Inserted::New(submission) => submission.id,
            other => panic!("{other:?}"),
        })
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(database.number("SELECT count(*) FROM submissions").await, 1);
}

#[tokio::test]
async fn a_url_is_not_fetched_anew_for_a_request_that_comes_again() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let new = named(url(owner, "https://example.com/"), "k");
    handed_in(store, &new).await;
    store
        .finish(&claim(store).await, finished(vec![]))
        .await
        .unwrap();
    let stale = store
        .insert_submission(new.clone(), Duration::ZERO)
        .await
        .unwrap();
    assert!(matches!(stale, Inserted::New(_)), "{stale:?}");
    assert_eq!(database.number("SELECT count(*) FROM submissions").await, 1);
}

#[tokio::test]
async fn a_name_is_forgotten_after_a_day() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    handed_in(store, &named(text(owner, "a"), "old")).await;
    handed_in(store, &named(text(owner, "a"), "older")).await;
    database
        .execute("UPDATE idempotency_keys SET created_at = now() - interval '25 hours'")
        .await;
    let other = named(text(owner, "b"), "old");
    assert!(matches!(handed_in(store, &other).await, Inserted::New(_)));
    assert!(matches!(handed_in(store, &other).await, Inserted::New(_)));
    assert_eq!(store.forget_idempotency_keys().await.unwrap(), 1);
    assert_eq!(
        database
            .number("SELECT count(*) FROM idempotency_keys")
            .await,
        1
    );
}

#[tokio::test]
async fn what_was_not_stored_leaves_no_name() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let new = named(text(owner, "a"), "k");
    database
        .execute(
            "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'dead'; END$$;
             CREATE TRIGGER die BEFORE INSERT ON submissions FOR EACH ROW EXECUTE FUNCTION die()",
        )
        .await;
    store
        .insert_submission(new.clone(), FRESH)
        .await
        .unwrap_err();
    database.execute("DROP TRIGGER die ON submissions").await;
    assert!(matches!(handed_in(store, &new).await, Inserted::New(_)));
}
