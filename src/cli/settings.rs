//! Configuration: `akscan.toml` and the baseline at the root of what is scanned. In: a folder, or a commit where a
//! change is scanned. Out: settings.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use akscan::model::PathBytes;
use akscan::suppress::{Baseline, Config};
use akscan::{CommitFiles, Inventory, InventoryError};
use anyhow::Context as _;

use super::rules::RuleFile;

/// The configuration's name.
const CONFIG: &str = "akscan.toml";
/// The baseline's name where the configuration names none.
const BASELINE: &str = "akscan-baseline.toml";
/// A longer configuration or baseline is not read.
const LONGEST: u64 = 64 << 20;

/// What is configured.
pub(super) struct Settings {
    pub(super) config: Config,
    root: PathBuf,
    from: From,
}

/// Where the files of the configuration stand.
enum From {
    /// In the folder `root`.
    Folder,
    /// In the commit before the change that is scanned: a change must not switch off its own scan. There may be none.
    Commit(Option<CommitFiles>),
}

impl Settings {
    /// Reads the configuration in `root`, if there is one.
    pub(super) fn read(root: &Path) -> anyhow::Result<Self> {
        Self::read_from(root, From::Folder)
    }

    /// Reads the configuration in a commit of the repository at `root`, if there is one.
    pub(super) fn read_committed(root: &Path, commit: Option<CommitFiles>) -> anyhow::Result<Self> {
        Self::read_from(root, From::Commit(commit))
    }

    fn read_from(root: &Path, from: From) -> anyhow::Result<Self> {
        let mut settings = Self { config: Config::default(), root: root.to_owned(), from };
        if let Some(text) = settings.text(CONFIG)? {
            settings.config = Config::parse(&text, &settings.shown(CONFIG))?;
        }
        Ok(settings)
    }

    /// Where the baseline is, whether it exists or not.
    pub(super) fn baseline_path(&self) -> PathBuf {
        self.root.join(self.baseline_name())
    }

    fn baseline_name(&self) -> &str {
        self.config.baseline.as_deref().unwrap_or(BASELINE)
    }

    /// The baseline, empty if there is none. One that the configuration names must be there.
    pub(super) fn baseline(&self) -> anyhow::Result<Baseline> {
        let name = self.baseline_name();
        match self.text(name)? {
            Some(text) => Ok(Baseline::parse(&text, &self.shown(name))?),
            None if self.config.baseline.is_some() => {
                anyhow::bail!("{}: no such file, though {CONFIG} names it as the baseline", self.shown(name))
            }
            None => Ok(Baseline::default()),
        }
    }

    /// The configuration's rule files, each of which must be there.
    pub(super) fn rules(&self) -> anyhow::Result<Vec<RuleFile>> {
        let read = |name: &String| match self.text(name)? {
            Some(text) => Ok((self.shown(name), text)),
            None => anyhow::bail!("{}: no such file, though {CONFIG} names it among the rules", self.shown(name)),
        };
        self.config.rules.iter().map(read).collect()
    }

    /// The inventory of the configuration's files and of `more`.
    pub(super) fn inventory(&self, more: &[PathBuf]) -> anyhow::Result<Inventory> {
        let mut inventory = Inventory::default();
        for name in &self.config.inventory {
            match self.committed(name)? {
                Some(bytes) => explained(inventory.add(&self.shown(name), &bytes))?,
                // Whoever pushes must not choose what a server opens; it has inventories of its own (`--inventory`).
                None if self.is_on_server() => {}
                None => {
                    let path = self.root.join(name);
                    refuse_special(&path)?;
                    explained(inventory.add_path(&path))?;
                }
            }
        }
        for path in more {
            explained(inventory.add_path(path))?;
        }
        Ok(inventory)
    }

    /// An inventory of the configuration, where it is to be read from the commit; `None` where it lies on the disk.
    ///
    /// It may never have been committed, and then counts as it lies there; but not if the change itself brings it in.
    fn committed(&self, name: &str) -> anyhow::Result<Option<Vec<u8>>> {
        let From::Commit(Some(commit)) = &self.from else { return Ok(None) };
        let Some(path) = in_repository(name) else { return Ok(None) };
        let bytes = commit.read(&path)?;
        if bytes.is_none() && commit.is_staged(&path)? {
            anyhow::bail!("{}: no such file: an inventory counts once it is committed", self.shown(name));
        }
        Ok(bytes)
    }

    /// The text of a file of the configuration, if it is there.
    fn text(&self, name: &str) -> anyhow::Result<Option<String>> {
        let read = match &self.from {
            From::Folder => read_file(&self.root.join(name)),
            From::Commit(None) => Ok(None),
            From::Commit(Some(commit)) => match in_repository(name) {
                Some(path) => Ok(commit.read(&path)?),
                None if self.is_on_server() => Ok(None),
                None => read_file(&self.root.join(name)),
            },
        };
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", self.shown(name))),
        };
        let text = bytes.map(String::from_utf8).transpose();
        text.map_err(|_| anyhow::anyhow!("cannot read {}: not UTF-8", self.shown(name)))
    }

    /// Whether the configuration is that of a repository without a work tree, to which others push.
    fn is_on_server(&self) -> bool {
        matches!(self.from, From::Commit(_)) && self.root.join(".git").symlink_metadata().is_err()
    }

    /// A file of the configuration, as messages name it; one in a commit as git does.
    fn shown(&self, name: &str) -> String {
        match &self.from {
            From::Commit(Some(commit)) => format!("{:.10}:{name}", commit.commit().to_string()),
            _ => self.root.join(name).display().to_string(),
        }
    }
}

/// Refuses what the configuration names and is no file: a FIFO would hold up whoever waits for the scan.
fn refuse_special(path: &Path) -> anyhow::Result<()> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        anyhow::bail!("{}: not a regular file, though {CONFIG} names it", path.display());
    }
    Ok(())
}

/// The bytes of a regular file.
fn read_file(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let metadata = fs::metadata(path)?;
    match (metadata.is_file(), metadata.len()) {
        (false, _) => Err(io::Error::other("not a regular file")),
        (true, length) if length > LONGEST => Err(io::Error::other(format!("over {} MiB", LONGEST >> 20))),
        _ => fs::read(path).map(Some),
    }
}

/// A configured path as a commit has it; `None` for one that leads out of the repository.
fn in_repository(name: &str) -> Option<PathBytes> {
    let mut inside = PathBuf::new();
    for component in Path::new(name).components() {
        match component {
            Component::Normal(name) => inside.push(name),
            Component::CurDir => {}
            Component::ParentDir if inside.pop() => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(PathBytes::from_path(&inside))
}

/// Says what to do about an inventory that cannot be used.
fn explained(result: Result<(), InventoryError>) -> anyhow::Result<()> {
    result.map_err(|error| {
        let hint = error.hint();
        let error = anyhow::Error::new(error);
        match hint {
            Some(hint) => error.context(format!("the inventory cannot be used (hint: {hint})")),
            None => error.context("the inventory cannot be used"),
        }
    })
}

#[cfg(test)]
mod tests {
    use akscan::ThrowAway;

    use super::*;

    #[test]
    fn a_change_does_not_configure_its_own_scan() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let repository = ThrowAway::new(root).unwrap();
        assert_eq!(Settings::read_committed(root, None).unwrap().config, Config::default());
        let config = "fail-on = 'low'\ninventory = ['./keys.csv']\nbaseline = 'x/b.toml'";
        repository.commit("settings", 1, &[("akscan.toml", config)]).unwrap();
        let settings = Settings::read_committed(root, CommitFiles::head(root).unwrap()).unwrap();
        fs::write(root.join("akscan.toml"), "fail-on = 'critical'").unwrap();
        assert_eq!(settings.config.fail_on, Some(akscan::model::Severity::Low));
        let error = settings.baseline().unwrap_err().to_string();
        assert!(error.ends_with(":x/b.toml: no such file, though akscan.toml names it as the baseline"), "{error}");

        // What was never committed counts as it lies there, unless the change brings it in.
        fs::write(root.join("keys.csv"), "access_key_id\n").unwrap();
        assert!(settings.inventory(&[]).is_ok());
        repository.commit("keys", 2, &[("akscan.toml", config), ("keys.csv", "access_key_id\n")]).unwrap();
        let error = settings.inventory(&[]).unwrap_err().to_string();
        assert!(error.ends_with("keys.csv: no such file: an inventory counts once it is committed"), "{error}");
        fs::remove_file(root.join("keys.csv")).unwrap();
        let settings = Settings::read_committed(root, CommitFiles::head(root).unwrap()).unwrap();
        assert_eq!(settings.config.inventory.len(), 1);
        assert!(settings.inventory(&[]).is_ok(), "read from the commit");
    }

    #[test]
    fn only_paths_inside_are_looked_for_in_a_commit() {
        let inside = |name: &str| in_repository(name).map(|path| String::from_utf8(path.as_bytes().to_vec()).unwrap());
        assert_eq!(inside("./a/../b/c.csv").as_deref(), Some("b/c.csv"));
        for outside in ["/etc/keys.csv", "../keys.csv", "a/../../keys.csv"] {
            assert_eq!(inside(outside), None, "{outside}");
        }
    }
}
