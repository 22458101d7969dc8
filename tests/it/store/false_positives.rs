//! Marks of people: every sighting tells of them, whichever came first, and mirrors hear of it.

use chrono::DateTime;
use iocsift::id::{IocId, SubmissionId};
use iocsift::indicator::{Flag, Ioc};
use iocsift::store::IocQuery;
use sqlx::{Connection, PgConnection};

use super::*;
use crate::support::{Database, until};

const VALUE: &str = "scanner.example.net";

fn marked() -> Finding {
    let mut finding = finding(Kind::Domain, VALUE);
    finding.confidence = Evidence::total(&finding.evidence);
    finding
}

async fn known(store: &Store) -> IocId {
    let wanted = IocQuery {
        q: vec![VALUE.to_owned()],
        limit: 1,
        ..IocQuery::default()
    };
    store.search_iocs(&wanted).await.unwrap().rows[0].ioc.id
}

/// What a submission says of the indicator that is marked.
async fn said(store: &Store, id: SubmissionId) -> Finding {
    let iocs: Vec<Ioc> = store.submission_iocs(id, false).await.unwrap();
    let mut findings = iocs.into_iter().map(|ioc| ioc.finding);
    findings.find(|finding| finding.value == VALUE).unwrap()
}

async fn settle(store: &Store) -> i64 {
    store.settle_false_positives(None, i64::MAX).await.unwrap()
}

#[tokio::test]
async fn a_mark_flags_what_is_there_and_what_comes_and_mirrors_hear_of_it() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let other = finding(Kind::Ipv4, "192.0.2.7");
    let before = completed(store, owner, "one", vec![marked(), other.clone()]).await;
    let elsewhere = completed(store, owner, "two", vec![other]).await;
    let ioc = known(store).await;
    let unmarked = said(store, before.id).await;

    let mark = store.mark_false_positive(ioc, Some("our scanner"), owner);
    let mark = mark.await.unwrap().unwrap();
    assert_eq!((mark.ioc, mark.value.as_str()), (Some(ioc), VALUE));
    assert_eq!(settle(store).await, 1);
    let after = completed(store, owner, "three", vec![marked()]).await;
    for id in [before.id, after.id] {
        let said = said(store, id).await;
        assert_eq!(said.flags, [Flag::false_positive(Some("our scanner"))]);
        assert!(said.confidence < unmarked.confidence);
        assert_eq!(said.evidence.last(), Some(&Reason::MayBeBenign.into()));
    }
    let changed: Vec<_> = store
        .submissions_since(elsewhere.updated_at, 10, 0)
        .await
        .unwrap()
        .iter()
        .map(|submission| submission.id)
        .collect();
    assert_eq!(changed, [before.id, after.id], "and not the one without it");

    store
        .mark_false_positive(ioc, None, owner)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(settle(store).await, 2);
    assert_eq!(
        said(store, before.id).await.flags,
        [Flag::false_positive(None)]
    );
    assert!(store.withdraw_false_positive(mark.id).await.unwrap());
    assert!(!store.withdraw_false_positive(mark.id).await.unwrap());
    assert_eq!(settle(store).await, 2);
    assert_eq!(said(store, before.id).await, unmarked);
    assert_eq!(store.false_positives(10, 0).await.unwrap().total, 0);
    assert_eq!(settle(store).await, 0, "nothing is left to do");
}

#[tokio::test]
async fn other_flags_stay_and_a_report_that_is_read_again_keeps_the_mark() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let mut listed = marked();
    listed.flag(Flag {
        reason: "a resolver".to_owned(),
        list: "public-dns".to_owned(),
    });
    let report = completed(store, owner, "one", vec![listed.clone()]).await;
    let ioc = known(store).await;
    let mark = store.mark_false_positive(ioc, None, owner).await.unwrap();
    settle(store).await;
    let both = [listed.flags[0].clone(), Flag::false_positive(None)];
    let twice = said(store, report.id).await;
    assert_eq!(
        (&twice.flags[..], twice.confidence),
        (&both[..], listed.confidence)
    );

    store.reprocess_submission(report.id).await.unwrap();
    let job = claim(store).await;
    let again = finished(vec![listed.clone()]);
    assert!(store.finish(&job, again).await.unwrap());
    assert_eq!(said(store, report.id).await.flags, both);
    store
        .withdraw_false_positive(mark.unwrap().id)
        .await
        .unwrap();
    settle(store).await;
    assert_eq!(said(store, report.id).await, listed);
}

#[tokio::test]
async fn a_mark_outlives_the_reports_that_show_its_indicator() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let only = completed(store, owner, "one", vec![marked()]).await;
    let ioc = known(store).await;
    store.mark_false_positive(ioc, None, owner).await.unwrap();
    store.delete_submission(only.id).await.unwrap();
    assert_eq!(settle(store).await, 0);
    let marks = store.false_positives(10, 0).await.unwrap().rows;
    assert_eq!((marks.len(), marks[0].ioc), (1, None));
    assert_eq!(
        store.mark_false_positive(ioc, None, owner).await.unwrap(),
        None
    );

    let next = completed(store, owner, "two", vec![marked()]).await;
    assert_eq!(
        said(store, next.id).await.flags,
        [Flag::false_positive(None)]
    );
    let mut shown = vec![marked(), finding(Kind::Domain, "other.example.net")];
    store.flag_false_positives(&mut shown).await.unwrap();
    assert!(shown[0].is_flagged() && !shown[1].is_flagged());
}

#[tokio::test]
async fn many_sightings_are_settled_a_few_at_a_time_by_several_at_once() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    for report in 0..12 {
        completed(store, owner, &format!("{report}"), vec![marked()]).await;
    }
    let ioc = known(store).await;
    store.mark_false_positive(ioc, None, owner).await.unwrap();
    assert_eq!(store.settle_false_positives(None, 5).await.unwrap(), 5);
    let (one, two) = tokio::join!(settle(store), settle(store));
    assert!(one + two >= 7);
    let all = store.submissions_since(DateTime::UNIX_EPOCH, 100, 0);
    for submission in all.await.unwrap() {
        let flags = said(store, submission.id).await.flags;
        assert_eq!(flags, [Flag::false_positive(None)]);
    }
}

#[tokio::test]
async fn one_mark_does_not_wait_for_those_that_were_made_before() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let report = completed(store, owner, "one", vec![marked()]).await;
    let findings = vec![finding(Kind::Ipv4, "192.0.2.7")];
    let other = completed(store, owner, "two", findings).await;
    for submission in [&report, &other] {
        let ioc = store.submission_iocs(submission.id, false).await.unwrap()[0].id;
        store.mark_false_positive(ioc, None, owner).await.unwrap();
    }
    let last = store.false_positives(1, 0).await.unwrap().rows[0].id;
    let settling = store.settle_false_positives(Some(last), 10);
    assert_eq!(settling.await.unwrap(), 1);
    assert!(!said(store, report.id).await.is_flagged());
    assert_eq!(settle(store).await, 1);
    assert!(said(store, report.id).await.is_flagged());
}

/// A result that is about to be committed and a mark that is made meanwhile: whichever goes first, the sighting tells.
#[tokio::test]
async fn a_result_that_is_being_written_does_not_slip_past_a_mark() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    completed(store, owner, "one", vec![marked()]).await;
    let ioc = known(store).await;
    // Made, told of, taken back: to make it once more, nothing stored has to change, which would wait at the gate.
    let mark = store.mark_false_positive(ioc, None, owner).await.unwrap();
    settle(store).await;
    store
        .withdraw_false_positive(mark.unwrap().id)
        .await
        .unwrap();
    let slow = insert(store, text(owner, "two")).await;
    let job = claim(store).await;

    let mut gate = PgConnection::connect(&database.url).await.unwrap();
    sqlx::query("SELECT pg_advisory_lock('submissions'::regclass::bigint)")
        .execute(&mut gate)
        .await
        .unwrap();
    let (writer, marker) = (store.clone(), store.clone());
    let writing =
        tokio::spawn(async move { writer.finish(&job, finished(vec![marked()])).await.unwrap() });
    let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let mut observer = PgConnection::connect(&database.url).await.unwrap();
    let mut waiting = async || -> i64 {
        let count = sqlx::query_scalar(waiting).fetch_one(&mut observer);
        count.await.unwrap()
    };
    // All is written but for the stamp.
    until(async || waiting().await == 1).await;
    let marking = tokio::spawn(async move {
        marker.mark_false_positive(ioc, None, owner).await.unwrap();
        settle(&marker).await
    });
    until(async || marking.is_finished() || waiting().await == 2).await;
    sqlx::query("SELECT pg_advisory_unlock('submissions'::regclass::bigint)")
        .execute(&mut gate)
        .await
        .unwrap();
    assert!(writing.await.unwrap());
    marking.await.unwrap();
    assert_eq!(
        said(store, slow.id).await.flags,
        [Flag::false_positive(None)]
    );
}
