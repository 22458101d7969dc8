//! gzip and bzip2: streams behind each other, and the zeros that tapes and disks pad a file with.

use std::io::{self, Read};

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;

/// A decoder of one stream, which leaves what stands behind it.
pub(super) trait Stream<'b>: Read {
    /// Begins the stream that `bytes` begin with.
    fn begin(&mut self, bytes: &'b [u8]);

    /// What was not taken yet.
    fn rest(&self) -> &'b [u8];
}

impl<'b> Stream<'b> for GzDecoder<&'b [u8]> {
    fn begin(&mut self, bytes: &'b [u8]) {
        self.reset(bytes);
    }

    fn rest(&self) -> &'b [u8] {
        self.get_ref()
    }
}

impl<'b> Stream<'b> for BzDecoder<&'b [u8]> {
    fn begin(&mut self, bytes: &'b [u8]) {
        *self = Self::new(bytes);
    }

    fn rest(&self) -> &'b [u8] {
        self.get_ref()
    }
}

/// The streams of a file as one.
pub(super) struct Streams<D>(pub(super) D);

impl<'b, D: Stream<'b>> Read for Streams<D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let read = self.0.read(buffer)?;
            let rest = self.0.rest();
            if read > 0 || is_padding(rest) {
                return Ok(read);
            }
            self.0.begin(rest);
        }
    }
}

/// Whether nothing but padding stands behind a stream.
pub(super) fn is_padding(rest: &[u8]) -> bool {
    rest.iter().all(|&byte| byte == 0)
}
