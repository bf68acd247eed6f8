//! Compiled Java → its strings. In: a class file. Out: one text: `name = "string"` for what fields and variables are set
//! to, `name("string", "string")` for what is called with them, and every other constant on a line of its own. In the
//! file, constants stand apart from what they are used for.
//!
//! Members that do not hold together are passed over: every constant is shown all the same.

use std::io::Read as _;

use super::Unfolding;
use super::constants::{Pool, Rest};
use super::input::Input;

/// How a class begins, and a program of macOS for several processors.
const MARK: &[u8] = b"\xca\xfe\xba\xbe";
/// More of one class is not read: its strings alone could be 4 GiB.
const MOST: u64 = 64 << 20;
/// A call with more strings is shown in parts.
const MOST_ARGUMENTS: usize = 16;

/// Whether a class begins like this: its version stands where that program has the number of its processors.
pub(super) fn begins(head: &[u8]) -> bool {
    head.starts_with(MARK) && matches!(head.get(6..8), Some([0, version]) if *version >= 45)
}

/// Shows the strings of a class.
pub(super) fn read(input: &mut Input<'_>, unfolding: &mut Unfolding<'_>) {
    let mut bytes = Vec::new();
    // A vector grows without an error.
    let _ = input.by_ref().take(MOST).read_to_end(&mut bytes);
    let mut rest = Rest(bytes.get(8..).unwrap_or_default());
    // What only begins like a class is looked at as it is.
    let Some(pool) = Pool::read(&mut rest) else { return };
    let mut shown = Shown { used: vec![0; pool.len()], pool: &pool, text: Vec::new() };
    // Whatever is wrong in the members, the constants were read.
    let _ = shown.members(&mut rest);
    shown.others();
    unfolding.member(b"", &mut shown.text.as_slice());
    unfolding.covers(0..input.position());
    if !input.peek(1).is_empty() {
        unfolding.over_limit(None, &format!("of a class, {} MiB are read", MOST >> 20));
    }
}

/// The text that is made of a class.
struct Shown<'p, 'b> {
    pool: &'p Pool<'b>,
    /// How often each constant was shown: a field's value also where it is used, and none a third time, so that the text
    /// stays as short as the class.
    used: Vec<u8>,
    text: Vec<u8>,
}

impl<'b> Shown<'_, 'b> {
    /// What the fields and the code of the methods say; `None` where that ends early.
    fn members(&mut self, rest: &mut Rest<'b>) -> Option<()> {
        rest.take(6)?;
        let interfaces = rest.short()?;
        rest.take(2 * interfaces)?;
        for _ in 0..2 {
            for _ in 0..rest.short()? {
                rest.take(2)?;
                let name = rest.short()?;
                rest.take(2)?;
                self.attributes(rest, |shown, kind, body| {
                    // Less than the whole of one attribute says nothing about the next.
                    let _ = match kind {
                        b"ConstantValue" => shown.constant_value(name, body),
                        b"Code" => shown.code(body),
                        _ => None,
                    };
                })?;
            }
        }
        Some(())
    }

    fn attributes(&mut self, rest: &mut Rest<'b>, mut take: impl FnMut(&mut Self, &[u8], Rest<'b>)) -> Option<()> {
        for _ in 0..rest.short()? {
            let kind = self.pool.text(rest.short()?).unwrap_or_default();
            let length = rest.long()?;
            let body = Rest(rest.take(length)?);
            take(self, kind, body);
        }
        Some(())
    }

    fn constant_value(&mut self, name: usize, mut body: Rest<'b>) -> Option<()> {
        let string = self.pool.string(body.short()?)?;
        self.set(self.pool.name(name), string);
        Some(())
    }

    /// Shows the strings of a method with what they are used for.
    fn code(&mut self, mut body: Rest<'b>) -> Option<()> {
        body.take(4)?;
        let length = body.long()?;
        let code = body.take(length)?;
        rest_of_exceptions(&mut body)?;
        let mut variables = Vec::new();
        // Without them, variables have no names.
        let _ = self.attributes(&mut body, |_, kind, body| {
            if kind == b"LocalVariableTable" {
                let _ = add_variables(body, &mut variables);
            }
        });
        variables.sort_unstable();
        let mut rest = Rest(code);
        let mut strings = Vec::new();
        // Nothing follows the last whole instruction.
        while let Some(done) = self.instruction(&mut rest, &mut strings) {
            let at = length - rest.0.len();
            match done {
                Use::None => {}
                Use::Call(name) => self.call(name, &mut strings),
                Use::Field(name) => self.store(Some(name), &mut strings),
                Use::Variable(number) => {
                    let known = variables.binary_search_by_key(&(at, number), |&(at, number, _)| (at, number));
                    let name = known.ok().and_then(|known| self.pool.name(variables[known].2));
                    self.store(name, &mut strings);
                }
            }
            if strings.len() == MOST_ARGUMENTS {
                self.call(b"", &mut strings);
            }
        }
        self.call(b"", &mut strings);
        Some(())
    }

    /// Reads one instruction (JVM specification, 6.5), and adds the string that it loads.
    fn instruction(&self, rest: &mut Rest<'b>, strings: &mut Vec<usize>) -> Option<Use<'b>> {
        let mut done = Use::None;
        match rest.byte()? {
            0x12 => strings.extend(self.pool.string(usize::from(rest.byte()?))),
            0x13 => strings.extend(self.pool.string(rest.short()?)),
            0x3a => done = Use::Variable(usize::from(rest.byte()?)),
            code @ 0x4b..=0x4e => done = Use::Variable(usize::from(code - 0x4b)),
            0xb3 | 0xb5 => done = self.pool.member(rest.short()?).map_or(Use::None, Use::Field),
            0xb6..=0xb8 => done = self.pool.member(rest.short()?).map_or(Use::None, Use::Call),
            0xb9 => {
                done = self.pool.member(rest.short()?).map_or(Use::None, Use::Call);
                rest.take(2)?;
            }
            0x10 | 0x15..=0x19 | 0x36..=0x39 | 0xa9 | 0xbc => rest.take(1).map(|_| ())?,
            0x11 | 0x14 | 0x84 | 0x99..=0xa8 | 0xb2 | 0xb4 | 0xbb | 0xbd | 0xc0 | 0xc1 | 0xc6 | 0xc7 => {
                rest.take(2).map(|_| ())?;
            }
            0xc5 => rest.take(3).map(|_| ())?,
            0xba | 0xc8 | 0xc9 => rest.take(4).map(|_| ())?,
            // The tables of a `switch` are read as if they were code: mostly zeros, which do nothing.
            _ => {}
        }
        Some(done)
    }

    /// `name = "string"` for the last one; those before it are for something else.
    fn store(&mut self, name: Option<&[u8]>, strings: &mut Vec<usize>) {
        let Some(last) = strings.pop() else { return };
        self.call(b"", strings);
        self.set(name, last);
    }

    fn set(&mut self, name: Option<&[u8]>, string: usize) {
        if let Some(name) = name.filter(|_| self.used[string] < 2) {
            self.text.extend_from_slice(name);
            self.text.extend_from_slice(b" = ");
        }
        self.strings(&[string], b"\n");
    }

    /// `name("string", "string")`.
    fn call(&mut self, name: &[u8], strings: &mut Vec<usize>) {
        strings.retain(|string| self.used[*string] < 2);
        if strings.len() > 1 || !(strings.is_empty() || name.is_empty()) {
            // A constructor is called by the name of its class.
            self.text.extend_from_slice(name.strip_prefix(b"<").map_or(name, |_| b"new"));
            self.text.push(b'(');
            self.strings(strings, b")\n");
        } else {
            self.strings(strings, b"\n");
        }
        strings.clear();
    }

    fn strings(&mut self, strings: &[usize], end: &[u8]) {
        let mut before: &[u8] = b"\"";
        for &string in strings {
            let Some(text) = self.pool.text(string).filter(|_| self.used[string] < 2) else { continue };
            self.used[string] += 1;
            self.text.extend_from_slice(before);
            self.text.extend_from_slice(text);
            self.text.push(b'"');
            before = b", \"";
        }
        if before != b"\"" {
            self.text.extend_from_slice(end);
        }
    }

    /// What is not shown yet: names, and the strings of annotations.
    fn others(&mut self) {
        for at in 0..self.used.len() {
            if self.used[at] == 0 {
                self.strings(&[at], b"\n");
            }
        }
    }
}

/// What an instruction does with strings that were loaded.
enum Use<'b> {
    None,
    Call(&'b [u8]),
    Field(&'b [u8]),
    Variable(usize),
}

/// Passes over the table of exceptions behind a method's code.
fn rest_of_exceptions(body: &mut Rest<'_>) -> Option<()> {
    let count = body.short()?;
    body.take(8 * count).map(|_| ())
}

/// Adds where in the code each variable begins, its number there, and where its name is.
fn add_variables(mut body: Rest<'_>, variables: &mut Vec<(usize, usize, usize)>) -> Option<()> {
    for _ in 0..body.short()? {
        let start = body.short()?;
        body.take(2)?;
        let name = body.short()?;
        body.take(2)?;
        variables.push((start, body.short()?, name));
    }
    Some(())
}
