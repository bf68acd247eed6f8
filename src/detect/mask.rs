//! Masks: what is written over a key, or over the rest of one. In: bytes. Out: whether they are a mask.

/// Marks that hide what stands there, as they are and as other formats spell them.
const MARKS: [&str; 15] =
    ["*", "\\*", "•", "●", "█", "∗", "＊", "…", "⬤", "■", "%2a", "&#42;", "&#x2a;", "&ast;", "\\u002a"];
/// Words that say it.
const WORDS: [&[u8]; 7] = [b"redacted", b"hidden", b"masked", b"filtered", b"removed", b"sensitive", b"omitted"];
/// Those of Chinese.
const CHINESE: [&str; 3] = ["脱敏", "隐藏", "省略"];
/// How much is looked at.
const LONGEST: usize = 32;

/// Whether a mask follows a value that may be whole: stars (in Markdown written `\*`), bullets, an ellipsis.
pub(super) fn follows(after: &[u8]) -> bool {
    let dots = after.iter().take_while(|&&byte| byte == b'.').count();
    let trails_off = dots >= 3 && !after.get(dots).is_some_and(u8::is_ascii_alphanumeric);
    trails_off || begins_with_mark(after)
}

/// Whether a mask follows the beginning of a value: also one that would be a separator, or a remark, behind a whole one.
pub(super) fn fills_up(after: &[u8]) -> bool {
    let Some(&first) = after.first() else { return false };
    let again = after.iter().take(2 * LONGEST).take_while(|&&byte| byte == first).count();
    // `ID----secret` is no mask.
    let line = b"#-_?~".contains(&first) && again >= 4 && !after.get(again).is_some_and(u8::is_ascii_alphanumeric);
    line || follows(after) || is_remark(after)
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
        follows(inside) || WORDS.contains(&inside.to_ascii_lowercase().as_slice()) || CHINESE.iter().any(says)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_is_one_in_every_spelling() {
        for mask in
            ["****", "\\*\\*", "...", "…", "•••", "█████", "＊＊＊＊", "%2A%2A%2A%2A", "&#42;&#42;", "\\u002a\\u002a"]
        {
            assert!(follows(mask.as_bytes()) && fills_up(mask.as_bytes()), "{mask}");
        }
        for mask in
            ["########", "--------", "________\n", "????????\"", "~~~~~~~~", "[...]", "[…]", "（已脱敏）", "<hidden>"]
        {
            assert!(!follows(mask.as_bytes()) && fills_up(mask.as_bytes()), "{mask}");
        }
        for other in ["", "\n", "----secret", "--\n", "...rest", "(prod)", "[0]", "%20", "?x=1", "_test"] {
            assert!(!follows(other.as_bytes()) && !fills_up(other.as_bytes()), "{other}");
        }
    }
}
