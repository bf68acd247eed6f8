//! A visitor that keeps everything. In: what a source shows. Out: maps and lists to compare with.

use std::collections::BTreeMap;
use std::sync::Mutex;

use akscan::model::{Body, Content, Covered, Origin, Skip, Source, SourceError, Visitor};

/// Keeps everything that a source shows.
#[derive(Default)]
pub(crate) struct Collected {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    contents: Vec<(Origin, Vec<u8>, bool)>,
    skips: Vec<Skip>,
    errors: Vec<SourceError>,
    covered: Vec<Covered>,
}

impl Collected {
    /// Everything that `source` shows.
    pub(crate) fn of(source: &dyn Source) -> Self {
        let collected = Self::default();
        source.visit(&collected);
        collected
    }

    /// The contents by their origin.
    ///
    /// # Panics
    ///
    /// If one was shown twice.
    pub(crate) fn contents(&self) -> BTreeMap<Origin, Vec<u8>> {
        let inner = self.inner.lock().unwrap();
        let contents: BTreeMap<_, _> =
            inner.contents.iter().map(|(origin, bytes, _)| (origin.clone(), bytes.clone())).collect();
        assert_eq!(contents.len(), inner.contents.len(), "a content was shown twice");
        contents
    }

    /// The paths of the files, in order.
    pub(crate) fn files(&self) -> Vec<String> {
        let name = |origin| match origin {
            Origin::File(path) => Some(String::from_utf8_lossy(path.as_bytes()).into_owned()),
            _ => None,
        };
        self.contents().into_keys().filter_map(name).collect()
    }

    /// The origins that came as a stream.
    pub(crate) fn streams(&self) -> Vec<Origin> {
        let inner = self.inner.lock().unwrap();
        inner.contents.iter().filter(|(_, _, stream)| *stream).map(|(origin, _, _)| origin.clone()).collect()
    }

    /// What was skipped, as `what: reason: example`, in order.
    pub(crate) fn skips(&self) -> Vec<String> {
        let line = |skip: &Skip| {
            format!("{}: {}: {}", skip.what, skip.reason, String::from_utf8_lossy(skip.example.as_bytes()))
        };
        let mut lines: Vec<String> = self.inner.lock().unwrap().skips.iter().map(line).collect();
        lines.sort();
        lines
    }

    /// What could not be read, in order.
    pub(crate) fn errors(&self) -> Vec<SourceError> {
        let mut errors = self.inner.lock().unwrap().errors.clone();
        errors.sort();
        errors
    }

    /// What else was covered.
    pub(crate) fn covered(&self) -> Vec<Covered> {
        self.inner.lock().unwrap().covered.clone()
    }
}

impl Visitor for Collected {
    fn content(&self, content: Content<'_>) {
        let (bytes, stream) = match content.body {
            Body::Whole(bytes) => (bytes.to_vec(), false),
            Body::Stream(reader) => {
                let mut bytes = Vec::new();
                reader.read_to_end(&mut bytes).unwrap();
                (bytes, true)
            }
            Body::Sifted(_) => unreachable!("every excerpt may hold something"),
        };
        self.inner.lock().unwrap().contents.push((content.origin, bytes, stream));
    }

    fn skipped(&self, skip: Skip) {
        self.inner.lock().unwrap().skips.push(skip);
    }

    fn error(&self, error: SourceError) {
        self.inner.lock().unwrap().errors.push(error);
    }

    fn covered(&self, covered: Covered) {
        self.inner.lock().unwrap().covered.push(covered);
    }
}
