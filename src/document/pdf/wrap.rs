//! Hashes and URLs that were wrapped over lines become whole again.
//!
//! Here it is known what the text no longer shows: that a line ends where the column ends. A hash that is
//! joined must have the length of one, and no later part of it may have one: the lines of a list of
//! MD5 stay apart. What `url` says of the others. Other wrapped values are left to the scanners, which know
//! how they look.

mod url;

use std::collections::HashMap;

use url::Reach;

use super::layout::Stretch;

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

/// Two stretches of two pages between which a value has become whole.
#[derive(Debug, PartialEq)]
pub(super) struct Carried {
    /// The text of the one above, with the whole value at its end.
    pub(super) above: String,
    /// What is left of the one below, and its text.
    pub(super) lines: Vec<Line>,
    pub(super) below: String,
}

/// What becomes of `above`, the last of a page, and `below`, the first of the next, where a value goes on
/// from the one to the other.
pub(super) fn carried(above: &Stretch, below: &Stretch) -> Option<Carried> {
    let mut ends = ends(&above.lines, &above.margins);
    let part = match hash_over(&above.lines, &below.lines) {
        Some((first, part)) => {
            ends[first..].fill(false);
            part
        }
        None => url_over(above, below)?,
    };
    let mut whole = text(&above.lines, &ends);
    let (taken, rest) = below.lines.split_at_checked(part.line)?;
    taken.iter().for_each(|line| whole.push_str(&line.text));
    let mut lines = rest.to_vec();
    let cut = lines.first_mut()?;
    whole.push_str(&cut.text[..part.bytes]);
    cut.text = cut.text[part.bytes..].trim_start().to_owned();
    if cut.text.is_empty() {
        lines.remove(0);
    }
    Some(Carried {
        above: whole,
        below: join(&lines, &below.margins),
        lines,
    })
}

/// Where a value ends: so many bytes into this line.
struct Part {
    line: usize,
    bytes: usize,
}

/// The line of `above` on which a hash begins that ends in `below`, and where it ends there.
fn hash_over(above: &[Line], below: &[Line]) -> Option<(usize, Part)> {
    let both: Vec<Line> = above.iter().chain(below).cloned().collect();
    let full = full(&both);
    let page = above.len();
    (page.saturating_sub(MAX_PARTS)..page)
        .filter(|&i| begins(&both, &full, i))
        .map(|i| (i, i + lines_below(&both[i..], &full[i..])))
        .find(|(_, end)| *end >= page)
        .map(|(i, end)| {
            let (line, bytes) = (end - page, digits_at_start(&both[end].text));
            (i, Part { line, bytes })
        })
}

/// Where the URL at the end of `above` ends in `below`.
fn url_over(above: &Stretch, below: &Stretch) -> Option<Part> {
    let (last, first) = (above.lines.last()?, below.lines.first()?);
    let mut whole = above.text.rsplit('\n').next()?.to_owned();
    let bytes = url::goes_on(&whole, last, above.margins.reach(last), &first.text);
    let taken = &first.text[..bytes];
    // Over a page a word or a number is too little to tell. Nothing at all is both.
    if taken.bytes().all(|byte| byte.is_ascii_alphabetic())
        || taken.bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let mut part = Part { line: 0, bytes };
    for (line, next) in below.lines.iter().zip(&below.lines[1..]) {
        if part.bytes < line.text.len() {
            break;
        }
        whole.push_str(&line.text);
        let more = url::goes_on(&whole, line, below.margins.reach(line), &next.text);
        if more == 0 {
            break;
        }
        part = Part {
            line: part.line + 1,
            bytes: more,
        };
    }
    Some(part)
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
    let mut digits = first;
    for (i, line) in below.iter().enumerate().take(MAX_PARTS) {
        let part = digits_at_start(&line.text);
        let after = line.text[part..].chars().next();
        if part == 0 || LENGTHS.contains(&part) || after.is_some_and(is_word) {
            return 0;
        }
        digits += part;
        let next = below
            .get(i + 1)
            .map_or(0, |next| digits_at_start(&next.text));
        if after.is_some() || !full[i + 1] || next == 0 {
            // MD5 with a checksum below it is no SHA-1, but SHA-1 with 24 digits below it is a SHA-256.
            let least = if LENGTHS.contains(&first) { 64 } else { 0 };
            let whole = LENGTHS.contains(&digits) && digits >= least;
            return if whole { i + 1 } else { 0 };
        }
    }
    0
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
    use std::rc::Rc;

    use super::*;
    use crate::document::pdf::layout::Kind;

    const SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// Lines of characters that are one wide.
    fn measured(lines: &[&str]) -> Vec<Line> {
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

    /// The first or last stretch of a page that has `others` besides.
    fn stretch(lines: &[&str], others: &[&str]) -> Stretch {
        let (lines, others) = (measured(lines), measured(others));
        let margins = Rc::new(Margins::of(lines.iter().chain(&others)));
        Stretch {
            text: join(&lines, &margins),
            kind: Kind::Words,
            size: 10.0,
            lines,
            margins,
        }
    }

    fn over(above: &Stretch, below: &Stretch) -> (String, String) {
        let carried = carried(above, below).unwrap();
        (carried.above, carried.below)
    }

    #[test]
    fn a_hash_of_which_a_part_was_joined_already_takes_no_other_line_with_it() {
        let above = stretch(&["Seen:", &SHA256[..20], &SHA256[20..40]], &[]);
        assert_eq!(above.text, format!("Seen:\n{}", &SHA256[..40]));
        let last = format!("{} and", &SHA256[60..]);
        let below = stretch(&[&SHA256[40..60], &last, "more"], &[]);
        assert_eq!(
            over(&above, &below),
            (format!("Seen:\n{SHA256}"), "and\nmore".to_owned())
        );
    }

    #[test]
    fn a_url_goes_on_over_more_than_one_line_of_the_next_page() {
        let lines = [
            "http://a.example/b/",
            "c/d.php?the=first&x",
            "y=1&z=2 was",
            "seen",
        ];
        let above = stretch(&["It is", lines[0]], &[]);
        let below = stretch(&lines[1..], &["a line as long to-"]);
        let whole = "It is\nhttp://a.example/b/c/d.php?the=first&xy=1&z=2";
        assert_eq!(
            over(&above, &below),
            (whole.to_owned(), "was\nseen".to_owned())
        );
    }

    #[test]
    fn what_is_left_of_a_page_keeps_its_margins() {
        let above = stretch(&["http://a.example/b/"], &[]);
        let lines = [
            "c/d.php seen",
            "http://b.example/inde",
            "x.php and also these,",
        ];
        let wide = "other lines of this page are much longer";
        assert_eq!(
            over(&above, &stretch(&lines, &[wide])).1,
            "seen\nhttp://b.example/inde\nx.php and also these,"
        );
        assert_eq!(
            over(&above, &stretch(&lines, &[])).1,
            "seen\nhttp://b.example/index.php and also these,"
        );
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
