//! What git tells a hook of a push. In: standard input. Out: the refs that it moves.

use std::io::BufRead;

use akscan::model::{ObjectId, PathBytes};
use anyhow::{Context as _, bail};

/// Longer than any line of git's.
const LONGEST_LINE: u64 = 64 << 10;
/// More refs than the largest public repositories have.
const MOST: usize = 4_000_000;

/// One ref of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Update {
    /// The ref on the side that is pushed to, by full name.
    pub(super) name: Vec<u8>,
    /// What it names there now; `None` if it is new.
    pub(super) old: Option<ObjectId>,
    /// What it is to name; `None` if it is to be deleted.
    pub(super) new: Option<ObjectId>,
    /// How the side that pushes names that; empty where it is not told.
    pub(super) source: Vec<u8>,
}

/// The names of refs that a push makes known: those that are new there, and what they are called here.
pub(super) fn new_names(updates: &[Update]) -> impl Iterator<Item = PathBytes> {
    let new = updates.iter().filter(|update| update.old.is_none() && update.new.is_some());
    let names = new.flat_map(|update| [&update.name, &update.source]);
    names.filter(|name| name.starts_with(b"refs/")).map(|name| PathBytes::new(name.as_slice()))
}

/// Reads what git tells a pre-push hook: `<local ref> <local id> <remote ref> <remote id>`.
pub(super) fn of_pre_push(input: impl BufRead) -> anyhow::Result<Vec<Update>> {
    read(input, "<local ref> <local id> <remote ref> <remote id>", |line| {
        // From the end: what was pushed may be any expression, with spaces in it.
        let mut fields = line.rsplitn(4, |byte| *byte == b' ');
        let (old, name, new) = (fields.next()?, fields.next()?, fields.next()?);
        let source = fields.next().filter(|source| !source.is_empty())?;
        Some(Update { source: source.to_vec(), ..update(name, old, new)? })
    })
}

/// Reads what git tells a pre-receive hook: `<old id> <new id> <ref>`.
pub(super) fn of_pre_receive(input: impl BufRead) -> anyhow::Result<Vec<Update>> {
    read(input, "<old id> <new id> <ref>", |line| {
        let mut fields = line.splitn(3, |byte| *byte == b' ');
        let (old, new, name) = (fields.next()?, fields.next()?, fields.next()?);
        update(name, old, new)
    })
}

fn update(name: &[u8], old: &[u8], new: &[u8]) -> Option<Update> {
    let id = |digits: &[u8]| ObjectId::from_hex(digits).map(|id| (!id.is_zero()).then_some(id));
    let name = (!name.is_empty() && !name.contains(&b' ')).then(|| name.to_vec())?;
    Some(Update { name, old: id(old)?, new: id(new)?, source: Vec::new() })
}

/// Reads line after line. A line is never shown: what is wrong with it may be that it is no ref at all.
fn read(mut input: impl BufRead, form: &str, parse: impl Fn(&[u8]) -> Option<Update>) -> anyhow::Result<Vec<Update>> {
    let (mut updates, mut line) = (Vec::new(), Vec::new());
    for number in 1.. {
        line.clear();
        let mut limited = std::io::Read::take(&mut input, LONGEST_LINE);
        let length = limited.read_until(b'\n', &mut line).context("standard input cannot be read")?;
        if length == 0 {
            break;
        }
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let update = parse(text).filter(|_| line.len() < usize::try_from(LONGEST_LINE).unwrap_or(usize::MAX));
        let Some(update) = update else { bail!("line {number} of standard input is not of the form `{form}`") };
        if updates.len() == MOST {
            bail!("more than {MOST} refs at once: push fewer");
        }
        updates.push(update);
    }
    Ok(updates)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZERO: &str = "0000000000000000000000000000000000000000";
    const ONE: &str = "1111111111111111111111111111111111111111";
    const TWO: &str = "2222222222222222222222222222222222222222";

    fn id(digits: &str) -> Option<ObjectId> {
        ObjectId::from_hex(digits.as_bytes())
    }

    fn of(name: &str, old: Option<ObjectId>, new: Option<ObjectId>) -> Update {
        Update { name: name.as_bytes().to_vec(), old, new, source: Vec::new() }
    }

    #[test]
    fn every_line_is_read() {
        let text = format!(
            "refs/heads/a {ONE} refs/heads/a {TWO}\nHEAD@{{2 days ago}} {TWO} refs/tags/t {ZERO}\r\n\
             (delete) {ZERO} refs/heads/b {ONE}"
        );
        let expected =
            [of("refs/heads/a", id(TWO), id(ONE)), of("refs/tags/t", None, id(TWO)), of("refs/heads/b", id(ONE), None)];
        let pushed = of_pre_push(text.as_bytes()).unwrap();
        for ((update, expected), source) in
            pushed.iter().zip(&expected).zip(["refs/heads/a", "HEAD@{2 days ago}", "(delete)"])
        {
            assert_eq!(*update, Update { source: source.as_bytes().to_vec(), ..expected.clone() });
        }
        let text = format!("{TWO} {ONE} refs/heads/a\n{ZERO} {TWO} refs/tags/t\n{ONE} {ZERO} refs/heads/b\n");
        assert_eq!(of_pre_receive(text.as_bytes()).unwrap(), expected);
        assert_eq!(of_pre_push(&b""[..]).unwrap(), []);
    }

    #[test]
    fn a_push_makes_names_known_that_are_new() {
        let text = format!(
            "refs/heads/a {ONE} refs/heads/b {ZERO}\nHEAD {ONE} refs/tags/t {ZERO}\n\
             refs/heads/old {ONE} refs/heads/old {TWO}\n(delete) {ZERO} refs/heads/gone {ONE}\n"
        );
        let updates = of_pre_push(text.as_bytes()).unwrap();
        let names: Vec<PathBytes> = new_names(&updates).collect();
        assert_eq!(names, ["refs/heads/b", "refs/heads/a", "refs/tags/t"].map(PathBytes::from));
    }

    #[test]
    fn thousands_of_refs_are_read() {
        let text = format!("{ZERO} {ONE} refs/tags/t\n").repeat(10_000);
        assert_eq!(of_pre_receive(text.as_bytes()).unwrap().len(), 10_000);
    }

    #[test]
    fn a_wrong_line_is_named() {
        let good = format!("{ZERO} {ONE} refs/heads/a\n");
        let long = format!("{ZERO} {ONE} refs/{}\n", "a".repeat(1 << 20));
        for wrong in ["\n", "x\n", &good[1..], &format!("{ZERO} {ONE} \n"), &format!("{ZERO} {ONE} a b"), &long, "\0"] {
            let error = of_pre_receive(format!("{good}{good}{wrong}").as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("line 3 of standard input is not"), "{error}");
        }
        for wrong in [good.as_str(), &format!("{ONE} refs/heads/a {ONE}"), &format!(" {ONE} refs/heads/a {ONE}")] {
            let error = of_pre_push(wrong.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("line 1 of standard input is not"), "{error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let _ = of_pre_push(&bytes[..]);
            let _ = of_pre_receive(&bytes[..]);
        }
    }
}
