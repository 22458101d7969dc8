//! One limit of many keys: so many in a period, and as many at once. The algorithm is GCRA, which needs no more of a key
//! than the moment at which its limit is whole again.
//!
//! Several processes may keep one limit: each tells now and then what it took, and learns when the limit is whole by what
//! all took. What they took too much meanwhile stays owed, so that over time they give no more than one would.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::id::{TokenId, UserId};

/// Between two sweeps that let go of keys whose limit is whole again.
const SWEEP: Duration = Duration::from_secs(60);

/// Who is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Subscriber(IpAddr),
    Token(TokenId),
    User(UserId),
    Login(IpAddr, String),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subscriber(address) => write!(f, "{address}"),
            Self::Token(id) => write!(f, "{id}"),
            Self::User(id) => write!(f, "{id}"),
            Self::Login(address, name) => write!(f, "{address} {name}"),
        }
    }
}

/// One kind of limit.
pub(super) struct Bucket {
    /// Tells its keys from those of other limits.
    pub(super) name: &'static str,
    size: u32,
    refill: Duration,
    keys: Mutex<Keys>,
}

struct Keys {
    whole_at: HashMap<Key, Instant>,
    /// Taken here and not told yet.
    untold: HashMap<Key, u32>,
    swept: Instant,
}

/// What is left of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) limit: u32,
    pub(super) remaining: u32,
    /// Until the limit is whole again.
    pub(super) whole_in: Duration,
    /// Until the next request is taken, where this one was not.
    pub(super) wait: Option<Duration>,
}

impl Bucket {
    /// `None` for a size of 0: without limit.
    pub(super) fn new(name: &'static str, size: u32, period: Duration) -> Option<Self> {
        Some(Self {
            name,
            size,
            refill: period.checked_div(size)?,
            keys: Mutex::new(Keys {
                whole_at: HashMap::new(),
                untold: HashMap::new(),
                swept: Instant::now(),
            }),
        })
    }

    /// Counts one, if there is one left.
    pub(super) fn take(&self, key: &Key) -> Standing {
        let now = Instant::now();
        let mut keys = self.keys();
        keys.sweep(now);
        let owed = keys.owed(key, now);
        let (after, most) = (owed + self.refill, self.refill * self.size);
        let wait = after.checked_sub(most).filter(|wait| !wait.is_zero());
        let (whole_in, remaining) = if wait.is_some() {
            (owed, 0)
        } else {
            keys.whole_at.insert(key.clone(), now + after);
            *keys.untold.entry(key.clone()).or_default() += 1;
            (after, self.count(most - after))
        };
        Standing {
            limit: self.size,
            remaining,
            whole_in,
            wait,
        }
    }

    /// What was taken since it was last told, as time until the limit is whole.
    pub(super) fn tell(&self) -> Vec<(Key, Duration)> {
        let untold = std::mem::take(&mut self.keys().untold).into_iter();
        untold
            .map(|(key, taken)| (key, self.refill * taken))
            .collect()
    }

    /// What was told was heard by nobody.
    pub(super) fn unheard(&self, told: Vec<(Key, Duration)>) {
        let mut keys = self.keys();
        for (key, took) in told {
            *keys.untold.entry(key).or_default() += self.count(took);
        }
    }

    /// By what all took, the limit of `key` is whole after this time, and after what was taken here since.
    pub(super) fn learn(&self, key: Key, whole_in: Duration) {
        let mut keys = self.keys();
        let since = keys.untold.get(&key).copied().unwrap_or_default();
        let whole_at = Instant::now() + whole_in + self.refill * since;
        keys.whole_at.insert(key, whole_at);
    }

    /// How many fill up again in this time.
    fn count(&self, time: Duration) -> u32 {
        let count = time.as_nanos() / self.refill.as_nanos().max(1);
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keys {
    fn owed(&self, key: &Key, now: Instant) -> Duration {
        let whole_at = self.whole_at.get(key);
        whole_at.map_or(Duration::ZERO, |at| at.saturating_duration_since(now))
    }

    fn sweep(&mut self, now: Instant) {
        if now.saturating_duration_since(self.swept) >= SWEEP {
            self.swept = now;
            self.whole_at.retain(|_, whole_at| *whole_at > now);
            self.whole_at.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn key(last: u8) -> Key {
        Key::Subscriber(IpAddr::from([192, 0, 2, last]))
    }

    fn taken(bucket: &Bucket, tries: u32) -> usize {
        (0..tries)
            .filter(|_| bucket.take(&key(1)).wait.is_none())
            .count()
    }

    #[test]
    fn a_bucket_counts_down_refuses_and_says_how_long() {
        let bucket = Bucket::new("test", 3, MINUTE).unwrap();
        let left: Vec<u32> = (0..3).map(|_| bucket.take(&key(1)).remaining).collect();
        assert_eq!(left, [2, 1, 0]);
        let refused = bucket.take(&key(1));
        let wait = refused.wait.unwrap();
        assert!(wait <= MINUTE / 3 && wait > MINUTE / 6, "{refused:?}");
        assert!(refused.whole_in <= MINUTE && refused.whole_in > MINUTE / 2);
        assert_eq!(bucket.take(&key(2)).remaining, 2);
    }

    #[test]
    fn zero_is_without_limit() {
        assert!(Bucket::new("test", 0, MINUTE).is_none());
    }

    #[test]
    fn what_others_took_is_owed_here_too_and_what_was_taken_since_on_top() {
        let bucket = Bucket::new("test", 6, MINUTE).unwrap();
        assert_eq!(taken(&bucket, 2), 2);
        let told = bucket.tell();
        assert_eq!(told, [(key(1), MINUTE / 3)]);
        assert_eq!(taken(&bucket, 1), 1);
        // Others took two, too.
        bucket.learn(key(1), MINUTE / 3 * 2);
        assert_eq!(taken(&bucket, 5), 1, "five of six were gone");
        assert_eq!(bucket.tell(), [(key(1), MINUTE / 3)]);
        // All of them took twice what there was: nothing is left for a minute and longer.
        bucket.learn(key(1), MINUTE * 2);
        assert!(bucket.take(&key(1)).wait.unwrap() > MINUTE);
    }

    #[test]
    fn what_nobody_heard_is_told_again() {
        let bucket = Bucket::new("test", 6, MINUTE).unwrap();
        taken(&bucket, 2);
        let told = bucket.tell();
        taken(&bucket, 1);
        bucket.unheard(told);
        assert_eq!(bucket.tell(), [(key(1), MINUTE / 2)]);
        assert_eq!(bucket.tell(), []);
    }
}
