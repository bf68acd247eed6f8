//! The bytes of a container, read forward once. In: a reader. Out: bytes, with a look ahead, and how many were taken.

use std::io::{self, BufRead, Read};

/// How far ahead can be looked.
pub(super) const AHEAD: usize = 64 << 10;

/// A reader with a look ahead, that knows where it stands. It ends where its reader fails, and remembers that.
pub(super) struct Input<'a> {
    reader: &'a mut dyn Read,
    buffer: Vec<u8>,
    at: usize,
    position: u64,
    failed: Option<io::Error>,
}

impl<'a> Input<'a> {
    pub(super) fn new(reader: &'a mut dyn Read) -> Self {
        Self { reader, buffer: Vec::new(), at: 0, position: 0, failed: None }
    }

    /// How many bytes were taken.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// At least the next `count` bytes, or all that are left; [`AHEAD`] at most.
    pub(super) fn peek(&mut self, count: usize) -> &[u8] {
        while self.buffer.len() - self.at < count && self.fill() {}
        &self.buffer[self.at..]
    }

    /// The next `N` bytes, taken; `None` if there are fewer.
    pub(super) fn take_array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let bytes = self.peek(N).first_chunk::<N>().copied()?;
        self.consume(N);
        Some(bytes)
    }

    /// The next `count` bytes, taken, of which the first `most` are kept; `None` if there are fewer than `count`.
    pub(super) fn take_bytes(&mut self, count: u64, most: usize) -> Option<Vec<u8>> {
        let mut kept = Vec::new();
        let keep = count.min(most as u64);
        // A vector grows without an error.
        let _ = self.by_ref().take(keep).read_to_end(&mut kept);
        (kept.len() as u64 == keep && self.skip(count - keep)).then_some(kept)
    }

    /// Leaves `count` bytes out; whether there were as many.
    pub(super) fn skip(&mut self, mut count: u64) -> bool {
        while count > 0 {
            let length = self.peek(1).len();
            if length == 0 {
                return false;
            }
            let step = length.min(usize::try_from(count).unwrap_or(usize::MAX));
            self.consume(step);
            count -= step as u64;
        }
        true
    }

    /// Gets more; whether there was more.
    fn fill(&mut self) -> bool {
        if self.failed.is_some() {
            return false;
        }
        if self.at == self.buffer.len() {
            self.buffer.clear();
            self.at = 0;
        } else if self.at > 0 {
            self.buffer.drain(..self.at);
            self.at = 0;
        }
        let length = self.buffer.len();
        self.buffer.resize(length + AHEAD, 0);
        let read = loop {
            match self.reader.read(&mut self.buffer[length..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failed = Some(error);
                    break 0;
                }
                Ok(read) => break read,
            }
        };
        self.buffer.truncate(length + read);
        read > 0
    }

    /// Why its reader failed, if it did.
    pub(super) fn into_failed(self) -> Option<io::Error> {
        self.failed
    }
}

impl Read for Input<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let ahead = self.peek(1);
        let count = ahead.len().min(out.len());
        out[..count].copy_from_slice(&ahead[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Input<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(self.peek(1))
    }

    fn consume(&mut self, count: usize) {
        let count = count.min(self.buffer.len() - self.at);
        self.at += count;
        self.position += count as u64;
    }
}
