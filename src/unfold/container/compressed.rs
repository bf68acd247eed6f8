//! Compressed contents → what was compressed. In: gzip, zlib, bzip2, zstd, xz, lzma, lz4. Out: one member without a
//! name.

use std::io::{self, BufRead as _, Read};
use std::ops::Range;

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;
use flate2::{Decompress, FlushDecompress, Status};
use lzma_rust2::{LzmaReader, XzReader};

use super::Unfolding;
use super::input::Input;
use super::limits::WINDOW_KIBIBYTES;
use super::zstd::Frames;

/// How gzip begins.
pub(super) const GZIP: &[u8] = b"\x1f\x8b\x08";

/// gzip, of any number of parts; they make one content, as for gzip itself.
pub(super) fn gzip(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
    let decoder = GzDecoder::new(&mut *input);
    // A name, a comment: they are no part of what is compressed.
    let start = decoder.get_ref().position();
    unfolding.member(b"", &mut Parts { decoder: Some(decoder) });
    unfolding.covers(start..input.position());
}

/// bzip2, likewise.
pub(super) fn bzip2(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
    unfolding.member(b"", &mut Parts { decoder: Some(BzDecoder::new(&mut *input)) });
    unfolding.covers(taken(input));
}

/// A bare zlib stream.
pub(super) fn zlib(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
    unfolding.member(b"", &mut Zlib { input, state: Decompress::new(true), ended: false });
    unfolding.covers(taken(input));
}

/// A zlib stream. One that just ends is damaged, which the decoder for readers does not tell.
struct Zlib<'i, 'r> {
    input: &'i mut Input<'r>,
    state: Decompress,
    ended: bool,
}

impl Read for Zlib<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        /// What is shorter may be a text that begins as a stream does.
        const SURELY: u64 = 32;
        while !self.ended && !out.is_empty() {
            let ahead = self.input.peek(1);
            let (at_end, taken, made) = (ahead.is_empty(), self.state.total_in(), self.state.total_out());
            let flush = if at_end { FlushDecompress::Finish } else { FlushDecompress::None };
            let status = self.state.decompress(ahead, out, flush);
            let taken = usize::try_from(self.state.total_in() - taken).unwrap_or(usize::MAX);
            self.input.consume(taken);
            let made = usize::try_from(self.state.total_out() - made).unwrap_or(out.len());
            match status {
                Ok(Status::StreamEnd) => self.ended = true,
                Err(_) => return Err(io::Error::new(io::ErrorKind::InvalidData, "corrupt deflate stream")),
                Ok(_) => {}
            }
            if made > 0 {
                return Ok(made);
            }
            if at_end && !self.ended {
                self.ended = true;
                let cause = "the stream ends too early";
                let is_one = self.state.total_in() >= SURELY;
                return if is_one { Err(io::Error::new(io::ErrorKind::UnexpectedEof, cause)) } else { Ok(0) };
            }
        }
        Ok(0)
    }
}

/// zstd.
pub(super) fn zstd(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
    unfolding.member(b"", &mut Frames::new(&mut *input));
    unfolding.covers(taken(input));
}

/// xz.
pub(super) fn xz(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
    unfolding.member(b"", &mut XzReader::new_mem_limit(&mut *input, true, WINDOW_KIBIBYTES));
    unfolding.covers(taken(input));
}

/// lzma, as it was before xz.
pub(super) fn lzma(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
    match LzmaReader::new_mem_limit(&mut *input, WINDOW_KIBIBYTES, None) {
        Ok(mut reader) => {
            unfolding.member(b"", &mut reader);
        }
        Err(error) => unfolding.failed(None, &error),
    }
    unfolding.covers(taken(input));
}

/// lz4.
#[cfg(feature = "containers-extra")]
pub(super) fn lz4(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
    unfolding.member(b"", &mut lz4_flex::frame::FrameDecoder::new(&mut *input));
    unfolding.covers(taken(input));
}

fn taken(input: &Input<'_>) -> Range<u64> {
    0..input.position()
}

/// A decoder of one part, of which several may follow each other.
trait Part<'i, 'r>: Read + Sized {
    /// How the next part begins.
    const BEGINNING: &'static [u8];
    fn open(input: &'i mut Input<'r>) -> Self;
    fn close(self) -> &'i mut Input<'r>;
}

impl<'i, 'r> Part<'i, 'r> for GzDecoder<&'i mut Input<'r>> {
    const BEGINNING: &'static [u8] = GZIP;
    fn open(input: &'i mut Input<'r>) -> Self {
        Self::new(input)
    }
    fn close(self) -> &'i mut Input<'r> {
        self.into_inner()
    }
}

impl<'i, 'r> Part<'i, 'r> for BzDecoder<&'i mut Input<'r>> {
    const BEGINNING: &'static [u8] = b"BZh";
    fn open(input: &'i mut Input<'r>) -> Self {
        Self::new(input)
    }
    fn close(self) -> &'i mut Input<'r> {
        self.into_inner()
    }
}

/// Parts, one after the other. What follows and is no part is padding, or no business of this format.
struct Parts<D> {
    decoder: Option<D>,
}

impl<'i, 'r: 'i, D: Part<'i, 'r>> Read for Parts<D> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while let Some(decoder) = &mut self.decoder {
            let read = decoder.read(out)?;
            if read > 0 || out.is_empty() {
                return Ok(read);
            }
            self.decoder = self.decoder.take().map(D::close).and_then(|input| {
                // Tapes are padded with zeros.
                while let [0, ..] = input.peek(1) {
                    input.consume(1);
                }
                input.peek(D::BEGINNING.len()).starts_with(D::BEGINNING).then(|| D::open(input))
            });
        }
        Ok(0)
    }
}
