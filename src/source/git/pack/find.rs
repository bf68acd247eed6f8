//! Single objects, by id. In: ids, best in the order of history, the youngest first. Out: their bytes.
//!
//! git stores what is older as a delta against what is younger. Who asks for the younger first finds the base of the
//! next one still at hand, so that nearly every object is made once here, too, as in `walk.rs`.

use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::OnceLock;

use super::Kind;
use super::file::{HEAD, Pack};
use super::header::{Header, Holds};
use super::inflate::{Inflater, most};
use super::loose;
use crate::model::SourceErrorKind;
use crate::unfold::delta::Delta;

/// A larger object is not made.
pub(super) const LARGEST: usize = 256 << 20;
/// Of the objects that were made last, a reader keeps so many bytes at hand, and of those before them as many.
const KEPT: usize = 16 << 20;
/// A base may be in another pack, whose base is in another one, and so on, so often.
const HOPS: usize = 16;
/// What a step along a delta chain counts, in bytes, so that a chain without end is given up.
const STEP: u64 = 64;

pub(super) const TOO_LARGE: Failure = Failure::limit("too large to be made");
pub(super) const TOO_MUCH: Failure = Failure::limit("the deltas around it take too long to follow");

/// Why an object is not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::source::git) struct Failure {
    pub kind: SourceErrorKind,
    pub cause: &'static str,
}

impl Failure {
    /// It is more than is read.
    pub(in crate::source::git) const fn limit(cause: &'static str) -> Self {
        Self { kind: SourceErrorKind::Limit, cause }
    }
}

/// It is damaged, or not there.
impl From<&'static str> for Failure {
    fn from(cause: &'static str) -> Self {
        Self { kind: SourceErrorKind::Corrupt, cause }
    }
}

/// An object, and what it is.
type Object = (Kind, Rc<Vec<u8>>);

/// The packs and folders of an object database, to find objects in.
pub(in crate::source::git) struct Finder {
    hash: usize,
    folders: Vec<PathBuf>,
    packs: Vec<Pack>,
    /// Opens the packs that are there now.
    open: Open,
    /// The packs that were there when an object was missing: `git gc` may have moved it.
    later: OnceLock<Vec<Pack>>,
}

/// Opens the packs of these folders, for ids of this length.
pub(super) type Open = fn(&[PathBuf], usize) -> Vec<Pack>;

impl Finder {
    pub(super) fn new(folders: Vec<PathBuf>, hash: usize, packs: Vec<Pack>, open: Open) -> Self {
        Self { hash, folders, packs, open, later: OnceLock::new() }
    }

    /// A reader that makes so many bytes of objects and deltas at most.
    pub(in crate::source::git) fn reader(&self, most: u64) -> Reader<'_> {
        Reader { finder: self, inflater: Inflater::new(), delta: Vec::new(), recent: Recent::default(), left: most }
    }

    /// Whether there is an object of this id; nothing of it is read.
    pub(in crate::source::git) fn has(&self, id: &[u8]) -> bool {
        let packed = |packs| Self::places(packs, id).next().is_some();
        packed(&self.packs) || loose::is_there(&self.folders, id) || packed(self.later())
    }

    /// The packs that hold an object, each with the object's offset in it.
    fn places<'p>(packs: &'p [Pack], id: &[u8]) -> impl Iterator<Item = (&'p Pack, u64)> {
        packs.iter().filter_map(move |pack| {
            let offset = pack.index.find(id).and_then(|place| pack.index.offset(place))?;
            (HEAD..pack.end()).contains(&offset).then_some((pack, offset))
        })
    }

    fn later(&self) -> &[Pack] {
        self.later.get_or_init(|| (self.open)(&self.folders, self.hash))
    }
}

/// Reads objects of a [`Finder`]; each thread has its own.
pub(in crate::source::git) struct Reader<'f> {
    finder: &'f Finder,
    inflater: Inflater,
    delta: Vec<u8>,
    recent: Recent,
    /// How many bytes may still be made.
    left: u64,
}

impl<'f> Reader<'f> {
    /// The bytes of a tree.
    ///
    /// # Errors
    ///
    /// If it is not there, is damaged or too large, or is no tree.
    pub(in crate::source::git) fn tree(&mut self, id: &[u8]) -> Result<Rc<Vec<u8>>, Failure> {
        match self.object(id)? {
            (Kind::Tree, bytes) => Ok(bytes),
            _ => Err("not a tree".into()),
        }
    }

    /// Any object, and what it is.
    ///
    /// # Errors
    ///
    /// If it is not there, is damaged or too large.
    pub(in crate::source::git) fn object(&mut self, id: &[u8]) -> Result<Object, Failure> {
        self.find(id, HOPS)
    }

    fn find(&mut self, id: &[u8], hops: usize) -> Result<Object, Failure> {
        let finder = self.finder;
        let mut failed = None;
        for (pack, offset) in Finder::places(&finder.packs, id) {
            match self.entry(pack, offset, hops) {
                Ok(object) => return Ok(object),
                Err(cause) => failed = Some(cause),
            }
        }
        if let Some((kind, bytes)) = loose::load(&finder.folders, id) {
            return Ok((kind, Rc::new(bytes)));
        }
        for (pack, offset) in Finder::places(finder.later(), id) {
            match self.entry(pack, offset, hops) {
                Ok(object) => return Ok(object),
                Err(cause) => failed = Some(cause),
            }
        }
        Err(failed.unwrap_or("missing".into()))
    }

    /// Makes the object of an entry: from its nearest base that is at hand, or from the root of its chain.
    fn entry(&mut self, pack: &'f Pack, offset: u64, hops: usize) -> Result<Object, Failure> {
        let key = |offset| (std::ptr::from_ref(pack) as usize, offset);
        let mut chain = Vec::new();
        let mut at = offset;
        let (kind, mut object) = loop {
            if let Some(found) = self.recent.get(key(at)) {
                break found;
            }
            self.spend(STEP)?;
            let bytes = pack.between(at, pack.end());
            let header = Header::read(bytes, self.finder.hash)?;
            let stream = bytes.get(header.stream..).unwrap_or_default();
            let base = match header.holds {
                Holds::Whole(kind) => {
                    let object = (kind, Rc::new(self.inflate(stream, header.size)?));
                    self.recent.put(key(at), &object);
                    break object;
                }
                Holds::Before(distance) => {
                    let base = at.checked_sub(distance).filter(|base| distance > 0 && *base >= HEAD);
                    Some(base.ok_or("its base would lie where no object begins")?)
                }
                Holds::Named(id) => match pack.index.find(id).and_then(|place| pack.index.offset(place)) {
                    Some(base) if (HEAD..pack.end()).contains(&base) => Some(base),
                    _ => None,
                },
            };
            chain.push((at, stream, header.size));
            match (base, header.holds) {
                (Some(base), _) => at = base,
                (None, Holds::Named(id)) if hops > 0 => break self.find(id, hops - 1)?,
                _ => return Err("its base cannot be found".into()),
            }
        };
        for (at, stream, size) in chain.into_iter().rev() {
            let delta = self.inflate(stream, size)?;
            object = Rc::new(self.apply(&object, &delta)?);
            self.delta = delta;
            self.recent.put(key(at), &(kind, Rc::clone(&object)));
        }
        Ok((kind, object))
    }

    fn inflate(&mut self, stream: &[u8], size: u64) -> Result<Vec<u8>, Failure> {
        if size > most(stream) {
            return Err("its stream is too short for what it claims to hold".into());
        }
        let length = usize::try_from(size).ok().filter(|length| *length <= LARGEST).ok_or(TOO_LARGE)?;
        self.spend(size)?;
        let mut bytes = std::mem::take(&mut self.delta);
        bytes.clear();
        bytes.resize(length, 0);
        self.inflater.fill(stream, &mut bytes)?;
        Ok(bytes)
    }

    fn apply(&mut self, base: &[u8], delta: &[u8]) -> Result<Vec<u8>, Failure> {
        let delta = Delta::read(delta, base.len())?;
        if delta.counted() != delta.size as u64 {
            return Err("its delta makes something else than it claims".into());
        }
        if delta.size > LARGEST {
            return Err(TOO_LARGE);
        }
        self.spend(delta.size as u64)?;
        let mut bytes = vec![0; delta.size];
        delta.apply(base, &mut bytes)?;
        Ok(bytes)
    }

    fn spend(&mut self, bytes: u64) -> Result<(), Failure> {
        self.left = self.left.checked_sub(bytes).ok_or(TOO_MUCH)?;
        Ok(())
    }
}

/// The objects that were made last.
#[derive(Default)]
struct Recent {
    young: HashMap<(usize, u64), Object>,
    old: HashMap<(usize, u64), Object>,
    /// The bytes of the young ones.
    bytes: usize,
}

impl Recent {
    fn get(&mut self, key: (usize, u64)) -> Option<Object> {
        if let Some(object) = self.young.get(&key) {
            return Some(object.clone());
        }
        let object = self.old.remove(&key)?;
        self.put(key, &object);
        Some(object)
    }

    fn put(&mut self, key: (usize, u64), object: &Object) {
        self.bytes += object.1.len();
        self.young.insert(key, object.clone());
        if self.bytes > KEPT {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
    }
}
