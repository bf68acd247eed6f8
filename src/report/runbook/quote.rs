//! Text for a POSIX shell and for Markdown. In: text from anywhere. Out: text that can be nothing else there.

use super::super::escape::terminal;

/// `text` as one word of a POSIX shell, fit to be printed on a terminal.
pub(super) fn shell(text: &str) -> String {
    format!("'{}'", terminal(text).replace('\'', r"'\''"))
}

/// `text` in a line of Markdown: it is shown as it is. Words in single backticks stay code, in which nothing means
/// anything; every other mark loses its meaning, an `@` that would call somebody included.
pub(super) fn markdown(text: &str) -> String {
    const MARKS: &str = "\\*_[]<>#|~&!@$`";
    let text = terminal(text);
    let mut escaped = String::with_capacity(text.len() + 8);
    let mut rest = text.as_ref();
    // At the beginning of a line, these make lists.
    let digits = rest.len() - rest.trim_start_matches(|first: char| first.is_ascii_digit()).len();
    if rest.starts_with(['-', '+']) || (digits > 0 && rest[digits..].starts_with(['.', ')'])) {
        escaped.push_str(&rest[..digits]);
        escaped.push('\\');
        escaped.push_str(&rest[digits..=digits]);
        rest = &rest[digits + 1..];
    }
    while let Some(at) = rest.find(|character| MARKS.contains(character)) {
        escaped.push_str(&rest[..at]);
        let (mark, after) = rest[at..].split_at(1);
        let is_code = |(code, more): &(&str, &str)| {
            mark == "`" && !code.is_empty() && code.trim() == *code && !more.starts_with('`')
        };
        if let Some((code, more)) = after.split_once('`').filter(is_code) {
            escaped.push_str(&rest[at..at + code.len() + 2]);
            rest = more;
        } else {
            escaped.push('\\');
            escaped.push_str(mark);
            rest = after;
        }
    }
    escaped.push_str(rest);
    escaped
}

/// `text` as a piece of code within a line of Markdown.
pub(super) fn markdown_code(text: &str) -> String {
    let text = terminal(text);
    let fence = fence(&text, 1);
    // A space keeps a backtick at the end apart from the fence, and is not shown.
    if fence.len() > 1 || text.starts_with(' ') {
        format!("{fence} {text} {fence}")
    } else {
        format!("{fence}{text}{fence}")
    }
}

/// Backticks to put around code in Markdown: at least so many, and more than stand in a row in it.
pub(super) fn fence(code: &str, least: usize) -> String {
    let longest = code.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(least.max(longest + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_markdown_lose_their_meaning_and_code_stays_code() {
        assert_eq!(markdown("run `git gc` <b>*x*</b> @you [a](b)"), r"run `git gc` \<b\>\*x\*\</b\> \@you \[a\](b)");
        assert_eq!(markdown("a ` b"), r"a \` b");
        assert_eq!(markdown("``a``"), r"\`\`a\`\`");
        assert_eq!(markdown("a\n# b"), r"a\\n\# b");
        assert_eq!((markdown("- [x] a"), markdown("12. a")), (r"\- \[x\] a".into(), r"12\. a".into()));
        assert_eq!(markdown_code("a`b``c"), "``` a`b``c ```");
        assert_eq!(markdown_code("plain"), "`plain`");
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_prints_what_was_quoted() {
        for text in ["", "a'b", "''", "$(echo x)", "`echo x`", "-x", "*", "!!", "\\", "#a", "\u{e9}", "a\\'b"] {
            let script = format!("printf '%s|' {}", shell(text));
            let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{text}|"));
        }
        assert_eq!(shell("a\nb\u{1b}"), r"'a\nb\u{1b}'");
    }
}
