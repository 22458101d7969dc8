//! The `iocsift` binary.
fn main() {}
