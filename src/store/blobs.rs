//! Originals and texts, once for each content. The only room that knows where bytes lie: callers speak of digests.
//!
//! A row of `blobs` says that the bytes are there: in the row, or as an object in a folder or a bucket. A blob
//! has no owner but the submissions that name its digest, as their original or as their text. Whoever names one does
//! so in a transaction that first took [`hold`] or [`lock`], and then had it [`put`]: so a blob is never removed under
//! a submission that just came. To stop naming one takes no lock; `Store::collect` comes after the commit.
//!
//! An object is written before its row is committed, and removed after the row's removal is: a crash between
//! the two leaves an object without a row, never a row without its object. `housekeeping` sweeps up what crashes leave.

mod housekeeping;
pub(super) mod packed;
mod place;

use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgExecutor};

use super::{Error, Result};
pub use place::Blobs;

fn hex(sha256: &[u8]) -> String {
    sha256.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Serialises every transaction over this content until it ends.
pub(super) async fn lock(tx: &mut PgConnection, sha256: &[u8]) -> Result<()> {
    sqlx::query!("SELECT lock_key('blob', encode($1::bytea, 'hex'))", sha256)
        .execute(tx)
        .await?;
    Ok(())
}

/// Keeps this content from being removed until the transaction ends. Others may hold it, too: many documents may
/// have one text.
pub(super) async fn hold(tx: &mut PgConnection, sha256: &[u8]) -> Result<()> {
    sqlx::query!(
        "SELECT lock_key_shared('blob', encode($1::bytea, 'hex'))",
        sha256
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Keeps `bytes` under their digest, where they are not kept yet. The caller holds the content, and commits the row
/// that names it. Who puts several does so in the order of their digests.
pub(super) async fn put(
    tx: &mut PgConnection,
    blobs: &Blobs,
    sha256: &[u8],
    bytes: &[u8],
) -> Result<()> {
    if is_kept(tx, blobs, sha256).await? {
        return Ok(());
    }
    let bytes = bytes.to_vec();
    let packed = aside(move || packed::pack(&bytes)).await?;
    let inside = match blobs.outside() {
        None => Some(packed),
        Some(objects) => {
            objects.put(sha256, packed).await?;
            None
        }
    };
    sqlx::query!(
        "INSERT INTO blobs (sha256, packed) VALUES ($1, $2)
         ON CONFLICT (sha256) DO UPDATE SET bytes = NULL, packed = excluded.packed",
        sha256,
        inside
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether there is a row, and its object where that is what it says.
async fn is_kept(tx: &mut PgConnection, blobs: &Blobs, sha256: &[u8]) -> Result<bool> {
    let row = sqlx::query_scalar!(
        r#"SELECT bytes IS NOT NULL OR packed IS NOT NULL AS "inside!" FROM blobs WHERE sha256 = $1"#,
        sha256
    );
    Ok(match (row.fetch_optional(tx).await?, blobs.outside()) {
        (None, _) | (Some(false), None) => false,
        (Some(true), _) => true,
        (Some(false), Some(objects)) => objects.has(sha256).await?,
    })
}

/// The bytes with this digest; none where there is no such blob, or its object was taken away by hand.
pub(super) async fn get(
    at: impl PgExecutor<'_>,
    blobs: &Blobs,
    sha256: &[u8],
) -> Result<Option<Vec<u8>>> {
    let row = sqlx::query!("SELECT bytes, packed FROM blobs WHERE sha256 = $1", sha256)
        .fetch_optional(at)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    if row.bytes.is_some() {
        return Ok(row.bytes);
    }
    let packed = match (row.packed, blobs.outside()) {
        (Some(packed), _) => Some(packed),
        (None, Some(objects)) => objects.get(sha256).await?,
        (None, None) => {
            return Err(Error::Internal(
                "a blob lies outside Postgres, and no place for originals is set".into(),
            ));
        }
    };
    let Some(packed) = packed else {
        tracing::error!(key = hex(sha256), "a blob is not where it was put");
        return Ok(None);
    };
    let expected = sha256.to_vec();
    aside(move || {
        let bytes = packed::unpack(&packed).map_err(|error| Error::Internal(error.into()))?;
        if Sha256::digest(&bytes).as_slice() == expected {
            Ok(Some(bytes))
        } else {
            let damaged = format!("the blob {} is damaged", hex(&expected));
            Err(Error::Internal(damaged.into()))
        }
    })
    .await?
}

/// Work on many bytes, which would hold up everybody else on this thread.
pub(super) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Error::Internal(error.into()))
}
