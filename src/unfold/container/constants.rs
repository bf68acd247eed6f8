//! The constants of compiled Java. In: a class file behind its version. Out: texts, and what is a string, and the name
//! of what.

/// A longer name is nobody's.
const LONGEST_NAME: usize = 120;

/// Bytes that are read from the front.
#[derive(Clone, Copy)]
pub(super) struct Rest<'b>(pub(super) &'b [u8]);

impl<'b> Rest<'b> {
    pub(super) fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|byte| byte[0])
    }

    pub(super) fn short(&mut self) -> Option<usize> {
        self.take(2).map(|two| usize::from(two[0]) << 8 | usize::from(two[1]))
    }

    pub(super) fn long(&mut self) -> Option<usize> {
        Some(self.short()? << 16 | self.short()?)
    }
}

/// A constant, as far as it matters here.
#[derive(Clone, Copy)]
enum Constant<'b> {
    Text(&'b [u8]),
    /// A string: where its text is.
    String(usize),
    /// A name with its type: where the name is.
    Name(usize),
    /// A field or a method: where its name is, with its type.
    Member(usize),
    Other,
}

/// The constants, by their numbers.
pub(super) struct Pool<'b>(Vec<Constant<'b>>);

impl<'b> Pool<'b> {
    /// The constants (JVM specification, 4.4); `None` where they do not hold together.
    pub(super) fn read(rest: &mut Rest<'b>) -> Option<Self> {
        let mut constants = vec![Constant::Other];
        let count = rest.short()?;
        while constants.len() < count {
            let (constant, is_wide) = Self::constant(rest)?;
            constants.push(constant);
            if is_wide {
                constants.push(Constant::Other);
            }
        }
        Some(Self(constants))
    }

    /// One constant, and whether it counts for two.
    fn constant(rest: &mut Rest<'b>) -> Option<(Constant<'b>, bool)> {
        let kind = rest.byte()?;
        let constant = match kind {
            1 => {
                let length = rest.short()?;
                Constant::Text(rest.take(length)?)
            }
            8 => Constant::String(rest.short()?),
            9..=11 => {
                rest.short()?;
                Constant::Member(rest.short()?)
            }
            12 => {
                let name = rest.short()?;
                rest.short()?;
                Constant::Name(name)
            }
            3 | 4 | 17 | 18 => rest.take(4).map(|_| Constant::Other)?,
            5 | 6 => rest.take(8).map(|_| Constant::Other)?,
            7 | 16 | 19 | 20 => rest.take(2).map(|_| Constant::Other)?,
            15 => rest.take(3).map(|_| Constant::Other)?,
            _ => return None,
        };
        Some((constant, matches!(kind, 5 | 6)))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// A text of any sort.
    pub(super) fn text(&self, at: usize) -> Option<&'b [u8]> {
        match self.0.get(at)? {
            Constant::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Where the text of a string is, if it has any.
    pub(super) fn string(&self, at: usize) -> Option<usize> {
        match self.0.get(at)? {
            Constant::String(text) => self.text(*text).filter(|text| !text.is_empty()).map(|_| *text),
            _ => None,
        }
    }

    /// The name of a field or a method.
    pub(super) fn member(&self, at: usize) -> Option<&'b [u8]> {
        let Constant::Member(typed) = self.0.get(at)? else { return None };
        let Constant::Name(name) = self.0.get(*typed)? else { return None };
        self.name(*name)
    }

    /// A text that is short enough for a name.
    pub(super) fn name(&self, at: usize) -> Option<&'b [u8]> {
        self.text(at).filter(|name| !name.is_empty() && name.len() <= LONGEST_NAME)
    }
}
