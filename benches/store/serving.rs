//! Requests a second of the read endpoints, beside a bare handler that makes one query by primary key, both over
//! sockets of this machine, in this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::routing::get;
use futures_util::future::{BoxFuture, FutureExt};
use iocsift::account::{Scope, Secret};
use iocsift::export::Producer;
use iocsift::http::{self, Connections, Extract, Extracted, Settings};
use iocsift::id::{SubmissionId, UserId};
use iocsift::store::{Store, SubmissionEdit};
use iocsift::submission::{Failure, FailureCode};
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection, PgConnection, PgPool, Row};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Failed;

/// Requests at once.
const CLIENTS: usize = 16;
/// How long one path is asked.
const SPAN: Duration = Duration::from_secs(5);
/// Between two changes of a submission: a thousand new ones an hour change three times each.
const CHANGE: Duration = Duration::from_millis(1_200);

/// Documents are not read here.
struct NoReader;

impl Extract for NoReader {
    fn extract(&self, _: Vec<u8>, _: Option<String>) -> BoxFuture<'_, Result<Extracted, Failure>> {
        async { Err(Failure::new(FailureCode::Internal, "no reader")) }.boxed()
    }

    fn locks(&self) -> Vec<(&'static str, bool)> {
        Vec::new()
    }
}

pub(super) async fn measure(store: &Store, url: &str) -> Result<(), Failed> {
    println!(
        "\nRequests a second, {CLIENTS} clients, {} s each, one change every {} ms\n",
        SPAN.as_secs(),
        CHANGE.as_millis()
    );
    println!(
        "| | all ask the same | of the bare handler | each asks something new | of the bare handler |\n| --- | ---: | ---: | ---: | ---: |"
    );
    let row = sqlx::query(
        "SELECT s.id AS submission, (SELECT g.ioc_id FROM sightings g WHERE g.submission_id = s.id
                                      ORDER BY ioc_id DESC LIMIT 1) AS ioc, s.updated_at, s.owner_id
         FROM submissions s WHERE s.source_identifier LIKE 'report-%' ORDER BY s.created_at DESC LIMIT 1 OFFSET 20",
    )
    .fetch_one(&mut PgConnection::connect(url).await?)
    .await?;
    let submission = SubmissionId(row.get("submission"));
    let ioc = iocsift::id::IocId(row.get("ioc"));
    let since: chrono::DateTime<chrono::Utc> = row.get("updated_at");
    let since = since.format("%Y-%m-%dT%H:%M:%S%.6fZ");

    let secret = Secret::generate();
    let token = secret.to_store("benchmark", vec![Scope::Read], None);
    store
        .create_token(UserId(row.get("owner_id")), &token)
        .await?;

    let bare = bare(url, submission.0).await?;
    let ours = ours(store).await?;
    let writer = tokio::spawn(change(store.clone(), submission));
    let least = rate(format!("{bare}/"), None, false).await?;
    println!("| a bare handler | {least:.0} | 1 | | |");
    for (name, path) in [
        ("process alive", "/healthz".to_owned()),
        (
            "a submission, 160 indicators, one of them of most submissions",
            format!("/api/submissions/{submission}"),
        ),
        ("an indicator", format!("/api/iocs/{ioc}")),
        ("statistics", "/api/iocs/stats".to_owned()),
        ("list, one", "/api/submissions?limit=1".to_owned()),
        ("list, 50", "/api/submissions".to_owned()),
        (
            "`since`, up to 10",
            format!("/api/submissions?since={since}&limit=10"),
        ),
        ("search, one", "/api/iocs/search?limit=1".to_owned()),
        ("search, 50", "/api/iocs/search".to_owned()),
    ] {
        let url = format!("{ours}{path}");
        print(name, &url, None, least).await?;
    }
    let url = format!("{ours}/api/submissions?limit=1");
    print(
        "list, one, with a token",
        &url,
        Some(secret.reveal()),
        least,
    )
    .await?;
    let again = rate(format!("{bare}/"), None, false).await?;
    println!(
        "| a bare handler, once more | {again:.0} | {:.2} | | |",
        again / least
    );
    // It ends in an error alone: then nothing was changed any more.
    if writer.is_finished() {
        return Ok(writer.await??);
    }
    writer.abort();
    Ok(())
}

/// A row of the table.
async fn print(name: &str, url: &str, token: Option<&str>, least: f64) -> Result<(), Failed> {
    let same = rate(url.to_owned(), token, false).await?;
    let new = rate(url.to_owned(), token, true).await?;
    println!(
        "| {name} | {same:.0} | {:.2} | {new:.0} | {:.2} |",
        same / least,
        new / least
    );
    Ok(())
}

/// Changes a submission again and again. Ends in an error, or with its task.
async fn change(store: Store, id: SubmissionId) -> Result<(), iocsift::store::Error> {
    for n in 0_u64.. {
        let tags = Some(vec![n.to_string()]);
        let edit = SubmissionEdit {
            tags,
            ..SubmissionEdit::default()
        };
        store.edit_submission(id, &edit).await?;
        tokio::time::sleep(CHANGE).await;
    }
    Ok(())
}

/// A handler with one query by primary key and a pool as large as ours.
async fn bare(url: &str, id: uuid::Uuid) -> Result<String, Failed> {
    let pool = PgPoolOptions::new()
        .max_connections(16)
        .connect(url)
        .await?;
    let handler = move |State(pool): State<PgPool>| async move {
        sqlx::query_scalar::<_, String>("SELECT title FROM submissions WHERE id = $1")
            .bind(id)
            .fetch_one(&pool)
            .await
            .unwrap_or_default()
    };
    let router = Router::new().route("/", get(handler)).with_state(pool);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(format!("http://{address}"))
}

/// The service as it is, without limits to the rate.
pub(super) async fn ours(store: &Store) -> Result<String, Failed> {
    let instance = store.producer().await?;
    let settings = Settings {
        anonymous_per_minute: 0,
        signed_per_minute: 0,
        ..Settings::default()
    };
    let state = http::State::new(
        store.clone(),
        settings,
        Producer {
            id: instance.id,
            name: instance.name,
            created_at: instance.created_at,
        },
        Arc::new(NoReader),
        Default::default(),
        CancellationToken::new(),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        http::serve(
            listener,
            http::router(state),
            std::future::pending(),
            &Connections::default(),
        )
        .await;
    });
    Ok(format!("http://{address}"))
}

/// Answers a second to `url`, with a parameter of its own on each request if they are to be `distinct`; every one must be 200.
async fn rate(url: String, token: Option<&str>, distinct: bool) -> Result<f64, Failed> {
    let mut headers = HeaderMap::new();
    if let Some(token) = token {
        headers.insert(AUTHORIZATION, format!("Bearer {token}").parse()?);
    }
    let client = reqwest::Client::builder()
        .default_headers(headers)
        .build()?;
    let mut clients: JoinSet<Result<u64, Failed>> = JoinSet::new();
    let asked = Arc::new(AtomicU64::new(0));
    let joint = if url.contains('?') { '&' } else { '?' };
    let began = Instant::now();
    for _ in 0..CLIENTS {
        let (client, url, asked) = (client.clone(), url.clone(), Arc::clone(&asked));
        clients.spawn(async move {
            let mut answers = 0;
            while began.elapsed() < SPAN {
                let url = match distinct {
                    true => format!("{url}{joint}n={}", asked.fetch_add(1, Ordering::Relaxed)),
                    false => url.clone(),
                };
                let answer = client.get(&url).send().await?;
                if !answer.status().is_success() {
                    return Err(format!("{url}: {}", answer.status()).into());
                }
                answer.bytes().await?;
                answers += 1;
            }
            Ok(answers)
        });
    }
    let mut answers = 0;
    while let Some(ended) = clients.join_next().await {
        answers += ended??;
    }
    Ok(answers as f64 / began.elapsed().as_secs_f64())
}
