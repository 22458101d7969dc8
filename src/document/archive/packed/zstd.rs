//! Zstandard: frames behind each other, and what may be skipped between them.

use std::io::{self, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::MAX_WINDOW;
use super::streams::is_padding;

/// The frames of a file as one stream.
pub(super) struct Frames<'b> {
    decoder: FrameDecoder,
    rest: &'b [u8],
    open: bool,
}

impl<'b> Frames<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(u64::from(MAX_WINDOW));
        Self {
            decoder,
            rest: bytes,
            open: false,
        }
    }

    /// Begins the next frame; `false` at the end.
    fn next_frame(&mut self) -> io::Result<bool> {
        while !is_padding(self.rest) {
            match self.decoder.reset(&mut self.rest) {
                Ok(()) => {
                    self.open = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let length = usize::try_from(length).unwrap_or(usize::MAX);
                    self.rest = self.rest.get(length..).unwrap_or_default();
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(false)
    }
}

impl Read for Frames<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if self.open {
                let read = self.decoder.read(buffer)?;
                if read > 0 {
                    return Ok(read);
                }
                if !self.decoder.is_finished() {
                    let one = BlockDecodingStrategy::UptoBlocks(1);
                    let decoded = self.decoder.decode_blocks(&mut self.rest, one);
                    decoded.map_err(io::Error::other)?;
                    continue;
                }
                self.open = false;
            }
            if !self.next_frame()? {
                return Ok(0);
            }
        }
    }
}
