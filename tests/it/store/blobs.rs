//! Originals outside Postgres: no row without its object, no object without a row for long, whatever dies in between.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use iocsift::store::{Blobs, Error};
use tempfile::TempDir;

use super::*;
use crate::support::Database;

/// A store whose originals lie in a folder.
async fn outside() -> (Database, Store, TempDir) {
    let (database, dir) = (Database::new().await, tempfile::tempdir().unwrap());
    let blobs = Blobs::in_folder(dir.path()).unwrap();
    let store = database.store.clone().with_blobs(blobs);
    (database, store, dir)
}

/// Every file below `dir`.
fn files(dir: &Path) -> Vec<PathBuf> {
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
    database
        .execute("UPDATE blobs SET created_at = now() - interval '2 days'")
        .await;
    assert_eq!(store.drop_old_blobs(FRESH).await.unwrap(), 1);
    assert_eq!(files(dir.path()).len(), 1);
    assert_eq!(store.content(read.id).await.unwrap(), None);
    assert!(store.text(read.id).await.unwrap().is_some());
    assert_eq!(
        store.submission_iocs(read.id, false).await.unwrap().len(),
        1
    );
    assert!(claim(&store).await.content.is_some());
}
