//! What the lists of this installation say of what was found. Enter at [`marked`].
//!
//! Nothing is dropped: what may be benign gets a flag with the list's name, and says why in its confidence. The lists of
//! the program were asked by extraction already, which knew the document.

use std::sync::Arc;

use crate::analyze::Analysis;
use crate::catalogue::Known;
use crate::indicator::Finding;
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
        let suspect = Suspect {
            kind: finding.kind,
            value: &finding.value,
            defanged: finding.defanged,
        };
        let mut hits = known.matcher.look_up(finding.kind, &finding.value);
        hits.retain(|hit| !known.is_builtin(&hit.list.slug));
        if let Some(flag) = excuse(suspect, &hits).map(|hit| hit.flag()) {
            finding.flag(flag);
        }
    }
}
