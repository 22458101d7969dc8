//! What the lists of this installation say of what was found. Enter at [`mark`].
//!
//! Nothing is dropped: what may be benign gets a flag with the list's name, and says why in its confidence. The lists of
//! the program were asked by extraction already, which knew the document.

use crate::catalogue::Known;
use crate::indicator::{Evidence, Finding, Reason};
use crate::lists::{Suspect, excuse};

/// Flags what a list excuses.
pub(super) fn mark(known: &Known, findings: &mut [Finding]) {
    for finding in findings {
        let suspect = Suspect {
            kind: finding.kind,
            value: &finding.value,
            defanged: finding.defanged,
        };
        let mut hits = known.matcher.look_up(finding.kind, &finding.value);
        hits.retain(|hit| !known.is_builtin(&hit.list.slug));
        let Some(flag) = excuse(suspect, &hits).map(|hit| hit.flag()) else {
            continue;
        };
        if !finding.is_flagged() {
            finding.evidence.push(Evidence::from(Reason::MayBeBenign));
            finding.confidence = Evidence::total(&finding.evidence);
        }
        finding.flags.push(flag);
    }
}
