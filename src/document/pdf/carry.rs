//! Values that begin at the foot of a page and end at the head of the next: they become whole on the first.
//!
//! What stands between them, the heads and feet that all pages share, stays where it is. Only what is surely
//! one value is put together: see [`wrap::carried`].

use std::collections::{HashMap, HashSet};

use super::layout::{EDGE, Kind, Stretch};
use super::pages::Sheet;
use super::wrap;

/// A number of more digits is no number of a page.
const PAGE_DIGITS: usize = 4;

/// Puts values together that go on over the end of a page.
pub(super) fn join(sheets: &mut [Sheet]) {
    let running = running(sheets);
    for i in 1..sheets.len() {
        let (above, below) = sheets.split_at_mut(i);
        let (Some(above), Some(below)) = (above.last_mut(), below.first_mut()) else {
            return;
        };
        let own = |stretch: &&mut Stretch| !running.contains(&shape(&stretch.text));
        let last = above.text.iter_mut().rev().take(EDGE).find(own);
        let at = below
            .text
            .iter()
            .take(EDGE)
            .position(|stretch| !running.contains(&shape(&stretch.text)));
        let Some((last, at)) = last.zip(at) else {
            continue;
        };
        let first = &mut below.text[at];
        // An item of a list begins something, and nothing goes on with it.
        if first.kind == Kind::Item || (first.size - last.size).abs() > 0.15 * last.size {
            continue;
        }
        let Some(carried) = wrap::carried(last, first) else {
            continue;
        };
        last.text = carried.above;
        first.text = carried.below;
        first.lines = carried.lines;
        if first.text.is_empty() {
            below.text.remove(at);
        }
    }
}

/// The texts at the edges of pages that stand on several of them, as [`shape`] has them.
fn running(sheets: &[Sheet]) -> HashSet<String> {
    let mut pages: HashMap<String, (usize, usize)> = HashMap::new();
    for (page, sheet) in sheets.iter().enumerate() {
        let foot = sheet.text.len().saturating_sub(EDGE).max(EDGE);
        let head = sheet.text.iter().take(EDGE);
        for stretch in head.chain(sheet.text.iter().skip(foot)) {
            let (count, seen) = pages.entry(shape(&stretch.text)).or_insert((0, usize::MAX));
            if *seen != page {
                (*count, *seen) = (*count + 1, page);
            }
        }
    }
    pages.retain(|_, (count, _)| *count > 1);
    pages.into_keys().collect()
}

/// `text` with the numbers of pages alike.
fn shape(text: &str) -> String {
    let mut shape = String::with_capacity(text.len().min(200));
    let mut rest = text.get(..text.floor_char_boundary(200)).unwrap_or(text);
    while let Some(c) = rest.chars().next() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if (1..=PAGE_DIGITS).contains(&digits) {
            shape.push('#');
        } else {
            shape.push_str(&rest[..digits.max(c.len_utf8())]);
        }
        rest = &rest[digits.max(c.len_utf8())..];
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_numbered_and_otherwise_alike() {
        assert_eq!(shape("Page 7 of 12"), shape("Page 8 of 12"));
        assert_ne!(shape("878160"), shape("1"));
        assert_ne!(shape("dé7f"), shape("dé7a"));
    }
}
