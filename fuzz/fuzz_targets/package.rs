//! Office and e-book packages of any parts are read.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| iocsift_fuzz::package(input));
