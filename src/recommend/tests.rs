//! Both tables over every combination of facts, and one whole plan for each strategy.

use std::fmt::Write as _;
use std::sync::Arc;

use super::*;
use crate::model::{
    AccessKeyId, Confidence, Detection, Earlier, Fingerprint, LastUsed, MemberName, Origin, Owner, Place, Position,
    Provenance, Region, Secret, Severity, Sighting, SightingPlace, Step, Use, UseKind,
};

const BOTH: [bool; 2] = [false, true];
const REACHES: [Reach; 3] = [Reach::Local, Reach::Unknown, Reach::Pushed];
const OWNERS: [Option<OwnerType>; 3] = [None, Some(OwnerType::RamUser), Some(OwnerType::Primary)];

fn facts(kind: Kind, status: KeyStatus, reach: Reach, owner: Option<OwnerType>) -> Facts {
    Facts { kind, status, owner, reach, only_unreachable: false, sample: false, masked: false, by_hash: false }
}

/// Every combination of facts, those that cannot occur included.
fn every() -> Vec<Facts> {
    let mut every = Vec::new();
    for kind in Kind::ALL {
        for (status, reach) in KeyStatus::ALL.into_iter().flat_map(|status| REACHES.map(|reach| (status, reach))) {
            for owner in OWNERS {
                let plain = facts(kind, status, reach, owner);
                for flags in 0..16_u8 {
                    let [only_unreachable, sample, masked, by_hash] = [1, 2, 4, 8].map(|bit| flags & bit != 0);
                    every.push(Facts { only_unreachable, sample, masked, by_hash, ..plain.clone() });
                }
            }
        }
    }
    every
}

type FirstRow = fn(&Facts) -> Option<&'static str>;

#[test]
fn a_row_fits_every_combination_and_every_row_is_the_first_for_some() {
    let every = every();
    assert_eq!(every.len(), 5 * 7 * 3 * 3 * 16);
    let severities: (FirstRow, _) = (severity::row_name, severity::row_names());
    let strategies: (FirstRow, _) = (strategy::row_name, strategy::row_names());
    for (row, mut names) in [severities, strategies] {
        for facts in &every {
            let name = row(facts).unwrap_or_else(|| panic!("no row for {facts:?}"));
            names.retain(|other| *other != name);
        }
        assert!(names.is_empty(), "never the first row that fits: {names:?}");
    }
}

#[test]
fn both_tables_are_as_reviewed() {
    let mut table =
        String::from("kind, status: severity (RAM user, primary, by hash); strategy (local, unknown, pushed)\n");
    for kind in Kind::ALL {
        for status in KeyStatus::ALL {
            let of_owner = |owner| severity(&facts(kind, status, Reach::Pushed, owner));
            let by_hash = severity(&Facts { by_hash: true, ..facts(kind, status, Reach::Pushed, None) });
            let severities = [of_owner(OWNERS[1]), of_owner(OWNERS[2]), by_hash].map(Severity::name).join(", ");
            let strategies = REACHES.map(|reach| strategy(&facts(kind, status, reach, None)).name()).join(", ");
            writeln!(table, "{kind}, {status}: {severities}; {strategies}").unwrap();
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn what_works_and_is_out_is_critical_and_disabled_first() {
    for facts in every() {
        let works = matches!(facts.status, KeyStatus::Active | KeyStatus::Restricted);
        let harmless = facts.sample || facts.masked || facts.only_unreachable;
        if facts.kind == Kind::KeyPair && works && !harmless {
            assert_eq!(severity(&facts), Severity::Critical, "{facts:?}");
            let expected = if facts.reach == Reach::Local { Strategy::RotateFirst } else { Strategy::DisableFirst };
            assert_eq!(strategy(&facts), expected, "{facts:?}");
        }
        let secret = matches!(facts.kind, Kind::KeyPair | Kind::KeySecret);
        let may_work = works || matches!(facts.status, KeyStatus::Unlisted | KeyStatus::NotChecked);
        if secret && may_work && !harmless {
            assert!(severity(&facts) >= Severity::High, "{facts:?}");
        }
    }
}

#[test]
fn what_gives_nothing_away_is_never_above_medium() {
    for facts in every() {
        if matches!(facts.kind, Kind::KeyId | Kind::SignedRequest) {
            assert!(severity(&facts) <= Severity::Medium, "{facts:?}");
            assert!(matches!(strategy(&facts), Strategy::Review | Strategy::None | Strategy::RemoveLocal), "{facts:?}");
        }
        if facts.sample || facts.masked || facts.status == KeyStatus::Expired {
            assert_eq!(severity(&facts), Severity::Info, "{facts:?}");
        }
        if facts.sample || facts.status == KeyStatus::Expired {
            assert_eq!(strategy(&facts), Strategy::None, "{facts:?}");
        }
    }
}

#[test]
fn knowing_less_never_makes_it_milder_than_dead() {
    let pair = |status| severity(&facts(Kind::KeyPair, status, Reach::Pushed, None));
    let id = |status| severity(&facts(Kind::KeyId, status, Reach::Pushed, None));
    for of in [&pair as &dyn Fn(_) -> _, &id] {
        assert!(of(KeyStatus::Active) > of(KeyStatus::NotChecked));
        assert_eq!(of(KeyStatus::Unlisted), of(KeyStatus::NotChecked));
        assert!(of(KeyStatus::NotChecked) > of(KeyStatus::Inactive));
        assert!(of(KeyStatus::Inactive) >= of(KeyStatus::Deleted));
    }
}

#[test]
fn the_operators_choice_counts_only_between_the_two_orders() {
    let pushed = Sample::default();
    for facts in every() {
        for chosen in Strategy::ALL.into_iter().map(Some).chain([None]) {
            let sample = Sample { facts: facts.clone(), ..pushed.clone() };
            let swappable = |strategy| matches!(strategy, Strategy::RotateFirst | Strategy::DisableFirst);
            let of_table = strategy(&facts);
            let expected = chosen.filter(|chosen| swappable(*chosen) && swappable(of_table)).unwrap_or(of_table);
            assert_eq!(sample.case(chosen).strategy, expected);
        }
    }
}

/// A subject that owns its parts.
#[derive(Clone)]
struct Sample {
    facts: Facts,
    finding: Finding,
    verdict: Verdict,
}

impl Default for Sample {
    /// An active, pushed pair of the user `etl`, in two files of HEAD, one of them in an archive, and in history.
    fn default() -> Self {
        let id = AccessKeyId::new(b"LTAI-example-id").unwrap();
        let credential = Credential::KeyPair { id, secret: Secret::new(b"made up") };
        let verdict = Verdict {
            status: KeyStatus::Active,
            source: Some("inventory:keys.csv (2026-11-20)".into()),
            owner: owner(Some(OwnerType::RamUser), Some("etl"), None),
            last_used: LastUsed { products: vec!["MaxCompute".into(), "Oss".into()], ..LastUsed::default() },
            keys_of_owner: 1,
            ..Verdict::not_checked()
        };
        let finding = Finding {
            fingerprint: Fingerprint::of(&credential),
            rule: "access-key-pair".into(),
            confidence: Confidence::High,
            sample: false,
            evidence: Vec::new(),
            places: vec![
                place(&credential, Place::History, "old.env", 9, false),
                place(&credential, Place::Worktree, "conf/app.json", 4, true),
                place(&credential, Place::History, "conf/app.json", 4, true),
                place(&credential, Place::Worktree, "a.zip", 2, true),
            ],
            credential,
        };
        Self { facts: Facts::new(&finding, &verdict, false), finding, verdict }
    }
}

impl Sample {
    fn subject(&self) -> Subject<'_> {
        Subject { facts: self.facts.clone(), finding: &self.finding, verdict: &self.verdict }
    }

    fn case(&self, chosen: Option<Strategy>) -> case::Case<'_> {
        case::Case::new(&self.subject(), chosen)
    }

    fn plan(&self) -> Plan {
        plan(&self.subject(), None)
    }

    /// With another verdict, and the facts that follow from it.
    fn with_verdict(mut self, change: impl FnOnce(&mut Verdict)) -> Self {
        change(&mut self.verdict);
        self.facts = Facts::new(&self.finding, &self.verdict, false);
        self
    }

    /// With another credential in the same places.
    fn with_credential(mut self, credential: Credential) -> Self {
        for place in &mut self.finding.places {
            Arc::make_mut(&mut place.detection).credential = credential.clone();
        }
        self.finding.credential = credential;
        self.with_verdict(|_| ())
    }

    /// Never pushed.
    fn local(mut self) -> Self {
        for place in &mut self.finding.places {
            Arc::make_mut(&mut place.sighting).reach = Reach::Local;
        }
        self.with_verdict(|_| ())
    }
}

fn owner(owner_type: Option<OwnerType>, user_name: Option<&str>, logon_name: Option<&str>) -> Owner {
    Owner {
        account_id: None,
        owner_type,
        user_name: user_name.map(str::to_owned),
        user_principal_name: logon_name.map(str::to_owned),
    }
}

fn place(credential: &Credential, place: Place, path: &str, line: u64, in_head: bool) -> SightingPlace {
    let at = |column| Position { offset: 0, line, column };
    let file = Origin::File(path.into());
    let origin = match path {
        "a.zip" => file.inside(&[MemberName { format: "zip", name: "in/ner.env".into() }]),
        _ => file,
    };
    let time = "2026-03-01T02:03:04Z".parse().ok();
    let provenance =
        Provenance { commit: None, author: None, time, blob: None, refs: Arc::default(), pushed: None, removed: None };
    SightingPlace {
        sighting: Arc::new(Sighting {
            place,
            path: path.into(),
            reach: Reach::Pushed,
            in_head,
            provenance: Some(provenance),
        }),
        origin,
        detection: Arc::new(Detection {
            rule: "access-key-pair".into(),
            credential: credential.clone(),
            confidence: Confidence::High,
            region: Region { start: at(1), end: at(9) },
            parts: Vec::new(),
            layers: Vec::new(),
            evidence: Vec::new(),
            written_as: Vec::new(),
        }),
        earlier: Earlier::default(),
    }
}

/// A plan as text: everything that a reader of it gets.
fn shown(plan: &Plan) -> String {
    let mut text = format!("{}: {}\n", plan.strategy, plan.summary);
    for Step { id, title, why, command, undo, console, must_update } in &plan.steps {
        write!(text, "\n[{id}] {title}\n  why: {why}\n").unwrap();
        let console = console.map(str::to_owned);
        for (name, value) in [("run", command), ("undo", undo), ("console", &console)] {
            if let Some(value) = value {
                writeln!(text, "  {name}: {value}").unwrap();
            }
        }
        for (path, line) in must_update {
            writeln!(text, "  must update: {}:{line}", String::from_utf8_lossy(path.as_bytes())).unwrap();
        }
    }
    text
}

fn ids(plan: &Plan) -> Vec<&'static str> {
    plan.steps.iter().map(|step| step.id).collect()
}

fn unknown(verdict: &mut Verdict) {
    *verdict = Verdict::not_checked();
}

#[test]
fn one_plan_of_each_strategy_is_as_reviewed() {
    let status = |status| Sample::default().with_verdict(|verdict| verdict.status = status);
    insta::assert_snapshot!("disable_first", shown(&Sample::default().plan()));
    insta::assert_snapshot!("rotate_first", shown(&Sample::default().local().plan()));
    insta::assert_snapshot!("identify", shown(&Sample::default().with_verdict(unknown).plan()));
    insta::assert_snapshot!("delete", shown(&status(KeyStatus::Inactive).plan()));
    insta::assert_snapshot!("clean_up", shown(&status(KeyStatus::Deleted).plan()));
    let id = AccessKeyId::new(b"STS.example-id");
    let temporary = Credential::TemporaryCredential { id, secret: None, token: None, expires: None };
    insta::assert_snapshot!(
        "expire",
        shown(&Sample::default().with_credential(temporary).with_verdict(unknown).plan())
    );
    let id = AccessKeyId::new(b"LTAI-example-id").unwrap();
    let lone = Sample::default().with_credential(Credential::KeyId { id, masked: false });
    insta::assert_snapshot!("review", shown(&lone.plan()));
    let mut stray = Sample::default().local();
    stray.finding.places.truncate(1);
    Arc::make_mut(&mut stray.finding.places[0].sighting).place = Place::Unreachable;
    insta::assert_snapshot!("remove_local", shown(&stray.with_verdict(|_| ()).plan()));
    let mut published = Sample::default();
    published.finding.sample = true;
    insta::assert_snapshot!("none", shown(&published.with_verdict(|_| ()).plan()));
}

#[test]
fn a_primary_accounts_workload_moves_to_a_new_user() {
    let sample = Sample::default().with_verdict(|verdict| {
        verdict.owner = owner(Some(OwnerType::Primary), None, None);
        verdict.keys_of_owner = 2;
    });
    insta::assert_snapshot!("primary", shown(&sample.plan()));
}

#[test]
fn a_taken_slot_is_freed_before_a_key_is_created() {
    let full = Sample::default().with_verdict(|verdict| verdict.keys_of_owner = 2);
    for sample in
        [full.clone(), full.clone().local(), full.with_verdict(|verdict| verdict.status = KeyStatus::NotChecked)]
    {
        let plan = sample.plan();
        let free = ids(&plan).iter().position(|id| *id == "free-slot").unwrap();
        assert_eq!(ids(&plan)[free + 1..free + 4], ["disable-other", "delete-other", "create"]);
        assert_eq!(plan.steps[free].command.as_deref(), Some("aliyun ram ListAccessKeys --UserName etl"));
    }
    assert!(!ids(&Sample::default().plan()).contains(&"free-slot"));
}

#[test]
fn an_unknown_or_hostile_user_is_found_out_first() {
    for name in [None, Some("$(touch canary)"), Some("-x"), Some("a'b\n")] {
        let plan = Sample::default().with_verdict(|verdict| verdict.owner = owner(None, name, name)).plan();
        assert_eq!(plan.steps[0].id, "find-owner");
        let text = shown(&plan);
        assert!(text.contains(r#"--UserName "${USER_NAME:?}" --UserAccessKeyId LTAI-example-id --Status Inactive"#));
        assert!(!name.is_some_and(|name| text.contains(name)), "{text}");
    }
}

#[test]
fn a_known_owner_is_not_asked_for_again() {
    let plan = Sample::default().with_verdict(|verdict| verdict.status = KeyStatus::NotChecked).plan();
    insta::assert_snapshot!("identify_known_owner", plan.summary);
    assert_eq!(plan.steps[0].command.as_deref(), Some("aliyun ram ListAccessKeys --UserName etl"));
    assert!(!shown(&plan).contains("USER_NAME"));
    assert!(!ids(&plan).contains(&"tell-its-owner"));
}

#[test]
fn a_logon_name_is_used_where_that_is_all_there_is() {
    let plan = Sample::default()
        .with_verdict(|verdict| verdict.owner = owner(None, None, Some("etl@example.onaliyun.com")))
        .plan();
    let disable = plan.steps.iter().find(|step| step.id == "disable").unwrap();
    let expected = "aliyun ims UpdateAccessKey --UserPrincipalName etl@example.onaliyun.com --UserAccessKeyId LTAI-example-id --Status ";
    assert_eq!(disable.command, Some(format!("{expected}Inactive")));
    assert_eq!(disable.undo, Some(format!("{expected}Active")));
}

#[test]
fn a_chosen_order_says_what_stays_open() {
    let pushed = Sample::default();
    let rotate = plan(&pushed.subject(), Some(Strategy::RotateFirst));
    assert_eq!(rotate.strategy, Strategy::RotateFirst);
    assert!(rotate.summary.ends_with("Until it is disabled, whoever has the secret can use it."), "{}", rotate.summary);
    assert!(ids(&rotate).contains(&"check-abuse"));
    let local = Sample::default().local();
    assert_eq!(ids(&plan(&local.subject(), Some(Strategy::DisableFirst)))[1], "disable");
    assert!(!ids(&local.plan()).contains(&"check-abuse"));
    let unknown = local.with_verdict(|verdict| verdict.status = KeyStatus::NotChecked).plan();
    assert!(ids(&unknown).contains(&"take-out") && !ids(&unknown).contains(&"purge-history"), "{:?}", ids(&unknown));
}

#[test]
fn summaries_count_in_singular_and_plural() {
    let mut sample = Sample::default();
    assert_eq!(
        sample.plan().summary,
        "Disable now; 2 places in the work tree or HEAD and 2 products (MaxCompute, Oss) fail until they have a new key."
    );
    sample.verdict.last_used.products.clear();
    sample.finding.places.truncate(2);
    assert_eq!(sample.plan().summary, "Disable now; 1 place in the work tree or HEAD fails until it has a new key.");
    sample.finding.places.truncate(1);
    assert_eq!(
        sample.plan().summary,
        "Disable now; nothing in the work tree or HEAD and no known product depends on it."
    );
}

#[test]
fn what_is_known_of_the_machines_behind_a_key_is_told() {
    let used = |kind, name: &str| Use { kind, name: name.to_owned(), within: Some("Oss".to_owned()), at: None };
    let sample = Sample::default().with_verdict(|verdict| {
        verdict.last_used.products = vec!["Oss".to_owned()];
        verdict.history.uses = vec![
            used(UseKind::Product, "Oss"),
            used(UseKind::SourceIp, "203.0.113.7"),
            used(UseKind::SourceIp, "203.0.113.9"),
            used(UseKind::Resource, "a-bucket"),
        ];
    });
    let plan = sample.plan();
    let step = plan.steps.iter().find(|step| step.id == "find-users").unwrap();
    assert!(step.why.contains("knows of calls from 203.0.113.7, 203.0.113.9, on a-bucket."), "{}", step.why);
    let command = "aliyun actiontrail GetAccessKeyLastUsedIps --AccessKey LTAI-example-id --ServiceName Oss";
    assert_eq!(step.command.as_deref(), Some(command));
}

#[test]
fn a_new_user_gets_the_documented_policy_of_the_only_product() {
    let primary = Sample::default().with_verdict(|verdict| {
        verdict.owner = owner(Some(OwnerType::Primary), None, None);
        verdict.last_used.products = vec!["Sls".to_owned()];
    });
    assert!(shown(&primary.plan()).contains("--PolicyType System --PolicyName AliyunLogReadOnlyAccess"));
    let unknown = primary.with_verdict(|verdict| verdict.last_used.products = vec!["$(touch canary)".to_owned()]);
    let text = shown(&unknown.plan());
    assert!(text.contains(r#"--PolicyName "${POLICY_NAME:?}""#));
    assert!(!text.lines().any(|line| line.trim_start().starts_with("run:") && line.contains("canary")), "{text}");
}

#[test]
fn a_key_that_goes_on_working_is_contained() {
    let sample = Sample::default();
    let chosen = plan(&sample.subject(), Some(Strategy::RotateFirst));
    let at = |id| ids(&chosen).iter().position(|other| *other == id);
    assert!(at("contain") < at("create") && at("create") < at("disable"), "{:?}", ids(&chosen));
    assert!(at("delete") < at("end-sessions"));
    assert!(!ids(&sample.plan()).contains(&"contain"), "it is disabled at once");
    assert!(!ids(&sample.local().plan()).contains(&"end-sessions"), "nobody had it");
}

#[test]
fn a_secret_that_is_not_the_keys_own_is_told() {
    let sample = Sample::default().with_verdict(|verdict| verdict.secret_differs = true);
    assert!(sample.plan().summary.contains("another secret"), "{}", sample.plan().summary);
}

#[test]
fn a_lone_secret_has_no_id_to_look_up_unless_its_hash_is_known() {
    let alone =
        Sample::default().with_credential(Credential::KeySecret { secret: Secret::new(b"made up"), needs_id: false });
    let plan = alone.clone().with_verdict(unknown).plan();
    assert_eq!(plan.strategy, Strategy::Identify);
    assert!(shown(&plan).contains(r#"--AccessKey "${LEAKED_KEY_ID:?}""#));
    let known = alone.with_verdict(|verdict| verdict.known_as = AccessKeyId::new(b"LTAI-example-id"));
    assert_eq!(severity(&known.facts), Severity::Critical);
    assert!(shown(&known.plan()).contains("--UserAccessKeyId LTAI-example-id --Status Inactive"));
}

#[test]
fn every_step_of_every_plan_can_be_followed() {
    let credentials = || {
        let id = AccessKeyId::new(b"an-id").unwrap();
        let secret = Secret::new(b"made up");
        [
            Credential::KeyId { id: id.clone(), masked: true },
            Credential::KeySecret { secret: secret.clone(), needs_id: false },
            Credential::KeyPair { id: id.clone(), secret },
            Credential::TemporaryCredential {
                id: AccessKeyId::new(b"TMP.x"),
                secret: None,
                token: None,
                expires: None,
            },
            Credential::TemporaryCredential {
                id: None,
                secret: None,
                token: None,
                expires: "2026-01-01T00:00:00Z".parse().ok(),
            },
            Credential::SignedRequest { id, expires: "2026-01-01T00:00:00Z".parse().ok() },
        ]
    };
    for (status, credential) in KeyStatus::ALL.into_iter().flat_map(|status| credentials().map(|one| (status, one))) {
        for owner_type in OWNERS {
            for (local, named) in BOTH.into_iter().flat_map(|local| BOTH.map(|named| (local, named))) {
                let sample = Sample::default().with_credential(credential.clone()).with_verdict(|verdict| {
                    verdict.status = status;
                    verdict.owner = owner(owner_type, named.then_some("etl"), None);
                });
                let plan = if local { sample.local() } else { sample }.plan();
                check(&plan);
            }
        }
    }
}

fn check(plan: &Plan) {
    let text = shown(plan);
    assert!(plan.summary.split_inclusive(". ").count() <= 2, "{text}");
    assert_eq!(plan.steps.is_empty(), plan.strategy == Strategy::None, "{text}");
    let mut seen = Vec::new();
    for step in &plan.steps {
        assert!(!seen.contains(&step.id), "{} is there twice: {text}", step.id);
        seen.push(step.id);
        assert!(step.why.ends_with('.') && !step.why.contains("  "), "{text}");
        assert!(step.undo.is_none() || step.command.is_some(), "{text}");
        let command = step.command.as_deref().unwrap_or_default();
        if command.contains("aliyun") {
            assert!(step.console.is_some(), "{text}");
        }
        let of_keys =
            ["UpdateAccessKey", "DeleteAccessKey", "CreateAccessKey", "ListAccessKeys", "GetAccessKeyLastUsed "];
        if command.contains(" ram ") && of_keys.iter().any(|action| command.contains(action)) {
            assert!(command.contains("--UserName "), "{text}");
        }
    }
}
