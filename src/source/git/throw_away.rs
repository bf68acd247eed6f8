//! Small repositories, made and thrown away: for the demo. In: files and dates. Out: commits in a folder.

use std::path::Path;

use git2::{IndexEntry, IndexTime, Oid, Repository, RepositoryInitOptions, Signature, Time};

use super::GitError;

/// A small repository in a folder of the caller's, with `main` as its branch.
pub struct ThrowAway {
    repository: Repository,
}

impl ThrowAway {
    /// Makes an empty repository in `folder`.
    ///
    /// # Errors
    ///
    /// If it cannot be written there.
    pub fn new(folder: &Path) -> Result<Self, GitError> {
        let mut options = RepositoryInitOptions::new();
        options.initial_head("main").external_template(false);
        let unwritable = |error: git2::Error| unwritable(folder, &error);
        Ok(Self { repository: Repository::init_opts(folder, &options).map_err(unwritable)? })
    }

    /// Makes `files` the whole content of the branch and of the work tree, in one commit made at `time` (seconds since
    /// the epoch).
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn commit(&self, message: &str, time: i64, files: &[(&str, &str)]) -> Result<(), GitError> {
        self.try_commit(message, time, files).map_err(|error| unwritable(self.repository.path(), &error))
    }

    /// Says that the branch was pushed as it is now, at `time`, in seconds since 1970.
    ///
    /// # Errors
    ///
    /// If there is no commit yet.
    pub fn push(&self, time: i64) -> Result<(), GitError> {
        const TRACKING: &str = "refs/remotes/origin/main";
        let push = || {
            let head = self.repository.head()?.peel_to_commit()?.id();
            self.repository.reference(TRACKING, head, true, "update by push")?;
            // The log has the time of this machine.
            let mut log = self.repository.reflog(TRACKING)?;
            log.remove(0, true)?;
            log.append(head, &Signature::new("Dev", "dev@example.com", &Time::new(time, 0))?, Some("update by push"))?;
            log.write()
        };
        push().map_err(|error| unwritable(self.repository.path(), &error))
    }

    fn try_commit(&self, message: &str, time: i64, files: &[(&str, &str)]) -> Result<(), git2::Error> {
        let mut index = self.repository.index()?;
        index.clear()?;
        for (path, text) in files {
            index.add_frombuffer(&entry(path), text.as_bytes())?;
        }
        index.write()?;
        let tree = self.repository.find_tree(index.write_tree()?)?;
        let author = Signature::new("Dev", "dev@example.com", &Time::new(time, 0))?;
        let parent = self.repository.head().and_then(|head| head.peel_to_commit()).ok();
        let parents: Vec<_> = parent.iter().collect();
        self.repository.commit(Some("HEAD"), &author, &author, message, &tree, &parents)?;
        self.repository.checkout_head(Some(git2::build::CheckoutBuilder::new().force().remove_untracked(true)))
    }
}

fn entry(path: &str) -> IndexEntry {
    let never = IndexTime::new(0, 0);
    IndexEntry {
        ctime: never,
        mtime: never,
        dev: 0,
        ino: 0,
        mode: 0o100_644,
        uid: 0,
        gid: 0,
        file_size: 0,
        id: Oid::ZERO_SHA1,
        flags: 0,
        flags_extended: 0,
        path: path.as_bytes().to_vec(),
    }
}

fn unwritable(path: &Path, error: &git2::Error) -> GitError {
    GitError::Unreadable { path: path.to_owned(), cause: error.message().to_owned() }
}
