//! Addresses, domains, URLs, mail addresses. Enter at [`scan`].

use crate::extract::candidate::{Candidate, Text};

/// Finds addresses, ranges, domains, URLs and mail addresses.
pub(crate) fn scan(_text: &Text<'_>, _found: &mut Vec<Candidate>) {}
