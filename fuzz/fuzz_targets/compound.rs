//! Old Office documents and Outlook messages of any streams are read.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| iocsift_fuzz::compound(input));
