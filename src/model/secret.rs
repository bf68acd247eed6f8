//! `Secret`: bytes that cannot be displayed, logged or serialised.

use std::fmt;

use zeroize::Zeroize as _;

use super::SecretHash;

/// The sensitive bytes of a credential.
///
/// It implements neither `Display` nor `Serialize`; [`Secret::expose`] is the one greppable way to the bytes.
/// The bytes are overwritten when the value is dropped.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// How many characters the secret of an AccessKey has: letters and digits.
    pub const LENGTH: usize = 30;
    /// How many the longest secrets of temporary credentials have.
    pub const LONGEST: usize = 64;

    /// Takes a copy of `bytes`.
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// The bytes themselves. Every caller has to be able to say why it needs them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// SHA-256 of the bytes: safe to keep, because 30 random characters cannot be guessed back.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret([{} bytes])", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_only_the_length() {
        assert_eq!(format!("{:?}", Secret::new(b"hunter2")), "Secret([7 bytes])");
    }
}
