//! One pattern for paths, with the meaning that it has in a `.gitignore`. In: the pattern. Out: whether a path matches.

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::model::PathBytes;

/// A pattern such as `docs/**`, `*.md`, `/top` or `fixtures/`, as in a `.gitignore` at the repository's root.
///
/// What matches a folder matches everything in it. Members of a container are below it: `a.zip!/**`.
#[derive(Clone, Debug)]
pub struct PathGlob {
    pattern: String,
    matcher: Gitignore,
}

/// Why a pattern is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadGlob {
    /// Nothing, or what a `.gitignore` takes for a comment.
    #[error("the pattern is empty")]
    Empty,
    /// `!` takes back an earlier pattern, and here is only one.
    #[error("a pattern cannot begin with `!`")]
    Negated,
    /// It is no pattern.
    #[error("{0}")]
    Syntax(String),
}

impl PathGlob {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// If it is empty, begins with `!`, or is no pattern.
    pub fn new(pattern: &str) -> Result<Self, BadGlob> {
        if pattern.starts_with('!') {
            return Err(BadGlob::Negated);
        }
        let syntax = |error: ignore::Error| BadGlob::Syntax(error.to_string());
        let mut builder = GitignoreBuilder::new("");
        builder.allow_unclosed_class(false);
        builder.add_line(None, pattern).map_err(syntax)?;
        let matcher = builder.build().map_err(syntax)?;
        if matcher.is_empty() {
            return Err(BadGlob::Empty);
        }
        Ok(Self { pattern: pattern.to_owned(), matcher })
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.pattern
    }

    /// Whether `path` matches, or a folder that it is in.
    pub fn matches(&self, path: &PathBytes) -> bool {
        // The matcher panics on absolute paths; those of a report are absolute where the user typed an absolute PATH.
        let bytes = path.as_bytes();
        let start = bytes.iter().position(|&byte| byte != b'/').unwrap_or(bytes.len());
        let relative = PathBytes::new(&bytes[start..]).to_path();
        relative
            .is_some_and(|path| !path.has_root() && self.matcher.matched_path_or_any_parents(path, false).is_ignore())
    }
}

impl PartialEq for PathGlob {
    fn eq(&self, other: &Self) -> bool {
        self.pattern == other.pattern
    }
}

impl Eq for PathGlob {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn matches_as_a_gitignore_does() {
        let cases = [
            ("docs/**", "docs/a/b.md", true),
            ("docs/**", "src/docs/b.md", false),
            ("docs", "src/docs/b.md", true),
            ("/docs", "src/docs/b.md", false),
            ("docs/", "docs", false),
            ("*.md", "a/b/c.md", true),
            ("*.md", "a/b/c.mdx", false),
            ("a.zip!/**", "a.zip!/conf/x", true),
            ("a.zip", "a.zip!/conf/x", false),
            ("docs", "/docs/x", true),
            ("docs", "", false),
        ];
        for (pattern, path, expected) in cases {
            assert_eq!(PathGlob::new(pattern).unwrap().matches(&path.into()), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn refuses_what_is_no_single_pattern() {
        assert_eq!(PathGlob::new("").unwrap_err(), BadGlob::Empty);
        assert_eq!(PathGlob::new("# docs").unwrap_err(), BadGlob::Empty);
        assert_eq!(PathGlob::new("!docs").unwrap_err(), BadGlob::Negated);
        assert!(matches!(PathGlob::new("a[").unwrap_err(), BadGlob::Syntax(_)));
    }

    proptest! {
        #[test]
        fn never_panics(pattern in ".{0,20}", path in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(glob) = PathGlob::new(&pattern) {
                glob.matches(&PathBytes::new(path));
            }
        }
    }
}
