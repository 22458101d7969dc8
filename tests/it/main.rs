//! One binary for every test that needs Postgres: linking once is faster than linking often.

mod bombs;
mod docs;
mod embedded;
mod faults;
mod fetch;
mod process;
mod sandbox;
mod store;
mod support;
