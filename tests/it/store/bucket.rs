//! What holds wherever blobs lie. In a folder by itself; `make s3` runs the same against a server that speaks S3, in
//! the bucket of `IOCSIFT_TEST_BUCKET`.

use futures_util::TryStreamExt;
use iocsift::store::{Blobs, Error};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use tempfile::TempDir;
use url::Url;
use uuid::Uuid;

use super::*;
use crate::process::Server;
use crate::support::{Database, scratch_dir};

/// A place that nobody else uses, seen past the store.
struct Place {
    url: Url,
    objects: Box<dyn ObjectStore>,
    prefix: Path,
    _folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = scratch_dir();
        let url = match std::env::var("IOCSIFT_TEST_BUCKET") {
            Ok(bucket) => Url::parse(&format!("{bucket}/{}", Uuid::new_v4())),
            Err(_) => Ok(Url::from_file_path(folder.path().join("blobs")).unwrap()),
        };
        let url = url.unwrap();
        let settings = std::env::vars().filter(|(name, _)| name.starts_with("AWS_"));
        let (objects, prefix) = object_store::parse_url_opts(&url, settings).unwrap();
        Self {
            url,
            objects,
            prefix,
            _folder: folder,
        }
    }

    async fn store(&self) -> (Database, Store) {
        let database = Database::new().await;
        let blobs = Blobs::at(self.url.as_str()).unwrap();
        let store = database.store.clone().with_blobs(blobs);
        (database, store)
    }

    async fn keys(&self) -> Vec<Path> {
        let listed = self.objects.list(Some(&self.prefix));
        let listed: Vec<_> = listed.try_collect().await.unwrap();
        listed.into_iter().map(|object| object.location).collect()
    }

    async fn put(&self, key: &Path, bytes: &'static [u8]) {
        self.objects.put(key, bytes.into()).await.unwrap();
    }
}

#[tokio::test]
async fn originals_and_texts_come_stay_and_go() {
    let place = Place::new();
    let (_database, store) = place.store().await;
    let owner = owner(&store).await;
    let body = "the same words again ".repeat(100_000);
    let read = completed(&store, owner, &body, Vec::new()).await;
    let other = completed(&store, owner, "<p>other", Vec::new()).await;
    assert_eq!(place.keys().await.len(), 3, "they share their text");
    let content = store.content(read.id).await.unwrap().unwrap();
    assert_eq!(content.bytes, body.as_bytes());
    let text = store.text(read.id).await.unwrap();
    assert_eq!(text.unwrap(), finished(Vec::new()).text);
    assert_eq!(store.sweep_blobs(Duration::ZERO).await.unwrap(), 0);
    for (id, left) in [(read.id, 2), (other.id, 0)] {
        assert!(store.delete_submission(id).await.unwrap());
        assert_eq!(place.keys().await.len(), left);
    }
}

#[tokio::test]
async fn an_object_that_is_lost_or_damaged_is_not_handed_out_and_comes_back_with_the_same_bytes() {
    let place = Place::new();
    let (_database, store) = place.store().await;
    let owner = owner(&store).await;
    let id = insert(&store, text(owner, "true")).await.id;
    let key = place.keys().await.remove(0);
    place.put(&key, b"\0false").await;
    let damaged = store.content(id).await;
    assert!(matches!(damaged, Err(Error::Internal(_))), "{damaged:?}");
    place.objects.delete(&key).await.unwrap();
    assert_eq!(store.content(id).await.unwrap(), None);
    let again = store.insert_submission(text(owner, "true"), FRESH).await;
    assert!(matches!(again.unwrap(), Inserted::Duplicate(known) if known.id == id));
    assert_eq!(store.content(id).await.unwrap().unwrap().bytes, b"true");
    assert_eq!(place.keys().await, [key]);
}

#[tokio::test]
async fn a_sweep_removes_what_has_no_row_on_every_page_of_the_list_and_nothing_else() {
    const ORPHANS: usize = 1_100;
    let place = Place::new();
    let (_database, store) = place.store().await;
    let owner = owner(&store).await;
    let kept = insert(&store, text(owner, "kept")).await;
    for number in 0..ORPHANS {
        let name = format!("{number:064x}");
        let key = place.prefix.clone().join("00").join(name.as_str());
        place.put(&key, b"\0left").await;
    }
    let strange = place.prefix.clone().join("readme");
    place.put(&strange, b"not ours").await;
    assert_eq!(store.sweep_blobs(FRESH).await.unwrap(), 0);
    let removed = store.sweep_blobs(Duration::ZERO).await.unwrap();
    assert_eq!(removed, ORPHANS);
    assert_eq!(place.keys().await.len(), 2);
    let content = store.content(kept.id).await.unwrap().unwrap();
    assert_eq!(content.bytes, b"kept");
}

#[tokio::test]
async fn what_lies_in_postgres_moves_out() {
    let place = Place::new();
    let (database, store) = place.store().await;
    let owner = owner(&store).await;
    let before = completed(&database.store, owner, "inside", Vec::new()).await;
    assert_eq!(place.keys().await.len(), 0);
    assert_eq!(store.move_blobs_out().await.unwrap(), 2);
    assert_eq!(place.keys().await.len(), 2);
    let content = store.content(before.id).await.unwrap().unwrap();
    assert_eq!(content.bytes, b"inside");
    assert!(store.text(before.id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_server_serves_from_there() {
    let place = Place::new();
    let dir = scratch_dir();
    let server = Server::start(dir.path(), &["--originals", place.url.as_str()]);
    let page = b"<!doctype html><title>A page</title><p>It beacons to 198.51.100.7 daily.</p>";
    let (status, created) = server.upload("page.html", page).await;
    assert_eq!(status, 201, "{created}");
    let id = created["id"].as_str().unwrap();
    assert_eq!(server.ended(id).await["ioc_count"], 1);
    assert_eq!(place.keys().await.len(), 2);
    let path = format!("/api/submissions/{id}");
    assert_eq!(server.try_delete(&path).await, Some(204));
    assert_eq!(place.keys().await.len(), 0);
}

#[tokio::test]
async fn while_a_bucket_is_away_submissions_are_put_off_and_nothing_else_is() {
    let dir = scratch_dir();
    // Nobody listens there. Without a name in front of it, the bucket is a part of the path.
    let away = [
        ("AWS_ENDPOINT", "http://127.0.0.1:9"),
        ("AWS_ALLOW_HTTP", "true"),
    ];
    let keys = [
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ];
    let arguments = ["--originals", "s3://bucket/prefix"];
    let server = Server::start_with(dir.path(), &arguments, &[away, keys].concat());
    let (status, answer) = server.try_create("198.51.100.7 beacons").await.unwrap();
    assert_eq!(
        (status, &answer["code"]),
        (503, &"database_unavailable".into()),
        "{answer}"
    );
    assert_eq!(server.get("/api/iocs/stats").await["total_submissions"], 0);
}
