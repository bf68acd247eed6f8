//! Git repositories for tests, built with git2. In: paths and bytes. Out: a repository in a temporary folder.
//!
//! Bytes are stored exactly as given, signature and times are fixed, and HEAD is `main`: commit ids are constants.

use std::cell::Cell;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use akscan::model::PathBytes;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use git2::{IndexEntry, IndexTime, Oid, RepositoryInitOptions, Signature, Time};
use tempfile::TempDir;

/// The time of the first commit: 2026-01-01T00:00:00Z. Each further commit is an hour later.
pub(crate) const FIRST_COMMIT: i64 = 1_767_225_600;
/// The author of every commit.
pub(crate) const AUTHOR: &str = "Dev <dev@example.com>";

/// A repository in a temporary folder that goes away with it.
pub(crate) struct Repo {
    git: git2::Repository,
    clock: Cell<i64>,
    path: PathBuf,
    _folder: TempDir,
}

impl Repo {
    /// An empty repository with a work tree.
    pub(crate) fn new() -> Self {
        Self::init(false)
    }

    /// An empty repository without a work tree.
    pub(crate) fn bare() -> Self {
        Self::init(true)
    }

    fn init(bare: bool) -> Self {
        let folder = TempDir::new().unwrap();
        // macOS names its temporary folder through a symlink.
        let path = folder.path().canonicalize().unwrap();
        let mut options = RepositoryInitOptions::new();
        options.initial_head("main").external_template(false).bare(bare);
        let git = git2::Repository::init_opts(&path, &options).unwrap();
        Self { git, clock: Cell::new(FIRST_COMMIT), path, _folder: folder }
    }

    /// Where it is: the work tree, or the repository itself if it is bare.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// git2's own view of it, for whatever is not here.
    pub(crate) fn git(&self) -> &git2::Repository {
        &self.git
    }

    /// Writes a file and stages it, ignored or not.
    pub(crate) fn write(&self, path: impl AsRef<[u8]>, bytes: impl AsRef<[u8]>) -> &Self {
        self.write_untracked(path.as_ref(), bytes.as_ref());
        self.stage(path, bytes)
    }

    /// Writes a file and leaves it alone.
    pub(crate) fn write_untracked(&self, path: impl AsRef<[u8]>, bytes: impl AsRef<[u8]>) -> &Self {
        if !self.git.is_bare() {
            let file = self.path.join(PathBytes::new(path.as_ref()).to_path().unwrap());
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, bytes).unwrap();
        }
        self
    }

    /// Stages bytes without a file.
    pub(crate) fn stage(&self, path: impl AsRef<[u8]>, bytes: impl AsRef<[u8]>) -> &Self {
        self.stage_as(path.as_ref(), self.git.blob(bytes.as_ref()).unwrap(), 0o100_644)
    }

    /// Stages an entry of any mode: `0o120_000` is a symlink, `0o160_000` a submodule's commit.
    pub(crate) fn stage_as(&self, path: &[u8], id: Oid, mode: u32) -> &Self {
        let mut index = self.git.index().unwrap();
        index.add(&entry(path, id, mode)).unwrap();
        index.write().unwrap();
        self
    }

    /// Removes a file and stages that.
    pub(crate) fn remove(&self, path: impl AsRef<[u8]>) -> &Self {
        let path = PathBytes::new(path.as_ref()).to_path().unwrap();
        // A file that is only staged is not there.
        let _ = fs::remove_file(self.path.join(&path));
        let mut index = self.git.index().unwrap();
        index.remove_path(&path).unwrap();
        index.write().unwrap();
        self
    }

    /// Commits what is staged, an hour after the last commit.
    pub(crate) fn commit(&self, message: &str) -> Oid {
        let time = self.tick();
        self.commit_at(message, time)
    }

    /// Commits what is staged, at a time in seconds since 1970.
    pub(crate) fn commit_at(&self, message: &str, time: i64) -> Oid {
        let parents: Vec<Oid> = self.head().into_iter().collect();
        self.commit_with(message, time, &parents)
    }

    /// Commits what is staged as a merge of HEAD and `other`; what the merge holds is the caller's to stage.
    pub(crate) fn merge(&self, other: &str, message: &str) -> Oid {
        let other = self.git.revparse_single(other).unwrap().id();
        let parents = [self.head().unwrap(), other];
        let time = self.tick();
        self.commit_with(message, time, &parents)
    }

    fn commit_with(&self, message: &str, time: i64, parents: &[Oid]) -> Oid {
        let tree = self.git.find_tree(self.git.index().unwrap().write_tree_to(&self.git).unwrap()).unwrap();
        let parents: Vec<_> = parents.iter().map(|id| self.git.find_commit(*id).unwrap()).collect();
        let parents: Vec<_> = parents.iter().collect();
        let signature = signature(time);
        self.git.commit(Some("HEAD"), &signature, &signature, message, &tree, &parents).unwrap()
    }

    /// The commit of HEAD; `None` before the first one.
    pub(crate) fn head(&self) -> Option<Oid> {
        self.git.refname_to_id("HEAD").ok()
    }

    /// Makes a branch at HEAD and switches to it.
    pub(crate) fn branch(&self, name: &str) -> &Self {
        self.git.branch(name, &self.git.find_commit(self.head().unwrap()).unwrap(), false).unwrap();
        self.switch(name)
    }

    /// Switches to a branch: index and work tree become its commit.
    pub(crate) fn switch(&self, branch: &str) -> &Self {
        self.git.set_head(&format!("refs/heads/{branch}")).unwrap();
        self.reset(self.head().unwrap())
    }

    /// Switches to a branch that has no commit yet, with nothing staged.
    pub(crate) fn orphan(&self, branch: &str) -> &Self {
        self.git.set_head(&format!("refs/heads/{branch}")).unwrap();
        let mut index = self.git.index().unwrap();
        index.clear().unwrap();
        index.write().unwrap();
        self
    }

    /// Moves the branch of HEAD to `commit`, with index and work tree, as `git reset --hard` does.
    pub(crate) fn reset(&self, commit: Oid) -> &Self {
        let commit = self.git.find_object(commit, None).unwrap();
        self.git.reset(&commit, git2::ResetType::Hard, None).unwrap();
        self
    }

    /// Points a ref of any full name at an object, with a reflog where git keeps one.
    pub(crate) fn reference(&self, name: &str, id: Oid) -> &Self {
        self.git.reference(name, id, true, "test").unwrap();
        self
    }

    /// Makes or moves a remote-tracking ref, whose log says that it was pushed at `time` and knows nothing before.
    pub(crate) fn pushed_at(&self, name: &str, id: Oid, time: i64) -> &Self {
        self.moved(name, &[(id, time, "update by push")])
    }

    /// Makes or moves a ref, whose log says that it came to name these, when and why, and knows nothing before.
    pub(crate) fn moved(&self, name: &str, to: &[(Oid, i64, &str)]) -> &Self {
        let mut old = "0".repeat(40);
        let mut log = String::new();
        for (id, time, why) in to {
            self.reference(name, *id);
            let line = format!("{old} {id} {AUTHOR} {time} +0000\t{why}\n");
            log.push_str(&line);
            old = id.to_string();
        }
        fs::write(self.git.path().join("logs").join(name), log).unwrap();
        self
    }

    /// Makes an annotated tag of `id`.
    pub(crate) fn tag(&self, name: &str, id: Oid) -> &Self {
        let object = self.git.find_object(id, None).unwrap();
        self.git.tag(name, &object, &signature(FIRST_COMMIT), "a tag", false).unwrap();
        self
    }

    /// Stores a loose object that claims to be a `kind` of `size` bytes, and has none of them.
    pub(crate) fn claiming(&self, kind: &str, size: u64) -> Oid {
        let head = format!("{kind} {size}\0");
        let id = Oid::hash_object(git2::ObjectType::Blob, head.as_bytes()).unwrap();
        let name = id.to_string();
        let file = self.git.path().join("objects").join(&name[..2]).join(&name[2..]);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let mut stream = ZlibEncoder::new(Vec::new(), Compression::fast());
        stream.write_all(head.as_bytes()).unwrap();
        fs::write(file, stream.finish().unwrap()).unwrap();
        id
    }

    /// Stores a commit of what is staged with these parents, which need not be there; no ref names it.
    pub(crate) fn forge(&self, parents: &[Oid]) -> Oid {
        let tree = self.git.index().unwrap().write_tree_to(&self.git).unwrap();
        let made = format!("{AUTHOR} {FIRST_COMMIT} +0000");
        let head =
            std::iter::once(format!("tree {tree}")).chain(parents.iter().map(|parent| format!("parent {parent}")));
        let head = head.collect::<Vec<_>>().join("\n");
        let text = format!("{head}\nauthor {made}\ncommitter {made}\n\nforged\n");
        self.git.odb().unwrap().write(git2::ObjectType::Commit, text.as_bytes()).unwrap()
    }

    /// Stashes every change of tracked files, and puts the files back.
    pub(crate) fn stash(&self) -> Oid {
        let time = self.tick();
        // git2 wants the repository for itself alone here.
        let mut git = git2::Repository::open(&self.path).unwrap();
        git.stash_save(&signature(time), "a stash", None).unwrap()
    }

    /// Configures a remote; nothing is fetched.
    pub(crate) fn remote(&self, name: &str, url: &str) -> &Self {
        self.git.remote(name, url).unwrap();
        self
    }

    /// Adds a linked worktree with a branch of its own, in a folder that the caller owns.
    pub(crate) fn worktree(&self, name: &str, path: &Path) -> &Self {
        self.git.worktree(name, path, None).unwrap();
        self
    }

    fn tick(&self) -> i64 {
        let time = self.clock.get();
        self.clock.set(time + 3600);
        time
    }
}

fn signature(time: i64) -> Signature<'static> {
    Signature::new("Dev", "dev@example.com", &Time::new(time, 0)).unwrap()
}

fn entry(path: &[u8], id: Oid, mode: u32) -> IndexEntry {
    let never = IndexTime::new(0, 0);
    IndexEntry {
        ctime: never,
        mtime: never,
        dev: 0,
        ino: 0,
        mode,
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path: path.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commit_ids_are_constants() {
        let ids = || {
            let repo = Repo::new();
            repo.write("a.txt", "one\r\n").commit("first");
            repo.branch("side").write("b.txt", "two").commit("second");
            repo.switch("main").write("b.txt", "two").merge("side", "merge")
        };
        assert_eq!(ids(), ids());
        assert_eq!(ids().to_string(), "38e7b47a77b09cb5c3ca01f4760296c08537346b");
    }
}
