//! Keeps lists current: claims one that is due, fetches it where it changed, reads it, writes how that went. Enter at
//! [`keep_current`].
//!
//! The version that stands is replaced by a good one alone: a server that is away, answers with something else, or has
//! lost half of a list costs nothing but an error that is shown.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::fetch::{Fetcher, Known};
use crate::lists::accept;
use crate::store::{self, Checked, Checking, Store, Taken, Validators};

/// How long a claim holds: longer than anything that is done under it.
const LEASE: Duration = Duration::from_secs(15 * 60);
/// Pause after a failure; it doubles with each, up to the interval of the list.
const PAUSE: Duration = Duration::from_secs(60);
/// Doublings of the pause: no interval is longer than what they come to.
const DOUBLINGS: u32 = 20;

/// Fetches what is due, one list after the other, for ever.
pub(super) async fn keep_current(store: Store, fetcher: Fetcher, poll: Duration) {
    loop {
        match step(&store, &fetcher).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot keep lists current; the next round tries again");
            }
        }
        tokio::time::sleep(poll).await;
    }
}

/// Looks after one list, if one is due. Tests drive it step by step.
///
/// # Errors
/// What the store reports.
pub async fn step(store: &Store, fetcher: &Fetcher) -> store::Result<bool> {
    let Some(checking) = store.claim_list(LEASE).await? else {
        return Ok(false);
    };
    let checked = check(fetcher, &checking).await.unwrap_or_else(|reason| {
        Checked::Failed(reason, pause(checking.failures, checking.interval))
    });
    let list = checking.slug.as_str();
    if !store.settle_list(&checking, &checked).await? {
        tracing::warn!(
            list,
            "outcome dropped: the list was changed, or another worker has it"
        );
        return Ok(true);
    }
    match checked {
        Checked::Same(_) => tracing::debug!(list, "a list is current"),
        Checked::New(..) => tracing::info!(list, "a list has a new version"),
        Checked::Failed(reason, _) => {
            tracing::warn!(
                list,
                reason,
                "a list was not renewed; the version that stands stays"
            );
        }
    }
    Ok(true)
}

/// The pause after one failure more than `failures`; `most` at most.
pub(super) fn pause(failures: u32, most: Duration) -> Duration {
    (PAUSE * (1 << failures.min(DOUBLINGS))).min(most)
}

/// What its server has, or why nothing is known of that.
async fn check(fetcher: &Fetcher, checking: &Checking) -> Result<Checked, String> {
    let before = &checking.validators;
    let known = Known {
        etag: before.etag.as_deref(),
        last_modified: before.last_modified.as_deref(),
    };
    let version = fetcher
        .get_unless_same(&checking.source_url, known)
        .await
        .map_err(|failure| failure.message)?;
    let Some(version) = version else {
        return Ok(Checked::Same(before.clone()));
    };
    let validators = Validators {
        etag: version.etag,
        last_modified: version.last_modified,
    };
    let (wanted, bytes) = (checking.clone(), version.bytes);
    let read = tokio::task::spawn_blocking(move || taken(&wanted, &bytes));
    let taken = read
        .await
        .unwrap_or_else(|_| Err("it cannot be read: it made its reader fail".to_owned()))?;
    Ok(match taken {
        Some(taken) => Checked::New(Box::new(taken), validators),
        None => Checked::Same(validators),
    })
}

/// The new version; `None` where it is the one that stands.
fn taken(checking: &Checking, bytes: &[u8]) -> Result<Option<Taken>, String> {
    if checking.sha256.as_deref() == Some(Sha256::digest(bytes).as_slice()) {
        return Ok(None);
    }
    let contents = accept(
        checking.format,
        &checking.columns,
        bytes,
        checking.entries,
        checking.may_shrink,
    );
    let contents = contents.map_err(|why| why.to_string())?;
    Ok(Some(Taken::new(&contents, bytes)))
}
