//! `Content`: an origin with its bytes.

use std::fmt;
use std::io::Read;

use super::Origin;

/// One thing to look at: where it is from, and its bytes.
#[derive(Debug)]
pub struct Content<'a> {
    /// Which thing this is.
    pub origin: Origin,
    /// What it holds.
    pub body: Body<'a>,
}

impl<'a> Content<'a> {
    /// A content that is in memory as a whole.
    pub fn whole(origin: Origin, bytes: &'a [u8]) -> Self {
        Self { origin, body: Body::Whole(bytes) }
    }

    /// A content that is too large for that.
    pub fn stream(origin: Origin, reader: &'a mut dyn Read) -> Self {
        Self { origin, body: Body::Stream(reader) }
    }
}

/// The bytes of a content: all of them, or a reader where they are too many to hold.
pub enum Body<'a> {
    /// All bytes.
    Whole(&'a [u8]),
    /// Bytes to be read once, in order, in windows.
    Stream(&'a mut dyn Read),
    /// So many bytes that were never put together, because [`Visitor::may_hold`](super::Visitor::may_hold) said of all
    /// excerpts of them that there is nothing to be found.
    Sifted(u64),
}

impl fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "Whole([{} bytes])", bytes.len()),
            Self::Stream(_) => f.write_str("Stream"),
            Self::Sifted(length) => write!(f, "Sifted([{length} bytes])"),
        }
    }
}
