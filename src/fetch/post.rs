//! Bytes → URL, under the same [`Policy`] as what is fetched. Enter at [`Poster::post`].
//!
//! Redirects are never followed: what is sent is for the address that somebody wrote down, and for no other.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, redirect};

use super::{Policy, SystemResolver, chain, guarded, refusal};
use crate::submission::{Failure, FailureCode};

/// Bytes of an answer that are looked at.
const START: usize = 1024;

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The first bytes of the body.
    pub start: Vec<u8>,
}

/// Sends to URLs that the [`Policy`] allows.
#[derive(Debug, Clone)]
pub struct Poster {
    client: Result<Client, String>,
    policy: Arc<Policy>,
}

impl Poster {
    /// A poster that gives up a server after `time`, the look-up of its name included.
    #[must_use]
    pub fn new(policy: Policy, time: Duration) -> Self {
        let policy = Arc::new(policy);
        let client = guarded(&policy, time, SystemResolver)
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|error| chain(&error));
        Self { client, policy }
    }

    /// Sends `body` to `url`.
    ///
    /// # Errors
    /// Where there is no answer: a fact about the URL or its server, coarse enough that the service is no port scanner.
    pub async fn post(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
    ) -> Result<Answer, Failure> {
        let url = self.policy.check(url)?;
        let client = self
            .client
            .as_ref()
            .map_err(|defect| Failure::new(FailureCode::Internal, defect.clone()))?;
        let mut request = client.post(url).body(body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let mut response = request.send().await.map_err(|error| failure(&error))?;
        let mut start = Vec::new();
        // What the status says counts, also where the rest of the answer breaks off.
        while let Ok(Some(chunk)) = response.chunk().await {
            start.extend_from_slice(&chunk);
            if start.len() >= START {
                start.truncate(START);
                break;
            }
        }
        Ok(Answer {
            status: response.status().as_u16(),
            start,
        })
    }
}

fn failure(error: &reqwest::Error) -> Failure {
    if let Some(refused) = refusal(error) {
        return Failure::new(FailureCode::FetchRefused, refused.to_string());
    }
    tracing::debug!(error = chain(error), "nothing was sent");
    let (code, message) = if error.is_timeout() {
        (
            FailureCode::FetchTimeout,
            "the server did not answer in time",
        )
    } else if error.is_connect() {
        (
            FailureCode::FetchUnreachable,
            "the server cannot be reached",
        )
    } else {
        (
            FailureCode::FetchUnreachable,
            "the server broke off its answer or sent none that is valid HTTP",
        )
    };
    Failure::new(code, message)
}
