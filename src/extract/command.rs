//! Command lines. Enter at [`scan`].

use crate::extract::candidate::{Candidate, Text};

/// Finds command lines.
pub(crate) fn scan(_text: &Text<'_>, _found: &mut Vec<Candidate>) {}
