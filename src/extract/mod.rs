//! Text → findings. Enter at [`scan`].
//!
//! No I/O, no clock, no panic, and linear time on any input.

use crate::document::Document;
use crate::indicator::Finding;

/// Finds every indicator in `document`, distinct by (kind, value), in order of first appearance.
#[must_use]
pub fn scan(document: &Document) -> Vec<Finding> {
    let _ = document;
    unimplemented!()
}

/// A few sentences of `document` that say what it is about; `None` where it has no prose.
#[must_use]
pub fn summary(document: &Document) -> Option<String> {
    let _ = document;
    unimplemented!()
}
