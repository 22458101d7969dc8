//! One binary for every test that needs Postgres: linking once is faster than linking often.

#![cfg(test)]

mod embedded;
mod store;
mod support;
