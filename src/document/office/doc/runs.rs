//! What the formatting says of stretches of the stream: text that a tracked change took out, headings
//! ([MS-DOC](https://learn.microsoft.com/openspecs/office_file_formats/ms-doc/), 2.8.5, 2.8.6, 2.9.32 ff.).

use std::ops::{Range, RangeInclusive};

use crate::format::little_endian::{long, short};

/// Where the header says the tables of runs and of paragraphs are, and how long.
const CHARACTERS: usize = 0x00fa;
const PARAGRAPHS: usize = 0x0102;
/// Runs stand in pages of this many bytes.
const PAGE: usize = 512;
/// The property of text that was taken out.
const DELETED: u16 = 0x0800;
/// Properties whose data carry their own length in one byte, but for the first, which takes two.
const TABLE: u16 = 0xd608;
/// The styles of headings have fixed numbers.
const HEADINGS: RangeInclusive<u16> = 1..=9;

/// Stretches of the stream, in order and apart.
#[derive(Default)]
pub(super) struct Runs {
    pub(super) deleted: Vec<Range<usize>>,
    pub(super) headings: Vec<Range<usize>>,
}

impl Runs {
    pub(super) fn read(document: &[u8], table: &[u8]) -> Self {
        let mut runs = Self::default();
        for page in pages(document, table, CHARACTERS) {
            each(page, 1, |run, at| {
                if is_deleted(page, at) {
                    runs.deleted.push(run);
                }
            });
        }
        for page in pages(document, table, PARAGRAPHS) {
            each(page, 13, |run, at| {
                if style(page, at).is_some_and(|style| HEADINGS.contains(&style)) {
                    runs.headings.push(run);
                }
            });
        }
        in_order(&mut runs.deleted);
        in_order(&mut runs.headings);
        runs
    }
}

/// The pages that the table at `place` names. Each sound page is named once.
fn pages<'a>(document: &'a [u8], table: &'a [u8], place: usize) -> impl Iterator<Item = &'a [u8]> {
    let at = long(document, place).map(|at| at as usize);
    let length = long(document, place + 4).unwrap_or(0) as usize;
    let table = at.and_then(|at| table.get(at..at.checked_add(length)?));
    // `n` pages are `n + 1` places and `n` numbers, each of 4 bytes.
    let count = (length / 4).saturating_sub(1) / 2;
    let numbers = table.into_iter().flat_map(move |table| {
        let most = document.len() / PAGE + 1;
        (count + 1..=2 * count)
            .take(most)
            .filter_map(|i| long(table, 4 * i))
    });
    numbers.filter_map(|number| {
        let at = (number & 0x3f_ffff) as usize * PAGE;
        document.get(at..at + PAGE)
    })
}

/// Hands over each run of a page and where its properties stand. Behind the places of the runs there is
/// an entry of `size` bytes for each, whose first says where.
fn each(page: &[u8], size: usize, mut act: impl FnMut(Range<usize>, usize)) {
    let count = usize::from(page[PAGE - 1]);
    for i in 0..count {
        let entry = 4 * (count + 1) + size * i;
        let (Some(start), Some(end), Some(&at)) =
            (long(page, 4 * i), long(page, 4 * i + 4), page.get(entry))
        else {
            return;
        };
        if at > 0 && start < end {
            act(start as usize..end as usize, 2 * usize::from(at));
        }
    }
}

/// Whether the properties of characters at `at` say that the text was taken out.
fn is_deleted(page: &[u8], at: usize) -> bool {
    let Some(&length) = page.get(at) else {
        return false;
    };
    let end = (at + 1 + usize::from(length)).min(page.len());
    let mut properties = &page[at + 1..end];
    while let Some(name) = short(properties, 0) {
        if name == DELETED {
            return properties.get(2) == Some(&1);
        }
        let size = match name >> 13 {
            0 | 1 => 1,
            3 => 4,
            6 if name == TABLE => short(properties, 2).map_or(0, |n| usize::from(n) + 1),
            6 => properties.get(2).map_or(0, |&n| usize::from(n) + 1),
            7 => 3,
            _ => 2,
        };
        properties = properties.get(2 + size..).unwrap_or_default();
    }
    false
}

/// The style of the paragraph whose properties stand at `at`, behind a length of one or two bytes.
fn style(page: &[u8], at: usize) -> Option<u16> {
    let skip = if *page.get(at)? == 0 { 2 } else { 1 };
    short(page, at + skip)
}

/// Sorts stretches and joins those that meet.
fn in_order(runs: &mut Vec<Range<usize>>) {
    runs.sort_by_key(|run| run.start);
    runs.dedup_by(|next, last| {
        let meets = next.start <= last.end;
        if meets {
            last.end = last.end.max(next.end);
        }
        meets
    });
}
