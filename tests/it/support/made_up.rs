//! Made-up keys in templates, by [`akscan::MadeUp`]. In: a template and a seed. Out: the text.

use akscan::MadeUp;

/// Fills the placeholders of `template`: the same seed, the same keys.
pub(crate) fn fill(template: &str, seed: u64) -> String {
    MadeUp::new(seed).fill(template)
}

/// The ID that [`fill`] puts in place of a template's first placeholder, if that is `{{access-key-id:24}}`.
pub(crate) fn first_id(seed: u64) -> String {
    MadeUp::new(seed).access_key_id(24)
}
