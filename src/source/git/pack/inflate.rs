//! Inflates zlib streams. In: the stream. Out: its bytes: at once where their number is known and small, else as a reader.

use std::io::{self, BufRead, Read};

use flate2::{Decompress, FlushDecompress, Status};
use libdeflater::{DecompressionError, Decompressor};

/// A zlib stream expands by this factor at most: a length of 258 takes two bits or more.
const EXPANSION: u64 = 1032;

/// The most that `stream` can hold.
pub(super) fn most(stream: &[u8]) -> u64 {
    (stream.len() as u64).saturating_mul(EXPANSION)
}

/// Inflates streams whose length is known.
pub(super) struct Inflater(Decompressor);

impl Inflater {
    pub(super) fn new() -> Self {
        Self(Decompressor::new())
    }

    /// Fills `out`, which must be exactly as long as what the stream holds; what follows the stream does not count.
    pub(super) fn fill(&mut self, stream: &[u8], out: &mut [u8]) -> Result<(), &'static str> {
        match self.0.zlib_decompress(stream, out) {
            Ok(length) if length == out.len() => Ok(()),
            Ok(_) => Err("its stream holds less than it claims"),
            Err(DecompressionError::InsufficientSpace) => Err("its stream holds more than it claims"),
            Err(DecompressionError::BadData) => Err("its stream is damaged"),
        }
    }
}

/// Inflates streams of any length, in as many steps as its reader likes.
///
/// It ends where the stream is damaged; [`Stream::finish`] tells.
pub(super) struct Stream<'s, R> {
    input: R,
    state: &'s mut Decompress,
    made: u64,
    ended: bool,
    failed: Option<String>,
}

impl<'s, R: BufRead> Stream<'s, R> {
    /// Begins a stream; `state` is only there to be used again.
    pub(super) fn new(input: R, state: &'s mut Decompress) -> Self {
        state.reset(true);
        Self { input, state, made: 0, ended: false, failed: None }
    }

    /// Reads on to the end of the stream, and says whether it was sound and held `size` bytes. With `alone`, nothing
    /// may follow it.
    pub(super) fn finish(&mut self, size: u64, alone: bool) -> Result<(), String> {
        io::copy(self, &mut io::sink()).map_err(|error| error.to_string())?;
        if let Some(cause) = self.failed.take() {
            return Err(cause);
        }
        if self.made != size {
            return Err(format!("its stream holds {} bytes, and it claims {size}", self.made));
        }
        if alone && !self.input.fill_buf().map_err(|error| error.to_string())?.is_empty() {
            return Err("something follows its stream".to_owned());
        }
        Ok(())
    }

    fn step(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let input = self.input.fill_buf()?;
        let none_left = input.is_empty();
        let (read_before, made_before) = (self.state.total_in(), self.state.total_out());
        let status = self.state.decompress(input, out, FlushDecompress::None);
        let read = usize::try_from(self.state.total_in() - read_before).unwrap_or(usize::MAX);
        let made = usize::try_from(self.state.total_out() - made_before).unwrap_or(usize::MAX);
        self.input.consume(read);
        self.made += made as u64;
        match status {
            Ok(Status::StreamEnd) => self.ended = true,
            Ok(_) if made == 0 && none_left => self.failed = Some("its stream is cut short".to_owned()),
            Ok(_) => {}
            Err(_) => self.failed = Some("its stream is damaged".to_owned()),
        }
        Ok(made)
    }
}

impl<R: BufRead> Read for Stream<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while !self.ended && self.failed.is_none() && !out.is_empty() {
            match self.step(out) {
                Ok(0) => {}
                Ok(made) => return Ok(made),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.failed = Some(error.to_string()),
            }
        }
        Ok(0)
    }
}
