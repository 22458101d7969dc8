//! What stands below a label: the cells of the column it names, the lines of the list it heads.

use std::ops::Range;

use crate::document::BlockKind;
use crate::extract::candidate::Text;

/// Most lines of a list.
const LINES: usize = 200;

/// Reads below the labels of one kind, from the start of a text to its end.
#[derive(Default)]
pub(super) struct Below {
    /// The last header that was read: a second label in it costs no second reading of the table.
    header: Option<usize>,
}

impl Below {
    /// The cells below `label`, where it stands in a row that names columns.
    pub(super) fn cells(&mut self, text: &Text<'_>, label: &Range<usize>) -> Vec<Range<usize>> {
        let blocks = &text.document().blocks;
        let after = blocks.partition_point(|block| block.span.start <= label.start);
        let Some(header) = after.checked_sub(1) else {
            return Vec::new();
        };
        let is_below = |kind: BlockKind| {
            kind == BlockKind::Row {
                header: Some(header),
            }
        };
        if self.header == Some(header) || !blocks.get(after).is_some_and(|next| is_below(next.kind))
        {
            return Vec::new();
        }
        self.header = Some(header);
        let whole = text.str();
        let head = whole.get(blocks[header].span.start..label.start);
        let column = head.unwrap_or_default().matches('\t').count();
        blocks[after..]
            .iter()
            .take_while(|block| is_below(block.kind))
            .filter_map(|block| {
                let row = whole.get(block.span.clone())?;
                let cell = row.split('\t').nth(column)?;
                let before: usize = row
                    .split('\t')
                    .take(column)
                    .map(|cell| cell.len() + 1)
                    .sum();
                let start = block.span.start + before;
                Some(trimmed(whole, start..start + cell.len(), &[]))
            })
            .filter(|cell| !cell.is_empty())
            .collect()
    }
}

/// The single words on the lines below `label`, where it stands alone on its line.
pub(super) fn list(text: &Text<'_>, label: &Range<usize>) -> Vec<Range<usize>> {
    const BULLETS: &[char] = &['-', '*', '•', '·', '`', '"', '\'', '#', ':'];
    let whole = text.str();
    let line = text.line_at(label.start);
    let own = trimmed(whole, line.clone(), BULLETS);
    if own.start != label.start || own.end > label.end + 2 {
        return Vec::new();
    }
    let mut words = Vec::new();
    let mut line = line;
    for _ in 0..LINES {
        if line.end >= whole.len() {
            break;
        }
        line = text.line_at(line.end + 1);
        let word = trimmed(whole, line.clone(), BULLETS);
        if word.is_empty() && words.is_empty() {
            continue;
        }
        if word.is_empty() || whole[word.clone()].contains(char::is_whitespace) {
            break;
        }
        words.push(word);
    }
    words
}

/// `span` without white space and `others` at its ends.
pub(super) fn trimmed(whole: &str, span: Range<usize>, others: &[char]) -> Range<usize> {
    let is_outside = |letter: char| letter.is_whitespace() || others.contains(&letter);
    let said = &whole[span.clone()];
    let start = span.end - said.trim_start_matches(is_outside).len();
    let end = span.start + said.trim_end_matches(is_outside).len();
    start..end.max(start)
}
