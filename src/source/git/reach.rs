//! How far commits have got. In: a repository's configuration and refs. Out: which refs tell that something was pushed,
//! and whether they can tell that something was not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use git2::Oid;

use super::config::{Config, Remote};
use super::files::read_if_there;
use super::folders::Folders;
use super::refs::{Head, Refs, parse};
use super::refspec::{Pattern, fetched_to};

/// A ref reaches it.
pub(super) const NAMED: u8 = 1;
/// The stash or its log reaches it.
pub(super) const STASHED: u8 = 2;
/// A reflog, or a file like `ORIG_HEAD`, reaches it.
pub(super) const LOGGED: u8 = 4;
/// A remote-tracking ref or its reflog reaches it.
pub(super) const PUSHED: u8 = 8;
/// A ref of notes or its log reaches it.
pub(super) const NOTED: u8 = 16;
/// A reflog reaches it.
pub(super) const HELD: u8 = 32;
/// A ref or a reflog reaches it, so that `git gc` keeps it: whatever it needs has to be there.
pub(super) const KEPT: u8 = NAMED | STASHED | NOTED | HELD;

/// A longer list of the commits at which a history is cut off is not counted to its end.
const LONGEST_LIST: u64 = 256 << 20;

/// Which refs are remote-tracking ones.
#[derive(Debug, Default)]
pub(super) struct Tracking {
    /// The names of refs that fetches write to.
    names: BTreeSet<Vec<u8>>,
    /// How other such names begin, and of each how they end: a configuration may have as many patterns as there are refs.
    starts: BTreeMap<Vec<u8>, BTreeSet<Vec<u8>>>,
}

impl Tracking {
    /// The remote-tracking refs are `refs/remotes/*`, and whatever else the remotes are fetched to, unless that is where
    /// one's own work stands, too.
    pub(super) fn of(config: &Config) -> Self {
        Self::new(b"refs/remotes/", &config.remotes())
    }

    /// Those of the remote of this name.
    pub(super) fn of_remote(config: &Config, name: &str) -> Self {
        let remotes: Vec<Remote> =
            config.remotes().into_iter().filter(|remote| remote.name == name.as_bytes()).collect();
        Self::new(format!("refs/remotes/{name}/").as_bytes(), &remotes)
    }

    /// The refs whose names begin with `usual`, and what these remotes are fetched to.
    fn new(usual: &[u8], remotes: &[Remote]) -> Self {
        let usual = Pattern { start: usual.to_vec(), end: Some(Vec::new()) };
        let own = |pattern: &Pattern| {
            ["refs/heads", "refs/tags", "refs/notes", "refs/stash"].iter().any(|own| {
                let covers = pattern.end.is_some() && own.as_bytes().starts_with(&pattern.start);
                covers || pattern.start.starts_with(own.as_bytes())
            })
        };
        // Nearly every remote is fetched to a place below the usual one.
        let known = |pattern: &Pattern| pattern.start.starts_with(&usual.start);
        let fetched = remotes.iter().flat_map(fetched_to).filter(|pattern| !own(pattern) && !known(pattern));
        let mut tracking = Self::default();
        for pattern in fetched.chain([usual.clone()]) {
            match pattern.end {
                Some(end) => drop(tracking.starts.entry(pattern.start).or_default().insert(end)),
                None => drop(tracking.names.insert(pattern.start)),
            }
        }
        tracking
    }

    /// Whether fetches write to the ref of this name.
    fn is_written(&self, name: &[u8]) -> bool {
        let ends_well = |ends: &BTreeSet<Vec<u8>>, rest: &[u8]| (0..=rest.len()).any(|at| ends.contains(&rest[at..]));
        self.names.contains(name)
            || (0..=name.len()).any(|at| self.starts.get(&name[..at]).is_some_and(|ends| ends_well(ends, &name[at..])))
    }

    /// What it tells of a commit that a ref of this name reaches it.
    pub(super) fn mark(&self, name: &[u8]) -> u8 {
        match name {
            b"refs/stash" => STASHED,
            name if name.starts_with(b"refs/notes/") => NOTED,
            name if self.is_written(name) => NAMED | PUSHED,
            _ => NAMED,
        }
    }
}

/// The number of commits at which a shallow clone's history is cut off.
///
/// # Errors
///
/// If that cannot be read, and why.
pub(super) fn cut_off_at(folders: &Folders) -> Result<usize, String> {
    Ok(shallow(folders)?.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count())
}

/// The commits at which it is cut off.
///
/// # Errors
///
/// If that cannot be read, and why.
pub(super) fn cut_off<C: FromIterator<Oid>>(folders: &Folders) -> Result<C, String> {
    let ids =
        |text: Vec<u8>| text.split(|byte| *byte == b'\n').filter_map(|line| line.get(..40).and_then(parse)).collect();
    shallow(folders).map(ids)
}

fn shallow(folders: &Folders) -> Result<Vec<u8>, String> {
    read_if_there(&folders.common.join("shallow"), LONGEST_LIST).map_err(|error| error.to_string())
}

/// Whether the refs of the repository at `root` can tell what was never pushed.
pub(in crate::source) fn tells_reach(root: &Path) -> bool {
    Folders::find(root).is_ok_and(|folders| can_tell_reach(&folders, &Refs::read(&folders)))
}

/// Whether refs and logs of a repository can tell what was never pushed: it has a work tree and its whole history, its
/// remotes have remote-tracking refs, and it is not the throw-away checkout of a CI run.
pub(super) fn can_tell_reach(folders: &Folders, refs: &Refs) -> bool {
    if folders.is_bare() || cut_off_at(folders) != Ok(0) || folders.broken_config.is_some() {
        return false;
    }
    let remotes = folders.config.remotes();
    if remotes.iter().any(mirrors) || pushes_by_url(&folders.config, &remotes) {
        return false;
    }
    let tracking = Tracking::of(&folders.config);
    let tracked = remotes.iter().all(|remote| remote.urls.is_empty())
        || refs.direct.keys().chain(refs.symbolic.keys()).any(|name| tracking.mark(name) == NAMED | PUSHED);
    // `HEAD` of a fresh repository names a branch that is not there yet.
    let own_branch = refs.any_below("refs/heads/") || matches!(refs.head, Head::Ref(_));
    tracked && own_branch
}

/// Whether a remote is fetched or pushed ref for ref, so that none of them is a remote-tracking one.
fn mirrors(remote: &Remote) -> bool {
    remote.mirror || fetched_to(remote).any(|to| to.end.is_some() && b"refs/heads/".starts_with(&to.start))
}

/// Whether something is pushed to an address that is no configured remote: that leaves no remote-tracking ref.
fn pushes_by_url(config: &Config, remotes: &[Remote]) -> bool {
    let keys = [("branch", "remote"), ("branch", "pushremote"), ("remote", "pushdefault")];
    let mut named = keys.iter().flat_map(|(section, key)| config.all(section, key)).map(|(_, value)| value);
    named.any(|name| !name.is_empty() && name != b"." && remotes.iter().all(|remote| remote.name != name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_ref_says_how_far_its_commits_have_got() {
        let tracking = Tracking::of(&Config::default());
        assert_eq!(tracking.mark(b"refs/heads/main"), NAMED);
        assert_eq!(tracking.mark(b"refs/heads/refs/remotes/x"), NAMED);
        assert_eq!(tracking.mark(b"refs/remotes/origin/main"), NAMED | PUSHED);
        assert_eq!(tracking.mark(b"refs/stash"), STASHED);
        assert_eq!(tracking.mark(b"refs/notes/commits"), NOTED);
        assert_eq!(tracking.mark(b"HEAD"), NAMED);
    }

    #[test]
    fn refspecs_are_looked_up_however_many_there_are() {
        let numbers = || 0..20_000;
        let fetch = |number: usize| {
            format!(
                " fetch = x{number}:refs/one/{number}\n fetch = x{number}/*:refs/below/{number}/*\n \
                 fetch = */x{number}:refs/end/*/{number}\n"
            )
        };
        let config = "[remote \"o\"]\n".to_owned() + &numbers().map(fetch).collect::<String>();
        let tracking = Tracking::of(&Config::parse(config.as_bytes()));
        let mark = |name: String| tracking.mark(name.as_bytes());
        for number in numbers() {
            for name in ["one/N", "below/N/a", "end/a/N"] {
                let name = name.replace('N', &number.to_string());
                assert_eq!(mark(format!("refs/{name}")), NAMED | PUSHED, "{name}");
            }
            for name in ["one/Nx", "below/N", "below/Nx/a", "end/a/Nx", "end/N"] {
                let name = name.replace('N', &number.to_string());
                assert_eq!(mark(format!("refs/{name}")), NAMED, "{name}");
            }
        }
    }

    #[test]
    fn a_refspec_makes_remote_tracking_refs() {
        let fetch = "[remote \"o\"]\n fetch = +refs/pull/*/head:refs/pull/*\n fetch = refs/tags/*:refs/tags/*\n fetch = x\n \
             fetch = refs/heads/main:refs/up/main\n";
        let config = Config::parse(fetch.as_bytes());
        let tracking = Tracking::of(&config);
        assert_eq!(tracking.mark(b"refs/pull/7"), NAMED | PUSHED);
        assert_eq!(tracking.mark(b"refs/tags/v1"), NAMED, "one's own tags stand there, too");
        assert_eq!(tracking.mark(b"refs/up/main"), NAMED | PUSHED);
        assert_eq!(tracking.mark(b"refs/up/main2"), NAMED, "a name without a star is no beginning");
        for (remote, pull, tracked) in [("o", NAMED | PUSHED, NAMED), ("other", NAMED, NAMED | PUSHED)] {
            let tracking = Tracking::of_remote(&config, remote);
            assert_eq!((tracking.mark(b"refs/pull/7"), tracking.mark(b"refs/remotes/other/x")), (pull, tracked));
        }
    }
}
