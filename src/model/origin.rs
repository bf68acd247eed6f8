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
        /// Which of its members.
        member: MemberName,
    },
}

/// How a container calls one of its members.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberName {
    /// What the container is: `zip`, `gzip`.
    pub format: &'static str,
    /// The member's name in it; empty where the container has only one.
    pub name: PathBytes,
}

impl MemberName {
    /// The name of a layer in reports: `zip!/conf/a.properties`, `gzip`.
    pub fn layer(&self) -> PathBytes {
        self.path(&PathBytes::from(self.format))
    }

    /// The member's path, below that of its container; the container's own where there is only one.
    pub fn path(&self, container: &PathBytes) -> PathBytes {
        if self.name.as_bytes().is_empty() { container.clone() } else { container.member(&self.name) }
    }
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
    pub fn members(&self) -> Vec<&MemberName> {
        let mut names = Vec::new();
        let mut origin = self;
        while let Self::Member { outer, member } = origin {
            names.push(member);
            origin = outer;
        }
        names.reverse();
        names
    }

    /// The member of this that is reached by these steps, outermost first.
    #[must_use]
    pub fn inside(self, steps: &[MemberName]) -> Self {
        steps.iter().fold(self, |outer, member| Self::Member { outer: Box::new(outer), member: member.clone() })
    }
}
