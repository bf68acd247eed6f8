//! One whole plan for each strategy, and what they say where more or less is known.

use super::sweep::check;
use super::*;
use crate::model::{Condition, LeakEvent, StatusEvent, Told};

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
        verdict.other_keys = vec![other_key("LTAI-other-id", KeyStatus::Active, None)];
    });
    insta::assert_snapshot!("primary", shown(&sample.plan()));
}

#[test]
fn what_was_seen_in_public_has_left_the_machine() {
    let seen = |verdict: &mut Verdict| {
        let place = "https://example.com/".to_owned();
        verdict.history.leaks.push(LeakEvent { at: None, place, handled: true });
    };
    let plan = Sample::default().local().with_verdict(seen).plan();
    assert_eq!(plan.strategy, Strategy::DisableFirst);
    assert!(ids(&plan).contains(&"check-abuse"));
}

#[test]
fn calls_are_looked_at_from_the_day_of_the_leak_on() {
    let since = |seen: Option<&str>| {
        let sample = Sample::default().with_verdict(|verdict| {
            let at = seen.map(|time| time.parse().unwrap());
            verdict.history.leaks.push(LeakEvent { at, place: "https://example.com/".to_owned(), handled: false });
        });
        let plan = sample.plan();
        let step = plan.steps.iter().find(|step| step.id == "check-abuse").unwrap();
        step.why.split("START_TIME=").nth(1).unwrap().split(", or").next().unwrap().to_owned()
    };
    assert_eq!(since(None), "2026-03-01T00:00:00Z, when it was committed");
    assert_eq!(since(Some("2026-03-05T09:00:00Z")), "2026-03-01T00:00:00Z, when it was committed");
    assert_eq!(since(Some("2026-02-21T09:00:00Z")), "2026-02-21T00:00:00Z, when it was seen in public");
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
fn what_was_not_pushed_is_taken_out_first_whatever_its_state() {
    let known = Sample::default().local();
    let of = |status| known.clone().with_verdict(|verdict| verdict.status = status).plan();
    let mut plans =
        [KeyStatus::Active, KeyStatus::NotChecked, KeyStatus::Unlisted, KeyStatus::Inactive].map(of).to_vec();
    plans.push(known.clone().with_verdict(unknown).plan());
    plans.push(known.clone().with_verdict(|verdict| verdict.owner = Owner::default()).plan());
    for plan in plans {
        let step = &plan.steps[0];
        assert!(step.id == "take-out" && step.when.is_empty() && step.why.contains("every commit"), "{}", shown(&plan));
        assert!(!ids(&plan).contains(&"purge-history"), "{}", shown(&plan));
    }
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
    let primary = Sample::default().with_verdict(|verdict| verdict.owner = owner(Some(OwnerType::Primary), None, None));
    let fixed = "--PolicyType System --PolicyName AliyunLogReadOnlyAccess";
    assert!(shown(&primary.clone().used_with("Sls", true).plan()).contains(fixed));
    // The last use says nothing of those before it.
    let last = shown(&primary.clone().used_with("Sls", false).plan());
    assert!(!last.contains(fixed) && !last.contains(" alone") && !last.contains("--ServiceName Sls"), "{last}");
    assert!(last.contains("last used with Sls") && last.contains("AliyunLogReadOnlyAccess for Sls"), "{last}");
    for (product, _) in policy::READ_ONLY {
        check(&primary.clone().used_with(product, true).plan());
        check(&primary.clone().used_with(product, false).plan());
    }
    let unknown = primary.used_with("$(touch canary)", true);
    let text = shown(&unknown.plan());
    assert!(text.contains(r#"--PolicyName "${POLICY_NAME:?}""#));
    assert!(!text.lines().any(|line| line.trim_start().starts_with("run:") && line.contains("canary")), "{text}");
}

#[test]
fn what_fails_without_the_key_has_another_before_anything_else_is_looked_into() {
    let expected = [
        "list-dependants",
        "disable",
        "end-sessions",
        "create",
        "find-users",
        "update-dependants",
        "verify",
        "check-abuse",
        "delete",
        "purge-history",
    ];
    assert_eq!(ids(&Sample::default().plan()), expected);
}

#[test]
fn a_key_that_goes_on_working_is_contained() {
    let sample = Sample::default();
    let chosen = plan(&sample.subject(), Some(Strategy::RotateFirst));
    let at = |id| ids(&chosen).iter().position(|other| *other == id);
    assert!(at("contain") < at("create") && at("create") < at("disable"), "{:?}", ids(&chosen));
    assert!(at("disable") < at("check-abuse") && at("check-abuse") < at("end-sessions"));
    assert!(at("end-sessions") < at("delete"), "the undo and what it tells are gone with it");
    assert!(!ids(&sample.plan()).contains(&"contain"), "it is disabled at once");
    assert!(!ids(&sample.local().plan()).contains(&"end-sessions"), "nobody had it");
}

#[test]
fn a_token_is_cut_short_only_if_its_end_is_too_late() {
    let token = |id: &[u8]| {
        let id = AccessKeyId::new(id);
        let credential = Credential::TemporaryCredential { id, secret: None, token: None, expires: None };
        Sample::default().with_credential(credential).with_verdict(unknown)
    };
    let on_role = |step: &&Step| step.command.as_ref().is_some_and(|command| command.contains("Role"));
    let plan = token(b"STS.example-id").plan();
    assert_eq!(plan.steps.iter().filter(on_role).count(), 6);
    assert!(plan.steps.iter().filter(on_role).all(|step| step.when == [Condition::EndsTooLate]), "{}", shown(&plan));
    assert_eq!(ids(&token(b"STS.example-id").local().plan()), ["take-out", "await-end", "issuing-key"]);
    assert_eq!(ids(&token(b"TMP.example-id").local().plan()), ["take-out", "await-end"]);
    // Committed on 1 March at 02:03:04: over after 36 hours.
    let sample = token(b"STS.example-id");
    let on = |day: &str| super::plan(&Subject { as_of: day.parse().unwrap(), ..sample.subject() }, None);
    for (day, is_over) in
        [("2026-03-02T14:03:04Z", false), ("2026-03-02T14:03:05Z", true), ("2020-01-01T00:00:00Z", false)]
    {
        let plan = on(day);
        assert_eq!(shown(&plan).matches("most likely over").count(), if is_over { 2 } else { 0 }, "{}", shown(&plan));
    }
}

#[test]
fn a_key_that_was_disabled_is_looked_at_again_before_it_is_deleted() {
    let inactive = |day: &str| {
        let at = day.parse().unwrap();
        let source = "keys.csv".to_owned();
        let event = StatusEvent { at, until: None, status: KeyStatus::Inactive, how: Told::Seen, source };
        Sample::default().with_verdict(|verdict| {
            verdict.status = KeyStatus::Inactive;
            verdict.history.status_events = vec![event];
        })
    };
    // It was committed on 1 March.
    let before = inactive("2026-02-01T00:00:00Z").plan();
    assert_eq!(ids(&before)[..3], ["check-state", "disable", "check-use"]);
    assert_eq!(before.steps[1].when, [Condition::Works]);
    assert!(before.steps[0].why.contains("as of 2026-02-01, before it was committed"), "{}", shown(&before));
    assert!(
        before.summary.starts_with("As of 2026-02-01, before it was committed, the key was disabled: if it still is, ")
    );
    // What a service says is of today.
    let source = Some("verify:sts.aliyuncs.com (2026-11-22)".to_owned());
    let asked = inactive("2026-02-01T00:00:00Z").with_verdict(|verdict| verdict.source = source).plan();
    assert!(asked.steps[0].why.starts_with("It was disabled when last looked at, as verify:"), "{}", shown(&asked));
    let after = inactive("2026-03-02T00:00:00Z").plan();
    assert_eq!(ids(&after), ids(&before));
    assert!(after.steps[0].why.contains("inventory:keys.csv (2026-11-20)"), "{}", shown(&after));
    assert!(after.summary.starts_with("The key is disabled"));
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
