//! What of a program is where in memory, and what it refers to. In: its bytes. Out: bytes by their address, and the
//! references to everything that may be a string.

use std::ops::Range;

use object::read::macho::{FatArch as _, MachOFatFile32, MachOFatFile64};
use object::{Architecture, File, Object as _, ObjectSegment as _, RelocationTarget};

use super::Reference;
use super::machine::{arm, intel};

/// So many segments of a program are looked at, and so many programs of one file. None has as many.
const MOST: usize = 64;

/// One program, for one processor.
pub(super) struct Image<'b> {
    segments: Vec<Segment<'b>>,
    architecture: Architecture,
    /// Pointers that are filled in when the program is loaded: where, and to what.
    pointers: Vec<(u64, u64)>,
}

/// Bytes that are in memory at an address.
struct Segment<'b> {
    address: u64,
    bytes: &'b [u8],
}

/// The programs in a file; none where it only begins like one.
pub(super) fn images(bytes: &[u8]) -> Vec<Image<'_>> {
    parts(bytes).into_iter().take(MOST).filter_map(Image::new).collect()
}

/// A file of macOS may hold a program for each of several processors.
fn parts(bytes: &[u8]) -> Vec<&[u8]> {
    if let Ok(fat) = MachOFatFile32::parse(bytes) {
        return fat.arches().iter().filter_map(|part| part.data(bytes).ok()).collect();
    }
    if let Ok(fat) = MachOFatFile64::parse(bytes) {
        return fat.arches().iter().filter_map(|part| part.data(bytes).ok()).collect();
    }
    vec![bytes]
}

impl<'b> Image<'b> {
    fn new(bytes: &'b [u8]) -> Option<Self> {
        let file = File::parse(bytes).ok()?;
        let mut left = bytes.len();
        let mut segments = Vec::new();
        for segment in file.segments().take(MOST) {
            let Ok(bytes) = segment.data() else { continue };
            // Segments that lie over each other would be read again and again.
            let Some(rest) = left.checked_sub(bytes.len()) else { break };
            left = rest;
            segments.push(Segment { address: segment.address(), bytes });
        }
        let relocations = file.dynamic_relocations().into_iter().flatten();
        let absolute = relocations.filter(|(_, relocation)| relocation.target() == RelocationTarget::Absolute);
        let pointers = absolute.map(|(place, relocation)| (place, relocation.addend().cast_unsigned())).collect();
        Some(Self { segments, architecture: file.architecture(), pointers })
    }

    /// What is in memory from this address on.
    pub(super) fn at(&self, address: u64) -> Option<&'b [u8]> {
        self.segments.iter().find_map(|segment| {
            let offset = address.checked_sub(segment.address)?;
            segment.bytes.get(usize::try_from(offset).ok()?..).filter(|bytes| !bytes.is_empty())
        })
    }

    /// Calls `found` with whatever is referred to: by code first, then by data.
    pub(super) fn references(&self, mut found: impl FnMut(Reference)) {
        let range = self.range();
        for segment in &self.segments {
            match self.architecture {
                Architecture::X86_64 => intel(segment.bytes, segment.address, &mut found),
                Architecture::Aarch64 => arm(segment.bytes, segment.address, &mut found),
                _ => {}
            }
        }
        for segment in &self.segments {
            let words = segment.bytes.as_chunks::<8>().0;
            for pair in words.windows(2) {
                let [pointer, length] = [pair[0], pair[1]].map(u64::from_le_bytes);
                if range.contains(&pointer) {
                    found(Reference { target: pointer, lengths: [Some(length), None] });
                }
            }
        }
        for &(place, target) in &self.pointers {
            let length = self.at(place.wrapping_add(8)).and_then(<[u8]>::first_chunk::<8>);
            found(Reference { target, lengths: [length.map(|length| u64::from_le_bytes(*length)), None] });
        }
    }

    /// Between which addresses the program is.
    fn range(&self) -> Range<u64> {
        let start = self.segments.iter().map(|segment| segment.address).min();
        let end = self.segments.iter().map(|segment| segment.address.saturating_add(segment.bytes.len() as u64)).max();
        start.unwrap_or_default()..end.unwrap_or_default()
    }
}
