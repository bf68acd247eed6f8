//! A repository's own configuration, as far as it tells how the repository is made. In: the bytes of a `config` file.
//! Out: its entries, and the remotes among them.
//!
//! It is read to know the format of the objects and what a remote-tracking ref is; nothing in it is obeyed. Includes are
//! not followed: git itself does not follow them for the format, and they may lead anywhere.

use std::collections::HashMap;

/// What a configuration file says, in order.
#[derive(Clone, Debug, Default)]
pub struct Config {
    entries: Vec<Entry>,
}

/// One `key = value` below one `[section "subsection"]`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// In lower case, as the key.
    section: Vec<u8>,
    subsection: Vec<u8>,
    key: Vec<u8>,
    /// `None` for a key alone, which means `true`.
    value: Option<Vec<u8>>,
}

/// A remote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Remote {
    pub name: Vec<u8>,
    /// Where it is fetched from and pushed to.
    pub urls: Vec<Vec<u8>>,
    /// Its refspecs for fetching, as written: `+refs/heads/*:refs/remotes/origin/*`.
    pub fetch: Vec<Vec<u8>>,
    /// Whether it is pushed, or fetched, ref for ref.
    pub mirror: bool,
    /// Whether it keeps objects back that can be asked for later: a partial clone.
    pub promisor: bool,
}

impl Config {
    /// Reads a configuration. What git would refuse is passed over, line by line.
    pub fn parse(text: &[u8]) -> Self {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let mut parser = Parser { rest: text, section: Vec::new(), subsection: Vec::new() };
        let mut entries = Vec::new();
        while parser.skip_to_something() {
            entries.extend(parser.entry());
        }
        Self { entries }
    }

    /// The last value of a key; empty if it has none.
    pub fn value(&self, section: &'static str, key: &'static str) -> Option<&[u8]> {
        self.all(section, key).last().map(|(_, value)| value)
    }

    /// Every value of a key, each with its subsection.
    pub fn all(&self, section: &'static str, key: &'static str) -> impl Iterator<Item = (&[u8], &[u8])> {
        let wanted = move |entry: &&Entry| entry.section == section.as_bytes() && entry.key == key.as_bytes();
        let found = self.entries.iter().filter(wanted);
        found.map(|entry| (entry.subsection.as_slice(), entry.value.as_deref().unwrap_or_default()))
    }

    /// The remotes, in the order in which they are first named.
    pub(super) fn remotes(&self) -> Vec<Remote> {
        let mut remotes: Vec<Remote> = Vec::new();
        let mut places: HashMap<&[u8], usize> = HashMap::new();
        let named = |entry: &&Entry| entry.section == b"remote" && !entry.subsection.is_empty();
        for entry in self.entries.iter().filter(named) {
            let at = *places.entry(&entry.subsection).or_insert_with(|| {
                remotes.push(Remote { name: entry.subsection.clone(), ..Remote::default() });
                remotes.len() - 1
            });
            let (remote, value) = (&mut remotes[at], entry.value.clone().unwrap_or_default());
            match entry.key.as_slice() {
                b"url" | b"pushurl" => remote.urls.push(value),
                b"fetch" => remote.fetch.push(value),
                b"mirror" => remote.mirror = entry.is_on(),
                b"promisor" => remote.promisor = entry.is_on(),
                _ => {}
            }
        }
        remotes
    }
}

impl Entry {
    fn is_on(&self) -> bool {
        let Some(value) = &self.value else { return true };
        let value = value.to_ascii_lowercase();
        !matches!(value.as_slice(), b"" | b"false" | b"no" | b"off" | b"0")
    }
}

struct Parser<'t> {
    rest: &'t [u8],
    section: Vec<u8>,
    subsection: Vec<u8>,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> Vec<u8> {
        let end = self.rest.iter().position(|byte| !wanted(*byte)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken.to_vec()
    }

    fn skip_line(&mut self) {
        self.take_while(|byte| byte != b'\n');
    }

    /// Skips blanks and comments; `false` at the end.
    fn skip_to_something(&mut self) -> bool {
        loop {
            self.take_while(|byte| byte.is_ascii_whitespace());
            match self.rest.first() {
                None => return false,
                Some(b'#' | b';') => self.skip_line(),
                Some(_) => return true,
            }
        }
    }

    /// Reads a section's head, or a key with its value.
    fn entry(&mut self) -> Option<Entry> {
        if self.rest.first() == Some(&b'[') {
            self.next();
            self.head();
            return None;
        }
        let key = self.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'-').to_ascii_lowercase();
        self.take_while(|byte| matches!(byte, b' ' | b'\t'));
        let value = if self.rest.first() == Some(&b'=') {
            self.next();
            Some(self.value())
        } else {
            self.skip_line();
            None
        };
        let known = !key.is_empty() && !self.section.is_empty();
        known.then(|| Entry { section: self.section.clone(), subsection: self.subsection.clone(), key, value })
    }

    /// What follows `[`: `section]`, `section "Subsection"]`, or `section.subsection]`.
    fn head(&mut self) {
        let name = self.take_while(|byte| !matches!(byte, b']' | b'"' | b'\n')).trim_ascii().to_ascii_lowercase();
        let (section, old) = match name.iter().position(|byte| *byte == b'.') {
            Some(dot) => (name[..dot].to_vec(), name[dot + 1..].to_vec()),
            None => (name, Vec::new()),
        };
        (self.section, self.subsection) = (section, old);
        if self.rest.first() == Some(&b'"') {
            self.next();
            while let Some(byte) = self.next().filter(|byte| !matches!(byte, b'"' | b'\n')) {
                let byte = if byte == b'\\' { self.next() } else { Some(byte) };
                self.subsection.extend(byte);
            }
        }
        // What follows `]` may be a key already.
        self.take_while(|byte| !matches!(byte, b']' | b'\n'));
        self.next();
    }

    fn value(&mut self) -> Vec<u8> {
        let (mut value, mut quoted) = (Vec::new(), false);
        // Blanks at the end do not count, unless they are quoted.
        let mut kept = 0;
        while let Some(byte) = self.next() {
            match byte {
                b'\n' => break,
                b'#' | b';' if !quoted => {
                    self.skip_line();
                    break;
                }
                b'"' => quoted = !quoted,
                b'\\' => match self.next() {
                    Some(b'\n') => {}
                    Some(b'\r') if self.rest.first() == Some(&b'\n') => drop(self.next()),
                    Some(b'n') => value.push(b'\n'),
                    Some(b't') => value.push(b'\t'),
                    Some(b'b') => value.push(8),
                    other => value.extend(other),
                },
                blank if !quoted && blank.is_ascii_whitespace() => {
                    if !value.is_empty() {
                        value.push(blank);
                    }
                    continue;
                }
                other => value.push(other),
            }
            kept = value.len();
        }
        value.truncate(kept);
        value
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_reads_what_git_writes() {
        let config = Config::parse(
            b"\xef\xbb\xbf; made by hand\n[core]\n\tBare = false # no\r\n[Remote \"Ori\\\"gin]\"]\n\turl = \"https://a b/;\" \n\
              \tfetch = +refs/heads/*:\\\n  refs/remotes/o/*\n[remote \"m\"]mirror\n[remote.Old]\n\tpromisor = yes\n\tmirror = 0\n\
              [remote]\n\tpushDefault = m\n",
        );
        assert_eq!(config.value("core", "bare"), Some(b"false".as_slice()));
        assert_eq!(config.value("core", "other"), None);
        let remote = |name: &str| Remote { name: name.into(), ..Remote::default() };
        let origin = Remote {
            urls: vec![b"https://a b/;".to_vec()],
            fetch: vec![b"+refs/heads/*:  refs/remotes/o/*".to_vec()],
            ..remote("Ori\"gin]")
        };
        let expected = [origin, Remote { mirror: true, ..remote("m") }, Remote { promisor: true, ..remote("old") }];
        assert_eq!(config.remotes(), expected);
    }

    #[test]
    fn a_line_that_is_no_entry_hides_no_other() {
        let config = Config::parse(b"lost = 1\n[a\n[b]\n= 2\n!x\nk = v\n[extensions]objectformat=sha256");
        assert_eq!(config.value("b", "k"), Some(b"v".as_slice()));
        assert_eq!(config.value("extensions", "objectformat"), Some(b"sha256".as_slice()));
    }

    proptest! {
        #[test]
        fn any_bytes_come_to_an_end(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Config::parse(&text).remotes();
        }
    }
}
