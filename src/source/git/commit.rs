//! One commit. In: the bytes of its object. Out: its tree, its parents, its times and its author.

use git2::{ObjectType, Oid};
use jiff::Timestamp;

use super::objects::{self, Cause, Lookup};

/// A longer text of a commit or of a tag is none that people wrote; git itself has no limit.
pub(super) const LONGEST_TEXT: usize = 64 << 20;

/// What stands at the head of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub tree: Oid,
    /// The first one is the line it continues.
    pub parents: Vec<Oid>,
    /// The committer's time, in seconds since 1970.
    pub time: i64,
}

/// Who wrote a commit or a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Person {
    /// `Name <address>`.
    pub name: String,
    /// In seconds since 1970.
    pub time: Option<i64>,
}

impl Header {
    /// Reads the commit `id`.
    ///
    /// # Errors
    ///
    /// If there is none, or one that is too long or makes no sense.
    pub(super) fn read(odb: &dyn Lookup, id: Oid) -> Result<Self, Cause> {
        let object = objects::read(odb, id, ObjectType::Commit, LONGEST_TEXT)?;
        Self::parse(object.data()).ok_or_else(|| Cause::corrupt("it does not begin as a commit does"))
    }

    /// Reads the head of a commit's text. git takes a missing time for zero, and so does this.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let mut lines = lines(text);
        let tree = id(lines.next()?.strip_prefix(b"tree ")?)?;
        let mut header = Self { tree, parents: Vec::new(), time: 0 };
        for line in lines {
            if let Some(parent) = line.strip_prefix(b"parent ") {
                header.parents.push(id(parent)?);
            } else if let Some(committer) = line.strip_prefix(b"committer ") {
                header.time = person(committer).time.unwrap_or(0);
                break;
            }
        }
        Some(header)
    }
}

/// Who wrote a commit or made a tag, as `Name <address>`, and when; nothing where it cannot be read.
pub(super) fn made_by(odb: &dyn Lookup, id: Oid, kind: ObjectType) -> (Option<String>, Option<Timestamp>) {
    let role = if kind == ObjectType::Tag { "tagger" } else { "author" };
    let text = objects::read(odb, id, kind, LONGEST_TEXT).ok();
    let person = text.and_then(|text| named_as(role, text.data()));
    let time = person.as_ref().and_then(|person| Timestamp::from_second(person.time?).ok());
    (person.map(|person| person.name), time)
}

/// Whom the text of a commit or of a tag names as its `author`, `tagger`, ….
fn named_as(role: &str, text: &[u8]) -> Option<Person> {
    lines(text).find_map(|line| line.strip_prefix(role.as_bytes())?.strip_prefix(b" ")).map(person)
}

/// The lines of the head: up to the first empty one.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty())
}

/// Takes `Name <address> seconds zone`.
fn person(line: &[u8]) -> Person {
    let end = memchr::memrchr(b'>', line).map_or(line.len(), |end| end + 1);
    let mut rest = line[end..].split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let time = rest.next().and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    Person { name: String::from_utf8_lossy(&line[..end]).into_owned(), time }
}

fn id(hex: &[u8]) -> Option<Oid> {
    std::str::from_utf8(hex).ok().filter(|hex| hex.len() == 40).and_then(|hex| Oid::from_str(hex).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "1111111111111111111111111111111111111111";
    const B: &str = "2222222222222222222222222222222222222222";

    #[test]
    fn the_head_of_a_commit_is_read() {
        let text = format!(
            "tree {A}\nparent {B}\nparent {A}\nauthor Dev > <d@example.com> 12 +0100\ncommitter C <c@x> -7 +0000\n\
             gpgsig x\n y\n\nparent {A}\ntext"
        );
        let header = Header::parse(text.as_bytes()).unwrap();
        assert_eq!(header.tree, Oid::from_str(A).unwrap());
        assert_eq!(header.parents, [Oid::from_str(B).unwrap(), Oid::from_str(A).unwrap()]);
        assert_eq!(header.time, -7);
        let author = named_as("author", text.as_bytes()).unwrap();
        assert_eq!((author.name.as_str(), author.time), ("Dev > <d@example.com>", Some(12)));
    }

    #[test]
    fn what_makes_no_sense_is_refused_and_what_is_left_out_is_zero() {
        assert_eq!(Header::parse(b""), None);
        assert_eq!(Header::parse(b"tree 12\n"), None);
        assert_eq!(Header::parse(format!("tree {A}\nparent xyz\n").as_bytes()), None);
        let bare = Header::parse(format!("tree {A}\n\ncommitter X <x> 5 +0000\n").as_bytes()).unwrap();
        assert_eq!((bare.time, bare.parents.len()), (0, 0));
        let odd = Header::parse(format!("tree {A}\ncommitter no address\n").as_bytes()).unwrap();
        assert_eq!(odd.time, 0);
    }
}
