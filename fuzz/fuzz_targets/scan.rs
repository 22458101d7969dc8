//! What is found in any text lies in it and holds together.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| iocsift_fuzz::scan(text));
