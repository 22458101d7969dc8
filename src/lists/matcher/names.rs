//! A table from texts to chains that takes thirteen bytes an entry besides the text. Enter at [`Names::get`].
//!
//! Texts stand one behind the other in one vector, each behind its chain and its length; a table of hashed places
//! points to them. The hash has a secret key: whoever writes a list cannot make its entries collide.

use std::hash::{BuildHasher, RandomState};

use super::Overfull;
use super::chains::Chain;

/// Bytes of the chain and of the length before each text.
const CHAIN: usize = 4;
const HEAD: usize = CHAIN + 2;

/// A place: one byte of the hash, and where the text stands plus one, as bytes, so that both are in one line of
/// the cache.
type Place = [u8; 5];
const FREE: Place = [0; 5];

/// Texts and their chains.
#[derive(Debug, Default)]
pub(super) struct Names {
    records: Vec<u8>,
    places: Vec<Place>,
    count: usize,
    key: RandomState,
}

impl Names {
    /// The chain of `text`.
    pub(super) fn get(&self, text: &[u8]) -> Option<(Chain, &str)> {
        if self.places.is_empty() {
            return None;
        }
        let (_, at) = self.find(text);
        let at = at?;
        let known = std::str::from_utf8(self.text(at)).ok()?;
        Some((self.chain(at), known))
    }

    /// Gives `text` the chain that `change` makes of its present one.
    pub(super) fn change(
        &mut self,
        text: &[u8],
        change: impl FnOnce(Chain) -> Chain,
    ) -> Result<(), Overfull> {
        // At most four places of five are taken: a search that fails looks at few.
        if self.count * 5 >= self.places.len() * 4 {
            self.place_all((self.count * 5 / 2).max(64));
        }
        let (place, at) = self.find(text);
        if let Some(at) = at {
            let chain = change(self.chain(at));
            self.records[at..at + CHAIN].copy_from_slice(&chain.to_le_bytes());
            return Ok(());
        }
        let at = self.records.len();
        let next = at + HEAD + text.len();
        let length = u16::try_from(text.len()).map_err(|_| Overfull)?;
        if u32::try_from(next).is_err() {
            return Err(Overfull);
        }
        self.records.extend(change(0).to_le_bytes());
        self.records.extend(length.to_le_bytes());
        self.records.extend(text);
        self.places[place] = self.place(self.key.hash_one(text), at);
        self.count += 1;
        Ok(())
    }

    /// Gives back what growing took too much.
    pub(super) fn shrink(&mut self) {
        self.records.shrink_to_fit();
        self.place_all(self.count * 4 / 3 + 1);
    }

    /// Bytes on the heap.
    pub(super) fn bytes(&self) -> usize {
        self.records.capacity() + self.places.capacity() * size_of::<Place>()
    }

    /// Where `text` stands, and the place that says so or would.
    fn find(&self, text: &[u8]) -> (usize, Option<usize>) {
        let hash = self.key.hash_one(text);
        let mut place = start(hash, self.places.len());
        loop {
            let [print, at @ ..] = self.places[place];
            let at = u32::from_le_bytes(at) as usize;
            if at == 0 {
                return (place, None);
            }
            if print == hash as u8 && self.text(at - 1) == text {
                return (place, Some(at - 1));
            }
            place = (place + 1) % self.places.len();
        }
    }

    fn place(&self, hash: u64, at: usize) -> Place {
        let [a, b, c, d] = (at as u32 + 1).to_le_bytes();
        [hash as u8, a, b, c, d]
    }

    /// Makes `count` places, more than there are texts, and gives each text one.
    fn place_all(&mut self, count: usize) {
        self.places = Vec::new();
        self.places = vec![FREE; count];
        let mut at = 0;
        while at < self.records.len() {
            let text = self.text(at);
            let hash = self.key.hash_one(text);
            let next = at + HEAD + text.len();
            let mut place = start(hash, count);
            while self.places[place] != FREE {
                place = (place + 1) % count;
            }
            self.places[place] = self.place(hash, at);
            at = next;
        }
    }

    fn chain(&self, at: usize) -> Chain {
        let mut chain = [0; CHAIN];
        chain.copy_from_slice(&self.records[at..at + CHAIN]);
        Chain::from_le_bytes(chain)
    }

    fn text(&self, at: usize) -> &[u8] {
        let length = u16::from_le_bytes([self.records[at + CHAIN], self.records[at + CHAIN + 1]]);
        let start = at + HEAD;
        &self.records[start..start + usize::from(length)]
    }
}

/// The first place to look at, of `count`: by the high bits, for the lowest are the print.
fn start(hash: u64, count: usize) -> usize {
    ((u128::from(hash) * count as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_is_found_and_nothing_else() {
        let mut names = Names::default();
        assert_eq!(names.get(b"a"), None);
        for number in 0..10_000_u32 {
            let text = number.to_string();
            names
                .change(text.as_bytes(), |chain| chain + number)
                .unwrap();
        }
        names.change(b"7", |chain| chain + 1).unwrap();
        for shrunk in [false, true] {
            for number in (0..10_000_u32).filter(|number| *number != 7) {
                let text = number.to_string();
                assert_eq!(names.get(text.as_bytes()), Some((number, text.as_str())));
            }
            assert_eq!(names.get(b"7"), Some((8, "7")));
            assert_eq!(names.get(b"10000"), None);
            assert_eq!(names.get(b""), None);
            if !shrunk {
                names.shrink();
            }
        }
        assert!(names.bytes() < 10_000 * (4 + 13), "{}", names.bytes());
    }

    #[test]
    fn an_empty_table_that_was_shrunk_has_nothing() {
        let mut names = Names::default();
        names.shrink();
        assert_eq!(names.get(b"a"), None);
    }
}
