//! Escaping, one function for each target. In: text from anywhere. Out: text that the target cannot mistake for
//! anything else.

use std::borrow::Cow;
use std::fmt::Write as _;

/// `text` for a terminal: what could move the cursor, turn the direction of writing or hide something is spelled out,
/// as `\n` or `\u{202e}`. Everything else stays as it is.
///
/// Names of files, refs and authors are hostile: a right-to-left override makes `exe.txt` of `txt.exe`, an escape
/// sequence rewrites the line above, and a newline makes two lines of a report from one.
pub fn terminal(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            hidden if is_hidden(hidden) => {
                let _ = write!(escaped, "\\u{{{:x}}}", u32::from(hidden));
            }
            plain => escaped.push(plain),
        }
    }
    Cow::Owned(escaped)
}

/// Control characters, and those that format or that have no shape of their own.
///
/// Unicode 16: the general categories `Cc`, `Zl` and `Zp`, the property `Default_Ignorable_Code_Point`, and of `Cf` the
/// rest that nothing shows (interlinear annotation).
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' // soft hyphen
            | '\u{34f}' // combining grapheme joiner
            | '\u{61c}' // Arabic letter mark: direction
            | '\u{115f}'..='\u{1160}' | '\u{3164}' | '\u{ffa0}' // Hangul fillers: look like nothing
            | '\u{17b4}'..='\u{17b5}' // Khmer vowels without shape
            | '\u{180b}'..='\u{180f}' // Mongolian selectors
            | '\u{200b}'..='\u{200f}' // zero width, direction marks
            | '\u{2028}'..='\u{202e}' // line and paragraph separators, direction overrides
            | '\u{2060}'..='\u{206f}' // word joiner, invisible operators, direction isolates
            | '\u{fe00}'..='\u{fe0f}' // variation selectors
            | '\u{feff}' // byte order mark
            | '\u{fff0}'..='\u{fffb}' // unassigned ignorables, interlinear annotation
            | '\u{1bca0}'..='\u{1bca3}' // shorthand format controls
            | '\u{1d173}'..='\u{1d17a}' // musical format controls
            | '\u{e0000}'..='\u{e0fff}') // tags, more variation selectors
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spells_out_what_hides() {
        assert_eq!(terminal("a\nb\tc\r"), "a\\nb\\tc\\r");
        assert_eq!(terminal("\u{1b}[31m"), "\\u{1b}[31m");
        assert_eq!(terminal("txt\u{202e}exe"), "txt\\u{202e}exe");
        assert_eq!(
            terminal("\u{feff}a\u{200b}\u{2028}\u{e0041}\u{fe0f}\u{9b}"),
            "\\u{feff}a\\u{200b}\\u{2028}\\u{e0041}\\u{fe0f}\\u{9b}"
        );
    }

    #[test]
    fn plain_text_of_any_script_stays() {
        for plain in ["", "conf/app.json:4", "数据/配置.json", "Ünïcode – “quoted” …", "ملف", "C:\\x"]
        {
            assert!(matches!(terminal(plain), Cow::Borrowed(same) if same == plain), "{plain}");
        }
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left_and_nothing_else_is_touched(text in "(\\PC|\\p{C}|\\p{Z}|[a-z]){0,60}") {
            let escaped = terminal(&text);
            prop_assert!(!escaped.contains(is_hidden));
            prop_assert!(!escaped.contains(char::is_control));
            let shown: String = text.chars().filter(|&character| !is_hidden(character)).collect();
            let mut rest = escaped.chars();
            prop_assert!(shown.chars().all(|character| rest.any(|other| other == character)), "{escaped}");
        }
    }
}
