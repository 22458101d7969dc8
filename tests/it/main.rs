//! One binary for every test that needs Postgres: linking once is faster than linking often.

#![cfg(test)]

mod bombs;
mod custom;
mod docs;
mod doctor;
mod embedded;
mod extract;
mod faults;
mod fetch;
mod http;
mod lists;
mod ocr;
mod pipeline;
mod process;
mod receiver;
mod remark;
mod sandbox;
mod store;
mod support;
mod watches;
