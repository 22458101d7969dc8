//! Requests that their clients have a name for: what the same name led to before, for a day. Whoever got no
//! answer, because the network or the server failed under it, hands the same in again and gets that.
//!
//! The name is kept in the transaction that stores the submission: there is never one without the other.

use std::time::Duration;

use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{NewSubmission, Result, Store};

/// For how long a name is known.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// What a name led to before.
pub(super) enum Earlier {
    /// The same request: its submission, and whether that was new.
    Same(Uuid, bool),
    /// Another request.
    Other,
}

/// What the name of `new` led to before, if it has one and that is known. Until the transaction ends, nobody else
/// with this name gets past here.
pub(super) async fn recall(tx: &mut PgConnection, new: &NewSubmission) -> Result<Option<Earlier>> {
    let Some(key) = &new.idempotency_key else {
        return Ok(None);
    };
    let owner = new.owner.0;
    sqlx::query!("SELECT lock_key('request', $1)", format!("{owner}:{key}"))
        .execute(&mut *tx)
        .await?;
    let known = sqlx::query!(
        "SELECT request, submission_id, is_new FROM idempotency_keys
         WHERE owner_id = $1 AND key = $2 AND created_at > now() - make_interval(secs => $3)",
        owner,
        key,
        KEPT.as_secs_f64()
    )
    .fetch_optional(tx)
    .await?;
    Ok(known.map(|known| {
        if known.request == digest(new) {
            Earlier::Same(known.submission_id, known.is_new)
        } else {
            Earlier::Other
        }
    }))
}

/// Keeps the name of `new`, if it has one, for the submission that it led to. After [`recall`].
pub(super) async fn remember(
    tx: &mut PgConnection,
    new: &NewSubmission,
    submission: Uuid,
    is_new: bool,
) -> Result<()> {
    let Some(key) = &new.idempotency_key else {
        return Ok(());
    };
    let request = digest(new);
    sqlx::query!(
        "INSERT INTO idempotency_keys (owner_id, key, request, submission_id, is_new) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (owner_id, key) DO UPDATE SET request = excluded.request, is_new = excluded.is_new,
            submission_id = excluded.submission_id, created_at = now()",
        new.owner.0,
        key,
        request.as_slice(),
        submission,
        is_new
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Tells one request from another. The bytes of a form are no measure: its boundary is another each time.
fn digest(new: &NewSubmission) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in [
        new.source_type.as_str(),
        &new.source_identifier,
        new.title.as_deref().unwrap_or_default(),
        new.url_key.as_deref().unwrap_or_default(),
    ] {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    if let Some(content) = &new.content {
        digest.update(content.sha256);
    }
    digest.finalize().into()
}

impl Store {
    /// Forgets names that are too old to count; how many.
    ///
    /// # Errors
    /// As every query.
    pub async fn forget_idempotency_keys(&self) -> Result<u64> {
        let done = sqlx::query!(
            "DELETE FROM idempotency_keys WHERE created_at <= now() - make_interval(secs => $1)",
            KEPT.as_secs_f64()
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected())
    }
}
