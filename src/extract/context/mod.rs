//! What a document says around a value. Enter at [`describe`].

pub(super) mod label;

use crate::extract::candidate::{Candidate, Text};

/// Longest context kept, in bytes.
const CONTEXT_BYTES: usize = 500;

/// The context of `candidate` (its line, white space folded) and what the document calls it.
pub(crate) fn describe(text: &Text<'_>, candidate: &Candidate) -> (String, Option<String>) {
    let line = text.line_at(candidate.span.start);
    let whole = text.str();
    let start = whole.floor_char_boundary(
        line.start
            .max(candidate.span.start.saturating_sub(CONTEXT_BYTES / 2)),
    );
    let end = whole.ceil_char_boundary(line.end.min(start + CONTEXT_BYTES));
    (
        whole[start..end]
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
        None,
    )
}
