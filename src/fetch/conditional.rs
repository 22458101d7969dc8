//! What is fetched again and again: it is sent only where it changed. Enter at [`Fetcher::get_unless_same`].

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
    /// The decoded body.
    pub bytes: Vec<u8>,
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub last_modified: Option<String>,
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
        let asked = [
            (header::IF_NONE_MATCH, known.etag),
            (header::IF_MODIFIED_SINCE, known.last_modified),
        ];
        let asked: Vec<_> = asked
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        let response = self.send(url, "*/*", &asked).await?;
        if response.status() == StatusCode::NOT_MODIFIED && !asked.is_empty() {
            return Ok(None);
        }
        self.accept(&response)?;
        let (etag, last_modified) = (
            text(&response, &header::ETAG),
            text(&response, &header::LAST_MODIFIED),
        );
        Ok(Some(Version {
            bytes: self.body(response).await?,
            etag,
            last_modified,
        }))
    }
}

fn text(response: &Response, name: &header::HeaderName) -> Option<String> {
    let value = response.headers().get(name)?;
    value.to_str().ok().map(str::to_owned)
}
