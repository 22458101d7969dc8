//! Why a value may be benign. Enter at [`flags`].

use crate::extract::candidate::Text;
use crate::indicator::{Flag, Kind};

/// The reasons for which `value` may be benign; empty where nothing is known.
pub(crate) fn flags(_text: &Text<'_>, _kind: Kind, _value: &str, _defanged: bool) -> Vec<Flag> {
    Vec::new()
}
