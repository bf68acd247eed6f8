//! Tests of the reader. In: packs made by `writer.rs`, by git2 and by git. Out: nothing, if all holds.

mod bounds;
mod damage;
mod files;
mod find;
mod packs;
mod same_as_git;
mod writer;

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::{Kind, MayHold, Objects, Taker};
use crate::model::{Body, ObjectId, SourceError, SourceErrorKind};

/// More than any test needs, unless it is about that.
const PLENTY: usize = 64 << 20;

/// What was shown and told.
#[derive(Debug, Default, PartialEq, Eq)]
struct Read {
    /// Each object, its bytes, and whether it came as a stream.
    objects: Vec<(ObjectId, Kind, Vec<u8>, bool)>,
    problems: Vec<SourceError>,
}

impl Read {
    fn from(objects: Objects) -> Self {
        Self::sifted(objects, &|_| true)
    }

    /// Objects in which nothing may be found have no bytes.
    fn sifted(objects: Objects, may_hold: MayHold<'_>) -> Self {
        let shown = Mutex::new(Vec::new());
        let told = Mutex::new(Vec::new());
        objects.read(Taker {
            may_hold,
            visit: &|object| {
                let (bytes, streamed) = match object.body {
                    Body::Whole(bytes) => (bytes.to_vec(), false),
                    Body::Stream(stream) => {
                        let mut bytes = Vec::new();
                        stream.read_to_end(&mut bytes).unwrap();
                        (bytes, true)
                    }
                    Body::Sifted(_) => (Vec::new(), false),
                };
                shown.lock().unwrap().push((object.id, object.kind, bytes, streamed));
            },
            problem: &|error| told.lock().unwrap().push(error),
        });
        let (mut objects, mut problems) = (shown.into_inner().unwrap(), told.into_inner().unwrap());
        objects.sort();
        problems.sort();
        Self { objects, problems }
    }

    /// Reads one pack, `p`.
    fn pack(files: (Vec<u8>, Vec<u8>)) -> Self {
        Self::packs(vec![files], PLENTY)
    }

    /// Reads packs `p`, `q`, `r`.
    fn packs(packs: Vec<(Vec<u8>, Vec<u8>)>, budget: usize) -> Self {
        let packs = ["p", "q", "r"].into_iter().zip(packs).map(|(name, (pack, index))| (name, pack, index));
        Self::from(Objects::held(packs.collect(), 20, budget))
    }

    /// The bytes of each object.
    fn bytes(&self) -> BTreeMap<ObjectId, &[u8]> {
        self.objects.iter().map(|(id, _, bytes, _)| (*id, bytes.as_slice())).collect()
    }

    /// The places and kinds of the problems.
    fn places(&self) -> Vec<(String, SourceErrorKind)> {
        let place = |error: &SourceError| String::from_utf8_lossy(error.place.as_bytes()).into_owned();
        self.problems.iter().map(|error| (place(error), error.kind)).collect()
    }

    #[track_caller]
    fn assert_sound(&self) {
        assert_eq!(self.problems, []);
    }
}

/// `length` bytes that do not compress well, another sequence for each seed.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    })
    .take(length)
    .collect()
}

/// Runs `work` in a pool of so many threads.
fn with_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}
