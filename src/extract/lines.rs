//! The lines of a text. Enter at [`Lines::number`].
//!
//! Every candidate asks for its line, most of them several times: the answer is the last one more often than
//! not. Where it is another, the line at the start of each stretch of the text is noted, and only those of
//! one stretch are searched.

use std::cell::Cell;
use std::ops::Range;

/// Length of a stretch, in bytes.
const STRETCH: usize = 256;

/// Where the lines of a text begin.
pub(super) struct Lines {
    /// Byte offsets at which lines start; the first is 0. Behind the last one, where another would.
    starts: Vec<usize>,
    /// For each stretch the number of the line that holds its first byte; behind the last one, that of the
    /// last line.
    stretches: Vec<usize>,
    /// The line that was asked for last.
    last: Cell<usize>,
}

impl Lines {
    /// The lines of `text`.
    pub(super) fn of(text: &str) -> Self {
        /// Hardly a text has shorter lines on average, in bytes.
        const LINE: usize = 32;
        let mut starts = Vec::with_capacity(text.len() / LINE + 2);
        let mut stretches = Vec::with_capacity(text.len() / STRETCH + 2);
        starts.push(0);
        for newline in memchr::memchr_iter(b'\n', text.as_bytes()) {
            while stretches.len() * STRETCH <= newline {
                stretches.push(starts.len() - 1);
            }
            starts.push(newline + 1);
        }
        stretches.resize(text.len() / STRETCH + 2, starts.len() - 1);
        starts.push(text.len() + 1);
        Self {
            starts,
            stretches,
            last: Cell::new(0),
        }
    }

    /// Number of the line that holds the byte at `offset`, from 0. What is behind the text counts as its
    /// last line.
    pub(super) fn number(&self, offset: usize) -> usize {
        let last = self.last.get();
        if self.starts[last] <= offset && offset < self.starts[last + 1] {
            return last;
        }
        let stretch = (offset / STRETCH).min(self.stretches.len() - 2);
        let (first, last) = (self.stretches[stretch], self.stretches[stretch + 1]);
        let begun = self.starts[first + 1..=last].partition_point(|start| *start <= offset);
        self.last.set(first + begun);
        first + begun
    }

    /// The bytes of the line `number`, without its `\n`.
    pub(super) fn range(&self, number: usize) -> Range<usize> {
        self.starts[number]..self.starts[number + 1] - 1
    }

    /// How many lines of each length have another right below.
    pub(super) fn widths(&self) -> Vec<u32> {
        const WIDEST: usize = 400;
        let mut widths = vec![0; WIDEST + 1];
        for line in self.starts.windows(3) {
            let length = line[1] - 1 - line[0];
            if length <= WIDEST && line[2] - 1 > line[1] {
                widths[length] += 1;
            }
        }
        widths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_on_the_line_that_counting_finds() {
        let long = "x".repeat(3 * STRETCH);
        let texts = [
            String::new(),
            "\n".repeat(2 * STRETCH + 1),
            "a\nbc\n\nd".repeat(200),
            format!("{long}\n{long}\n\n{long}"),
            "x".repeat(STRETCH - 1) + "\n" + &long,
            "x".repeat(STRETCH) + "\ny",
        ];
        for text in &texts {
            let lines = Lines::of(text);
            for offset in 0..=text.len() {
                let above = text[..offset].matches('\n').count();
                assert_eq!(lines.number(offset), above, "{offset} of {}", text.len());
                let line = lines.range(above);
                assert!(line.start <= offset && offset <= line.end);
                assert_eq!(text.split('\n').nth(above), Some(&text[line]));
            }
            assert_eq!(
                lines.number(text.len() + 2 * STRETCH),
                text.matches('\n').count()
            );
        }
    }
}
