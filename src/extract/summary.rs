//! A few sentences that say what a document is about. Enter at [`summary`].

use crate::document::Document;

/// A few sentences of `document`; `None` where it has no prose.
pub(crate) fn summary(_document: &Document) -> Option<String> {
    None
}
