//! A file of git's configuration. In: its bytes. Out: what it sets, in order.
//!
//! Only the installer of hooks asks: it has to write where git will look. Includes are not followed; they are told of.

/// One setting.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Setting {
    /// Section and key in lower case, as in `core.hookspath`; a subsection stands between them as it was written.
    pub(super) name: Vec<u8>,
    /// `None` where only the key stands.
    pub(super) value: Option<Vec<u8>>,
}

/// Everything that the file sets, in order. What makes no sense is passed over: git would refuse to work at all.
pub(super) fn settings(text: &[u8]) -> Vec<Setting> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut rest = Rest(text);
    let (mut section, mut settings) = (Vec::new(), Vec::new());
    while let Some(byte) = rest.next() {
        match byte {
            b'[' => section = rest.section(),
            b'#' | b';' => rest.skip_line(),
            byte if byte.is_ascii_alphabetic() => {
                let (key, value) = (rest.key(byte), rest.value());
                settings.push(Setting { name: [&section[..], b".", &key].concat(), value });
            }
            _ => {}
        }
    }
    settings
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        // A line of Windows ends like any other.
        if *first == b'\r' && rest.first() == Some(&b'\n') {
            self.0 = &rest[1..];
            return Some(b'\n');
        }
        self.0 = rest;
        Some(*first)
    }

    fn skip_line(&mut self) {
        while self.next().is_some_and(|byte| byte != b'\n') {}
    }

    /// What stands between `[` and `]`: `core`, or `remote "origin"` as `remote.origin`.
    fn section(&mut self) -> Vec<u8> {
        let (mut name, mut quoted) = (Vec::new(), false);
        while let Some(byte) = self.next() {
            match byte {
                b'\\' if quoted => name.extend(self.next()),
                b'"' => {
                    if !quoted {
                        name.push(b'.');
                    }
                    quoted = !quoted;
                }
                b'\n' => break,
                byte if quoted => name.push(byte),
                b']' => break,
                byte if byte.is_ascii_whitespace() => {}
                byte => name.push(byte.to_ascii_lowercase()),
            }
        }
        name
    }

    fn key(&mut self, first: u8) -> Vec<u8> {
        let length = self.0.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
        let (name, rest) = self.0.split_at(length);
        self.0 = rest;
        [&[first], name].concat().to_ascii_lowercase()
    }

    /// What stands after `=` up to the end of the line, without quotes, comments and the space around it.
    fn value(&mut self) -> Option<Vec<u8>> {
        let spaces = self.0.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        self.0 = &self.0[spaces..];
        if self.0.first() != Some(&b'=') {
            self.skip_line();
            return None;
        }
        self.next();
        let (mut value, mut kept, mut quoted) = (Vec::new(), 0, false);
        while let Some(byte) = self.next() {
            match byte {
                b'\n' => break,
                b'"' => {
                    quoted = !quoted;
                    kept = value.len();
                    continue;
                }
                b'#' | b';' if !quoted => {
                    self.skip_line();
                    break;
                }
                b' ' | b'\t' if !quoted => {
                    if !value.is_empty() {
                        value.push(byte);
                    }
                    continue;
                }
                b'\\' => match self.next() {
                    Some(b'n') => value.push(b'\n'),
                    Some(b't') => value.push(b'\t'),
                    Some(b'b') => value.push(8),
                    // The line goes on in the next one.
                    Some(b'\n') | None => continue,
                    Some(other) => value.push(other),
                },
                byte => value.push(byte),
            }
            kept = value.len();
        }
        value.truncate(kept);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, Option<String>)> {
        let string = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        settings(text.as_bytes()).into_iter().map(|one| (string(one.name), one.value.map(string))).collect()
    }

    fn value(text: &str) -> Option<String> {
        let mut all = read(&format!("[core]\n\thooksPath{text}\n[other]\n"));
        assert_eq!(all.len(), 1, "{all:?}");
        let (name, value) = all.remove(0);
        assert_eq!(name, "core.hookspath");
        value
    }

    #[test]
    fn values_are_read_as_git_reads_them() {
        for (text, expected) in [
            (" = hooks", "hooks"),
            ("=hooks # said the user", "hooks"),
            (" = my hooks ; said the user", "my hooks"),
            (" = \"a#b; \" # c", "a#b; "),
            (" = a\\\\b\\\"c", "a\\b\"c"),
            (" = one\\\ntwo", "onetwo"),
            (" = ends\t \r", "ends"),
            (" =", ""),
            (" = \"\"", ""),
        ] {
            assert_eq!(value(text).as_deref(), Some(expected), "{text:?}");
        }
        assert_eq!(value(""), None, "a key alone");
    }

    #[test]
    fn sections_keep_keys_apart() {
        let text = "\u{feff}[Core] HooksPath = a\r\n# [x]\n[core \"HooksPath\"]\nhooksPath = b\n\
                    [include]\n path = c\n[includeIf \"gitdir:~/w]\\\"/\"]\npath=d\nnot a = setting\n";
        let expected = [
            ("core.hookspath", Some("a")),
            ("core.HooksPath.hookspath", Some("b")),
            ("include.path", Some("c")),
            ("includeif.gitdir:~/w]\"/.path", Some("d")),
            ("includeif.gitdir:~/w]\"/.not", None),
        ];
        let expected: Vec<_> = expected.map(|(name, value)| (name.to_owned(), value.map(str::to_owned))).into();
        assert_eq!(read(text), expected);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            settings(&bytes);
        }
    }
}
