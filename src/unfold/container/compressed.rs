//! Compressed contents → what was compressed. In: gzip, zlib. Out: one member without a name each.

use std::io::{self, BufRead as _, Read};

use flate2::bufread::{GzDecoder, ZlibDecoder};

use super::Unfolding;
use super::input::Input;

/// gzip, of any number of parts; they make one content, as for gzip itself.
pub(super) fn gzip(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
    let decoder = GzDecoder::new(&mut *input);
    // A name, a comment: they are no part of what is compressed.
    let start = decoder.get_ref().position();
    unfolding.member(b"", &mut GzipParts { decoder: Some(decoder) });
    unfolding.covers(start..input.position());
}

/// A bare zlib stream.
pub(super) fn zlib(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
    unfolding.member(b"", &mut ZlibDecoder::new(&mut *input));
    unfolding.covers(0..input.position());
}

/// The parts of a gzip file, one after the other. What follows and is no part is padding, or no business of gzip.
struct GzipParts<'i, 'r> {
    decoder: Option<GzDecoder<&'i mut Input<'r>>>,
}

impl Read for GzipParts<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while let Some(decoder) = &mut self.decoder {
            let read = decoder.read(out)?;
            if read > 0 || out.is_empty() {
                return Ok(read);
            }
            let input = self.decoder.take().map(GzDecoder::into_inner);
            self.decoder = input.and_then(|input| {
                // Tapes are padded with zeros.
                while let [0, ..] = input.peek(1) {
                    input.consume(1);
                }
                input.peek(3).starts_with(b"\x1f\x8b\x08").then(|| GzDecoder::new(input))
            });
        }
        Ok(0)
    }
}
