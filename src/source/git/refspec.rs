//! Refspecs: which refs of a remote are fetched to which refs here. In: a repository's configuration. Out: the names that
//! remotes write to, and the ref that tracks a branch's upstream.

use git2::Oid;

use super::config::{Config, Remote};
use super::refs::{Head, Refs};

/// One refspec for fetching: `+refs/heads/*:refs/remotes/origin/*`.
#[derive(Debug)]
struct Refspec {
    source: Pattern,
    target: Pattern,
}

/// The name of a ref; or, with a star in it, all names that begin and end like it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// What stands before the star; without one, the whole name.
    pub start: Vec<u8>,
    /// What stands behind the star, if there is one.
    pub end: Option<Vec<u8>>,
}

impl Pattern {
    pub(super) fn parse(text: &[u8]) -> Self {
        match text.iter().position(|byte| *byte == b'*') {
            Some(star) => Self { start: text[..star].to_vec(), end: Some(text[star + 1..].to_vec()) },
            None => Self { start: text.to_vec(), end: None },
        }
    }

    /// What stands for the star in a name: nothing where there is no star. `None` if it is another name.
    fn star<'n>(&self, name: &'n [u8]) -> Option<&'n [u8]> {
        match &self.end {
            Some(end) => name.strip_prefix(self.start.as_slice())?.strip_suffix(end.as_slice()),
            None => (name == self.start).then_some(&[]),
        }
    }

    fn with(&self, star: &[u8]) -> Vec<u8> {
        [&self.start, star, self.end.as_deref().unwrap_or_default()].concat()
    }
}

impl Refspec {
    /// `None` for one that fetches without keeping, or only excludes.
    fn parse(text: &[u8]) -> Option<Self> {
        let text = text.strip_prefix(b"+").unwrap_or(text);
        let colon = text.iter().position(|byte| *byte == b':').filter(|_| !text.starts_with(b"^"))?;
        let (source, target) = (&text[..colon], &text[colon + 1..]);
        (!target.is_empty()).then(|| Self { source: Pattern::parse(source), target: Pattern::parse(target) })
    }
}

fn refspecs(remote: &Remote) -> impl Iterator<Item = Refspec> {
    remote.fetch.iter().filter_map(|text| Refspec::parse(text))
}

/// What fetching from a remote writes to.
pub(super) fn fetched_to(remote: &Remote) -> impl Iterator<Item = Pattern> {
    refspecs(remote).map(|spec| spec.target)
}

/// What the ref `name` of a remote is fetched to.
pub(super) fn tracking<'a>(remote: &'a Remote, name: &'a [u8]) -> impl Iterator<Item = Vec<u8>> + 'a {
    refspecs(remote).filter_map(move |spec| Some(spec.target.with(spec.source.star(name)?)))
}

/// What the upstream of a branch, or of the one that HEAD is on, was when it was last fetched.
///
/// # Errors
///
/// If it has none, or that was not fetched.
pub(super) fn upstream(refs: &Refs, config: &Config, branch: &str) -> Result<Oid, String> {
    let branch = match (branch, &refs.head) {
        ("" | "@" | "HEAD", Head::Ref(name)) => name.as_slice(),
        ("" | "@" | "HEAD", _) => return Err("HEAD is on no branch".to_owned()),
        (branch, _) => branch.as_bytes(),
    };
    let branch = branch.strip_prefix(b"refs/heads/").unwrap_or(branch);
    let shown = String::from_utf8_lossy(branch);
    let set = |key| config.all("branch", key).filter(|(name, _)| *name == branch).last().map(|(_, value)| value);
    let (Some(remote), Some(merge)) = (set("remote"), set("merge")) else {
        return Err(format!("branch {shown} has no upstream"));
    };
    let tracked = if remote == b"." {
        Some(merge.to_vec())
    } else {
        let remotes = config.remotes();
        remotes.iter().filter(|known| known.name == remote).find_map(|remote| tracking(remote, merge).next())
    };
    let fetched = tracked.and_then(|name| refs.find(&name));
    fetched.ok_or_else(|| format!("the upstream of branch {shown} was not fetched"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refspec_leads_from_name_to_name() {
        let lead = |spec: &str, name: &str| {
            let spec = Refspec::parse(spec.as_bytes())?;
            Some(String::from_utf8(spec.target.with(spec.source.star(name.as_bytes())?)).unwrap())
        };
        for (spec, name, tracking) in [
            ("+refs/heads/*:refs/remotes/o/*", "refs/heads/a/b", Some("refs/remotes/o/a/b")),
            ("refs/pull/*/head:refs/pr/*", "refs/pull/7/head", Some("refs/pr/7")),
            ("refs/pull/*/head:refs/pr/*", "refs/pull/7/merge", None),
            ("refs/heads/main:refs/up/main", "refs/heads/main", Some("refs/up/main")),
            ("refs/heads/main:refs/up/main", "refs/heads/main2", None),
            ("refs/heads/main", "refs/heads/main", None),
            ("refs/heads/main:", "refs/heads/main", None),
            ("^refs/heads/*:x", "refs/heads/main", None),
            ("refs/a*a:refs/b*", "refs/a", None),
        ] {
            assert_eq!(lead(spec, name).as_deref(), tracking, "{spec} {name}");
        }
    }
}
