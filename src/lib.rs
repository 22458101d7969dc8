//! iocsift turns threat reports into indicators of compromise.
//!
//! Bytes come in over HTTP, wait in Postgres, are read in a sandboxed child process, become text,
//! become indicators, and leave as JSON, CSV, STIX, ECS or MISP.
//!
//! The map, one line per room. Left may use right; `tests/house.rs` holds the arrows.
//!
//! | room | does | may use |
//! | --- | --- | --- |
//! | [`id`], [`format`](mod@format), [`indicator`], [`network`], [`submission`], `account` | the nouns, pure | each other |
//! | [`document`] | bytes → text with structure | nouns |
//! | [`extract`] | text → findings | nouns, `document`'s types, `lists` |
//! | [`analyze`] | bytes → [`analyze::Analysis`]: the product in one pure function | `document`, `extract` |
//! | [`export`] | findings → bytes | nouns |
//! | `fetch` | URL → bytes, safe against SSRF | nouns |
//! | `store` | Postgres, and nothing else knows SQL | nouns |
//! | `worker` | claims jobs, reads documents in a sandboxed child | `store`, `fetch`, `analyze` in the child |
//! | `http` | axum, and nothing else knows HTTP serving | `store`, `export`, nouns |
//! | `config`, `cli` | every setting; wiring | all |
//!
//! The engine (everything but `fetch`, `store`, `worker`, `http`, `config`, `cli`) compiles without
//! axum, sqlx, tokio and reqwest: build with `--no-default-features`.

pub mod analyze;
pub mod document;
pub mod export;
pub mod extract;
pub mod format;
pub mod id;
pub mod indicator;
pub mod network;
pub mod submission;

#[cfg(feature = "server")]
pub mod account;
#[cfg(feature = "server")]
pub mod cli;
#[cfg(feature = "server")]
pub mod config;
#[cfg(feature = "server")]
pub mod fetch;
#[cfg(feature = "server")]
pub mod http;
#[cfg(feature = "server")]
pub mod store;
#[cfg(feature = "server")]
pub mod worker;
