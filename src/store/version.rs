//! Whether anything was written meanwhile: at two looks that tell the same version, every query gives the same answer.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::{Error, Result, Store};

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
type Look = Arc<OnceCell<std::result::Result<Version, Arc<Error>>>>;

/// Looks one after the other, each for all who came since the last one began: so a thousand readers cost the database
/// no more than a few, and none is told what was before it asked.
#[derive(Debug, Default)]
pub(super) struct Looks {
    /// The one that has not begun.
    next: Mutex<Look>,
    /// Held by the one that runs: what the last one saw, and its number.
    last: tokio::sync::Mutex<(String, u64)>,
}

impl Looks {
    fn next(&self) -> std::sync::MutexGuard<'_, Look> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// What the database shows now, or showed after this was called.
    /// What is read behind it is of this version or a later one.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it cannot be told.
    pub async fn version(&self) -> Result<Version> {
        let look = Arc::clone(&self.looks.next());
        let seen = look.get_or_init(|| async { self.snapshot().await.map_err(Arc::new) });
        match seen.await {
            Ok(version) => Ok(*version),
            Err(error) => Err(Error::Unavailable(Arc::clone(error).into())),
        }
    }

    async fn snapshot(&self) -> Result<Version> {
        let mut last = self.looks.last.lock().await;
        // Whoever comes from here on could be told what was before: the next one is for them.
        *self.looks.next() = Look::default();
        // A snapshot changes with each transaction that ends, and the same one shows the same rows for ever. After a
        // crash, or on another server, numbers of transactions that were lost may come again.
        let shown = sqlx::query_scalar!(
            r#"SELECT pg_postmaster_start_time() || ' ' || pg_current_snapshot()::text AS "shown!""#
        )
        .fetch_one(&self.pool)
        .await?;
        if last.0 != shown {
            *last = (shown, last.1 + 1);
        }
        Ok(Version(last.1))
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
