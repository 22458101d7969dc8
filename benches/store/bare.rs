//! The least that storing indicators takes: tables without a column more than needed, the insert and the look-up as two
//! statements, and nothing around them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection};
use tokio::task::JoinSet;

use super::{Failed, hex};

const TABLES: &str = r#"
DROP SCHEMA IF EXISTS bare CASCADE; CREATE SCHEMA bare; SET search_path = bare, public;
CREATE FUNCTION ioc_key(value text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql RETURN sha256(convert_to(value, 'UTF8'));
CREATE TABLE iocs (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, type text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
CREATE UNIQUE INDEX iocs_key ON iocs (type, ioc_key(value));
CREATE INDEX iocs_created_at ON iocs (created_at DESC, id DESC);
CREATE INDEX iocs_type_created_at ON iocs (type, created_at DESC, id DESC);
CREATE INDEX iocs_value_trgm ON iocs USING gin (value gin_trgm_ops) WITH (fastupdate = on, gin_pending_list_limit = 65536);
CREATE TABLE submission_iocs (submission_id bigint NOT NULL, ioc_id bigint NOT NULL, PRIMARY KEY (submission_id, ioc_id));
CREATE INDEX submission_iocs_ioc ON submission_iocs (ioc_id);
"#;

/// Indicators of one submission, half of them known.
const EACH: u64 = 1_000;

pub(super) struct Schema {
    url: String,
    next: Arc<AtomicU64>,
}

impl Schema {
    pub(super) async fn new(url: &str) -> Result<Self, Failed> {
        sqlx::raw_sql(TABLES)
            .execute(&mut PgConnection::connect(url).await?)
            .await?;
        Ok(Self {
            url: url.to_owned(),
            next: Arc::default(),
        })
    }

    /// Rows a second of `writers` that store `submissions` together.
    pub(super) async fn ingest(&self, writers: u64, submissions: u64) -> Result<f64, Failed> {
        let left = Arc::new(AtomicU64::new(0));
        let mut tasks: JoinSet<Result<(), Failed>> = JoinSet::new();
        let began = Instant::now();
        for _ in 0..writers {
            let mut at = PgConnection::connect(&self.url).await?;
            let (left, next) = (Arc::clone(&left), Arc::clone(&self.next));
            tasks.spawn(async move {
                sqlx::raw_sql(
                    "SET search_path = bare, public; SET plan_cache_mode = force_custom_plan",
                )
                .execute(&mut at)
                .await?;
                while left.fetch_add(1, Ordering::Relaxed) < submissions {
                    store(&mut at, &next).await?;
                }
                Ok(())
            });
        }
        let cleaner = tokio::spawn(clean(self.url.clone()));
        while let Some(ended) = tasks.join_next().await {
            ended??;
        }
        cleaner.abort();
        let rate = (submissions * EACH) as f64 / began.elapsed().as_secs_f64();
        println!("| bare SQL | {writers} | {rate:.0} | |");
        Ok(rate)
    }
}

/// Empties the waiting list of the search index, as the service does. Ends in an error, or with its task.
async fn clean(url: String) -> Result<(), sqlx::Error> {
    let mut at = PgConnection::connect(&url).await?;
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        sqlx::raw_sql("SELECT gin_clean_pending_list('bare.iocs_value_trgm'::regclass)")
            .execute(&mut at)
            .await?;
    }
}

async fn store(at: &mut PgConnection, next: &AtomicU64) -> Result<(), Failed> {
    let new = next.fetch_add(EACH / 2, Ordering::Relaxed);
    let numbers = (0..EACH).map(|n| {
        if n < EACH / 2 {
            new + n
        } else {
            (new + n).wrapping_sub(EACH).wrapping_mul(48_271) % new.max(1)
        }
    });
    let mut numbers: Vec<u64> = numbers.collect();
    numbers.sort_unstable();
    numbers.dedup();
    let (kinds, values): (Vec<&str>, Vec<String>) =
        numbers.iter().map(|number| value(*number)).unzip();
    let mut transaction = at.begin().await?;
    sqlx::query(
        "INSERT INTO iocs (type, value) SELECT type, value FROM unnest($1::text[], $2::text[]) AS v(type, value)
         ORDER BY type, ioc_key(value) ON CONFLICT DO NOTHING",
    )
    .bind(&kinds)
    .bind(&values)
    .execute(&mut *transaction)
    .await?;
    sqlx::query(
        "INSERT INTO submission_iocs SELECT $3, i.id FROM unnest($1::text[], $2::text[]) AS v(type, value)
         JOIN iocs i ON i.type = v.type AND ioc_key(i.value) = ioc_key(v.value)",
    )
    .bind(&kinds)
    .bind(&values)
    .bind(new.cast_signed())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}

fn value(number: u64) -> (&'static str, String) {
    let hash = hex(&format!("bare:{number}"));
    match number % 3 {
        0 => ("hash_sha256", hash),
        1 => (
            "domain",
            format!("{}.{}.example.net", &hash[..4], &hash[4..14]),
        ),
        _ => (
            "url",
            format!(
                "https://{}.example.com/{}/index.php?id={number}",
                &hash[..8],
                &hash[8..14]
            ),
        ),
    }
}
