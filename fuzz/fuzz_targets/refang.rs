//! Refanging any text changes defanged indicators and nothing else.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| iocsift_fuzz::refang(text));
