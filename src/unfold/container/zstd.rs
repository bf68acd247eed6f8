//! zstd → what was compressed. In: frames, one after the other. Out: their bytes.

use std::io::{self, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::input::Input;
use super::limits::WINDOW;

/// The frames of a zstd file, one after the other.
pub(super) struct Frames<'i, 'r> {
    input: &'i mut Input<'r>,
    decoder: Box<FrameDecoder>,
    /// Whether a frame is open.
    open: bool,
}

impl<'i, 'r> Frames<'i, 'r> {
    pub(super) fn new(input: &'i mut Input<'r>) -> Self {
        let mut decoder = Box::new(FrameDecoder::new());
        decoder.set_max_window_size(WINDOW);
        Self { input, decoder, open: false }
    }

    /// Opens the next frame; `false` if none follows.
    fn next(&mut self) -> io::Result<bool> {
        while begins(self.input.peek(4)) {
            match self.decoder.init(&mut *self.input) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    self.input.skip(u64::from(length));
                }
                Err(error @ FrameDecoderError::WindowSizeTooBig { .. }) => {
                    return Err(io::Error::new(io::ErrorKind::OutOfMemory, error));
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(false)
    }

    fn check(&self) -> io::Result<()> {
        match (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum()) {
            (Some(said), Some(made)) if said != made => Err(io::Error::other("its checksum is wrong")),
            _ => Ok(()),
        }
    }
}

/// Whether a frame begins like this, one to be left out included.
pub(super) fn begins(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x28\xb5\x2f\xfd") || matches!(bytes, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

impl Read for Frames<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            if self.open && self.decoder.can_collect() > 0 {
                return self.decoder.read(out);
            }
            if self.open && !self.decoder.is_finished() {
                let blocks = BlockDecodingStrategy::UptoBlocks(1);
                self.decoder.decode_blocks(&mut *self.input, blocks).map_err(io::Error::other)?;
                continue;
            }
            if self.open {
                self.check()?;
            }
            self.open = self.next()?;
            if !self.open {
                return Ok(0);
            }
        }
    }
}
