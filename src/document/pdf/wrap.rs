//! Hashes and URLs that were wrapped over lines become whole again.
//!
//! Here it is known what the text no longer shows: that a line ends where the column ends. A hash that is
//! joined must have the length of one, and no later part of it may have one: the lines of a list of
//! MD5 stay apart. What `url` says of the others. Other wrapped values are left to the scanners, which know
//! how they look.

mod over;
mod url;

use std::collections::HashMap;

pub(super) use over::carried;
use url::Reach;

/// One line of a paragraph.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) text: String,
    /// Where it begins and where its last character ends, along the line.
    pub(super) start: f64,
    pub(super) end: f64,
    /// The width of a character.
    pub(super) step: f64,
}

/// Digits of MD5, SHA-1, SHA-256 and SHA-512.
const LENGTHS: &[usize] = &[32, 40, 64, 128];
/// Fewer digits at the end of a line are the end of a word.
const SHORTEST_PART: usize = 4;
/// Digits of a checksum, the most that lines of a list of them have.
const CHECKSUM: usize = 8;
/// Lines of one hash.
const MAX_PARTS: usize = 16;
/// Lines that begin this close to each other, in points, are of one column.
const PLACE: f64 = 4.0;
/// A line ends with its column when fewer characters than this would still fit.
const FULL: f64 = 1.5;

/// How far the lines of one page reach.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Margins {
    /// The ends of lines, by the place where they begin; sorted.
    ends: HashMap<i64, Vec<f64>>,
}

impl Margins {
    pub(super) fn of<'l>(lines: impl Iterator<Item = &'l Line>) -> Self {
        let mut ends: HashMap<i64, Vec<f64>> = HashMap::new();
        for line in lines {
            ends.entry(place(line)).or_default().push(line.end);
        }
        ends.values_mut()
            .for_each(|ends| ends.sort_by(f64::total_cmp));
        Self { ends }
    }

    fn reach(&self, line: &Line) -> Reach {
        let mut reach = Reach {
            column: line.end,
            beside: 0,
        };
        for by in -1..=1 {
            let Some(ends) = self.ends.get(&place(line).saturating_add(by)) else {
                continue;
            };
            reach.column = ends
                .last()
                .map_or(reach.column, |end| reach.column.max(*end));
            let before = ends.partition_point(|end| *end < line.end - line.step);
            reach.beside += ends.len() - before;
        }
        // Not itself.
        reach.beside = reach.beside.saturating_sub(1);
        reach
    }
}

/// The text of a paragraph on a page with `margins`, its lines separated by `\n` except inside a value.
pub(super) fn join(lines: &[Line], margins: &Margins) -> String {
    text(lines, &ends(lines, margins))
}

/// Which lines of a paragraph end what stands on them: their value does not go on below.
fn ends(lines: &[Line], margins: &Margins) -> Vec<bool> {
    let full = full(lines);
    let mut ends = vec![true; lines.len()];
    // The line up to which a hash goes on.
    let mut last = 0;
    // What is put together so far of the line of text that goes on.
    let mut whole = String::new();
    for (i, line) in lines.iter().enumerate() {
        if let Some(above) = i.checked_sub(1) {
            let reach = margins.reach(&lines[above]);
            ends[above] = i > last && url::goes_on(&whole, &lines[above], reach, &line.text) == 0;
            if ends[above] {
                whole.clear();
            }
        }
        whole.push_str(&line.text);
        if i >= last && begins(lines, &full, i) {
            last = i + lines_below(&lines[i..], &full[i..]);
        }
    }
    ends
}

/// The text of `lines`, where those that are in `ends` end with a `\n`; the last one never does.
fn text(lines: &[Line], ends: &[bool]) -> String {
    let mut text = String::with_capacity(lines.iter().map(|line| line.text.len() + 1).sum());
    for (i, (line, ends)) in lines.iter().zip(ends).enumerate() {
        text.push_str(&line.text);
        if *ends && i + 1 < lines.len() {
            text.push('\n');
        }
    }
    text
}

/// Whether a hash may begin on line `i`: a line of digits below digits that go on begins nothing.
fn begins(lines: &[Line], full: &[bool], i: usize) -> bool {
    let above = i.checked_sub(1).map(|above| (&lines[above], full[above]));
    !is_digits(&lines[i].text)
        || above.is_none_or(|(above, full)| !full || digits_at_end(&above.text) < SHORTEST_PART)
}

/// How many of the lines below the first continue a hash that its end begins.
fn lines_below(lines: &[Line], full: &[bool]) -> usize {
    let Some((line, below)) = lines.split_first() else {
        return 0;
    };
    let first = digits_at_end(&line.text);
    let before = line.text[..line.text.len() - first].chars().next_back();
    if first == 0 || before.is_some_and(is_word) || !full[0] {
        return 0;
    }
    let mut parts = vec![&line.text[line.text.len() - first..]];
    for (i, line) in below.iter().enumerate().take(MAX_PARTS) {
        let part = digits_at_start(&line.text);
        let after = line.text[part..].chars().next();
        if part == 0 || LENGTHS.contains(&part) || after.is_some_and(is_word) {
            return 0;
        }
        parts.push(&line.text[..part]);
        let next = below
            .get(i + 1)
            .map_or(0, |next| digits_at_start(&next.text));
        if after.is_some() || !full[i + 1] || next == 0 {
            return if is_hash(&parts) { i + 1 } else { 0 };
        }
    }
    0
}

/// Whether `parts`, which stand below each other, are one hash.
fn is_hash(parts: &[&str]) -> bool {
    let first = parts.first().map_or(0, |part| part.len());
    let digits: usize = parts.iter().map(|part| part.len()).sum();
    // MD5 with a checksum below it is no SHA-1, but SHA-1 with 24 digits below it is a SHA-256.
    let least = if LENGTHS.contains(&first) { 64 } else { 0 };
    // Years, dates and ports below each other have no letter, and checksums are all as short.
    let is_letter = |byte: u8| byte.is_ascii_alphabetic();
    let lettered = parts.iter().any(|part| part.bytes().any(is_letter));
    let checksums = first <= CHECKSUM && parts.iter().all(|part| part.len() == first);
    LENGTHS.contains(&digits) && digits >= least && lettered && !checksums
}

fn digits_at_start(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_hexdigit).count()
}

fn digits_at_end(text: &str) -> usize {
    text.bytes().rev().take_while(u8::is_ascii_hexdigit).count()
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where a line begins. Neighbours count, so that a place between two of them is in one.
fn place(line: &Line) -> i64 {
    (line.start / PLACE) as i64
}

/// Which lines end where their column ends: no line that begins at the same place ends much later.
fn full(lines: &[Line]) -> Vec<bool> {
    let mut ends: HashMap<i64, f64> = HashMap::new();
    for line in lines {
        let end = ends.entry(place(line)).or_insert(line.end);
        *end = end.max(line.end);
    }
    let is_full = |line: &Line| {
        let near = (-1..=1).filter_map(|by| ends.get(&place(line).saturating_add(by)));
        near.fold(line.end, |column, end| column.max(*end)) < line.end + FULL * line.step
    };
    lines.iter().map(is_full).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) const SHA256: &str =
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// Lines of characters that are one wide.
    pub(super) fn measured(lines: &[&str]) -> Vec<Line> {
        let line = |text: &&str| Line {
            text: (*text).to_owned(),
            start: 0.0,
            end: text.len() as f64,
            step: 1.0,
        };
        lines.iter().map(line).collect()
    }

    fn joined(lines: &[&str]) -> String {
        let lines = measured(lines);
        join(&lines, &Margins::of(lines.iter()))
    }

    #[test]
    fn a_hash_that_fills_its_column_is_whole_again() {
        assert_eq!(joined(&[&SHA256[..40], &SHA256[40..]]), SHA256);
        let parts = [
            &SHA256[..20],
            &SHA256[20..40],
            &SHA256[40..60],
            &SHA256[60..],
        ];
        assert_eq!(joined(&parts), SHA256);
    }

    #[test]
    fn lists_stay_lists() {
        let md5 = &SHA256[..32];
        let sha1 = &SHA256[..40];
        for list in [
            &[md5, md5, md5][..],
            &[sha1, sha1],
            &[md5, "e3b0c442"],
            &[sha1, "short", "x"],
        ] {
            assert_eq!(joined(list), list.join("\n"));
        }
    }

    #[test]
    fn columns_of_numbers_are_no_hash() {
        for column in [
            &[
                "2017", "2018", "2019", "2020", "2021", "2022", "2023", "2024",
            ][..],
            &["20240101", "20240203", "20240507", "20240909"],
            &["1234567890", "2345678901", "3456789012", "4567890123"],
            &["deadbeef", "abcd1234", "00112233", "99aabbcc"],
        ] {
            assert_eq!(joined(column), column.join("\n"));
        }
    }

    #[test]
    fn hashes_below_each_other_are_each_whole() {
        let lines = [&SHA256[..40], &SHA256[40..], &SHA256[..40], &SHA256[40..]];
        assert_eq!(joined(&lines), format!("{SHA256}\n{SHA256}"));
    }

    #[test]
    fn a_line_that_ends_early_ends_its_value() {
        let lines = [
            "a line that is much longer than any hash that stands below it",
            &SHA256[..40],
            &SHA256[40..],
        ];
        assert_eq!(joined(&lines), lines.join("\n"));
    }

    #[test]
    fn a_hash_at_the_end_of_a_url_is_a_part_of_it() {
        let first = format!("http://198.51.100.7/x{}", &SHA256[..20]);
        let lines = [&first, &SHA256[..41], &SHA256[..23]];
        assert_eq!(joined(&lines), lines.concat());
        let word = format!("x{}", &SHA256[..40]);
        let lines = [&word, &SHA256[..41], &SHA256[..23]];
        assert_eq!(joined(&lines), lines.join("\n"));
    }

    #[test]
    fn what_follows_on_the_last_line_stays_there() {
        let last = format!("'{}", &SHA256[..40]);
        let rest = format!("{}'] and more", &SHA256[40..]);
        assert_eq!(joined(&[&last, &rest]), format!("{last}{rest}"));
    }
}
