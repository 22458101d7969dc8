//! iocsift turns threat reports into indicators of compromise.
//!
//! # The engine as a library
//!
//! Text in, findings out, without a server:
//!
//! ```
//! use iocsift::document::Document;
//! use iocsift::extract::scan;
//! use iocsift::indicator::Kind;
//!
//! let document = Document {
//!     text: "The loader asks hxxps://bad[.]example[.]com/gate.php for its C2, 192.0.2[.]7.".into(),
//!     ..Document::default()
//! };
//! let found = scan(&document);
//!
//! let url = &found[0];
//! assert_eq!(url.kind, Kind::Url);
//! assert_eq!(url.value, "https://bad.example.com/gate.php");
//! assert_eq!(url.raw, "hxxps://bad[.]example[.]com/gate.php");
//! assert!(url.defanged);
//! assert_eq!((url.location.line, url.location.offset), (1, 16));
//!
//! let values: Vec<_> = found.iter().map(|finding| finding.value.as_str()).collect();
//! assert!(values.contains(&"bad.example.com") && values.contains(&"192.0.2.7"));
//! ```
//!
//! Bytes of any document in, and an export out:
//!
//! ```
//! # fn main() -> Result<(), iocsift::submission::Failure> {
//! use iocsift::analyze::analyze;
//! use iocsift::document::Limits;
//! use iocsift::export::{ExportFormat, Options, Report, render};
//!
//! let bytes = b"# A loader\n\nIt exploits CVE-2024-3400 and calls 198.51.100[.]7.\n";
//! let analysis = analyze(bytes, Some("report.md"), &Limits::default())?;
//! assert_eq!(analysis.title.as_deref(), Some("A loader"));
//!
//! let report = Report::of("report.md", bytes, analysis.findings, chrono::Utc::now());
//! let text = render(&report, ExportFormat::Text, Options::default());
//! assert_eq!(text, b"CVE-2024-3400\n198.51.100.7\n");
//! # Ok(())
//! # }
//! ```
//!
//! [`extract::refang`] gives the text itself with its indicators live. Whole programs are in `examples/`:
//! `findings` (of a text), `document` (of a file, as any export), `text` (how a document is read).
//!
//! Depend on it with `default-features = false`: the engine alone, bytes in and findings out, without axum,
//! sqlx, tokio or reqwest. The same input gives the same findings; nothing is fetched, stored or logged.
//! Readers of hostile formats run in the process that calls them: what a document may cost is bounded by
//! [`document::Limits`], a parser that dies is not. `iocsift extract` reads each in a locked child.
//!
//! # The service
//!
//! Bytes come in over HTTP, wait in Postgres, are read in a sandboxed child process, become text,
//! become indicators, and leave as JSON, CSV, STIX, ECS or MISP.
//!
//! The map, one line per room. Left may use right; `tests/house.rs` holds the arrows.
//!
//! | room | does | may use |
//! | --- | --- | --- |
//! | [`id`], [`format`](mod@format), [`indicator`], [`network`], [`submission`], `account`, `credential`, `webhook` | the nouns, pure | each other |
//! | [`document`] | bytes → text with structure | nouns |
//! | [`lists`] | list formats → matcher → hits | nouns |
//! | [`extract`] | text → findings | nouns, `document`'s types, the built-in `lists` |
//! | [`analyze`] | bytes → [`analyze::Analysis`]: the product in one pure function | `document`, `extract` |
//! | [`export`] | findings → bytes | nouns |
//! | `watch` | feeds, sitemaps → entries; robots.txt → what may be fetched | nouns, how `document` decodes XML |
//! | `fetch` | URL → bytes, safe against SSRF | nouns |
//! | `store` | Postgres, and nothing else knows SQL | nouns, the types of `lists` and `watch` |
//! | `catalogue` | the lists that this process knows, built anew when they change | `store`, `lists` |
//! | `worker` | claims jobs, reads documents in a sandboxed child, fetches lists, looks at watched pages | `store`, `fetch`, `lists`, `catalogue`, `watch`; `analyze` and the rules of `extract` for the child |
//! | `http` | axum, and nothing else knows HTTP serving | `store`, `export`, `lists`, `catalogue`, the words of `watch`, nouns |
//! | `config`, `cli` | every setting; wiring | all |
//!
//! The engine is everything but `account`, `credential`, `webhook`, `watch`, `fetch`, `store`, `catalogue`, `worker`, `http`, `config` and
//! `cli`.

pub mod analyze;
pub mod document;
pub mod export;
pub mod extract;
pub mod format;
pub mod id;
pub mod indicator;
pub mod lists;
pub mod network;
pub mod submission;

#[cfg(feature = "server")]
pub mod account;
#[cfg(feature = "server")]
pub mod catalogue;
#[cfg(feature = "server")]
pub mod cli;
#[cfg(feature = "server")]
pub mod config;
#[cfg(feature = "server")]
pub mod credential;
#[cfg(feature = "server")]
pub mod fetch;
#[cfg(feature = "server")]
pub mod http;
#[cfg(feature = "server")]
pub mod store;
#[cfg(feature = "server")]
pub mod watch;
#[cfg(feature = "server")]
pub mod webhook;
#[cfg(feature = "server")]
pub mod worker;
