//! `akscan hook install` and `uninstall`. In: the repository around the current folder. Out: pre-commit and pre-push
//! hooks in it, beside the ones that were there; or everything as it was before.

mod file;
mod framework;
mod place;
mod script;

use anyhow::{Context as _, bail};

use self::file::HookFile;
use self::framework::Framework;
use self::place::Place;
use self::script::Hook;
use crate::cli::args::InstallArgs;
use crate::cli::{Exit, messages, output};

/// Runs `akscan hook install`.
pub(super) fn install(args: InstallArgs) -> anyhow::Result<Exit> {
    let place = Place::find()?;
    let akscan = std::env::current_exe().context("the place of this program cannot be told")?;
    let files = Hook::ALL.map(|hook| HookFile::new(&place.hooks, hook));
    if !args.force {
        refuse_outside(&place)?;
        // Where ours are already, they are only brought up to date.
        let framework = Framework::in_charge(&place.root, &place.hooks);
        if let Some((framework, evidence)) = framework.filter(|_| !files.iter().all(HookFile::is_ours)) {
            output::print(|out| out.write_all(framework.lines().as_bytes()))?;
            bail!(
                "not installed: {} runs the hooks of this repository, says {}. Add akscan to it as shown; or install \
                 beside it with --force",
                framework.name(),
                evidence.display()
            );
        }
    }
    // All or none: whatever speaks against one is known before the first is written.
    let plans = files.iter().map(|file| file.can_be_installed(args.force)).collect::<anyhow::Result<Vec<()>>>();
    plans.context("not installed")?;
    for file in &files {
        messages::note(&file.install(&akscan)?);
    }
    if place.root.join(".git").symlink_metadata().is_err() {
        messages::warning(&format!(
            "{} has no work tree of its own: these hooks check what is committed in it and pushed from it, not what is \
             pushed to it. That is `akscan hook pre-receive`, see its --help",
            place.root.display()
        ));
    }
    for file in &place.including {
        messages::warning(&format!(
            "{} includes other configuration, which was not read. If `git config core.hooksPath` names another folder \
             than {}, git will not run these hooks",
            file.display(),
            place.hooks.display()
        ));
    }
    Ok(Exit::Clean)
}

/// Runs `akscan hook uninstall`.
pub(super) fn uninstall(args: InstallArgs) -> anyhow::Result<Exit> {
    let place = Place::find()?;
    if !args.force {
        refuse_outside(&place)?;
    }
    let mut refused = None;
    for hook in Hook::ALL {
        match HookFile::new(&place.hooks, hook).uninstall() {
            Ok(done) => messages::note(&done),
            // The other one is taken out all the same.
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    refused.map_or(Ok(Exit::Clean), Err)
}

fn refuse_outside(place: &Place) -> anyhow::Result<()> {
    if let Some(set_in) = &place.outside {
        bail!(
            "the hooks of this repository lie outside it, in {} (says {}). Hooks there may run for other repositories, \
             too; if that is meant, add --force",
            place.hooks.display(),
            set_in.display()
        );
    }
    Ok(())
}
