//! How the sightings of a submission, and with them indicators, come and go.
//!
//! An indicator exists while some document shows it. Transactions that add sightings hold the shared, those
//! that remove some the exclusive advisory lock of the table, taken first thing: so a removal sees every
//! sighting there is, and no indicator is dropped under a document that just found it.

use std::collections::HashSet;

use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use super::copy::Rows;
use super::{Error, Result};
use crate::id::{IocId, SubmissionId};
use crate::indicator::Finding;

/// A count as Postgres keeps it: beyond two thousand million it stays there.
fn to_sql(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Before a transaction adds sightings.
pub(super) async fn lock_to_add(tx: &mut PgConnection) -> Result<()> {
    sqlx::query!("SELECT pg_advisory_xact_lock_shared('sightings'::regclass::bigint)")
        .fetch_one(tx)
        .await?;
    Ok(())
}

/// Before a transaction removes sightings.
pub(super) async fn lock_to_remove(tx: &mut PgConnection) -> Result<()> {
    sqlx::query!("SELECT pg_advisory_xact_lock('sightings'::regclass::bigint)")
        .fetch_one(tx)
        .await?;
    Ok(())
}

/// Removes what a document says; the ids of the indicators it showed come back.
pub(super) async fn remove_sightings(tx: &mut PgConnection, id: SubmissionId) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        "DELETE FROM sightings WHERE submission_id = $1 RETURNING ioc_id",
        id.0
    )
    .fetch_all(tx)
    .await?)
}

/// Removes those of these indicators that no document shows any more.
pub(super) async fn remove_unseen(tx: &mut PgConnection, ids: &[Uuid]) -> Result<()> {
    sqlx::query!(
        "DELETE FROM iocs i WHERE i.id = ANY($1) AND NOT EXISTS (SELECT FROM sightings s WHERE s.ioc_id = i.id)",
        ids
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A finding on its way into the store.
struct Incoming<'a> {
    finding: &'a Finding,
    kind: &'a str,
    /// The key of `iocs` beside the kind: what `ioc_key(value)` gives.
    key: [u8; 32],
    /// The id it gets where it is new, then that of the indicator.
    id: Uuid,
    ordinal: i32,
}

/// Stores what a document says; `findings` are distinct by (kind, value). Those of indicators that were not known
/// before come back with their ids, in order.
pub(super) async fn add_sightings<'a>(
    tx: &mut PgConnection,
    id: SubmissionId,
    findings: &'a [Finding],
) -> Result<Vec<(Uuid, &'a Finding)>> {
    if findings.is_empty() {
        return Ok(Vec::new());
    }
    let incoming = (0..).zip(findings).map(|(ordinal, finding)| Incoming {
        finding,
        kind: finding.kind.name(),
        key: Sha256::digest(&finding.value).into(),
        id: IocId::generate().0,
        ordinal,
    });
    let mut incoming: Vec<Incoming<'_>> = incoming.collect();
    // The order in which every transaction takes the rows of `iocs`: without it two of them can deadlock.
    incoming.sort_unstable_by(|a, b| (a.kind, &a.key).cmp(&(b.kind, &b.key)));
    let new = add_indicators(tx, &mut incoming).await?;
    let mut new: Vec<&Incoming<'_>> = incoming
        .iter()
        .filter(|one| new.contains(&one.id))
        .collect();
    new.sort_unstable_by_key(|one| one.ordinal);
    let new = new.into_iter().map(|one| (one.id, one.finding)).collect();

    let mut rows = Rows::new(17);
    for Incoming {
        finding,
        id: ioc_id,
        ordinal,
        ..
    } in incoming
    {
        let at = &finding.location;
        rows.begin()
            .uuid(id.0)
            .uuid(ioc_id)
            .integer(ordinal)
            .text(&finding.raw)
            .boolean(finding.defanged)
            .integer_or_null(at.page.map(to_sql))
            .text_or_null(at.sheet.as_deref())
            .integer_or_null(at.slide.map(to_sql))
            .integer(to_sql(at.line))
            .bigint(at.offset.cast_signed())
            .bigint(at.length.cast_signed())
            .integer(to_sql(finding.occurrences))
            .text(&finding.context)
            .text_or_null(finding.description.as_deref())
            .json(&finding.flags)?
            .smallint(i16::from(finding.confidence))
            .json(&finding.evidence)?;
    }
    let copy = "COPY sightings (submission_id, ioc_id, ordinal, raw, defanged, page, sheet, slide, line, char_offset, char_length,
                                occurrences, context, description, flags, confidence, evidence) FROM STDIN (FORMAT binary)";
    rows.send(tx, copy).await?;
    Ok(new)
}

/// Stores those that are new, and gives each the id of its indicator; the ids of the new ones.
///
/// Two statements, not one: a single statement looks for known rows with the snapshot of its start and loses
/// those that others commit meanwhile.
async fn add_indicators(
    tx: &mut PgConnection,
    incoming: &mut [Incoming<'_>],
) -> Result<HashSet<Uuid>> {
    let ids: Vec<Uuid> = incoming.iter().map(|one| one.id).collect();
    let kinds: Vec<&str> = incoming.iter().map(|one| one.kind).collect();
    let values: Vec<&str> = incoming
        .iter()
        .map(|one| one.finding.value.as_str())
        .collect();
    let new = sqlx::query_scalar!(
        "INSERT INTO iocs (id, kind, value) SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])
         ON CONFLICT DO NOTHING RETURNING id",
        &ids,
        &kinds as _,
        &values as _
    )
    .fetch_all(&mut *tx)
    .await?;
    let new: HashSet<Uuid> = new.into_iter().collect();
    if new.len() == incoming.len() {
        return Ok(new);
    }
    let mut known: Vec<&mut Incoming<'_>> = incoming
        .iter_mut()
        .filter(|one| !new.contains(&one.id))
        .collect();
    let kinds: Vec<&str> = known.iter().map(|one| one.kind).collect();
    let keys: Vec<&[u8]> = known.iter().map(|one| one.key.as_slice()).collect();
    // LIMIT 1 holds the planner to one probe of the index for each row. Free to choose, it takes digests for
    // cheap, computes those of the whole table and joins by hash: seven times slower at 60,000 rows.
    let found = sqlx::query_scalar!(
        r#"SELECT i.id AS "id!" FROM unnest($1::text[], $2::bytea[]) WITH ORDINALITY AS v(kind, key, n)
           CROSS JOIN LATERAL (SELECT id FROM iocs WHERE kind = v.kind AND ioc_key(value) = v.key LIMIT 1) i
           ORDER BY v.n"#,
        &kinds as _,
        &keys as _
    )
    .fetch_all(tx)
    .await?;
    if found.len() != known.len() {
        return Err(Error::Internal(
            "indicators came and went while locked".into(),
        ));
    }
    for (one, id) in known.iter_mut().zip(found) {
        one.id = id;
    }
    Ok(new)
}
