//! Indexes of every version, made by hand, and what makes no sense.

use std::fs;

use super::*;

const FILE: u32 = 0o100_644;

/// An entry to be written: path, mode, stage, further flags.
type Row<'r> = (&'r [u8], u32, u8, u16);

fn row(path: &str) -> Row<'_> {
    (path.as_bytes(), FILE, 0, 0)
}

/// An index of these rows, with these extensions.
fn bytes(version: u32, rows: &[Row<'_>], extensions: &[(&[u8], Vec<u8>)]) -> Vec<u8> {
    let count = u32::try_from(rows.len()).unwrap();
    let mut bytes = [b"DIRC".as_slice(), &version.to_be_bytes(), &count.to_be_bytes()].concat();
    let mut last: &[u8] = b"";
    for (number, (path, mode, stage, more)) in rows.iter().enumerate() {
        let start = bytes.len();
        bytes.extend([0; 24]);
        bytes.extend(mode.to_be_bytes());
        bytes.extend([0; 12]);
        bytes.extend([u8::try_from(number % 250).unwrap() + 1; 20]);
        let length = u16::try_from(path.len().min(0xfff)).unwrap();
        let flags = length | u16::from(*stage) << 12 | if *more == 0 { 0 } else { 0x4000 };
        bytes.extend(flags.to_be_bytes());
        if *more != 0 {
            bytes.extend(more.to_be_bytes());
        }
        if version == 4 {
            let shared = last.iter().zip(*path).take_while(|(a, b)| a == b).count();
            bytes.extend(varint(last.len() - shared));
            bytes.extend_from_slice(&path[shared..]);
            bytes.push(0);
        } else {
            bytes.extend_from_slice(path);
            let length = bytes.len() - start;
            bytes.extend(vec![0; 8 - length % 8]);
        }
        last = path;
    }
    for (name, data) in extensions {
        bytes.extend_from_slice(name);
        bytes.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        bytes.extend(data);
    }
    bytes.extend([0; 20]);
    bytes
}

/// A number as git writes it before a path of version 4.
fn varint(mut value: usize) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(value & 127).unwrap()];
    while value > 127 {
        value = (value >> 7) - 1;
        bytes.insert(0, u8::try_from(value & 127).unwrap() | 128);
    }
    bytes
}

/// The extension of a split index: an EWAH bitmap each, of one literal word.
fn link(deleted: u64, replaced: u64) -> (&'static [u8], Vec<u8>) {
    let bitmap = |bits: u64| {
        let words = [1_u64 << 33, bits].map(u64::to_be_bytes).concat();
        [&64_u32.to_be_bytes()[..], &2_u32.to_be_bytes(), &words, &0_u32.to_be_bytes()].concat()
    };
    (b"link", [vec![0xab; 20], bitmap(deleted), bitmap(replaced)].concat())
}

fn read(bytes: &[u8], shared: Option<&[u8]>) -> Result<Index, String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index"), bytes).unwrap();
    if let Some(shared) = shared {
        fs::write(folder.path().join(format!("sharedindex.{}", "ab".repeat(20))), shared).unwrap();
    }
    Index::read(&folder.path().join("index"), folder.path())
}

/// Paths, and the first byte of each id.
fn listed(index: &Index) -> Vec<(String, u8)> {
    let entry = |entry: &Entry| (String::from_utf8_lossy(index.path(entry)).into_owned(), entry.id.as_bytes()[0]);
    index.entries.iter().map(entry).collect()
}

fn named(pairs: &[(&str, u8)]) -> Vec<(String, u8)> {
    pairs.iter().map(|(path, id)| ((*path).to_owned(), *id)).collect()
}

#[test]
fn every_version_reads_the_same() {
    let long = "x".repeat(5000);
    let (a, b) = (format!("a/{long}/1"), format!("a/{long}/2"));
    let rows = [row("a"), row("a-b"), row(&a), row(&b), (b"c", 0o120_000, 0, 0x2000), (b"d", 0o160_000, 2, 0)];
    for version in [2, 3, 4] {
        let index = read(&bytes(version, &rows, &[(b"REUC", vec![1, 2, 3]), (b"sdir", Vec::new())]), None).unwrap();
        let expected = named(&[("a", 1), ("a-b", 2), (&a, 3), (&b, 4), ("c", 5), ("d", 6)]);
        assert_eq!(listed(&index), expected, "version {version}");
        let [.., c, d] = index.entries.as_slice() else { unreachable!() };
        assert_eq!((c.mode, c.stage, c.intent_to_add), (Mode::Symlink, 0, true));
        assert_eq!((d.mode, d.stage, d.intent_to_add), (Mode::Submodule, 2, false));
    }
}

#[test]
fn a_folder_is_not_its_namesakes() {
    let rows = ["a", "b", "b-c", "b/d", "b/e/f", "b0", "c"].map(row);
    let index = read(&bytes(2, &rows, &[]), None).unwrap();
    let below = |path: &str| -> Vec<&str> {
        let entries = index.at_or_below(path.as_bytes());
        entries.map(|entry| std::str::from_utf8(index.path(entry)).unwrap()).collect()
    };
    assert_eq!(below("b"), ["b", "b/d", "b/e/f"]);
    assert_eq!(below("b/e"), ["b/e/f"]);
    assert_eq!(below("x"), [""; 0]);
    assert_eq!(below("").len(), 7);
}

#[test]
fn a_split_index_is_its_shared_one_with_changes() {
    let shared = bytes(2, &["a", "b", "c", "d"].map(row), &[]);
    // The first entry replaces `c`; `a` is gone, `d` is given anew, `e` is added.
    let own = bytes(2, &[row(""), row("d"), row("e")], &[link(0b0001, 0b0100)]);
    let index = read(&own, Some(&shared)).unwrap();
    assert_eq!(listed(&index), named(&[("b", 2), ("c", 1), ("d", 2), ("e", 3)]));

    let whole = bytes(2, &[], &[(b"link", vec![0xab; 20])]);
    assert_eq!(read(&whole, Some(&shared)).unwrap().entries.len(), 4);
    for (own, cause) in [
        (bytes(2, &[], &[link(0, 0b1)]), "fit"),
        (bytes(2, &[row("")], &[link(0, 0b1_0000)]), "fit"),
        (bytes(2, &[], &[link(1 << 63, 0)]), "fit"),
        (bytes(2, &[], &[(b"link", vec![0xab; 25])]), "makes no sense"),
    ] {
        let error = read(&own, Some(&shared)).unwrap_err();
        assert!(error.contains(cause), "{error}");
    }
    assert!(read(&whole, None).unwrap_err().contains("is not there"));
    assert!(read(&whole, Some(&whole)).unwrap_err().contains("itself builds on one"));
}

#[test]
fn a_run_of_any_length_is_counted_and_not_made() {
    let run = |length: u64| (length << 1 | 1).to_be_bytes();
    let bitmap = |length| [&[0; 4][..], &1_u32.to_be_bytes(), &run(length), &[0; 4]].concat();
    let own = bytes(2, &[], &[(b"link", [vec![0xab; 20], bitmap(0xffff_ffff), bitmap(0)].concat())]);
    assert!(read(&own, Some(&bytes(2, &[row("a")], &[]))).unwrap_err().contains("fit"));
}

#[test]
fn what_is_no_index_is_told_and_what_is_missing_is_empty() {
    let whole = bytes(2, &["a", "b"].map(row), &[(b"TREE", b"\0-1 0\n".to_vec())]);
    for end in 0..whole.len() - 1 {
        // What is lost where it ends right behind its entries is nothing that counts.
        assert!(read(&whole[..end], None).is_ok_and(|index| index.entries.len() == 2) == (end == 160), "cut at {end}");
    }
    for (bytes, cause) in [
        (b"x".to_vec(), "not an index"),
        (bytes(5, &[], &[]), "version 5"),
        (bytes(2, &["b", "a"].map(row), &[]), "order"),
        (bytes(2, &["a", "a"].map(row), &[]), "order"),
        (bytes(2, &[], &[(b"abcd", Vec::new())]), "\"abcd\" is not supported"),
    ] {
        let error = read(&bytes, None).unwrap_err();
        assert!(error.contains(cause), "{error}");
    }
    let mut claims = bytes(2, &[row("a")], &[]);
    claims[8..12].copy_from_slice(&u32::MAX.to_be_bytes());
    assert!(read(&claims, None).unwrap_err().contains("cut short"));
    let folder = tempfile::tempdir().unwrap();
    assert!(Index::read(&folder.path().join("index"), folder.path()).unwrap().entries.is_empty());
    assert_eq!(Index::read(folder.path(), folder.path()).unwrap_err(), "not a regular file");
}

#[test]
fn no_flipped_byte_ends_the_reader() {
    let tree = [b"\x001 1\n".as_slice(), &[7; 20], b"a\x001 0\n", &[8; 20]].concat();
    for version in [2, 4] {
        let rows = [row("a/b"), (b"a/c", FILE, 1, 0x2000), row("d")];
        let whole = bytes(version, &rows, &[(b"TREE", tree.clone()), link(1, 2)]);
        let shared = || Parsed::new(&bytes(version, &rows, &[])).unwrap();
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut flipped = whole.clone();
                flipped[at] ^= 1 << bit;
                // Whatever it says, it ends.
                let _ = Parsed::new(&flipped).and_then(|own| match own.link.as_deref().map(Link::new) {
                    Some(link) => split::join(shared(), own, &link?),
                    None => Ok(own),
                });
            }
        }
    }
}

#[test]
fn folders_in_folders_without_end_are_read_without_a_stack() {
    const DEEP: usize = 200_000;
    let mut tree = b"\0-1 1\n".to_vec();
    for _ in 0..DEEP {
        tree.extend(b"a\0-1 1\n");
    }
    tree.extend(b"a\0-1 0\n");
    let index = read(&bytes(2, &[row("a")], &[(b"TREE", tree)]), None).unwrap();
    assert!(index.cached.root().is_some());
}

#[test]
fn short_prefixes_do_not_fill_the_memory() {
    let long = vec![b'x'; 4 << 10];
    let rows: Vec<Vec<u8>> =
        (0..2_000_u32).map(|number| [&long[..], format!("{number:06}").as_bytes()].concat()).collect();
    let rows: Vec<Row<'_>> = rows.iter().map(|path| (path.as_slice(), FILE, 0, 0)).collect();
    let small = bytes(4, &rows, &[]);
    assert!(small.len() < 1 << 20, "{}", small.len());
    assert!(read(&small, None).unwrap_err().contains("times longer than itself"));
}

/// The entries of a repository's index, as `git ls-files -s` shows them, but for permissions.
fn as_ls_files(root: &Path) -> Vec<String> {
    let index = Index::read(&root.join(".git/index"), &root.join(".git")).unwrap();
    let shown = index.entries.iter().map(|entry| {
        let mode = match entry.mode {
            Mode::File => "100",
            Mode::Symlink => "120",
            Mode::Submodule => "160",
            Mode::Folder => "040",
        };
        let path = String::from_utf8_lossy(index.path(entry)).into_owned();
        format!("{mode} {} {}\t{path}", entry.id, entry.stage)
    });
    shown.collect()
}

/// Every sort of index that git writes, read as `git ls-files -s` lists it. Run by `tests/git/run`, which has a git.
#[test]
#[ignore = "needs git: tests/git/run runs it"]
fn same_as_git_ls_files() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let git = |arguments: &str| {
        let mut command = std::process::Command::new("git");
        command.current_dir(root).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        command.args(["-c", "user.name=Dev", "-c", "user.email=dev@example.com"]);
        let output = command.args(arguments.split(' ')).output().expect("git can be run");
        (output.status.success(), output.stdout)
    };
    let run = |arguments: &str| assert!(git(arguments).0, "git {arguments}");
    let same = |what: &str| {
        let listed = String::from_utf8(git("ls-files -s -z --sparse").1).unwrap();
        let listed = listed.split_terminator('\0').map(|line| format!("{}{}", &line[..3], &line[6..]));
        assert_eq!(as_ls_files(root), listed.collect::<Vec<_>>(), "{what}");
    };

    run("init -q -b main .");
    for number in 0..300 {
        let inner = root.join(format!("folder{}/inner{}", number % 7, number % 3));
        fs::create_dir_all(&inner).unwrap();
        fs::write(inner.join(format!("file {number}")), number.to_string()).unwrap();
    }
    run("add .");
    same("staged");
    run("commit -q -m first");
    same("committed");
    for version in ["4", "3", "2"] {
        run(&format!("update-index --index-version {version}"));
        same(version);
    }
    run("checkout -q -b side");
    fs::write(root.join("folder0/inner0/file 0"), "side").unwrap();
    run("commit -q -a -m side");
    run("checkout -q main");
    fs::write(root.join("folder0/inner0/file 0"), "main").unwrap();
    run("commit -q -a -m main");
    assert!(!git("merge -q side").0, "a conflict");
    same("a conflict");
    run("reset -q --hard");
    fs::write(root.join("later"), "x").unwrap();
    run("add -N later");
    same("intent to add");
    run("update-index --split-index");
    same("split");
    fs::write(root.join("folder1/inner1/file 1"), "changed").unwrap();
    run("rm -q -r -f folder2");
    run("add folder1");
    same("split, with changes");
    run("update-index --no-split-index");
    run("reset -q --hard");
    run("sparse-checkout init --cone --sparse-index");
    run("sparse-checkout set folder3");
    assert!(as_ls_files(root).iter().any(|entry| entry.starts_with("040")), "this git writes no sparse index");
    same("sparse");
}
