//! How many pixels an image has, before it is decoded: what it says of itself, in its dictionary and in its own head.
//!
//! A JPEG is not asked: the interpreter has it keep to its dictionary. An image that is packed once more is asked
//! for its dictionary alone, and one that lies in other ways ends at the limits of the process.

use hayro_interpret::hayro_syntax::Filter;
use hayro_interpret::hayro_syntax::object::Stream;

/// Pixels of an image and of the masks that are decoded with it.
pub(super) fn with_masks(image: &Stream<'_>) -> u64 {
    let masks = [b"SMask".as_slice(), b"Mask"];
    let masks = masks.map(|name| image.dict().get::<Stream<'_>>(name));
    let masks = masks.iter().flatten().map(pixels);
    masks.fold(pixels(image), u64::saturating_add)
}

/// Pixels of an image alone.
pub(super) fn pixels(image: &Stream<'_>) -> u64 {
    let side = |short: &[u8], long: &[u8]| {
        let side = image.dict().get::<u32>(short);
        side.or_else(|| image.dict().get(long)).unwrap_or(0)
    };
    let own = match image.filters()[..] {
        [Filter::Jbig2Decode] => jbig2(&image.raw_data()),
        [Filter::JpxDecode] => jpeg_2000(&image.raw_data()),
        _ => 0,
    };
    area(side(b"W", b"Width"), side(b"H", b"Height")).max(own)
}

fn area(width: u32, height: u32) -> u64 {
    u64::from(width) * u64::from(height)
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_be_bytes(*bytes))
}

/// The largest of the page and its regions ([ITU-T T.88](https://www.itu.int/rec/T-REC-T.88), 7.2 and 7.4).
fn jbig2(mut data: &[u8]) -> u64 {
    /// The height of a page that ends with its last stripe, and the length of a segment that says its end itself.
    const UNKNOWN: u32 = u32::MAX;
    let (mut page, mut regions) = ((0, 0), 0);
    let mut rows = 0;
    while let Some((kind, length, rest)) = segment(data) {
        match (kind, number(rest, 0), number(rest, 4)) {
            (48, Some(width), Some(height)) if page == (0, 0) => page = (width, height),
            (50, Some(last), _) => rows = rows.max(last.saturating_add(1)),
            (4..=7 | 20..=23 | 36..=43, Some(width), Some(height)) => {
                regions = regions.max(area(width, height));
            }
            _ => {}
        }
        match rest.get(length as usize..) {
            Some(next) if length != UNKNOWN => data = next,
            _ => break,
        }
    }
    let (width, height) = page;
    let height = if height == UNKNOWN { rows } else { height };
    area(width, height).max(regions)
}

/// The kind of the first segment, the length of its data, and the bytes from there on.
fn segment(data: &[u8]) -> Option<(u8, u32, &[u8])> {
    let id = number(data, 0)?;
    let flags = *data.get(4)?;
    let count = *data.get(5)? >> 5;
    let (count, at) = match count {
        7 => {
            let count = (number(data, 5)? & 0x1fff_ffff) as usize;
            (count, 9 + (count + 1).div_ceil(8))
        }
        few => (usize::from(few), 6),
    };
    let width = match id {
        0..=256 => 1,
        257..=65_536 => 2,
        _ => 4,
    };
    let page = if flags & 0x40 == 0 { 1 } else { 4 };
    let at = at + count * width + page;
    Some((flags & 0x3f, number(data, at)?, data.get(at + 4..)?))
}

/// The largest of what is said to be a codestream
/// ([ITU-T T.800](https://www.itu.int/rec/T-REC-T.800), A.5.1): boxes before the true one may hold others.
fn jpeg_2000(data: &[u8]) -> u64 {
    /// The start of a codestream, and the marker of its size.
    const START: &[u8] = b"\xff\x4f\xff\x51";
    let size = |at: usize| {
        let side =
            |far, near| Some(number(data, at + far)?.saturating_sub(number(data, at + near)?));
        Some(area(side(8, 16)?, side(12, 20)?))
    };
    let starts = memchr::memmem::find_iter(data, START);
    starts.filter_map(size).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(numbers: &[u32]) -> Vec<u8> {
        numbers.iter().flat_map(|n| n.to_be_bytes()).collect()
    }

    /// A segment that refers to none.
    fn jbig2_segment(kind: u8, data: &[u8]) -> Vec<u8> {
        let length = numbers(&[u32::try_from(data.len()).unwrap()]);
        [&[0, 0, 0, 1, kind, 0, 1], &length[..], data].concat()
    }

    #[test]
    fn a_jbig2_is_as_large_as_its_page_or_a_region() {
        let page = jbig2_segment(48, &numbers(&[600, 700, 0, 0]));
        assert_eq!(jbig2(&page), 420_000);
        let region = jbig2_segment(38, &numbers(&[60_000, 60_000, 0, 0]));
        assert_eq!(jbig2(&[page.clone(), region].concat()), 3_600_000_000);
        // What refers to others, by numbers of one, two and four bytes, is passed by.
        for referring in [
            [&[0, 0, 0, 9, 0, 0x40, 1, 2, 1][..], &[0, 0, 0, 0]].concat(),
            [&[0, 0, 2, 0, 0, 0x40, 0, 1, 0, 2, 1][..], &[0, 0, 0, 0]].concat(),
            [
                &[0, 1, 0, 1, 0x40, 0xe0, 0, 0, 1, 0, 0, 0, 0, 1][..],
                &[0, 0, 0, 1, 0, 0, 0, 0],
            ]
            .concat(),
        ] {
            assert_eq!(jbig2(&[referring, page.clone()].concat()), 420_000);
        }
    }

    #[test]
    fn a_jbig2_of_unknown_height_is_as_high_as_its_stripes() {
        let page = jbig2_segment(48, &numbers(&[600, u32::MAX, 0, 0]));
        let stripes = [99, 199].map(|last| jbig2_segment(50, &numbers(&[last])));
        assert_eq!(jbig2(&[page, stripes.concat()].concat()), 120_000);
    }

    #[test]
    fn a_jpeg_2000_is_as_large_as_the_largest_that_it_may_be() {
        let codestream = |width: u32, height: u32| {
            let sides = numbers(&[width + 5, height + 7, 5, 7]);
            [&b"\xff\x4f\xff\x51\0\x29\0\0"[..], &sides].concat()
        };
        let both = [codestream(1, 1), codestream(60_000, 2)].concat();
        assert_eq!(jpeg_2000(&both), 120_000);
    }

    #[test]
    fn a_head_that_is_cut_says_nothing() {
        let page = jbig2_segment(48, &numbers(&[600, 700]));
        for end in 0..page.len() {
            assert_eq!(jbig2(&page[..end]), 0);
            assert_eq!(
                jpeg_2000(&b"\xff\x4f\xff\x51\0\0\0\0\0\0"[..end.min(10)]),
                0
            );
        }
        assert_eq!(jbig2(&[0xff; 64]), 0);
    }
}
