//! One hook on disk. In: its folder and which it is. Out: ours in its place, with what was there kept beside it; or the
//! other way round.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::script::{Author, Hook, author, script};

/// A hook's file, whether it exists or not.
pub(super) struct HookFile {
    hook: Hook,
    path: PathBuf,
    /// Where the hook is kept that was there before.
    kept: PathBuf,
}

impl HookFile {
    pub(super) fn new(folder: &Path, hook: Hook) -> Self {
        Self { hook, path: folder.join(hook.name()), kept: folder.join(hook.kept_name()) }
    }

    /// Whether it is as akscan wrote it.
    pub(super) fn is_ours(&self) -> bool {
        matches!(self.author(), Ok(Some(Author::Akscan)))
    }

    /// Fails where installing would lose something. A hook of akscan's that somebody has changed is put aside only by
    /// `force`.
    pub(super) fn can_be_installed(&self, force: bool) -> anyhow::Result<()> {
        match self.author()? {
            None if exists(&self.kept) => {
                bail!("{}: kept from before, but there is no hook beside it; {HOW_TO_MEND}", self.kept.display())
            }
            Some(Author::Others) if exists(&self.kept) => {
                bail!("{}: in the way of keeping the hook that is there now; {HOW_TO_MEND}", self.kept.display())
            }
            Some(Author::AkscanAndOthers) if !force => Err(self.edited(", or put it aside with --force")),
            _ => Ok(()),
        }
    }

    /// Puts the hook there that runs `akscan`. What was there stays beside it and runs first. Says what was done.
    pub(super) fn install(&self, akscan: &Path) -> anyhow::Result<String> {
        let cannot = || format!("cannot write {}; nothing was changed", self.path.display());
        let script = script(self.hook, akscan);
        let author = self.author()?;
        if author == Some(Author::Akscan) && fs::read(&self.path).is_ok_and(|bytes| bytes == script) {
            return Ok(format!("installed already: {}", self.path.display()));
        }
        let keep = author == Some(Author::Others);
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).with_context(cannot)?;
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(fs::Permissions::from_mode(0o777));
        }
        let mut file = builder.tempfile_in(folder).with_context(cannot)?;
        file.write_all(&script).with_context(cannot)?;
        let aside =
            if author == Some(Author::AkscanAndOthers) { Some(self.put_aside().with_context(cannot)?) } else { None };
        if keep {
            link(&self.path, &self.kept).with_context(cannot)?;
        }
        if let Err(error) = file.persist(&self.path) {
            if keep {
                fs::rename(&self.kept, &self.path)
                    .with_context(|| format!("{} cannot be put back", self.kept.display()))?;
            }
            return Err(error.error).with_context(cannot);
        }
        let kept = match aside {
            _ if keep => format!("; the hook that was there runs first, kept as {}", self.hook.kept_name()),
            Some(aside) => format!("; the changed one no longer runs, and is kept as {}", aside.display()),
            None => String::new(),
        };
        Ok(format!("installed: {}{kept}", self.path.display()))
    }

    /// Keeps a hook of akscan's that somebody has changed, under a name that is still free.
    fn put_aside(&self) -> std::io::Result<PathBuf> {
        let name = |number: usize| self.path.with_file_name(format!("{}.changed-{number}", self.hook.name()));
        let free = (1..1000).map(name).find(|path| !exists(path)).ok_or(ErrorKind::AlreadyExists)?;
        link(&self.path, &free).map(|()| free)
    }

    /// Takes ours out, and puts back what was there before. Says what was done.
    pub(super) fn uninstall(&self) -> anyhow::Result<String> {
        let (shown, kept) = (self.path.display(), exists(&self.kept));
        match self.author()? {
            Some(Author::AkscanAndOthers) => Err(self.edited("")),
            Some(Author::Others) => Ok(format!("left alone: {shown} is not akscan's")),
            None if !kept => Ok(format!("not installed: {shown}")),
            _ if kept => {
                fs::rename(&self.kept, &self.path).with_context(|| format!("{shown} cannot be put back"))?;
                Ok(format!("put back: {shown}, as it was before"))
            }
            _ => {
                fs::remove_file(&self.path).with_context(|| format!("cannot remove {shown}"))?;
                Ok(format!("removed: {shown}"))
            }
        }
    }

    /// Who wrote the file that is there; `None` where there is none.
    fn author(&self) -> anyhow::Result<Option<Author>> {
        let metadata = match self.path.symlink_metadata() {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("cannot look at {}", self.path.display())),
        };
        // Ours is never a link; what a link leads to is not ours to replace.
        if metadata.is_symlink() {
            return Ok(Some(Author::Others));
        }
        if !metadata.is_file() {
            bail!("{}: not a file", self.path.display());
        }
        let bytes = fs::read(&self.path).with_context(|| format!("cannot read {}", self.path.display()))?;
        Ok(Some(author(&bytes)))
    }

    fn edited(&self, or_else: &str) -> anyhow::Error {
        let path = self.path.display();
        anyhow::anyhow!(
            "{path}: changed since akscan wrote it; move it away or undo the change, then try again{or_else}"
        )
    }
}

const HOW_TO_MEND: &str =
    "it is the hook that stood there before akscan's: move it where it belongs, or away, then try again";

/// Gives a hook a second name. It keeps the first until it is replaced: at no time is there none.
fn link(path: &Path, second: &Path) -> std::io::Result<()> {
    match fs::hard_link(path, second) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists && !exists(second) => {
            // Not every file system has links.
            fs::rename(path, second)
        }
        done => done,
    }
}

fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}
