//! Containers → their members. In: bytes or a reader, known by its content and never by its name. Out: each member as a
//! reader, in the order in which they stand, and whatever cannot be read.
//!
//! Every format is read forward, once, so that a container need not be held; a nested container is a member that the
//! taker unfolds in turn. A damaged member stops no other. What all of it may cost is in `limits.rs`.
//!
//! | file | for |
//! |---|---|
//! | `compressed.rs`, `zstd.rs` | gzip, zlib, bzip2, xz, lzma, zstd, lz4: one member without a name |
//! | `zip.rs`, `entry.rs` | zip and everything that is a zip |
//! | `tar.rs`, `tape.rs` | tar |
//! | `ar.rs`, `cpio.rs`, `rpm.rs` | libraries and packages; a Debian package is an ar of tars |
//! | `asar.rs`, `seven_zip.rs` | what their names say |
//! | `pdf.rs`, `ascii.rs` | streams of PDF, also those written in ASCII |
//! | `git_pack.rs` | packs and bundles of git that lie about as files |
//! | `sqlite.rs`, `overflow.rs`, `python.rs`, `class.rs`, `constants.rs`, `office.rs` | what stands in rows, constants and cells, as text: in the file, nothing is between them, or too much |
//! | `program/` | strings of compiled Go and Rust, likewise |
//! | `format.rs` | which of them it is |
//! | `input.rs` | a reader with a look ahead |

mod ar;
mod asar;
mod ascii;
mod class;
mod compressed;
mod constants;
mod cpio;
mod entry;
mod format;
mod git_pack;
mod input;
mod limits;
mod office;
mod overflow;
mod pdf;
mod program;
mod python;
mod rpm;
#[cfg(feature = "containers-extra")]
mod seven_zip;
mod sqlite;
mod tape;
mod tar;
mod zip;
mod zstd;

use std::io::{self, Read};
use std::ops::Range;

use crate::model::{Gap, PathBytes, SourceErrorKind};

use input::Input;
use limits::{Limit, Metered, Told};

pub(crate) use format::{Format, HEAD, begins, format_of, may_begin_inside};
pub(crate) use limits::Budget;
pub(crate) use program::may_hold as may_hold_strings;

/// One member of a container.
pub(crate) struct Member<'a> {
    /// What the container is: `zip`, `gzip`.
    pub(crate) format: &'static str,
    /// Its name there; empty where the container has only one.
    pub(crate) name: PathBytes,
    /// Its bytes. It never fails: where they cannot be read further, it ends, and the taker is told afterwards.
    pub(crate) reader: &'a mut dyn Read,
}

/// Something of a container that was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unread {
    /// What the container is.
    pub(crate) format: &'static str,
    /// Which of its members; `None` for the container itself.
    pub(crate) name: Option<PathBytes>,
    /// Why not.
    pub(crate) why: Gap,
    /// Whether it just ends too early: all that is there was read.
    pub(crate) cut_off: bool,
}

/// Takes what a container has.
pub(crate) trait Taker {
    /// Takes a member. It should read to the end: only then it is known whether the member is sound.
    fn member(&mut self, member: Member<'_>, budget: &Budget);
    /// Takes note of what cannot be read.
    fn unread(&mut self, unread: Unread);
}

/// Shows each member of a container to `taker`. Tells which of the container's own bytes those members are.
///
/// # Errors
///
/// If `reader` fails. What came before that was shown.
pub(crate) fn unfold(
    format: Format,
    reader: &mut dyn Read,
    budget: &Budget,
    taker: &mut dyn Taker,
) -> io::Result<Vec<Range<u64>>> {
    let mut input = Input::new(reader);
    let mut unfolding = Unfolding { format, budget, taker, covered: Vec::new(), withheld: None };
    if let Err(limit) = budget.enter() {
        unfolding.tell(None, limit.why());
    } else {
        format.read(&mut input, &mut unfolding);
        budget.leave();
    }
    let covered = unfolding.covered;
    input.into_failed().map_or(Ok(covered), Err)
}

/// One container that is being unfolded.
struct Unfolding<'u> {
    format: Format,
    budget: &'u Budget,
    taker: &'u mut dyn Taker,
    covered: Vec<Range<u64>>,
    /// What cannot be read, while it is not sure that this is a container at all.
    withheld: Option<Vec<Unread>>,
}

/// What became of a member.
enum Shown {
    /// It was read to its end.
    Sound,
    /// It was not, which was told.
    Damaged,
    /// Nothing more may be unfolded.
    Spent,
}

impl Unfolding<'_> {
    /// Whether nothing more may be unfolded.
    fn is_spent(&self) -> bool {
        self.budget.is_spent()
    }

    /// Shows a member, and tells if it cannot be read to its end.
    fn member(&mut self, name: &[u8], reader: &mut dyn Read) -> Shown {
        let name = PathBytes::new(name);
        let mut metered = Metered::new(reader, self.budget);
        if self.budget.take_member() {
            let member = Member { format: self.format.name(), name: name.clone(), reader: &mut metered };
            self.taker.member(member, self.budget);
        }
        let failed = metered.into_failed();
        if let Some(limit) = self.budget.spent_untold() {
            let name = (limit != Limit::Members).then_some(name);
            self.taker.unread(Unread { format: self.format.name(), name, why: limit.why(), cut_off: false });
            return Shown::Spent;
        }
        match failed {
            _ if self.is_spent() => Shown::Spent,
            Some(error) => {
                self.failed(Some(name), &error);
                Shown::Damaged
            }
            None => Shown::Sound,
        }
    }

    /// Notes that these bytes of the container were shown as a member.
    fn covers(&mut self, range: Range<u64>) {
        match self.covered.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.covered.push(range),
        }
    }

    fn damaged(&mut self, name: Option<PathBytes>, cause: &str) {
        self.tell(name, Gap::Failed(SourceErrorKind::Corrupt, cause.to_owned()));
    }

    /// A container that ends in a member.
    fn cut_off(&mut self, name: &[u8]) {
        let error = io::Error::new(io::ErrorKind::UnexpectedEof, "the archive ends in it");
        self.failed(Some(PathBytes::new(name)), &error);
    }

    fn over_limit(&mut self, name: Option<PathBytes>, cause: &str) {
        self.tell(name, Gap::Failed(SourceErrorKind::Limit, cause.to_owned()));
    }

    /// What a decoder says; where it may not have the memory that it wants, that is a limit.
    fn failed(&mut self, name: Option<PathBytes>, error: &io::Error) {
        let over = error.kind() == io::ErrorKind::OutOfMemory;
        let kind = if over { SourceErrorKind::Limit } else { SourceErrorKind::Corrupt };
        let (format, why) = (self.format.name(), Gap::Failed(kind, error.to_string()));
        self.put(Unread { format, name, why, cut_off: error.kind() == io::ErrorKind::UnexpectedEof });
    }

    /// A member that is not read.
    fn skipped(&mut self, name: Option<PathBytes>, reason: &str) {
        self.tell(name, Gap::Skipped { what: "archive members", reason: reason.to_owned() });
    }

    /// A container that is not read.
    fn unknown(&mut self, reason: &str) {
        let reason = format!("{} is {reason}", self.format.name());
        self.tell(None, Gap::Skipped { what: "archives", reason });
    }

    fn tell(&mut self, name: Option<PathBytes>, why: Gap) {
        self.put(Unread { format: self.format.name(), name, why, cut_off: false });
    }

    fn put(&mut self, unread: Unread) {
        if let Some(withheld) = &mut self.withheld {
            withheld.push(unread);
            return;
        }
        match self.budget.tell() {
            Told::Alone => self.taker.unread(unread),
            Told::Last => {
                let cause = "more of it cannot be read than is listed".to_owned();
                let why = Gap::Failed(SourceErrorKind::Limit, cause);
                self.taker.unread(Unread { format: unread.format, name: None, why, cut_off: false });
            }
            Told::Not => {}
        }
    }

    /// From here on nothing is told: this may be no container at all.
    fn doubt(&mut self) {
        self.withheld = Some(Vec::new());
    }

    /// It is one: tells what was withheld.
    fn trust(&mut self) {
        self.withheld.take().unwrap_or_default().into_iter().for_each(|unread| self.put(unread));
    }
}
