//! What an export has written already, so that it writes nothing twice.

use std::collections::HashSet;
use std::hash::Hash;

/// Ids that [`Seen::recent`] surely still knows; it keeps twice as many at most, some 10 MB.
const WINDOW: usize = 1 << 16;

/// Ids in two generations: when the younger is full, the older is forgotten.
pub(super) struct Seen<T> {
    window: usize,
    young: HashSet<T>,
    old: HashSet<T>,
}

impl<T: Eq + Hash> Seen<T> {
    /// Forgets nothing: for one report, which is in memory as a whole.
    pub(super) fn all() -> Self {
        Self::of(usize::MAX)
    }

    /// Forgets what is long past: for an export without end.
    pub(super) fn recent() -> Self {
        Self::of(WINDOW)
    }

    fn of(window: usize) -> Self {
        Self {
            window,
            young: HashSet::new(),
            old: HashSet::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.young.is_empty() && self.old.is_empty()
    }

    /// Takes `id` in; `false` where it is known already.
    pub(super) fn insert(&mut self, id: T) -> bool {
        if self.old.contains(&id) || !self.young.insert(id) {
            return false;
        }
        if self.young.len() >= self.window {
            self.old = std::mem::take(&mut self.young);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recent_is_known_and_memory_stays_flat() {
        let mut seen = Seen::of(10);
        assert!(seen.is_empty());
        for id in 0..1_000 {
            assert!(seen.insert(id));
            assert!(!seen.insert(id));
            assert!(!seen.insert(id - id.min(9)), "the last ten are known");
            assert!(!seen.is_empty());
            assert!(seen.young.len() + seen.old.len() <= 20);
        }
        assert!(seen.insert(0), "what is long past is forgotten");
    }

    #[test]
    fn all_means_all() {
        let mut seen = Seen::all();
        assert!((0..100_000).all(|id| seen.insert(id)));
        assert!(!(0..100_000).any(|id| seen.insert(id)));
    }
}
