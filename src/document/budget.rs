//! What one upload may cost, however its documents stand inside each other: an archive in an archive
//! draws on the same account. Enter at [`Budget::meter`], through which every inflated byte goes.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use super::Limits;

/// A stream may inflate to this many times its packed size once it is larger than [`RATIO_FREE`].
const MAX_RATIO: u64 = 200;
/// Bytes that may come out of a stream whatever its ratio: small XML packs well.
const RATIO_FREE: u64 = 1 << 20;
/// Work spent on making keys from a password, which is slow by design: about that many milliseconds.
const KEY_WORK: usize = 2_000;

/// The account of one upload; clones draw on the same one.
#[derive(Clone)]
pub(super) struct Budget {
    left: Rc<Left>,
    part: u64,
}

struct Left {
    inflated: Cell<u64>,
    members: Cell<usize>,
    key_work: Cell<usize>,
}

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        let left = Left {
            inflated: Cell::new(limits.inflated),
            members: Cell::new(limits.entries),
            key_work: Cell::new(KEY_WORK),
        };
        Self {
            left: Rc::new(left),
            part: limits.part,
        }
    }

    /// Takes one document inside another off the account; `false` when none is left.
    pub(super) fn take_member(&self) -> bool {
        take(&self.left.members, 1)
    }

    /// Takes the work of making a key, some milliseconds, off the account; `false` when that much is not
    /// left.
    pub(super) fn take_key(&self, work: usize) -> bool {
        take(&self.left.key_work, work)
    }

    /// Whether nothing more may be inflated.
    pub(super) fn is_spent(&self) -> bool {
        self.left.inflated.get() == 0
    }

    /// Bytes that one more part may inflate to, for a decoder that is no stream: it tells what it took by
    /// [`Budget::take_inflated`].
    pub(super) fn room(&self) -> usize {
        usize::try_from(self.part.min(self.left.inflated.get())).unwrap_or(usize::MAX)
    }

    /// Takes inflated bytes off the account.
    pub(super) fn take_inflated(&self, bytes: usize) {
        let left = self.left.inflated.get().saturating_sub(bytes as u64);
        self.left.inflated.set(left);
    }

    /// Bounds a stream that inflates `packed` bytes: by its ratio, as one part, and by what is left of
    /// the account.
    pub(super) fn meter<R: Read>(&self, inner: R, packed: u64) -> Metered<R> {
        self.meter_whole(inner, packed, self.part)
    }

    /// As [`Budget::meter`], for a stream that may be larger than a part: an archive that is packed as
    /// a whole.
    pub(super) fn meter_archive<R: Read>(&self, inner: R, packed: u64) -> Metered<R> {
        self.meter_whole(inner, packed, u64::MAX)
    }

    fn meter_whole<R: Read>(&self, inner: R, packed: u64, most: u64) -> Metered<R> {
        let ratio = packed.saturating_mul(MAX_RATIO).max(RATIO_FREE);
        Metered {
            inner,
            room: most.min(ratio),
            left: Rc::clone(&self.left),
            cut: Rc::default(),
        }
    }
}

fn take(left: &Cell<usize>, some: usize) -> bool {
    let enough = left.get() >= some;
    left.set(left.get().saturating_sub(some));
    enough
}

/// Ends the stream at a limit, as if it ended there: what came before is of use.
pub(super) struct Metered<R> {
    inner: R,
    room: u64,
    left: Rc<Left>,
    cut: Rc<Cell<bool>>,
}

impl<R> Metered<R> {
    /// Tells `cut` instead of this stream alone when a limit is hit.
    pub(super) fn telling(mut self, cut: &Rc<Cell<bool>>) -> Self {
        self.cut = Rc::clone(cut);
        self
    }
}

impl<R: Read> Metered<R> {
    /// Reads to the end or a limit. What came before an error is kept beside it.
    pub(super) fn read_all(mut self) -> Inflated {
        let mut bytes = Vec::new();
        let error = self.read_to_end(&mut bytes).err();
        Inflated {
            bytes,
            error,
            cut: self.cut.get(),
        }
    }
}

/// What came out of a stream.
pub(super) struct Inflated {
    pub(super) bytes: Vec<u8>,
    /// Why it ended early, if it is damaged.
    pub(super) error: Option<io::Error>,
    /// Whether it ended early at a limit.
    pub(super) cut: bool,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let left = self.left.inflated.get();
        let room = usize::try_from(self.room.min(left)).unwrap_or(usize::MAX);
        if room == 0 {
            // The stream may have ended on its own just here.
            let more = self.inner.read(&mut [0])? > 0;
            self.cut.set(self.cut.get() || more);
            return Ok(0);
        }
        let want = room.min(buffer.len());
        let read = self.inner.read(&mut buffer[..want])?;
        self.room -= read as u64;
        self.left.inflated.set(left - read as u64);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(inflated: u64, part: u64) -> Budget {
        Budget::new(&Limits {
            inflated,
            part,
            entries: 2,
            ..Limits::default()
        })
    }

    #[test]
    fn clones_draw_on_one_account() {
        let account = budget(10, 8);
        let inner = account.clone();
        let first = account.meter(&[1; 9][..], 9).read_all();
        assert_eq!((first.bytes.len(), first.cut), (8, true));
        let second = inner.meter(&[1; 9][..], 9).read_all();
        assert_eq!((second.bytes.len(), second.cut), (2, true));
        assert!(account.take_member() && inner.take_member() && !account.take_member());
    }

    #[test]
    fn a_stream_that_ends_at_its_limit_is_not_cut() {
        let inflated = budget(10, 8).meter(&[1; 8][..], 8).read_all();
        assert_eq!((inflated.bytes.len(), inflated.cut), (8, false));
    }

    #[test]
    fn a_stream_that_inflates_beyond_reason_is_cut() {
        let bomb = budget(u64::MAX, u64::MAX).meter(io::repeat(0), 10_000);
        assert_eq!(bomb.read_all().bytes.len(), 2_000_000);
        let small = budget(u64::MAX, u64::MAX).meter(io::repeat(0), 10);
        assert_eq!(small.read_all().bytes.len(), 1 << 20);
    }
}
