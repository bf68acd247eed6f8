//! Severity and strategy over every combination of facts.

use super::*;

const REACHES: [Reach; 3] = [Reach::Local, Reach::Unknown, Reach::Pushed];

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
