//! Whether bytes hold what is rare. Enter at [`any`] or [`twice`].
//!
//! All bytes are read, without a branch between them: compilers make vectors of such loops, as long as
//! the judgement is made of comparisons, and the loop is not merged with a branch behind it: hence no
//! inlining. For short texts that mostly hold nothing.

/// Whether one of `bytes` is what is searched.
#[inline(never)]
pub(super) fn any(bytes: &[u8], is: impl Fn(u8) -> bool) -> bool {
    bytes.iter().fold(false, |found, byte| found | is(*byte))
}

/// Whether two of `bytes`, one right behind the other, are what is searched.
#[inline(never)]
pub(super) fn twice(bytes: &[u8], is: impl Fn(u8) -> bool) -> bool {
    let pairs = bytes.iter().zip(bytes.iter().skip(1));
    pairs.fold(false, |found, (one, next)| found | (is(*one) & is(*next)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_searched_is_found_wherever_it_stands() {
        let is = |byte: u8| byte == b'x';
        for length in 0..70 {
            let mut bytes = vec![b'-'; length];
            assert!(!any(&bytes, is) && !twice(&bytes, is));
            for at in 0..length {
                bytes[at] = b'x';
                assert!(any(&bytes, is) && !twice(&bytes, is));
                if let Some(next) = bytes.get_mut(at + 1) {
                    *next = b'x';
                    assert!(any(&bytes, is) && twice(&bytes, is), "{at} of {length}");
                }
                bytes.fill(b'-');
            }
        }
    }
}
