//! `akscan verify`: asks STS about the keys of a report, and writes the report as it is with the answers.
//!
//! It works on a report, and does not scan by itself: what is asked about can be read before anything is sent, and `scan`
//! alone decides what is looked at.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use akscan::model::{Confidence, Exposure, Fingerprint, Redactor, Report, Source};
use akscan::online::{Endpoint, Signer, Sts};
use akscan::{Asked, History, Recalled, Tree};
use anyhow::Context as _;

use super::args::{JudgementArgs, OutputArgs, ServiceArgs, VerifyArgs};
use super::scan::{self, Run};
use super::settings::Settings;
use super::{Exit, connection, messages, output, progress, report, targets};

/// Runs `akscan verify`.
pub(super) fn run(args: &VerifyArgs) -> anyhow::Result<Exit> {
    let report = report::read(args.report.as_deref())?;
    let service = Service::open(&args.service)?;
    let here = std::env::current_dir().context("the current folder cannot be read")?;
    let root = args.folder.clone().unwrap_or_else(|| targets::repository_around(&here));
    let settings = Settings::read(&targets::repository_around(&root))?;
    let judgement = JudgementArgs {
        min_confidence: args.judgement.min_confidence.or(Some(Confidence::Low)),
        as_of: args.judgement.as_of.or(report.as_of),
        ..args.judgement.clone()
    };
    let run = Run {
        sources: Vec::new(),
        settings: &settings,
        judgement: &judgement,
        output: &OutputArgs::default(),
        jobs: None,
        path_prefix: "",
        whole: false,
    };
    let (mut scanner, warnings) = scan::scanner(&run)?;
    let sources = sources(&root, &report)?;
    let recalled = scanner.recall(&report, &sources.iter().map(AsRef::as_ref).collect::<Vec<_>>());
    let redactor = redactor(&recalled);
    for warning in warnings {
        messages::warning(&redactor.text(warning));
    }
    service.announce(&report, &recalled, args.verbose || args.dry_run);
    if args.dry_run {
        return Ok(Exit::Clean);
    }
    let report = scanner.revise(report, &service.ask(recalled));
    for (format, path) in &args.output {
        output::to_file(&report, *format, path)?;
    }
    let prefix = targets::path_from(&here, &root.canonicalize().unwrap_or(root));
    let style = output::style(redactor.text(prefix).to_string(), args.verbose);
    output::to_stdout(&report, args.format.unwrap_or_default(), &style)?;
    Ok(scan::exit(&report, run.fail_on()))
}

/// What the secrets of a report are read from: files below `root`, and the histories that the report names there.
fn sources(root: &Path, report: &Report) -> anyhow::Result<Vec<Box<dyn Source>>> {
    let mut sources: Vec<Box<dyn Source>> = vec![Box::new(Tree::open(root)?)];
    // A report on what is staged names no repository: it is the one around it.
    let told = report.coverage.repositories.iter().map(|repository| repository.path.as_str());
    for path in told.chain(["."]).map(Path::new).collect::<BTreeSet<_>>() {
        // Anybody may have written the report: it leads nowhere else.
        let inside = path.components().all(|step| matches!(step, Component::Normal(_) | Component::CurDir));
        // One that does not open has nothing to read again, and each finding in it says so.
        if inside && let Ok(history) = History::open(&root.join(path)) {
            sources.push(Box::new(history));
        }
    }
    Ok(sources)
}

/// The service that is asked.
struct Service {
    sts: Sts,
    endpoint: Endpoint,
    proxy: Option<String>,
    per_second: u32,
}

impl Service {
    fn open(args: &ServiceArgs) -> anyhow::Result<Self> {
        let endpoint = match &args.endpoint {
            Some(endpoint) => endpoint.clone(),
            None => Endpoint::sts(args.region.as_deref(), args.vpc)?,
        };
        let connection = connection::open(&args.connection)?;
        let proxy = connection.proxy(&endpoint);
        Ok(Self {
            sts: Sts::new(connection, endpoint.clone()),
            endpoint,
            proxy,
            per_second: args.connection.rate.get(),
        })
    }

    /// Says what is sent where, before it is.
    fn announce(&self, report: &Report, recalled: &[(Fingerprint, Result<Recalled, String>)], listed: bool) {
        let asked: Vec<&Recalled> = recalled.iter().filter_map(|(_, recalled)| recalled.as_ref().ok()).collect();
        let proxy = self.proxy.as_ref().map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"));
        if asked.is_empty() {
            messages::note(&"Nobody is asked: there is no key whose secret is at hand.");
        } else {
            let keys = messages::counted(asked.len(), "key");
            messages::note(&format!(
                "Asks {}{proxy} about {keys}, {} a second at most.",
                self.endpoint, self.per_second
            ));
            messages::note(&"Sent: GetCallerIdentity with the AccessKey ID and a signature; never a secret.");
            if asked.iter().any(|recalled| recalled.credential.token().is_some()) {
                messages::note(&"Temporary credentials sign with their security token, which is sent, too.");
            }
            messages::note(&"Each question is recorded in the account of its key.");
        }
        let is_asked =
            |exposure: &&Exposure| asked.iter().any(|recalled| recalled.fingerprint == exposure.identity.fingerprint);
        // As the report shows them: it may mask them.
        for exposure in report.findings.iter().filter(|exposure| listed && is_asked(exposure)) {
            let identity = &exposure.identity;
            messages::note(&format!(
                "  {}",
                identity.access_key_id.as_deref().unwrap_or(identity.fingerprint.as_str())
            ));
        }
        let unread = recalled.len() - asked.len();
        if unread > 0 {
            messages::note(&format!(
                "Cannot be asked about: {}, whose secret was not found again.",
                messages::counted(unread, "key")
            ));
        }
        let others = report.findings.len() - recalled.len();
        if others > 0 {
            messages::note(&format!(
                "Not asked about: {} without what it takes to sign.",
                messages::counted(others, "finding")
            ));
        }
    }

    /// Asks about each key, one after the other.
    fn ask(&self, recalled: Vec<(Fingerprint, Result<Recalled, String>)>) -> Vec<Asked> {
        progress::counted(recalled, |(fingerprint, recalled)| {
            let outcome = recalled.and_then(|recalled| {
                let signer = signer(&recalled).ok_or("there is no secret to sign with")?;
                let said = self.sts.identify(&signer)?;
                Ok((recalled, said))
            });
            Asked { fingerprint, outcome }
        })
    }
}

fn signer(recalled: &Recalled) -> Option<Signer> {
    let credential = &recalled.credential;
    let (secret, token) = (credential.secret()?.clone(), credential.token().cloned());
    Some(Signer { id: recalled.id.clone(), secret, token })
}

/// Knows the secrets that were read again.
fn redactor(recalled: &[(Fingerprint, Result<Recalled, String>)]) -> Redactor {
    let recalled = recalled.iter().filter_map(|(_, recalled)| recalled.as_ref().ok());
    Redactor::new(recalled.flat_map(Recalled::secrets), [])
}
