//! A version of a list on its way into the store.

use sha2::{Digest, Sha256};

use super::packed;
use crate::lists::{About, Contents};

/// A version that was found good.
#[derive(Debug, Clone)]
pub struct Taken {
    pub(super) about: About,
    pub(super) entries: i64,
    pub(super) refused: i64,
    pub(super) left_out: i64,
    pub(super) sha256: [u8; 32],
    pub(super) packed: Vec<u8>,
}

impl Taken {
    /// `contents` as they were read of `bytes`. Packs them: not for the threads that others wait for.
    #[must_use]
    pub fn new(contents: &Contents, bytes: &[u8]) -> Self {
        let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        Self {
            about: sound(&contents.about),
            entries: whole(contents.entries.len()),
            refused: whole(contents.refused.count),
            left_out: whole(contents.left_out),
            sha256: Sha256::digest(bytes).into(),
            packed: packed::pack(bytes),
        }
    }
}

/// Postgres holds no U+0000.
fn sound(about: &About) -> About {
    let sound = |text: &Option<String>| text.as_ref().map(|text| text.replace('\0', "\u{fffd}"));
    About {
        name: sound(&about.name),
        description: sound(&about.description),
        version: sound(&about.version),
        category: sound(&about.category),
        kinds: about.kinds,
    }
}
