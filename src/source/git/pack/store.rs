//! The object database as a whole. In: its `objects` folder. Out: every object of it once.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use super::budget::{Budget, Work};
use super::file::Pack;
use super::find::Finder;
use super::later::Later;
use super::map::Bytes;
use super::sink::{Known, Sink};
use super::table::{Family, NONE, Table};
use super::walk::Pass;
use super::{Taker, folders, loose, thin};
use crate::model::SourceError;

/// What all threads together may hold of objects that others are made of.
const BUDGET: usize = 256 << 20;
/// So often a pack is looked for again that was listed and then gone.
const ROUNDS: usize = 8;

/// An object database: the packs and loose objects of a repository and of its alternates.
pub(in crate::source::git) struct Objects {
    /// The length of an id.
    hash: usize,
    budget: usize,
    folders: Vec<PathBuf>,
    packs: Vec<Pack>,
    opened: BTreeSet<PathBuf>,
    /// Packs that cannot be opened, and why.
    unopened: BTreeMap<PathBuf, SourceError>,
    problems: Vec<SourceError>,
}

impl Objects {
    /// Opens all packs of the folders `objects` and of their alternates. `hash` is the length of the repository's object
    /// ids in bytes: 20 for SHA-1, 32 for SHA-256.
    ///
    /// An opened pack stays readable when `git gc` deletes it. What cannot be opened is told by [`Objects::read`].
    pub(in crate::source::git) fn open(objects: &[impl AsRef<Path>], hash: usize) -> Self {
        let mut problems = Vec::new();
        let folders = folders::all(objects, &mut problems);
        let mut store = Self {
            hash: hash.clamp(20, 32),
            budget: BUDGET,
            folders,
            packs: Vec::new(),
            opened: BTreeSet::new(),
            unopened: BTreeMap::new(),
            problems,
        };
        store.open_packs();
        store
    }

    /// Shows every blob, commit and tag to `taker`, and tells it what could not be read: from all threads of the current
    /// rayon pool, both in no particular order. What is told is the same every time. An object that several packs hold is
    /// shown once, if its first copy is sound.
    ///
    /// Packs are read first, then loose objects, then packs that have come since: whatever `git gc` moves meanwhile is
    /// met in one of these places.
    pub(in crate::source::git) fn read(mut self, taker: Taker<'_>) {
        let (budget, mut work) = (Budget::new(self.budget), Work::new(self.budget));
        let mut known: Vec<Known> = Vec::new();
        self.read_packs(&mut known, taker, &budget, &mut work);
        loose::read(&self.folders, self.hash, &known, taker);
        for _ in 0..ROUNDS {
            self.open_packs();
            if self.packs.is_empty() {
                break;
            }
            self.read_packs(&mut known, taker, &budget, &mut work);
        }
        thin::read(&known, &self.folders, taker, &budget, &mut work);
        self.problems.into_iter().chain(self.unopened.into_values()).for_each(taker.problem);
    }

    /// To find single objects in.
    pub(in crate::source::git) fn finder(self) -> Finder {
        Finder::new(self.folders, self.hash, self.packs, |folders, hash| Self::open(folders, hash).packs)
    }

    fn read_packs(&mut self, known: &mut Vec<Known>, taker: Taker<'_>, budget: &Budget, work: &mut Work) {
        // The largest first, so that the others are compared with it and not the other way round.
        self.packs.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.path.cmp(&b.path)));
        for pack in self.packs.drain(..) {
            let read = read_pack(pack, known, taker, budget, work);
            known.push(read);
        }
    }

    /// Opens the packs that are not open yet, and looks again as long as some vanish while that is done.
    fn open_packs(&mut self) {
        for _ in 0..ROUNDS {
            self.unopened.clear();
            let mut vanished = false;
            for folder in self.folders.clone() {
                match folders::packs(&folder) {
                    Ok(paths) => paths.into_iter().for_each(|path| vanished |= !self.open_pack(path)),
                    Err(error) => {
                        let path = folder.join("pack");
                        self.unopened.insert(path.clone(), folders::unreadable(&path, error));
                    }
                }
            }
            if !vanished {
                return;
            }
        }
    }

    /// Opens one pack; `false` if it is not there any more.
    fn open_pack(&mut self, path: PathBuf) -> bool {
        if self.opened.contains(&path) {
            return true;
        }
        let opened = match Pack::open(&path) {
            Ok(files) => Pack::new(&path, files, self.hash),
            Err(error) => {
                let missing = error.kind() == io::ErrorKind::NotFound;
                let cause = match (missing, path.exists()) {
                    (true, true) => "the pack has no index".to_owned(),
                    (true, false) => "the index has no pack".to_owned(),
                    (false, _) => error.to_string(),
                };
                self.unopened.insert(path.clone(), folders::unreadable(&path, cause));
                return !missing;
            }
        };
        match opened {
            Ok(pack) => {
                self.packs.push(pack);
                self.opened.insert(path);
            }
            Err(error) => {
                self.unopened.insert(path, error);
            }
        }
        true
    }
}

fn read_pack(pack: Pack, earlier: &[Known], taker: Taker<'_>, budget: &Budget, work: &mut Work) -> Known {
    let sink = Sink::new(&pack, taker, earlier);
    let fail = |place, kind, cause: &str| sink.fail(place, kind, cause);
    let (table, damage) = rayon::join(|| Table::build(&pack, &fail), || pack.check());
    let sound = damage.is_empty();
    damage.into_iter().for_each(taker.problem);

    work.grant(pack.len());
    let pass = Pass::new(&sink, &table, budget, work);
    let later = pass.run();
    if !later.is_empty() {
        Later::new(&sink, &table, budget, work).run(&later);
    }
    let outside = table.numbers(|row| row.base == NONE && row.family == Family::Outside);
    let mut failed = sink.into_failed();
    for number in &outside {
        failed.extend(table.below(*number).into_iter().chain([*number]).map(|below| table.row(below).place));
    }
    Known { pack, sound, failed, outside: !outside.is_empty() }
}

/// For tests, and for `workbench.rs`.
impl Objects {
    /// Packs that are not in files (name, pack, index), to be read within `budget` bytes.
    pub(super) fn held(packs: Vec<(&str, Vec<u8>, Vec<u8>)>, hash: usize, budget: usize) -> Self {
        let mut store = Self {
            hash,
            budget,
            folders: Vec::new(),
            packs: Vec::new(),
            opened: BTreeSet::new(),
            unopened: BTreeMap::new(),
            problems: Vec::new(),
        };
        for (name, pack, index) in packs {
            match Pack::new(Path::new(name), (Bytes::Held(pack), Bytes::Held(index)), hash) {
                Ok(pack) => store.packs.push(pack),
                Err(error) => store.problems.push(error),
            }
        }
        store
    }

    /// The packs that are to be read.
    pub(super) fn packs(&self) -> &[Pack] {
        &self.packs
    }
}
