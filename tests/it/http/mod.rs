//! The real router on a real Postgres: requests in, answers out, jobs driven by single steps.

mod accounts;
mod answers;
mod changes;
mod choices;
mod everything;
mod exports;
mod extended;
mod false_positives;
mod feed;
mod indicators;
mod limits;
mod lists;
mod lookup;
mod misp;
mod openapi;
mod pages;
mod serving;
mod sources;
mod submissions;
mod taxii;
mod watches;
mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::request::Builder;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use iocsift::account::{Role, Scope, Secret, hash_password};
use iocsift::catalogue::{Catalogue, Keeper};
use iocsift::export::Producer;
use iocsift::format::Format;
use iocsift::http::{Extract, Extracted, Settings, State, router};
use iocsift::id::UserId;
use iocsift::indicator::{Finding, Flag, Kind, Location, Reason};
use iocsift::store::{Finished, Store};
use iocsift::submission::{Failure, FailureCode};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::support::Database;

/// A server with an administrator and a member, and a token of each.
struct Server {
    database: Database,
    router: Router,
    draining: CancellationToken,
    /// The lists; a step of it shows what changed.
    keeper: tokio::sync::Mutex<Keeper>,
    admin: String,
    member: String,
    member_id: UserId,
}

/// What came back.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .unwrap_or_else(|| panic!("no header {name}"))
            .to_str()
            .unwrap()
    }

    /// Checks that this is a problem with `status` and `code`, of the form that all have.
    #[track_caller]
    fn refuses(&self, status: u16, code: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        assert!(
            problem["detail"]
                .as_str()
                .is_some_and(|detail| detail.ends_with('.')),
            "{problem}"
        );
        assert!(problem["title"].is_string() && problem["type"].is_string());
        assert_eq!(
            status == 401,
            self.headers
                .get("www-authenticate")
                .is_some_and(|value| value == "Bearer")
        );
    }
}

/// Answers `/api/extract` in the place of the sandbox: one finding of a standard kind and one of an extended, or what the text asks for.
struct Reader;

impl Extract for Reader {
    fn extract(
        &self,
        bytes: Vec<u8>,
        name: Option<String>,
    ) -> BoxFuture<'_, Result<Extracted, Failure>> {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let answer = match text.as_str() {
            "locked" => Err(Failure::new(
                FailureCode::Encrypted,
                "The document needs a password.",
            )),
            "broken" => Err(Failure::new(FailureCode::Internal, "fork: no memory")),
            "panic" => panic!("a reader that panics"),
            _ => Ok(Extracted {
                format: Format::Text,
                title: name,
                summary: None,
                language: None,
                findings: vec![
                    finding(Kind::Ipv4, "192.0.2.1"),
                    finding(Kind::Cwe, "CWE-79"),
                ],
                warnings: Vec::new(),
                text,
            }),
        };
        async { answer }.boxed()
    }

    fn locks(&self) -> Vec<(&'static str, bool)> {
        vec![("landlock", false), ("seccomp", true)]
    }
}

impl Server {
    async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    async fn with(settings: Settings) -> Self {
        let database = Database::new().await;
        let draining = CancellationToken::new();
        let mut keeper = Keeper::new(database.store.clone(), None);
        keeper.look().await.unwrap();
        let catalogue = keeper.catalogue();
        let state = state(&database.store, settings, catalogue, draining.clone()).await;
        let router = router(state);
        let hash = hash_password("correct horse").unwrap();
        let store = &database.store;
        let admin = store
            .create_user("admin", &hash, Role::Admin)
            .await
            .unwrap()
            .unwrap();
        let member = store
            .create_user("member", &hash, Role::Member)
            .await
            .unwrap()
            .unwrap();
        let all = [Scope::Read, Scope::Write, Scope::Admin];
        let admin = token(&database, admin.id, &all, None).await;
        let (member_id, member) = (
            member.id,
            token(&database, member.id, &all[..2], None).await,
        );
        Self {
            database,
            router,
            draining,
            keeper: keeper.into(),
            admin,
            member,
            member_id,
        }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            body: to_bytes(body, usize::MAX).await.unwrap(),
        };
        assert!(
            answer.headers.contains_key("x-request-id"),
            "every answer has an id"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        answer
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path).body(Body::empty()).unwrap())
            .await
    }

    async fn get_as(&self, token: &str, path: &str) -> Answer {
        self.send(
            bearer(Method::GET, path, token)
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    /// A request with a JSON body; `null` sends none.
    async fn call(&self, token: &str, method: Method, path: &str, body: Value) -> Answer {
        let request = bearer(method, path, token);
        let request = match body {
            Value::Null => request.body(Body::empty()),
            body => request
                .header("content-type", "application/json")
                .body(body.to_string().into()),
        };
        self.send(request.unwrap()).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(&self.member, Method::POST, path, body).await
    }

    async fn upload(&self, name: &str, bytes: &[u8]) -> Answer {
        let body = form(&[("file", Some(name), bytes)]);
        self.send(upload_request(&self.member, body)).await
    }

    /// A pasted text of the member; its id.
    async fn paste(&self, text: &str) -> String {
        let answer = self
            .post("/api/submissions/text", json!({ "text": text }))
            .await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// Does the next job with this result.
    async fn work(&self, findings: Vec<Finding>) {
        let job = self
            .database
            .store
            .claim(Duration::from_secs(60))
            .await
            .unwrap()
            .expect("a job");
        let result = Finished {
            content_type: "text/plain".to_owned(),
            title: Some("A title".to_owned()),
            summary: Some("A summary.".to_owned()),
            language: Some("en-GB".to_owned()),
            text: "the scanned text".to_owned(),
            findings,
            warnings: Vec::new(),
            content: None,
        };
        assert!(self.database.store.finish(&job, result).await.unwrap());
    }

    /// A completed submission of the member that holds `findings`; its id.
    async fn report(&self, text: &str, findings: Vec<Finding>) -> String {
        let id = self.paste(text).await;
        self.work(findings).await;
        id
    }
}

/// What a server on this store has.
async fn state(
    store: &Store,
    settings: Settings,
    catalogue: Catalogue,
    draining: CancellationToken,
) -> State {
    let producer = store.producer().await.unwrap();
    let producer = Producer {
        id: producer.id,
        name: producer.name,
        created_at: producer.created_at,
    };
    let reader = Arc::new(Reader);
    State::new(
        store.clone(),
        settings,
        producer,
        reader,
        catalogue,
        draining,
    )
}

async fn token(
    database: &Database,
    user: UserId,
    scopes: &[Scope],
    expires_at: Option<DateTime<Utc>>,
) -> String {
    let secret = Secret::generate();
    let new = secret.to_store("test", scopes.to_vec(), expires_at);
    database.store.create_token(user, &new).await.unwrap();
    secret.reveal().to_owned()
}

fn request(method: Method, path: &str) -> Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", "ioc.example")
}

fn bearer(method: Method, path: &str, token: &str) -> Builder {
    request(method, path).header("authorization", format!("Bearer {token}"))
}

const BOUNDARY: &str = "the-boundary";

/// A multipart form of (name, file name, bytes).
fn form(parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file_name, bytes) in parts {
        let file_name = file_name.map_or(String::new(), |name| format!("; filename=\"{name}\""));
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file_name}\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

fn upload_request(token: &str, body: Vec<u8>) -> Request<Body> {
    bearer(Method::POST, "/api/submissions/file", token)
        .header(
            "content-type",
            format!("multipart/form-data; boundary={BOUNDARY}"),
        )
        .body(body.into())
        .unwrap()
}

fn finding(kind: Kind, value: &str) -> Finding {
    Finding {
        kind,
        value: value.to_owned(),
        raw: value.to_owned(),
        defanged: false,
        location: Location {
            line: 1,
            length: value.len() as u64,
            ..Location::default()
        },
        occurrences: 1,
        context: format!("C2 server {value} seen"),
        description: Some("C2 server".to_owned()),
        flags: Vec::new(),
        confidence: 90,
        evidence: vec![Reason::CalledMalicious.into()],
    }
}

fn flagged(kind: Kind, value: &str) -> Finding {
    let flag = Flag {
        reason: "documentation address".to_owned(),
        list: "reserved-ranges".to_owned(),
    };
    Finding {
        flags: vec![flag],
        ..finding(kind, value)
    }
}
