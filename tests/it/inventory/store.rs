//! The store: what it is on the disk, what it refuses, and that nothing of what stands there is overwritten.

use std::fs;

use akscan::Store;

use super::Case;

const KEYS: &str = "access_key_id,status\nid-1,active\n";

fn stored() -> Case {
    let case = Case::new(&[("answers/keys.csv", KEYS)]);
    case.import("2026-11-20");
    case
}

#[cfg(unix)]
#[test]
fn it_is_one_file_that_only_its_owner_can_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let case = stored();
    case.run(&["inventory", "list", "keys.db"]).ends(0);
    case.import("2026-11-21");
    let files: Vec<_> = case.files().into_iter().map(|(name, _)| name).collect();
    assert_eq!(files, ["keys.db"]);
    assert_eq!(fs::metadata(case.path().join("keys.db")).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_is_no_store_is_refused_and_left_as_it_is() {
    let case = stored();
    let header = fs::read(case.path().join("keys.db")).unwrap();
    let of_version = |version: u32| {
        let mut bytes = header.clone();
        bytes[60..64].copy_from_slice(&version.to_be_bytes());
        bytes
    };
    let (older, newer) = (of_version(3), of_version(5));
    let mut foreign = header.clone();
    foreign[68..72].copy_from_slice(&7_u32.to_be_bytes());
    let mut damaged = header.clone();
    damaged[16384..].fill(0xAA);
    let cases: [(&str, &[u8], &str); 6] = [
        ("text.db", b"access_key_id\n", "not an inventory store of akscan"),
        ("foreign.db", &foreign, "not an inventory store of akscan"),
        ("newer.db", &newer, "made by a newer akscan (schema 5, this one knows 4)"),
        ("older.db", &older, "made by an older akscan (schema 3, this one knows 4)"),
        ("damaged.db", &damaged, "damaged: "),
        ("cut.db", &header[..5000], "damaged: "),
    ];
    for (name, bytes, told) in cases {
        let path = case.path().join(name);
        fs::write(&path, bytes).unwrap();
        let ran = case.run(&["inventory", "import", "answers", "--store", name]).ends(2);
        assert!(ran.stderr.contains(told) && ran.stderr.contains(name), "{name}: {}", ran.stderr);
        // Of a damaged one, the header tells how it was opened; what it holds is left for whoever wants to save it.
        let kept = if told.starts_with("damaged") { 100.. } else { 0.. };
        assert!(fs::read(&path).unwrap()[kept.clone()] == bytes[kept], "{name}");
        if name != "text.db" {
            let ran = case.run(&["scan", "answers", "--inventory", name]).ends(2);
            assert!(ran.stderr.contains(told), "{name}: {}", ran.stderr);
        }
    }
    let ran = case.run(&["inventory", "list", "gone.db"]).ends(2);
    assert!(ran.stderr.contains("gone.db: cannot be read"), "{}", ran.stderr);
    assert!(!case.path().join("gone.db").exists());
}

#[test]
fn a_schema_that_somebody_prepared_is_refused() {
    // The name of an index is changed in the schema's own page: what is there is not what akscan makes.
    let case = stored();
    let path = case.path().join("keys.db");
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes
        .windows(13)
        .position(|part| part == b"holder <> '' ")
        .or_else(|| bytes.windows(12).position(|part| part == b"holder <> ''"));
    bytes[at.unwrap()] = b'H';
    fs::write(&path, bytes).unwrap();
    let error = Store::open(&path).unwrap_err().to_string();
    assert!(error.ends_with("its tables are not those that akscan makes"), "{error}");
}

#[test]
fn a_bad_file_leaves_the_store_as_it_was() {
    let case = stored();
    let before = case.run(&["inventory", "export", "keys.db"]).ends(0).stdout;
    case.write("answers/more.csv", "access_key_id,status\nid-2,active\nid-3,odd\n");
    let ran = case.run(&["inventory", "import", "answers", "--store", "keys.db"]).ends(2);
    assert!(ran.stderr.contains("answers/more.csv: line 3, field `status`"), "{}", ran.stderr);
    assert_eq!(case.run(&["inventory", "export", "keys.db"]).ends(0).stdout, before);
}

#[test]
fn a_store_is_read_where_nothing_can_be_written_and_beside_a_writer() {
    let case = stored();
    let path = case.path().join("keys.db");
    let mut writer = Store::open_or_make(&path).unwrap();
    let reader = Store::open(&path).unwrap();
    let mut import = akscan::Import::default();
    import.add("more.csv", b"access_key_id,status\nid-2,active\n", None).unwrap();
    writer.import(import).unwrap();
    let mut inventory = akscan::Inventory::default();
    inventory.add_store(reader).unwrap();
    assert_eq!(inventory.records().unwrap().len(), 2);
    drop((writer, inventory));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // Root may write anywhere; there this shows no more than that it is read.
        let mode = |mode| fs::set_permissions(case.path(), fs::Permissions::from_mode(mode)).unwrap();
        mode(0o500);
        let read = akscan::Inventory::from_paths(&[&path]).map(|inventory| inventory.records().unwrap().len());
        mode(0o700);
        assert_eq!(read.unwrap(), 2);
    }
}
