//! Buffers that are used again. In: a length. Out: a buffer of that length with any bytes in it.
//!
//! Asking the system for fresh memory, and clearing it, costs as much as patching a small object.

use std::ops::{Deref, DerefMut};

/// So many bytes a thread keeps for later.
const KEPT: usize = 8 << 20;
/// So many buffers a thread keeps for later.
const KEPT_BUFFERS: usize = 32;
const SMALLEST: usize = 4 << 10;
/// Up to this length, buffers are a bit longer than asked for, so that they fit the next one too.
const ROUNDED: usize = 1 << 20;

/// Some bytes.
pub(super) struct Buffer {
    /// At least `length` bytes.
    bytes: Vec<u8>,
    length: usize,
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.length]
    }
}

/// The buffers that a thread has no use for right now.
#[derive(Default)]
pub(super) struct Buffers {
    spare: Vec<Vec<u8>>,
    bytes: usize,
}

impl Buffers {
    /// A buffer of this length.
    pub(super) fn take(&mut self, length: usize) -> Buffer {
        let bytes = match self.spare.iter().rposition(|spare| spare.len() >= length) {
            Some(place) => {
                // What was used last is in the cache.
                let spare = self.spare.remove(place);
                self.bytes -= spare.len();
                spare
            }
            None if length <= ROUNDED => vec![0; length.next_power_of_two().max(SMALLEST)],
            None => vec![0; length],
        };
        Buffer { bytes, length }
    }

    /// Takes a buffer back.
    pub(super) fn put(&mut self, buffer: Buffer) {
        let length = buffer.bytes.len();
        if self.spare.len() < KEPT_BUFFERS && self.bytes + length <= KEPT {
            self.bytes += length;
            self.spare.push(buffer.bytes);
        }
    }
}
