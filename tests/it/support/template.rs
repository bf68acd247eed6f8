//! Texts with placeholders instead of keys. In: a template and a seed. Out: the text with made-up keys.
//!
//! | placeholder | becomes |
//! |---|---|
//! | `{{access-key-id}}`, `{{access-key-id:16}}`, `{{access-key-id:24:name}}` | an AccessKey ID (24 characters unless told) |
//! | `{{access-key-secret}}`, `{{access-key-secret:name}}` | an AccessKey secret |
//! | `{{sts-id}}`, `{{sts-secret}}`, `{{security-token}}`, each also with `:name` | the parts of a temporary credential |
//!
//! The same name is the same value, also over several templates of one seed. A placeholder without a name has the
//! empty name, so it is the same value everywhere too. Everything else stays as it is.

use super::key::{ID_LENGTH, Keys};

/// Fills the placeholders of `template`. Braces around anything else (`${{ secrets.X }}`, `{{ name }}`) stay.
///
/// # Panics
///
/// On a placeholder that begins like one of ours and is none: a template is source code, so that is a mistake in it.
pub(crate) fn fill(template: &str, seed: u64) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        text.push_str(before);
        match after.split_once("}}") {
            Some((placeholder, after)) if ours(placeholder) => {
                text.push_str(&value(placeholder, seed));
                rest = after;
            }
            _ => {
                text.push_str("{{");
                rest = after;
            }
        }
    }
    text + rest
}

fn ours(placeholder: &str) -> bool {
    ["access-key", "sts-", "security-token"].iter().any(|kind| placeholder.starts_with(kind))
}

/// The value of one placeholder, named without its braces.
///
/// # Panics
///
/// If it does not know `placeholder`.
pub(crate) fn value(placeholder: &str, seed: u64) -> String {
    let (kind, options) = placeholder.split_once(':').unwrap_or((placeholder, ""));
    let (length, name) = match options.split_once(':') {
        Some((length, name)) => (Some(length), name),
        None if kind == "access-key-id" => (Some(options), ""),
        None => (None, options),
    };
    // The kind is part of the name, so that the ID and the secret of one name have nothing in common.
    let mut keys = Keys::named(seed, &format!("{kind}:{name}"));
    match (kind, length) {
        ("access-key-id", Some("")) => keys.access_key_id(ID_LENGTH),
        ("access-key-id", Some(length)) => keys.access_key_id(length.parse().expect("the length of an ID is a number")),
        ("access-key-secret", None) => keys.access_key_secret(),
        ("sts-id", None) => keys.sts_id(),
        ("sts-secret", None) => keys.sts_secret(),
        ("security-token", None) => keys.security_token(),
        _ => panic!("unknown placeholder {{{{{placeholder}}}}}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_is_the_same_value() {
        let text = fill("{{access-key-id:24:a}} {{access-key-id:24:a}} {{access-key-id:24:b}}", 1);
        let ids: Vec<&str> = text.split(' ').collect();
        assert_eq!(ids[0], ids[1]);
        assert_ne!(ids[0], ids[2]);
        assert_eq!(ids[0].len(), 24);
        assert_ne!(ids[0], value("access-key-id:24:a", 2));
    }

    #[test]
    fn every_placeholder_is_filled_and_the_rest_stays() {
        let text = fill("{{ {{ id }}={{access-key-id:16}} ${{ secrets.X }} {{access-key-secret:x}} {{", 1);
        let id = value("access-key-id:16", 1);
        let secret = value("access-key-secret:x", 1);
        assert_eq!(text, format!("{{{{ {{{{ id }}}}={id} ${{{{ secrets.X }}}} {secret} {{{{"));
    }

    #[test]
    #[should_panic(expected = "unknown placeholder")]
    fn an_unknown_placeholder_is_a_mistake() {
        fill("{{access-key}}", 1);
    }
}
