//! The real binary as a process: started as the README says, asked over HTTP, killed without mercy.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use serde_json::{Value, json};

/// How long anything may take on a busy machine before a test gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running `iocsift serve`. Killed when dropped.
pub(crate) struct Server {
    child: Child,
    base: String,
    token: String,
    client: reqwest::Client,
}

/// The binary under test with a clean environment.
pub(crate) fn iocsift() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_iocsift"));
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        // The bucket of `make s3`.
        .envs(std::env::vars().filter(|(name, _)| name.starts_with("AWS_")));
    command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .stdout(Stdio::piped());
    command
}

/// What a server says before its address.
const LISTENING: &str = "iocsift is listening on ";

/// `iocsift serve` on a free port with its data in `dir`.
fn serve(dir: &Path, log: &str) -> Command {
    let mut command = iocsift();
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--log", log])
        .arg("--data-dir")
        .arg(dir);
    command
}

/// Reads lines of a child's output until one starts with `prefix`; gives what follows it. The rest is
/// drained in the background, so that the child never blocks.
fn wait_for_line(child: &mut Child, prefix: &str) -> String {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let found = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix(prefix).map(str::to_owned));
    std::thread::spawn(move || lines.for_each(drop));
    found.unwrap_or_else(|| {
        panic!(
            "the child ended without saying {prefix:?}: {:?}",
            child.wait()
        )
    })
}

impl Server {
    /// Starts a server on a free port with its data in `dir`.
    pub(crate) fn start(dir: &Path, arguments: &[&str]) -> Self {
        Self::start_with(dir, arguments, &[])
    }

    /// Starts one with these variables in its environment.
    pub(crate) fn start_with(dir: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut child = serve(dir, "warn")
            .args(arguments)
            .envs(environment.iter().copied())
            .spawn()
            .unwrap();
        let base = wait_for_line(&mut child, LISTENING);
        Self::at(child, base, dir)
    }

    /// Starts one that may open so many files; with what it says in its log.
    pub(crate) fn start_with_files(
        files: usize,
        dir: &Path,
        arguments: &[&str],
    ) -> (Self, ChildStderr) {
        let serve = serve(dir, "warn");
        let mut child = Command::new("/bin/sh")
            .arg("-c")
            .arg(format!("ulimit -n {files}; exec \"$0\" \"$@\""))
            .arg(serve.get_program())
            .args(serve.get_args())
            .args(arguments)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = child.stderr.take().unwrap();
        let base = wait_for_line(&mut child, LISTENING);
        (Self::at(child, base, dir), log)
    }

    /// A connection on which nothing is said.
    pub(crate) fn silence(&self) -> std::io::Result<TcpStream> {
        TcpStream::connect(self.base.trim_start_matches("http://"))
    }

    /// Starts one whose log nobody reads, and whose output nobody reads on.
    pub(crate) fn start_unheard(dir: &Path) -> Self {
        let mut child = serve(dir, "debug").stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stderr.take());
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let base = line.trim_end().strip_prefix(LISTENING).unwrap().to_owned();
        Self::at(child, base, dir)
    }

    fn at(child: Child, base: String, dir: &Path) -> Self {
        // Fails where another test was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut server = Self {
            child,
            base,
            token: String::new(),
            client: reqwest::Client::new(),
        };
        let admin: Value =
            serde_json::from_slice(&std::fs::read(dir.join("first-admin.json")).unwrap()).unwrap();
        server.token = admin["token"].as_str().unwrap().to_owned();
        server
    }

    /// Submits a text; its id, once the server has acknowledged it.
    pub(crate) async fn submit(&self, text: &str) -> String {
        self.create("text", &json!({ "text": text })).await
    }

    /// Submits a URL; its id, once the server has acknowledged it.
    pub(crate) async fn submit_url(&self, url: &str) -> String {
        self.create("url", &json!({ "url": url })).await
    }

    /// Submits a text to a server that may not live long enough to answer: its id, where it was acknowledged.
    pub(crate) async fn try_submit(&self, text: &str) -> Option<String> {
        self.try_create(text).await.ok()?.1["id"]
            .as_str()
            .map(str::to_owned)
    }

    /// Submits a text: the answer's status and body, or that there was none.
    pub(crate) async fn try_create(&self, text: &str) -> reqwest::Result<(u16, Value)> {
        Self::told(self.posting(text)).await
    }

    /// The same, under a name by which the request is known again.
    pub(crate) async fn try_create_as(
        &self,
        name: &str,
        text: &str,
    ) -> reqwest::Result<(u16, Value)> {
        Self::told(self.posting(text).header("idempotency-key", name)).await
    }

    fn posting(&self, text: &str) -> reqwest::RequestBuilder {
        self.client
            .post(format!("{}/api/submissions/text", self.base))
            .bearer_auth(&self.token)
            .header("content-type", "application/json")
            .body(json!({ "text": text }).to_string())
    }

    async fn told(request: reqwest::RequestBuilder) -> reqwest::Result<(u16, Value)> {
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or_default()))
    }

    async fn asked(&self, path: &str) -> reqwest::Response {
        let request = self.client.get(format!("{}{path}", self.base));
        request.bearer_auth(&self.token).send().await.unwrap()
    }

    /// `GET`: the answer's status, and whether it says when to try again.
    pub(crate) async fn look(&self, path: &str) -> (u16, bool) {
        let answer = self.asked(path).await;
        let again = answer.headers().contains_key("retry-after");
        (answer.status().as_u16(), again)
    }

    /// `DELETE`: the answer's status, where the server lived long enough to give one.
    pub(crate) async fn try_delete(&self, path: &str) -> Option<u16> {
        let request = self.client.delete(format!("{}{path}", self.base));
        let answer = request.bearer_auth(&self.token).send().await.ok()?;
        Some(answer.status().as_u16())
    }

    async fn create(&self, source: &str, body: &Value) -> String {
        let (status, answer) = self.post(&format!("/api/submissions/{source}"), body).await;
        assert_eq!(status, 201);
        answer["id"].as_str().unwrap().to_owned()
    }

    /// `POST` of JSON: the answer's status and body.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let answer = self
            .client
            .post(format!("{}{path}", self.base))
            .bearer_auth(&self.token)
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        (
            status,
            serde_json::from_str(&answer.text().await.unwrap()).unwrap(),
        )
    }

    /// Uploads a file; the answer's status and body.
    pub(crate) async fn upload(&self, name: &str, bytes: &[u8]) -> (u16, Value) {
        const BOUNDARY: &str = "boundary-of-the-test";
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        );
        let tail = format!("\r\n--{BOUNDARY}--\r\n");
        let answer = self
            .client
            .post(format!("{}/api/submissions/file", self.base))
            .bearer_auth(&self.token)
            .header(
                "content-type",
                format!("multipart/form-data; boundary={BOUNDARY}"),
            )
            .body([head.as_bytes(), bytes, tail.as_bytes()].concat())
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        (
            status,
            serde_json::from_str(&answer.text().await.unwrap()).unwrap(),
        )
    }

    /// Most memory the server process has held so far, in bytes; its readers are processes of their own.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
    }

    /// `GET` of a path that answers 200 with JSON.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.asked(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    /// The submission once it has come to its end.
    pub(crate) async fn ended(&self, id: &str) -> Value {
        let start = Instant::now();
        loop {
            let submission = self.get(&format!("/api/submissions/{id}")).await;
            if matches!(submission["status"].as_str(), Some("completed" | "failed")) {
                return submission;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "{id} is still {}",
                submission["status"]
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// `kill -9` of a server that others are still talking to.
    pub(crate) fn kill_now(&self) {
        signal(&self.child, Signal::KILL);
    }

    /// `kill -9`: no shutdown of any kind.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for the process to end by itself; whether it said that all was well.
    pub(crate) fn wait(mut self) -> bool {
        self.child.wait().unwrap().success()
    }

    /// SIGTERM.
    pub(crate) fn terminate(&self) {
        signal(&self.child, Signal::TERM);
    }
}

fn signal(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(child.id().try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A running `iocsift worker` on a database.
pub(crate) struct Worker(Child);

impl Worker {
    /// Starts a worker with short leases.
    pub(crate) fn start(database_url: &str) -> Self {
        let mut child = iocsift()
            .args([
                "worker",
                "--lease",
                "3",
                "--workers",
                "2",
                "--log",
                "warn",
                "--database-url",
                database_url,
            ])
            .spawn()
            .unwrap();
        wait_for_line(&mut child, "iocsift worker is waiting");
        Self(child)
    }

    /// Not dead, but without a sign of life until it is told to [`Self::go_on`].
    pub(crate) fn stop(&self) {
        signal(&self.0, Signal::STOP);
    }

    pub(crate) fn go_on(&self) {
        signal(&self.0, Signal::CONT);
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
