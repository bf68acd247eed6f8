//! What a change makes of the configuration, which counts only once it is committed. In: its files as they are, and as the
//! change leaves them. Out: what would not load then, so that it is told before it is there.

use std::path::{Component, Path, PathBuf};

use akscan::GitError;
use akscan::model::PathBytes;
use akscan::suppress::{Baseline, Config};
use anyhow::Context as _;

/// The configuration's name.
pub(super) const CONFIG: &str = "akscan.toml";
/// The baseline's name where the configuration names none.
pub(super) const BASELINE: &str = "akscan-baseline.toml";
/// What that comes to.
pub(super) const WILL_NOT_COUNT: &str = "this change brings that in. Once it is committed, nothing in that file counts \
    (no allow, no accepted finding, no inventory). Correct it before you go on";

/// Reads a file as a change leaves it; `None` if there is none.
pub(super) type ReadFile<'f> = &'f dyn Fn(&PathBytes) -> Result<Option<Vec<u8>>, GitError>;

/// The text of a file as it is, and whether there is one; `None` where it cannot be read.
pub(super) type TextBefore<'f> = &'f dyn Fn(&str) -> Option<Option<String>>;

/// What is wrong with a configuration or baseline that a change brings in or touches. It names a file with `prefix`
/// before it.
pub(super) fn problem(before: TextBefore<'_>, prefix: &str, file: ReadFile<'_>) -> Option<String> {
    check(before, prefix, file).err().map(|error| format!("{error:#}"))
}

fn check(before: TextBefore<'_>, prefix: &str, file: ReadFile<'_>) -> anyhow::Result<()> {
    let text = |name: &str| -> anyhow::Result<Option<String>> {
        let Some(path) = in_repository(name) else { return Ok(None) };
        let bytes = file(&path).with_context(|| format!("cannot read {prefix}{name}"))?;
        let text = bytes.map(String::from_utf8).transpose();
        text.map_err(|_| anyhow::anyhow!("cannot read {prefix}{name}: not UTF-8"))
    };
    let is_as_before = |name: &str, now: &Option<String>| before(name).is_some_and(|before| before == *now);
    let now = text(CONFIG)?;
    let same = is_as_before(CONFIG, &now);
    let config = match now.map(|text| Config::parse(&text, &format!("{prefix}{CONFIG}"))).transpose() {
        // It is told of where it stood before.
        Err(_) if same => return Ok(()),
        config => config?.unwrap_or_default(),
    };
    let name = config.baseline.as_deref().unwrap_or(BASELINE);
    match text(name)? {
        now if same && is_as_before(name, &now) => {}
        Some(text) => drop(Baseline::parse(&text, &format!("{prefix}{name}"))?),
        None if config.baseline.is_some() && in_repository(name).is_some() => {
            anyhow::bail!("{prefix}{name}: no such file, though {CONFIG} names it as the baseline")
        }
        None => {}
    }
    Ok(())
}

/// A configured path as a commit has it; `None` for one that leads out of the repository.
pub(super) fn in_repository(name: &str) -> Option<PathBytes> {
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
