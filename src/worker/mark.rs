//! What the lists of this installation say of what was found. Enter at [`marked`].
//!
//! Nothing is dropped: what may be benign gets a flag with the list's name, and says why in its confidence. The lists of
//! the program were asked by extraction already, which knew the document.

use std::sync::Arc;

use crate::analyze::Analysis;
use crate::catalogue::Known;
use crate::indicator::{Finding, Flag, Kind};
use crate::lists::{Suspect, excuse};

/// What was found, flagged where a list excuses it. Thousands of findings take a while, which is nobody else's.
///
/// # Errors
/// A fault of this program.
pub async fn marked(known: Arc<Known>, mut analysis: Analysis) -> Result<Analysis, String> {
    let marking = tokio::task::spawn_blocking(move || {
        mark(&known, &mut analysis.findings);
        analysis
    });
    marking.await.map_err(|error| error.to_string())
}

fn mark(known: &Known, findings: &mut [Finding]) {
    for finding in findings {
        let flag = flag_of(known, finding.kind, &finding.value, finding.defanged);
        if let Some(flag) = flag {
            finding.flag(flag);
        }
    }
}

/// The flag by which a list of this installation excuses a value.
pub(super) fn flag_of(known: &Known, kind: Kind, value: &str, defanged: bool) -> Option<Flag> {
    let suspect = Suspect {
        kind,
        value,
        defanged,
    };
    let mut hits = known.matcher.look_up(kind, value);
    hits.retain(|hit| !known.is_reserved(&hit.list.slug));
    excuse(suspect, &hits).map(|hit| hit.flag())
}
