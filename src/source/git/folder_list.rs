//! Lists of folders, as git writes them into `info/alternates` and `GIT_ALTERNATE_OBJECT_DIRECTORIES`. In: a list and what
//! stands between its entries. Out: the folders.

/// The entries of a list, as git reads them: `#` begins a comment, and one that could be misread is in double quotes and
/// escaped as in C. Where the quotes are broken, they are part of the name. Empty entries are left out.
pub fn listed_folders(list: &[u8], separator: u8) -> Vec<Vec<u8>> {
    let (mut found, mut rest) = (Vec::new(), list);
    while !rest.is_empty() {
        let plain = rest.iter().position(|byte| *byte == separator).unwrap_or(rest.len());
        let (name, end) = match rest {
            [b'#', ..] => (Vec::new(), plain),
            [b'"', quoted @ ..] => match unquoted(quoted) {
                Some((name, length)) => (name, length + 1),
                None => (rest[..plain].to_vec(), plain),
            },
            _ => (rest[..plain].to_vec(), plain),
        };
        if !name.is_empty() {
            found.push(name);
        }
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    found
}

/// What stands before the closing quote, and how long that was with the quote; `None` if it is not as git writes it.
fn unquoted(quoted: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut name, mut at) = (Vec::new(), 0);
    let digit = |at: usize| quoted.get(at).filter(|byte| (b'0'..=b'7').contains(byte)).map(|byte| byte - b'0');
    loop {
        let byte = *quoted.get(at)?;
        at += 1;
        match byte {
            b'"' => return Some((name, at)),
            b'\\' => {
                let escape = *quoted.get(at)?;
                at += 1;
                name.push(match escape {
                    b'a' => 7,
                    b'b' => 8,
                    b't' => b'\t',
                    b'n' => b'\n',
                    b'v' => 11,
                    b'f' => 12,
                    b'r' => b'\r',
                    b'"' | b'\\' => escape,
                    b'0'..=b'3' => {
                        at += 2;
                        (escape - b'0') << 6 | digit(at - 2)? << 3 | digit(at - 1)?
                    }
                    _ => return None,
                });
            }
            other => name.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(list: &str, separator: u8) -> Vec<String> {
        listed_folders(list.as_bytes(), separator).into_iter().map(|name| String::from_utf8(name).unwrap()).collect()
    }

    #[test]
    fn lists_are_read_as_git_writes_them() {
        assert_eq!(read("/a/objects:/b", b':'), ["/a/objects", "/b"]);
        assert_eq!(read("\"/a:\\\"b\\\"\\n\\303\\244\":/c:", b':'), ["/a:\"b\"\nä", "/c"]);
        assert_eq!(read("# a comment\n../other/objects\n\n\"/a\\\\\nb\"\n", b'\n'), ["../other/objects", "/a\\\nb"]);
        assert_eq!(read("::", b':'), [""; 0]);
        assert_eq!(read("", b':'), [""; 0]);
    }

    #[test]
    fn broken_quotes_are_part_of_the_name() {
        for broken in ["\"/a", "\"/a\\", "\"/a\\q\"", "\"/a\\9\"", "\"/a\\38\"", "\"/a\\12"] {
            assert_eq!(read(&format!("{broken}:/b"), b':'), [broken, "/b"]);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_come_to_an_end(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let _ = listed_folders(&bytes, b':');
        }
    }
}
