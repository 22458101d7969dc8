//! The server of one list, asked politely: one request at a time, and again after the pause that it asks for.

use std::time::Duration;

use crate::fetch::{Fetcher, Known, Said, Version};
use crate::store::Validators;

use super::Content;

/// Longest pause that a server may ask for between two requests for one list.
const LONGEST_PAUSE: Duration = Duration::from_secs(120);
/// Times that it may ask for one before it is given up.
const MOST_PAUSES: usize = 20;

/// Who is asked for a list.
pub(super) struct Server {
    fetcher: Fetcher,
    pauses: usize,
}

impl Server {
    pub(super) fn new(fetcher: Fetcher) -> Self {
        Self { fetcher, pauses: 0 }
    }

    /// What is at `url`; `None` where it is what `known` names.
    pub(super) async fn get_unless_same(
        &mut self,
        url: &str,
        known: &Validators,
    ) -> Result<Option<Content>, String> {
        let version = self.fetcher.get_unless_same(url, known.into()).await;
        let version = version.map_err(|failure| failure.message)?;
        Ok(version.map(|version| Content {
            validators: Validators::from(&version),
            bytes: version.bytes,
        }))
    }

    /// One part of a list.
    pub(super) async fn get(&mut self, url: &str, accept: &str) -> Result<Version, String> {
        loop {
            let said = self.fetcher.ask(url, accept, Known::default()).await;
            match said.map_err(|failure| failure.message)? {
                Said::New(version) => return Ok(version),
                Said::Neither(_, Some(pause))
                    if pause <= LONGEST_PAUSE && self.pauses < MOST_PAUSES =>
                {
                    self.pauses += 1;
                    tokio::time::sleep(pause).await;
                }
                Said::Neither(failure, _) => return Err(failure.message),
                Said::Same => return Err("the server answered with HTTP status 304".to_owned()),
            }
        }
    }

    /// Holds what is kept of all parts against the limit for one list.
    pub(super) fn allows(&self, bytes: usize) -> Result<(), String> {
        let most = self.fetcher.limits().bytes;
        if bytes as u64 <= most {
            return Ok(());
        }
        Err(format!(
            "its parts come to more than the limit of {most} bytes"
        ))
    }
}
