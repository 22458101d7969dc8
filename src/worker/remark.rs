//! Makes the marks of lists anew in what is stored, when an administrator asks for it. Enter at `keep_up`.
//!
//! What extraction said stays, as it knew the document, and so do the marks of people. A run goes on where it was left,
//! whichever worker died over it; to do a part of it twice changes nothing.

use std::sync::Arc;
use std::time::Duration;

use super::mark::flag_of;
use crate::catalogue::{Catalogue, Known};
use crate::indicator::{FALSE_POSITIVES, Flag, weigh_flags};
use crate::store::{self, Marked, Store};

/// How long a claim holds: longer than one round may take.
const LEASE: Duration = Duration::from_secs(10 * 60);
/// Submissions of one round.
const ROUND: i64 = 100;

/// Does what is asked for, round by round, for ever.
pub(super) async fn keep_up(store: Store, catalogue: Catalogue, poll: Duration) {
    loop {
        match step(&store, &catalogue).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot make marks anew; the next round tries again");
            }
        }
        tokio::time::sleep(poll).await;
    }
}

/// Does one round, if there is one to do. Tests drive it step by step.
///
/// # Errors
/// What the store reports.
pub async fn step(store: &Store, catalogue: &Catalogue) -> store::Result<bool> {
    let known = catalogue.known();
    let Some(run) = store.claim_remark(known.version, LEASE).await? else {
        return Ok(false);
    };
    let submissions = store.to_remark(&run, ROUND).await?;
    let mut changed = 0;
    for submission in &submissions {
        let marks = store.marks(*submission).await?;
        let known = Arc::clone(&known);
        let renewing = tokio::task::spawn_blocking(move || renewed(&known, marks));
        let renewed = renewing
            .await
            .map_err(|error| store::Error::Internal(error.into()))?;
        if !renewed.is_empty() && store.change_marks(*submission, &renewed).await? {
            changed += 1;
        }
    }
    let seen = i64::try_from(submissions.len()).unwrap_or(i64::MAX);
    let last = submissions.last().copied();
    if store.advance_remark(&run, last, seen, changed).await? && last.is_none() {
        tracing::info!("the marks of all submissions were made anew");
    }
    Ok(true)
}

/// Those whose flags change, each with the flags that it had.
fn renewed(known: &Known, marks: Vec<Marked>) -> Vec<(Vec<Flag>, Marked)> {
    let mut changes = Vec::new();
    for mut marked in marks {
        let own = flag_of(known, marked.kind, &marked.value, marked.defanged);
        let (by_hand, others): (Vec<_>, Vec<_>) = marked
            .flags
            .iter()
            .filter(|flag| known.is_reserved(&flag.list))
            .cloned()
            .partition(|flag| flag.list == FALSE_POSITIVES);
        let flags: Vec<_> = others.into_iter().chain(own).chain(by_hand).collect();
        if flags == marked.flags {
            continue;
        }
        weigh_flags(&flags, &mut marked.evidence, &mut marked.confidence);
        let before = std::mem::replace(&mut marked.flags, flags);
        changes.push((before, marked));
    }
    changes
}
