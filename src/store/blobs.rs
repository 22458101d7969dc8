//! Originals, once for each content. The only file that knows where bytes lie: callers speak of digests.
//!
//! A blob has no owner but the submissions that name its digest. Whoever names or stops naming one does so
//! in a transaction that first took [`lock`]: so a blob is never removed under a submission that just came.

use sqlx::PgConnection;

use super::Result;

/// Serialises every transaction over this content until it ends.
pub(super) async fn lock(tx: &mut PgConnection, sha256: &[u8]) -> Result<()> {
    sqlx::query!("SELECT lock_key('blob', encode($1::bytea, 'hex'))", sha256)
        .execute(tx)
        .await?;
    Ok(())
}

/// Keeps `bytes` under their digest. The caller holds the [`lock`].
pub(super) async fn put(tx: &mut PgConnection, sha256: &[u8], bytes: &[u8]) -> Result<()> {
    sqlx::query!(
        "INSERT INTO blobs (sha256, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        sha256,
        bytes
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The bytes with this digest.
pub(super) async fn get(tx: &mut PgConnection, sha256: &[u8]) -> Result<Option<Vec<u8>>> {
    Ok(
        sqlx::query_scalar!("SELECT bytes FROM blobs WHERE sha256 = $1", sha256)
            .fetch_optional(tx)
            .await?,
    )
}

/// Removes the bytes if no submission but `leaving` names them. The caller holds the [`lock`].
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
