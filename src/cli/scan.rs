//! `akscan scan`: opens what was asked for, scans it, writes the reports, and tells the exit code. The other commands
//! that scan do so through [`run_sources`].

use akscan::model::{Confidence, Redactor, Report, Severity, Source, Text};
use akscan::suppress::{StaleReason, Suppressions};
use akscan::{Inventory, Options, Scanned, Scanner};
use anyhow::Context as _;
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::args::{JudgementArgs, OutputArgs, ScanArgs};
use super::settings::Settings;
use super::targets::Targets;
use super::{Exit, messages, output, progress, rules};

/// The age in days at which keys are to be replaced, and a list of them has been overtaken.
const OLDEST_LIST: i32 = 90;

/// Runs `akscan scan`.
pub(super) fn run(args: &ScanArgs) -> anyhow::Result<Exit> {
    let targets = Targets::open(&args.paths, args.what)?;
    let judged = run_sources(&Run {
        sources: targets.sources(),
        settings: &Settings::read(&targets.root)?,
        judgement: &args.judgement,
        output: &args.output,
        jobs: args.threads.jobs,
        path_prefix: &targets.path_prefix,
        whole: args.paths.is_empty() && !args.what.no_history && !args.what.history_only,
    })?;
    Ok(judged.exit())
}

/// Sources to scan, and how what is found there is judged and shown.
pub(super) struct Run<'r> {
    pub(super) sources: Vec<&'r dyn Source>,
    pub(super) settings: &'r Settings,
    pub(super) judgement: &'r JudgementArgs,
    pub(super) output: &'r OutputArgs,
    /// How many threads to use; `None`: one a processor.
    pub(super) jobs: Option<u16>,
    /// What leads from the current folder to the root of the report's paths.
    pub(super) path_prefix: &'r str,
    /// Whether these are all files and the whole history: only there is an allow without a finding worth a word.
    pub(super) whole: bool,
}

impl Run<'_> {
    /// The lowest severity that fails it.
    pub(super) fn fail_on(&self) -> Severity {
        self.judgement.fail_on.or(self.settings.config.fail_on).unwrap_or(Severity::Medium)
    }
}

/// What a scan came to.
pub(super) struct Judged {
    pub(super) report: Report,
    /// The lowest severity that fails it.
    pub(super) fail_on: Severity,
    /// What is to be said of the configuration.
    warnings: Vec<Text>,
    /// Knows the secrets that were found.
    redactor: Redactor,
}

impl Judged {
    /// Findings outrank the rest; then whether everything was looked at.
    pub(super) fn exit(&self) -> Exit {
        exit(&self.report, self.fail_on)
    }

    /// Says what is to be said of the configuration.
    pub(super) fn warn(&self) {
        for warning in &self.warnings {
            messages::warning(warning);
        }
    }
}

/// How a command ends that wrote `report`, with the lowest severity that fails it.
pub(super) fn exit(report: &Report, fail_on: Severity) -> Exit {
    match (report.reaches(fail_on), report.complete) {
        (true, _) => Exit::Findings,
        (false, false) => Exit::Incomplete,
        (false, true) => Exit::Clean,
    }
}

/// Scans, and writes the reports that were asked for.
pub(super) fn run_sources(run: &Run<'_>) -> anyhow::Result<Judged> {
    let judged = judge(run)?;
    judged.warn();
    for (format, path) in &run.output.output {
        output::to_file(&judged.report, *format, path)?;
    }
    let style = output::style(judged.redactor.text(run.path_prefix).to_string(), run.output.verbose);
    output::to_stdout(&judged.report, run.output.format.unwrap_or_default(), &style)?;
    Ok(judged)
}

/// Scans, and says nothing.
pub(super) fn judge(run: &Run<'_>) -> anyhow::Result<Judged> {
    let (scanner, mut warnings) = scanner(run)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(run.jobs.map_or(0, usize::from))
        .build()
        .context("the threads cannot be started")?;
    let sources = &run.sources;
    let Scanned { report, redactor, stale } =
        pool.install(|| progress::shown(|progress| scanner.scan_watched(sources, progress)));
    let told = stale.iter().filter(|stale| run.whole || stale.why == StaleReason::WorkingKey);
    warnings.extend(told.map(ToString::to_string));
    // Only now: a path of the configuration may hold a secret that the scan has found.
    let warnings = warnings.iter().map(|warning| redactor.text(warning)).collect();
    Ok(Judged { report, fail_on: run.fail_on(), warnings, redactor })
}

/// The scanner, and what is to be said of its configuration.
pub(super) fn scanner(run: &Run<'_>) -> anyhow::Result<(Scanner, Vec<String>)> {
    let (judgement, settings) = (run.judgement, run.settings);
    let as_of = judgement.as_of.map_or_else(start_of_today, Ok)?;
    let today = as_of.to_zoned(TimeZone::UTC).date();
    let mut warnings = settings.warnings().to_vec();
    let suppressions = Suppressions::new(&settings.config, settings.baseline(&mut warnings)?, today);
    warnings.extend(suppressions.expired().iter().map(ToString::to_string));
    let options = Options {
        as_of,
        min_confidence: judgement.min_confidence.or(settings.config.min_confidence).unwrap_or(Confidence::Medium),
        strategy: judgement.strategy,
        redact_ids: run.output.redact_ids,
        explain_drops: run.output.explain_drops,
    };
    let given = rules::in_folders(&judgement.rules)?;
    let inventory = settings.inventory(&judgement.inventory, &mut warnings)?;
    warnings.extend(outdated(&inventory, today));
    let scanner = Scanner::new(settings.rules(&given, &mut warnings)?)
        .with_inventory(inventory)
        .with_suppressions(suppressions)
        .with_options(options);
    Ok((scanner, warnings))
}

/// A word on an inventory that is too old to tell of every key.
fn outdated(inventory: &Inventory, today: Date) -> Option<String> {
    let (account, listed) = inventory.oldest_list()?;
    let days = (today - listed).get_days();
    (days > OLDEST_LIST).then(|| {
        format!(
            "the inventory's list of account {account} is of {listed}, {days} days ago: what was made, disabled or \
             deleted since is not in it; pull or import it again"
        )
    })
}

/// The beginning of today, so that reports of one day are the same.
pub(super) fn start_of_today() -> anyhow::Result<Timestamp> {
    Ok(super::today().to_zoned(TimeZone::UTC).context("the clock of this machine is out of range")?.timestamp())
}
