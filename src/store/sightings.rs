//! How the sightings of a submission, and with them indicators, come and go.
//!
//! An indicator exists while some document shows it. Transactions that add sightings hold the shared, those
//! that remove some the exclusive advisory lock of the table, taken first thing: so a removal sees every
//! sighting there is, and no indicator is dropped under a document that just found it.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{Error, Result};
use crate::id::{IocId, SubmissionId};
use crate::indicator::Finding;

/// How long one statement that stores or removes sightings may run.
const WRITE_TIMEOUT: &str = "120s";

/// A count as Postgres keeps it: beyond two thousand million it stays there.
fn to_sql(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// First step of a transaction that adds sightings. Storing 50,000 of them may take longer than a query
/// may, so from here on the transaction has a limit of its own.
pub(super) async fn lock_to_add(tx: &mut PgConnection) -> Result<()> {
    sqlx::query!(
        "SELECT set_config('statement_timeout', $1, true), pg_advisory_xact_lock_shared('sightings'::regclass::bigint)",
        WRITE_TIMEOUT
    )
    .fetch_one(tx)
    .await?;
    Ok(())
}

/// First step of a transaction that removes sightings, with a limit of its own as above.
pub(super) async fn lock_to_remove(tx: &mut PgConnection) -> Result<()> {
    sqlx::query!(
        "SELECT set_config('statement_timeout', $1, true), pg_advisory_xact_lock('sightings'::regclass::bigint)",
        WRITE_TIMEOUT
    )
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

/// Stores what a document says; `findings` are distinct by (kind, value).
pub(super) async fn add_sightings(
    tx: &mut PgConnection,
    id: SubmissionId,
    findings: &[Finding],
) -> Result<()> {
    let ids: Vec<Uuid> = findings.iter().map(|_| IocId::generate().0).collect();
    let kinds: Vec<String> = findings.iter().map(|f| f.kind.name().to_owned()).collect();
    let values: Vec<String> = findings.iter().map(|f| f.value.clone()).collect();
    // Two statements, not one: a single statement looks for known rows with the snapshot of its start and
    // loses those that others commit meanwhile. Sorted, so that two workers cannot deadlock.
    sqlx::query!(
        "INSERT INTO iocs (id, kind, value)
         SELECT id, kind, value FROM unnest($1::uuid[], $2::text[], $3::text[]) AS v(id, kind, value)
         ORDER BY kind COLLATE \"C\", ioc_key(value) ON CONFLICT DO NOTHING",
        &ids,
        &kinds,
        &values
    )
    .execute(&mut *tx)
    .await?;
    let raws: Vec<String> = findings.iter().map(|f| f.raw.clone()).collect();
    let defanged: Vec<bool> = findings.iter().map(|f| f.defanged).collect();
    let pages: Vec<Option<i32>> = findings
        .iter()
        .map(|f| f.location.page.map(to_sql))
        .collect();
    let sheets: Vec<Option<String>> = findings.iter().map(|f| f.location.sheet.clone()).collect();
    let slides: Vec<Option<i32>> = findings
        .iter()
        .map(|f| f.location.slide.map(to_sql))
        .collect();
    let lines: Vec<i32> = findings.iter().map(|f| to_sql(f.location.line)).collect();
    let offsets: Vec<i64> = findings
        .iter()
        .map(|f| f.location.offset.cast_signed())
        .collect();
    let lengths: Vec<i64> = findings
        .iter()
        .map(|f| f.location.length.cast_signed())
        .collect();
    let occurrences: Vec<i32> = findings.iter().map(|f| to_sql(f.occurrences)).collect();
    let contexts: Vec<String> = findings.iter().map(|f| f.context.clone()).collect();
    let descriptions: Vec<Option<String>> =
        findings.iter().map(|f| f.description.clone()).collect();
    let flags: Vec<serde_json::Value> = findings
        .iter()
        .map(|f| serde_json::to_value(&f.flags))
        .collect::<std::result::Result<_, _>>()
        .map_err(|error| Error::Internal(error.into()))?;
    let confidences: Vec<i16> = findings.iter().map(|f| i16::from(f.confidence)).collect();
    let evidence: Vec<serde_json::Value> = findings
        .iter()
        .map(|f| serde_json::to_value(&f.evidence))
        .collect::<std::result::Result<_, _>>()
        .map_err(|error| Error::Internal(error.into()))?;
    // LIMIT 1 holds the planner to one probe of the index for each row. Free to choose, it takes digests for
    // cheap, computes those of the whole table and joins by hash: seven times slower at 60,000 rows.
    sqlx::query!(
        "INSERT INTO sightings (submission_id, ioc_id, ordinal, raw, defanged, page, sheet, slide, line, char_offset,
                                char_length, occurrences, context, description, flags, confidence, evidence)
         SELECT $1, i.id, v.ordinal - 1, v.raw, v.defanged, v.page, v.sheet, v.slide, v.line, v.char_offset,
                v.char_length, v.occurrences, v.context, v.description, v.flags, v.confidence, v.evidence
         FROM unnest($2::text[], $3::text[], $4::text[], $5::bool[], $6::int[], $7::text[], $8::int[], $9::int[],
                     $10::bigint[], $11::bigint[], $12::int[], $13::text[], $14::text[], $15::jsonb[], $16::smallint[],
                     $17::jsonb[])
              WITH ORDINALITY
              AS v(kind, value, raw, defanged, page, sheet, slide, line, char_offset, char_length, occurrences,
                   context, description, flags, confidence, evidence, ordinal)
         CROSS JOIN LATERAL (
            SELECT id FROM iocs WHERE kind = v.kind AND ioc_key(value) = ioc_key(v.value) LIMIT 1) i",
        id.0,
        &kinds,
        &values,
        &raws,
        &defanged,
        &pages as _,
        &sheets as _,
        &slides as _,
        &lines,
        &offsets,
        &lengths,
        &occurrences,
        &contexts,
        &descriptions as _,
        &flags,
        &confidences,
        &evidence
    )
    .execute(tx)
    .await?;
    Ok(())
}
