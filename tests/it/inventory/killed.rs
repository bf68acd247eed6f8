//! A process that is killed while it imports leaves everything or nothing, and never a damaged store.

use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use akscan::MadeUp;

use super::Case;

const KEYS: usize = 1_500;

#[test]
fn an_import_is_whole_or_not_there_at_all() {
    let keys = (0..KEYS).fold("access_key_id,status,user_name\n".to_owned(), |mut text, number| {
        let _ = writeln!(text, "id-{number},active,user-{number}");
        text
    });
    let case = Case::new(&[("keys.csv", &keys)]);
    let import = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_akscan"));
        command.args(["inventory", "import", "keys.csv", "--store", "keys.db"]).current_dir(case.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    };
    let begin = Instant::now();
    assert!(import().wait().unwrap().success());
    let whole = begin.elapsed();
    let mut random = MadeUp::new(1);
    let mut seen = [0_usize; 2];
    for round in 0..1_000 {
        // A hundred times will do, unless the machine has so much else to do that all were killed too early.
        if round >= 100 && !seen.contains(&0) {
            break;
        }
        // A store of its own for half of them; the others find what the ones before have left.
        if round % 2 == 0 {
            for (name, _) in case.files().into_iter().filter(|(name, _)| name.starts_with("keys.db")) {
                std::fs::remove_file(case.path().join(name)).unwrap();
            }
        }
        let mut child = import();
        let longest = whole * (1 + round / 100);
        let moment = random.bits() % u64::try_from(longest.as_micros()).unwrap().max(1);
        std::thread::sleep(Duration::from_micros(moment));
        child.kill().unwrap();
        child.wait().unwrap();
        let store = case.path().join("keys.db");
        if !akscan::Store::is_at(&store) {
            continue;
        }
        let keys = match akscan::Inventory::from_paths(&[&store]) {
            Ok(inventory) => inventory.records().unwrap().len(),
            Err(error) => {
                assert!(error.to_string().ends_with("nothing was imported into this store yet"), "{round}: {error}");
                0
            }
        };
        assert!(keys == 0 || keys == KEYS, "{round}: half an import: {keys}");
        seen[usize::from(keys == KEYS)] += 1;
    }
    assert!(import().wait().unwrap().success(), "what was left can be imported into");
    assert!(seen[0] > 0 && seen[1] > 0, "killed before and after: {seen:?}");
}
