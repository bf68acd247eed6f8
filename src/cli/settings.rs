//! Configuration: `akscan.toml` and the baseline at the root of what is scanned. In: a folder. Out: settings.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use akscan::Inventory;
use akscan::suppress::{Baseline, Config};
use anyhow::Context as _;

/// The configuration's name.
const CONFIG: &str = "akscan.toml";
/// The baseline's name where the configuration names none.
const BASELINE: &str = "akscan-baseline.toml";

/// What is configured.
pub(super) struct Settings {
    pub(super) config: Config,
    root: PathBuf,
}

impl Settings {
    /// Reads the configuration in `root`, if there is one.
    pub(super) fn read(root: &Path) -> anyhow::Result<Self> {
        let path = root.join(CONFIG);
        let config = match read_if_there(&path)? {
            Some(text) => Config::parse(&text, &path.display().to_string())?,
            None => Config::default(),
        };
        Ok(Self { config, root: root.to_owned() })
    }

    /// Where the baseline is, whether it exists or not.
    pub(super) fn baseline_path(&self) -> PathBuf {
        self.root.join(self.config.baseline.as_deref().unwrap_or(BASELINE))
    }

    /// The baseline, empty if there is none. One that the configuration names must be there.
    pub(super) fn baseline(&self) -> anyhow::Result<Baseline> {
        let path = self.baseline_path();
        match read_if_there(&path)? {
            Some(text) => Ok(Baseline::parse(&text, &path.display().to_string())?),
            None if self.config.baseline.is_some() => {
                anyhow::bail!("{}: no such file, though {CONFIG} names it as the baseline", path.display())
            }
            None => Ok(Baseline::default()),
        }
    }

    /// The inventory of the configuration's files and of `more`.
    pub(super) fn inventory(&self, more: &[PathBuf]) -> anyhow::Result<Inventory> {
        let configured = self.config.inventory.iter().map(|file| self.root.join(file));
        let paths: Vec<PathBuf> = configured.chain(more.iter().cloned()).collect();
        Inventory::from_paths(&paths).map_err(|error| {
            let hint = error.hint();
            let error = anyhow::Error::new(error);
            match hint {
                Some(hint) => error.context(format!("the inventory cannot be used (hint: {hint})")),
                None => error.context("the inventory cannot be used"),
            }
        })
    }
}

fn read_if_there(path: &Path) -> anyhow::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}
