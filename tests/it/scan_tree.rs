//! Files as a source: what is read, what is left out, and what that is called.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use akscan::model::{MemberName, Origin, PathBytes, Place, Reach, Source};
use akscan::{Stdin, Tree};
use tempfile::TempDir;

use crate::support::repository::Repo;
use crate::support::visitor::Collected;

fn file(path: &str) -> Origin {
    Origin::File(PathBytes::from(path))
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn visit(root: &Path) -> Collected {
    Collected::of(&Tree::open(root).unwrap())
}

fn shown(tree: &Tree, origin: Origin) -> PathBytes {
    tree.locate(&[origin], &Collected::default())[0][0].path.clone()
}

#[test]
fn a_plain_folder_is_read_whole() {
    let folder = folder(&[("a.txt", "1"), (".env", "2"), (".gitignore", "*"), (".ignore", "*"), ("b/.c/d", "4")]);
    let seen = visit(folder.path());
    assert_eq!(seen.files(), [".env", ".gitignore", ".ignore", "a.txt", "b/.c/d"]);
    assert_eq!(seen.contents()[&file("b/.c/d")], b"4");
    assert!(seen.skips().is_empty() && seen.errors().is_empty());
}

#[test]
fn only_the_rules_of_the_repository_count() {
    let repo = Repo::new();
    repo.write_untracked(".gitignore", "*.log\n/build/\n!keep.log\n");
    repo.write_untracked(".ignore", "read.txt\n").write_untracked(".rgignore", "read.txt\n");
    repo.write_untracked(".git/info/exclude", "mine\n");
    repo.write_untracked("sub/.gitignore", "own\n");
    for path in ["read.txt", "a.log", "keep.log", "build/x/y", "mine", "sub/own", "sub/b.log", "sub/build/z", "own"] {
        repo.write_untracked(path, path);
    }
    let seen = visit(repo.path());
    assert_eq!(
        seen.files(),
        [".gitignore", ".ignore", ".rgignore", "keep.log", "own", "read.txt", "sub/.gitignore", "sub/build/z"]
    );
    assert_eq!(
        seen.skips(),
        [
            "files: git-ignored: a.log",
            "files: git-ignored: mine",
            "files: git-ignored: sub/b.log",
            "files: git-ignored: sub/own",
            "folders: git-ignored: build",
        ]
    );
}

#[test]
fn rules_are_read_as_git_reads_them() {
    let repo = Repo::new();
    let rules = "# a comment\n\\#hash\n\\!bang\n*.[oa]\n/rooted\ndeep/path\n**/any/x\nall/**\na/**/z\nfolder/\n\
                 *.tmp\n!keep.tmp\nspace\\ \ntrailing   \n[!a]nota\nq?estion\ncase\n/wild*/*.cfg\n";
    repo.write_untracked(".gitignore", rules);
    repo.write_untracked("sub/.gitignore", "!*.o\n/only\nnested/*\n!nested/but\n");
    let names = [
        "#hash",
        "!bang",
        "m.o",
        "m.c",
        "rooted",
        "any/x",
        "any/y",
        "all/a/b",
        "a/z",
        "a/b/c/z",
        "folder/f",
        "x.tmp",
        "keep.tmp",
        "space ",
        "trailing",
        "bnota",
        "anota",
        "question",
        "Case",
        "case",
        "wildcard/x.cfg",
        "only",
        "nested/a",
        "nested/but",
        "deep/path",
        "deep/other",
        "file.txt",
        "é.o",
    ];
    for name in names {
        for path in [name.to_owned(), format!("sub/{name}"), format!("x/sub/{name}")] {
            repo.write_untracked(path, "");
        }
    }
    let seen = visit(repo.path()).files();
    let everything = Collected::of(&Tree::open(repo.path()).unwrap().include_ignored(true)).files();
    assert_eq!(everything.len(), names.len() * 3 + 2);
    // Opening the tree has switched configuration outside the repository off, so that none of it plays a part here.
    let ignored = |path: &String| repo.git().status_should_ignore(Path::new(path)).unwrap();
    let expected: Vec<String> = everything.into_iter().filter(|path| !ignored(path)).collect();
    assert_eq!(seen, expected);
}

#[test]
fn ignored_files_are_read_when_asked_for() {
    let repo = Repo::new();
    repo.write_untracked(".gitignore", "build/\n").write_untracked("build/x", "1");
    let seen = Collected::of(&Tree::open(repo.path()).unwrap().include_ignored(true));
    assert_eq!(seen.files(), [".gitignore", "build/x"]);
    assert!(seen.skips().is_empty());
}

#[test]
fn tracked_files_are_read_even_when_ignored() {
    let repo = Repo::new();
    repo.write(".gitignore", "*.pem\nvendor/\n").write("key.pem", "1").write("vendor/a/b.c", "2");
    repo.write_untracked("other.pem", "3").write_untracked("vendor/a/stray.c", "4").write_untracked("vendored", "5");
    let seen = visit(repo.path());
    assert_eq!(seen.files(), [".gitignore", "key.pem", "vendor/a/b.c", "vendored"]);
    assert_eq!(seen.skips(), ["files: git-ignored: other.pem", "folders: git-ignored: vendor"]);
}

#[test]
fn a_tracked_file_that_is_gone_is_no_error() {
    let repo = Repo::new();
    repo.write(".gitignore", "vendor/\n").write("vendor/a", "1");
    fs::remove_file(repo.path().join("vendor/a")).unwrap();
    let seen = visit(repo.path());
    assert_eq!(seen.files(), [".gitignore"]);
    assert!(seen.errors().is_empty());
}

#[test]
fn without_a_readable_index_nothing_is_left_out() {
    let repo = Repo::new();
    repo.write(".gitignore", "vendor/\n*.pem\n").write_untracked("vendor/a", "1").write_untracked("b.pem", "2");
    fs::write(repo.path().join(".git/index"), "damaged").unwrap();
    assert_eq!(visit(repo.path()).files(), [".gitignore", "b.pem", "vendor/a"]);
}

#[test]
fn a_folder_inside_a_repository_follows_its_rules_and_is_named_from_its_root() {
    let repo = Repo::new();
    repo.write(".gitignore", "*.log\n").write("conf/a.txt", "1").write_untracked("conf/b.log", "2");
    let tree = Tree::open(&repo.path().join("conf")).unwrap();
    let seen = Collected::of(&tree);
    assert_eq!(seen.files(), ["a.txt"]);
    assert_eq!(seen.skips(), ["files: git-ignored: conf/b.log"]);
    assert_eq!(shown(&tree, file("a.txt")), PathBytes::from("conf/a.txt"));
}

#[test]
fn a_folder_that_is_named_is_read_although_it_is_ignored() {
    let repo = Repo::new();
    repo.write(".gitignore", "/out/\n").write_untracked("out/a", "1");
    assert_eq!(visit(&repo.path().join("out")).files(), ["a"]);
}

#[test]
fn what_is_named_inside_the_git_folder_is_read() {
    let repo = Repo::new();
    repo.write(".gitignore", "mine\n*.own\n").write_untracked(".git/mine/a.own", "1");
    let mine = Tree::open(&repo.path().join(".git/mine")).unwrap();
    let seen = Collected::of(&mine);
    assert_eq!(seen.files(), ["a.own"], "what git ignores does not count there");
    assert_eq!(shown(&mine, file("a.own")), PathBytes::from(".git/mine/a.own"));
    let config = Tree::open(&repo.path().join(".git/config")).unwrap();
    assert_eq!(Collected::of(&config).files(), ["config"]);
    assert_eq!((shown(&config, file("config")), config.base()), (PathBytes::from(".git/config"), repo.path()));
}

#[test]
fn a_bare_repository_is_its_own_base() {
    let repo = Repo::new();
    git2::Repository::init_bare(repo.path().join("mirror.git")).unwrap();
    repo.write(".gitignore", "config\n");
    let tree = Tree::open(&repo.path().join("mirror.git/config")).unwrap();
    assert_eq!(
        (Collected::of(&tree).files(), shown(&tree, file("config"))),
        (vec!["config".to_owned()], "config".into())
    );
    assert_eq!(Tree::open(&repo.path().join("mirror.git")).unwrap().base(), repo.path().join("mirror.git"));
}

#[test]
fn a_single_file_is_a_tree() {
    let folder = folder(&[("a/b.txt", "1")]);
    let tree = Tree::open(&folder.path().join("a/b.txt")).unwrap();
    let seen = Collected::of(&tree);
    assert_eq!(seen.files(), ["b.txt"]);
    assert_eq!(shown(&tree, file("b.txt")), PathBytes::from("b.txt"));
    assert_eq!(tree.reread(&file("b.txt")).unwrap(), b"1");
    let tree = tree.prefix(PathBytes::from("as/typed.txt"));
    assert_eq!(shown(&tree, file("b.txt")), PathBytes::from("as/typed.txt"));
}

#[test]
fn a_prefix_stands_before_every_path() {
    let folder = folder(&[("a/b.txt", "1")]);
    let tree = Tree::open(folder.path()).unwrap().prefix(PathBytes::from("../other/"));
    assert_eq!(shown(&tree, file("a/b.txt")), PathBytes::from("../other/a/b.txt"));
}

#[test]
fn a_path_that_does_not_exist_cannot_be_opened() {
    let error = Tree::open(Path::new("/nowhere/at/all")).unwrap_err();
    assert!(error.to_string().starts_with("/nowhere/at/all: "), "{error}");
}

#[test]
fn repositories_inside_are_left_to_themselves() {
    let repo = Repo::new();
    let inner = git2::Repository::init(repo.path().join("vendor/inner")).unwrap();
    git2::Repository::init(repo.path().join("vendor/inner/deeper")).unwrap();
    git2::Repository::init_bare(repo.path().join("mirror.git")).unwrap();
    git2::Repository::init(repo.path().join("ignored/not-mine")).unwrap();
    git2::Repository::init(repo.path().join("ignored/submodule")).unwrap();
    repo.write(".gitignore", "ignored/\n").write("a.txt", "1");
    repo.write_untracked("vendor/inner/secret", "2").write_untracked("broken/.git", "gitdir: /nowhere");
    let commit = repo.commit("first");
    repo.stage_as(b"ignored/submodule", commit, 0o160_000);
    drop(inner);

    let tree = Tree::open(repo.path()).unwrap();
    let seen = Collected::of(&tree);
    assert_eq!(seen.files(), [".gitignore", "a.txt"]);
    assert_eq!(
        seen.skips(),
        [
            "folders: a repository of its own: broken",
            "folders: a repository of its own: ignored/submodule",
            "folders: a repository of its own: mirror.git",
            "folders: a repository of its own: vendor/inner",
            "folders: git-ignored: ignored",
        ]
    );
    let unvisited = Tree::open(repo.path()).unwrap();
    for tree in [tree, unvisited] {
        let inside = tree.repositories();
        let inside: Vec<_> = inside.iter().map(|path| path.strip_prefix(repo.path()).unwrap()).collect();
        assert_eq!(inside, ["broken", "ignored/submodule", "mirror.git", "vendor/inner"].map(Path::new));
    }
    let inner = Tree::open(&repo.path().join("vendor/inner")).unwrap();
    assert_eq!(Collected::of(&inner).files(), ["secret"]);
    assert_eq!(inner.repositories(), [repo.path().join("vendor/inner/deeper")]);
}

#[test]
fn without_a_readable_index_ignored_repositories_are_still_repositories() {
    let repo = Repo::new();
    git2::Repository::init(repo.path().join("ignored")).unwrap();
    repo.write(".gitignore", "ignored/\n").write_untracked("ignored/a", "1");
    fs::write(repo.path().join(".git/index"), "damaged").unwrap();
    let tree = Tree::open(repo.path()).unwrap();
    assert_eq!(Collected::of(&tree).files(), [".gitignore"]);
    assert_eq!(tree.repositories(), [repo.path().join("ignored")]);
}

#[test]
fn what_is_too_large_to_hold_is_a_stream() {
    let folder = TempDir::new().unwrap();
    let length = (8 << 20) + 10;
    io::copy(&mut io::repeat(b'a').take(length), &mut fs::File::create(folder.path().join("big")).unwrap()).unwrap();
    fs::write(folder.path().join("small"), "1").unwrap();
    let seen = visit(folder.path());
    assert_eq!(seen.streams(), [file("big")]);
    assert_eq!(seen.contents()[&file("big")].len() as u64, length);
    assert_eq!(seen.contents()[&file("small")], b"1");
}

#[test]
fn a_file_is_somewhere_in_the_work_tree() {
    let repo = Repo::new();
    repo.write("a.txt", "1").commit("first");
    let reach = |tree: &Tree| {
        let sighting = tree.locate(&[file("a.txt")], &Collected::default()).remove(0).remove(0);
        assert_eq!((sighting.place, sighting.in_head), (Place::Worktree, false));
        assert_eq!(sighting.provenance, None);
        sighting.reach
    };
    let tree = Tree::open(repo.path()).unwrap();
    assert_eq!(reach(&tree), Reach::Unknown);
    let tree = tree.beside_history(true);
    assert_eq!(reach(&tree), Reach::Local);
    repo.remote("origin", "https://example.com/a.git");
    assert_eq!(reach(&tree), Reach::Unknown, "a remote without remote-tracking refs tells nothing");
}

#[test]
fn members_are_located_with_their_container() {
    let folder = folder(&[("a.zip", "1")]);
    let member = file("a.zip").inside(&[MemberName { format: "zip", name: PathBytes::from("x") }]);
    let tree = Tree::open(folder.path()).unwrap();
    assert_eq!(shown(&tree, member.clone()), PathBytes::from("a.zip"));
    assert_eq!(tree.reread(&member).unwrap(), b"1");
}

#[test]
fn rereading_stays_inside() {
    let folder = folder(&[("root/a", "1"), ("outside", "2")]);
    let tree = Tree::open(&folder.path().join("root")).unwrap();
    assert_eq!(tree.reread(&file("a")).unwrap(), b"1");
    assert!(tree.reread(&file("../outside")).is_err());
    assert!(tree.reread(&file("gone")).is_err());
    assert!(tree.reread(&Origin::Stdin).is_err());
}

#[test]
fn standard_input_is_one_content() {
    let stdin = Stdin::new(Box::new(io::Cursor::new("text")));
    let seen = Collected::of(&stdin);
    assert_eq!(seen.contents(), [(Origin::Stdin, b"text".to_vec())].into());
    let sighting = stdin.locate(&[Origin::Stdin], &seen).remove(0).remove(0);
    assert_eq!((sighting.place, sighting.path, sighting.reach), (Place::Stdin, PathBytes::from("-"), Reach::Unknown));
    assert_eq!(stdin.reread(&Origin::Stdin).unwrap_err().cause, "standard input can be read only once");
    assert_eq!(Collected::of(&stdin).errors().len(), 1, "a second visit finds nothing, and says so");

    let long = Stdin::new(Box::new(io::repeat(b'a').take((8 << 20) + 1)));
    assert_eq!(Collected::of(&long).streams(), [Origin::Stdin]);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn links_are_not_followed() {
        let folder = folder(&[("root/a", "1"), ("outside/b", "2")]);
        let root = folder.path().join("root");
        symlink(folder.path().join("outside"), root.join("folder")).unwrap();
        symlink(folder.path().join("outside/b"), root.join("link")).unwrap();
        symlink("nowhere", root.join("dangling")).unwrap();
        let seen = visit(&root);
        assert_eq!(seen.files(), ["a"]);
        assert_eq!(
            seen.skips(),
            ["symlinks: not followed: dangling", "symlinks: not followed: folder", "symlinks: not followed: link"]
        );
        let tree = Tree::open(&root).unwrap();
        assert!(tree.reread(&file("folder/b")).is_err());
        assert!(tree.reread(&file("link")).is_err());
    }

    #[test]
    fn a_tracked_path_through_a_link_is_not_followed() {
        let repo = Repo::new();
        let outside = folder(&[("b", "2")]);
        repo.write(".gitignore", "vendor\n").stage("vendor/b", "1");
        symlink(outside.path(), repo.path().join("vendor")).unwrap();
        assert_eq!(visit(repo.path()).files(), [".gitignore"]);
    }

    #[test]
    fn a_tracked_link_to_a_repository_is_no_repository_inside() {
        let (repo, outside) = (Repo::new(), Repo::new());
        symlink(outside.path(), repo.path().join("link")).unwrap();
        repo.write(".gitignore", "link\n").stage_as(b"link", repo.git().blob(b"x").unwrap(), 0o120_000);
        let tree = Tree::open(repo.path()).unwrap();
        assert_eq!(tree.repositories(), Vec::<std::path::PathBuf>::new());
        assert_eq!(Collected::of(&tree).skips(), ["symlinks: not followed: link"]);
    }

    #[test]
    fn only_regular_files_are_opened() {
        let folder = folder(&[("a", "1")]);
        let _socket = UnixListener::bind(folder.path().join("socket")).unwrap();
        let seen = visit(folder.path());
        assert_eq!(seen.files(), ["a"]);
        assert_eq!(seen.skips(), ["files: not a regular file: socket"]);
    }

    #[test]
    fn rules_that_are_no_regular_file_are_passed_over() {
        let repo = Repo::new();
        let _rules = UnixListener::bind(repo.path().join(".gitignore")).unwrap();
        repo.write_untracked("a", "1");
        let seen = visit(repo.path());
        assert_eq!(seen.files(), ["a"]);
        assert_eq!(seen.skips(), ["files: not a regular file: .gitignore"]);

        // git2 would wait for this one.
        fs::remove_file(repo.path().join(".git/HEAD")).unwrap();
        let _head = UnixListener::bind(repo.path().join(".git/HEAD")).unwrap();
        assert_eq!(visit(repo.path()).files(), ["a"]);
    }

    #[test]
    fn paths_are_bytes() {
        let repo = Repo::new();
        let name = b"new\nline \xff \"quoted\"".as_slice();
        repo.write(name, "1");
        let seen = visit(repo.path());
        let origin = Origin::File(PathBytes::new(name));
        assert_eq!(seen.contents()[&origin], b"1");
        assert_eq!(Tree::open(repo.path()).unwrap().reread(&origin).unwrap(), b"1");
    }
}
