//! Every setting of the server, its unit and its default.

use std::time::Duration;

use crate::network::Network;

/// How the server behaves. [`Default`] is a sound public instance behind a TLS proxy.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Largest file or pasted text, in bytes; more is 413. Default 10 MiB.
    pub max_upload_bytes: usize,
    /// Largest list that is uploaded, in bytes; more is 413. Default 64 MiB.
    pub max_list_bytes: usize,
    /// How long a completed fetch of a URL answers for the same URL again. Default one hour.
    pub url_fresh_for: Duration,
    /// Whether reading needs a token too. Default false: reads are public, writes never are.
    pub private_reads: bool,
    /// Whether the service is reached over HTTPS: session cookies are `Secure` and bound to the host,
    /// and answers carry HSTS. Default true; false only for plain HTTP on one's own machine.
    pub https: bool,
    /// How long a sign-in on the web page lasts. Default 14 days.
    pub session_lifetime: Duration,
    /// Origins (`https://host`) whose pages may read the API. Default none.
    pub cors_origins: Vec<String>,
    /// Networks of proxies whose `X-Forwarded-For` is believed. Default none.
    pub trusted_proxies: Vec<Network>,
    /// Requests a minute, and at once, from one address without a token; 0 is without limit. Default 300.
    pub anonymous_per_minute: u32,
    /// Requests a minute, and at once, for one token or account; 0 is without limit. Default 1,200.
    pub signed_per_minute: u32,
    /// Submissions an hour, and at once, for one account; 0 is without limit. Default 1,200.
    pub submissions_per_hour: u32,
    /// Sign-in attempts a minute, and at once, from one address; 0 is without limit. Default 20. One
    /// account from one address has a quarter of it in five minutes.
    pub logins_per_minute: u32,
    /// Look-ups a minute, and at once, from one address; 0 is without limit. Default 60.
    pub lookups_per_minute: u32,
    /// Look-ups a day, and at once, from one address; 0 is without limit. Default 1,000.
    pub lookups_per_day: u32,
    /// Jobs that may wait before new submissions are put off with 429. Default 10,000.
    pub queue_limit: i64,
    /// How long an answer may take; then 504. Default 30 s.
    pub request_timeout: Duration,
    /// How long the export of all indicators may take once it has begun; then it is cut off. Default one hour.
    pub export_timeout: Duration,
    /// Pages of such exports that are read from the database at once; the next ones wait. Default 4.
    pub export_pages_at_once: usize,
    /// How long a request with an upload may take; then 504. Default 90 s.
    pub upload_timeout: Duration,
    /// How long a client may pause inside a body; then 408. Default 10 s.
    pub body_idle_timeout: Duration,
    /// Uploads held in memory at once; the next ones wait. Default 16.
    pub uploads_at_once: usize,
    /// Bounds of connections.
    pub connections: Connections,
}

/// Bounds of connections, whatever is asked over them.
#[derive(Debug, Clone)]
pub struct Connections {
    /// Open at once; the next ones wait to be accepted. Default 4,096: a crowd that is slow on purpose holds each
    /// for `header_timeout`, and nobody else shall wait for that.
    pub at_once: usize,
    /// How long a connection may take to send a request head, or stay idle. Default 15 s.
    pub header_timeout: Duration,
    /// How long a client may take in nothing of its answer; then the connection is cut. Default 30 s.
    pub write_timeout: Duration,
    /// How long requests in flight may finish after shutdown began. Default 20 s.
    pub drain: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_upload_bytes: 10 << 20,
            max_list_bytes: 64 << 20,
            url_fresh_for: Duration::from_secs(3600),
            private_reads: false,
            https: true,
            session_lifetime: Duration::from_secs(14 * 24 * 3600),
            cors_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            anonymous_per_minute: 300,
            signed_per_minute: 1200,
            submissions_per_hour: 1200,
            logins_per_minute: 20,
            lookups_per_minute: 60,
            lookups_per_day: 1000,
            queue_limit: 10_000,
            request_timeout: Duration::from_secs(30),
            export_timeout: Duration::from_secs(3600),
            export_pages_at_once: 4,
            upload_timeout: Duration::from_secs(90),
            body_idle_timeout: Duration::from_secs(10),
            uploads_at_once: 16,
            connections: Connections::default(),
        }
    }
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            at_once: 4096,
            header_timeout: Duration::from_secs(15),
            write_timeout: Duration::from_secs(30),
            drain: Duration::from_secs(20),
        }
    }
}
