//! Who waits for the store may go away at any time: a client hangs up, a request runs out of its time.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use iocsift::id::SubmissionId;
use iocsift::store::{PoolSettings, SubmissionEdit};
use sqlx::{Connection, PgConnection};

use super::*;
use crate::support::Database;

/// More than any of the calls below needs to come to its end.
const LOOKS: usize = 20;

/// Looks at `work` so often, each time that something has happened, and lets go of it; whether it came to its end.
async fn abandoned<T>(work: impl Future<Output = T>, looks: usize) -> bool {
    let mut work = pin!(work);
    let mut seen = 0;
    poll_fn(|context| {
        if seen == looks {
            return Poll::Ready(false);
        }
        seen += 1;
        work.as_mut().poll(context).map(|_| true)
    })
    .await
}

#[tokio::test]
async fn whoever_goes_away_leaves_no_transaction_behind_for_others_to_lose_their_changes_in() {
    let database = Database::new().await;
    // One for all: the next to come gets what is left.
    let one = PoolSettings {
        max_connections: 1,
        ..PoolSettings::default()
    };
    let store = &Store::connect(&database.url, &one).await.unwrap();
    let owner = owner(store).await;
    let submission = insert(store, text(owner, "kept")).await;
    let mut observer = PgConnection::connect(&database.url).await.unwrap();
    let mut completed = 0;
    for looks in 0..LOOKS {
        let other = text(owner, &format!("number {looks}"));
        let came = [
            abandoned(store.insert_submission(other, FRESH), looks).await,
            abandoned(store.search_submissions(&Default::default()), looks).await,
            abandoned(store.delete_submission(SubmissionId::generate()), looks).await,
        ];
        completed += came.into_iter().filter(|came| *came).count();
        let edit = SubmissionEdit {
            tags: Some(vec![looks.to_string()]),
            ..SubmissionEdit::default()
        };
        store.edit_submission(submission.id, &edit).await.unwrap();
        let tags: Vec<String> = sqlx::query_scalar("SELECT tags FROM submissions WHERE id = $1")
            .bind(submission.id.0)
            .fetch_one(&mut observer)
            .await
            .unwrap();
        assert_eq!(tags, [looks.to_string()], "after {looks} looks");
    }
    assert!(completed > 3, "{completed}");
}
