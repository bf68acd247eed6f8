//! Masks: what is written over a key, or over the rest of one. In: bytes. Out: whether they are a mask.

use std::ops::Range;

/// Marks that hide what stands there, as they are and as other formats spell them.
const MARKS: [&str; 15] =
    ["*", "\\*", "•", "●", "█", "∗", "＊", "…", "⬤", "■", "%2a", "&#42;", "&#x2a;", "&ast;", "\\u002a"];
/// Words that say it.
const WORDS: [&[u8]; 7] = [b"redacted", b"hidden", b"masked", b"filtered", b"removed", b"sensitive", b"omitted"];
/// Those of Chinese.
const CHINESE: [&str; 3] = ["脱敏", "隐藏", "省略"];
/// How much is looked at.
const LONGEST: usize = 32;
/// How far before a value an emphasis may begin that ends behind it, and how many stars it may have.
const EMPHASIS_REACH: usize = 256;
const MOST_STARS: usize = 3;

/// Whether a mask follows `value`, which may be whole: stars (in Markdown written `\*`), bullets, an ellipsis.
pub(super) fn follows(bytes: &[u8], value: &Range<usize>) -> bool {
    let after = &bytes[value.end..];
    hides(after) && !is_closing(&bytes[..value.start], after)
}

fn hides(after: &[u8]) -> bool {
    let dots = after.iter().take_while(|&&byte| byte == b'.').count();
    let trails_off = dots >= 3 && !after.get(dots).is_some_and(u8::is_ascii_alphanumeric);
    trails_off || begins_with_mark(after)
}

/// Whether a mask follows the beginning of a value: also one that would be a separator, or a remark, behind a whole one.
pub(super) fn fills_up(bytes: &[u8], value: &Range<usize>) -> bool {
    let after = &bytes[value.end..];
    let Some(&first) = after.first() else { return false };
    let again = after.iter().take(2 * LONGEST).take_while(|&&byte| byte == first).count();
    // `ID----secret` is no mask.
    let line = b"#-_?~".contains(&first) && again >= 4 && !after.get(again).is_some_and(u8::is_ascii_alphanumeric);
    line || follows(bytes, value) || is_remark(after)
}

/// Whether `value` hides a key: stars, bullets, one character again and again, `[REDACTED]`.
pub(super) fn is_mask(value: &[u8]) -> bool {
    let stars = memchr::memchr_iter(b'*', value).count() >= 3;
    let again = value.len() >= 3 && b"xX#.-_?~".contains(&value[0]) && value.iter().all(|byte| *byte == value[0]);
    let marked = !value.starts_with(b"*") && !value.starts_with(b"\\*") && begins_with_mark(value);
    let outside = |byte: &u8| !byte.is_ascii_alphabetic();
    let from = value.iter().take_while(|byte| outside(byte)).count();
    let to = value.len() - value[from..].iter().rev().take_while(|byte| outside(byte)).count();
    let word = value[from..to].to_ascii_lowercase();
    stars || again || marked || WORDS.contains(&word.as_slice()) || is_remark(value)
}

/// Whether the stars in which `after` begins hide nothing, because they close an emphasis (`**V**`, `*name: V*`) or a
/// comment (`/*name=V*/`).
fn is_closing(before: &[u8], after: &[u8]) -> bool {
    let before = &before[before.len().saturating_sub(EMPHASIS_REACH)..];
    let paragraph = memchr::memmem::rfind(before, b"\n\n").map_or(before, |end| &before[end + 2..]);
    let (paragraph, after) = (unescaped(paragraph), unescaped(&after[..after.len().min(LONGEST)]));
    let stars = after.iter().take_while(|&&byte| byte == b'*').count();
    let ends_comment = match after.get(stars) {
        Some(b'/') => stars < MOST_STARS,
        Some(b')') => memchr::memmem::rfind(&paragraph, b"(*").is_some(),
        _ => false,
    };
    (1..=MOST_STARS).contains(&stars) && (ends_comment || is_open(&paragraph, stars))
}

/// `text` without the backslashes before its stars.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let escapes = |at: usize| text[at] == b'\\' && text.get(at + 1) == Some(&b'*');
    (0..text.len()).filter(|&at| !escapes(at)).map(|at| text[at]).collect()
}

/// Whether an emphasis of so many stars that begins in `paragraph` does not end there.
fn is_open(paragraph: &[u8], stars: usize) -> bool {
    let mut open = false;
    let mut at = 0;
    while let Some(start) = memchr::memchr(b'*', &paragraph[at..]).map(|found| at + found) {
        let end = start + paragraph[start..].iter().take_while(|&&byte| byte == b'*').count();
        let before = start.checked_sub(1).map(|before| paragraph[before]);
        // Nothing but the value may stand behind the last.
        let text = |byte: &u8| byte.is_ascii_alphanumeric() || b"`_[(<~&".contains(byte) || *byte >= 0x80;
        let opens = before.is_none_or(|byte| !byte.is_ascii_alphanumeric()) && paragraph.get(end).is_none_or(text);
        let closes = before.is_some_and(|byte| !byte.is_ascii_whitespace());
        if end - start == stars {
            open = if open { !closes } else { opens };
        }
        at = end;
    }
    open
}

fn begins_with_mark(text: &[u8]) -> bool {
    let begins = |mark: &&str| text.get(..mark.len()).is_some_and(|text| text.eq_ignore_ascii_case(mark.as_bytes()));
    MARKS.iter().any(begins)
}

/// Whether brackets begin in which dots stand, or a word that says that something is hidden: `[...]`, `（已脱敏）`.
fn is_remark(text: &[u8]) -> bool {
    const BRACKETS: [(&str, &str); 5] = [("[", "]"), ("(", ")"), ("（", "）"), ("【", "】"), ("<", ">")];
    let near = &text[..text.len().min(LONGEST)];
    BRACKETS.iter().any(|(open, close)| {
        let Some(inside) = near.strip_prefix(open.as_bytes()) else { return false };
        let Some(end) = memchr::memmem::find(inside, close.as_bytes()) else { return false };
        let inside = &inside[..end];
        let says = |word: &&str| memchr::memmem::find(inside, word.as_bytes()).is_some();
        hides(inside) || WORDS.contains(&inside.to_ascii_lowercase().as_slice()) || CHINESE.iter().any(says)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a mask follows `V` in `text`, and whether one fills it up.
    fn around(text: &str) -> (bool, bool) {
        let at = text.find('V').unwrap();
        (follows(text.as_bytes(), &(at..at + 1)), fills_up(text.as_bytes(), &(at..at + 1)))
    }

    fn masked(after: &str) -> (bool, bool) {
        around(&format!("V{after}"))
    }

    #[test]
    fn an_emphasis_is_no_mask() {
        for text in [
            "*V*",
            "ID: **V**\n",
            "ID: ***V***",
            "| **V** | **S** |",
            "**ID: V**",
            "*ID:* x, *secret: V*",
            "**ID: x\nsecret: V**",
            "\\*\\*V\\*\\*",
            "/*accessKeyId=V*/",
            "(* accessKeyId=V*)",
            "/** accessKeyId=x\n * secret=V**/",
        ] {
            assert_eq!(around(text), (false, false), "{text}");
        }
        for text in [
            "V*",
            "V**",
            "**V*",
            "*V**",
            "****V****",
            "**V****",
            "* V*",
            "x***V***",
            "*a* V*",
            "***, V***",
            "**a\n\nV**",
            "V***/",
        ] {
            assert_eq!(around(text), (true, true), "{text}");
        }
    }

    #[test]
    fn a_mask_is_one_in_every_spelling() {
        for mask in
            ["****", "\\*\\*", "...", "…", "•••", "█████", "＊＊＊＊", "%2A%2A%2A%2A", "&#42;&#42;", "\\u002a\\u002a"]
        {
            assert_eq!(masked(mask), (true, true), "{mask}");
        }
        for mask in
            ["########", "--------", "________\n", "????????\"", "~~~~~~~~", "[...]", "[…]", "（已脱敏）", "<hidden>"]
        {
            assert_eq!(masked(mask), (false, true), "{mask}");
        }
        for other in ["", "\n", "----secret", "--\n", "...rest", "(prod)", "[0]", "%20", "?x=1", "_test"] {
            assert_eq!(masked(other), (false, false), "{other}");
        }
    }
}
