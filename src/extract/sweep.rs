//! Searches for bytes of a rare kind. Enter at [`any`], [`first`] or [`last`].
//!
//! Sixteen bytes are judged without a branch between them: compilers make vectors of that, as long as the
//! judgement is made of comparisons.

/// Bytes that are judged together.
const LANES: usize = 16;

/// Whether one of `bytes` is what is searched.
pub(super) fn any(bytes: &[u8], is: impl Fn(u8) -> bool) -> bool {
    let Some(last) = bytes.last_chunk() else {
        return bytes.iter().any(|byte| is(*byte));
    };
    let (chunks, _) = bytes.as_chunks();
    chunks.iter().any(|chunk| holds(chunk, &is)) || holds(last, &is)
}

/// Whether one of `bytes` is what is searched, for the byte right behind it.
pub(super) fn any_pair(bytes: &[u8], is: impl Fn(u8, u8) -> bool) -> bool {
    let Some((_, behind)) = bytes.split_first() else {
        return false;
    };
    let before = &bytes[..behind.len()];
    let (Some(one), Some(next)) = (before.last_chunk(), behind.last_chunk()) else {
        return before.iter().zip(behind).any(|(one, next)| is(*one, *next));
    };
    let (ones, nexts) = (before.as_chunks().0, behind.as_chunks().0);
    let mut chunks = ones.iter().zip(nexts);
    chunks.any(|(one, next)| holds_pair(one, next, &is)) || holds_pair(one, next, &is)
}

/// Where the first of `bytes` stands that is what is searched.
pub(super) fn first(bytes: &[u8], is: impl Fn(u8) -> bool) -> Option<usize> {
    let (chunks, _) = bytes.as_chunks();
    let without = chunks.iter().take_while(|chunk| !holds(chunk, &is));
    let passed = LANES * without.count();
    let found = bytes[passed..].iter().position(|byte| is(*byte))?;
    Some(passed + found)
}

/// Where the last of `bytes` stands that is what is searched.
pub(super) fn last(bytes: &[u8], is: impl Fn(u8) -> bool) -> Option<usize> {
    let (_, chunks) = bytes.as_rchunks();
    let without = chunks.iter().rev().take_while(|chunk| !holds(chunk, &is));
    let left = bytes.len() - LANES * without.count();
    bytes[..left].iter().rposition(|byte| is(*byte))
}

fn holds(chunk: &[u8; LANES], is: impl Fn(u8) -> bool) -> bool {
    is_set(chunk.map(|byte| u8::from(is(byte))))
}

fn holds_pair(one: &[u8; LANES], next: &[u8; LANES], is: impl Fn(u8, u8) -> bool) -> bool {
    let mut found = [0; LANES];
    for (found, (one, next)) in found.iter_mut().zip(one.iter().zip(next)) {
        *found = u8::from(is(*one, *next));
    }
    is_set(found)
}

fn is_set(found: [u8; LANES]) -> bool {
    u128::from_ne_bytes(found) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_searched_is_found_wherever_it_stands() {
        let is = |byte: u8| byte == b'x';
        let doubled = |one: u8, next: u8| (one == b'x') & (next == b'x');
        for length in 0..70 {
            let mut bytes = vec![b'-'; length];
            assert!(!any(&bytes, is) && !any_pair(&bytes, doubled));
            assert_eq!((first(&bytes, is), last(&bytes, is)), (None, None));
            for at in 0..length {
                bytes[at] = b'x';
                assert!(any(&bytes, is));
                assert_eq!((first(&bytes, is), last(&bytes, is)), (Some(at), Some(at)));
                if let Some(next) = bytes.get_mut(at + 1) {
                    *next = b'x';
                    assert!(any_pair(&bytes, doubled), "{at} of {length}");
                    assert_eq!(
                        (first(&bytes, is), last(&bytes, is)),
                        (Some(at), Some(at + 1))
                    );
                }
                bytes.fill(b'-');
            }
        }
    }
}
