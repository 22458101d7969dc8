//! A value that begins at the foot of a page and ends at the head of the next: how much of it stands where.
//!
//! What was joined within either page stays as it is there.

use super::super::layout::Stretch;
use super::{Line, MAX_PARTS, begins, digits_at_start, ends, full, join, lines_below, text, url};

/// Two stretches of two pages between which a value has become whole.
#[derive(Debug, PartialEq)]
pub(in crate::document::pdf) struct Carried {
    /// The text of the one above, with the whole value at its end.
    pub(in crate::document::pdf) above: String,
    /// What is left of the one below, and its text.
    pub(in crate::document::pdf) lines: Vec<Line>,
    pub(in crate::document::pdf) below: String,
}

/// What becomes of `above`, the last of a page, and `below`, the first of the next, where a value goes on
/// from the one to the other.
pub(in crate::document::pdf) fn carried(above: &Stretch, below: &Stretch) -> Option<Carried> {
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

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::super::Margins;
    use super::super::tests::{SHA256, measured};
    use super::*;
    use crate::document::pdf::layout::Kind;

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
}
