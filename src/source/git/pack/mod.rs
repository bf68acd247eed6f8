//! Reads every object of an object database once. In: its `objects` folder. Out: the bytes of all blobs, commits and
//! tags, from packs and loose files, its alternates' too, reachable or not.
//!
//! git2 finds an object by walking its delta chain; here the delta tree is walked instead, so that each object is made
//! once, seven times as fast. Where nothing is to be found in a blob, what a delta inserts and the seams of what it copies
//! tell whether that is so of its next version, too: more than half of them need not be made then. Nothing in the files is
//! believed: every length and offset is checked before it is used, and what cannot be read is told, object by object,
//! while the rest is read.
//!
//! ```text
//!  folders ──► file ──► index, table ──► walk ──► entry ──────────────► sink ──► visitor
//!  alternates  a pack   the delta tree   families inflate, delta,       each
//!  and packs            and kinds        on all   budget, buffers       object once
//!                                        threads  later: over the budget
//! ```
//!
//! | file | for |
//! |---|---|
//! | `folders.rs` | which folders hold objects, and which packs they have |
//! | `map.rs` | files in memory; the only `unsafe` here |
//! | `file.rs`, `index.rs`, `checksum.rs` | a pack, its index, their checksums |
//! | `table.rs`, `header.rs` | the delta tree and the kind of every entry |
//! | `walk.rs`, `later.rs`, `thin.rs` | families: on all threads; what found no room; bases in other packs |
//! | `entry.rs`, `inflate.rs`, `unfold/delta.rs` | makes one object |
//! | `budget.rs`, `buffers.rs` | memory |
//! | `sink.rs` | what becomes of an object, or of a failure |
//! | `find.rs` | single objects, by id |
//! | `loose.rs` | objects that are in no pack |
//! | `workbench.rs` | what benches, properties and the fuzz target need of all this |
//! | `single.rs` | one object that is too large to hold |

mod budget;
mod buffers;
mod checksum;
mod entry;
mod file;
mod find;
mod folders;
mod header;
mod index;
mod inflate;
mod later;
mod loose;
mod map;
mod single;
mod sink;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod thin;
mod walk;
pub mod workbench;

pub(super) use find::{Failure, Finder, Reader};
pub(super) use folders::all as object_folders;
pub(super) use single::stream;
pub(super) use store::Objects;

use crate::model::{Body, ObjectId, SourceError};

/// An object as it was found. Its bytes were not hashed: whether they have this id was not checked.
pub(super) struct PackedObject<'a> {
    /// The id that the index or the file name gives it.
    pub id: ObjectId,
    /// Never [`Kind::Tree`].
    pub kind: Kind,
    /// All bytes, or a reader for what is too large to hold. A reader ends early where the object is damaged; that is
    /// told afterwards. Versions of a blob in which nothing is to be found are only sifted.
    pub body: Body<'a>,
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Commit,
    Tree,
    Blob,
    Tag,
}

/// Who takes what is read.
#[derive(Clone, Copy)]
pub(super) struct Taker<'t> {
    /// Whether there may be something in an excerpt of a blob: see [`Visitor::may_hold`](crate::model::Visitor::may_hold).
    pub may_hold: MayHold<'t>,
    /// Takes an object.
    pub visit: Visit<'t>,
    /// Takes something that could not be read.
    pub problem: &'t (dyn Fn(SourceError) + Sync),
}

type Visit<'t> = &'t (dyn Fn(PackedObject<'_>) + Sync);
type MayHold<'t> = &'t (dyn Fn(&[u8]) -> bool + Sync);
