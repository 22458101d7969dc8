//! The text of a submission: a blob that the submission names.

use sqlx::PgConnection;

use super::{Error, Result, Store, blobs};
use crate::id::SubmissionId;

/// Makes the blob with this digest, which the caller has put, the text of a submission. The digest of its text of
/// before, which the caller collects.
pub(super) async fn name(
    tx: &mut PgConnection,
    id: SubmissionId,
    sha256: &[u8],
) -> Result<Option<Vec<u8>>> {
    let before = forget(tx, id).await?;
    sqlx::query!(
        "INSERT INTO text_blobs (submission_id, sha256) VALUES ($1, $2)",
        id.0,
        sha256
    )
    .execute(tx)
    .await?;
    Ok(before.filter(|before| before != sha256))
}

/// Leaves a submission without a text. The digest of the one it had, which the caller collects.
pub(super) async fn forget(tx: &mut PgConnection, id: SubmissionId) -> Result<Option<Vec<u8>>> {
    Ok(sqlx::query_scalar!(
        "WITH inside AS (DELETE FROM texts WHERE submission_id = $1)
         DELETE FROM text_blobs WHERE submission_id = $1 RETURNING sha256",
        id.0
    )
    .fetch_optional(tx)
    .await?)
}

impl Store {
    /// The text that was scanned; `None` until it was read.
    ///
    /// # Errors
    /// As every query, and where the text cannot be had from where it lies.
    pub async fn text(&self, id: SubmissionId) -> Result<Option<String>> {
        let inside = sqlx::query_scalar!("SELECT body FROM texts WHERE submission_id = $1", id.0);
        if let Some(body) = inside.fetch_optional(&self.pool).await? {
            return Ok(Some(body));
        }
        // Second: a text moves from there to here.
        let blob = sqlx::query_scalar!(
            "SELECT sha256 FROM text_blobs WHERE submission_id = $1",
            id.0
        );
        let Some(sha256) = blob.fetch_optional(&self.pool).await? else {
            return Ok(None);
        };
        let bytes = blobs::get(&self.pool, &self.blobs, &sha256).await?;
        bytes
            .map(String::from_utf8)
            .transpose()
            .map_err(|error| Error::Internal(error.into()))
    }
}
