//! What a store costs: `cargo bench --bench inventory`, 200,000 keys of 100,000 users, made up from a seed. The rows:
//!
//! - `import`: a CSV of all of them into a new store, reading included; then the same again, where every key is known;
//! - `open`: a store, until it can be asked; as a scan does it: the hashes of all secrets included, none or all sealed;
//! - `look up`: one verdict, of a known key and of an unknown one;
//! - `file`: the same as an inventory file, read whole each time, for comparison.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a table of figures for people; it may stop where it stands"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use akscan::model::{AccessKeyId, Credential, SecretHash};
use akscan::{Import, Inventory, MadeUp, Store};

const KEYS: usize = 200_000;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let mut keys = MadeUp::new(1);
    let ids: Vec<String> = (0..KEYS).map(|_| keys.access_key_id(24)).collect();
    let (plain, sealed) = (folder.path().join("plain.db"), folder.path().join("sealed.db"));
    let text = csv(&ids, false);
    row("import, new", took(|| import(&plain, &text)), Some(KEYS));
    row("import, known", took(|| import(&plain, &text)), Some(KEYS));
    import(&sealed, &csv(&ids, true));
    row("open", best(|| drop(black_box(opened(&plain)))), None);
    row("open, hashes, none sealed", best(|| drop(black_box(opened(&plain).secret_hashes()))), None);
    row("open, hashes, all sealed", best(|| drop(black_box(opened(&sealed).secret_hashes()))), None);
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

fn import(store: &Path, text: &str) {
    let mut import = Import::default();
    import.add("keys.csv", text.as_bytes(), Some("2026-11-20T00:00:00Z".parse().unwrap())).unwrap();
    Store::open_or_make(store).unwrap().import(import).unwrap();
}

fn opened(store: &Path) -> Inventory {
    Inventory::from_paths(&[store]).unwrap()
}

fn credential(id: &str) -> Credential {
    Credential::KeyId { id: AccessKeyId::new(id.as_bytes()).unwrap(), masked: false }
}

fn took(work: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    work();
    begin.elapsed()
}

fn best(mut work: impl FnMut()) -> Duration {
    (0..9).map(|_| took(&mut work)).min().unwrap()
}

fn row(name: &str, time: Duration, records: Option<usize>) {
    let rate = records.map_or_else(String::new, |records| {
        format!("{:>10} records/s", u128::try_from(records).unwrap() * 1_000_000 / time.as_micros().max(1))
    });
    println!("{name:<28}{:>12.3} ms{rate}", time.as_secs_f64() * 1e3);
}
