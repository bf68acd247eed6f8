//! Which commits a range has, as its caller says it. In: words like `main..feature`, or lists of names. Out: what they
//! name in a repository.

use std::collections::BTreeSet;
use std::fmt;

use git2::{ObjectType, Oid};

use crate::model::PathBytes;
use crate::source::git::GitError;
use crate::source::git::config::{Config, Remote};
use crate::source::git::reach::{PUSHED, Tracking};
use crate::source::git::refs::Refs;
use crate::source::git::refspec::tracking;
use crate::source::git::revision::{Names, is_id, is_zero};
use crate::source::git::tags::Peeled;

/// What stands behind a commit's name for its parents.
const PARENTS: &str = "^@";

/// Which commits a range has: those that `tips` reach, and nothing else does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each stands for an option that git itself has")]
pub struct Revisions {
    /// Where it ends: names or ids of commits, tags, trees or blobs.
    pub tips: Vec<String>,
    /// Whether every branch and tag of the repository is a tip, too.
    pub branches_and_tags: bool,
    /// What these reach is not in it; `A^@` are the parents of A. All zeros name nothing. An id that is not in
    /// the repository is told, and what is on a remote is left out instead.
    pub without: Vec<String>,
    /// What the remote-tracking refs of these reach is not in it.
    pub not_on: Option<Remotes>,
    /// What a remote says that its refs name, by their full names there: ids or names of commits, all zeros where it has
    /// no such ref. It is left out as `without` is. What tracks such a ref here may be out of date, and leaves nothing
    /// out, unless what the remote names is not in the repository.
    pub said: Vec<(PathBytes, String)>,
    /// What any ref of the repository reaches is not in it.
    pub not_in_refs: bool,
    /// Whether its base is where it forked off, and not the first of `without`.
    pub since_fork: bool,
}

/// Remotes, by the refs that track them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remotes {
    /// Every remote.
    Any,
    /// The remote of this name.
    Named(String),
}

impl Revisions {
    /// Understands `A..B`, `A...B`, `B`, `^A` and `B^!` (without its parents), as often as they come. Where A or B is left
    /// out in a pair, it is HEAD; where A is all zeros, as on a new branch, it is what remotes have.
    ///
    /// # Errors
    ///
    /// If a word is none of these.
    pub fn parse<W: AsRef<str>>(words: &[W]) -> Result<Self, GitError> {
        let mut revisions = Self::default();
        for word in words {
            revisions.add(word.as_ref())?;
        }
        Ok(revisions)
    }

    /// Everything that is left out by name.
    fn left_out(&self) -> impl Iterator<Item = &String> {
        self.without.iter().chain(self.said.iter().map(|(_, name)| name))
    }

    fn add(&mut self, word: &str) -> Result<(), GitError> {
        let error = |cause: &str| Err(GitError::Revision { revision: word.to_owned(), cause: cause.to_owned() });
        let or_head = |name: &str| if name.is_empty() { "HEAD".to_owned() } else { name.to_owned() };
        let (start, end) = match (word.split_once("..."), word.split_once("..")) {
            (Some(pair), _) => {
                self.since_fork = true;
                pair
            }
            (None, Some(pair)) => pair,
            (None, None) => {
                match (word.strip_prefix('^'), word.strip_suffix("^!")) {
                    (Some(name), _) => self.without.push(name.to_owned()),
                    (None, Some(name)) => {
                        self.tips.push(name.to_owned());
                        self.without.push(format!("{name}{PARENTS}"));
                    }
                    (None, None) => self.tips.push(word.to_owned()),
                }
                return Ok(());
            }
        };
        if start.is_empty() && end.is_empty() {
            return error("a range needs a commit at least at one end");
        }
        if end.contains("..") {
            return error("a range has two ends");
        }
        if is_zero(end) {
            return error("it ends nowhere: what is deleted brings nothing in");
        }
        if is_zero(start) {
            self.not_on.get_or_insert(Remotes::Any);
        }
        self.without.push(or_head(start));
        self.tips.push(or_head(end));
        Ok(())
    }
}

/// As people would type it; of many names the first few.
impl fmt::Display for Revisions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const FIRST: usize = 3;
        let dots = if self.since_fork { "..." } else { ".." };
        let without: Vec<&String> = self.left_out().filter(|name| !is_zero(name)).collect();
        if let ([tip], [start]) = (self.tips.as_slice(), without.as_slice()) {
            match start.strip_suffix(PARENTS) {
                Some(child) if child == tip => write!(f, "{tip}^!")?,
                _ => write!(f, "{start}{dots}{tip}")?,
            }
        } else {
            let without = without.iter().map(|name| format!("^{name}"));
            let every = self.branches_and_tags.then(|| "every branch and tag".to_owned());
            let all: Vec<String> = every.into_iter().chain(self.tips.iter().cloned()).chain(without).collect();
            f.write_str(&all[..all.len().min(FIRST)].join(" "))?;
            if all.len() > FIRST {
                write!(f, " (+{})", all.len() - FIRST)?;
            }
        }
        match &self.not_on {
            _ if self.not_in_refs => f.write_str(", in no ref"),
            Some(Remotes::Any) => f.write_str(", on no remote"),
            Some(Remotes::Named(name)) => write!(f, ", not on {name}"),
            None => Ok(()),
        }
    }
}

/// What revisions name in a repository.
#[derive(Debug, Default)]
pub(super) struct Ends {
    pub tips: Objects,
    pub without: Objects,
    /// The commit that the first of [`Revisions::without`] names.
    pub start: Option<Oid>,
    /// What should be left out and is not in the repository.
    pub unknown: Vec<String>,
    /// Names of refs that are looked at, too.
    pub names: BTreeSet<PathBytes>,
}

/// Objects by their kind.
#[derive(Debug, Default)]
pub(super) struct Objects {
    pub commits: Vec<Oid>,
    pub tags: BTreeSet<Oid>,
    pub trees: BTreeSet<Oid>,
    pub blobs: BTreeSet<Oid>,
}

impl Ends {
    /// Looks up what `revisions` name.
    ///
    /// # Errors
    ///
    /// If one of them names nothing here, other than an id that is to be left out.
    pub(super) fn find(
        names: &Names<'_>,
        (refs, config): (&Refs, &Config),
        revisions: &Revisions,
    ) -> Result<Self, GitError> {
        let refused = |revision: &str| {
            let revision = revision.to_owned();
            move |cause| GitError::Revision { revision, cause }
        };
        let peel = |revision: &str| names.find(revision).and_then(|id| names.peel(id)).map_err(refused(revision));
        let mut ends = Self::default();
        let without = revisions.left_out().filter(|revision| !is_zero(revision));
        for (at, revision) in without.enumerate() {
            if let Some(child) = revision.strip_suffix(PARENTS) {
                let parents = peel(child).and_then(|child| names.parents(child.id).map_err(refused(revision)))?;
                ends.start = ends.start.or(parents.first().copied().filter(|_| at == 0));
                ends.without.commits.extend(parents);
                continue;
            }
            match peel(revision) {
                Ok(peeled) => {
                    ends.start = ends.start.or((at == 0 && peeled.kind == ObjectType::Commit).then_some(peeled.id));
                    ends.without.add(peeled);
                }
                Err(_) if is_id(revision) => ends.unknown.push(revision.clone()),
                Err(error) => return Err(error),
            }
        }
        let not_on = revisions.not_on.clone().or_else(|| (!ends.unknown.is_empty()).then_some(Remotes::Any));
        let said =
            revisions.said.iter().filter(|(_, name)| !ends.unknown.contains(name)).map(|(name, _)| name.as_bytes());
        let remotes = config.remotes();
        let outdated = match &not_on {
            Some(Remotes::Named(remote)) => said.flat_map(|name| tracked_as(name, remote, &remotes)).collect(),
            _ => BTreeSet::new(),
        };
        let left_out = left_out((refs, config), not_on.as_ref(), revisions.not_in_refs)
            .filter(|(name, _)| !outdated.contains(*name));
        // A ref that cannot be read leaves nothing out.
        for peeled in left_out.filter_map(|(_, id)| names.peel(id).ok()) {
            ends.without.add(peeled);
        }
        // Where there is no commit yet, none is left to be pushed.
        let unborn = revisions.not_on.is_some() && refs.head_or_unborn() == Ok(None);
        for revision in revisions.tips.iter().filter(|tip| !(unborn && matches!(tip.as_str(), "HEAD" | "@"))) {
            ends.tips.add(peel(revision)?);
        }
        let own = |name: &[u8]| name.starts_with(b"refs/heads/") || name.starts_with(b"refs/tags/");
        let own = refs.direct.iter().filter(|(name, _)| revisions.branches_and_tags && own(name));
        // One that cannot be read brings nothing in.
        for peeled in own.filter_map(|(_, id)| names.peel(*id).ok()) {
            ends.tips.add(peeled);
        }
        ends.tips.leave_out(&ends.without);
        Ok(ends)
    }
}

/// The refs that are to be left out, and what they name.
fn left_out<'r>(
    (refs, config): (&'r Refs, &Config),
    not_on: Option<&Remotes>,
    all: bool,
) -> impl Iterator<Item = (&'r [u8], Oid)> + use<'r> {
    let tracking = not_on.map(|remotes| match remotes {
        Remotes::Any => Tracking::of(config),
        Remotes::Named(name) => Tracking::of_remote(config, name),
    });
    let head = refs.head_id().filter(|_| all).map(|id| (&b"HEAD"[..], id));
    let counts = move |name: &[u8]| all || tracking.as_ref().is_some_and(|known| known.mark(name) & PUSHED != 0);
    let named = refs.direct.iter().filter(move |(name, _)| counts(name)).map(|(name, id)| (name.as_slice(), *id));
    named.chain(head)
}

/// The refs here that track the ref `name` of `remote`: as git names them unless told otherwise, and as its refspecs do.
fn tracked_as(name: &[u8], remote: &str, remotes: &[Remote]) -> Vec<Vec<u8>> {
    let usual =
        name.strip_prefix(b"refs/heads/").map(|branch| [b"refs/remotes/", remote.as_bytes(), b"/", branch].concat());
    let own = remotes.iter().filter(|one| one.name == remote.as_bytes());
    own.flat_map(|one| tracking(one, name)).chain(usual).collect()
}

impl Objects {
    fn add(&mut self, peeled: Peeled) {
        let Peeled { tags, id, kind } = peeled;
        self.tags.extend(tags);
        match kind {
            ObjectType::Commit => self.commits.push(id),
            ObjectType::Tree => drop(self.trees.insert(id)),
            _ => drop(self.blobs.insert(id)),
        }
    }

    /// Leaves out what is known otherwise than by its commits.
    fn leave_out(&mut self, known: &Self) {
        self.tags.retain(|id| !known.tags.contains(id));
        self.trees.retain(|id| !known.trees.contains(id));
        self.blobs.retain(|id| !known.blobs.contains(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Revisions {
        Revisions::parse(words).unwrap()
    }

    fn strings(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn ranges_are_understood() {
        let zeros = "0".repeat(40);
        for (word, without, tip) in [
            ("a..b", "a", "b"),
            ("a..", "a", "HEAD"),
            ("..b", "HEAD", "b"),
            ("HEAD~2..HEAD^2", "HEAD~2", "HEAD^2"),
            ("v1.0..v1.1", "v1.0", "v1.1"),
        ] {
            let expected = Revisions { tips: strings(&[tip]), without: strings(&[without]), ..Revisions::default() };
            assert_eq!(parsed(&[word]), expected, "{word}");
            let forked = Revisions { since_fork: true, ..expected };
            assert_eq!(parsed(&[&word.replacen("..", "...", 1)]), forked);
        }
        let new = parsed(&[&format!("{zeros}..b")]);
        assert_eq!((new.not_on, new.without, new.tips), (Some(Remotes::Any), vec![zeros.clone()], strings(&["b"])));
        let several = parsed(&["a", "^b", "c..d"]);
        assert_eq!((several.tips, several.without), (strings(&["a", "d"]), strings(&["b", "c"])));
        for word in ["..", "...", "a..b..c", "a...b...c", &format!("a..{zeros}")] {
            assert!(matches!(Revisions::parse(&[word]), Err(GitError::Revision { .. })), "{word}");
        }
    }

    #[test]
    fn what_tracks_a_ref_is_known_by_its_refspecs() {
        let fetch =
            [&b"+refs/heads/*:refs/remotes/origin/of/*"[..], b"refs/heads/one:refs/single", b"refs/tags/*", b""];
        let fetch = fetch.map(<[u8]>::to_vec).to_vec();
        let remotes = [Remote { name: b"origin".to_vec(), fetch, ..Remote::default() }, Remote::default()];
        let tracked = |name: &str, remote: &str| -> Vec<String> {
            let tracked = tracked_as(name.as_bytes(), remote, &remotes).into_iter();
            tracked.map(|name| String::from_utf8(name).unwrap()).collect()
        };
        assert_eq!(tracked("refs/heads/a/b", "origin"), ["refs/remotes/origin/of/a/b", "refs/remotes/origin/a/b"]);
        assert_eq!(
            tracked("refs/heads/one", "origin"),
            ["refs/remotes/origin/of/one", "refs/single", "refs/remotes/origin/one"]
        );
        assert_eq!(tracked("refs/heads/a", "fork"), ["refs/remotes/fork/a"]);
        assert_eq!(tracked("refs/tags/v1", "origin"), [""; 0]);
    }
}
