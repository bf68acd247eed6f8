//! Where git looks for the hooks of a repository. In: the current folder. Out: that folder, and whether it is the
//! repository's own.

use std::fs;
use std::path::{Path, PathBuf};

use akscan::model::PathBytes;
use akscan::{GitConfig, GitFolders};
use anyhow::{Context as _, bail};

use crate::cli::targets;

/// A longer configuration is not read.
const LONGEST: u64 = 4 << 20;

/// The hooks of a repository.
pub(super) struct Place {
    /// The root of the work tree, or the bare repository.
    pub(super) root: PathBuf,
    /// Where git looks for hooks.
    pub(super) hooks: PathBuf,
    /// What `core.hooksPath` leads out of the repository, if it does, and the file that sets it.
    pub(super) outside: Option<PathBuf>,
    /// Configuration that includes more, which was not read.
    pub(super) including: Vec<PathBuf>,
}

impl Place {
    /// The hooks of the repository around the current folder.
    pub(super) fn find() -> anyhow::Result<Self> {
        let here = std::env::current_dir().context("the current folder cannot be read")?;
        let root = targets::repository_around(&here);
        let root = root.canonicalize().unwrap_or(root);
        let GitFolders { folder, common, config, .. } = GitFolders::find(&root)?;
        let mut read = Configuration::default();
        for file in users_files() {
            read.file(file)?;
        }
        read.add(&config, common.join("config"));
        if config.value("extensions", "worktreeconfig").is_some_and(|value| !value.eq_ignore_ascii_case(b"false")) {
            read.file(folder.join("config.worktree"))?;
        }
        let Some((value, set_in)) = read.hooks_path else {
            let hooks = common.join("hooks");
            let outside = leads_outside(&hooks, &root, &common).then(|| hooks.clone());
            return Ok(Self { hooks, root, outside, including: read.including });
        };
        let hooks = resolve(&value, &root)
            .with_context(|| format!("core.hooksPath in {} cannot be followed", set_in.display()))?;
        let outside = leads_outside(&hooks, &root, &common).then_some(set_in);
        Ok(Self { root, hooks, outside, including: read.including })
    }
}

/// What the files of git's configuration say of hooks; later files count more.
#[derive(Default)]
struct Configuration {
    hooks_path: Option<(Vec<u8>, PathBuf)>,
    including: Vec<PathBuf>,
}

impl Configuration {
    fn file(&mut self, path: PathBuf) -> anyhow::Result<()> {
        let Ok(metadata) = fs::metadata(&path) else { return Ok(()) };
        if !metadata.is_file() || metadata.len() > LONGEST {
            bail!("{}: not a file that git could read its configuration from", path.display());
        }
        let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        self.add(&GitConfig::parse(&text), path);
        Ok(())
    }

    fn add(&mut self, config: &GitConfig, path: PathBuf) {
        if let Some(value) = config.value("core", "hookspath") {
            self.hooks_path = Some((value.to_owned(), path.clone()));
        }
        if ["include", "includeif"].into_iter().any(|section| config.all(section, "path").next().is_some()) {
            self.including.push(path);
        }
    }
}

/// The configuration of the machine and of the user, where git looks for it.
fn users_files() -> Vec<PathBuf> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let home = home();
    let system = set("GIT_CONFIG_SYSTEM").or_else(|| Some(PathBuf::from("/etc/gitconfig")));
    let settings = set("XDG_CONFIG_HOME").or_else(|| Some(home.as_ref()?.join(".config")));
    let global = match set("GIT_CONFIG_GLOBAL") {
        Some(file) => [Some(file), None],
        None => [settings.map(|folder| folder.join("git/config")), home.map(|home| home.join(".gitconfig"))],
    };
    system.into_iter().chain(global.into_iter().flatten()).collect()
}

fn home() -> Option<PathBuf> {
    std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(PathBuf::from)
}

/// The folder that `value` names: hooks run at the root, so a relative one begins there.
fn resolve(value: &[u8], root: &Path) -> anyhow::Result<PathBuf> {
    let path = |bytes: &[u8]| PathBytes::new(bytes).to_path().context("its bytes make no path on this system");
    match value {
        b"" => bail!("it is empty, so git runs no hooks here: unset it first (git config --unset core.hooksPath)"),
        [b'~', b'/', rest @ ..] => Ok(home().context("HOME is not set")?.join(path(rest)?)),
        [b'~' | b'%', ..] => bail!("only paths that begin with a name, `/` or `~/` are understood"),
        value => Ok(root.join(path(value)?)),
    }
}

/// Whether `folder` is neither in the work tree nor in the repository itself.
fn leads_outside(folder: &Path, root: &Path, common: &Path) -> bool {
    // What does not exist yet is where its nearest ancestor is that does.
    let real = folder.ancestors().find_map(|ancestor| {
        let rest = folder.strip_prefix(ancestor).ok()?;
        Some(ancestor.canonicalize().ok()?.join(rest))
    });
    let Some(real) = real else { return true };
    // The main work tree belongs to the repository, too, seen from a linked one.
    let main = common.parent().filter(|_| common.file_name().is_some_and(|name| name == ".git"));
    ![Some(root), Some(common), main].into_iter().flatten().any(|own| real.starts_with(own))
}
