//! Pages that show images and have no text: what became of each, in words.

use super::picture::Drawn;
use crate::document::builder::Builder;
use crate::document::picture::Recognition;
use crate::document::text_number;

/// Reasons that are told apart.
const MAX_REASONS: usize = 8;

/// What became of the pages without text of one document, by their numbers.
#[derive(Default)]
pub(super) struct Scans {
    /// Read, and something stands there.
    read: Vec<u32>,
    /// Those of them that have images besides which could not be decoded.
    in_part: Vec<u32>,
    /// Read, and nothing stands there: a photograph.
    blank: Vec<u32>,
    /// Not read, by reason.
    failed: Vec<(String, Vec<u32>)>,
    /// Nobody reads pictures here.
    unread: Vec<u32>,
}

impl Scans {
    /// What page `number` says, whose picture is made by `draw`; empty where it says nothing.
    pub(super) fn read(
        &mut self,
        number: u32,
        draw: impl FnOnce() -> Result<Drawn, String>,
        out: &Builder,
    ) -> String {
        let mut left_out = false;
        let picture = || {
            let drawn = draw()?;
            left_out = drawn.left_out;
            Ok(drawn.picture)
        };
        let recognition = out.recognise(picture);
        match recognition {
            Some(Recognition::Text(text)) if text.chars().any(char::is_alphanumeric) => {
                self.read.push(number);
                if left_out {
                    self.in_part.push(number);
                }
                return text;
            }
            Some(Recognition::Text(_)) if left_out => {
                let reason =
                    "some of its images are damaged or too large, the others have no words";
                self.failed(number, reason.to_owned());
            }
            Some(Recognition::Text(_)) => self.blank.push(number),
            Some(Recognition::Failed(reason) | Recognition::Enough(reason)) => {
                self.failed(number, reason);
            }
            None => self.unread.push(number),
        }
        String::new()
    }

    fn failed(&mut self, number: u32, reason: String) {
        let full = self.failed.len() >= MAX_REASONS;
        match self.failed.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, pages)) => pages.push(number),
            None if full => {
                if let Some((_, pages)) = self.failed.last_mut() {
                    pages.push(number);
                }
            }
            None => self.failed.push((reason, vec![number])),
        }
    }

    /// Tells of them, in a document of `all` pages.
    pub(super) fn tell(&self, all: usize, out: &mut Builder) {
        if !self.read.is_empty() {
            let mut message = format!(
                "{} had images and no text: what they say was read by text recognition (OCR), which mistakes characters. Compare a value with the page before you use it.",
                listed(&self.read)
            );
            if !self.in_part.is_empty() {
                let pages = listed(&self.in_part);
                message.push_str(&format!(
                    " Not all of it was read: of {} images that are damaged or too large were left out.",
                    pages.to_lowercase()
                ));
            }
            out.warn("recognised", message);
        }
        for (reason, pages) in &self.failed {
            out.warn(
                "no_text_pages",
                format!(
                    "{} had images and no text, and text recognition (OCR) could not read them: {reason}.",
                    listed(pages)
                ),
            );
        }
        if !self.unread.is_empty() && self.unread.len() < all {
            let pages = text_number(self.unread.len(), "page");
            out.warn(
                "no_text_pages",
                format!("{pages} of {all} held images and no text: what they show was not read."),
            );
        }
    }

    /// The sentence for a document of `all` pages none of which has text, where pictures were looked at.
    pub(super) fn no_text(&self, all: usize) -> Option<String> {
        let all = text_number(all, "page");
        let failed = self.failed.iter();
        let failed: Vec<String> = failed
            .map(|(reason, pages)| format!("{}: {reason}", listed(pages).to_lowercase()))
            .collect();
        if !failed.is_empty() {
            return Some(format!(
                "The PDF has {all} and no text layer, and text recognition (OCR) could not read {}.",
                failed.join("; ")
            ));
        }
        (!self.blank.is_empty()).then(|| {
            format!("The PDF has {all} and no text layer, and text recognition (OCR) found no words on its images.")
        })
    }
}

/// `Page 4`, `Pages 1–3, 7`. The numbers rise.
fn listed(pages: &[u32]) -> String {
    const MAX_RANGES: usize = 20;
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for &page in pages {
        match ranges.last_mut() {
            Some((_, last)) if last.saturating_add(1) == page => *last = page,
            _ => ranges.push((page, page)),
        }
    }
    let more = ranges.len() > MAX_RANGES;
    let mut shown: Vec<String> = ranges
        .iter()
        .take(MAX_RANGES)
        .map(|(first, last)| {
            if first == last {
                first.to_string()
            } else {
                format!("{first}–{last}")
            }
        })
        .collect();
    if more {
        shown.push("…".to_owned());
    }
    let noun = if pages.len() == 1 { "Page" } else { "Pages" };
    format!("{noun} {}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_listed_in_ranges() {
        assert_eq!(listed(&[4]), "Page 4");
        assert_eq!(listed(&[1, 2, 3, 7, 9, 10]), "Pages 1–3, 7, 9–10");
        let odd: Vec<u32> = (0..1_000).map(|i| i * 2).collect();
        assert!(listed(&odd).len() < 200);
    }

    #[test]
    fn reasons_without_end_are_told_as_a_few() {
        let mut scans = Scans::default();
        for page in 0..100 {
            scans.failed(page, format!("reason {page}"));
        }
        assert_eq!(scans.failed.len(), MAX_REASONS);
    }
}
