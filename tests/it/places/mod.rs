//! Every place where git keeps something: each is built, and looked into.
//!
//! | place | test |
//! |---|---|
//! | several packs, `.keep`, `.promisor`, loose objects | `objects::packs_of_all_sorts_and_loose_objects` |
//! | `multi-pack-index` | the same has one that is damaged; git's own is in the suite `tests/git` |
//! | a pack and loose objects that hold the same; packs that `gc` replaces | `scan_history::every_object_is_read_once`, `pack/tests/` |
//! | alternates, nested and relative; `--shared` clones | `objects::alternates_are_followed_by_nesting_and_relative`, `scan_history::alternates_are_read` |
//! | linked worktrees | `scan_history::a_linked_worktree_…`, `folder::linked_worktrees_…` |
//! | bare and mirror clones | `objects::a_bare_repository_is_read`, `scan_history::reach_is_unknown_where_refs_cannot_tell` |
//! | packed refs | `objects::packed_refs_count` |
//! | replaced objects and grafts | `objects::replaced_objects_and_grafts_change_nothing` |
//! | texts of commits and annotated tags | `texts::…`, `provenance::the_text_of_…` |
//! | notes | `provenance::a_note_is_a_place_of_its_own_and_on_something` |
//! | reflog entries, ref names | `texts::messages_in_logs`, `texts::names_of_refs` |
//! | keys born in merges, merges with `ours` | `scan_history::a_merge_brings_in_only_what_no_parent_has`, `provenance::a_merge_with_ours_…` |
//! | orphan branches, tags on blobs and trees, stash, reflog only, unreachable | `scan_history::orphan_branches_…`, `tags_may_…`, `a_stash_…`, `what_only_the_reflog_names`, `a_forgotten_commit_…` |
//! | `refs/pull/*`, `refs/changes/*`, remote-tracking refs | `objects::refs_of_hosts_count`, `scan_history::what_a_remote_tracking_ref_…` |
//! | only ever staged | `objects::what_was_only_staged_never_left_this_machine` |
//! | symlink targets | `scan_history::the_target_of_a_link_is_a_content` |
//! | files marked `binary` or `-diff` | `objects::attributes_hide_nothing` |
//! | paths that are not UTF-8, with newlines or quotes | `scan_history::paths_and_names_are_bytes`, `cli::hostile::names_reach_…` |
//! | keys in paths | `names::…`, `staged::…`, `range::…` |
//! | credentials in git's own folder | `folder::…` |
//! | submodules and nested repositories | `repositories::…`, `cli::targets::…` |
//! | Git LFS | `lfs::…` |
//! | pushed, local, unknown | `scan_history::reach_…`, `what_a_remote_…`, `reach::…` |
//! | shallow, partial, truncated, missing objects | `scan_history::a_shallow_history_says_so`, `gaps::…` |
//! | SHA-256 and reftable | `scan_history::what_is_no_repository_or_not_supported_is_refused` |
//! | objects that claim to be huge | `limits::…` |
//! | what a repository configures, FIFOs | `hostile::…`, `cli::hostile::…` |

mod folder;
mod gaps;
mod hostile;
mod lfs;
mod limits;
mod names;
mod objects;
mod reach;
mod repositories;
mod texts;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use akscan::model::{Place, Reach, Report};

use crate::support::command::akscan_in;
use crate::support::made_up::{fill, first_id};
use crate::support::repository::Repo;

/// A pair, on one line.
fn pair(seed: u64) -> String {
    fill("accessKeyId={{access-key-id:24}} accessKeySecret={{access-key-secret}}", seed)
}

/// Scans the repository at `path`.
fn scan(path: &Path, arguments: &[&str]) -> Report {
    let arguments = ["scan", "--format", "json", "--min-confidence", "low"].iter().chain(arguments);
    akscan_in(path).run(arguments).report()
}

/// Where the key of [`pair`] stands.
fn places(report: &Report, seed: u64) -> BTreeSet<(Place, String)> {
    let findings = report
        .findings
        .iter()
        .filter(|finding| finding.identity.access_key_id.as_deref() == Some(first_id(seed).as_str()));
    let places = findings.flat_map(|finding| &finding.locations);
    places.map(|location| (location.place, location.path.to_string())).collect()
}

/// How far the key of [`pair`] has got.
fn reach(report: &Report, seed: u64) -> Option<Reach> {
    let known = |id: &str| id == first_id(seed);
    let mut found =
        report.findings.iter().filter(|finding| finding.identity.access_key_id.as_deref().is_some_and(known));
    found.next().map(|finding| finding.window.reach)
}

fn place(place: Place, path: &str) -> BTreeSet<(Place, String)> {
    BTreeSet::from([(place, path.to_owned())])
}

/// Writes a file in the folder of a repository.
fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let file = folder.join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

/// Moves every loose object of `repo` into a pack of its own, and returns that without its extension.
fn pack(repo: &Repo) -> std::path::PathBuf {
    let git = git2::Repository::open(repo.path()).unwrap();
    let mut builder = git.packbuilder().unwrap();
    let mut loose = Vec::new();
    for first in fs::read_dir(git.path().join("objects")).unwrap().map(|entry| entry.unwrap().path()) {
        let name = first.file_name().unwrap().to_str().unwrap().to_owned();
        if name.len() != 2 {
            continue;
        }
        for file in fs::read_dir(&first).unwrap().map(|entry| entry.unwrap().path()) {
            let id = format!("{name}{}", file.file_name().unwrap().to_str().unwrap());
            builder.insert_object(git2::Oid::from_str(&id).unwrap(), None).unwrap();
            loose.push(file);
        }
    }
    let folder = git.path().join("objects/pack");
    builder.write(&folder, 0).unwrap();
    let path = folder.join(format!("pack-{}", builder.name().unwrap().unwrap()));
    for file in loose {
        fs::remove_file(file).unwrap();
    }
    path
}
