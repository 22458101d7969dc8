//! What a server calls a version, as it is stored and as it is sent: what the store keeps, and what a fetch asks with.

use crate::fetch::{Known, Version};
use crate::store::Validators;

impl<'a> From<&'a Validators> for Known<'a> {
    fn from(stored: &'a Validators) -> Self {
        Self {
            etag: stored.etag.as_deref(),
            last_modified: stored.last_modified.as_deref(),
        }
    }
}

impl From<&Version> for Validators {
    fn from(version: &Version) -> Self {
        Self {
            etag: version.etag.clone(),
            last_modified: version.last_modified.clone(),
        }
    }
}
