//! What of a change's hits is new. In: hits of a source that is a change, and what stood there before. Out: those that
//! the change brought in.
//!
//! A credential is not new where it stood at the same path in a parent, nor where the same change took it away
//! elsewhere: an edit below it, a rename, a move between files raise nothing again. A copy to another file does.
//! Old contents are read only for hits, and each once. One that cannot be read makes nothing old.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::collect::Collector;
use crate::model::{
    Content, Credential, Detection, ObjectId, Origin, Secret, Sighting, Source, SourceError, Taken, Visitor as _,
};

/// The old contents of one source, as far as they were needed.
pub(super) struct Novelty<'a> {
    source: &'a dyn Source,
    collector: &'a Collector<'a>,
    /// What stands in each content; `None` if it cannot be read, which was told.
    known: BTreeMap<Origin, Option<Rc<[Credential]>>>,
    /// What each commit took away; `None` is the change of a source without commits.
    gone: BTreeMap<Option<ObjectId>, Rc<[Credential]>>,
}

impl<'a> Novelty<'a> {
    pub(super) fn new(source: &'a dyn Source, collector: &'a Collector<'a>) -> Self {
        Self { source, collector, known: BTreeMap::new(), gone: BTreeMap::new() }
    }

    /// For each of a content's sightings, what of its detections is new there.
    pub(super) fn of<'s>(
        &mut self,
        origin: &Origin,
        detections: &'s [Arc<Detection>],
        sightings: &'s [Arc<Sighting>],
    ) -> Vec<(&'s Arc<Detection>, &'s Arc<Sighting>)> {
        let before: Vec<Option<Vec<Origin>>> =
            sightings.iter().map(|sighting| self.source.before(origin.root(), sighting)).collect();
        let mut new = Vec::new();
        for detection in detections {
            let mut old: Vec<&Sighting> = Vec::new();
            for (sighting, before) in sightings.iter().zip(&before) {
                match before {
                    Some(before) if self.stood(&detection.credential, before, sighting) => old.push(sighting),
                    _ => new.push((detection, sighting)),
                }
            }
            if let Some(example) = old.iter().map(|sighting| &sighting.path).min() {
                self.collector.stood_before((**detection).clone(), old.len(), example);
            }
        }
        new
    }

    fn stood(&mut self, credential: &Credential, before: &[Origin], sighting: &Sighting) -> bool {
        let holds = |old: &[Credential]| give_away(old, credential);
        before.iter().any(|origin| self.credentials(origin).is_some_and(|old| holds(&old)))
            || holds(&self.gone(sighting))
    }

    /// What the commit of this sighting took away from where it stood.
    fn gone(&mut self, sighting: &Sighting) -> Rc<[Credential]> {
        let commit = sighting.provenance.as_ref().and_then(|provenance| provenance.commit);
        if let Some(gone) = self.gone.get(&commit) {
            return Rc::clone(gone);
        }
        let mut gone = Vec::new();
        for Taken { old, new } in &self.source.taken(sighting) {
            let old = self.credentials(old).unwrap_or_default();
            if old.is_empty() {
                continue;
            }
            let kept = match new {
                None => Some(Rc::default()),
                Some(new) => self.credentials(new),
            };
            // What cannot be read may still hold it.
            let Some(kept) = kept else { continue };
            gone.extend(old.iter().filter(|old| !give_away(&kept, old)).cloned());
        }
        let gone: Rc<[Credential]> = gone.into();
        self.gone.insert(commit, Rc::clone(&gone));
        gone
    }

    fn credentials(&mut self, origin: &Origin) -> Option<Rc<[Credential]>> {
        if let Some(known) = self.known.get(origin) {
            return known.clone();
        }
        let known = match self.read(origin) {
            Ok(credentials) => Some(credentials.into()),
            Err(error) => {
                self.collector.error(error);
                None
            }
        };
        self.known.insert(origin.clone(), known.clone());
        known
    }

    /// What stands in a content, and in what it stands for.
    fn read(&self, origin: &Origin) -> Result<Vec<Credential>, SourceError> {
        let bytes = self.source.reread(origin)?;
        let detected = self.collector.detect(Content::whole(origin.clone(), &bytes))?;
        let members = detected.members.into_iter().flat_map(|member| member.detections);
        let all = detected.detections.into_iter().chain(members);
        // What was no finding there is new where it becomes one.
        let all = all.filter(|detection| !detection.credential.needs_id());
        let mut found: Vec<Credential> = all.map(|detection| detection.credential).collect();
        if let Some(object) = self.source.stands_for(origin, &bytes) {
            found.extend(self.read(&object)?);
        }
        Ok(found)
    }
}

/// Whether whoever has all of `old` has all that `new` would give.
fn give_away(old: &[Credential], new: &Credential) -> bool {
    let secrets = |of: &Credential| [of.secret(), of.token()].map(|secret| secret.map(Secret::hash));
    let known = |secret| old.iter().any(|old| secrets(old).contains(&Some(secret)));
    let id = new.id().is_none_or(|id| old.iter().any(|old| old.id() == Some(id)));
    id && secrets(new).into_iter().flatten().all(known)
}
