//! The words of a name, however it is written: `accessKeyId`, `ACCESS_KEY_ID`. In: a name. Out: its letters and digits in
//! small letters, and where each word begins in them.

pub(super) fn words_of<'a>(squashed: &'a str, starts: &[usize]) -> Vec<&'a str> {
    starts.iter().zip(ends_of(squashed, starts)).filter_map(|(&start, end)| squashed.get(start..end)).collect()
}

/// Where each word of `squashed` ends.
pub(super) fn ends_of(squashed: &str, starts: &[usize]) -> impl Iterator<Item = usize> {
    starts.iter().skip(1).copied().chain([squashed.len()])
}

/// `name` in lower case without what stands between its words, and where each word begins in that.
pub(super) fn squash(name: &str) -> (String, Vec<usize>) {
    let mut squashed = String::with_capacity(name.len());
    let mut starts = Vec::new();
    let mut previous = None::<char>;
    let mut characters = name.chars().peekable();
    while let Some(character) = characters.next() {
        if !character.is_alphanumeric() {
            previous = None;
            continue;
        }
        // `accessKeyID2`, `HTTPServer`: a word begins at a capital after a small letter, at the last of several
        // capitals before a small letter, and where digits, or another script, begin or end.
        let next_is_lower = characters.peek().is_some_and(char::is_ascii_lowercase);
        let begins = previous.is_none_or(|previous| {
            (character.is_ascii_uppercase() && (!previous.is_ascii_uppercase() || next_is_lower))
                || character.is_ascii_digit() != previous.is_ascii_digit()
                || character.is_ascii() != previous.is_ascii()
        });
        if begins {
            starts.push(squashed.len());
        }
        squashed.extend(character.to_lowercase());
        previous = Some(character);
    }
    (squashed, starts)
}
