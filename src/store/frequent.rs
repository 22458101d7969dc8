//! Indicators that very many documents show: how many is kept, and need not be counted for each page that shows one
//! (`seen` of the schema). How counts stay exact: `migrations/0031_frequent.sql`.

use super::{Result, Store, sightings};

/// Sightings from which on a count is kept; fewer are counted in less than a millisecond.
const MANY: f32 = 1_000.0;
/// The share of all sightings that it takes besides, so that the sample of the statistics is no accident.
const SHARE: f32 = 0.0002;

impl Store {
    /// Keeps counts of the indicators that Postgres knows as the most common ones, and of none that is gone.
    ///
    /// # Errors
    /// As every query.
    pub async fn keep_frequent_counts(&self) -> Result<()> {
        sqlx::query!("DELETE FROM frequent_iocs f WHERE NOT EXISTS (SELECT FROM iocs i WHERE i.id = f.ioc_id)")
            .execute(&self.pool)
            .await?;
        sqlx::query!(
            "DELETE FROM frequent_iocs_changes c WHERE NOT EXISTS (SELECT FROM frequent_iocs f WHERE f.ioc_id = c.ioc_id)"
        )
        .execute(&self.pool)
        .await?;
        sqlx::query!(
            "INSERT INTO frequent_iocs (ioc_id)
             SELECT i.id FROM pg_stats p JOIN pg_class c ON c.oid = 'sightings'::regclass
             CROSS JOIN LATERAL unnest(p.most_common_vals::text::uuid[], p.most_common_freqs) AS common(id, share)
             JOIN iocs i ON i.id = common.id
             WHERE p.schemaname = current_schema() AND p.tablename = 'sightings' AND p.attname = 'ioc_id'
               AND common.share >= $1 AND common.share * c.reltuples >= $2
             ON CONFLICT DO NOTHING",
            SHARE,
            MANY
        )
        .execute(&self.pool)
        .await?;
        let uncounted = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM frequent_iocs WHERE n IS NULL) AS "uncounted!""#
        );
        if !uncounted.fetch_one(&self.pool).await? {
            return Ok(());
        }
        // Whoever did not know of them has ended when this lock is had; those who come then do. Nobody waits while
        // they are counted.
        let mut tx = self.writing().await?;
        sightings::lock_to_remove(&mut tx).await?;
        tx.commit().await?;
        let mut tx = self.writing().await?;
        sqlx::query!(
            "UPDATE frequent_iocs f
             SET n = (SELECT count(*) FROM sightings s WHERE s.ioc_id = f.ioc_id)
                   - (SELECT coalesce(sum(c.n), 0) FROM frequent_iocs_changes c WHERE c.ioc_id = f.ioc_id)
             WHERE f.n IS NULL"
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }
}
