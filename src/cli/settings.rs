//! Configuration: `akscan.toml` and the baseline at the root of what is scanned. In: a folder, or a commit where a
//! change is scanned. Out: settings.
//!
//! What cannot be used in a folder is an error. In a commit it is a warning, and the defaults count: nobody could commit
//! the repair otherwise, and nothing is accepted by default.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use akscan::suppress::{Baseline, Config};
use akscan::{CommitFiles, Detector, Inventory, InventoryError, Range, Staged};
use anyhow::Context as _;

use super::ahead::{self, BASELINE, CONFIG, in_repository};
use super::rules::{self, RuleFile};

/// What becomes of a scan where something of the configuration cannot be used, and what to do.
const CONFIG_LOST: &str = "so nothing in akscan.toml counts here: no allow, no baseline, no inventory, and --fail-on is \
    `medium`. To repair it, correct akscan.toml and commit that; the commit and its push are checked in the same way";
const BASELINE_LOST: &str = "so no finding is accepted by a baseline here. To repair it, correct the baseline (or \
    `baseline` in akscan.toml) and commit that";
const INVENTORY_LOST: &str = "so keys that only this inventory knows are `not-checked` here, even if they work. Put the \
    file where it belongs, or correct `inventory` in akscan.toml";
const RULES_LOST: &str = "so only the built-in rules count here, and those that --rules names. To repair it, correct the \
    rule file (or `rules` in akscan.toml) and commit that";
/// A longer configuration or baseline is not read.
const LONGEST: u64 = 64 << 20;

/// What is configured.
pub(super) struct Settings {
    pub(super) config: Config,
    root: PathBuf,
    from: From,
    /// What is wrong with it, and with what the change makes of it.
    warnings: Vec<String>,
    /// What is wrong with what the change makes of it, without the commit.
    ahead: BTreeSet<String>,
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
        let mut settings = Self::new(root, From::Folder);
        settings.config = settings.read_config()?;
        Ok(settings)
    }

    /// Reads the configuration in a commit of the repository at `root`, if there is one.
    pub(super) fn read_committed(root: &Path, commit: Option<CommitFiles>) -> Self {
        let mut settings = Self::new(root, From::Commit(commit));
        match settings.read_config() {
            Ok(config) => settings.config = config,
            Err(error) => settings.warnings.extend([format!("{error:#}"), CONFIG_LOST.to_owned()]),
        }
        settings
    }

    /// The same for what is staged, which may bring in another configuration.
    pub(super) fn of_staged(root: &Path, head: Option<CommitFiles>, staged: &Staged) -> Self {
        let mut settings = Self::read_committed(root, head);
        settings.look_ahead("", &|name| staged.file(name));
        settings
    }

    /// The same for a range of commits: each of its ends may bring in another configuration.
    pub(super) fn of_range(root: &Path, base: Option<CommitFiles>, range: &Range) -> Self {
        let mut settings = Self::read_committed(root, base);
        for end in range.ends() {
            settings.look_ahead(&format!("{:.10}:", end.to_string()), &|name| range.file(end, name));
        }
        settings
    }

    fn new(root: &Path, from: From) -> Self {
        Self { config: Config::default(), root: root.to_owned(), from, warnings: Vec::new(), ahead: BTreeSet::new() }
    }

    fn read_config(&self) -> anyhow::Result<Config> {
        match self.text(CONFIG)? {
            Some(text) => Ok(Config::parse(&text, &self.shown(CONFIG))?),
            None => Ok(Config::default()),
        }
    }

    /// Warns of what a change makes of the configuration; once, where several of its ends make the same of it.
    fn look_ahead(&mut self, prefix: &str, file: ahead::ReadFile<'_>) {
        let problem = ahead::problem(&|name| self.text(name).ok(), prefix, file);
        if let Some(problem) = problem.filter(|problem| self.ahead.insert(problem.replace(prefix, ""))) {
            self.warnings.retain(|warning| warning != ahead::WILL_NOT_COUNT);
            self.warnings.extend([problem, ahead::WILL_NOT_COUNT.to_owned()]);
        }
    }

    /// Where the baseline is, whether it exists or not.
    pub(super) fn baseline_path(&self) -> PathBuf {
        self.root.join(self.baseline_name())
    }

    fn baseline_name(&self) -> &str {
        self.config.baseline.as_deref().unwrap_or(BASELINE)
    }

    /// What is wrong so far.
    pub(super) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The baseline, empty if there is none. One that the configuration names must be there. Where it may not stop the
    /// scan, what is wrong with it is added to `warnings`.
    pub(super) fn baseline(&self, warnings: &mut Vec<String>) -> anyhow::Result<Baseline> {
        let name = self.baseline_name();
        let read = || match self.text(name)? {
            Some(text) => Ok(Baseline::parse(&text, &self.shown(name))?),
            None if self.config.baseline.is_some() => {
                anyhow::bail!("{}: no such file, though {CONFIG} names it as the baseline", self.shown(name))
            }
            None => Ok(Baseline::default()),
        };
        match read() {
            Err(error) if self.may_not_stop() => {
                warnings.extend([format!("{error:#}"), BASELINE_LOST.to_owned()]);
                Ok(Baseline::default())
            }
            read => read,
        }
    }

    /// What finds keys, by the configuration's rule files, each of which must be there, and by `given`. Where they may not
    /// stop the scan, what is wrong with them is added to `warnings`.
    pub(super) fn rules(&self, given: &[RuleFile], warnings: &mut Vec<String>) -> anyhow::Result<Detector> {
        let read = |name: &String| match self.text(name)? {
            Some(text) => Ok((self.shown(name), text)),
            None => anyhow::bail!("{}: no such file, though {CONFIG} names it among the rules", self.shown(name)),
        };
        let own = self.config.rules.iter().map(read).collect::<anyhow::Result<Vec<RuleFile>>>();
        match own.and_then(|own| rules::loaded(&[&own, given].concat())) {
            Err(error) if self.may_not_stop() && !self.config.rules.is_empty() => {
                warnings.extend([format!("{error:#}"), RULES_LOST.to_owned()]);
                rules::loaded(given)
            }
            loaded => loaded,
        }
    }

    /// The inventory of the configuration's files and of `more`. Where the configuration may not stop the scan, what is
    /// wrong with its files is added to `warnings`, and what the others say of whole accounts does not count.
    pub(super) fn inventory(&self, more: &[PathBuf], warnings: &mut Vec<String>) -> anyhow::Result<Inventory> {
        let mut inventory = Inventory::default();
        let told = warnings.len();
        for name in &self.config.inventory {
            match self.add_to(&mut inventory, name) {
                Err(error) if self.may_not_stop() => warnings.push(format!("{error:#}")),
                added => added?,
            }
        }
        if warnings.len() > told {
            inventory.lacks_a_file();
            warnings.push(INVENTORY_LOST.to_owned());
        }
        explained(inventory.add_paths(more))?;
        warnings.extend_from_slice(inventory.notes());
        Ok(inventory)
    }

    /// Adds what a file of the configuration says.
    fn add_to(&self, inventory: &mut Inventory, name: &str) -> anyhow::Result<()> {
        match self.committed(name)? {
            Some(bytes) => explained(inventory.add(&self.shown(name), &bytes)),
            // Whoever pushes must not choose what a server opens; it has inventories of its own (`--inventory`).
            None if self.is_on_server() => Ok(()),
            None => {
                let path = self.root.join(name);
                refuse_special(&path)?;
                explained(inventory.add_paths(&[path]))
            }
        }
    }

    /// Whether what is wrong with the configuration is only told.
    fn may_not_stop(&self) -> bool {
        matches!(self.from, From::Commit(_))
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

/// Says what to do about an inventory that cannot be used.
pub(super) fn explained<T>(result: Result<T, InventoryError>) -> anyhow::Result<T> {
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

    /// What is said of the inventory.
    fn inventory(settings: &Settings) -> Vec<String> {
        let mut warnings = Vec::new();
        settings.inventory(&[], &mut warnings).unwrap();
        warnings
    }

    #[test]
    fn a_change_does_not_configure_its_own_scan() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let head = || Settings::read_committed(root, CommitFiles::head(root).unwrap());
        let repository = ThrowAway::new(root).unwrap();
        assert_eq!(Settings::read_committed(root, None).config, Config::default());
        let config = "fail-on = 'low'\ninventory = ['./keys.csv']\nbaseline = 'x/b.toml'";
        repository.commit("settings", 1, &[("akscan.toml", config)]).unwrap();
        let settings = head();
        fs::write(root.join("akscan.toml"), "fail-on = 'critical'").unwrap();
        assert_eq!(settings.config.fail_on, Some(akscan::model::Severity::Low));
        let mut warnings = Vec::new();
        settings.baseline(&mut warnings).unwrap();
        let expected = ":x/b.toml: no such file, though akscan.toml names it as the baseline";
        assert!(warnings[0].ends_with(expected) && warnings[1] == BASELINE_LOST, "{warnings:?}");

        // What was never committed counts as it lies there, unless the change brings it in.
        fs::write(root.join("keys.csv"), "access_key_id\n").unwrap();
        assert_eq!(inventory(&settings), [""; 0]);
        repository.commit("keys", 2, &[("akscan.toml", config), ("keys.csv", "access_key_id\n")]).unwrap();
        let told = inventory(&settings);
        assert!(told[0].ends_with("keys.csv: no such file: an inventory counts once it is committed"), "{told:?}");
        fs::remove_file(root.join("keys.csv")).unwrap();
        let settings = head();
        assert_eq!(settings.config.inventory.len(), 1);
        assert_eq!(inventory(&settings), [""; 0], "read from the commit");
    }

    #[test]
    fn what_cannot_be_used_is_an_error_in_a_folder_and_a_warning_in_a_commit() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let repository = ThrowAway::new(root).unwrap();
        for (config, expected) in [
            ("fail-on = 'low'\ncolour = true", "akscan.toml:2: unknown key `colour`"),
            ("fail-on = ", "akscan.toml:1: "),
        ] {
            repository.commit(config, 1, &[("akscan.toml", config)]).unwrap();
            let settings = Settings::read_committed(root, CommitFiles::head(root).unwrap());
            assert_eq!(settings.config, Config::default());
            assert!(settings.warnings[0].contains(expected), "{:?}", settings.warnings);
            assert_eq!(settings.warnings[1], CONFIG_LOST);
            fs::write(root.join("akscan.toml"), config).unwrap();
            assert!(Settings::read(root).is_err());
        }
    }

    #[test]
    fn without_one_of_its_files_an_inventory_makes_no_key_unlisted() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let repository = ThrowAway::new(root).unwrap();
        let all = r#"{"accounts": [{"account_id": "1234567890123456", "complete": true}], "keys": []}"#;
        let id = akscan::model::AccessKeyId::new(akscan::MadeUp::new(1).fill("{{access-key-id:24}}").as_bytes());
        let key = akscan::model::Credential::KeyId { id: id.unwrap(), masked: false };
        let status = |config: &str, day: i64| {
            repository.commit("files", day, &[("akscan.toml", config), ("all.json", all)]).unwrap();
            let settings = Settings::read_committed(root, CommitFiles::head(root).unwrap());
            let mut warnings = Vec::new();
            let inventory = settings.inventory(&[], &mut warnings).unwrap();
            (inventory.verdict(&key).status.to_string(), warnings)
        };
        assert_eq!(status("inventory = ['all.json']", 1), ("unlisted".to_owned(), Vec::new()));
        let (status, warnings) = status("inventory = ['all.json', 'gone.csv']", 2);
        assert_eq!((status.as_str(), warnings[1].as_str()), ("not-checked", INVENTORY_LOST));
        assert!(warnings[0].contains("gone.csv"), "{warnings:?}");
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
