//! Single indicators as the feed tells of them, and what stands beside them in the same reports.

use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use super::super::{Result, Store};
use super::row::{self, FeedRow, Source, SourceRow};
use crate::id::{IocId, SubmissionId};
use crate::indicator::Kind;

impl Store {
    /// The indicators of `kinds` whose value is one of `spellings`, in the order of kinds.
    ///
    /// # Errors
    /// As every query.
    pub async fn exactly(&self, kinds: &[Kind], spellings: &[String]) -> Result<Vec<IocId>> {
        let ids = sqlx::query_scalar!(
            r#"SELECT i.id FROM unnest($1::text[]) WITH ORDINALITY AS k(kind, n)
               CROSS JOIN unnest($2::text[]) WITH ORDINALITY AS v(value, n)
               CROSS JOIN LATERAL (SELECT id FROM iocs WHERE kind = k.kind AND ioc_key(value) = ioc_key(v.value) LIMIT 1) i
               ORDER BY k.n, v.n"#,
            &names(kinds),
            spellings
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(ids.into_iter().map(IocId).collect())
    }

    /// What the feed says of these indicators, in their order.
    ///
    /// # Errors
    /// As every query.
    pub async fn feed_rows(&self, ids: &[IocId]) -> Result<Vec<FeedRow>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let mut tx = self.feed_transaction().await?;
        let rows = in_no_order(&mut tx, &ids).await?;
        tx.commit().await?;
        Ok(rows)
    }

    /// What the report shows besides `except`: indicators of `kinds`, those first of which it says most.
    ///
    /// # Errors
    /// As every query.
    pub async fn related(
        &self,
        report: SubmissionId,
        kinds: &[Kind],
        except: &[IocId],
        limit: i64,
    ) -> Result<Vec<FeedRow>> {
        let except: Vec<Uuid> = except.iter().map(|id| id.0).collect();
        let mut tx = self.feed_transaction().await?;
        let ids = sqlx::query_scalar!(
            "SELECT i.id FROM sightings s JOIN iocs i ON i.id = s.ioc_id
             WHERE s.submission_id = $1 AND i.kind = ANY($2) AND i.id <> ALL($3)
             ORDER BY feed_confidence(s.confidence, s.flags) DESC, s.ordinal LIMIT $4",
            report.0,
            &names(kinds),
            &except,
            limit
        )
        .fetch_all(&mut *tx)
        .await?;
        let rows = in_no_order(&mut tx, &ids).await?;
        tx.commit().await?;
        Ok(rows)
    }

    /// How many submissions show an indicator, and what the best `limit` of them say of it, best first.
    ///
    /// # Errors
    /// As every query.
    pub async fn sources(&self, id: IocId, limit: i64) -> Result<(i64, Vec<Source>)> {
        let mut tx = self.feed_transaction().await?;
        let total = sqlx::query_scalar!(r#"SELECT n AS "total!" FROM seen($1)"#, id.0)
            .fetch_one(&mut *tx)
            .await?;
        let rows = sqlx::query_as!(
            SourceRow,
            r#"SELECT s.submission_id, d.source_type, d.source_identifier, d.title, d.tags, d.category, d.industries,
                      feed_confidence(s.confidence, s.flags) AS "feed_confidence!", s.confidence, s.evidence, s.flags,
                      s.context, s.description, s.created_at AS seen_at
               FROM (SELECT * FROM sightings WHERE ioc_id = $1
                     ORDER BY feed_confidence(confidence, flags) DESC, submission_id DESC LIMIT $2) s
               JOIN submissions d ON d.id = s.submission_id
               ORDER BY feed_confidence(s.confidence, s.flags) DESC, s.submission_id DESC"#,
            id.0,
            limit
        )
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        let sources = rows.into_iter().map(SourceRow::into_source);
        Ok((total, sources.collect::<Result<_>>()?))
    }

    /// The techniques that these submissions name, sorted.
    ///
    /// # Errors
    /// As every query.
    pub async fn techniques(&self, of: &[SubmissionId]) -> Result<Vec<String>> {
        let of: Vec<Uuid> = of.iter().map(|id| id.0).collect();
        let mut tx = self.feed_transaction().await?;
        let values = sqlx::query_scalar!(
            "SELECT DISTINCT i.value FROM sightings s JOIN iocs i ON i.id = s.ioc_id
             WHERE s.submission_id = ANY($1) AND i.kind = $2 ORDER BY i.value",
            &of,
            Kind::MitreAttack.name()
        )
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(values)
    }
}

fn names(kinds: &[Kind]) -> Vec<String> {
    kinds.iter().map(Kind::to_string).collect()
}

async fn in_no_order(tx: &mut Transaction<'_, Postgres>, ids: &[Uuid]) -> Result<Vec<FeedRow>> {
    row::rows(tx, (None, None), ids, &vec![None; ids.len()]).await
}
