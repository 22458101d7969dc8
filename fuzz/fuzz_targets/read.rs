//! Bytes of any text format become a document that keeps its promises.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| iocsift_fuzz::read(bytes));
