//! Originals, once for each content. The only file that knows where bytes lie: callers speak of digests.
//!
//! A row of `blobs` says that the bytes are there: in the row, or as an object in a folder or a bucket. A blob
//! has no owner but the submissions that name its digest. Whoever names or stops naming one does so in a
//! transaction that first took [`lock`]: so a blob is never removed under a submission that just came.
//!
//! An object is written before its row is committed, and removed after the row's removal is: a crash between
//! the two leaves an object without a row, never a row without its object. [`Store::sweep_blobs`] removes those.

use std::io;
use std::path::Path as Folder;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use futures_util::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use super::{Error, Result, Store, packed};

/// Rows that one round of housekeeping looks at.
const ROUND: i64 = 200;
/// What names an object in the environment of this process, where it lies in a bucket.
const BUCKET_SETTINGS: &str = "AWS_";

/// Where originals are kept. Those in Postgres are read wherever the others are.
#[derive(Debug, Clone, Default)]
pub struct Blobs(Option<Arc<dyn ObjectStore>>);

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
        Ok(Self(Some(Arc::new(files))))
    }

    /// In `place`: a folder, or a bucket such as `s3://bucket/prefix`, whose keys the environment has as `AWS_…`.
    ///
    /// # Errors
    /// Where the place is none, or is of a kind that this build does not speak.
    pub fn at(place: &str) -> Result<Self> {
        let Some(url) = url::Url::parse(place)
            .ok()
            .filter(|_| place.contains("://"))
        else {
            return Self::in_folder(Folder::new(place));
        };
        let settings = std::env::vars().filter(|(name, _)| name.starts_with(BUCKET_SETTINGS));
        let (objects, prefix) = object_store::parse_url_opts(&url, settings)?;
        Ok(Self(Some(Arc::new(PrefixStore::new(objects, prefix)))))
    }
}

/// The key of an object: files of a folder in 256 folders.
fn key(sha256: &[u8]) -> Path {
    let name: String = sha256.iter().map(|byte| format!("{byte:02x}")).collect();
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

impl From<object_store::Error> for Error {
    fn from(error: object_store::Error) -> Self {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(one) = cause {
            if let Some(io) = one.downcast_ref::<io::Error>()
                && matches!(
                    io.kind(),
                    io::ErrorKind::StorageFull
                        | io::ErrorKind::QuotaExceeded
                        | io::ErrorKind::ReadOnlyFilesystem
                        | io::ErrorKind::PermissionDenied
                        | io::ErrorKind::NotADirectory
                )
            {
                return Self::Full(error.into());
            }
            cause = one.source();
        }
        Self::Unavailable(error.into())
    }
}

/// Serialises every transaction over this content until it ends.
pub(super) async fn lock(tx: &mut PgConnection, sha256: &[u8]) -> Result<()> {
    sqlx::query!("SELECT lock_key('blob', encode($1::bytea, 'hex'))", sha256)
        .execute(tx)
        .await?;
    Ok(())
}

/// Keeps `bytes` under their digest. The caller holds the [`lock`], and commits the row that names them.
pub(super) async fn put(
    tx: &mut PgConnection,
    blobs: &Blobs,
    sha256: &[u8],
    bytes: &[u8],
) -> Result<()> {
    let inside = match &blobs.0 {
        None => Some(bytes),
        Some(objects) => {
            objects
                .put(&key(sha256), packed::pack(bytes).into())
                .await?;
            None
        }
    };
    sqlx::query!(
        "INSERT INTO blobs (sha256, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        sha256,
        inside
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The bytes with this digest; none where there is no such blob, or its object was taken away by hand.
pub(super) async fn get(
    at: &mut PgConnection,
    blobs: &Blobs,
    sha256: &[u8],
) -> Result<Option<Vec<u8>>> {
    let row = sqlx::query_scalar!("SELECT bytes FROM blobs WHERE sha256 = $1", sha256)
        .fetch_optional(at)
        .await?;
    match row {
        None => return Ok(None),
        Some(Some(inside)) => return Ok(Some(inside)),
        Some(None) => {}
    }
    let Some(objects) = &blobs.0 else {
        return Err(Error::Internal(
            "an original lies outside Postgres, and no place for originals is set".into(),
        ));
    };
    let object = match objects.get(&key(sha256)).await {
        Ok(object) => object.bytes().await?,
        Err(object_store::Error::NotFound { .. }) => {
            tracing::error!(key = %key(sha256), "the original is not where it was put");
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    let bytes = packed::unpack(&object).map_err(|error| Error::Internal(error.into()))?;
    if Sha256::digest(&bytes).as_slice() != sha256 {
        let damaged = format!("the original {} is damaged", key(sha256));
        return Err(Error::Internal(damaged.into()));
    }
    Ok(Some(bytes))
}

/// Removes the row if no submission but `leaving` names it. The caller holds the [`lock`], and calls
/// [`Store::collect_blob`] once this is committed.
pub(super) async fn release(
    tx: &mut PgConnection,
    sha256: &[u8],
    leaving: uuid::Uuid,
) -> Result<()> {
    sqlx::query!(
        "DELETE FROM blobs b WHERE sha256 = $1
            AND NOT EXISTS (SELECT FROM submissions s WHERE s.sha256 = $1 AND s.id <> $2)",
        sha256,
        leaving
    )
    .execute(tx)
    .await?;
    Ok(())
}

impl Store {
    /// Removes the object of a blob that has no row, if it has none. What fails here is swept up later.
    pub(super) async fn collect_blob(&self, sha256: &[u8]) {
        if let Err(error) = self.try_collect_blob(sha256).await {
            tracing::warn!(%error, key = %key(sha256), "an original without a row was not removed; the next sweep tries again");
        }
    }

    /// True where there was such an object.
    async fn try_collect_blob(&self, sha256: &[u8]) -> Result<bool> {
        let Some(objects) = &self.blobs.0 else {
            return Ok(false);
        };
        let mut tx = self.pool.begin().await?;
        lock(&mut tx, sha256).await?;
        let is_named = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM blobs WHERE sha256 = $1) AS "yes!""#,
            sha256
        )
        .fetch_one(&mut *tx)
        .await?;
        if is_named {
            return Ok(false);
        }
        // Under the lock: else it could be put there anew before it is removed.
        match objects.delete(&key(sha256)).await {
            Ok(()) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes objects that no row names and that are older than `grace`; how many. They are left by crashes
    /// between the writing of an object and the commit of its row.
    ///
    /// # Errors
    /// As every query, and where the objects cannot be listed.
    pub async fn sweep_blobs(&self, grace: Duration) -> Result<usize> {
        let Some(objects) = &self.blobs.0 else {
            return Ok(0);
        };
        let mut removed = 0;
        let mut listed = objects.list(None);
        while let Some(object) = listed.try_next().await? {
            let age = Utc::now().signed_duration_since(object.last_modified);
            let Some(sha256) = digest(&object.location) else {
                continue;
            };
            if age.to_std().is_ok_and(|age| age >= grace) && self.try_collect_blob(&sha256).await? {
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Moves originals that lie in Postgres to where new ones are kept; how many. A limited number at a time:
    /// call it until it is none.
    ///
    /// # Errors
    /// As every query, and where an object cannot be written.
    pub async fn move_blobs_out(&self) -> Result<usize> {
        let Some(objects) = &self.blobs.0 else {
            return Ok(0);
        };
        let inside = sqlx::query_scalar!(
            "SELECT sha256 FROM blobs WHERE bytes IS NOT NULL LIMIT $1",
            ROUND
        )
        .fetch_all(&self.pool)
        .await?;
        for sha256 in &inside {
            let mut tx = self.pool.begin().await?;
            lock(&mut tx, sha256).await?;
            if let Some(bytes) = get(&mut tx, &self.blobs, sha256).await? {
                objects
                    .put(&key(sha256), packed::pack(&bytes).into())
                    .await?;
            }
            sqlx::query!("UPDATE blobs SET bytes = NULL WHERE sha256 = $1", sha256)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
        }
        Ok(inside.len())
    }

    /// Removes originals that came in longer than `kept` ago and that nobody is about to read; how many. Their
    /// submissions, texts and indicators stay. A limited number at a time: call it until it is none.
    ///
    /// # Errors
    /// As every query.
    pub async fn drop_old_blobs(&self, kept: Duration) -> Result<usize> {
        let old = sqlx::query_scalar!(
            "SELECT sha256 FROM blobs b WHERE created_at < now() - make_interval(secs => $1)
                AND NOT EXISTS (SELECT FROM submissions s JOIN jobs j ON j.submission_id = s.id WHERE s.sha256 = b.sha256)
             LIMIT $2",
            kept.as_secs_f64(),
            ROUND
        )
        .fetch_all(&self.pool)
        .await?;
        for sha256 in &old {
            let mut tx = self.pool.begin().await?;
            lock(&mut tx, sha256).await?;
            sqlx::query!("DELETE FROM blobs WHERE sha256 = $1", sha256)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            self.collect_blob(sha256).await;
        }
        Ok(old.len())
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
}
