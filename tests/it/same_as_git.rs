//! What akscan reads of a repository is what git reads. `tests/git/run` calls this with repositories that git made, and
//! `cargo test` alone does not: it needs no git.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use akscan::model::{ObjectId, Origin, PathBytes};
use akscan::{History, Staged};

use crate::support::visitor::Collected;

fn git(repository: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("git").arg("-C").arg(repository).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn id(digits: &[u8]) -> ObjectId {
    ObjectId::from_hex(digits).unwrap()
}

/// Every object with its kind and its bytes, as `git cat-file` gives them.
fn objects(repository: &Path) -> BTreeMap<ObjectId, (String, Vec<u8>)> {
    let all = git(repository, &["cat-file", "--batch-all-objects", "--batch", "--unordered"]);
    let (mut rest, mut objects) = (all.as_slice(), BTreeMap::new());
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let head = std::str::from_utf8(&rest[..end]).unwrap();
        let [name, kind, size] = head.split(' ').collect::<Vec<_>>()[..] else { panic!("{head}") };
        let (body, after) = rest[end + 1..].split_at(size.parse().unwrap());
        objects.insert(id(name.as_bytes()), (kind.to_owned(), body.to_vec()));
        rest = after.strip_prefix(b"\n").unwrap();
    }
    objects
}

/// The blobs that are staged, by path; what is only marked for adding has none yet.
fn staged(repository: &Path) -> Vec<(PathBytes, ObjectId)> {
    let later = git(repository, &["diff", "--name-only", "-z", "--diff-filter=A"]);
    let later: Vec<&[u8]> = later.split(|byte| *byte == 0).collect();
    let lines = git(repository, &["ls-files", "--stage", "-z"]);
    let entry = |line: &[u8]| {
        let (head, path) = line.split_at(line.iter().position(|byte| *byte == b'\t')?);
        let path = &path[1..];
        let kept = !head.starts_with(b"160000") && !later.contains(&path);
        kept.then(|| (PathBytes::new(path), id(&head[7..47])))
    };
    let mut all: Vec<_> = lines.split(|byte| *byte == 0).filter_map(entry).collect();
    all.sort();
    all.dedup();
    all
}

#[test]
#[ignore = "tests/git/run calls it: it needs git, and a repository in AKSCAN_SAME_AS_GIT"]
fn index_and_objects_are_read_as_git_reads_them() {
    let path = PathBuf::from(std::env::var_os("AKSCAN_SAME_AS_GIT").unwrap());

    let expected = objects(&path);
    let history = Collected::of(&History::open(&path).unwrap());
    assert_eq!(history.errors(), []);
    let read: BTreeMap<ObjectId, (&str, Vec<u8>)> = history
        .contents()
        .into_iter()
        .filter_map(|(origin, bytes)| match origin {
            Origin::Blob(id) => Some((id, ("blob", bytes))),
            Origin::Commit(id) => Some((id, ("commit", bytes))),
            Origin::Tag(id) => Some((id, ("tag", bytes))),
            _ => None,
        })
        .collect();
    let wanted: Vec<_> = expected.iter().filter(|(_, (kind, _))| kind != "tree").collect();
    assert!(wanted.len() > 10);
    assert!(read.keys().eq(wanted.iter().map(|(id, _)| *id)), "the same objects");
    for (id, (kind, bytes)) in wanted {
        assert!(read[id] == (kind.as_str(), bytes.clone()), "{kind} {id}");
    }

    let expected = staged(&path);
    let index = Collected::of(&Staged::open(&path, None).unwrap().everything());
    assert_eq!(index.errors(), []);
    let contents = index.contents();
    let read = contents.keys().filter_map(|origin| match origin {
        Origin::IndexEntry { path, blob } => Some((path.clone(), *blob)),
        _ => None,
    });
    assert_eq!(read.collect::<Vec<_>>(), expected);
}
