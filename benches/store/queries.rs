//! p50 and p95 of what readers ask, beside the same question in bare SQL, asked by a plain connection without
//! preparation.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use iocsift::id::{IocId, SubmissionId};
use iocsift::indicator::Kind;
use iocsift::store::{Error, IocQuery, Store};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{Failed, percentiles};

/// Times that a question is asked, each time with another value.
const TIMES: usize = 40;
/// Times where one takes long.
const TIMES_SLOW: usize = 8;
/// Rows of a page.
const LIMIT: i64 = 50;

/// A question and the SQL that is the least it takes.
enum Question {
    Search(String),
    Kind(Kind),
    Stats,
    Ioc(IocId),
    Sightings(IocId),
    Submission(SubmissionId),
    SubmissionIocs(SubmissionId, Option<i64>),
    List,
    Since(DateTime<Utc>),
    Offset(i64),
}

impl Question {
    async fn ask(&self, store: &Store) -> Result<(), Error> {
        let search = |q: Vec<String>, kinds: Vec<Kind>, offset| IocQuery {
            q,
            kinds,
            extended: false,
            limit: LIMIT,
            offset,
        };
        match self {
            Self::Search(q) => store
                .search_iocs(&search(vec![q.clone()], Vec::new(), 0))
                .await
                .map(drop),
            Self::Kind(kind) => store
                .search_iocs(&search(Vec::new(), vec![*kind], 0))
                .await
                .map(drop),
            Self::Offset(offset) => store
                .search_iocs(&search(Vec::new(), Vec::new(), *offset))
                .await
                .map(drop),
            Self::Stats => store.stats(false).await.map(drop),
            Self::Ioc(id) => store.ioc(*id).await.map(drop),
            Self::Sightings(id) => store.ioc_sightings(*id, LIMIT, 0).await.map(drop),
            Self::Submission(id) => store.submission(*id).await.map(drop),
            Self::SubmissionIocs(id, limit) => store
                .submission_iocs_in_time(*id, false, *limit, 0)
                .await
                .map(drop),
            Self::List => store.submissions(LIMIT, 0).await.map(drop),
            Self::Since(since) => store.submissions_since(*since, 100, 0).await.map(drop),
        }
    }

    fn sql(&self) -> String {
        let page = "SELECT i.*, s.context, (SELECT count(*) FROM sightings g WHERE g.ioc_id = i.id) FROM p JOIN iocs i USING (id)
                    CROSS JOIN LATERAL (SELECT context FROM sightings WHERE ioc_id = i.id ORDER BY created_at DESC LIMIT 1) s
                    ORDER BY i.created_at DESC, i.id DESC";
        match self {
            Self::Search(q) => format!(
                "WITH m AS MATERIALIZED (SELECT id, created_at FROM iocs WHERE NOT is_hash(kind) AND value ILIKE '%{q}%'
                                         UNION ALL SELECT id, created_at FROM iocs WHERE is_hash(kind) AND value ILIKE '%{q}%'),
                      p AS (SELECT id, (SELECT count(*) FROM m) FROM m ORDER BY created_at DESC, id DESC LIMIT {LIMIT}) {page}"
            ),
            Self::Kind(kind) => format!(
                "WITH p AS (SELECT id FROM iocs WHERE kind = '{kind}' ORDER BY created_at DESC, id DESC LIMIT {LIMIT}) {page}"
            ),
            Self::Offset(offset) => format!(
                "WITH p AS (SELECT id FROM iocs WHERE is_standard(kind) ORDER BY created_at DESC, id DESC LIMIT {LIMIT} OFFSET {offset}) {page}"
            ),
            Self::Stats => "SELECT * FROM ioc_totals; SELECT count(*) FROM submissions WHERE status <> 'deleted'".to_owned(),
            Self::Ioc(id) => format!("WITH p AS (SELECT '{}'::uuid AS id) {page}", id.0),
            Self::Sightings(id) => format!(
                "SELECT * FROM sightings s JOIN submissions d ON d.id = s.submission_id WHERE s.ioc_id = '{}'
                 ORDER BY s.created_at DESC, s.submission_id DESC LIMIT {LIMIT}",
                id.0
            ),
            Self::Submission(id) => format!("SELECT * FROM submissions WHERE id = '{}'", id.0),
            Self::SubmissionIocs(id, limit) => format!(
                "SELECT i.*, s.*, (SELECT count(*) FROM sightings g WHERE g.ioc_id = i.id)
                 FROM sightings s JOIN iocs i ON i.id = s.ioc_id WHERE s.submission_id = '{}' ORDER BY s.ordinal LIMIT {}",
                id.0,
                limit.map_or("ALL".to_owned(), |limit| limit.to_string())
            ),
            Self::List => format!(
                "SELECT * FROM submissions WHERE status <> 'deleted' ORDER BY created_at DESC, id DESC LIMIT {LIMIT}"
            ),
            Self::Since(since) => format!(
                "SELECT * FROM submissions WHERE updated_at > '{since}' ORDER BY updated_at LIMIT 100"
            ),
        }
    }
}

pub(super) async fn measure(store: &Store, url: &str) -> Result<(), Failed> {
    let mut bare = PgConnection::connect(url).await?;
    sqlx::raw_sql(
        "SET jit = off; SET max_parallel_workers_per_gather = 0; SET statement_timeout = '60s'",
    )
    .execute(&mut bare)
    .await?;
    let rows: i64 = sqlx::query_scalar("SELECT sum(n)::bigint FROM ioc_totals")
        .fetch_one(&mut bare)
        .await?;
    println!("\nReads over {rows} indicators\n");
    println!(
        "| | for the first time: p50, p95 ms | again | bare SQL | ratio of p50 |\n| --- | ---: | ---: | ---: | ---: |"
    );
    let questions = questions(&mut bare).await?;
    // A connection is made, and what it is asked is planned, once in half an hour.
    let known = vec![Question::Search("never-there-at-all".to_owned())];
    for _ in 0..TIMES {
        ask(&known, store).await?;
    }
    // For the first time nothing of a value is in memory.
    let mut answers = Vec::new();
    for (_, questions) in &questions {
        answers.push((ask(questions, store).await?, ask(questions, store).await?));
    }
    // Behind all of them: reading whole indexes, as it does, would leave each of the others a cold cache.
    for ((name, questions), (first, again)) in questions.iter().zip(answers) {
        let mut least = Vec::new();
        for question in questions {
            let began = Instant::now();
            sqlx::raw_sql(AssertSqlSafe(question.sql()))
                .fetch_all(&mut bare)
                .await?;
            least.push(began.elapsed());
        }
        print(name, first, again, &mut least);
    }
    Ok(())
}

/// How long the answers took, and how many were refused as too wide.
async fn ask(questions: &[Question], store: &Store) -> Result<(Vec<Duration>, usize), Failed> {
    let (mut times, mut refused) = (Vec::new(), 0);
    for question in questions {
        let began = Instant::now();
        match question.ask(store).await {
            Ok(()) => times.push(began.elapsed()),
            Err(Error::Timeout(_)) => refused += 1,
            Err(error) => return Err(error.into()),
        }
    }
    Ok((times, refused))
}

fn print(
    name: &str,
    (mut first, _): (Vec<Duration>, usize),
    (mut again, refused): (Vec<Duration>, usize),
    least: &mut [Duration],
) {
    let [(first, first_p95), (median, p95), (least, least_p95)] = [
        percentiles(&mut first),
        percentiles(&mut again),
        percentiles(least),
    ];
    let refused = match refused {
        0 => String::new(),
        some => format!(" ({some} refused as too wide)"),
    };
    println!(
        "| {name} | {first:.1}, {first_p95:.1} | {median:.1}, {p95:.1}{refused} | {least:.1}, {least_p95:.1} | {:.2} |",
        median / least
    );
}

/// What is asked, with values drawn from the data.
async fn questions(at: &mut PgConnection) -> Result<Vec<(&'static str, Vec<Question>)>, Failed> {
    let searches = |values: Vec<String>| values.into_iter().map(Question::Search).collect();
    let fixed = |words: &[&str]| {
        words
            .iter()
            .map(|word| Question::Search((*word).to_owned()))
            .collect::<Vec<_>>()
    };
    let repeat =
        |make: fn() -> Question, times: usize| (0..times).map(|_| make()).collect::<Vec<_>>();
    let some: IocId = IocId(
        one(
            at,
            "SELECT id FROM iocs ORDER BY created_at DESC LIMIT 1 OFFSET 1000",
        )
        .await?,
    );
    let hot = IocId(one(at, "SELECT id FROM iocs ORDER BY created_at LIMIT 1").await?);
    let report = SubmissionId(
        one(
            at,
            "SELECT id FROM submissions ORDER BY created_at DESC LIMIT 1 OFFSET 10",
        )
        .await?,
    );
    let large = SubmissionId(
        one(
            at,
            "SELECT id FROM submissions WHERE source_identifier = 'report-1.pdf'",
        )
        .await?,
    );
    let stamps: Vec<DateTime<Utc>> = sqlx::query_scalar(
        "SELECT updated_at FROM submissions TABLESAMPLE system (10) ORDER BY random() LIMIT 40",
    )
    .fetch_all(&mut *at)
    .await?;
    Ok(vec![
        (
            "a whole SHA-256",
            searches(values(at, "value", "kind = 'hash_sha256'").await?),
        ),
        (
            "a whole MD5",
            searches(values(at, "value", "kind = 'hash_md5'").await?),
        ),
        (
            "a whole URL",
            searches(values(at, "value", "kind = 'url'").await?),
        ),
        (
            "a whole domain",
            searches(values(at, "value", "kind = 'domain'").await?),
        ),
        (
            "a whole address",
            searches(values(at, "value", "kind = 'ipv4'").await?),
        ),
        (
            "a whole e-mail address",
            searches(values(at, "value", "kind = 'email'").await?),
        ),
        (
            "8 digits of a hash",
            searches(values(at, "substr(value, 9, 8)", "kind = 'hash_sha256'").await?),
        ),
        (
            "8 characters of a URL",
            searches(values(at, "substr(value, 14, 8)", "kind = 'url'").await?),
        ),
        (
            "4 digits",
            searches(values(at, "substr(value, 9, 4)", "kind = 'hash_sha256'").await?),
        ),
        (
            "a common word",
            fixed(&[
                "paypal", "dhl", "office", "cloud", "account", "update", "secure", "shop",
            ]),
        ),
        (
            "a word that stands everywhere",
            fixed(&[
                "mail", "login", "news", "static", "files", "host", "portal", "auth",
            ]),
        ),
        ("`com`", fixed(&["com"; TIMES_SLOW])),
        (
            "two characters",
            fixed(&["xy", "q9", "-a", "zz", ".r", "a1", "co", "//"]),
        ),
        (
            "one character",
            fixed(&["a", "z", "-", "7", "x", "@", "_", "e"]),
        ),
        ("no match", fixed(&["never-there-at-all"; TIMES_SLOW])),
        (
            "a type alone",
            [Kind::Domain, Kind::Url, Kind::Cve, Kind::Email, Kind::Ipv4]
                .into_iter()
                .cycle()
                .take(TIMES)
                .map(Question::Kind)
                .collect(),
        ),
        ("nothing: the newest", repeat(|| Question::Offset(0), TIMES)),
        (
            "nothing, offset 100,000",
            repeat(|| Question::Offset(100_000), TIMES_SLOW),
        ),
        ("statistics", repeat(|| Question::Stats, TIMES)),
        (
            "an indicator",
            (0..TIMES).map(|_| Question::Ioc(some)).collect(),
        ),
        (
            "an indicator of most submissions",
            (0..TIMES_SLOW).map(|_| Question::Ioc(hot)).collect(),
        ),
        (
            "its submissions, a page",
            (0..TIMES_SLOW).map(|_| Question::Sightings(hot)).collect(),
        ),
        (
            "a submission",
            (0..TIMES).map(|_| Question::Submission(report)).collect(),
        ),
        (
            "its indicators, 160",
            (0..TIMES)
                .map(|_| Question::SubmissionIocs(report, None))
                .collect(),
        ),
        (
            "indicators of the largest submission",
            (0..TIMES_SLOW)
                .map(|_| Question::SubmissionIocs(large, None))
                .collect(),
        ),
        (
            "the first 10,000 of these",
            (0..TIMES_SLOW)
                .map(|_| Question::SubmissionIocs(large, Some(10_000)))
                .collect(),
        ),
        ("the list of submissions", repeat(|| Question::List, TIMES)),
        (
            "`since`, 100 rows",
            stamps.into_iter().map(Question::Since).collect(),
        ),
    ])
}

async fn one(at: &mut PgConnection, sql: &'static str) -> Result<uuid::Uuid, Failed> {
    Ok(sqlx::query_scalar(sql).fetch_one(at).await?)
}

async fn values(at: &mut PgConnection, what: &str, which: &str) -> Result<Vec<String>, Failed> {
    let sql = format!(
        "SELECT {what} FROM (SELECT * FROM iocs TABLESAMPLE system (5) WHERE {which} ORDER BY random() LIMIT {TIMES}) i"
    );
    Ok(sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(at).await?)
}
