//! File names, paths and registry keys. Enter at [`scan`].

use crate::extract::candidate::{Candidate, Text};

/// Finds file names, paths and registry keys.
pub(crate) fn scan(_text: &Text<'_>, _found: &mut Vec<Candidate>) {}
