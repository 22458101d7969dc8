//! Handing in, editing, deleting, searching.

use iocsift::store::{Content, SubmissionEdit, SubmissionQuery};
use iocsift::submission::{Status, Tlp};
use tokio::task::JoinSet;

use super::*;
use crate::support::Database;

/// How many of many at once were taken as new.
async fn race(store: &Store, new: &NewSubmission) -> usize {
    let mut callers = JoinSet::new();
    for _ in 0..12 {
        let (store, new) = (store.clone(), new.clone());
        callers.spawn(async move { store.insert_submission(new, FRESH).await.unwrap() });
    }
    callers
        .join_all()
        .await
        .iter()
        .filter(|inserted| matches!(inserted, Inserted::New(_)))
        .count()
}

#[tokio::test]
async fn of_the_same_bytes_handed_in_at_once_one_is_new() {
    let database = Database::new().await;
    let owner = owner(&database.store).await;
    assert_eq!(race(&database.store, &text(owner, "the same")).await, 1);
    let file = NewSubmission {
        source_type: SourceType::FileUpload,
        ..text(owner, "the same")
    };
    assert_eq!(
        race(&database.store, &file).await,
        1,
        "a file is no duplicate of a text"
    );
    assert_eq!(
        database.number("SELECT count(*) FROM blobs").await,
        1,
        "but their bytes are kept once"
    );
    assert_eq!(database.number("SELECT count(*) FROM jobs").await, 2);
}

#[tokio::test]
async fn of_the_same_url_handed_in_at_once_one_is_new() {
    let database = Database::new().await;
    let owner = owner(&database.store).await;
    assert_eq!(
        race(&database.store, &url(owner, "https://a.example/")).await,
        1
    );
}

#[tokio::test]
async fn a_url_is_new_again_once_what_was_fetched_is_no_longer_fresh() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let first = insert(store, url(owner, "https://a.example/")).await;
    let job = claim(store).await;
    let fetched = Finished {
        content: Some(content(b"<p>fetched")),
        ..finished(vec![])
    };
    assert!(store.finish(&job, fetched).await.unwrap());
    let stored = store.submission(first.id).await.unwrap().unwrap();
    assert_eq!(stored.size_bytes, Some(10));

    let again = url(owner, "https://a.example/");
    assert_eq!(
        store.insert_submission(again.clone(), FRESH).await.unwrap(),
        Inserted::Duplicate(stored)
    );
    assert!(matches!(
        store
            .insert_submission(again, Duration::ZERO)
            .await
            .unwrap(),
        Inserted::New(_)
    ));
}

#[tokio::test]
async fn what_was_handed_in_comes_back() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let new = NewSubmission {
        source_type: SourceType::FileUpload,
        source_identifier: "report.txt".to_owned(),
        original_filename: Some("report.txt".to_owned()),
        ..text(owner, "hello")
    };
    let submission = insert(store, new).await;
    assert_eq!(submission.status, Status::Pending);
    assert_eq!(
        submission.sha256.as_deref(),
        Some("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
    );
    assert_eq!(
        store.submission(submission.id).await.unwrap(),
        Some(submission.clone())
    );
    assert_eq!(
        store.submission_owner(submission.id).await.unwrap(),
        Some(owner)
    );
    let content = Content {
        bytes: b"hello".to_vec(),
        filename: Some("report.txt".to_owned()),
        content_type: Some("text/plain".to_owned()),
    };
    assert_eq!(store.content(submission.id).await.unwrap(), Some(content));
    assert_eq!(
        store.text(submission.id).await.unwrap(),
        None,
        "not read yet"
    );
}

#[tokio::test]
async fn a_deleted_submission_leaves_a_tombstone_and_nothing_else() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let kept = completed(
        store,
        owner,
        "kept",
        vec![finding(Kind::Domain, "shared.example")],
    )
    .await;
    let findings = vec![
        finding(Kind::Domain, "shared.example"),
        finding(Kind::Ipv4, "192.0.2.1"),
    ];
    let gone = completed(store, owner, "gone", findings).await;
    let shared = store
        .submission_iocs(kept.id, false)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(shared.submission_count, 2);

    assert!(store.delete_submission(gone.id).await.unwrap());
    assert!(
        !store.delete_submission(gone.id).await.unwrap(),
        "once is enough"
    );

    let tombstone = store.submission(gone.id).await.unwrap().unwrap();
    assert_eq!(
        (tombstone.status, tombstone.title, tombstone.sha256),
        (Status::Deleted, None, None)
    );
    assert_eq!(store.content(gone.id).await.unwrap(), None);
    assert_eq!(store.text(gone.id).await.unwrap(), None);
    assert_eq!(store.submission_iocs(gone.id, false).await.unwrap(), vec![]);
    assert_eq!(store.submissions(50, 0).await.unwrap(), vec![kept.clone()]);
    let changed = store
        .submissions_since(kept.updated_at, 50, 0)
        .await
        .unwrap();
    assert_eq!(
        changed.iter().map(|s| (s.id, s.status)).collect::<Vec<_>>(),
        [(gone.id, Status::Deleted)]
    );
    assert_eq!(
        store
            .ioc(shared.id)
            .await
            .unwrap()
            .unwrap()
            .ioc
            .submission_count,
        1
    );
    let stats = store.stats(false).await.unwrap();
    assert_eq!((stats.total_iocs, stats.total_submissions), (1, 1));
    assert_eq!(database.number("SELECT count(*) FROM iocs").await, 1);
    assert_eq!(
        database.number("SELECT count(*) FROM blobs").await,
        2,
        "what was kept, and the text of both"
    );
    assert!(matches!(
        store
            .insert_submission(text(owner, "gone"), FRESH)
            .await
            .unwrap(),
        Inserted::New(_)
    ));
}

#[tokio::test]
async fn bytes_stay_as_long_as_one_submission_has_them() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let as_text = insert(store, text(owner, "the same")).await;
    let file = NewSubmission {
        source_type: SourceType::FileUpload,
        ..text(owner, "the same")
    };
    let as_file = insert(store, file).await;
    store.delete_submission(as_text.id).await.unwrap();
    assert_eq!(
        store.content(as_file.id).await.unwrap().unwrap().bytes,
        b"the same"
    );
    store.delete_submission(as_file.id).await.unwrap();
    assert_eq!(database.number("SELECT count(*) FROM blobs").await, 0);
    assert_eq!(database.number("SELECT count(*) FROM jobs").await, 0);
}

#[tokio::test]
async fn an_edit_changes_what_it_names_and_reading_again_keeps_it() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let read = completed(store, owner, "a", vec![]).await;
    assert_eq!(read.title.as_deref(), Some("a report"));
    let edit = SubmissionEdit {
        title: Some(Some("my title".to_owned())),
        summary: Some(None),
        tags: Some(vec!["apt".to_owned(), "é".to_owned()]),
        tlp: Some(Some(Tlp::AmberStrict)),
        ..SubmissionEdit::default()
    };
    let edited = store
        .edit_submission(read.id, &edit)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (edited.title.as_deref(), edited.summary, edited.tlp),
        (Some("my title"), None, Some(Tlp::AmberStrict))
    );
    assert_eq!(edited.tags, ["apt", "é"]);
    assert!(edited.updated_at > read.updated_at);

    let untouched = store
        .edit_submission(read.id, &SubmissionEdit::default())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (untouched.title.as_deref(), untouched.tags.len()),
        (Some("my title"), 2)
    );

    store.reprocess_submission(read.id).await.unwrap();
    assert_eq!(claim(store).await.title.as_deref(), Some("my title"));
    store.delete_submission(read.id).await.unwrap();
    assert_eq!(store.edit_submission(read.id, &edit).await.unwrap(), None);
}

#[tokio::test]
async fn search_takes_signs_of_patterns_as_themselves_and_counts_exactly() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    for (number, name) in [
        "100%_sure.pdf",
        "100 sure.pdf",
        r"back\slash.pdf",
        "Other.PDF",
    ]
    .iter()
    .enumerate()
    {
        let new = NewSubmission {
            source_identifier: (*name).to_owned(),
            ..text(owner, &number.to_string())
        };
        insert(store, new).await;
    }
    let search = async |q: &str, limit, offset| {
        let query = SubmissionQuery {
            q: Some(q.to_owned()),
            limit,
            offset,
            ..SubmissionQuery::default()
        };
        let page = store.search_submissions(&query).await.unwrap();
        (
            page.total,
            page.rows
                .into_iter()
                .map(|row| row.source_identifier)
                .collect::<Vec<_>>(),
        )
    };
    assert_eq!(
        search("%_", 50, 0).await,
        (1, vec!["100%_sure.pdf".to_owned()])
    );
    assert_eq!(
        search(r"k\s", 50, 0).await,
        (1, vec![r"back\slash.pdf".to_owned()])
    );
    assert_eq!(search("other.pdf", 50, 0).await.0, 1, "in any case");
    assert_eq!(
        search("pdf", 2, 0).await,
        (
            4,
            vec!["Other.PDF".to_owned(), r"back\slash.pdf".to_owned()]
        )
    );
    assert_eq!(
        search("pdf", 2, 100).await,
        (4, vec![]),
        "the total holds beyond the last page"
    );
    let pending = SubmissionQuery {
        status: Some(Status::Completed),
        limit: 50,
        ..SubmissionQuery::default()
    };
    assert_eq!(store.search_submissions(&pending).await.unwrap().total, 0);
}
