//! Receives webhooks on loopback, and answers as it is told.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What came in.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) enum Say {
    Status(u16),
    Redirect(String),
    /// The request is taken, and nothing is said.
    Nothing,
}

/// A receiver; it answers 204 where it was told nothing else.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    received: Arc<Mutex<Vec<Received>>>,
    answers: Arc<Mutex<VecDeque<Say>>>,
}

impl Receiver {
    pub(crate) async fn at(address: &str) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let receiver = Self {
            url: format!("http://{}/hook", listener.local_addr().unwrap()),
            received: Arc::default(),
            answers: Arc::default(),
        };
        let own = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(own.clone().converse(stream));
            }
        });
        receiver
    }

    pub(crate) async fn new() -> Self {
        Self::at("127.0.0.1").await
    }

    /// Answers the next requests so.
    pub(crate) fn says(&self, answers: impl IntoIterator<Item = Say>) {
        self.answers.lock().unwrap().extend(answers);
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Waits until so many requests came in.
    pub(crate) async fn has(&self, count: usize) -> Vec<Received> {
        while self.received().len() < count {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.received()
    }

    async fn converse(self, mut stream: TcpStream) {
        let mut bytes = Vec::new();
        let end = loop {
            let mut piece = [0; 4096];
            let read = stream.read(&mut piece).await.unwrap_or(0);
            if read == 0 {
                return;
            }
            bytes.extend_from_slice(&piece[..read]);
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let headers: HashMap<String, String> = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let length: usize = headers["content-length"].parse().unwrap();
        let mut body = bytes[end..].to_vec();
        while body.len() < length {
            let mut piece = [0; 4096];
            let read = stream.read(&mut piece).await.unwrap_or(0);
            if read == 0 {
                return;
            }
            body.extend_from_slice(&piece[..read]);
        }
        self.received
            .lock()
            .unwrap()
            .push(Received { headers, body });
        let say = self.answers.lock().unwrap().pop_front();
        let answer = match say.unwrap_or(Say::Status(204)) {
            Say::Status(204) => "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
            Say::Status(status) => {
                format!("HTTP/1.1 {status} Told\r\nContent-Length: 6\r\n\r\nso \0so")
            }
            Say::Redirect(to) => {
                format!("HTTP/1.1 307 Temporary\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
            }
            Say::Nothing => std::future::pending().await,
        };
        let _ = stream.write_all(answer.as_bytes()).await;
        let _ = stream.shutdown().await;
    }
}
