//! Marks of lists, made anew in what is stored: the outcome is that of reading everything again.

use std::time::Duration;

use iocsift::catalogue::{Catalogue, Keeper};
use iocsift::id::{IocId, ListId, SubmissionId};
use iocsift::indicator::Finding;
use iocsift::lists::{ListFormat, ListKind, accept};
use iocsift::store::{ListDefinition, Store, Taken};
use iocsift::worker::pipeline::Pipeline;
use iocsift::worker::{self, remark};
use sqlx::{Connection, PgConnection};

use crate::pipeline::{pipeline, sandbox};
use crate::store::lists::definition;
use crate::store::{file, insert, owner};
use crate::support::Database;

const TEXTS: [&str; 3] = [
    "The loader asks www.our-corp.net and 198.18.7.9 for its address, then mail.our-corp.net.\n",
    "Its C2 server is other-host.net, reached by www[.]our-corp[.]net and http://10.0.0.1/gate.php there.\n",
    "Nothing of ours: third-host.net alone.\n",
];

/// Names `text` as what is trusted here.
async fn trust(store: &Store, text: &str) -> ListId {
    let format = ListFormat::Allowlist;
    let wanted = ListDefinition {
        kind: ListKind::Allowlist,
        format,
        ..definition("ours", None)
    };
    let contents = accept(format, &wanted.columns, text.as_bytes(), 0, false).unwrap();
    let list = store.create_list(&wanted).await.unwrap().unwrap();
    let taken = Taken::new(&contents, text.as_bytes());
    store.replace_list(list.id, &taken).await.unwrap();
    list.id
}

/// Reads all that waits.
async fn read(store: &Store, catalogue: Catalogue) {
    let pipeline = Pipeline {
        catalogue,
        ..pipeline(sandbox())
    };
    while worker::step(store, &pipeline, Duration::from_secs(600))
        .await
        .unwrap()
    {}
}

/// What a submission says, each time in the same order.
async fn said(store: &Store, id: SubmissionId) -> Vec<Finding> {
    let iocs = store.submission_iocs(id, true).await.unwrap();
    iocs.into_iter().map(|ioc| ioc.finding).collect()
}

async fn all(store: &Store, ids: &[SubmissionId]) -> Vec<Vec<Finding>> {
    let mut all = Vec::new();
    for id in ids {
        all.push(said(store, *id).await);
    }
    all
}

/// Nobody has to be given notice here, nor to be waited for.
async fn due(database: &Database) {
    let mut connection = PgConnection::connect(&database.url).await.unwrap();
    let now = sqlx::query("UPDATE remark SET ready_at = now()");
    now.execute(&mut connection).await.unwrap();
}

/// Has all marks made anew; how many submissions changed.
async fn remarked(database: &Database, catalogue: &Catalogue) -> i64 {
    let store = &database.store;
    assert!(store.want_remark().await.unwrap().ended_at.is_none());
    assert!(
        !remark::step(store, catalogue).await.unwrap(),
        "others may have older lists yet"
    );
    due(database).await;
    while remark::step(store, catalogue).await.unwrap() {}
    let run = store.remark().await.unwrap().unwrap();
    assert!(
        run.ended_at.is_some() && run.seen == TEXTS.len() as i64,
        "{run:?}"
    );
    run.changed
}

#[tokio::test]
async fn a_run_gives_what_reading_everything_again_gives() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let mut ids = Vec::new();
    for (number, text) in TEXTS.iter().enumerate() {
        let new = file(owner, &format!("{number}.txt"), text.as_bytes());
        ids.push(insert(store, new).await.id);
    }
    let mut keeper = Keeper::new(store.clone(), None);
    keeper.look().await.unwrap();
    let catalogue = keeper.catalogue();
    read(store, catalogue.clone()).await;
    let by_hand: IocId = store.submission_iocs(ids[0], false).await.unwrap()[0].id;
    store
        .mark_false_positive(by_hand, None, owner)
        .await
        .unwrap();
    store.settle_false_positives(None, i64::MAX).await.unwrap();
    let without = all(store, &ids).await;
    assert_eq!(remarked(&database, &catalogue).await, 0);

    let list = trust(store, ".our-corp.net\n198.18.7.0/24 ipv4\n").await;
    store.want_remark().await.unwrap();
    due(&database).await;
    assert!(
        !remark::step(store, &catalogue).await.unwrap(),
        "by older lists nothing is marked"
    );
    keeper.look().await.unwrap();
    let third = store.submission(ids[2]).await.unwrap();
    assert_eq!(remarked(&database, &catalogue).await, 2);
    let with = all(store, &ids).await;
    assert_ne!(with, without);
    assert_eq!(
        store.submission(ids[2]).await.unwrap(),
        third,
        "no new stamp"
    );
    assert!(
        store.submission(ids[1]).await.unwrap().unwrap().updated_at > third.unwrap().updated_at
    );
    for id in &ids {
        store.reprocess_submission(*id).await.unwrap();
    }
    read(store, catalogue.clone()).await;
    assert_eq!(all(store, &ids).await, with);
    assert_eq!(remarked(&database, &catalogue).await, 0);

    store.delete_list(list).await.unwrap();
    keeper.look().await.unwrap();
    assert_eq!(remarked(&database, &catalogue).await, 2);
    assert_eq!(all(store, &ids).await, without);
}

#[tokio::test]
async fn a_run_goes_on_where_a_worker_that_died_had_left_it() {
    let database = Database::new().await;
    let store = &database.store;
    assert_eq!(store.remark().await.unwrap(), None);
    let owner = owner(store).await;
    let mut ids = Vec::new();
    for text in TEXTS {
        ids.push(insert(store, file(owner, text, text.as_bytes())).await.id);
    }
    store.want_remark().await.unwrap();
    due(&database).await;
    let lease = Duration::from_secs(600);
    let died = store.claim_remark(i64::MAX, lease).await.unwrap().unwrap();
    assert_eq!(store.to_remark(&died, 2).await.unwrap(), ids[..2]);
    assert!(store.claim_remark(i64::MAX, lease).await.unwrap().is_none());
    due(&database).await;
    let other = store.claim_remark(i64::MAX, lease).await.unwrap().unwrap();
    assert!(
        !store
            .advance_remark(&died, Some(ids[1]), 2, 0)
            .await
            .unwrap()
    );
    assert!(
        store
            .advance_remark(&other, Some(ids[0]), 1, 0)
            .await
            .unwrap()
    );
    let next = store.claim_remark(i64::MAX, lease).await.unwrap().unwrap();
    assert_eq!(store.to_remark(&next, 2).await.unwrap(), ids[1..]);
    assert!(store.advance_remark(&next, None, 0, 0).await.unwrap());
    let run = store.remark().await.unwrap().unwrap();
    assert_eq!((run.seen, run.ended_at.is_some()), (1, true));
    assert!(store.claim_remark(i64::MAX, lease).await.unwrap().is_none());

    assert_eq!(store.want_remark().await.unwrap().seen, 0);
    assert!(!store.advance_remark(&next, None, 0, 0).await.unwrap());
}
