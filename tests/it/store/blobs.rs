//! Originals and texts outside Postgres: no row without its object, no object without a row for long, whatever dies in between.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use iocsift::store::{Blobs, Error};
use iocsift::submission::{Failure, FailureCode};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

use super::*;
use crate::support::Database;

const TWO_DAYS_LATER: &str = "UPDATE blobs SET created_at = now() - interval '2 days';
    UPDATE submissions SET created_at = now() - interval '2 days'";

/// A store whose originals lie in a folder.
async fn outside() -> (Database, Store, TempDir) {
    let (database, dir) = (Database::new().await, tempfile::tempdir().unwrap());
    let blobs = Blobs::in_folder(dir.path()).unwrap();
    let store = database.store.clone().with_blobs(blobs);
    (database, store, dir)
}

/// Every file below `dir`.
pub(super) fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn an_original_is_kept_once_packed_and_goes_with_its_last_submission() {
    let (database, store, dir) = outside().await;
    let owner = owner(&store).await;
    let body = "the same words again ".repeat(10_000);
    let as_text = insert(&store, text(owner, &body)).await;
    let file = NewSubmission {
        source_type: SourceType::FileUpload,
        ..text(owner, &body)
    };
    let as_file = insert(&store, file).await;
    let kept = files(dir.path());
    assert_eq!(kept.len(), 1);
    assert!(fs::metadata(&kept[0]).unwrap().len() < body.len() as u64 / 10);
    assert_eq!(
        database
            .number("SELECT count(*) FROM blobs WHERE bytes IS NULL")
            .await,
        1
    );
    assert_eq!(
        claim(&store).await.content.as_deref(),
        Some(body.as_bytes())
    );
    store.delete_submission(as_text.id).await.unwrap();
    let content = store.content(as_file.id).await.unwrap().unwrap();
    assert_eq!(content.bytes, body.as_bytes());
    store.delete_submission(as_file.id).await.unwrap();
    assert_eq!(files(dir.path()), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_crash_between_the_object_and_its_row_leaves_an_object_that_is_swept_up() {
    let (database, store, dir) = outside().await;
    let owner = owner(&store).await;
    // The row cannot be written: what dies here is as good as the process.
    database
        .execute(
            "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'dead'; END$$;
             CREATE TRIGGER die BEFORE INSERT ON submissions FOR EACH ROW EXECUTE FUNCTION die()",
        )
        .await;
    store
        .insert_submission(text(owner, "a"), FRESH)
        .await
        .unwrap_err();
    assert_eq!(files(dir.path()).len(), 1);
    assert_eq!(database.number("SELECT count(*) FROM blobs").await, 0);
    database.execute("DROP TRIGGER die ON submissions").await;
    let kept = insert(&store, text(owner, "b")).await;
    assert_eq!(
        store.sweep_blobs(FRESH).await.unwrap(),
        0,
        "it could be on its way"
    );
    assert_eq!(store.sweep_blobs(Duration::ZERO).await.unwrap(), 1);
    assert_eq!(files(dir.path()).len(), 1);
    assert_eq!(store.content(kept.id).await.unwrap().unwrap().bytes, b"b");
}

#[tokio::test]
async fn a_folder_that_takes_nothing_is_a_full_disk_and_leaves_no_row() {
    let (database, store, dir) = outside().await;
    let owner = owner(&store).await;
    // Also for an administrator: where a folder should be there is a file.
    for number in 0..=255u8 {
        fs::write(dir.path().join(format!("{number:02x}")), "").unwrap();
    }
    let refused = store.insert_submission(text(owner, "a"), FRESH).await;
    assert!(matches!(refused, Err(Error::Full(_))), "{refused:?}");
    assert_eq!(database.number("SELECT count(*) FROM submissions").await, 0);
    assert_eq!(database.number("SELECT count(*) FROM blobs").await, 0);
    for number in 0..=255u8 {
        fs::remove_file(dir.path().join(format!("{number:02x}"))).unwrap();
    }
    let taken = insert(&store, text(owner, "a")).await;
    assert_eq!(store.content(taken.id).await.unwrap().unwrap().bytes, b"a");
}

#[tokio::test]
async fn originals_in_postgres_move_out_and_are_read_before_and_after() {
    let (database, store, dir) = outside().await;
    let owner = owner(&store).await;
    let before = insert(&database.store, text(owner, "inside")).await;
    assert_eq!(
        store.content(before.id).await.unwrap().unwrap().bytes,
        b"inside"
    );
    assert_eq!(store.move_blobs_out().await.unwrap(), 1);
    assert_eq!(store.move_blobs_out().await.unwrap(), 0);
    assert_eq!(files(dir.path()).len(), 1);
    assert_eq!(
        store.content(before.id).await.unwrap().unwrap().bytes,
        b"inside"
    );
    let elsewhere = database.store.content(before.id).await;
    assert!(
        elsewhere.is_err(),
        "a store that is not told of the folder says so"
    );
}

#[tokio::test]
async fn an_original_that_was_changed_on_the_disk_is_not_handed_out() {
    let (_database, store, dir) = outside().await;
    let owner = owner(&store).await;
    let submission = insert(&store, text(owner, "true")).await;
    let file = files(dir.path()).remove(0);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&file, b"\0false").unwrap();
    assert!(matches!(
        store.content(submission.id).await,
        Err(Error::Internal(_))
    ));
    fs::remove_file(&file).unwrap();
    assert_eq!(store.content(submission.id).await.unwrap(), None);
}

#[tokio::test]
async fn originals_go_after_their_time_and_what_they_told_stays() {
    let (database, store, dir) = outside().await;
    let owner = owner(&store).await;
    let read = completed(&store, owner, "old", vec![finding(Kind::Ipv4, "192.0.2.1")]).await;
    insert(&store, text(owner, "about to be read")).await;
    assert_eq!(store.drop_old_blobs(FRESH).await.unwrap(), 0);
    database.execute(TWO_DAYS_LATER).await;
    assert_eq!(store.drop_old_blobs(FRESH).await.unwrap(), 1);
    assert_eq!(
        files(dir.path()).len(),
        2,
        "the text, and what is yet to be read"
    );
    assert_eq!(store.content(read.id).await.unwrap(), None);
    assert!(store.text(read.id).await.unwrap().is_some());
    assert_eq!(
        store.submission_iocs(read.id, false).await.unwrap().len(),
        1
    );
    assert!(claim(&store).await.content.is_some());
}

/// What reading a document gave whose text is `text`.
fn read_as(text: &str) -> Finished {
    Finished {
        text: text.to_owned(),
        ..finished(Vec::new())
    }
}

#[tokio::test]
async fn a_text_is_kept_once_also_where_it_is_an_original_and_goes_with_its_last_submission() {
    let (database, store, dir) = outside().await;
    let owner = owner(&store).await;
    let mut ids = Vec::new();
    for body in ["the same", "<p>the same", "<p><p>the same"] {
        ids.push(insert(&store, text(owner, body)).await.id);
        let job = claim(&store).await;
        assert!(store.finish(&job, read_as("the same")).await.unwrap());
    }
    assert_eq!(files(dir.path()).len(), 3);
    assert_eq!(database.number("SELECT count(*) FROM texts").await, 0);
    for id in &ids {
        assert_eq!(store.text(*id).await.unwrap().unwrap(), "the same");
    }
    for (left, id) in [3, 2, 0].into_iter().zip([ids[0], ids[1], ids[2]]) {
        assert!(store.delete_submission(id).await.unwrap());
        assert_eq!(files(dir.path()).len(), left);
        assert_eq!(store.text(id).await.unwrap(), None);
    }
}

#[tokio::test]
async fn another_reading_puts_its_text_in_place_of_the_earlier_one() {
    for outside in [false, true] {
        let (database, dir) = (Database::new().await, tempfile::tempdir().unwrap());
        let blobs = match outside {
            true => Blobs::in_folder(dir.path()).unwrap(),
            false => Blobs::in_postgres(),
        };
        let store = database.store.clone().with_blobs(blobs);
        let owner = owner(&store).await;
        let id = insert(&store, text(owner, "<p>original")).await.id;
        for reading in ["first", "second", "second", ""] {
            let job = claim(&store).await;
            assert!(store.finish(&job, read_as(reading)).await.unwrap());
            assert_eq!(store.text(id).await.unwrap().as_deref(), Some(reading));
            assert_eq!(database.number("SELECT count(*) FROM blobs").await, 2);
            assert_eq!(files(dir.path()).len(), 2 * usize::from(outside));
            store.reprocess_submission(id).await.unwrap();
        }
        let failure = Failure::new(FailureCode::Internal, "no text any more");
        assert!(store.fail(&claim(&store).await, &failure).await.unwrap());
        assert_eq!(store.text(id).await.unwrap(), None);
        assert_eq!(files(dir.path()).len(), usize::from(outside));
        let content = store.content(id).await.unwrap().unwrap();
        assert_eq!(content.bytes, b"<p>original");
    }
}

#[tokio::test]
async fn documents_with_one_text_are_stored_at_once_without_waiting_for_each_other() {
    let (database, store, dir) = outside().await;
    let owner = owner(&store).await;
    completed(&store, owner, "first", Vec::new()).await;
    for body in ["a", "b"] {
        insert(&store, text(owner, body)).await;
    }
    // One of two is in the middle of its transaction, and holds the text that both have.
    let mut other = PgConnection::connect(&database.url).await.unwrap();
    let mut held = other.begin().await.unwrap();
    sqlx::raw_sql("SELECT lock_key_shared('blob', encode(sha256, 'hex')) FROM text_blobs")
        .execute(&mut *held)
        .await
        .unwrap();
    let job = claim(&store).await;
    assert!(store.finish(&job, finished(Vec::new())).await.unwrap());
    held.rollback().await.unwrap();
    assert_eq!(files(dir.path()).len(), 4);
}

#[tokio::test]
async fn texts_of_before_are_read_where_they_are_and_move_out() {
    let (database, store, dir) = outside().await;
    let owner = owner(&store).await;
    let mut ids = Vec::new();
    for body in ["<p>a", "<p>b", "<p>c"] {
        ids.push(insert(&store, text(owner, body)).await.id);
        let job = claim(&store).await;
        store.finish(&job, read_as("replaced")).await.unwrap();
    }
    database
        .execute("INSERT INTO texts SELECT submission_id, 'née before' FROM text_blobs; DELETE FROM text_blobs")
        .await;
    let all_say = async |text: &str| {
        for id in &ids {
            assert_eq!(store.text(*id).await.unwrap().as_deref(), Some(text));
        }
    };
    all_say("née before").await;
    assert_eq!(store.move_blobs_out().await.unwrap(), 3);
    assert_eq!(store.move_blobs_out().await.unwrap(), 0);
    assert_eq!(database.number("SELECT count(*) FROM texts").await, 0);
    all_say("née before").await;
    // A process of before that is still running writes as it did: what it wrote last holds.
    database
        .execute("INSERT INTO texts SELECT submission_id, 'newer' FROM text_blobs")
        .await;
    all_say("newer").await;
    assert_eq!(store.move_blobs_out().await.unwrap(), 3);
    all_say("newer").await;
    store.sweep_blobs(Duration::ZERO).await.unwrap();
    assert_eq!(files(dir.path()).len(), 4, "three originals and one text");
}

#[tokio::test]
async fn a_row_that_nobody_names_is_swept_up_with_its_object() {
    let (database, store, dir) = outside().await;
    let owner = owner(&store).await;
    let gone = insert(&store, text(owner, "gone")).await;
    let kept = completed(&store, owner, "kept", Vec::new());
    // As after a crash between the deletion and what follows it.
    database
        .execute("DELETE FROM jobs; UPDATE submissions SET status = 'deleted', sha256 = NULL")
        .await;
    let kept = kept.await;
    assert_eq!(files(dir.path()).len(), 3);
    assert_eq!(store.content(gone.id).await.unwrap(), None);
    assert_eq!(store.sweep_blobs(FRESH).await.unwrap(), 1);
    assert_eq!(store.sweep_blobs(FRESH).await.unwrap(), 0);
    assert_eq!(database.number("SELECT count(*) FROM blobs").await, 2);
    assert_eq!(files(dir.path()).len(), 2);
    assert!(store.text(kept.id).await.unwrap().is_some());
}

#[tokio::test]
async fn bytes_that_come_again_after_their_time_are_kept_again() {
    let (database, store, dir) = outside().await;
    let owner = owner(&store).await;
    let read = completed(&store, owner, "old", Vec::new()).await;
    database.execute(TWO_DAYS_LATER).await;
    assert_eq!(store.drop_old_blobs(FRESH).await.unwrap(), 1);
    assert_eq!(store.content(read.id).await.unwrap(), None);
    let again = store.insert_submission(text(owner, "old"), FRESH).await;
    assert!(matches!(again.unwrap(), Inserted::Duplicate(known) if known.id == read.id));
    let content = store.content(read.id).await.unwrap().unwrap();
    assert_eq!(content.bytes, b"old");
    store.reprocess_submission(read.id).await.unwrap();
    assert_eq!(claim(&store).await.content.as_deref(), Some(&b"old"[..]));

    // It was lost by hand: the row alone keeps nothing.
    for file in files(dir.path()) {
        fs::remove_file(file).unwrap();
    }
    let again = store.insert_submission(text(owner, "old"), FRESH).await;
    assert!(matches!(again.unwrap(), Inserted::Duplicate(_)));
    assert!(store.content(read.id).await.unwrap().is_some());
}

#[tokio::test]
async fn an_original_stays_where_it_came_in_once_more_or_is_a_text() {
    let (database, store, _dir) = outside().await;
    let owner = owner(&store).await;
    let plain = insert(&store, text(owner, "its own text")).await;
    let job = claim(&store).await;
    store.finish(&job, read_as("its own text")).await.unwrap();
    let old = completed(&store, owner, "old", Vec::new()).await;
    database.execute(TWO_DAYS_LATER).await;
    let new = insert(&store, file(owner, "old.txt", b"old")).await;
    let job = claim(&store).await;
    store.finish(&job, finished(Vec::new())).await.unwrap();
    assert_eq!(store.drop_old_blobs(FRESH).await.unwrap(), 0);
    database.execute(TWO_DAYS_LATER).await;
    assert_eq!(store.drop_old_blobs(FRESH).await.unwrap(), 1);
    assert!(store.content(plain.id).await.unwrap().is_some());
    for id in [old.id, new.id] {
        assert_eq!(store.content(id).await.unwrap(), None);
    }
}
