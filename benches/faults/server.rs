//! A running server, and its answers with all that limits speak of.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Failed, PROGRAM};

/// A server that takes longer to start, or a document to be read, has failed.
const PATIENCE: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(20);

/// `iocsift serve` on a Postgres that outlives it. Killed when dropped.
pub(super) struct Server {
    child: Child,
    base: String,
    token: String,
    client: reqwest::Client,
}

/// One answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) began: Instant,
    pub(super) ended: Instant,
    /// 0 where there was none.
    pub(super) status: u16,
    /// It says when to try again.
    pub(super) again: bool,
    pub(super) body: Value,
}

impl Answer {
    pub(super) fn took(&self) -> Duration {
        self.ended - self.began
    }

    /// As asked.
    pub(super) fn is_good(&self) -> bool {
        matches!(self.status, 200 | 201)
    }

    /// 503 with a time to come back.
    pub(super) fn is_put_off(&self) -> bool {
        self.status == 503 && self.again
    }

    pub(super) fn id(&self) -> Result<String, Failed> {
        match self.body["id"].as_str() {
            Some(id) if self.is_good() => Ok(id.to_owned()),
            _ => Err(format!("{}: {}", self.status, self.body).into()),
        }
    }
}

impl Server {
    /// Starts one with its folder in `dir`.
    pub(super) async fn start(dir: &Path, database: &str, flags: &[&str]) -> Result<Self, Failed> {
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let child = Command::new(PROGRAM)
            .args(["serve", "--listen", &address.to_string(), "--log", "off"])
            .args(["--database-url", database, "--submissions-per-hour", "0"])
            .args(["--token-per-minute", "0", "--anonymous-per-minute", "0"])
            .arg("--data-dir")
            .arg(dir)
            .args(flags)
            .stdout(Stdio::null())
            .spawn()?;
        let mut server = Self {
            child,
            base: format!("http://{address}"),
            token: String::new(),
            client: reqwest::Client::new(),
        };
        let admin = dir.join("first-admin.json");
        let began = Instant::now();
        while !server.get("/readyz").await.is_good() || !admin.exists() {
            if began.elapsed() > PATIENCE {
                return Err("the server does not start".into());
            }
            tokio::time::sleep(POLL).await;
        }
        let admin: Value = serde_json::from_slice(&std::fs::read(admin)?)?;
        let token = admin["token"].as_str();
        server.token = token.ok_or("no token")?.to_owned();
        Ok(server)
    }

    pub(super) fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.ask(self.client.get(format!("{}{path}", self.base)))
            .await
    }

    pub(super) async fn submit(&self, text: &str) -> Answer {
        let url = format!("{}/api/submissions/text", self.base);
        let request = self.client.post(url);
        let request = request.header("content-type", "application/json");
        self.ask(request.body(json!({ "text": text }).to_string()))
            .await
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> Answer {
        let began = Instant::now();
        let mut answer = Answer {
            began,
            ended: began,
            status: 0,
            again: false,
            body: Value::Null,
        };
        if let Ok(response) = request.bearer_auth(&self.token).send().await {
            answer.status = response.status().as_u16();
            answer.again = response.headers().contains_key("retry-after");
            let bytes = response.bytes().await.unwrap_or_default();
            answer.body = serde_json::from_slice(&bytes).unwrap_or_default();
        }
        answer.ended = Instant::now();
        answer
    }

    /// The status in which the submission ends.
    pub(super) async fn ended(&self, id: &str) -> Result<String, Failed> {
        let began = Instant::now();
        loop {
            let answer = self.get(&format!("/api/submissions/{id}")).await;
            match answer.body["status"].as_str() {
                Some(status @ ("completed" | "failed")) => return Ok(status.to_owned()),
                _ if began.elapsed() > PATIENCE => {
                    return Err(format!("{id} comes to no end: {}", answer.body).into());
                }
                _ => tokio::time::sleep(POLL).await,
            }
        }
    }

    /// Memory that the process holds, in KiB.
    pub(super) fn memory(&self) -> Result<u64, Failed> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.ok_or("no VmRSS")?.trim().trim_end_matches(" kB");
        Ok(number.parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
