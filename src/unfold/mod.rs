//! Bytes → more bytes. In: the bytes of a content. Out: the text or the contents that they hold, and where each byte of
//! those came from.
//!
//! `container/` has compressed files and archives, with the limits on what they may unfold to. Text in UTF-16, as
//! PowerShell's `>` and registry exports write it, is in `utf16.rs`; other encodings belong here.

pub(crate) mod container;
mod utf16;

use crate::model::Layer;

/// A text in UTF-8 that a content holds in another form.
#[derive(Clone, Debug)]
pub(crate) struct Unfolded {
    /// The text.
    pub(crate) text: String,
    /// What was taken off.
    pub(crate) layer: Layer,
    /// How many bytes of the content come before the text: a byte order mark.
    before: u64,
}

/// The text that `bytes` hold, if that is in another encoding and they say so by a byte order mark.
pub(crate) fn unfold(bytes: &[u8]) -> Option<Unfolded> {
    utf16::decode(bytes)
}

impl Unfolded {
    /// Tells offsets of the content for offsets of the text.
    pub(crate) fn source_offsets(&self) -> SourceOffsets<'_> {
        SourceOffsets { unfolded: self, text: 0, source: self.before }
    }
}

/// Tells where bytes of an unfolded text stand in its content. Quick where offsets come in order.
#[derive(Debug)]
pub(crate) struct SourceOffsets<'a> {
    unfolded: &'a Unfolded,
    text: usize,
    source: u64,
}

impl SourceOffsets<'_> {
    /// Where in the content the character begins that begins at `offset` of the text.
    pub(crate) fn at(&mut self, offset: u64) -> u64 {
        let text = &self.unfolded.text;
        let offset = text.floor_char_boundary(usize::try_from(offset).unwrap_or(usize::MAX));
        if offset < self.text {
            (self.text, self.source) = (0, self.unfolded.before);
        }
        self.source += utf16::length(&text[self.text..offset]);
        self.text = offset;
        self.source
    }
}
