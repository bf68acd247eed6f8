//! How long a text may be that a file brings along: it ends up in reports and plans. In: what is known of a key. Out: the
//! same, with `…` at the end of whatever is longer than anything of its kind. No command takes such a name for a user's.

use crate::model::{KeyHistory, KeyRecord, Owner};

/// A user's name has 64 characters at most (RAM, `CreateUser`).
const USER_NAME: usize = 64;
/// A logon name has 128 (IMS, `CreateUser`).
const LOGON_NAME: usize = 128;
/// A product's code, a call, an address.
const WORD: usize = 128;
/// A resource may be named by its whole path, and a file by its folders.
const NAME: usize = 1_024;
/// An address on the web.
const PLACE: usize = 2_048;
/// More than Alibaba Cloud has.
const MOST_PRODUCTS: usize = 500;

/// An owner whose names are no longer than names can be.
pub(super) fn owner(mut owner: Owner) -> Owner {
    cut_all(&mut owner.user_name, USER_NAME);
    cut_all(&mut owner.user_principal_name, LOGON_NAME);
    owner
}

/// A record of which no text is longer than one of its kind can be.
pub(super) fn record(mut record: KeyRecord) -> KeyRecord {
    record.owner = owner(record.owner);
    cut_all(&mut record.last_used.service, WORD);
    record.last_used.products.truncate(MOST_PRODUCTS);
    cut_all(&mut record.last_used.products, WORD);
    cut(&mut record.source, NAME);
    let KeyHistory { status_events, uses, leaks, never_used: _ } = &mut record.history;
    cut_all(status_events.iter_mut().map(|event| &mut event.source), NAME);
    cut_all(uses.iter_mut().map(|used| &mut used.name), NAME);
    cut_all(uses.iter_mut().filter_map(|used| used.within.as_mut()), WORD);
    cut_all(leaks.iter_mut().map(|leak| &mut leak.place), PLACE);
    record
}

fn cut_all<'t>(texts: impl IntoIterator<Item = &'t mut String>, most: usize) {
    texts.into_iter().for_each(|text| cut(text, most));
}

/// Cuts a text of more than `most` characters.
fn cut(text: &mut String, most: usize) {
    // There are no more characters than bytes.
    if text.len() > most && text.chars().nth(most).is_some() {
        let end = text.char_indices().nth(most - 1).map_or(text.len(), |(end, _)| end);
        text.truncate(end);
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_what_is_too_long_is_cut_and_only_once() {
        let cut = |text: &str| {
            let mut text = text.to_owned();
            super::cut(&mut text, 4);
            text
        };
        for (text, expected) in [("", ""), ("abcd", "abcd"), ("üüüü", "üüüü"), ("abcde", "abc…"), ("üüüüü", "üüü…")]
        {
            assert_eq!(cut(text), expected);
            assert_eq!(cut(expected), expected);
        }
    }
}
