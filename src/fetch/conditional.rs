//! What is fetched again and again: it is sent only where it changed. Enter at [`Fetcher::get_unless_same`], or at
//! [`Fetcher::ask`] for all that a server says.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::{Response, StatusCode, header};

use super::Fetcher;
use crate::submission::Failure;

/// What a server called the version that is known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// Its `ETag`.
    pub etag: Option<&'a str>,
    /// Its `Last-Modified`.
    pub last_modified: Option<&'a str>,
}

/// A version that a server sent.
#[derive(Debug)]
pub struct Version {
    /// Where it was, behind all redirects.
    pub url: String,
    /// The decoded body.
    pub bytes: Vec<u8>,
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub last_modified: Option<String>,
}

/// What a server said of a page.
#[derive(Debug)]
pub enum Said {
    /// The version that is known is current.
    Same,
    /// There is a new one.
    New(Version),
    /// Neither: why, and for how long it wants to be left alone.
    Neither(Failure, Option<Duration>),
}

impl Fetcher {
    /// Fetches `url`; `None` where the server says that the version that is known is current.
    ///
    /// # Errors
    /// As [`Fetcher::get`].
    pub async fn get_unless_same(
        &self,
        url: &str,
        known: Known<'_>,
    ) -> Result<Option<Version>, Failure> {
        match self.ask(url, "*/*", known).await? {
            Said::Same => Ok(None),
            Said::New(version) => Ok(Some(version)),
            Said::Neither(failure, _) => Err(failure),
        }
    }

    /// Asks for `url` in the types of `accept`, best first.
    ///
    /// # Errors
    /// As [`Fetcher::get`], where the server did not answer, or with more than is taken.
    pub async fn ask(&self, url: &str, accept: &str, known: Known<'_>) -> Result<Said, Failure> {
        let asked = [
            (header::IF_NONE_MATCH, known.etag),
            (header::IF_MODIFIED_SINCE, known.last_modified),
        ];
        let asked: Vec<_> = asked
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        let response = self.send(url, accept, &asked).await?;
        if response.status() == StatusCode::NOT_MODIFIED && !asked.is_empty() {
            return Ok(Said::Same);
        }
        if let Err(failure) = self.accept(&response) {
            return Ok(Said::Neither(failure, retry_after(&response)));
        }
        let (etag, last_modified) = (
            text(&response, &header::ETAG),
            text(&response, &header::LAST_MODIFIED),
        );
        Ok(Said::New(Version {
            url: response.url().as_str().to_owned(),
            bytes: self.body(response).await?,
            etag,
            last_modified,
        }))
    }

    /// The status of `url`, and the first `most` bytes of what is there; the rest is not waited for.
    ///
    /// # Errors
    /// As [`Fetcher::get`], where the server did not answer.
    pub async fn start_of(&self, url: &str, most: usize) -> Result<(u16, Vec<u8>), Failure> {
        let mut response = self.send(url, "text/plain,*/*;q=0.5", &[]).await?;
        let mut start = Vec::new();
        while start.len() < most
            && let Some(chunk) = response
                .chunk()
                .await
                .map_err(|error| self.failure(&error))?
        {
            start.extend_from_slice(&chunk);
        }
        start.truncate(most);
        Ok((response.status().as_u16(), start))
    }
}

/// In seconds or as a date, as [RFC 9110](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3) has it.
fn retry_after(response: &Response) -> Option<Duration> {
    let value = text(response, &header::RETRY_AFTER)?;
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTime::parse_from_rfc2822(value.trim()).ok()?;
    (date.to_utc() - Utc::now()).to_std().ok()
}

fn text(response: &Response, name: &header::HeaderName) -> Option<String> {
    let value = response.headers().get(name)?;
    value.to_str().ok().map(str::to_owned)
}
