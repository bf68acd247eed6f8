//! What a store costs: `cargo bench --bench inventory`, 200,000 keys of 100,000 users, made up from a seed. Long rows
//! also tell how much of their time the processor worked for them, where the system says (Linux). The rows:
//!
//! - `import`: a CSV of all of them into a new store, reading included; the same a day later, where every key is known
//!   and changes; and with the hashes of all secrets;
//! - `open`: a store, until it can be asked; as a scan does it: a detector that knows the hashes of all secrets included,
//!   none or all sealed;
//! - `look up`: one verdict, of a known key and of an unknown one;
//! - `file`: the same as an inventory file, read whole each time, for comparison.

#![expect(
    clippy::cast_precision_loss,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a table of figures for people; it may stop where it stands"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use akscan::model::{AccessKeyId, Credential, SecretHash};
use akscan::{Detector, Import, Inventory, MadeUp, RuleSet, Store};

const KEYS: usize = 200_000;
/// How often what is quick is measured, of which the best counts.
const ROUNDS: usize = 9;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let mut keys = MadeUp::new(1);
    let ids: Vec<String> = (0..KEYS).map(|_| keys.access_key_id(24)).collect();
    let (plain, sealed) = (folder.path().join("plain.db"), folder.path().join("sealed.db"));
    let text = csv(&ids, false);
    let with_hashes = csv(&ids, true);
    row("import, new", took(|| import(&plain, &text, "2026-11-20T00:00:00Z")), Some(KEYS));
    row("import, known", took(|| import(&plain, &text, "2026-11-21T00:00:00Z")), Some(KEYS));
    row("import, new, all sealed", took(|| import(&sealed, &with_hashes, "2026-11-20T00:00:00Z")), Some(KEYS));
    row("open", best(|| drop(black_box(opened(&plain)))), None);
    let mut detector = Detector::new(RuleSet::builtin().unwrap());
    row("open, hashes, none sealed", best(|| detector.know(opened(&plain).secret_hashes())), None);
    let detectors = (0..ROUNDS).map(|_| Detector::new(RuleSet::builtin().unwrap()));
    let mut detectors: Vec<Detector> = detectors.collect();
    let know_all = || {
        let mut detector = detectors.pop().unwrap();
        detector.know(opened(&sealed).secret_hashes());
        black_box(detector);
    };
    row("open, hashes, all sealed", best(know_all), None);
    let (known, unknown) = (credential(&ids[KEYS / 2]), credential(&keys.access_key_id(24)));
    row("open and look up", best(|| drop(black_box(opened(&plain).verdict(&known)))), None);
    let inventory = opened(&plain);
    row("look up, known", best(|| drop(black_box(inventory.verdict(&known)))), None);
    row("look up, unknown", best(|| drop(black_box(inventory.verdict(&unknown)))), None);
    row(
        "file, read whole",
        best(|| {
            let mut inventory = Inventory::default();
            inventory.add("keys.csv", text.as_bytes()).unwrap();
            black_box(inventory.verdict(&known));
        }),
        Some(KEYS),
    );
    println!("store: {} MB, file: {} MB", std::fs::metadata(&plain).unwrap().len() >> 20, text.len() >> 20);
}

/// Two keys a user, a third of them disabled.
fn csv(ids: &[String], sealed: bool) -> String {
    let header =
        "access_key_id,status,account_id,user_name,created_at,updated_at,last_used_at,products,secret_sha256\n";
    ids.iter().enumerate().fold(header.to_owned(), |mut text, (number, id)| {
        let status = if number % 3 == 0 { "inactive" } else { "active" };
        let secret = if sealed { SecretHash::of(id.as_bytes()).to_string() } else { String::new() };
        let user = number / 2;
        let _ = writeln!(
            text,
            "{id},{status},1234567890123456,user-{user},2026-01-01,2026-03-01,2026-11-01,Oss;MaxCompute,{secret}"
        );
        text
    })
}

fn import(store: &Path, text: &str, as_of: &str) {
    let mut import = Import::default();
    import.add("keys.csv", text.as_bytes(), Some(as_of.parse().unwrap())).unwrap();
    Store::open_or_make(store).unwrap().import(import).unwrap();
}

fn opened(store: &Path) -> Inventory {
    Inventory::from_paths(&[store]).unwrap()
}

fn credential(id: &str) -> Credential {
    Credential::KeyId { id: AccessKeyId::new(id.as_bytes()).unwrap(), masked: false }
}

/// How long something took, and how much of that the processor worked for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Took {
    whole: Duration,
    worked: Option<Duration>,
}

fn took(work: impl FnOnce()) -> Took {
    let (begin, worked) = (Instant::now(), worked());
    work();
    Took { whole: begin.elapsed(), worked: self::worked().zip(worked).map(|(end, begin)| end.saturating_sub(begin)) }
}

/// How long the processor has worked for this program, which has one thread.
fn worked() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

fn best(mut work: impl FnMut()) -> Took {
    (0..ROUNDS).map(|_| took(&mut work)).min().unwrap()
}

fn row(name: &str, took: Took, records: Option<usize>) {
    let milliseconds = |time: Duration| format!("{:>12.3} ms", time.as_secs_f64() * 1e3);
    let Some(records) = records else { return println!("{name:<28}{}", milliseconds(took.whole)) };
    let show =
        |time: Duration| format!("{}{:>10.0} records/s", milliseconds(time), records as f64 / time.as_secs_f64());
    let worked = took.worked.map_or_else(String::new, |worked| format!("   worked{}", show(worked)));
    println!("{name:<28}{}{worked}", show(took.whole));
}
