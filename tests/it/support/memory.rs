//! A source in memory. In: contents, and what is told of them. Out: the same to every visitor, in an order of choice.

use akscan::model::{
    Content, Covered, Origin, PathBytes, Place, Provenance, Reach, Sighting, Skip, Source, SourceError, Visitor,
};
use rayon::prelude::*;

/// A source in memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    pub(crate) contents: Vec<(Origin, Vec<u8>)>,
    pub(crate) skips: Vec<Skip>,
    pub(crate) errors: Vec<SourceError>,
    pub(crate) covered: Vec<Covered>,
    /// Said of every content, where it is not just a file.
    pub(crate) provenance: Option<Provenance>,
    /// Before every path.
    pub(crate) prefix: PathBytes,
    /// Whether contents are shown from several threads.
    pub(crate) threads: bool,
}

impl Memory {
    /// Files with these names and bytes.
    pub(crate) fn files<N: AsRef<[u8]>, B: AsRef<[u8]>>(files: impl IntoIterator<Item = (N, B)>) -> Self {
        let file = |(name, bytes): (N, B)| (Origin::File(PathBytes::new(name.as_ref())), bytes.as_ref().to_vec());
        Self { contents: files.into_iter().map(file).collect(), ..Self::default() }
    }
}

impl Source for Memory {
    fn visit(&self, visitor: &dyn Visitor) {
        let show = |(origin, bytes): &(Origin, Vec<u8>)| visitor.content(Content::whole(origin.clone(), bytes));
        if self.threads {
            self.contents.par_iter().for_each(show);
        } else {
            self.contents.iter().for_each(show);
        }
        self.skips.iter().cloned().for_each(|skip| visitor.skipped(skip));
        self.errors.iter().cloned().for_each(|error| visitor.error(error));
        self.covered.iter().cloned().for_each(|covered| visitor.covered(covered));
    }

    fn locate(&self, origins: &[Origin], _: &dyn Visitor) -> Vec<Vec<Sighting>> {
        let place = if self.provenance.is_some() { Place::History } else { Place::Worktree };
        let sighting = |origin: &Origin| Sighting {
            place,
            path: match origin {
                Origin::File(path) => path.below(&self.prefix),
                _ => PathBytes::from("-"),
            },
            reach: Reach::Pushed,
            in_head: false,
            provenance: self.provenance.clone(),
        };
        origins.iter().map(|origin| vec![sighting(origin)]).collect()
    }

    fn reread(&self, origin: &Origin) -> Result<Vec<u8>, SourceError> {
        let content = self.contents.iter().find(|content| content.0 == *origin);
        content.map(|content| content.1.clone()).ok_or_else(|| SourceError::unreadable(PathBytes::from("-"), "gone"))
    }
}
