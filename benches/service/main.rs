//! How many documents a second the whole service reads, from the request to `completed`, and how long one of them
//! takes, alone and behind a crowd.
//!
//! `cargo bench --bench service` starts a server with an empty database of its own and all cores, and hands in
//! documents that it makes up: no two are the same. Nothing is asserted: figures say something only beside others of
//! the same machine and hour.

mod documents;
#[path = "../engine/report.rs"]
mod report;

use std::error::Error;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use documents::Document;
use serde_json::Value;
use tokio::task::JoinSet;

/// Clients at once. Ten times as many documents wait as are read.
const CLIENTS: usize = 20;
/// How often the status of a document is asked for when it is alone.
const POLL: Duration = Duration::from_millis(10);
/// How often in a crowd: asking is work for the server as well.
const POLL_CROWDED: Duration = Duration::from_millis(250);
/// A server that takes longer to start has failed.
const START: Duration = Duration::from_secs(120);

/// Stands between the parts of a form.
const BOUNDARY: &str = "3b7f1c9a5d2e4860";

type Failed = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failed> {
    // The client is built for TLS, which is not spoken here.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = Server::start().await?;
    println!(
        "| document | size, kB | number | documents/s | alone: p50, p95 ms | behind {CLIENTS}: p50, p95 ms | indicators each |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (make, count) in [
        (documents::html as fn(usize) -> Document, 1_000),
        (documents::pdf, 100),
        (documents::xlsx, 20),
    ] {
        let measured = measure(&server, make, count).await?;
        println!("{measured}");
    }
    Ok(())
}

async fn measure(
    server: &Server,
    make: fn(usize) -> Document,
    count: usize,
) -> Result<String, Failed> {
    let alone = 20;
    let first = make(0);
    let (name, size) = (first.name.clone(), first.bytes.len() as f64 / 1e3);
    server.read(first, POLL).await?;

    let mut lonely = Vec::new();
    let mut indicators = 0;
    for number in 1..=alone {
        let read = server.read(make(number), POLL).await?;
        lonely.push(read.time);
        indicators += read.indicators;
    }

    let mut waiting: Vec<Document> = (alone + 1..=alone + count).map(make).collect();
    let began = Instant::now();
    let mut crowd: JoinSet<Result<Read, Failed>> = JoinSet::new();
    let mut crowded = Vec::new();
    while let Some(document) = waiting.pop() {
        if crowd.len() >= CLIENTS
            && let Some(read) = crowd.join_next().await
        {
            crowded.push(read??.time);
        }
        let server = server.clone();
        crowd.spawn(async move { server.read(document, POLL_CROWDED).await });
    }
    while let Some(read) = crowd.join_next().await {
        crowded.push(read??.time);
    }
    let rate = count as f64 / began.elapsed().as_secs_f64();
    Ok(format!(
        "| {name} | {size:.0} | {count} | {rate:.1} | {} | {} | {} |",
        percentiles(&mut lonely),
        percentiles(&mut crowded),
        indicators / alone as u64
    ))
}

/// The median and the 95th percentile, in milliseconds.
fn percentiles(times: &mut [Duration]) -> String {
    times.sort();
    let at = |percent: usize| {
        times
            .get(times.len() * percent / 100)
            .map_or(0, Duration::as_millis)
    };
    format!("{}, {}", at(50), at(95))
}

/// What became of one document.
struct Read {
    time: Duration,
    indicators: u64,
}

/// A running server and what is needed to ask it.
struct Process {
    child: Child,
    // Its data goes with it.
    _data: tempfile::TempDir,
}

impl Drop for Process {
    fn drop(&mut self) {
        // A request to end, so that its private Postgres ends as well.
        let process = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(process, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}

#[derive(Clone)]
struct Server {
    base: String,
    token: String,
    client: reqwest::Client,
    _process: std::sync::Arc<Process>,
}

impl Server {
    async fn start() -> Result<Self, Failed> {
        let data = tempfile::tempdir()?;
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let child = Command::new(env!("CARGO_BIN_EXE_iocsift"))
            .args(["serve", "--listen", &address.to_string(), "--log", "error"])
            .args([
                "--token-per-minute",
                "0",
                "--submissions-per-hour",
                "0",
                "--anonymous-per-minute",
                "0",
            ])
            .arg("--data-dir")
            .arg(data.path())
            .env_remove("DATABASE_URL")
            .stdout(Stdio::null())
            .spawn()?;
        let admin = data.path().join("first-admin.json");
        let process = Process { child, _data: data };
        let client = reqwest::Client::new();
        let base = format!("http://{address}");
        let began = Instant::now();
        while client.get(format!("{base}/readyz")).send().await.is_err() || !admin.exists() {
            if began.elapsed() > START {
                return Err("the server does not start".into());
            }
            tokio::time::sleep(POLL).await;
        }
        let admin: Value = serde_json::from_slice(&std::fs::read(admin)?)?;
        let token = admin["token"]
            .as_str()
            .ok_or("the first administrator has no token")?
            .to_owned();
        Ok(Self {
            base,
            token,
            client,
            _process: std::sync::Arc::new(process),
        })
    }

    /// Hands in `document` and asks every `poll` until it is read.
    async fn read(&self, document: Document, poll: Duration) -> Result<Read, Failed> {
        let began = Instant::now();
        let mut form = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\r\n",
            document.name
        )
        .into_bytes();
        form.extend(document.bytes);
        form.extend(format!("\r\n--{BOUNDARY}--\r\n").into_bytes());
        let request = self
            .client
            .post(format!("{}/api/submissions/file", self.base))
            .header(
                "Content-Type",
                format!("multipart/form-data; boundary={BOUNDARY}"),
            )
            .body(form);
        let created = self.json(request).await?;
        let id = created["id"]
            .as_str()
            .ok_or_else(|| format!("no id in {created}"))?;
        loop {
            let request = self
                .client
                .get(format!("{}/api/submissions/{id}", self.base));
            let submission = self.json(request).await?;
            match submission["status"].as_str() {
                Some("completed") => {
                    return Ok(Read {
                        time: began.elapsed(),
                        indicators: submission["ioc_count"].as_u64().unwrap_or(0),
                    });
                }
                Some("failed") | None => return Err(submission.to_string().into()),
                Some(_) => tokio::time::sleep(poll).await,
            }
        }
    }

    async fn json(&self, request: reqwest::RequestBuilder) -> Result<Value, Failed> {
        let answer = request.bearer_auth(&self.token).send().await?;
        let status = answer.status();
        let body = answer.bytes().await?;
        if !status.is_success() {
            return Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into());
        }
        Ok(serde_json::from_slice(&body)?)
    }
}
