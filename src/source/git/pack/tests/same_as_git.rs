//! The same objects, byte for byte, as git2 reads, from packs that git2 and git have made.

use std::path::Path;
use std::process::Command;

use git2::{ObjectType, Oid, Repository, Signature, Time};

use super::{Kind, Objects, Read, noise};
use crate::model::ObjectId;

/// A repository with files that change a little from commit to commit, tags on commits and blobs.
fn repository(folder: &Path, commits: u64) -> Repository {
    let repository = Repository::init_bare(folder).unwrap();
    let mut files: Vec<Vec<u8>> = (0..6).map(|seed| noise(seed, 300 << seed)).collect();
    let mut parent: Option<Oid> = None;
    for number in 0..commits {
        let mut tree = repository.treebuilder(None).unwrap();
        for (place, file) in files.iter_mut().enumerate() {
            let at = usize::try_from(number * 131).unwrap() % file.len();
            let to = (at + 9).min(file.len());
            file.splice(at..to, noise(number, 7 + place));
            tree.insert(format!("file {place}"), repository.blob(file).unwrap(), 0o100_644).unwrap();
        }
        let tree = repository.find_tree(tree.write().unwrap()).unwrap();
        let author = Signature::new("Dev", "dev@example.com", &Time::new(1_000 + number.cast_signed(), 0)).unwrap();
        let parents: Vec<_> = parent.iter().map(|id| repository.find_commit(*id).unwrap()).collect();
        let message = format!("commit {number}\n");
        let commit =
            repository.commit(Some("HEAD"), &author, &author, &message, &tree, &parents.iter().collect::<Vec<_>>());
        parent = commit.ok();
        if number % 10 == 0 {
            let object = repository.find_object(parent.unwrap(), None).unwrap();
            repository.tag(&format!("v{number}"), &object, &author, "a tag", true).unwrap();
        }
    }
    repository
}

/// What git2 reads.
fn by_git2(repository: &Repository) -> Vec<(ObjectId, Kind, Vec<u8>)> {
    let odb = repository.odb().unwrap();
    odb.refresh().unwrap();
    let mut ids = Vec::new();
    odb.foreach(|id| {
        ids.push(*id);
        true
    })
    .unwrap();
    ids.sort();
    ids.dedup();
    let object = |id: &Oid| {
        let object = odb.read(*id).unwrap();
        let kind = match object.kind() {
            ObjectType::Commit => Kind::Commit,
            ObjectType::Blob => Kind::Blob,
            ObjectType::Tag => Kind::Tag,
            _ => return None,
        };
        Some((ObjectId::from_bytes(id.as_bytes()).unwrap(), kind, object.data().to_vec()))
    };
    ids.iter().filter_map(object).collect()
}

#[track_caller]
fn assert_same(repository: &Repository) {
    let read = Read::from(Objects::open(&[repository.path().join("objects")], 20));
    read.assert_sound();
    let ours: Vec<_> = read.objects.into_iter().map(|(id, kind, bytes, _)| (id, kind, bytes)).collect();
    let git2s = by_git2(repository);
    assert_eq!(ours.len(), git2s.len());
    assert!(ours == git2s);
    assert!(ours.len() > 100);
}

#[test]
fn loose_objects_and_packs_of_git2() {
    let folder = tempfile::tempdir().unwrap();
    let repository = repository(folder.path(), 60);
    assert_same(&repository);
    let mut builder = repository.packbuilder().unwrap();
    let mut walk = repository.revwalk().unwrap();
    walk.push_head().unwrap();
    builder.insert_walk(&mut walk).unwrap();
    builder.write(&repository.path().join("objects/pack"), 0o644).unwrap();
    // Everything twice now, packed and loose.
    assert_same(&repository);
    for first in 0..=255_u8 {
        let part = repository.path().join(format!("objects/{first:02x}"));
        if part.exists() && first > 64 {
            std::fs::remove_dir_all(part).unwrap();
        }
    }
    let reopened = Repository::open(folder.path()).unwrap();
    assert_same(&reopened);
}

/// Runs git; `false` where there is none.
fn git(folder: &Path, arguments: &[&str]) -> bool {
    let run = Command::new("git")
        .current_dir(folder)
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("HOME", folder)
        .args(["-c", "safe.directory=*"])
        .args(arguments)
        .output();
    match run {
        Ok(output) => {
            assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            true
        }
        Err(error) => {
            eprintln!("SKIPPED: packs made by git: {error}");
            false
        }
    }
}

#[test]
fn packs_made_by_git() {
    let recipes: [&[&str]; 6] = [
        &["gc", "-q", "--aggressive", "--prune=now"],
        &["repack", "-q", "-adf", "--depth=250", "--window=50"],
        &["-c", "pack.indexVersion=1", "repack", "-q", "-adf"],
        &["-c", "repack.useDeltaBaseOffset=false", "repack", "-q", "-adf"],
        &["-c", "pack.packSizeLimit=100k", "repack", "-q", "-adf"],
        &["multi-pack-index", "write"],
    ];
    let folder = tempfile::tempdir().unwrap();
    let repository = repository(folder.path(), 120);
    for recipe in recipes {
        if !git(folder.path(), recipe) {
            return;
        }
        let reopened = Repository::open(repository.path()).unwrap();
        assert_same(&reopened);
    }
}
