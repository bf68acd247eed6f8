//! What holds for every plan, whatever the key, its owner and the ways there are.

use super::*;
use crate::model::{Call, Condition, StepPart};

const BOTH: [bool; 2] = [false, true];

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
                let sample = if local { sample.local() } else { sample };
                check(&sample.plan());
                let logon_name = sample.clone().with_verdict(|verdict| {
                    verdict.owner = owner(owner_type, None, Some("etl@example.onaliyun.com"));
                    verdict.other_keys = vec![other_key("LTAI-other-id", KeyStatus::Active, None)];
                    verdict.last_used.products.clear();
                });
                check(&logon_name.plan());
                check(&plan(&sample.subject(), Some(Strategy::RotateFirst)));
            }
        }
    }
}

/// Whether one answer to the same question rules the other out.
fn excludes(one: Condition, other: Condition) -> bool {
    let ((question, yes), (asked, answer)) = (one.question(), other.question());
    question == asked && yes != answer
}

/// Holds a plan to what every plan keeps.
pub(super) fn check(plan: &Plan) {
    let text = shown(plan);
    assert!(plan.summary.split_inclusive(". ").count() <= 2, "{text}");
    assert_eq!(plan.steps.is_empty(), plan.strategy == Strategy::None, "{text}");
    for (index, step) in plan.steps.iter().enumerate() {
        // Twice only where it cannot be taken twice.
        let apart = |other: &&Step| step.when.iter().any(|when| other.when.iter().any(|other| excludes(*when, *other)));
        let same = plan.steps[..index].iter().filter(|other| other.id == step.id);
        assert!(same.clone().all(|other| apart(&other)), "{} is there twice: {text}", step.id);
        assert!(step.why.ends_with('.') && !step.why.contains("  "), "{text}");
        assert!(step.undo.is_none() || step.command.is_some(), "{text}");
        let command = step.command.as_deref().unwrap_or_default();
        if command.contains("aliyun") {
            assert!(step.console.is_some(), "{text}");
        }
        for (line, part) in [(command, StepPart::Command), (step.undo.as_deref().unwrap_or_default(), StepPart::Undo)] {
            let other = if part == StepPart::Undo { StepPart::Command } else { StepPart::Undo };
            if let Some(call) = Call::parse(line) {
                assert!(call.is_of_step(step.id, part), "a script leaves it out: {line}");
                assert!(!call.is_of_step(step.id, other) && !call.is_of_step("contain", part), "{line}");
            } else {
                assert!(line.is_empty() || line.starts_with("git "), "{line}");
            }
        }
        let of_keys =
            ["UpdateAccessKey", "DeleteAccessKey", "CreateAccessKey", "ListAccessKeys", "GetAccessKeyLastUsed "];
        if command.contains(" ram ") && of_keys.iter().any(|action| command.contains(action)) {
            assert!(command.contains("--UserName "), "{text}");
        }
    }
}
