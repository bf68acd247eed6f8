//! `akscan scan`: opens what was asked for, scans it, writes the reports, and tells the exit code.

use akscan::model::{Confidence, Report, Severity};
use akscan::suppress::{StaleReason, Suppressions};
use akscan::{Detector, Options, RuleSet, Scanned, Scanner};
use anyhow::Context as _;
use jiff::{Timestamp, tz::TimeZone};

use super::args::ScanArgs;
use super::settings::Settings;
use super::targets::Targets;
use super::{Exit, messages, output, progress};

/// Runs `akscan scan`.
pub(super) fn run(args: &ScanArgs) -> anyhow::Result<Exit> {
    let targets = Targets::open(&args.paths, args.what)?;
    let settings = Settings::read(&targets.root)?;
    let (scanner, mut warnings) = scanner(args, &settings)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(args.jobs.map_or(0, usize::from))
        .build()
        .context("the threads cannot be started")?;
    let Scanned { report, redactor, stale } =
        pool.install(|| progress::shown(|progress| scanner.scan_watched(&targets.sources(), progress)));
    // An allow without a finding is only worth a word where everything was scanned.
    let whole = args.paths.is_empty() && !args.what.no_history && !args.what.history_only;
    let told = stale.iter().filter(|stale| whole || stale.why == StaleReason::WorkingKey);
    warnings.extend(told.map(ToString::to_string));
    // Only now: a path of the configuration may hold a secret that the scan has found.
    for warning in warnings {
        messages::warning(&redactor.text(warning));
    }
    for (format, path) in &args.output.output {
        output::to_file(&report, *format, path)?;
    }
    let style = output::style(redactor.text(&targets.path_prefix).to_string(), args.output.verbose);
    output::to_stdout(&report, args.output.format.unwrap_or_default(), &style)?;
    let fail_on = args.judgement.fail_on.or(settings.config.fail_on).unwrap_or(Severity::Medium);
    Ok(exit(&report, fail_on))
}

/// Findings outrank the rest; then whether everything was looked at.
pub(super) fn exit(report: &Report, fail_on: Severity) -> Exit {
    match (report.reaches(fail_on), report.complete) {
        (true, _) => Exit::Findings,
        (false, false) => Exit::Incomplete,
        (false, true) => Exit::Clean,
    }
}

/// The scanner, and what is to be said of its configuration.
fn scanner(args: &ScanArgs, settings: &Settings) -> anyhow::Result<(Scanner, Vec<String>)> {
    let judgement = &args.judgement;
    let as_of = judgement.as_of.map_or_else(start_of_today, Ok)?;
    let today = as_of.to_zoned(TimeZone::UTC).date();
    let suppressions = Suppressions::new(&settings.config, settings.baseline()?, today);
    let warnings = suppressions.expired().iter().map(ToString::to_string).collect();
    let options = Options {
        as_of,
        min_confidence: judgement.min_confidence.or(settings.config.min_confidence).unwrap_or(Confidence::Medium),
        strategy: judgement.strategy,
        redact_ids: args.output.redact_ids,
        explain_drops: args.output.explain_drops,
    };
    let scanner = Scanner::new(Detector::new(RuleSet::builtin()?))
        .with_inventory(settings.inventory(&judgement.inventory)?)
        .with_suppressions(suppressions)
        .with_options(options);
    Ok((scanner, warnings))
}

/// The beginning of today, so that reports of one day are the same.
fn start_of_today() -> anyhow::Result<Timestamp> {
    Ok(super::today().to_zoned(TimeZone::UTC).context("the clock of this machine is out of range")?.timestamp())
}
