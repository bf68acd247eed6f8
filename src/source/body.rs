//! Bytes of a reader as a content. In: a reader. Out: one call of the visitor, whole or as a stream.

use std::io::{self, Read};

use crate::model::{Content, Origin, Visitor};

/// Up to this many bytes a content is held in memory as a whole; a longer one is a stream.
pub(super) const WHOLE: u64 = 8 << 20;

const WHOLE_LENGTH: usize = 8 << 20;
/// What is asked for first where a reader does not say how much it has.
const FIRST_READ: usize = 64 << 10;

/// Shows what `reader` holds to `visitor`.
///
/// `claimed` is the length that the file system tells; it need not be true. Where a read gives less than it was asked
/// for and that makes exactly this length, the end is not asked for a second time: regular files are never short before
/// it, and with 60,000 small files it is every fourth system call.
/// `scratch` is only there to be used again: its bytes before and after mean nothing.
///
/// # Errors
///
/// If reading fails; what came before that was shown.
pub(super) fn show(
    origin: Origin,
    reader: &mut dyn Read,
    claimed: Option<u64>,
    scratch: &mut Vec<u8>,
    visitor: &dyn Visitor,
) -> io::Result<()> {
    if claimed.is_some_and(|claimed| claimed > WHOLE) {
        return show_stream(origin, reader, visitor);
    }
    let claimed = claimed.and_then(|claimed| usize::try_from(claimed).ok());
    let Filled { length, end } = fill(reader, claimed, scratch);
    let bytes = &scratch[..length];
    match end {
        End::Complete => visitor.content(Content::whole(origin, bytes)),
        End::Failed(error) => {
            if length > 0 {
                visitor.content(Content::whole(origin, bytes));
            }
            return Err(error);
        }
        End::TooLong => return show_stream(origin, &mut bytes.chain(reader), visitor),
    }
    Ok(())
}

fn show_stream(origin: Origin, reader: &mut dyn Read, visitor: &dyn Visitor) -> io::Result<()> {
    let mut stream = Stream { reader, failed: None };
    visitor.content(Content::stream(origin, &mut stream));
    stream.failed.map_or(Ok(()), Err)
}

struct Filled {
    length: usize,
    end: End,
}

enum End {
    Complete,
    TooLong,
    Failed(io::Error),
}

/// Fills `scratch` from its start, growing it as bytes arrive and never on a claim alone above [`WHOLE`].
fn fill(reader: &mut dyn Read, claimed: Option<usize>, scratch: &mut Vec<u8>) -> Filled {
    let mut length = 0;
    // One byte more than claimed: a short read then says that the end is there without asking a second time.
    let wanted = claimed.map_or(FIRST_READ, |claimed| claimed + 1).min(WHOLE_LENGTH + 1);
    if scratch.len() < wanted {
        scratch.resize(wanted, 0);
    }
    loop {
        if length > WHOLE_LENGTH {
            return Filled { length, end: End::TooLong };
        }
        if length == scratch.len() {
            scratch.resize((length * 2).min(WHOLE_LENGTH + 1), 0);
        }
        let free = &mut scratch[length..];
        let asked = free.len();
        match reader.read(free) {
            Ok(0) => return Filled { length, end: End::Complete },
            Ok(read) => {
                length += read;
                if read < asked && claimed == Some(length) {
                    return Filled { length, end: End::Complete };
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Filled { length, end: End::Failed(error) },
        }
    }
}

/// A reader that ends where it fails and remembers that, so that what was read until then is still judged.
struct Stream<'a> {
    reader: &'a mut dyn Read,
    failed: Option<io::Error>,
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.failed.is_some() {
            return Ok(0);
        }
        match self.reader.read(buffer) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                self.failed = Some(error);
                Ok(0)
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::model::{Body, Covered, Skip, SourceError};

    #[derive(Default)]
    struct Shown(Mutex<Vec<(usize, bool)>>);

    impl Visitor for Shown {
        fn content(&self, content: Content<'_>) {
            let shown = match content.body {
                Body::Whole(bytes) => (bytes.len(), false),
                Body::Stream(reader) => (usize::try_from(io::copy(reader, &mut io::sink()).unwrap()).unwrap(), true),
                Body::Sifted(_) => unreachable!("a reader is never asked for excerpts"),
            };
            self.0.lock().unwrap().push(shown);
        }
        fn skipped(&self, _: Skip) {}
        fn error(&self, _: SourceError) {}
        fn covered(&self, _: Covered) {}
    }

    /// Gives `length` bytes, three at most at a time, then fails if told to.
    struct Dripping {
        length: usize,
        step: usize,
        fails: bool,
    }

    impl Read for Dripping {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let read = self.length.min(self.step).min(buffer.len());
            if read == 0 && self.fails {
                return Err(io::Error::other("gone"));
            }
            self.length -= read;
            Ok(read)
        }
    }

    fn shown(length: usize, claimed: Option<u64>, fails: bool) -> (Vec<(usize, bool)>, bool) {
        let visitor = Shown::default();
        let mut reader = Dripping { length, step: if length > 1000 { usize::MAX } else { 3 }, fails };
        let failed = show(Origin::Stdin, &mut reader, claimed, &mut vec![9; 5], &visitor).is_err();
        (visitor.0.into_inner().unwrap(), failed)
    }

    #[test]
    fn a_claimed_length_may_be_wrong_in_either_direction() {
        for claimed in [None, Some(0), Some(4), Some(10), Some(500), Some(WHOLE)] {
            assert_eq!(shown(10, claimed, false), (vec![(10, false)], false), "{claimed:?}");
        }
        assert_eq!(shown(10, Some(u64::MAX), false), (vec![(10, true)], false));
    }

    #[test]
    fn what_is_too_long_to_hold_is_a_stream() {
        assert_eq!(shown(WHOLE_LENGTH, None, false), (vec![(WHOLE_LENGTH, false)], false));
        assert_eq!(shown(WHOLE_LENGTH + 1, None, false), (vec![(WHOLE_LENGTH + 1, true)], false));
        assert_eq!(shown(WHOLE_LENGTH + 7, Some(5), false), (vec![(WHOLE_LENGTH + 7, true)], false));
    }

    #[test]
    fn what_came_before_a_failure_is_shown() {
        assert_eq!(shown(10, None, true), (vec![(10, false)], true));
        assert_eq!(shown(0, Some(4), true), (vec![], true));
        assert_eq!(shown(10, Some(WHOLE + 1), true), (vec![(10, true)], true));
    }
}
