//! The fetcher against real servers on loopback: 127.0.0.1 plays the public web, 127.0.0.2 the
//! private network that must never be reached.

use std::collections::HashMap;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use iocsift::fetch::{Fetcher, Limits, Policy};
use iocsift::submission::FailureCode;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const LIMITS: Limits = Limits {
    bytes: 64 << 10,
    time: Duration::from_secs(2),
};

/// Answers every request with what `answer` makes of its path; counts connections.
pub(crate) async fn serve(
    address: &str,
    answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((address, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let hits = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&hits);
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(converse(stream, Arc::clone(&answer)));
        }
    });
    (port, hits)
}

async fn converse(mut stream: TcpStream, answer: Arc<impl Fn(&str) -> Vec<u8>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).await.unwrap_or(0) == 0 {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let bytes = answer(head.split(' ').nth(1).unwrap());
    if bytes.is_empty() {
        // A server that takes the request and says nothing.
        std::future::pending::<()>().await;
    }
    let _ = stream.write_all(&bytes).await;
    let _ = stream.shutdown().await;
}

pub(crate) fn ok(body: &[u8]) -> Vec<u8> {
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend_from_slice(body);
    answer
}

fn redirect(to: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n").into_bytes()
}

fn policy() -> Policy {
    Policy {
        allow: vec!["127.0.0.1/32".parse().unwrap()],
        deny: Vec::new(),
    }
}

fn fetcher() -> Fetcher {
    Fetcher::new(policy(), LIMITS)
}

async fn code(fetcher: &Fetcher, url: &str) -> FailureCode {
    fetcher.get(url).await.expect_err(url).code
}

#[tokio::test]
async fn a_page_comes_back_whole_with_the_name_from_its_path() {
    let (port, _) = serve("127.0.0.1", |_| ok(b"<p>evil[.]example</p>")).await;
    let fetched = fetcher()
        .get(&format!("http://127.0.0.1:{port}/a/report.html?x=1"))
        .await
        .unwrap();
    assert_eq!(fetched.bytes, b"<p>evil[.]example</p>");
    assert_eq!(fetched.name.as_deref(), Some("report.html"));
}

#[tokio::test]
async fn no_redirect_leads_into_the_private_network() {
    let (private, hits) = serve("127.0.0.2", |_| ok(b"secret")).await;
    let (port, _) = serve("127.0.0.1", move |path| match path {
        "/literal" => redirect(&format!("http://127.0.0.2:{private}/")),
        "/short" => redirect("http://0x7f.2/"),
        "/scheme-relative" => redirect("//127.0.0.2/"),
        "/v6" => redirect(&format!("http://[::1]:{private}/")),
        "/name" => redirect("http://localhost/"),
        "/file" => redirect("file:///etc/passwd"),
        "/port" => redirect("http://example.com:22/"),
        "/loop" => redirect("/loop"),
        _ => ok(b"fine"),
    })
    .await;
    for path in [
        "literal",
        "short",
        "scheme-relative",
        "v6",
        "name",
        "port",
        "loop",
    ] {
        assert_eq!(
            code(&fetcher(), &format!("http://127.0.0.1:{port}/{path}")).await,
            FailureCode::FetchRefused,
            "{path}"
        );
    }
    assert!(
        fetcher()
            .get(&format!("http://127.0.0.1:{port}/file"))
            .await
            .is_err()
    );
    assert_eq!(hits.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn five_redirects_are_followed_and_a_sixth_is_not() {
    let (port, _) = serve("127.0.0.1", |path| {
        match path.trim_start_matches('/').parse::<u32>() {
            Ok(0) | Err(_) => ok(b"end"),
            Ok(left) => redirect(&format!("/{}", left - 1)),
        }
    })
    .await;
    assert_eq!(
        fetcher()
            .get(&format!("http://127.0.0.1:{port}/5"))
            .await
            .unwrap()
            .bytes,
        b"end"
    );
    assert_eq!(
        code(&fetcher(), &format!("http://127.0.0.1:{port}/6")).await,
        FailureCode::FetchRefused
    );
}

/// Answers each name with the next of its lists of addresses.
struct Stub(Mutex<HashMap<&'static str, Vec<Vec<&'static str>>>>);

impl Resolve for Stub {
    fn resolve(&self, name: Name) -> Resolving {
        let mut names = self.0.lock().unwrap();
        let answers = names.get_mut(name.as_str()).expect("a known name");
        let answer = if answers.len() > 1 {
            answers.remove(0)
        } else {
            answers[0].clone()
        };
        let addresses: Vec<_> = answer
            .iter()
            .map(|ip| SocketAddr::new(ip.parse().unwrap(), 0))
            .collect();
        Box::pin(async move { Ok(Box::new(addresses.into_iter()) as Addrs) })
    }
}

#[tokio::test]
async fn a_name_that_resolves_into_the_private_network_is_refused_at_each_connection() {
    let stub = Stub(Mutex::new(HashMap::from([
        ("private.example.com", vec![vec!["10.0.0.5"]]),
        ("mapped.example.com", vec![vec!["::ffff:127.0.0.1"]]),
        ("metadata.example.com", vec![vec!["169.254.169.254"]]),
        (
            "mixed.example.com",
            vec![vec!["93.184.216.34", "127.0.0.2"]],
        ),
        ("zero.example.com", vec![vec!["0.0.0.0"]]),
    ])));
    let fetcher = Fetcher::with_resolver(policy(), LIMITS, stub);
    for host in ["private", "mapped", "metadata", "mixed", "zero"] {
        assert_eq!(
            code(&fetcher, &format!("http://{host}.example.com/")).await,
            FailureCode::FetchRefused,
            "{host}"
        );
    }
}

#[tokio::test]
async fn an_answer_is_bounded_in_size_whatever_it_claims_and_however_it_is_packed() {
    let bomb = gzip_of_zeros(8 << 20);
    let (port, _) = serve("127.0.0.1", move |path| match path {
        "/claims" => b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n".to_vec(),
        "/endless" => {
            let mut answer = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
            answer.resize(answer.len() + (1 << 20), b'a');
            answer
        }
        _ => {
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
                bomb.len()
            );
            [head.into_bytes(), bomb.clone()].concat()
        }
    })
    .await;
    for path in ["claims", "endless", "bomb"] {
        assert_eq!(
            code(&fetcher(), &format!("http://127.0.0.1:{port}/{path}")).await,
            FailureCode::TooLarge,
            "{path}"
        );
    }
}

fn gzip_of_zeros(length: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![0; length]).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn each_way_of_failing_has_its_own_code() {
    let (port, _) = serve("127.0.0.1", |path| match path {
        "/silent" => Vec::new(),
        "/missing" => b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec(),
        "/broken" => b"what?\r\n\r\n".to_vec(),
        "/short" => b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort".to_vec(),
        _ => b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 3\r\n\r\nabc".to_vec(),
    })
    .await;
    for (path, expected) in [
        ("silent", FailureCode::FetchTimeout),
        ("missing", FailureCode::FetchStatus),
        ("broken", FailureCode::FetchUnreachable),
        ("short", FailureCode::FetchUnreachable),
        ("brotli", FailureCode::UnsupportedType),
    ] {
        assert_eq!(
            code(&fetcher(), &format!("http://127.0.0.1:{port}/{path}")).await,
            expected,
            "{path}"
        );
    }
    // Nobody listens on a port that was just given back.
    let free = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    assert_eq!(
        code(&fetcher(), &format!("http://127.0.0.1:{free}/")).await,
        FailureCode::FetchUnreachable
    );
}
