//! Structure: which brackets, elements, blocks and sections a value stands in. In: bytes. Out: chains of scopes.
//!
//! One tolerant reader serves every format: brackets (JSON, calls, flow maps), elements (XML), indentation (YAML,
//! Python) and `[section]` lines (INI, TOML). It never fails: what does not close is closed by what encloses it.

/// How far before a value structure is read.
const REACH: usize = 8 * 1024;
/// How deep scopes nest before further ones are left out: hostile input must not make chains long.
const DEEPEST: usize = 64;

/// A scope: where it opens in the content, and what opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Scope {
    pub(super) open: u64,
    pub(super) kind: ScopeKind,
}

impl Scope {
    /// The offset of what opens it.
    pub(super) fn start(self) -> u64 {
        self.open >> 8
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ScopeKind {
    /// `(…)`.
    Call,
    /// `${…}`.
    Expansion,
    /// `{…}`.
    Object,
    /// `[…]`.
    List,
    /// `<a>…</a>`.
    Element,
    /// Lines of one indentation.
    Block,
    /// What follows a `[section]` line.
    Section,
}

#[derive(Clone, Copy)]
struct Frame {
    scope: Scope,
    /// For brackets the indentation of their line, for blocks their own.
    indent: usize,
    /// A block that begins with `- `.
    is_item: bool,
    /// For elements: which name.
    name: u64,
}

/// Reads the structure of one window, front to back.
pub(super) struct Scopes<'a> {
    bytes: &'a [u8],
    base: u64,
    at: usize,
    line_indent: usize,
    elements: bool,
    frames: Vec<Frame>,
}

impl<'a> Scopes<'a> {
    /// For `bytes` that begin at offset `base` of their content.
    pub(super) fn new(bytes: &'a [u8], base: u64) -> Self {
        let elements = memchr::memmem::find(bytes, b"</").is_some();
        Self { bytes, base, at: 0, line_indent: 0, elements, frames: Vec::new() }
    }

    /// The scopes around `offset`, innermost first. Offsets must not go back from call to call.
    pub(super) fn around(&mut self, offset: usize) -> Vec<Scope> {
        if offset > self.at + REACH {
            // Nothing was asked of what lies between: begin anew at a line near by.
            let near = offset - REACH;
            let line = memchr::memchr(b'\n', &self.bytes[near..offset]).map_or(near, |newline| near + newline + 1);
            self.frames.clear();
            self.at = line;
        }
        while self.at < offset {
            self.step();
        }
        self.frames.iter().rev().map(|frame| frame.scope).collect()
    }

    fn step(&mut self) {
        let at_line_start = self.at == 0 || self.bytes[self.at - 1] == b'\n';
        if at_line_start && self.begin_line() {
            return;
        }
        let byte = self.bytes[self.at];
        match byte {
            b'(' => self.open(ScopeKind::Call, 0),
            b'{' if self.bytes[..self.at].ends_with(b"$") => self.open(ScopeKind::Expansion, 0),
            b'{' => self.open(ScopeKind::Object, 0),
            // `ESC [` switches a terminal's colour.
            b'[' if self.bytes[..self.at].ends_with(b"\x1b") => {}
            b'[' => self.open(ScopeKind::List, 0),
            b')' => self.close(|frame| frame.scope.kind == ScopeKind::Call),
            b'}' => self.close(|frame| matches!(frame.scope.kind, ScopeKind::Object | ScopeKind::Expansion)),
            b']' => self.close(|frame| frame.scope.kind == ScopeKind::List),
            b'<' if self.elements => return self.tag(),
            _ => {}
        }
        self.at += 1;
    }

    /// Handles the indentation of the line that begins here; `true` if that took the whole line.
    fn begin_line(&mut self) -> bool {
        let line = &self.bytes[self.at..];
        let line = memchr::memchr(b'\n', line).map_or(line, |newline| &line[..newline]);
        let trimmed = line.trim_ascii();
        let Some(&first) = trimmed.first() else {
            self.at += line.len() + 1;
            return true;
        };
        let indent = line.iter().take_while(|&&byte| byte == b' ' || byte == b'\t').count();
        self.line_indent = indent;
        self.drop_forgotten_brackets(indent);
        let before = &self.bytes[..self.at];
        let goes_on = before.ends_with(b"\\\n") || before.ends_with(b"\\\r\n");
        let in_brackets = goes_on || self.frames.iter().any(|frame| frame.scope.kind < ScopeKind::Block);
        if in_brackets {
            return false;
        }
        // `[a] [b]` is none.
        let closes = trimmed.iter().position(|&byte| byte == b']');
        let is_title = closes.is_some_and(|at| at > 1 && trimmed[at..].iter().all(|&byte| byte == b']'));
        if first == b'[' && is_title && !trimmed.contains(&b',') {
            self.frames.clear();
            self.open(ScopeKind::Section, 0);
            self.at += line.len() + 1;
            return true;
        }
        let is_item = first == b'-' && trimmed.get(1).is_none_or(|&byte| byte == b' ');
        self.block(indent, is_item);
        if is_item {
            let inner = trimmed[1..].iter().take_while(|&&byte| byte == b' ').count();
            self.block(indent + 1 + inner, false);
        }
        false
    }

    /// A line that stands further left than the line of an open bracket is not inside that bracket.
    fn drop_forgotten_brackets(&mut self, indent: usize) {
        let forgotten = |frame: &Frame| frame.scope.kind < ScopeKind::Element && frame.indent > indent;
        if let Some(first) = self.frames.iter().position(forgotten) {
            self.frames.truncate(first);
        }
    }

    fn block(&mut self, indent: usize, is_item: bool) {
        while let Some(top) = self.frames.last() {
            let is_block = top.scope.kind == ScopeKind::Block;
            let left = top.indent > indent || (top.indent == indent && (top.is_item || is_item));
            if !is_block || !left {
                break;
            }
            self.frames.pop();
        }
        let current = self.frames.last().filter(|top| top.scope.kind == ScopeKind::Block).map(|top| top.indent);
        if is_item || current.map_or(indent > 0, |current| indent > current) {
            self.open(ScopeKind::Block, 0);
            if let Some(top) = self.frames.last_mut() {
                (top.indent, top.is_item) = (indent, is_item);
            }
        }
    }

    fn open(&mut self, kind: ScopeKind, name: u64) {
        if self.frames.len() < DEEPEST {
            // An item and the block in it begin at the same byte; their depth tells them apart.
            let scope = Scope { open: (self.base + self.at as u64) << 8 | self.frames.len() as u64, kind };
            self.frames.push(Frame { scope, indent: self.line_indent, is_item: false, name });
        }
    }

    fn close(&mut self, matches: impl Fn(&Frame) -> bool) {
        if let Some(opening) = self.frames.iter().rposition(matches) {
            self.frames.truncate(opening);
        }
    }

    /// Handles the tag that begins here.
    fn tag(&mut self) {
        let rest = &self.bytes[self.at + 1..];
        let rest = &rest[..rest.len().min(1024)];
        let Some(end) = memchr::memchr2(b'>', b'<', rest).filter(|&end| rest[end] == b'>') else {
            self.at += 1;
            return;
        };
        let inside = &rest[..end];
        let closing = inside.first() == Some(&b'/');
        let name: &[u8] = &inside[usize::from(closing)..];
        let length = name.iter().take_while(|&&byte| byte.is_ascii_alphanumeric() || b"-_:.".contains(&byte)).count();
        let name = name_hash(&name[..length]);
        if closing {
            self.close(|frame| frame.scope.kind == ScopeKind::Element && frame.name == name);
        } else if length > 0 && inside.last() != Some(&b'/') {
            self.open(ScopeKind::Element, name);
        }
        // Attributes are read on: they may hold brackets that close again, and values.
        self.at += 1;
    }
}

fn name_hash(name: &[u8]) -> u64 {
    name.iter().fold(0xCBF2_9CE4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01B3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of scopes that the places of `1` and `2` share, and how many each has to itself.
    fn shared(text: &str) -> (usize, usize, usize) {
        let mut scopes = Scopes::new(text.as_bytes(), 0);
        let one = scopes.around(text.find('1').unwrap());
        let two = scopes.around(text.find('2').unwrap());
        let common = one.iter().rev().zip(two.iter().rev()).take_while(|(a, b)| a == b).count();
        (common, one.len() - common, two.len() - common)
    }

    #[test]
    fn tells_objects_apart() {
        assert_eq!(shared(r#"[{"a": 1, "b": 2}]"#), (2, 0, 0));
        assert_eq!(shared(r#"[{"a": 1}, {"b": 2}]"#), (1, 1, 1));
        assert_eq!(shared("f(1, 2)"), (1, 0, 0));
        assert_eq!(shared("f(1); g(2)"), (0, 1, 1));
    }

    #[test]
    fn tells_elements_apart() {
        assert_eq!(shared("<p><a>1</a><b>2</b></p>"), (1, 1, 1));
        assert_eq!(shared("<p><a>1</a></p><p><b>2</b></p>"), (0, 2, 2));
        assert_eq!(shared("<p><a>1</a><x/><br><b>2</b></p>"), (1, 1, 2));
    }

    #[test]
    fn tells_blocks_and_items_apart() {
        assert_eq!(shared("x:\n  a: 1\n  b: 2\n"), (1, 0, 0));
        assert_eq!(shared("x:\n  a: 1\ny:\n  b: 2\n"), (0, 1, 1));
        assert_eq!(shared("x:\n- a: 1\n  b: 2\n"), (2, 0, 0));
        assert_eq!(shared("x:\n- a: 1\n- b: 2\n"), (0, 2, 2));
        assert_eq!(shared("x:\n  - a: 1\n    b: 0\n  - b: 2\n"), (0, 2, 2));
    }

    #[test]
    fn a_line_that_goes_on_is_one() {
        assert_eq!(shared("x 1 \\\n  y 2\n"), (0, 0, 0));
        assert_eq!(shared("x 1 \n  y 2\n"), (0, 0, 1));
    }

    #[test]
    fn tells_sections_apart() {
        assert_eq!(shared("[a]\nid=1\nkey=2\n"), (1, 0, 0));
        assert_eq!(shared("[a]\nid=1\n[b]\nkey=2\n"), (0, 1, 1));
        assert_eq!(shared("[[a]]\nid=1\n[[b]]\nkey=2\n"), (0, 1, 1));
        assert_eq!(shared("[1] [2]\n"), (0, 1, 1));
    }

    #[test]
    fn survives_what_does_not_close() {
        assert_eq!(shared("a ( b\n  c: 1\nd:\n  e: 2\n"), (1, 0, 0));
        assert_eq!(shared("  x = f(\ny:\n  a: 1\n  b: 2\n"), (1, 0, 0));
        let deep = format!("{}1{}2", "[".repeat(10_000), "]".repeat(3));
        assert_eq!(shared(&deep).0, DEEPEST - 3);
    }
}
