//! git's packs and bundles, where they lie about as files → their objects. In: a pack, or a bundle, which is a pack with
//! the names of its refs before it. Out: every blob, commit and tag.
//!
//! Read forward, without an index: what deltas build on is kept at hand as far as that is granted. (The packs of a
//! repository are read by `source/git/pack`.)

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::io::{self, Read};
use std::rc::Rc;

use flate2::bufread::ZlibDecoder;
use sha1::{Digest as _, Sha1};

use super::input::Input;
use super::{PathBytes, Unfolding};
use crate::unfold::delta::Delta;

/// How packs and bundles begin.
pub(super) const MARKS: [&[u8]; 4] = [b"PACK\0\0\0\x02", b"PACK\0\0\0\x03", b"# v2 git bundle\n", b"# v3 git bundle\n"];
/// A longer object is shown as it comes, and nothing builds on it.
const LARGEST: u64 = 16 << 20;
/// So many bytes of objects are kept at hand.
const KEPT: usize = 64 << 20;

const NOT_AT_HAND: &str = "delta against something that is not at hand";

type Id = [u8; 20];

/// What an object is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Commit,
    Tree,
    Blob,
    Tag,
}

/// What deltas may build on.
#[derive(Default)]
struct Made {
    /// By where it stands in the pack.
    objects: BTreeMap<u64, (Kind, Rc<[u8]>)>,
    places: BTreeMap<Id, u64>,
    /// Oldest first.
    order: VecDeque<(u64, Id)>,
    bytes: usize,
}

impl Made {
    fn add(&mut self, place: u64, id: Id, kind: Kind, bytes: Rc<[u8]>) {
        self.bytes += bytes.len();
        self.objects.insert(place, (kind, bytes));
        self.places.insert(id, place);
        self.order.push_back((place, id));
        while self.bytes > KEPT
            && let Some((place, id)) = self.order.pop_front()
        {
            self.bytes -= self.objects.remove(&place).map_or(0, |(_, bytes)| bytes.len());
            self.places.remove(&id);
        }
    }
}

/// Shows every object but trees.
pub(super) fn read(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
    if input.peek(1).starts_with(b"#") && !pass_over_refs(input) {
        return unfolding.damaged(None, "it ends before its pack");
    }
    let start = input.position();
    let Some(head) = input.take_array::<12>() else { return unfolding.damaged(None, "its header is damaged") };
    let count = u32::from_be_bytes([head[8], head[9], head[10], head[11]]);
    let mut made = Made::default();
    for _ in 0..count {
        if unfolding.is_spent() {
            return;
        }
        let place = input.position() - start;
        if let Err(cause) = object(input, unfolding, &mut made, place) {
            let cause = format!("its object at byte {place} is damaged ({cause}); the rest was not unfolded");
            return unfolding.damaged(None, &cause);
        }
    }
    unfolding.covers(start..input.position());
}

/// Goes on behind the empty line that ends the refs of a bundle.
fn pass_over_refs(input: &mut Input<'_>) -> bool {
    let mut last = 0;
    while let Some([byte]) = input.take_array::<1>() {
        if last == b'\n' && byte == b'\n' {
            return input.peek(4).starts_with(b"PACK");
        }
        last = byte;
    }
    false
}

/// What the entry of an object says.
enum Entry {
    Whole(Kind),
    /// A delta against what stands so far before it.
    Before(u64),
    Against(Id),
}

fn object(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>, made: &mut Made, place: u64) -> io::Result<()> {
    let (entry, size) = entry(input).ok_or_else(|| io::Error::other("no such sort of object"))?;
    if let (Entry::Whole(kind), true) = (&entry, size > LARGEST) {
        let mut stream = ZlibDecoder::new(&mut *input);
        if *kind == Kind::Blob {
            unfolding.member(format!("blob at byte {place}").as_bytes(), &mut stream);
        }
        return io::copy(&mut stream, &mut io::sink()).map(drop);
    }
    let mut bytes = Vec::new();
    let mut stream = ZlibDecoder::new(&mut *input);
    stream.by_ref().take(LARGEST).read_to_end(&mut bytes)?;
    let too_long = io::copy(&mut stream, &mut io::sink())? > 0;
    let base = match entry {
        Entry::Whole(kind) => {
            show(unfolding, made, place, (kind, bytes));
            return Ok(());
        }
        Entry::Before(back) => place.checked_sub(back),
        Entry::Against(id) => made.places.get(&id).copied(),
    };
    let base = base.and_then(|base| made.objects.get(&base)).filter(|_| !too_long).cloned();
    let Some((kind, base)) = base else {
        let name = format!("delta at byte {place}");
        // What it puts in is in it.
        unfolding.member(name.as_bytes(), &mut bytes.as_slice());
        unfolding.skipped(Some(PathBytes::from(name.as_str())), NOT_AT_HAND);
        return Ok(());
    };
    let delta = Delta::read(&bytes, base.len()).map_err(io::Error::other)?;
    if delta.size as u64 > LARGEST {
        let name = format!("delta at byte {place}");
        unfolding.over_limit(Some(PathBytes::from(name.as_str())), "it makes more than 16 MiB");
        return Ok(());
    }
    let mut result = vec![0; delta.size];
    delta.apply(&base, &mut result).map_err(io::Error::other)?;
    show(unfolding, made, place, (kind, result));
    Ok(())
}

fn show(unfolding: &mut Unfolding<'_>, made: &mut Made, place: u64, (kind, bytes): (Kind, Vec<u8>)) {
    let word = match kind {
        Kind::Commit => "commit",
        Kind::Tree => "tree",
        Kind::Blob => "blob",
        Kind::Tag => "tag",
    };
    let id: Id = Sha1::new().chain_update(format!("{word} {}\0", bytes.len())).chain_update(&bytes).finalize().into();
    if kind != Kind::Tree {
        let mut name = format!("{word} ");
        for byte in id {
            // A string takes everything.
            let _ = write!(name, "{byte:02x}");
        }
        unfolding.member(name.as_bytes(), &mut bytes.as_slice());
    }
    made.add(place, id, kind, bytes.into());
}

/// Reads how an entry begins: what it is, and how long it claims to be.
fn entry(input: &mut Input<'_>) -> Option<(Entry, u64)> {
    let [first] = input.take_array()?;
    let (mut size, mut shift, mut byte) = (u64::from(first & 0x0f), 4, first);
    while byte & 0x80 != 0 {
        [byte] = input.take_array()?;
        size |= u64::from(byte & 0x7f).checked_shl(shift)?;
        shift += 7;
    }
    let entry = match first >> 4 & 7 {
        1 => Entry::Whole(Kind::Commit),
        2 => Entry::Whole(Kind::Tree),
        3 => Entry::Whole(Kind::Blob),
        4 => Entry::Whole(Kind::Tag),
        6 => {
            let [mut byte] = input.take_array()?;
            let mut back = u64::from(byte & 0x7f);
            while byte & 0x80 != 0 {
                [byte] = input.take_array()?;
                back = back.checked_add(1)?.checked_mul(128)? | u64::from(byte & 0x7f);
            }
            Entry::Before(back)
        }
        7 => Entry::Against(input.take_array()?),
        _ => return None,
    };
    Some((entry, size))
}
