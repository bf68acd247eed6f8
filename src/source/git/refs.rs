//! The refs of a repository. In: its folders. Out: what every ref, HEAD, and file like `MERGE_HEAD` names.
//!
//! They are read from their files here and not by git2, which would read the repository's configuration first.

use std::collections::BTreeMap;
use std::path::Path;

use git2::Oid;

use super::files::{entries, read, read_if_there};
use super::folders::Folders;

/// A longer list of packed refs is not read.
const LONGEST_LIST: u64 = 256 << 20;
/// So many of its lines that make no sense are named; the others are counted.
const FIRST_BROKEN: usize = 3;
/// A file that holds one ref is not longer.
const LONGEST_REF: u64 = 64 << 10;
/// Refs lie in folders; none is nested deeper than this.
pub(super) const DEEPEST: usize = 64;
/// So many symbolic refs are followed, as git does.
const LONGEST_CHAIN: usize = 5;
/// Files beside HEAD that name commits.
pub(super) const PSEUDO_REFS: [&str; 7] =
    ["ORIG_HEAD", "FETCH_HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD", "AUTO_MERGE"];

/// Every ref, by its full name.
#[derive(Debug, Default)]
pub(super) struct Refs {
    /// Those that name an object. The detached HEADs of other worktrees are among them (`worktrees/x/HEAD`,
    /// `main-worktree/HEAD`), HEAD itself is not.
    pub direct: BTreeMap<Vec<u8>, Oid>,
    /// Those that name another ref.
    pub symbolic: BTreeMap<Vec<u8>, Vec<u8>>,
    /// HEAD of this worktree.
    pub head: Head,
    /// Those that cannot be read, and why.
    pub broken: Vec<(Vec<u8>, String)>,
    /// What files like `MERGE_HEAD` of this worktree name.
    pseudo: BTreeMap<&'static str, Vec<Oid>>,
}

/// What HEAD names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Head {
    /// A ref, by its full name. It need not exist.
    Ref(Vec<u8>),
    /// A commit.
    Detached(Oid),
    /// Nothing that can be read.
    #[default]
    Broken,
}

/// What stands in a file that holds one ref.
enum Target {
    Id(Oid),
    Name(Vec<u8>),
}

impl Refs {
    /// Reads the refs of a repository, and the HEADs of its other worktrees.
    pub(super) fn read(folders: &Folders) -> Self {
        let mut refs = Self::default();
        refs.read_packed(&folders.common.join("packed-refs"));
        refs.read_loose(&folders.common.join("refs"), b"refs", 0);
        // Where these cannot be listed, whoever reads the folder as a whole tells so.
        for worktree in entries(&folders.common.join("worktrees")).unwrap_or_default() {
            if worktree != folders.folder {
                let name = worktree.file_name().unwrap_or_default().as_encoded_bytes();
                let name = [b"worktrees/", name].concat();
                refs.read_other_head(&worktree, &name);
                refs.read_loose(&worktree.join("refs"), &[&name[..], b"/refs"].concat(), 0);
            }
        }
        if folders.folder != folders.common {
            refs.read_loose(&folders.folder.join("refs"), b"refs", 0);
            refs.read_other_head(&folders.common, b"main-worktree");
        }
        refs.head = match read_ref(&folders.folder.join("HEAD")) {
            Ok(Target::Id(id)) => Head::Detached(id),
            Ok(Target::Name(name)) => Head::Ref(name),
            Err(cause) => {
                refs.broken.push((b"HEAD".to_vec(), cause));
                Head::Broken
            }
        };
        for name in PSEUDO_REFS {
            let text = read_if_there(&folders.folder.join(name), LONGEST_LIST).unwrap_or_default();
            let ids = text.split(|byte| *byte == b'\n').filter_map(|line| line.get(..40).and_then(parse));
            refs.pseudo.insert(name, ids.collect());
        }
        refs
    }

    /// The object that a name means, as git looks for it: the name itself, then below `refs`, then as a tag, a branch, a
    /// remote-tracking branch, and the main branch of a remote. Tags are not peeled off.
    pub(super) fn find(&self, name: &[u8]) -> Option<Oid> {
        let below = |before: &[u8], after: &[u8]| self.resolve(&[before, name, after].concat());
        self.resolve(name)
            .or_else(|| below(b"refs/", b""))
            .or_else(|| below(b"refs/tags/", b""))
            .or_else(|| below(b"refs/heads/", b""))
            .or_else(|| below(b"refs/remotes/", b""))
            .or_else(|| below(b"refs/remotes/", b"/HEAD"))
    }

    /// The commit of HEAD; `None` before the first one.
    pub(super) fn head_id(&self) -> Option<Oid> {
        self.resolve(b"HEAD")
    }

    /// The same, where it matters that HEAD may be damaged.
    ///
    /// # Errors
    ///
    /// If HEAD, or the branch that it names, cannot be read, and why.
    pub(super) fn head_or_unborn(&self) -> Result<Option<Oid>, String> {
        let reads_on = |name: &[u8]| self.broken.iter().find(|(broken, _)| broken == name);
        let broken = match &self.head {
            Head::Ref(name) => reads_on(name).or_else(|| reads_on(b"packed-refs")),
            _ => reads_on(b"HEAD"),
        };
        match (self.head_id(), broken) {
            (None, Some((name, cause))) => Err(format!("{}: {cause}", String::from_utf8_lossy(name))),
            (id, _) => Ok(id),
        }
    }

    /// What a file like `MERGE_HEAD` of this worktree names, in order.
    pub(super) fn pseudo(&self, name: &str) -> &[Oid] {
        self.pseudo.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether there is a ref whose name begins so.
    pub(super) fn any_below(&self, start: &str) -> bool {
        let begins = |name: &Vec<u8>| name.starts_with(start.as_bytes());
        self.direct.keys().any(begins) || self.symbolic.keys().any(begins)
    }

    /// What the ref of this full name names in the end.
    fn resolve(&self, name: &[u8]) -> Option<Oid> {
        let mut name = match (&self.head, name) {
            (Head::Detached(id), b"HEAD") => return Some(*id),
            (Head::Ref(name), b"HEAD") => name,
            (_, name) => {
                let pseudo = std::str::from_utf8(name).ok().and_then(|name| self.pseudo(name).first());
                if let Some(id) = pseudo.or_else(|| self.direct.get(name)) {
                    return Some(*id);
                }
                self.symbolic.get(name)?
            }
        };
        for _ in 0..LONGEST_CHAIN {
            match self.direct.get(name) {
                Some(id) => return Some(*id),
                None => name = self.symbolic.get(name)?,
            }
        }
        None
    }

    /// Reads `packed-refs`: an id and a name a line, `#` begins a comment, `^` is what the tag above it is peeled to.
    fn read_packed(&mut self, file: &Path) {
        let text = match read_if_there(file, LONGEST_LIST) {
            Ok(text) => text,
            Err(error) => return self.broken.push((b"packed-refs".to_vec(), error.to_string())),
        };
        let (mut packed, mut broken) = (Vec::new(), Vec::new());
        for (number, line) in text.split(|byte| *byte == b'\n').enumerate() {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() || line.starts_with(b"#") || line.starts_with(b"^") {
                continue;
            }
            let name = line.get(41..).filter(|name| !name.is_empty() && line[40] == b' ');
            match line.get(..40).and_then(parse).zip(name) {
                Some((id, name)) => packed.push((name.to_vec(), id)),
                None => broken.push(number + 1),
            }
        }
        // They are sorted as a rule, and a map of what is sorted is made at once.
        self.direct = packed.into_iter().collect();
        let mut tell = |cause| self.broken.push((b"packed-refs".to_vec(), cause));
        for number in broken.iter().take(FIRST_BROKEN) {
            tell(format!("line {number} is no ref"));
        }
        if let more @ 1.. = broken.len().saturating_sub(FIRST_BROKEN) {
            let lines = if more == 1 { "line is" } else { "lines are" };
            tell(format!("{more} more {lines} no ref"));
        }
    }

    /// Reads the refs in `folder`, whose names begin with `name`. They outrank those that are packed.
    fn read_loose(&mut self, folder: &Path, name: &[u8], depth: usize) {
        let paths = match entries(folder) {
            Ok(paths) => paths,
            Err(error) => return self.broken.push((name.to_vec(), error.to_string())),
        };
        for path in paths {
            let last = path.file_name().unwrap_or_default().as_encoded_bytes();
            // What git does not take for a ref either: it is still being written, or nobody's.
            if last.starts_with(b".") || last.ends_with(b".lock") {
                continue;
            }
            let name = [name, b"/", last].concat();
            // A link to a folder is not followed: two that lead to where they stand make more paths than can be walked.
            if path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
                if depth < DEEPEST {
                    self.read_loose(&path, &name, depth + 1);
                } else {
                    self.broken.push((name, "refs are nested too deep".to_owned()));
                }
                continue;
            }
            match read_ref(&path) {
                Ok(Target::Id(id)) => {
                    self.symbolic.remove(&name);
                    self.direct.insert(name, id);
                }
                Ok(Target::Name(target)) => {
                    self.direct.remove(&name);
                    self.symbolic.insert(name, target);
                }
                Err(cause) => self.broken.push((name, cause)),
            }
        }
    }

    /// The detached HEAD of another worktree; a branch that it is on is among the refs.
    fn read_other_head(&mut self, folder: &Path, name: &[u8]) {
        if let Ok(Target::Id(id)) = read_ref(&folder.join("HEAD")) {
            self.direct.insert([name, b"/HEAD"].concat(), id);
        }
    }
}

fn read_ref(file: &Path) -> Result<Target, String> {
    let text = read(file, LONGEST_REF).map_err(|error| error.to_string())?;
    if let Some(name) = text.strip_prefix(b"ref:") {
        let line = name.split(|byte| *byte == b'\n').next().unwrap_or_default();
        return Ok(Target::Name(line.trim_ascii().to_vec()));
    }
    let rest = text.get(40).is_none_or(u8::is_ascii_whitespace);
    let id = text.get(..40).filter(|_| rest).and_then(parse).filter(|id| !id.is_zero());
    id.map(Target::Id).ok_or_else(|| "it names no object".to_owned())
}

/// An id in hexadecimal digits.
pub(super) fn parse(hex: &[u8]) -> Option<Oid> {
    Oid::from_str(std::str::from_utf8(hex).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::source::git::folders::Folders;

    fn id(number: u8) -> Oid {
        Oid::from_bytes(&[number; 20]).unwrap()
    }

    fn repository(files: &[(&str, String)]) -> (tempfile::TempDir, Refs) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in
            [("HEAD", "ref: refs/heads/main\n".to_owned()), ("objects/x", String::new())].iter().chain(files)
        {
            let file = folder.path().join(".git").join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        let refs = Refs::read(&Folders::find(folder.path()).unwrap());
        (folder, refs)
    }

    #[test]
    fn a_loose_ref_outranks_a_packed_one() {
        let packed = format!(
            "# pack-refs with: peeled fully-peeled sorted \n{} refs/heads/main\n{} refs/tags/v1\n^{}\r\nshort\n",
            id(1),
            id(2),
            id(3)
        );
        let (_folder, refs) = repository(&[("packed-refs", packed), ("refs/heads/main", format!("{}\n", id(4)))]);
        assert_eq!(refs.head_id(), Some(id(4)));
        assert_eq!(refs.find(b"v1"), Some(id(2)));
        assert_eq!(refs.direct.len(), 2);
        assert_eq!(refs.broken, [(b"packed-refs".to_vec(), "line 5 is no ref".to_owned())]);
    }

    #[test]
    fn of_many_broken_lines_the_first_are_named() {
        let told = |lines: usize| {
            let (_folder, refs) = repository(&[("packed-refs", "nonsense\n".repeat(lines))]);
            refs.broken.into_iter().map(|(_, cause)| cause).collect::<Vec<_>>()
        };
        assert_eq!(told(4), ["line 1 is no ref", "line 2 is no ref", "line 3 is no ref", "1 more line is no ref"]);
        assert_eq!(told(100_000)[3..], ["99997 more lines are no ref"]);
    }

    #[test]
    fn names_are_looked_for_in_git_s_order() {
        let (_folder, refs) = repository(&[
            ("refs/heads/x", id(1).to_string()),
            ("refs/tags/x", id(2).to_string()),
            ("refs/x", id(3).to_string()),
            ("refs/tags/origin/y", id(4).to_string()),
            ("refs/remotes/origin/y", id(5).to_string()),
            ("refs/remotes/origin/HEAD", "ref: refs/remotes/origin/y\n".to_owned()),
            ("MERGE_HEAD", format!("{}\n{}\n", id(6), id(7))),
        ]);
        let found = |name: &str| refs.find(name.as_bytes());
        assert_eq!(found("x"), Some(id(3)));
        assert_eq!(found("refs/tags/x"), Some(id(2)));
        assert_eq!(found("tags/x"), Some(id(2)));
        assert_eq!(found("heads/x"), Some(id(1)));
        assert_eq!(found("origin/y"), Some(id(4)));
        assert_eq!(found("origin"), Some(id(5)));
        assert_eq!(found("MERGE_HEAD"), Some(id(6)));
        assert_eq!(refs.pseudo("MERGE_HEAD"), [id(6), id(7)]);
        assert_eq!((found("HEAD"), found("main"), found("nothing")), (None, None, None));
    }

    #[test]
    fn refs_that_name_each_other_and_refs_that_name_nothing() {
        let (_folder, refs) = repository(&[("HEAD", "refs/heads/main".to_owned())]);
        assert_eq!(refs.head_or_unborn(), Err("HEAD: it names no object".to_owned()));
        let (_folder, refs) = repository(&[("refs/heads/main", "0".to_owned())]);
        assert_eq!(refs.head_or_unborn(), Err("refs/heads/main: it names no object".to_owned()));
        let (_folder, refs) = repository(&[
            ("refs/heads/main", "ref: refs/heads/b".to_owned()),
            ("refs/heads/b", "ref: refs/heads/main".to_owned()),
            ("refs/heads/empty", String::new()),
            ("refs/heads/zero", "0".repeat(40)),
            ("refs/heads/long", format!("{}1", id(1))),
            ("refs/heads/c.lock", String::new()),
            ("refs/heads/.DS_Store", String::new()),
        ]);
        assert_eq!(refs.head_or_unborn(), Ok(None));
        let broken: Vec<&[u8]> = refs.broken.iter().map(|(name, _)| name.as_slice()).collect();
        let expected = ["refs/heads/empty", "refs/heads/long", "refs/heads/zero"];
        assert_eq!(broken, expected.map(str::as_bytes));
    }
}
