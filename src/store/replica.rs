//! A replica for reads that may be a few seconds late: searches, details, statistics, whole exports. Never for a feed of
//! changes, whose readers would take a late row for none, and never for a read that a write hangs on.
//!
//! How late a replica is, it cannot tell by itself: one that is cut off believes that it is up to date. So the primary
//! is asked what it has written, and the replica is as fresh as the last such moment that it has reached.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::{Error, PoolSettings, Result, Store};

/// Between two looks at a replica.
const LOOK: Duration = Duration::from_secs(1);
/// A replica that is further behind is not asked.
const LATEST: Duration = Duration::from_secs(5);

/// The replica. The clones of a store share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Replica(Arc<Following>);

#[derive(Debug, Default)]
struct Following {
    /// Set before the first look at one, and for good.
    began: AtomicBool,
    /// The replica, while it keeps up.
    current: watch::Sender<Option<Store>>,
}

impl Replica {
    fn current(&self) -> Option<Store> {
        self.0.current.borrow().clone()
    }

    fn set(&self, current: Option<Store>) {
        self.0.current.send_replace(current);
    }
}

impl Store {
    /// Whether an answer of before this call may have come from a replica.
    #[must_use]
    pub fn may_be_late(&self) -> bool {
        self.replica.0.began.load(Ordering::SeqCst)
    }

    /// What `ask` gets from the replica, or from here: where there is none that keeps up, and where it fails to answer.
    ///
    /// # Errors
    /// As `ask`.
    pub async fn read_late<T, A>(&self, ask: impl Fn(Store) -> A) -> Result<T>
    where
        A: Future<Output = Result<T>>,
    {
        let replica = self.replica.current();
        if let Some(replica) = replica {
            match ask(replica).await {
                Err(Error::Unavailable(error)) => {
                    tracing::warn!(%error, "the replica does not answer; the primary does");
                    self.replica.set(None);
                }
                answer => return answer,
            }
        }
        ask(self.clone()).await
    }

    /// The same for one thing by its id: what the replica does not know (yet) is looked for here.
    ///
    /// # Errors
    /// As `ask`.
    pub async fn find_late<T, A>(&self, ask: impl Fn(Store) -> A) -> Result<Option<T>>
    where
        A: Future<Output = Result<Option<T>>>,
    {
        let is_late = self.replica.current().is_some();
        match self.read_late(&ask).await? {
            None if is_late => ask(self.clone()).await,
            found => Ok(found),
        }
    }

    /// Has the replica at `url` asked while it keeps up. Goes on until it is dropped.
    pub async fn follow(&self, url: &str, settings: &PoolSettings) {
        self.replica.0.began.store(true, Ordering::SeqCst);
        loop {
            match self.follow_while_it_answers(url, settings).await {
                Ok(never) => match never {},
                Err(error) => tracing::warn!(%error, "no replica to ask"),
            }
            self.replica.set(None);
            tokio::time::sleep(LATEST).await;
        }
    }

    async fn follow_while_it_answers(
        &self,
        url: &str,
        settings: &PoolSettings,
    ) -> Result<std::convert::Infallible> {
        let replica = Self::connect(url, settings).await?;
        let replica = replica.with_blobs(self.blobs.clone());
        if replica.producer().await?.id != self.producer().await?.id {
            return Err(Error::Internal("it is that of another database".into()));
        }
        let mut goal = (Instant::now(), self.written().await?);
        let mut reached = None;
        loop {
            if replica.replayed().await? >= goal.1 {
                reached = Some(goal.0);
                let now = Instant::now();
                // While the primary is away it writes nothing that the replica could lack.
                goal = (now, self.written().await.unwrap_or(goal.1));
            }
            let keeps_up = reached.is_some_and(|moment| moment.elapsed() <= LATEST);
            if self.replica.current().is_some() != keeps_up {
                tracing::info!(keeps_up, "the replica");
                self.replica.set(keeps_up.then(|| replica.clone()));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// How far the log of this primary has come, in bytes.
    async fn written(&self) -> Result<i64> {
        Ok(
            sqlx::query_scalar!(r#"SELECT (pg_current_wal_lsn() - '0/0')::bigint AS "at!""#)
                .fetch_one(&self.pool)
                .await?,
        )
    }

    /// How far this replica has followed it.
    async fn replayed(&self) -> Result<i64> {
        sqlx::query_scalar!(
            "SELECT CASE WHEN pg_is_in_recovery() THEN (pg_last_wal_replay_lsn() - '0/0')::bigint END"
        )
            .fetch_one(&self.pool)
            .await?
            .ok_or_else(|| Error::Internal("it is no replica, or no longer one".into()))
    }
}
