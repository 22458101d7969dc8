//! Limits that all servers on one database keep together. Enter at [`keep`].
//!
//! No request waits for it: once a second each server says what it took, and hears what all took. Without the database
//! each goes on with what it knows.

use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::super::State;
use super::Rates;
use super::bucket::{Bucket, Key};
use crate::store::{self, Store};

/// Between two exchanges.
const PAUSE: Duration = Duration::from_secs(1);
/// Between two rounds in which rows go that say nothing any more.
const SWEEP: Duration = Duration::from_secs(60);

/// Exchanges counts until `shutdown`; costs nothing while nobody asks.
pub async fn keep(state: State, shutdown: CancellationToken) {
    let mut swept = Instant::now();
    while shutdown
        .run_until_cancelled(tokio::time::sleep(PAUSE))
        .await
        .is_some()
    {
        if let Err(error) = exchange(&state).await {
            tracing::debug!(%error, "cannot exchange counts of requests; each server counts for itself");
        }
        if swept.elapsed() >= SWEEP {
            swept = Instant::now();
            if let Err(error) = state.store.forget_rates().await {
                tracing::debug!(%error, "cannot forget old counts of requests; the next round tries again");
            }
        }
    }
}

/// Says what was taken here since the last time, and hears what all took. Tests drive it step by step.
///
/// # Errors
/// What the store reports: then it is said the next time.
pub async fn exchange(state: &State) -> store::Result<()> {
    for bucket in state.rates.all() {
        tell(bucket, &state.store).await?;
    }
    Ok(())
}

impl Rates {
    fn all(&self) -> impl Iterator<Item = &Bucket> {
        let others = [
            &self.anonymous,
            &self.signed,
            &self.submissions,
            &self.logins,
            &self.login_names,
        ];
        others.into_iter().chain(&self.lookups).flatten()
    }
}

async fn tell(bucket: &Bucket, store: &Store) -> store::Result<()> {
    let told = bucket.tell();
    if told.is_empty() {
        return Ok(());
    }
    let took: Vec<_> = told
        .iter()
        .map(|(key, took)| (digest(bucket, key), *took))
        .collect();
    match store.add_rates(&took).await {
        Ok(whole_in) => {
            for ((key, _), whole_in) in told.into_iter().zip(whole_in) {
                bucket.learn(key, whole_in);
            }
            Ok(())
        }
        Err(error) => {
            bucket.unheard(told);
            Err(error)
        }
    }
}

/// Addresses and names of accounts are nobody's business in the database.
fn digest(bucket: &Bucket, key: &Key) -> [u8; 32] {
    Sha256::digest(format!("{} {key}", bucket.name)).into()
}
