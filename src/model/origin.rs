//! `Origin`: which thing of a source a content is.

use super::{ObjectId, PathBytes};

/// Which thing of a source a content is. Only the source that made it can say where that is ([`super::Source::locate`]).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// A file below the source's root.
    File(PathBytes),
    /// Standard input.
    Stdin,
    /// An entry of git's index.
    IndexEntry {
        /// The path in the index.
        path: PathBytes,
        /// The staged blob.
        blob: ObjectId,
    },
    /// A blob of a git repository.
    Blob(ObjectId),
    /// The text of a commit.
    Commit(ObjectId),
    /// The text of an annotated tag.
    Tag(ObjectId),
    /// A file of a repository's own folder (`config`, `FETCH_HEAD`, …), relative to it.
    Config(PathBytes),
    /// A path itself: file names can hold keys, too.
    Path(PathBytes),
    /// The name of a ref.
    Ref(PathBytes),
    /// A member of a container.
    Member {
        /// The container.
        outer: Box<Self>,
        /// The member's name in it.
        name: PathBytes,
    },
}

impl Origin {
    /// The thing that the source itself holds: the outermost container.
    pub fn root(&self) -> &Self {
        match self {
            Self::Member { outer, .. } => outer.root(),
            other => other,
        }
    }

    /// The names of the containers' members on the way in, outermost first; empty for a plain content.
    pub fn members(&self) -> Vec<&PathBytes> {
        let mut names = Vec::new();
        let mut origin = self;
        while let Self::Member { outer, name } = origin {
            names.push(name);
            origin = outer;
        }
        names.reverse();
        names
    }
}
