//! Indicators: search, detail, counts. How they come and go with their sightings: `sightings`.
//! In the order in which they became known: `mirror`.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use self::needle::Probes;
use super::error::word;
use super::{Error, Page, Result, Store};
use crate::id::{IocId, SubmissionId};
use crate::indicator::{Finding, Ioc, Kind, Location};

/// What a search of indicators asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IocQuery {
    /// Alternatives, each part of a value in any case; `%` and `_` mean themselves. Empty: every value.
    pub q: Vec<String>,
    /// Only these, extended or not; empty: as `extended` says.
    pub kinds: Vec<Kind>,
    /// Whether indicators of extended kinds count where no kind is named.
    pub extended: bool,
    /// Most rows.
    pub limit: i64,
    /// Rows to skip.
    pub offset: i64,
}

/// An indicator with what its newest sighting says of it. `ioc.created_at` is when the indicator was first
/// stored: listings are sorted by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IocRow {
    /// The indicator.
    pub ioc: Ioc,
    /// The newest submission that shows it.
    pub submission_id: Option<SubmissionId>,
}

/// One document that shows an indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The document.
    pub submission_id: SubmissionId,
    /// Its title.
    pub title: Option<String>,
    /// Its file name, URL or title as handed in.
    pub source_identifier: String,
    /// Where the indicator stands in it.
    pub context: String,
    /// What it calls the indicator.
    pub description: Option<String>,
    /// When the sighting was stored.
    pub created_at: DateTime<Utc>,
}

/// How much there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// Distinct indicators of the kinds below.
    pub total_iocs: i64,
    /// Submissions that are not deleted.
    pub total_submissions: i64,
    /// Distinct indicators of every standard kind, zero included, in the order of [`Kind::STANDARD`]; where
    /// they are asked for, of every extended kind likewise, and of kinds that settings define or once did.
    pub iocs_by_kind: Vec<(Kind, i64)>,
}

/// An indicator and one of its sightings in the types of the driver.
struct Row {
    id: Uuid,
    kind: String,
    value: String,
    submission_id: Uuid,
    raw: String,
    defanged: bool,
    page: Option<i32>,
    sheet: Option<String>,
    slide: Option<i32>,
    line: i32,
    char_offset: i64,
    char_length: i64,
    occurrences: i32,
    context: String,
    description: Option<String>,
    flags: serde_json::Value,
    confidence: i16,
    evidence: serde_json::Value,
    created_at: DateTime<Utc>,
    first_seen_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    submission_count: i64,
}

impl Row {
    fn into_ioc_row(self) -> Result<IocRow> {
        let kind = word(&self.kind)?;
        let ioc = Ioc {
            id: IocId(self.id),
            finding: Finding {
                kind,
                value: self.value,
                raw: self.raw,
                defanged: self.defanged,
                location: Location {
                    page: self.page.map(from_sql),
                    sheet: self.sheet,
                    slide: self.slide.map(from_sql),
                    line: from_sql(self.line),
                    offset: self.char_offset.unsigned_abs(),
                    length: self.char_length.unsigned_abs(),
                },
                occurrences: from_sql(self.occurrences),
                context: self.context,
                description: self.description,
                flags: serde_json::from_value(self.flags)
                    .map_err(|error| Error::Internal(error.into()))?,
                confidence: u8::try_from(self.confidence).unwrap_or(u8::MAX),
                evidence: serde_json::from_value(self.evidence)
                    .map_err(|error| Error::Internal(error.into()))?,
            },
            created_at: self.created_at,
            first_seen_at: self.first_seen_at,
            last_seen_at: self.last_seen_at,
            submission_count: self.submission_count,
        };
        Ok(IocRow {
            ioc,
            submission_id: Some(SubmissionId(self.submission_id)),
        })
    }
}

/// A count as Postgres keeps it; never negative.
fn from_sql(count: i32) -> u32 {
    count.unsigned_abs()
}

/// A query for [`Row`]s: the moment shown as `created_at`, the tables `i` and `s`, what follows, the arguments.
macro_rules! rows {
    ($created_at:tt, $tail:tt $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"SELECT i.id AS "id!", i.kind AS "kind!", i.value AS "value!", s.submission_id AS "submission_id!",
                      s.raw AS "raw!", s.defanged AS "defanged!", s.page, s.sheet, s.slide, s.line AS "line!",
                      s.char_offset AS "char_offset!", s.char_length AS "char_length!", s.occurrences AS "occurrences!",
                      s.context AS "context!", s.description, s.flags AS "flags!", s.confidence AS "confidence!",
                      s.evidence AS "evidence!",
                      seen.first AS "first_seen_at!", seen.last AS "last_seen_at!", seen.n AS "submission_count!", "#
                + $created_at
                + r#" AS "created_at!" FROM "#
                + $tail
            $(, $argument)*
        )
    };
}

/// The indicators of a submission.
async fn all_told(
    connection: &mut PgConnection,
    id: SubmissionId,
    extended: bool,
) -> Result<Vec<Ioc>> {
    let rows = rows!(
        "s.created_at",
        "sightings s JOIN iocs i ON i.id = s.ioc_id
         CROSS JOIN LATERAL seen(i.id) seen
         WHERE s.submission_id = $1 AND ($2 OR is_standard(i.kind)) ORDER BY s.ordinal",
        id.0,
        extended
    );
    iocs(rows.fetch_all(connection).await?)
}

/// Some of them: which they are is told first, and only these are counted.
async fn some_told(
    connection: &mut PgConnection,
    id: SubmissionId,
    extended: bool,
    limit: Option<i64>,
    offset: i64,
) -> Result<Vec<Ioc>> {
    let rows = rows!(
        "s.created_at",
        "(SELECT t.* FROM sightings t JOIN iocs k ON k.id = t.ioc_id
          WHERE t.submission_id = $1 AND ($2 OR is_standard(k.kind)) ORDER BY t.ordinal LIMIT $3 OFFSET $4) s
         JOIN iocs i ON i.id = s.ioc_id
         CROSS JOIN LATERAL seen(i.id) seen
         ORDER BY s.ordinal",
        id.0,
        extended,
        limit,
        offset
    );
    iocs(rows.fetch_all(connection).await?)
}

fn iocs(rows: Vec<Row>) -> Result<Vec<Ioc>> {
    let rows = rows.into_iter();
    rows.map(|row| Ok(row.into_ioc_row()?.ioc)).collect()
}

// Behind the macro, which it uses.
pub mod mirror;
mod needle;

impl Store {
    /// Indicators by part of their value and by kind, newest first, with the exact total.
    ///
    /// # Errors
    /// As every query; [`Error::Timeout`] when `q` is too common for the time limit.
    pub async fn search_iocs(&self, query: &IocQuery) -> Result<Page<IocRow>> {
        let kinds: Vec<String> = query
            .kinds
            .iter()
            .map(|kind| kind.name().to_owned())
            .collect();
        let (total, ids) = if !query.q.is_empty() {
            self.matching(&query.q, &kinds, query).await?
        } else if !kinds.is_empty() {
            self.newest_of(&kinds, query).await?
        } else if query.extended {
            self.newest_of_all(query).await?
        } else {
            self.newest(query).await?
        };
        Ok(Page {
            total,
            rows: self.ioc_rows(&ids).await?,
        })
    }

    /// Total and page of the values that hold one of `q`.
    async fn matching(
        &self,
        q: &[String],
        kinds: &[String],
        page: &IocQuery,
    ) -> Result<(i64, Vec<Uuid>)> {
        let probes = Probes::new(q);
        // Planned once, as planning takes as long as finding a value. Without the values the planner would like to read
        // the table from end to end, seconds long: it may not. With neither it is left the indexes of values.
        let begin = format!(
            "{}; SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off",
            self.in_search_time()
        );
        let mut tx = self.begin_with(AssertSqlSafe(begin)).await?;
        // The materialised pass yields the exact total and has no LIMIT: with one, the planner likes to walk
        // the recency index and filter, seconds long for a rare value. Blocks are looked up one by one: of many at
        // once the planner expects half of the table.
        let hits = sqlx::query!(
            r#"WITH hits AS MATERIALIZED (
                   SELECT id, created_at FROM (
                       SELECT id, created_at, kind, value FROM iocs WHERE NOT is_hash(kind) AND value ILIKE ANY($1)
                       UNION ALL
                       SELECT id, created_at, kind, value FROM iocs
                       WHERE cardinality($2::text[]) > 0 AND is_hash(kind) AND value LIKE ANY($2)
                       UNION ALL
                       SELECT * FROM (
                           SELECT id, created_at, kind, value FROM iocs
                           WHERE cardinality($9::integer[]) > 0 AND NOT is_hash(kind) AND is_dotted(value) AND dotted_keys(value) && $9
                           UNION
                           SELECT id, created_at, kind, value FROM iocs
                           WHERE cardinality($10::text[]) > 0 AND NOT is_hash(kind) AND has_long_digits(value) AND value ILIKE ANY($10)
                           UNION
                           SELECT i.id, i.created_at, i.kind, i.value FROM unnest($3::integer[]) AS b(block)
                           CROSS JOIN LATERAL (
                               SELECT * FROM iocs WHERE is_hash(kind) AND hash_blocks(value) @> ARRAY[block]) i) rare
                       WHERE NOT CASE WHEN is_hash(kind) THEN value LIKE ANY($2) ELSE value ILIKE ANY($1) END) i
                   WHERE ($4::text[] IS NULL
                          OR EXISTS (SELECT FROM unnest($4) AS n(needle) WHERE strpos(lower(value), needle) > 0))
                     AND CASE WHEN cardinality($5::text[]) = 0 THEN $6 OR is_standard(kind) ELSE kind = ANY($5) END)
               SELECT (SELECT count(*) FROM hits) AS "total!",
                      ARRAY(SELECT id FROM hits ORDER BY created_at DESC, id DESC LIMIT $7 OFFSET $8) AS "ids!""#,
            &probes.words,
            &probes.digits,
            &probes.blocks,
            probes.needles.as_deref() as _,
            kinds,
            page.extended,
            page.limit,
            page.offset,
            &probes.dotted,
            &probes.long_digits
        )
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok((hits.total, hits.ids))
    }

    /// Total and page of all indicators of standard kinds.
    async fn newest(&self, page: &IocQuery) -> Result<(i64, Vec<Uuid>)> {
        let hits = sqlx::query!(
            r#"SELECT (SELECT coalesce(sum(n), 0)::bigint FROM ioc_totals WHERE is_standard(kind)) AS "total!",
                      ARRAY(SELECT id FROM iocs WHERE is_standard(kind)
                            ORDER BY created_at DESC, id DESC LIMIT $1 OFFSET $2) AS "ids!""#,
            page.limit,
            page.offset
        )
        .fetch_one(&self.pool)
        .await?;
        Ok((hits.total, hits.ids))
    }

    /// Total and page of all indicators: the newest of the standard kinds and the newest of the others, each
    /// from its own index, then the newest of those.
    async fn newest_of_all(&self, page: &IocQuery) -> Result<(i64, Vec<Uuid>)> {
        let hits = sqlx::query!(
            r#"SELECT (SELECT coalesce(sum(n), 0)::bigint FROM ioc_totals) AS "total!",
                      ARRAY(SELECT id FROM (
                                (SELECT id, created_at FROM iocs WHERE is_standard(kind)
                                 ORDER BY created_at DESC, id DESC LIMIT $1::bigint + $2::bigint)
                                UNION ALL
                                (SELECT id, created_at FROM iocs WHERE NOT is_standard(kind)
                                 ORDER BY created_at DESC, id DESC LIMIT $1::bigint + $2::bigint)) i
                            ORDER BY created_at DESC, id DESC LIMIT $1 OFFSET $2) AS "ids!""#,
            page.limit,
            page.offset
        )
        .fetch_one(&self.pool)
        .await?;
        Ok((hits.total, hits.ids))
    }

    /// Total and page of all indicators of `kinds`: the newest of each kind, then the newest of those, so
    /// that a rare kind is not looked for among all others.
    async fn newest_of(&self, kinds: &[String], page: &IocQuery) -> Result<(i64, Vec<Uuid>)> {
        let hits = sqlx::query!(
            r#"SELECT (SELECT coalesce(sum(n), 0)::bigint FROM ioc_totals WHERE kind = ANY($1)) AS "total!",
                      ARRAY(SELECT i.id FROM (SELECT DISTINCT unnest($1::text[]) AS kind) k
                            CROSS JOIN LATERAL (
                                SELECT id, created_at FROM iocs WHERE iocs.kind = k.kind
                                ORDER BY created_at DESC, id DESC LIMIT $2::bigint + $3::bigint) i
                            ORDER BY i.created_at DESC, i.id DESC LIMIT $2 OFFSET $3) AS "ids!""#,
            kinds,
            page.limit,
            page.offset
        )
        .fetch_one(&self.pool)
        .await?;
        Ok((hits.total, hits.ids))
    }

    /// The indicators with these ids, newest first, each with its newest sighting.
    pub(super) async fn ioc_rows(&self, ids: &[Uuid]) -> Result<Vec<IocRow>> {
        let rows = rows!(
            "i.created_at",
            "iocs i
             CROSS JOIN LATERAL (
                SELECT * FROM sightings WHERE ioc_id = i.id ORDER BY created_at DESC, submission_id DESC LIMIT 1) s
             CROSS JOIN LATERAL seen(i.id) seen
             WHERE i.id = ANY($1) ORDER BY i.created_at DESC, i.id DESC",
            ids
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(Row::into_ioc_row).collect()
    }

    /// The same for those that documents of these labels tell of, whose last change is not after `until`; with the
    /// newest of their sightings, as if there were no others.
    pub(super) async fn ioc_rows_told(
        &self,
        ids: &[Uuid],
        until: Option<DateTime<Utc>>,
        labels: Option<&[&str]>,
    ) -> Result<Vec<IocRow>> {
        let rows = rows!(
            "i.created_at",
            "iocs i
             CROSS JOIN LATERAL (
                SELECT s.* FROM sightings s JOIN submissions d ON d.id = s.submission_id
                WHERE s.ioc_id = i.id AND d.updated_at <= $2 AND ($3::text[] IS NULL OR d.tlp = ANY($3))
                ORDER BY s.created_at DESC, s.submission_id DESC LIMIT 1) s
             CROSS JOIN LATERAL (
                SELECT min(s.created_at) AS first, max(s.created_at) AS last, count(*) AS n
                FROM sightings s JOIN submissions d ON d.id = s.submission_id
                WHERE s.ioc_id = i.id AND d.updated_at <= $2 AND ($3::text[] IS NULL OR d.tlp = ANY($3))) seen
             WHERE i.id = ANY($1) ORDER BY i.created_at DESC, i.id DESC",
            ids,
            until.unwrap_or(DateTime::<Utc>::MAX_UTC),
            labels as _
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(Row::into_ioc_row).collect()
    }

    /// The indicator with this id.
    ///
    /// # Errors
    /// As every query.
    pub async fn ioc(&self, id: IocId) -> Result<Option<IocRow>> {
        Ok(self.ioc_rows(&[id.0]).await?.pop())
    }

    /// The documents that show an indicator, newest sighting first.
    ///
    /// # Errors
    /// As every query.
    pub async fn ioc_sightings(&self, id: IocId, limit: i64, offset: i64) -> Result<Vec<Sighting>> {
        let rows = sqlx::query!(
            "SELECT s.submission_id, d.title, d.source_identifier, s.context, s.description, s.created_at
             FROM sightings s JOIN submissions d ON d.id = s.submission_id
             WHERE s.ioc_id = $1 ORDER BY s.created_at DESC, s.submission_id DESC LIMIT $2 OFFSET $3",
            id.0,
            limit,
            offset
        )
        .fetch_all(&self.pool)
        .await?;
        let sightings = rows.into_iter().map(|row| Sighting {
            submission_id: SubmissionId(row.submission_id),
            title: row.title,
            source_identifier: row.source_identifier,
            context: row.context,
            description: row.description,
            created_at: row.created_at,
        });
        Ok(sightings.collect())
    }

    /// The indicators of a submission in order of first appearance, each with what this document says of it;
    /// those of extended kinds where `extended` asks for them.
    ///
    /// # Errors
    /// As every query.
    pub async fn submission_iocs(&self, id: SubmissionId, extended: bool) -> Result<Vec<Ioc>> {
        all_told(&mut *self.pool.acquire().await?, id, extended).await
    }

    /// A page of the same, or all of them where there is no `limit`, within the time of a search.
    ///
    /// # Errors
    /// As every query; [`Error::Timeout`] when there are too many for the time limit.
    pub async fn submission_iocs_in_time(
        &self,
        id: SubmissionId,
        extended: bool,
        limit: Option<i64>,
        offset: i64,
    ) -> Result<Vec<Ioc>> {
        let begin = AssertSqlSafe(self.in_search_time());
        let mut tx = self.begin_with(begin).await?;
        let iocs = match (limit, offset) {
            (None, 0) => all_told(&mut tx, id, extended).await?,
            _ => some_told(&mut tx, id, extended, limit, offset).await?,
        };
        tx.commit().await?;
        Ok(iocs)
    }

    /// How many they are, those of extended kinds included.
    ///
    /// # Errors
    /// As every query.
    pub async fn count_submission_iocs(&self, id: SubmissionId) -> Result<i64> {
        let count = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM sightings WHERE submission_id = $1"#,
            id.0
        );
        Ok(count.fetch_one(&self.pool).await?)
    }

    /// The kinds that settings define, or once did, and of which there are indicators; sorted by name.
    ///
    /// # Errors
    /// As every query.
    pub async fn custom_kinds(&self) -> Result<Vec<Kind>> {
        let names = sqlx::query_scalar!(
            r#"SELECT kind AS "kind!" FROM ioc_totals WHERE n > 0 AND kind LIKE 'x\_%' ORDER BY kind"#
        )
        .fetch_all(&self.pool)
        .await?;
        names.iter().map(|name| word(name)).collect()
    }

    /// How much there is, of the standard kinds or of all; indicators are counted as they are stored, not here.
    ///
    /// # Errors
    /// As every query.
    pub async fn stats(&self, extended: bool) -> Result<Stats> {
        let mut kinds = Kind::STANDARD.to_vec();
        if extended {
            kinds.extend(Kind::EXTENDED);
            kinds.extend(self.custom_kinds().await?);
        }
        let rows = sqlx::query!(
            r#"SELECT s.n AS "submissions!", t.kind AS "kind?", t.n AS "n?"
               FROM submission_total s LEFT JOIN ioc_totals t ON true"#
        )
        .fetch_all(&self.pool)
        .await?;
        let total_submissions = rows.first().map_or(0, |row| row.submissions);
        let by_name: HashMap<String, i64> = rows
            .into_iter()
            .filter_map(|row| row.kind.zip(row.n))
            .collect();
        let count = |kind: &Kind| (*kind, by_name.get(kind.name()).copied().unwrap_or(0));
        let iocs_by_kind: Vec<_> = kinds.iter().map(count).collect();
        Ok(Stats {
            total_iocs: iocs_by_kind.iter().map(|(_, count)| count).sum(),
            total_submissions,
            iocs_by_kind,
        })
    }
}
