//! No format ever holds a secret: it is planted in every string that a report can carry, and looked for in every byte
//! that comes out.

use std::fs;

use akscan::model::{
    Covered, MemberName, Origin, PathBytes, Provenance, RangeFacts, RepositoryFacts, SecretHash, Skip, SourceError,
    SourceErrorKind, Strategy,
};
use akscan::report::{Format, Style, write};
use akscan::suppress::{Baseline, Config, Suppressions};
use akscan::{Detector, Inventory, Options, RuleSet, Scanner};
use git2::{Signature, Time};
use jiff::civil::date;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::support::command::{Ran, akscan_in};
use crate::support::memory::Memory;
use crate::support::repository::{FIRST_COMMIT, Repo};
use crate::support::schema;
use akscan::MadeUp;

/// A key with what is secret of it, and a text in which both are found.
struct Planted {
    id: String,
    secret: String,
    text: String,
}

impl Planted {
    fn pair(seed: u64) -> Self {
        let mut keys = MadeUp::new(seed);
        let (id, secret) = (keys.access_key_id(24), keys.access_key_secret());
        let text = format!("accessKeyId: {id}\naccessKeySecret: {secret}\n");
        Self { id, secret, text }
    }

    /// A security token: it holds characters that URLs and shells write differently.
    fn token(seed: u64) -> Self {
        let mut keys = MadeUp::new(seed);
        let (id, secret, token) = (keys.sts_id(), keys.sts_secret(), keys.security_token());
        let text = format!(
            "{{\"AccessKeyId\": \"{id}\", \"AccessKeySecret\": \"{secret}\", \"SecurityToken\": \"{token}\"}}\n"
        );
        Self { id, secret: token, text }
    }
}

/// The forms that must not be in any output.
fn forms(secret: &str) -> Vec<String> {
    let percent = |upper: bool| {
        let encode = |character: char| match character {
            plain if plain.is_ascii_alphanumeric() => plain.to_string(),
            other if upper => format!("%{:02X}", u32::from(other)),
            other => format!("%{:02x}", u32::from(other)),
        };
        secret.chars().map(encode).collect::<String>()
    };
    vec![secret.to_owned(), percent(true), percent(false)]
}

/// Checks that no form of `secret` is in `output`, not even broken into lines.
fn holds_none(output: &[u8], secret: &str) -> Result<(), TestCaseError> {
    let unbroken: Vec<u8> = output.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    for form in forms(secret) {
        for bytes in [output, &unbroken] {
            let found = bytes.windows(form.len()).any(|window| window == form.as_bytes());
            prop_assert!(!found, "a secret is in:\n{}", String::from_utf8_lossy(output).replace(&form, "<<<SECRET>>>"));
        }
    }
    Ok(())
}

/// A source that says `said` wherever it can say something.
fn source(planted: &Planted, said: &str) -> Memory {
    let path = |name: &str| PathBytes::from(format!("{name}/{said}/x").as_str());
    let mut bytes = b"\xff\xfe".to_vec();
    bytes.extend_from_slice(said.as_bytes());
    let not_utf8 = Origin::File(PathBytes::new(bytes.clone()));
    let inside = Origin::File(path("zip")).inside(&[MemberName { format: "zip", name: path("member") }]);
    let dropped = "accessKeySecret: ********\naccessKeyId: your-access-key-id\n".to_owned();
    let contents = [(Origin::File(path("file")), &planted.text), (not_utf8, &planted.text), (inside, &planted.text)]
        .into_iter()
        .chain([(Origin::File(path("dropped")), &dropped)]);
    let error = |kind| SourceError { place: path("error"), kind, cause: format!("cannot open {said}") };
    let skip =
        |harmless| Skip { what: format!("things {said}"), reason: said.to_owned(), example: path("skip"), harmless };
    Memory {
        contents: contents.map(|(origin, text)| (origin, text.clone().into_bytes())).collect(),
        skips: vec![skip(true), skip(false)],
        errors: vec![error(SourceErrorKind::Unreadable), error(SourceErrorKind::Corrupt)],
        covered: vec![Covered::Repository(RepositoryFacts {
            path: path("repository"),
            head: Some(path("head")),
            refs: 2,
            shallow: true,
            owner_differs: true,
            range: Some(RangeFacts { revisions: path("range"), commits: 2 }),
        })],
        provenance: Some(Provenance {
            commit: None,
            author: Some(format!("Dev {said} <{said}@example.com>")),
            time: None,
            blob: None,
            refs: vec![path("refs/heads"), PathBytes::new(bytes)].into(),
            pushed: None,
            removed: None,
        }),
        prefix: path("prefix"),
        threads: false,
    }
}

fn inventory(id: &str, said: &str) -> Inventory {
    let record = serde_json::json!({
        "access_key_id": id, "status": "active", "account_id": "1234567890123456", "owner_type": "ram-user",
        "user_name": said, "user_principal_name": format!("{said}@example.onaliyun.com"),
        "last_used_service": said, "products": [said, "Oss"],
    });
    let mut inventory = Inventory::default();
    inventory.add(&format!("{said}.json"), serde_json::json!([record]).to_string().as_bytes()).unwrap();
    inventory
}

fn suppressions(said: &str) -> Suppressions {
    let config = format!(
        "allow-incomplete = [{{what = \"corrupt\", reason = \"{said}\"}}]\n\
         [[allow]]\npath = \"prefix/**\"\nreason = \"{said}\"\nexpires = 2099-01-01\n"
    );
    Suppressions::new(&Config::parse(&config, "akscan.toml").unwrap(), Baseline::default(), date(2026, 1, 1))
}

/// A report in every format and style.
fn written(scanner: &Scanner, source: &Memory, style: &Style) -> Vec<Vec<u8>> {
    let report = scanner.scan(&[source]);
    assert!(!report.findings.is_empty());
    let write = |&format| {
        let mut out = Vec::new();
        write(&report, format, style, &mut out).unwrap();
        if format == Format::Json {
            schema::valid(&out);
        }
        out
    };
    Format::ALL.iter().map(write).collect()
}

proptest! {
    // The same keys every time: a secret that reads like a placeholder would not be found, nor known.
    #![proptest_config(ProptestConfig { cases: 48, rng_seed: RngSeed::Fixed(2026), ..ProptestConfig::default() })]

    #[test]
    fn no_format_holds_a_secret(
        seed in any::<u64>(),
        token in any::<bool>(),
        form in 0..3_usize,
        around in ("[a-zA-Z0-9 ._-]{0,40}", "[a-zA-Z0-9 ._-]{0,40}"),
        [suppressed, known, verbose, rotate] in any::<[bool; 4]>(),
        width in 20..120_usize,
    ) {
        let planted = if token { Planted::token(seed) } else { Planted::pair(seed) };
        let said = format!("{}{}{}", around.0, forms(&planted.secret)[form], around.1);
        let mut scanner = Scanner::new(Detector::new(RuleSet::builtin().unwrap())).with_options(Options {
            explain_drops: true,
            strategy: rotate.then_some(Strategy::RotateFirst),
            ..Options::default()
        });
        if suppressed {
            scanner = scanner.with_suppressions(suppressions(&said));
        }
        if known {
            scanner = scanner.with_inventory(inventory(&planted.id, &said));
        }
        let style = Style { verbose, width, ..Style::default() };
        for output in written(&scanner, &source(&planted, &said), &style) {
            holds_none(&output, &planted.secret)?;
        }
    }
}

#[test]
fn an_id_that_only_the_inventory_knew_is_masked_too() {
    let Planted { id, secret, .. } = Planted::pair(7);
    let record = serde_json::json!([{
        "access_key_id": id, "status": "active", "secret_sha256": SecretHash::of(secret.as_bytes()).to_string(),
    }]);
    let mut inventory = Inventory::default();
    inventory.add("keys.json", record.to_string().as_bytes()).unwrap();
    let alone = Planted { text: format!("aliyun_access_key_secret = {secret}\n"), id: id.clone(), secret };
    for (redact_ids, shown) in [(false, true), (true, false)] {
        let scanner = Scanner::new(Detector::new(RuleSet::builtin().unwrap()))
            .with_inventory(inventory.clone())
            .with_options(Options { redact_ids, ..Options::default() });
        for output in written(&scanner, &source(&alone, "x"), &Style::default()) {
            assert_eq!(String::from_utf8(output).unwrap().contains(&id), shown);
        }
    }
}

/// A repository that says `secret` wherever a repository can.
fn repository(planted: &Planted) -> Repo {
    let secret = &planted.secret;
    let repo = Repo::new();
    repo.write(format!("dir-{secret}/file-{secret}.yaml"), &planted.text);
    repo.write(".gitignore", "*.ignored\n").write_untracked(format!("{secret}.ignored"), "x");
    repo.write_untracked(format!("drops-{secret}"), "accessKeySecret: ********\n");
    let git = repo.git();
    let author =
        Signature::new(&format!("Dev {secret}"), &format!("{secret}@example.com"), &Time::new(FIRST_COMMIT, 0));
    let author = author.unwrap();
    let tree = git.find_tree(git.index().unwrap().write_tree().unwrap()).unwrap();
    let commit = git.commit(Some("HEAD"), &author, &author, &format!("Add {secret}"), &tree, &[]).unwrap();
    drop(tree);
    repo.tag(&format!("v-{secret}"), commit).remote("origin", &format!("https://u:{secret}@example.com/{secret}.git"));
    repo.reference(&format!("refs/remotes/origin/{secret}"), commit).branch(&format!("work-{secret}"));
    // Something damaged whose name says it: a nested repository that is none.
    repo.write_untracked(format!("broken-{secret}/.git"), "gitdir: /nowhere");
    let config = format!(
        "allow-incomplete = [{{what = \"shallow\", reason = \"{secret}\"}}]\n\
         [[allow]]\npath = \"other-{secret}\"\nreason = \"{secret}\"\nexpires = 2020-01-01\n"
    );
    repo.write_untracked("akscan.toml", config);
    #[cfg(unix)]
    std::os::unix::fs::symlink(secret, repo.path().join(format!("link-{secret}"))).unwrap();
    repo
}

fn checked(ran: &Ran, secret: &str) -> Result<(), TestCaseError> {
    // What it found it reports; a run that stopped before would prove nothing.
    prop_assert_eq!(ran.code, 1, "{}", ran.stderr);
    holds_none(&ran.stdout, secret)?;
    holds_none(ran.stderr.as_bytes(), secret)
}

proptest! {
    // The same keys every time: a secret that reads like a placeholder would not be found, nor known.
    #![proptest_config(ProptestConfig { cases: 4, rng_seed: RngSeed::Fixed(2026), ..ProptestConfig::default() })]

    #[test]
    fn the_program_says_no_secret(seed in any::<u64>()) {
        let planted = Planted::pair(seed);
        let secret = &planted.secret;
        let repo = repository(&planted);
        let folder = format!("dir-{secret}");
        let keys = tempfile::tempdir().unwrap();
        let inventory = keys.path().join(format!("{secret}.csv"));
        let record = format!("access_key_id,status,owner_type,user_name,products\n{},active,ram-user,{secret},{secret};Oss\n", planted.id);
        fs::write(&inventory, record).unwrap();
        let inventory = inventory.to_str().unwrap();
        for format in Format::ALL {
            let run = |arguments: &[&str]| {
                let always = ["scan", "--format", format.name(), "-v", "--explain-drops", "--inventory", inventory];
                akscan_in(repo.path()).run([&always, arguments].concat())
            };
            checked(&run(&[]), secret)?;
            checked(&run(&["--ignored"]), secret)?;
            checked(&run(&[&folder]), secret)?;
            checked(&run(&[&folder, "akscan.toml"]), secret)?;
            let outside = akscan_in(repo.path().parent().unwrap());
            checked(&outside.run(["scan", "--format", format.name(), repo.path().to_str().unwrap()]), secret)?;
        }
        let plain = tempfile::tempdir().unwrap();
        fs::create_dir(plain.path().join(&folder)).unwrap();
        fs::write(plain.path().join(&folder).join("a.yaml"), &planted.text).unwrap();
        checked(&akscan_in(plain.path()).run(["scan", &folder]), secret)?;
        checked(&akscan_in(&plain.path().join(&folder)).run(["scan", ".."]), secret)?;
    }
}
