//! Whatever a reader answers to the service, what is believed of it holds together.

#![no_main]

libfuzzer_sys::fuzz_target!(|json: &[u8]| iocsift_fuzz::reply(json));
