//! Merges: what they bring along, and what is born in them.

use super::*;

/// A base with a key; `main` took it out, `side` kept it and goes on. HEAD is `main`.
fn two_lines() -> (Repo, Oid, Oid) {
    let repo = Repo::new();
    repo.write("conf.yaml", key(1)).write("README", "1").commit("base");
    repo.branch("side").write("side.txt", "1");
    let side = repo.commit("side");
    repo.switch("main").remove("conf.yaml");
    let main = repo.commit("take it out");
    (repo, main, side)
}

#[test]
fn a_merge_that_brings_an_old_key_along_is_not_new() {
    let (repo, main, side) = two_lines();
    repo.write("conf.yaml", key(1)).write("side.txt", "1");
    repo.merge("side", "resurrect");
    assert_eq!(found(&repo, &[&format!("{main}..HEAD")]), [""; 0], "as the other parent has it");
    repo.reset(main).write("conf.yaml", key(1) + "merged: 1\n").write("side.txt", "1");
    repo.merge("side", "resurrect and edit");
    assert_eq!(found(&repo, &[&format!("{main}..HEAD")]), [""; 0]);
    repo.reset(main).write("moved.yaml", key(1)).write("side.txt", "1");
    repo.merge("side", "resurrect elsewhere: the other parent's file is taken away");
    assert_eq!(found(&repo, &["HEAD", &format!("^{main}"), &format!("^{side}")]), [""; 0]);
}

#[test]
fn a_key_that_is_born_in_a_merge_is_found() {
    let (repo, main, _) = two_lines();
    repo.write("side.txt", "1").write("evil.yaml", key(2));
    let merge = repo.merge("side", "evil");
    assert_eq!(found(&repo, &[&format!("{main}..HEAD")]), [at(merge, "evil.yaml")]);
    assert_eq!(found(&repo, &["HEAD^2..HEAD"]), [at(merge, "evil.yaml")]);
}

#[test]
fn a_key_of_a_merged_branch_is_found_where_it_came_in_and_not_in_the_merge() {
    let (repo, main, _) = two_lines();
    repo.switch("side").write("new.yaml", key(2));
    let added = repo.commit("on the side");
    repo.switch("main").write("new.yaml", key(2)).write("side.txt", "1");
    repo.merge("side", "merge");
    assert_eq!(found(&repo, &[&format!("{main}..HEAD")]), [at(added, "new.yaml")]);
    // Resolved with `ours`, the merge has nothing of it, and the commit is still brought in.
    repo.reset(main);
    repo.merge("side", "ours");
    assert_eq!(found(&repo, &[&format!("{main}..HEAD")]), [at(added, "new.yaml")]);
}

#[test]
fn an_octopus_brings_in_all_its_arms() {
    let repo = Repo::new();
    let base = repo.write("README", "1").commit("base");
    let mut arms = vec![base];
    for arm in 1..=3 {
        repo.reset(base).write(format!("{arm}.yaml"), key(arm));
        arms.push(commit_of(&repo, &format!("arm {arm}"), &[base]));
    }
    repo.reset(base);
    for arm in 1..=3 {
        repo.stage(format!("{arm}.yaml"), key(arm));
    }
    repo.stage("born.yaml", key(4));
    let octopus = commit_of(&repo, "octopus", &arms);
    let mut expected = vec![at(octopus, "born.yaml")];
    expected.extend((1..=3).map(|arm| at(arms[arm], &format!("{arm}.yaml"))));
    expected.sort();
    assert_eq!(found(&repo, &[&format!("{base}..{octopus}")]), expected);
    assert_eq!(found(&repo, &[&octopus.to_string(), &format!("^{}", arms[1]), &format!("^{}", arms[2])]).len(), 2);
}

#[test]
fn criss_cross_merges_have_several_bases() {
    let repo = Repo::new();
    let base = repo.write("README", "1").commit("base");
    repo.write("a.yaml", key(1));
    let a = commit_of(&repo, "a", &[base]);
    repo.reset(base).write("b.yaml", key(2));
    let b = commit_of(&repo, "b", &[base]);
    repo.write("a.yaml", key(1));
    let (left, right) = (commit_of(&repo, "left", &[a, b]), commit_of(&repo, "right", &[b, a]));
    repo.write("c.yaml", key(3));
    let tip = commit_of(&repo, "tip", &[right]);
    let crossed = range(&repo, &[&format!("{left}...{tip}")]);
    assert_eq!(crossed.commits(), 2);
    assert_eq!(places(&scanned(&crossed)), [at(tip, "c.yaml")]);
    let base_of = crossed.base().unwrap().to_string();
    assert!([a, b].map(|id| id.to_string()).contains(&base_of), "{base_of}");
}
