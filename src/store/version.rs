//! Whether anything was written meanwhile: at two looks that tell the same version, every query gives the same answer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use tokio::sync::OnceCell;

use super::{Result, Store};

/// What the database shows, numbered by this process: it rises with every change that a look finds, whoever made it, and
/// never comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u64);

/// What is known of the database as one version shows it, and is forgotten when a later one is seen.
#[derive(Debug, Default)]
pub struct Known<T>(Mutex<(Option<Version>, T)>);

impl<T: Default> Known<T> {
    /// What `ask` gets of what is known at `version`; `None` where a later one was seen.
    pub fn at<A>(&self, version: Version, ask: impl FnOnce(&mut T) -> A) -> Option<A> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.0 < Some(version) {
            *known = (Some(version), T::default());
        }
        (known.0 == Some(version)).then(|| ask(&mut known.1))
    }
}

/// A look at the database, and what came of it.
type Look = Arc<OnceCell<Option<Version>>>;

/// How long one may take: all wait for it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Looks one after the other, each for all who came since the last one began: so a thousand readers cost the database
/// no more than a few, and none is told what was before it asked.
#[derive(Debug, Default)]
pub(super) struct Looks {
    /// The one that has not begun.
    next: Mutex<Look>,
    /// Held by the one that runs.
    last: tokio::sync::Mutex<Last>,
    /// The last one got no answer.
    is_silent: AtomicBool,
}

/// What the last look left.
#[derive(Debug, Default)]
struct Last {
    /// Not one of the pool: whoever has all of those does not hold up the others, and one that has fallen silent is
    /// closed at once.
    connection: Option<PgConnection>,
    shown: String,
    number: u64,
}

impl Looks {
    fn next(&self) -> MutexGuard<'_, Look> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks, at whatever connection is open or at a new one.
    async fn look(&self, options: &PgConnectOptions) -> Option<Version> {
        let mut last = self.last.lock().await;
        // Whoever comes from here on could be told what was before: the next one is for them.
        *self.next() = Look::default();
        let connection = last.connection.take();
        let shown = tokio::time::timeout(PATIENCE, snapshot(connection, options)).await;
        self.is_silent.store(shown.is_err(), Ordering::Relaxed);
        match shown {
            Ok(Ok((connection, shown))) => {
                last.connection = Some(connection);
                if last.shown != shown {
                    last.shown = shown;
                    last.number += 1;
                }
                Some(Version(last.number))
            }
            Ok(Err(error)) => {
                tracing::debug!(%error, "cannot tell whether anything was written");
                None
            }
            Err(_) => None,
        }
    }

    /// Whether the database has fallen silent, as far as the last look could tell.
    pub(super) fn is_silent(&self) -> bool {
        self.is_silent.load(Ordering::Relaxed)
    }

    /// Ends the connection.
    pub(super) async fn close(&self) {
        self.last.lock().await.connection = None;
    }
}

/// The snapshot of this moment. It changes with each transaction that ends, and the same one shows the same rows for
/// ever; but after a crash, or on another server, numbers of transactions that were lost may come again.
async fn snapshot(
    connection: Option<PgConnection>,
    options: &PgConnectOptions,
) -> Result<(PgConnection, String)> {
    let mut connection = match connection {
        Some(open) => open,
        None => PgConnection::connect_with(options).await?,
    };
    let shown = sqlx::query_scalar!(
        r#"SELECT pg_postmaster_start_time() || ' ' || pg_current_snapshot()::text AS "shown!""#
    );
    let shown = shown.fetch_one(&mut connection).await?;
    Ok((connection, shown))
}

impl Store {
    /// What the database shows now, or showed after this was called: what is read behind it is of this version or a
    /// later one. `None` when that cannot be told soon.
    pub async fn version(&self) -> Option<Version> {
        let look = Arc::clone(&self.looks.next());
        let seen = look.get_or_init(|| async {
            let (looks, options) = (Arc::clone(&self.looks), self.pool.connect_options());
            // Not given up together with whoever waits for it: half a question would cost the connection.
            let look = tokio::spawn(async move { looks.look(&options).await });
            look.await.ok().flatten()
        });
        *seen.await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_a_version_is_no_answer_at_another() {
        let known: Known<Vec<u8>> = Known::default();
        let [first, second] = [1, 2].map(Version);
        assert_eq!(known.at(first, |kept| kept.push(1)), Some(()));
        assert_eq!(known.at(first, |kept| kept.clone()), Some(vec![1]));
        assert_eq!(known.at(second, |kept| kept.clone()), Some(vec![]));
        assert_eq!(known.at(first, |kept| kept.push(2)), None);
        assert_eq!(known.at(second, |kept| kept.clone()), Some(vec![]));
    }
}
