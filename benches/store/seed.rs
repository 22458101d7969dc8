//! The data: as many indicators as asked for, twice as many sightings, made by set-based SQL in the tables of the
//! service. The same numbers give the same data.

use std::time::Instant;

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use super::Failed;

/// Indicators that one statement makes.
const BATCH: i64 = 500_000;
/// Indicators to each submission: what makes eight submissions of a hundred.
const PER_SUBMISSION: i64 = 80;

/// Ids that carry their time, and moments spread over 300 days. One expression each, so that Postgres puts them in place.
const FUNCTIONS: &str = r"
CREATE OR REPLACE FUNCTION seed_id(prefix bigint, n bigint, at timestamptz) RETURNS uuid IMMUTABLE LANGUAGE sql AS $$
    SELECT overlay(overlay(lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || md5(prefix || ':' || n)
                           PLACING '7' FROM 13 FOR 1) PLACING '8' FROM 17 FOR 13)::uuid $$;
CREATE OR REPLACE FUNCTION seed_at(n bigint, size bigint) RETURNS timestamptz IMMUTABLE LANGUAGE sql AS $$
    SELECT timestamptz '2025-01-01 00:00:00+00' + (n::float8 / size) * interval '300 days' $$;
";

/// Values as threat reports have them, of the numbers `{from}..{to}`.
const VALUES: &str = r"
CREATE TEMP TABLE stage AS
SELECT n, at, seed_id(2, n, at) AS id, kind,
       CASE kind
           WHEN 'hash_sha256' THEN h || md5(h)
           WHEN 'domain' THEN host
           WHEN 'url' THEN 'https://' || host || '/' || CASE WHEN n % 64 = 5 THEN 'file/' || h || md5(h) ELSE substr(h, 14, 6) END ||
               (ARRAY['/login.php?id=','/index.php?u=','/wp-content/','/gate?token='])[1 + n % 4] || n
           WHEN 'hash_md5' THEN h
           WHEN 'ipv4' THEN 1 + (n * 48271) % 223 || '.' || (n >> 16) % 256 || '.' || (n >> 8) % 256 || '.' || n % 256
           WHEN 'hash_sha1' THEN h || substr(md5(h), 1, 8)
           WHEN 'email' THEN substr(h, 1, 7) || '@' || host
           ELSE 'CVE-' || 1999 + n % 27 || '-' || 10000 + n END AS value
FROM (SELECT n, at, h,
             CASE WHEN m < 25 THEN 'hash_sha256' WHEN m < 46 THEN 'domain' WHEN m < 67 THEN 'url' WHEN m < 79 THEN 'hash_md5'
                  WHEN m < 89 THEN 'ipv4' WHEN m < 96 THEN 'hash_sha1' WHEN m < 99 THEN 'email' ELSE 'cve' END AS kind,
             CASE WHEN n % 2 = 0
                 THEN (ARRAY['mail','cdn','login','www','news','img','static','web','api','app','files','host','data','test','portal','auth'])
                     [1 + ('x' || substr(h, 1, 2))::bit(8)::int % 16]
                 ELSE (ARRAY['paypal','dhl','office','cloud','account','update','secure','shop','bank','invoice','verify','wallet','support',
                             'service','billing','payment','customer','delivery','tracking','parcel','express','fedex','postal','customs',
                             'amazon','apple','google','netflix','microsoft','outlook','teams','sharepoint','onedrive','dropbox','adobe','zoom',
                             'linkedin','facebook','instagram','whatsapp','telegram','signal','discord','steam','epic','roblox','binance','coinbase',
                             'kraken','metamask','ledger','trezor','chase','citi','barclays','santander','revolut','wise','stripe','visa','gov',
                             'tax','refund','health','covid','vpn','remote','citrix','cisco','vmware'])
                     [1 + ('x' || substr(h, 1, 4))::bit(16)::int % 70] END
                 || CASE WHEN n % 3 = 0 THEN '-' ELSE '.' END || substr(h, 3, 9) || '.'
                 || (ARRAY['com','com','com','net','org','ru','xyz','top','info','de','cn','io'])
                    [1 + ('x' || substr(h, 12, 2))::bit(8)::int % 12] AS host
      FROM (SELECT n, seed_at(n, {size}) AS at, (n * 7919) % 100 AS m, md5('value:' || n) AS h
            FROM generate_series({from}::bigint, {to} - 1) n OFFSET 0) numbered OFFSET 0) hosts OFFSET 0;
ANALYZE stage";

/// Rows come in without indexes and triggers, which are put back as they were.
const TABLES: &[&str] = &["iocs", "sightings"];

/// Fills the database unless it is full.
pub(super) async fn fill(url: &str, size: i64) -> Result<(), Failed> {
    let mut at = PgConnection::connect(url).await?;
    sqlx::raw_sql(
        "SET maintenance_work_mem = '1GB'; SET synchronous_commit = off; SET max_parallel_maintenance_workers = 1",
    )
    .execute(&mut at)
    .await?;
    let (begun, done): (bool, bool) =
        sqlx::query_as("SELECT EXISTS (SELECT FROM submissions), EXISTS (SELECT FROM ioc_totals)")
            .fetch_one(&mut at)
            .await?;
    if done {
        return Ok(());
    }
    if begun {
        return Err("the folder holds a database that was not filled to the end: remove it".into());
    }
    let began = Instant::now();
    sqlx::raw_sql(FUNCTIONS).execute(&mut at).await?;
    let indexes = without_indexes(&mut at).await?;
    submissions(&mut at, size).await?;
    for from in (0..size).step_by(usize::try_from(BATCH)?) {
        let to = (from + BATCH).min(size);
        rows(&mut at, from, to, size).await?;
        eprintln!("{to} indicators, {:.0} s", began.elapsed().as_secs_f64());
    }
    for index in indexes {
        let statement = index.split(" USING ").next().unwrap_or(&index).to_owned();
        sqlx::raw_sql(AssertSqlSafe(index)).execute(&mut at).await?;
        eprintln!("{statement}, {:.0} s", began.elapsed().as_secs_f64());
    }
    for table in TABLES {
        let enable = format!("ALTER TABLE {table} ENABLE TRIGGER ALL");
        sqlx::raw_sql(AssertSqlSafe(enable))
            .execute(&mut at)
            .await?;
    }
    for statement in [
        "UPDATE submissions s SET ioc_count = g.n FROM (SELECT submission_id, count(*) AS n FROM sightings GROUP BY 1) g
             WHERE g.submission_id = s.id AND s.source_identifier IN ('report-0.pdf', 'report-1.pdf')",
        "VACUUM ANALYZE iocs",
        "VACUUM ANALYZE sightings",
        "VACUUM ANALYZE submissions",
        // Written anew for each of them, in one transaction.
        "VACUUM FULL submission_total",
        "CHECKPOINT",
        // The last step: where it is done, all is.
        "INSERT INTO ioc_totals_added_up SELECT kind, count(*) FROM iocs GROUP BY kind",
    ] {
        sqlx::raw_sql(statement).execute(&mut at).await?;
    }
    eprintln!("filled in {:.0} s", began.elapsed().as_secs_f64());
    Ok(())
}

/// Drops what slows down rows that come in; the statements that make the indexes anew.
async fn without_indexes(at: &mut PgConnection) -> Result<Vec<String>, Failed> {
    let mut made = Vec::new();
    for table in TABLES {
        let indexes = sqlx::query(
            "SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS made, c.conname AS key,
                    pg_get_constraintdef(c.oid) AS rule
             FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid WHERE i.indrelid = $1::text::regclass",
        )
        .bind(table)
        .fetch_all(&mut *at)
        .await?;
        for index in indexes {
            let name: String = index.get("name");
            let drop = match index.get::<Option<String>, _>("key") {
                Some(key) => {
                    let rule: String = index.get("rule");
                    made.push(format!("ALTER TABLE {table} ADD CONSTRAINT {key} {rule}"));
                    format!("ALTER TABLE {table} DROP CONSTRAINT {key}")
                }
                None => {
                    made.push(index.get("made"));
                    format!("DROP INDEX {name}")
                }
            };
            sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut *at).await?;
        }
        let disable = format!("ALTER TABLE {table} DISABLE TRIGGER USER");
        sqlx::raw_sql(AssertSqlSafe(disable))
            .execute(&mut *at)
            .await?;
    }
    Ok(made)
}

/// Completed submissions of one owner.
async fn submissions(at: &mut PgConnection, size: i64) -> Result<(), Failed> {
    sqlx::raw_sql(AssertSqlSafe(format!(
        "INSERT INTO users (id, username, password_hash, role)
             VALUES (seed_id(9, 0, seed_at(0, {size})), 'seed', '-', 'member');
         INSERT INTO submissions (id, status, source_type, source_identifier, original_filename, title, summary, content_type, size_bytes,
                                  sha256, ioc_count, owner_id, created_at, processed_at)
         SELECT seed_id(1, n, at), 'completed', 'file_upload', 'report-' || n || '.pdf', 'report-' || n || '.pdf',
                'Report ' || n || ' on the campaign ' || md5(n::text), 'The operators returned in spring with a new loader.',
                'application/pdf', 100000 + n, sha256(('seed' || n)::bytea), {PER_SUBMISSION} * 2, (SELECT id FROM users), at, at
         FROM (SELECT n, seed_at(n * {PER_SUBMISSION}, {size}) AS at FROM generate_series(0::bigint, {size} / {PER_SUBMISSION} - 1) n) s;
         CREATE UNLOGGED TABLE IF NOT EXISTS seed_submissions AS SELECT n, seed_id(1, n, seed_at(n * {PER_SUBMISSION}, {size})) AS id
             FROM generate_series(0::bigint, {size} / {PER_SUBMISSION} - 1) n;
         ALTER TABLE seed_submissions ADD PRIMARY KEY (n); ANALYZE seed_submissions"
    )))
    .execute(at)
    .await?;
    Ok(())
}

/// Indicators `from..to` and the sightings of each: one in the submission of its time, one in another; indicator 0 in
/// four of five submissions, submission 1 with a hundredth of all.
async fn rows(at: &mut PgConnection, from: i64, to: i64, size: i64) -> Result<(), Failed> {
    let sightings = |submission: &str, wanted: &str, moment: &str| {
        format!(
            "INSERT INTO sightings (submission_id, ioc_id, ordinal, raw, defanged, page, line, char_offset, char_length, occurrences,
                                    context, description, flags, confidence, evidence, created_at)
             SELECT g.id, s.id, s.n % 100000, replace(value, '.', '[.]'), true, 1 + s.n % 20, 1 + s.n % 900,
                    s.n % 90000, length(value), 1, 'The implant then talks to ' || replace(value, '.', '[.]') || ' to ask for tasks.',
                    CASE WHEN s.n % 3 = 0 THEN 'C2 server' END, '[]', 70,
                    '[{{\"reason\": \"form\", \"points\": 50}}, {{\"reason\": \"defanged\", \"points\": 20}}]', {moment}
             FROM stage s JOIN seed_submissions g ON g.n = {submission} WHERE {wanted}"
        )
    };
    let submissions = size / PER_SUBMISSION;
    let stage = VALUES
        .replace("{from}", &from.to_string())
        .replace("{to}", &to.to_string())
        .replace("{size}", &size.to_string());
    let mut statements = vec![
        stage,
        "INSERT INTO iocs (id, kind, value, created_at) SELECT id, kind, value, at FROM stage".to_owned(),
        sightings(&format!("s.n / {PER_SUBMISSION}"), "true", "s.at"),
        // A later document, never the first one again.
        sightings(
            &format!(
                "CASE WHEN s.n % 100 = 1 AND s.n / {PER_SUBMISSION} <> 1 THEN 1
                      ELSE (s.n / {PER_SUBMISSION} + 1 + (s.n * 48271) % ({submissions} - 2)) % {submissions} END"
            ),
            "s.n > 0",
            "s.at + interval '1 day'",
        ),
    ];
    if from == 0 {
        statements.push(
            "INSERT INTO sightings (submission_id, ioc_id, ordinal, raw, defanged, line, char_offset, char_length, occurrences, context, flags,
                                    confidence, created_at)
             SELECT g.id, s.id, 99999, s.value, false, 1, 0, 9, 1, 'Everybody reports this one.', '[]', 50, s.at + g.n * interval '1 minute'
             FROM seed_submissions g, stage s WHERE s.n = 0 AND g.n > 0 AND g.n % 5 <> 0"
                .to_owned(),
        );
    }
    statements.push("DROP TABLE stage".to_owned());
    for statement in statements {
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut *at)
            .await?;
    }
    Ok(())
}
