//! Keeps lists current: claims one that is due, fetches it where it changed, reads it, writes how that went. Enter at
//! `keep_current`. Most lists are one file; what comes in parts is fetched by `feed` and `taxii`.
//!
//! The version that stands is replaced by a good one alone: a server that is away, answers with something else, or has
//! lost half of a list costs nothing but an error that is shown.

mod feed;
mod server;
mod taxii;

use std::time::Duration;

use sha2::{Digest, Sha256};

use self::server::Server;
use crate::fetch::Fetcher;
use crate::lists::{ListFormat, accept};
use crate::store::{self, Checked, Checking, Store, Taken, Validators};

/// A list in parts may take as long as so many fetches.
const FETCHES: u32 = 10;
/// How long a claim holds beyond that: longer than it takes to read a list and to store it.
const SLACK: Duration = Duration::from_secs(10 * 60);
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
    let most = fetcher.limits().time * FETCHES;
    let Some(checking) = store.claim_list(most + SLACK).await? else {
        return Ok(false);
    };
    let standing = match checking.format {
        ListFormat::MispFeed => standing(store, &checking).await?,
        _ => Vec::new(),
    };
    let checking_it = tokio::time::timeout(most, check(fetcher, &checking, standing));
    let checked = checking_it.await.unwrap_or_else(|_| {
        let most = most.as_secs();
        Err(format!("the list did not come within {most} seconds"))
    });
    let checked = checked.unwrap_or_else(|reason| {
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

/// The version that stands, if it came from this server or was uploaded for it; empty otherwise.
async fn standing(store: &Store, checking: &Checking) -> store::Result<Vec<u8>> {
    let content = store.list_content(checking.id).await?.unwrap_or_default();
    let is_its_own = checking.sha256.as_deref() == Some(Sha256::digest(&content).as_slice());
    Ok(if is_its_own { content } else { Vec::new() })
}

/// What its server has, or why nothing is known of that.
async fn check(
    fetcher: &Fetcher,
    checking: &Checking,
    standing: Vec<u8>,
) -> Result<Checked, String> {
    let mut server = Server::new(fetcher.showing(checking.credential.clone()));
    let fetched = match checking.format {
        ListFormat::MispFeed => feed::fetch(&mut server, checking, standing).await?,
        ListFormat::Taxii => taxii::fetch(&mut server, checking).await?,
        _ => {
            let (url, known) = (&checking.source_url, &checking.validators);
            server.get_unless_same(url, known).await?
        }
    };
    let Some(Content { bytes, validators }) = fetched else {
        return Ok(Checked::Same(checking.validators.clone()));
    };
    let wanted = checking.clone();
    let taken = aside(move || taken(&wanted, &bytes)).await??;
    Ok(match taken {
        Some(taken) => Checked::New(Box::new(taken), validators),
        None => Checked::Same(validators),
    })
}

/// A version, and what its server calls it.
struct Content {
    bytes: Vec<u8>,
    validators: Validators,
}

/// Reads what strangers wrote, which takes its time and may make its reader fail.
async fn aside<T: Send + 'static>(read: impl FnOnce() -> T + Send + 'static) -> Result<T, String> {
    let read = tokio::task::spawn_blocking(read).await;
    read.map_err(|_| "it cannot be read: it made its reader fail".to_owned())
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
