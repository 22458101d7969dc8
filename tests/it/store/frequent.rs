//! Counts of indicators that very many documents show.

use iocsift::id::IocId;
use iocsift::indicator::Kind;
use iocsift::store::Store;
use sqlx::{Connection, PgConnection};
use tokio::task::JoinSet;

use super::*;
use crate::support::Database;

/// Indicators whose count is not the number of their sightings; 0 at every moment.
pub(super) const WRONG_COUNTS: &str = "SELECT count(*) FROM iocs i CROSS JOIN LATERAL seen(i.id) AS told
    JOIN (SELECT ioc_id, min(created_at) AS first, max(created_at) AS last, count(*) AS n FROM sightings GROUP BY 1) s ON s.ioc_id = i.id
    WHERE (told.first, told.last, told.n) IS DISTINCT FROM (s.first, s.last, s.n)";

async fn told(store: &Store, id: IocId) -> i64 {
    store.ioc(id).await.unwrap().unwrap().ioc.submission_count
}

#[tokio::test]
async fn the_count_of_what_stands_in_thousands_is_kept() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let findings = vec![
        finding(Kind::Ipv4, "198.51.100.7"),
        finding(Kind::Ipv4, "198.51.100.8"),
    ];
    let submission = completed(store, owner, "a", findings.clone()).await;
    let iocs = store.submission_iocs(submission.id, false).await.unwrap();
    let (frequent, rare) = (iocs[0].id, iocs[1].id);
    // As 3,000 documents would have left it.
    let copies = format!(
        "INSERT INTO sightings SELECT (jsonb_populate_record(s, jsonb_build_object('submission_id', gen_random_uuid()))).*
         FROM sightings s, generate_series(1, 3000) WHERE ioc_id = '{}'; ANALYZE sightings",
        frequent.0
    );
    database.execute(&copies).await;
    store.keep_frequent_counts().await.unwrap();
    let kept = "SELECT n FROM frequent_iocs";
    assert_eq!(database.number(kept).await, 3_001);
    assert_eq!(
        (told(store, frequent).await, told(store, rare).await),
        (3_001, 1)
    );

    let second = completed(store, owner, "b", findings.clone()).await;
    assert_eq!(
        (told(store, frequent).await, told(store, rare).await),
        (3_002, 2)
    );
    store.tidy().await.unwrap();
    assert_eq!(
        (told(store, frequent).await, told(store, rare).await),
        (3_002, 2)
    );
    assert_eq!(database.number(kept).await, 3_002, "added up");
    assert!(store.delete_submission(second.id).await.unwrap());
    assert_eq!(
        (told(store, frequent).await, told(store, rare).await),
        (3_001, 1)
    );
    assert_eq!(database.number(WRONG_COUNTS).await, 0);

    // Nobody counts: what goes behind the triggers stays in the count.
    for statement in [
        "ALTER TABLE sightings DISABLE TRIGGER USER",
        "DELETE FROM sightings WHERE ctid IN (SELECT ctid FROM sightings ORDER BY created_at DESC LIMIT 1000)",
    ] {
        database.execute(statement).await;
    }
    assert_eq!(told(store, frequent).await, 3_001);

    database
        .execute("DELETE FROM sightings; DELETE FROM iocs")
        .await;
    store.keep_frequent_counts().await.unwrap();
    assert_eq!(
        database.number("SELECT count(*) FROM frequent_iocs").await,
        0
    );
}

#[tokio::test]
async fn counts_are_exact_at_every_moment_while_documents_come_and_go() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let findings = |n: usize| {
        let shown = (0..6).filter(move |i| !(n >> i).is_multiple_of(3));
        shown
            .map(|i| finding(Kind::Ipv4, format!("198.51.100.{i}")))
            .collect::<Vec<_>>()
    };
    for n in 0..6 {
        completed(store, owner, &format!("before {n}"), findings(n)).await;
    }
    let mut writers = JoinSet::new();
    for writer in 0..4 {
        let store = store.clone();
        writers.spawn(async move {
            for n in 0..25 {
                let new = insert(&store, text(owner, &format!("{writer}, {n}"))).await;
                // Whichever comes next, of whichever writer; it may be deleted meanwhile.
                while let Some(job) = store.claim(LEASE).await.unwrap() {
                    let found = finished(findings(n * 7 + writer));
                    store.finish(&job, found).await.unwrap();
                }
                match n % 3 {
                    0 => drop(store.delete_submission(new.id).await.unwrap()),
                    1 => drop(store.reprocess_submission(new.id).await.unwrap()),
                    _ => {}
                }
            }
        });
    }
    let mut round = 0;
    while !writers.is_empty() {
        while let Some(ended) = writers.try_join_next() {
            ended.unwrap();
        }
        // Some are taken up, and some are given up, while others write.
        let note = format!(
            "INSERT INTO frequent_iocs (ioc_id) SELECT id FROM iocs WHERE hashtext(value || '{round}') % 2 = 0 ON CONFLICT DO NOTHING"
        );
        database.execute(&note).await;
        let (kept, tidied) = tokio::join!(store.keep_frequent_counts(), store.tidy());
        kept.unwrap();
        tidied.unwrap();
        assert_eq!(database.number(WRONG_COUNTS).await, 0, "round {round}");
        round += 1;
    }
    assert!(round > 3, "{round} rounds");
    let uncounted = "SELECT count(*) FROM frequent_iocs WHERE n IS NULL";
    assert_eq!(database.number(uncounted).await, 0);
}

#[tokio::test]
async fn a_document_that_was_being_stored_when_its_indicator_was_noted_is_counted() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    completed(store, owner, "a", vec![finding(Kind::Ipv4, "198.51.100.7")]).await;
    let mut writer = PgConnection::connect(&database.url).await.unwrap();
    let mut tx = writer.begin().await.unwrap();
    // What storing does, up to the commit.
    for statement in [
        "SELECT pg_advisory_xact_lock_shared('sightings'::regclass::bigint)",
        "INSERT INTO sightings SELECT (jsonb_populate_record(s, jsonb_build_object('submission_id', gen_random_uuid()))).* FROM sightings s",
    ] {
        sqlx::raw_sql(statement).execute(&mut *tx).await.unwrap();
    }
    database
        .execute("INSERT INTO frequent_iocs (ioc_id) SELECT id FROM iocs")
        .await;
    let counting = tokio::spawn({
        let store = store.clone();
        async move { store.keep_frequent_counts().await }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(database.number(WRONG_COUNTS).await, 0);
    tx.commit().await.unwrap();
    counting.await.unwrap().unwrap();
    let kept = "SELECT n FROM frequent_iocs";
    assert_eq!(database.number(kept).await, 2);
    assert_eq!(database.number(WRONG_COUNTS).await, 0);
}
