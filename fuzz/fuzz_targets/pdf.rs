//! A PDF of any objects is read.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| iocsift_fuzz::pdf(input));
