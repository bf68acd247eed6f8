//! No command leaves a secret where it could be found: not in a file, not in what it says, and not where the system shows
//! processes to others. That no format and no error holds one, whatever a report carries, is shown in `secrecy.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use akscan::model::Credential;
use akscan::report::Format;
use akscan::{Detector, MadeUp, RuleSet};
use data_encoding::BASE64_NOPAD;
use memchr::memmem;
use tempfile::TempDir;

use crate::support::command::{Akscan, Ran, akscan_in};
use crate::support::repository::Repo;
use crate::support::service::{Reply, Service};

const ZERO: &str = "0000000000000000000000000000000000000000";

/// What must not be found of a secret: itself, and as programs write it.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let each = |write: fn(u8) -> String| secret.bytes().map(write).collect::<String>().into_bytes();
    let mut forms = vec![
        secret.as_bytes().to_vec(),
        each(|byte| format!("{byte:02x}")),
        each(|byte| format!("{byte:02X}")),
        each(|byte| format!("%{byte:02x}")),
        each(|byte| format!("%{byte:02X}")),
        each(|byte| format!("{}\0", char::from(byte))),
    ];
    // In base64, a text looks different behind one and two other bytes; its ends then depend on what is beside it.
    for before in 0..3 {
        let coded = BASE64_NOPAD.encode(&[&vec![b' '; before], secret.as_bytes()].concat());
        forms.push(coded.as_bytes()[before + usize::from(before > 0)..coded.len() - 1].to_vec());
    }
    forms
}

/// Looks for secrets in folders, and in what the system shows of processes.
struct Watch {
    folders: Vec<PathBuf>,
    forms: Vec<Vec<u8>>,
    /// The files in which secrets stand because the test put them there.
    planted: BTreeMap<PathBuf, Vec<u8>>,
}

impl Watch {
    fn new(folders: &[&Path], secrets: &[&String]) -> Self {
        let folders = folders.iter().map(|folder| folder.to_path_buf()).collect();
        let forms = secrets.iter().flat_map(|secret| forms(secret)).collect();
        let mut watch = Self { folders, forms, planted: BTreeMap::new() };
        watch.planted = watch.files().into_iter().filter(|(_, bytes)| watch.is_told_in(bytes)).collect();
        watch
    }

    fn is_told_in(&self, bytes: &[u8]) -> bool {
        self.forms.iter().any(|form| memmem::find(bytes, form).is_some())
    }

    fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        let mut folders = self.folders.clone();
        while let Some(folder) = folders.pop() {
            // What a command has just taken away again is gone.
            for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = fs::read(&path).unwrap_or_default();
                    files.push((path, bytes));
                }
            }
        }
        files
    }

    /// Where a secret stands that nobody planted there.
    fn look(&self) -> BTreeSet<String> {
        let files = self.files().into_iter().filter(|(path, bytes)| self.planted.get(path) != Some(bytes));
        // Nothing where the system does not show processes like this.
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten().flat_map(|entry| {
            ["cmdline", "environ"].map(|name| {
                let path = entry.path().join(name);
                let bytes = fs::read(&path).unwrap_or_default();
                (path, bytes)
            })
        });
        let holds = |(path, bytes): (PathBuf, Vec<u8>)| {
            let named = self.is_told_in(path.as_os_str().as_encoded_bytes());
            (named || self.is_told_in(&bytes)).then(|| path.display().to_string())
        };
        files.chain(processes).filter_map(holds).collect()
    }

    /// Runs a command and looks all the while, and once more when it has ended.
    #[track_caller]
    fn over(&self, akscan: Akscan, arguments: &[&str]) -> Ran {
        let ended = AtomicBool::new(false);
        let (ran, seen) = std::thread::scope(|scope| {
            let watcher = scope.spawn(|| {
                let mut seen = BTreeSet::new();
                loop {
                    let last = ended.load(Ordering::Acquire);
                    seen.append(&mut self.look());
                    if last {
                        return seen;
                    }
                }
            });
            let ran = akscan.run(arguments);
            ended.store(true, Ordering::Release);
            (ran, watcher.join().unwrap())
        });
        assert!(seen.is_empty(), "{arguments:?}: {seen:?}");
        let said = self.is_told_in(&ran.stdout) || self.is_told_in(ran.stderr.as_bytes());
        assert!(!said, "{arguments:?} says a secret, which is not repeated here");
        ran
    }
}

/// Keys that no other test has, and the repositories that leak them.
struct Site {
    repo: Repo,
    server: Repo,
    room: TempDir,
    /// The line of a push that the server has not taken yet.
    push: String,
    /// Committed, staged, and in no file at all: ID and secret.
    keys: [(String, String); 3],
}

impl Site {
    fn new(seed: u64) -> Self {
        let mut made_up = MadeUp::new(seed);
        let keys = [0; 3].map(|_| (made_up.access_key_id(24), made_up.access_key_secret()));
        let text = |(id, secret): &(String, String)| format!("accessKeyId: {id}\naccessKeySecret: {secret}\n");
        let (repo, server, room) = (Repo::new(), Repo::bare(), TempDir::new().unwrap());
        repo.write("README", "nothing").commit("first");
        repo.write("conf/a.yaml", text(&keys[0])).commit(&format!("Use {}", keys[0].1));
        repo.write("b.env", text(&keys[1])).write_untracked("c.env", text(&keys[0]));
        let known = server.stage("README", "nothing").commit("first");
        let pushed = server.stage("a.yaml", text(&keys[0])).commit("pushed");
        server.reference("refs/heads/main", known);
        for folder in ["home", "tmp"] {
            fs::create_dir(room.path().join(folder)).unwrap();
        }
        let [(a, secret_a), (b, secret_b), _] = &keys;
        let console = format!("AccessKey ID,AccessKey Secret\n{a},{secret_a}\n{b},{secret_b}\n");
        fs::write(room.path().join("console.csv"), console).unwrap();
        Self { repo, server, room, push: format!("{known} {pushed} refs/heads/main\n"), keys }
    }

    fn watch(&self) -> Watch {
        let secrets: Vec<&String> = self.keys.iter().map(|(_, secret)| secret).collect();
        Watch::new(&[self.repo.path(), self.server.path(), self.room.path()], &secrets)
    }

    fn beside(&self, name: &str) -> String {
        self.room.path().join(name).display().to_string()
    }

    /// The program in a folder; whatever it keeps for itself is watched, too.
    fn akscan_in(&self, folder: &Path) -> Akscan {
        akscan_in(folder).env("HOME", self.beside("home")).env("TMPDIR", self.beside("tmp"))
    }

    fn akscan(&self) -> Akscan {
        self.akscan_in(self.repo.path())
    }
}

#[test]
fn scans_leave_no_secret() {
    let site = Site::new(7_001);
    let watch = site.watch();
    for format in Format::ALL {
        let written = format!("{}={}", format.name(), site.beside(format.name()));
        let run = |what: &[&str]| {
            let always = ["scan", "-v", "--explain-drops", "--format", format.name(), "--output", &written];
            watch.over(site.akscan(), &[&always, what].concat())
        };
        run(&[]).ends(1);
        run(&["--history-only"]).ends(1);
        run(&["b.env", "c.env"]).ends(1);
        run(&["nowhere.env"]).ends(2);
    }
    let (id, secret) = &site.keys[2];
    let text = format!("accessKeyId: {id}\naccessKeySecret: {secret}\n");
    watch.over(site.akscan().stdin(text), &["scan", "-"]).ends(1);
    watch.over(site.akscan(), &["rules", "list"]).ends(0);
    watch.over(site.akscan(), &["rules", "show", "access-key-pair"]).ends(0);
    watch.over(site.akscan(), &["rules", "check"]).ends(0);
    let demo = watch.over(site.akscan(), &["demo"]).ends(0);
    // Its keys are its own.
    let found = Detector::new(RuleSet::builtin().unwrap()).detect_bytes(&demo.stdout).detections;
    assert!(found.iter().all(|found| matches!(found.credential, Credential::KeyId { .. })), "{found:?}");
    assert_eq!(fs::read_dir(site.beside("tmp")).unwrap().count(), 0);
}

#[test]
fn hooks_and_changes_leave_no_secret() {
    let site = Site::new(7_002);
    let watch = site.watch();
    let head = site.repo.head().unwrap();
    watch.over(site.akscan(), &["staged"]).ends(1);
    watch.over(site.akscan(), &["range", "HEAD~1..HEAD"]).ends(1);
    watch.over(site.akscan(), &["hook", "pre-commit"]).ends(1);
    let line = format!("refs/heads/main {head} refs/heads/main {ZERO}\n");
    let url = "https://user@example.com/x.git";
    watch.over(site.akscan().stdin(line), &["hook", "pre-push", "origin", url]).ends(1);
    let server = site.akscan_in(site.server.path()).env("GIT_DIR", ".").stdin(site.push.as_str());
    watch.over(server, &["hook", "pre-receive"]).ends(1);
    watch.over(site.akscan(), &["hook", "install"]).ends(0);
    watch.over(site.akscan(), &["hook", "uninstall"]).ends(0);
}

#[test]
fn the_inventory_leaves_no_secret() {
    let site = Site::new(7_003);
    let watch = site.watch();
    let (store, csv, export) = (site.beside("keys.db"), site.beside("console.csv"), site.beside("export.json"));
    let (id, secret) = &site.keys[2];
    let inventory =
        |stdin: &str, arguments: &[&str]| watch.over(site.akscan().stdin(stdin), &[&["inventory"], arguments].concat());
    inventory("", &["import", &csv, "--store", &store]).ends(0);
    inventory("", &["seal", &csv, "--store", &store]).ends(0);
    inventory(secret, &["seal", "--id", id, "--store", &store]).ends(0);
    inventory(&format!("{secret} {secret}"), &["seal", "--id", id, "--store", &store]).ends(2);
    // An ID and its secret in each other's place.
    let swapped = format!("AccessKey ID,AccessKey Secret\n{secret},{id}\n");
    inventory(&swapped, &["import", "-", "--store", &store]).ends(2);
    inventory(&format!("access_key_id,status\n{id},{secret}\n"), &["import", "-", "--store", &store]).ends(2);
    inventory(&format!("{{\"{secret}\": 1}}"), &["import", "-", "--store", &store]).ends(2);
    inventory("", &["export", &store, "--output", &export]).ends(0);
    inventory("", &["list", &store]).ends(0);
    inventory("", &["show", id, &store]).ends(0);
    inventory("", &["check", &store]).ends(3);
    for file in [&store, &export] {
        watch.over(site.akscan(), &["scan", "--inventory", file]).ends(1);
    }
}

#[test]
fn what_follows_a_report_leaves_no_secret() {
    let site = Site::new(7_004);
    let watch = site.watch();
    let report = site.beside("r.json");
    let output = format!("json={report}");
    watch.over(site.akscan(), &["scan", "--output", &output]).ends(1);
    let text = fs::read_to_string(&report).unwrap();
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    let fingerprint = found["findings"][0]["fingerprint"].as_str().unwrap();
    let baseline = |arguments: &[&str]| {
        watch.over(site.akscan(), &[&["baseline"], arguments, &["--report", &report]].concat()).ends(0)
    };
    baseline(&["add", fingerprint, "--reason", "known", "--expires", "2099-01-01"]);
    baseline(&["update"]);
    baseline(&["prune"]);
    for format in ["text", "markdown", "shell", "purge", "json"] {
        watch.over(site.akscan(), &["plan", &report, "--format", format]).ends(0);
    }
    let refused = |code: &str| {
        let body = serde_json::json!({"RequestId": "r", "Code": code, "Message": code});
        Reply::Answer(403, body.to_string().into_bytes())
    };
    let identity = serde_json::json!({
        "RequestId": "r", "AccountId": "1234567890123456", "UserId": "2", "IdentityType": "RAMUser",
        "Arn": "acs:ram::1234567890123456:user/etl",
    });
    let works = Reply::Answer(200, identity.to_string().into_bytes());
    for reply in [works, refused("InvalidAccessKeyId.Inactive"), refused("SignatureDoesNotMatch"), Reply::Close] {
        let endpoint = Service::scripted(&[reply]).endpoint();
        let arguments = ["verify", &report, "-v", "--rate", "1000", "--timeout", "5", "--endpoint", &endpoint];
        assert!(!watch.over(site.akscan(), &arguments).stderr.is_empty());
    }
}

#[test]
fn whatever_holds_a_secret_is_seen() {
    let site = Site::new(7_005);
    let watch = site.watch();
    assert_eq!(watch.look(), BTreeSet::new());
    let secret = &site.keys[2].1;
    let leak = site.room.path().join("tmp/leak");
    let coded = |before: &str| BASE64_NOPAD.encode(format!("{before}{secret} and more").as_bytes()).into_bytes();
    for form in forms(secret).into_iter().chain([coded(""), coded("a"), coded("ab")]) {
        fs::write(&leak, [b"said: ", &form[..]].concat()).unwrap();
        assert_eq!(watch.look(), BTreeSet::from([leak.display().to_string()]));
    }
    fs::remove_file(leak).unwrap();
    // It waits for what git would push.
    let mut child = Command::new(env!("CARGO_BIN_EXE_akscan"))
        .args(["hook", "pre-push", "origin", secret])
        .env("SAID", secret)
        .current_dir(site.repo.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let seen = watch.look();
    drop(child.stdin.take());
    child.wait().unwrap();
    if cfg!(target_os = "linux") {
        let shown = ["cmdline", "environ"].map(|name| format!("/proc/{}/{name}", child.id()));
        assert_eq!(seen, BTreeSet::from(shown));
    }
}
