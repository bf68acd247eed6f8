//! What plans say of whoever has the key, and of the other key that a user has.

use super::*;
use crate::model::Condition;

#[test]
fn a_taken_slot_is_freed_or_left_to_who_uses_it() {
    let full = |status| {
        let others = vec![other_key("LTAI-other-id", status, Some("2026-01-02T00:00:00Z"))];
        Sample::default().with_verdict(|verdict| verdict.other_keys = others)
    };
    let free = |plan: &Plan| {
        let first = ids(plan).iter().position(|id| *id == "free-slot").unwrap();
        ids(plan).into_iter().skip(first).take_while(|id| *id != "find-users").collect::<Vec<_>>()
    };
    let plan = full(KeyStatus::Active).plan();
    insta::assert_snapshot!("two_keys", shown(&plan));
    let unused = ["free-slot", "check-other", "disable-other", "watch-other", "delete-other", "create"];
    let used = ["enable-other", "create-user", "attach-policy", "create-for-new-user"];
    let whole = [&unused[..], &used].concat();
    assert!(free(&plan).starts_with(&whole), "{:?}", free(&plan));
    let condition = |id: &str| plan.steps.iter().find(|step| step.id == id).unwrap().when.clone();
    assert!(unused[..4].iter().all(|id| condition(id).is_empty()));
    assert!(unused[4..].iter().all(|id| condition(id) == [Condition::OtherKeyUnused]));
    assert!(used.iter().all(|id| condition(id) == [Condition::OtherKeyUsed]));
    assert!(free(&full(KeyStatus::Active).local().plan()).starts_with(&whole));
    let disabled = free(&full(KeyStatus::Inactive).plan());
    assert!(disabled.starts_with(&["free-slot", "check-other", "delete-other", "create"]), "{disabled:?}");
    let to_be_found = full(KeyStatus::Active).with_verdict(|verdict| verdict.status = KeyStatus::NotChecked).plan();
    let create = to_be_found.steps.iter().find(|step| step.id == "create").unwrap();
    assert_eq!(create.when, [Condition::Works, Condition::OtherKeyUnused]);
    assert_eq!(create.title, "If it works and nothing uses the other key: create a second key");
    assert!(!ids(&Sample::default().plan()).contains(&"free-slot"));
}

#[test]
fn the_other_key_that_goes_is_the_one_that_is_missed_least() {
    let day = Some("2026-01-02T00:00:00Z");
    let goes = |others: &[OtherKey]| {
        let plan = Sample::default().with_verdict(|verdict| verdict.other_keys = others.to_vec()).plan();
        let step = plan.steps.iter().find(|step| step.id == "free-slot").unwrap();
        step.why.split("would be refused. ").nth(1).unwrap().split(". The command").next().unwrap().to_owned()
    };
    let disabled = other_key("disabled", KeyStatus::Inactive, Some("2026-11-19T00:00:00Z"));
    let unused = other_key("unused", KeyStatus::Active, None);
    let used = other_key("used", KeyStatus::Active, day);
    let leaked = OtherKey { exposed: true, ..other_key("leaked", KeyStatus::Active, Some("2026-11-19T00:00:00Z")) };
    let is = |name: &str, because: &str| format!("{name} is the one to go if nothing uses it: {because}");
    assert_eq!(
        goes(&[leaked.clone(), used.clone(), unused.clone(), disabled]),
        is("disabled", "it is disabled already")
    );
    assert!(goes(&[used.clone(), unused.clone(), leaked.clone()]).contains("leaked is the one to go"));
    assert_eq!(goes(&[used.clone(), unused]), is("unused", "the inventory knows of no use of it"));
    assert_eq!(goes(&[used]), is("used", "it was last used on 2026-01-02, as far as the inventory knows"));
    // What leaked as well is not made live again, nor left so for what uses it.
    let plan = Sample::default().with_verdict(|verdict| verdict.other_keys = vec![leaked]).plan();
    assert!(ids(&plan).contains(&"create-user") && !ids(&plan).contains(&"enable-other"));
    let disable = plan.steps.iter().find(|step| step.id == "disable-other").unwrap();
    assert_eq!((disable.undo.as_deref(), disable.when.as_slice()), (None, &[][..]));
    assert!(
        !shown(&plan).contains("the key stays") && !shown(&plan).contains("--UserAccessKeyId leaked --Status Active")
    );
}

#[test]
fn a_key_with_a_plan_of_its_own_is_deleted_by_no_other() {
    let twin = OtherKey { exposed: true, found: true, ..other_key("LTAI-twin-id", KeyStatus::Active, None) };
    let sample = Sample::default().with_verdict(|verdict| verdict.other_keys = vec![twin.clone()]);
    // What is disabled makes room itself, when all is known of it that there is to know.
    let plan = sample.plan();
    let all = ids(&plan);
    let from = all.iter().position(|id| *id == "check-abuse").unwrap();
    assert_eq!(all[from..], ["check-abuse", "delete", "create", "update-dependants", "verify", "purge-history"]);
    let of_twin =
        |plan: &Plan| plan.steps.iter().any(|step| format!("{step:?}").contains("UserAccessKeyId LTAI-twin-id"));
    // Nothing asks for the last use of what is gone.
    assert!(plan.steps.iter().any(|step| step.id == "verify" && step.command.is_none()));
    assert!(!of_twin(&plan));
    // What works until it is replaced cannot.
    let local = sample.clone().local().plan();
    assert!(ids(&local).contains(&"create-user") && !ids(&local).contains(&"create") && !of_twin(&local));
    let delete = local.steps.iter().filter(|step| step.id == "delete").collect::<Vec<_>>();
    assert!(delete.len() == 1 && delete[0].when.is_empty(), "{}", shown(&local));
    // Another one that is known makes room as ever.
    let third = sample.with_verdict(|verdict| verdict.other_keys.push(other_key("third", KeyStatus::Active, None)));
    assert!(shown(&third.plan()).contains("third is the one to go"));
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
fn a_key_of_nobody_known_may_be_the_primary_accounts() {
    let sample = || Sample::default().with_verdict(|verdict| verdict.owner = Owner::default());
    let plan = sample().plan();
    assert_eq!(ids(&plan)[..3], ["find-owner", "disable-primary", "plan-again"]);
    let disable = &plan.steps[1];
    assert_eq!(disable.when, [Condition::OfPrimaryAccount]);
    let command = "aliyun ims UpdateAccessKey --UserAccessKeyId LTAI-example-id --Status Inactive";
    assert_eq!(disable.command.as_deref(), Some(command));
    assert!(plan.steps[3..].iter().all(|step| step.when == [Condition::OfRamUser]), "{}", shown(&plan));
    let names_a_user = |step: &Step| step.command.as_ref().is_some_and(|command| command.contains("USER_NAME"));
    assert!(plan.steps.iter().filter(|step| names_a_user(step)).all(|step| step.when.contains(&Condition::OfRamUser)));
    let identify = Sample::default().with_verdict(unknown).plan();
    let disable = identify.steps.iter().find(|step| step.id == "disable").unwrap();
    assert_eq!(disable.title, "If it is yours and a RAM user's: disable the key");
    // A disabled key is not disabled again.
    let disabled = sample().with_verdict(|verdict| verdict.status = KeyStatus::Inactive).plan();
    assert_eq!(ids(&disabled)[..2], ["find-owner", "plan-again"]);
    // The new plan is what the text says: of a key that is disabled by then, or that works.
    let promise = |plan: &Plan| plan.steps.iter().find(|step| step.id == "plan-again").unwrap().why.clone();
    for disabled in [&plan, &identify, &disabled] {
        assert!(promise(disabled).contains("The new plan is for a disabled key"), "{}", promise(disabled));
    }
    assert!(promise(&sample().local().plan()).contains("The new plan moves the workload"));
    let secret = Credential::KeySecret { secret: Secret::new(b"made up"), needs_id: false };
    let alone = Sample::default().with_credential(secret).with_verdict(unknown).plan();
    assert!(promise(&alone).contains("akscan inventory seal --id"), "{}", promise(&alone));
    // Nor is one that nobody else has, before it is replaced.
    assert_eq!(ids(&sample().local().plan())[..3], ["take-out", "find-owner", "plan-again"]);
    // A name that no command can repeat is a user's all the same.
    let named = Sample::default().with_verdict(|verdict| verdict.owner = owner(None, Some("a b"), None)).plan();
    assert!(!ids(&named).contains(&"plan-again"));
}

#[test]
fn a_known_owner_is_not_asked_for_again() {
    let plan = Sample::default().with_verdict(|verdict| verdict.status = KeyStatus::NotChecked).plan();
    insta::assert_snapshot!("identify_known_owner", plan.summary);
    assert_eq!(plan.steps[0].command.as_deref(), Some("aliyun ram ListAccessKeys --UserName etl"));
    assert!(!shown(&plan).contains("USER_NAME"));
    assert!(!ids(&plan).contains(&"tell-its-owner"));
    // If it turns out to be disabled, the plan is the one for that.
    let dead: Vec<&Step> = plan.steps.iter().filter(|step| step.when == [Condition::DoesNotWork]).collect();
    let disabled =
        ["not-working", "check-use", "check-abuse", "end-sessions", "delete", "remove-references", "purge-history"];
    assert_eq!(dead.iter().map(|step| step.id).collect::<Vec<_>>(), disabled);
    let delete = "aliyun ram DeleteAccessKey --UserName etl --UserAccessKeyId LTAI-example-id";
    assert_eq!(dead[4].command.as_deref(), Some(delete));
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
