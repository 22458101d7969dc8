//! Where blobs lie: in Postgres, in a folder, or in a bucket. Enter at [`Blobs`].
//!
//! What is asked of a place is the same for a folder and a bucket: `put` replaces in one step, `delete` of what is
//! not there is no error, nothing is conditional. So whatever speaks S3 will do.

use std::path::{Path as Folder, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use futures_util::{Stream, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{Error as Fault, ObjectStore, ObjectStoreExt};
use url::Url;

use crate::store::{Error, Result};

/// What names a setting of a bucket in the environment of this process.
const BUCKET_SETTINGS: &str = "AWS_";
/// A place that does not answer for so long is away. Transactions and their connections wait as long.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where originals and texts are kept. Those in Postgres are read wherever the others are.
#[derive(Debug, Clone, Default)]
pub struct Blobs(Option<Objects>);

impl Blobs {
    /// In Postgres itself, where every machine finds them.
    #[must_use]
    pub fn in_postgres() -> Self {
        Self(None)
    }

    /// As files in `dir`, which is made where there is none. Written through to the disk.
    ///
    /// # Errors
    /// Where the folder cannot be made or read.
    pub fn in_folder(dir: &Folder) -> Result<Self> {
        std::fs::create_dir_all(dir).map_err(|error| Error::Unavailable(error.into()))?;
        let files = LocalFileSystem::new_with_prefix(dir)?.with_fsync(true);
        Ok(Self(Some(Objects {
            objects: Arc::new(files),
            folder: Some(dir.to_owned()),
        })))
    }

    /// In `place`: a folder, or a bucket such as `s3://bucket/prefix`, whose keys the environment has as `AWS_…`.
    ///
    /// # Errors
    /// Where the place is none.
    pub fn at(place: &str) -> Result<Self> {
        let Some(url) = Url::parse(place).ok().filter(|_| place.contains("://")) else {
            return Self::in_folder(Folder::new(place));
        };
        match url.scheme() {
            "file" => {
                let path = url.to_file_path();
                Self::in_folder(&path.map_err(|()| no_place(place))?)
            }
            "s3" => Self::in_bucket(&url),
            _ => Err(no_place(place)),
        }
    }

    fn in_bucket(url: &Url) -> Result<Self> {
        // Fails where the process has a provider already, which then serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let settings = std::env::vars().filter(|(name, _)| name.starts_with(BUCKET_SETTINGS));
        let (objects, prefix) = object_store::parse_url_opts(url, settings)?;
        Ok(Self(Some(Objects {
            objects: Arc::new(PrefixStore::new(objects, prefix)),
            folder: None,
        })))
    }

    /// The place outside Postgres, if that is where they are.
    pub(super) fn outside(&self) -> Option<&Objects> {
        self.0.as_ref()
    }
}

fn no_place(place: &str) -> Error {
    Error::Internal(format!("{place:?} is neither a folder nor s3://bucket/prefix").into())
}

/// Objects by digest, outside Postgres.
#[derive(Debug, Clone)]
pub(super) struct Objects {
    objects: Arc<dyn ObjectStore>,
    /// Where they are files, their folder.
    folder: Option<PathBuf>,
}

impl Objects {
    /// Writes an object, in place of one of before. Once this returns it outlives a crash.
    pub(super) async fn put(&self, sha256: &[u8], packed: Vec<u8>) -> Result<()> {
        let key = key(sha256);
        within(self.objects.put(&key, packed.into())).await?;
        Ok(())
    }

    /// Its bytes; none where there is no such object.
    pub(super) async fn get(&self, sha256: &[u8]) -> Result<Option<Vec<u8>>> {
        let key = key(sha256);
        let read = async { self.objects.get(&key).await?.bytes().await };
        Ok(found(within(read).await)?.map(Vec::from))
    }

    pub(super) async fn has(&self, sha256: &[u8]) -> Result<bool> {
        let key = key(sha256);
        Ok(found(within(self.objects.head(&key)).await)?.is_some())
    }

    pub(super) async fn delete(&self, sha256: &[u8]) -> Result<()> {
        let key = key(sha256);
        found(within(self.objects.delete(&key)).await)?;
        Ok(())
    }

    /// The digests of all objects, each with the time of its writing.
    pub(super) fn list(&self) -> impl Stream<Item = Result<(Vec<u8>, DateTime<Utc>)>> + Send {
        let named = |object: object_store::ObjectMeta| async move {
            Ok(digest(&object.location).map(|sha256| (sha256, object.last_modified)))
        };
        let listed = self.objects.list(None).try_filter_map(named);
        listed.map_err(Error::from)
    }

    /// Removes files whose writing a crash cut off more than `grace` ago; how many. A bucket shows none of those.
    pub(super) async fn remove_unfinished(&self, grace: Duration) -> Result<usize> {
        let Some(folder) = self.folder.clone() else {
            return Ok(0);
        };
        let removed = tokio::task::spawn_blocking(move || unfinished(&folder, grace));
        removed
            .await
            .map_err(|error| Error::Internal(error.into()))?
            .map_err(|error| Error::Unavailable(error.into()))
    }
}

/// Files are written beside their place as `name#1`, then renamed.
fn unfinished(folder: &Folder, grace: Duration) -> std::io::Result<usize> {
    let mut removed = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            removed += unfinished(&entry.path(), grace)?;
            continue;
        }
        let name = entry.file_name();
        let Some((name, _)) = name.to_str().and_then(|name| name.split_once('#')) else {
            continue;
        };
        // Another process may remove it, too.
        let written = entry.metadata().and_then(|file| file.modified());
        let age = written.map(|at| SystemTime::now().duration_since(at));
        if digest(&Path::from(name)).is_some()
            && matches!(age, Ok(Ok(age)) if age >= grace)
            && std::fs::remove_file(entry.path()).is_ok()
        {
            removed += 1;
        }
    }
    Ok(removed)
}

/// The answer of a place, if it comes in time.
async fn within<T>(
    answer: impl Future<Output = std::result::Result<T, Fault>>,
) -> std::result::Result<T, Fault> {
    let timely = tokio::time::timeout(PATIENCE, answer).await;
    timely.unwrap_or_else(|late| {
        Err(Fault::Generic {
            store: "blobs",
            source: late.into(),
        })
    })
}

/// What is not there is no fault.
fn found<T>(answer: std::result::Result<T, Fault>) -> Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Fault::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The key of an object: files of a folder in 256 folders.
fn key(sha256: &[u8]) -> Path {
    let name = super::hex(sha256);
    Path::from(format!("{}/{name}", &name[..2]))
}

/// The digest that a key was made of.
fn digest(key: &Path) -> Option<Vec<u8>> {
    let name = key.filename()?;
    let pairs = (0..name.len()).step_by(2);
    let bytes: Option<Vec<u8>> = pairs
        .map(|at| u8::from_str_radix(name.get(at..at + 2)?, 16).ok())
        .collect();
    bytes.filter(|bytes| bytes.len() == 32)
}

impl From<Fault> for Error {
    fn from(error: Fault) -> Self {
        use std::io::ErrorKind::{
            NotADirectory, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
        };
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(one) = cause {
            if let Some(io) = one.downcast_ref::<std::io::Error>()
                && let StorageFull | QuotaExceeded | ReadOnlyFilesystem | PermissionDenied
                | NotADirectory = io.kind()
            {
                return Self::Full(error.into());
            }
            cause = one.source();
        }
        Self::Unavailable(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_its_digest() {
        let sha256: Vec<u8> = (0..32).collect();
        assert_eq!(digest(&key(&sha256)), Some(sha256));
        for stranger in ["00/short", "readme.txt", ""] {
            assert_eq!(digest(&Path::from(stranger)), None, "{stranger}");
        }
    }

    #[test]
    fn a_place_that_forgets_or_is_none_is_refused_in_words() {
        for place in ["memory:///", "https://example.com/bucket", "file://host/x"] {
            let refused = Blobs::at(place).unwrap_err().to_string();
            assert!(refused.contains(place), "{refused}");
        }
    }

    #[test]
    fn what_a_crash_left_half_written_goes_and_nothing_else_does() {
        let dir = tempfile::tempdir().unwrap();
        let name = super::super::hex(&[7; 32]);
        let below = dir.path().join("07");
        std::fs::create_dir(&below).unwrap();
        for file in [name.clone(), format!("{name}#1"), "mine#1".to_owned()] {
            std::fs::write(below.join(file), "x").unwrap();
        }
        assert_eq!(
            unfinished(dir.path(), Duration::from_secs(60)).unwrap(),
            0,
            "it could still be written"
        );
        assert_eq!(unfinished(dir.path(), Duration::ZERO).unwrap(), 1);
        assert!(below.join(name).exists() && below.join("mine#1").exists());
    }
}
