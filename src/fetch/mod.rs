//! URL → bytes, and bytes → URL, safe against server-side request forgery. Enter at [`Fetcher::get`] and [`Poster::post`].
//!
//! A URL is refused by its own shape, by each redirect it leads to, and by the addresses its name
//! resolves to at the moment of the connection. What a server answers is bounded in size and time.
//! This room never parses what it fetched.

mod address;
mod conditional;
mod policy;
mod post;

use std::error::Error as StdError;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::HeaderName;
use reqwest::redirect;
use reqwest::{Client, ClientBuilder, Response, StatusCode, header};

pub use self::conditional::{Known, Said, Version};
pub use self::policy::Policy;
pub use self::post::{Answer, Poster};
use crate::submission::{Failure, FailureCode};

/// Redirects followed before a chain is given up.
const MAX_REDIRECTS: usize = 5;
/// Time for name look-up, TCP and TLS.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// What is accepted, best first: reports are pages, PDFs and office documents.
const ACCEPT: &str = "text/html,application/pdf,application/xhtml+xml;q=0.9,text/*;q=0.9,*/*;q=0.5";
const USER_AGENT: &str = concat!("iocsift/", env!("CARGO_PKG_VERSION"));

/// Bounds of one fetch.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of the decoded body.
    pub bytes: u64,
    /// Time for the whole fetch, redirects included.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 10 << 20,
            time: Duration::from_secs(15),
        }
    }
}

/// What a server answered.
#[derive(Debug)]
pub struct Fetched {
    /// The decoded body.
    pub bytes: Vec<u8>,
    /// The last part of the final URL's path: a hint at what the bytes are.
    pub name: Option<String>,
}

/// Why a name or an address is out of bounds; found again in the source chain of a client error.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refused(String);

/// Fetches URLs that the [`Policy`] allows.
#[derive(Debug, Clone)]
pub struct Fetcher {
    /// The error is a sentence: a machine without trust anchors still serves uploads.
    client: Result<Client, String>,
    policy: Arc<Policy>,
    limits: Limits,
}

impl Fetcher {
    /// A fetcher that looks names up as the system does.
    #[must_use]
    pub fn new(policy: Policy, limits: Limits) -> Self {
        Self::with_resolver(policy, limits, SystemResolver)
    }

    /// A fetcher with its own name look-up; the policy is held against whatever it answers.
    pub fn with_resolver(policy: Policy, limits: Limits, resolver: impl Resolve + 'static) -> Self {
        let policy = Arc::new(policy);
        let client = client(&policy, limits, resolver).map_err(|error| {
            format!(
                "URLs cannot be fetched: {} (are the system's CA certificates installed?)",
                chain(&error)
            )
        });
        Self {
            client,
            policy,
            limits,
        }
    }

    /// The sentence to log at start where this fetcher cannot work.
    #[must_use]
    pub fn defect(&self) -> Option<&str> {
        self.client.as_ref().err().map(String::as_str)
    }

    /// Fetches `url`.
    ///
    /// # Errors
    /// A fact about the URL or its server, coarse enough that the service is no port scanner.
    pub async fn get(&self, url: &str) -> Result<Fetched, Failure> {
        let response = self.send(url, ACCEPT, &[]).await?;
        self.accept(&response)?;
        let name = response
            .url()
            .path_segments()
            .and_then(|mut parts| parts.next_back())
            .filter(|name| !name.is_empty());
        let name = name.map(str::to_owned);
        Ok(Fetched {
            bytes: self.body(response).await?,
            name,
        })
    }

    async fn send(
        &self,
        url: &str,
        accept: &str,
        headers: &[(HeaderName, &str)],
    ) -> Result<Response, Failure> {
        let url = self.policy.check(url)?;
        let client = self
            .client
            .as_ref()
            .map_err(|defect| Failure::new(FailureCode::Internal, defect.clone()))?;
        let mut request = client.get(url).header(header::ACCEPT, accept);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        request.send().await.map_err(|error| self.failure(&error))
    }

    /// Refuses an answer by its status and headers, before its body is read.
    fn accept(&self, response: &Response) -> Result<(), Failure> {
        let status = response.status();
        if status.is_redirection() || status == StatusCode::NO_CONTENT || !status.is_success() {
            let message = format!("the server answered with HTTP status {}", status.as_u16());
            return Err(Failure::new(FailureCode::FetchStatus, message));
        }
        if let Some(encoding) = response.headers().get(header::CONTENT_ENCODING) {
            let message = format!(
                "the server answered in an encoding that is not read: {}",
                encoding.to_str().unwrap_or("?")
            );
            return Err(Failure::new(FailureCode::UnsupportedType, message));
        }
        if response
            .content_length()
            .is_some_and(|length| length > self.limits.bytes)
        {
            return Err(self.too_large());
        }
        Ok(())
    }

    async fn body(&self, mut response: Response) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.failure(&error))?
        {
            if (bytes.len() + chunk.len()) as u64 > self.limits.bytes {
                return Err(self.too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    fn too_large(&self) -> Failure {
        let message = format!(
            "the answer is larger than the limit of {} bytes",
            self.limits.bytes
        );
        Failure::new(FailureCode::TooLarge, message)
    }

    fn failure(&self, error: &reqwest::Error) -> Failure {
        if let Some(refused) = refusal(error) {
            return Failure::new(FailureCode::FetchRefused, refused.to_string());
        }
        tracing::debug!(error = chain(error), "fetch failed");
        if error.is_timeout() {
            let message = format!(
                "the server did not answer within {} seconds",
                self.limits.time.as_secs()
            );
            return Failure::new(FailureCode::FetchTimeout, message);
        }
        if error.is_redirect() {
            let message = format!("the URL leads through more than {MAX_REDIRECTS} redirects");
            return Failure::new(FailureCode::FetchRefused, message);
        }
        if error.is_connect() {
            return Failure::new(
                FailureCode::FetchUnreachable,
                "the server cannot be reached",
            );
        }
        Failure::new(
            FailureCode::FetchUnreachable,
            "the server broke off its answer or sent none that is valid HTTP",
        )
    }
}

fn client(
    policy: &Arc<Policy>,
    limits: Limits,
    resolver: impl Resolve + 'static,
) -> reqwest::Result<Client> {
    let hops = Arc::clone(policy);
    let redirects = redirect::Policy::custom(move |attempt| {
        if attempt.previous().len() > MAX_REDIRECTS {
            return attempt.error("too many redirects");
        }
        match hops.check(attempt.url().as_str()) {
            Ok(_) => attempt.follow(),
            Err(failure) => attempt.error(Refused(failure.message)),
        }
    });
    guarded(policy, limits.time, resolver)
        .redirect(redirects)
        .build()
}

/// A client that reaches nothing but what the policy allows; what it does about redirects is to be said.
fn guarded(
    policy: &Arc<Policy>,
    time: Duration,
    resolver: impl Resolve + 'static,
) -> ClientBuilder {
    // Fails where the process has a provider already, which then serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .user_agent(USER_AGENT)
        .dns_resolver(Arc::new(Guard {
            policy: Arc::clone(policy),
            resolver,
        }))
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(time)
        // The store has HTTP/2 compiled in for its buckets; strangers are not offered it.
        .http1_only()
        // A pooled connection would skip the check of the address.
        .pool_max_idle_per_host(0)
        .referer(false)
}

/// Holds the policy against what a name resolves to. One bad address refuses the whole name: a
/// mixed answer is how rebinding starts.
struct Guard<R> {
    policy: Arc<Policy>,
    resolver: R,
}

impl<R: Resolve> Resolve for Guard<R> {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = Arc::clone(&self.policy);
        let answer = self.resolver.resolve(name);
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = tokio::time::timeout(CONNECT_TIMEOUT, answer)
                .await??
                .collect();
            match addresses
                .iter()
                .find(|address| !policy.allows(address.ip()))
            {
                Some(_) => Err(Refused(
                    "the URL leads to an address that must not be fetched from".to_owned(),
                )
                .into()),
                None => Ok(Box::new(addresses.into_iter()) as Addrs),
            }
        })
    }
}

/// Names as the system looks them up.
struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let addresses: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

fn refusal(error: &reqwest::Error) -> Option<&Refused> {
    let mut source = StdError::source(error);
    while let Some(inner) = source {
        if let Some(refused) = inner.downcast_ref() {
            return Some(refused);
        }
        source = inner.source();
    }
    None
}

/// An error with all its causes, for the operator's log.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    text
}
