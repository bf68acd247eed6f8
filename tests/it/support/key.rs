//! Made-up keys. In: a seed. Out: values in the shape of Alibaba Cloud's, the same for the same seed.
//!
//! Needs nothing but `std`, so that unit tests and rule examples can use it too. No value stands in the source.

/// Lengths that AccessKey IDs are seen with.
pub(crate) const ID_LENGTH: usize = 24;
/// The length of an AccessKey secret.
pub(crate) const SECRET_LENGTH: usize = 30;

const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const DIGITS: &[u8] = b"0123456789";

/// Makes keys up, one after the other, from a seed.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    state: u64,
}

impl Keys {
    /// A sequence of keys of its own for every seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A sequence of keys of its own for every seed and name.
    pub(crate) fn named(seed: u64, name: &str) -> Self {
        // FNV-1a: small, and the same on every platform and in every release of std.
        let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        let name = name.bytes().fold(0xcbf2_9ce4_8422_2325, hash);
        Self { state: seed ^ name }
    }

    /// An AccessKey ID of `length` characters: 24 today, 16 in old accounts.
    pub(crate) fn access_key_id(&mut self, length: usize) -> String {
        let prefix = if length == ID_LENGTH { "LTAI5t" } else { "LTAI" };
        prefix.to_owned() + &self.mixed(length.saturating_sub(prefix.len()))
    }

    /// An AccessKey secret of 30 characters.
    pub(crate) fn access_key_secret(&mut self) -> String {
        self.mixed(SECRET_LENGTH)
    }

    /// The ID of a temporary credential: `STS.` and 25 characters.
    pub(crate) fn sts_id(&mut self) -> String {
        "STS.N".to_owned() + &self.mixed(24)
    }

    /// The secret of a temporary credential: 44 characters.
    pub(crate) fn sts_secret(&mut self) -> String {
        self.mixed(44)
    }

    /// The security token of a temporary credential: base64 of 400 characters, one of them `+`, one `/`.
    pub(crate) fn security_token(&mut self) -> String {
        format!("CAIS{}+{}/{}==", self.mixed(120), self.mixed(130), self.mixed(142))
    }

    /// `length` characters with upper case, lower case and digits among them where they fit.
    pub(crate) fn mixed(&mut self, length: usize) -> String {
        let mut text: Vec<u8> = (0..length).map(|_| self.pick(&[UPPER, LOWER, DIGITS].concat())).collect();
        // One of each, in places that cannot collide.
        for (class, kind) in [UPPER, LOWER, DIGITS].into_iter().enumerate() {
            let (from, to) = (class * length / 3, (class + 1) * length / 3);
            if from < to {
                text[from + self.below(to - from)] = self.pick(kind);
            }
        }
        text.into_iter().map(char::from).collect()
    }

    /// A number below `limit`, which must not be 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).expect("usize has at most 64 bits");
        usize::try_from(self.next() % limit).expect("it is below a usize")
    }

    fn pick(&mut self, alphabet: &[u8]) -> u8 {
        alphabet[self.below(alphabet.len())]
    }

    /// `SplitMix64`, <https://prng.di.unimi.it/splitmix64.c>.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_shapes_that_the_provider_uses() {
        for seed in 0..200 {
            let mut keys = Keys::new(seed);
            assert_eq!(keys.access_key_id(24).len(), 24);
            assert_eq!(keys.access_key_id(16).len(), 16);
            assert_eq!(keys.security_token().len(), 400);
            assert_eq!(keys.sts_id().len(), 29);
            assert_eq!(keys.sts_secret().len(), 44);
            let secret = keys.access_key_secret();
            assert_eq!(secret.len(), 30);
            assert!(secret.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            assert!(secret.bytes().any(|byte| byte.is_ascii_uppercase()));
            assert!(secret.bytes().any(|byte| byte.is_ascii_lowercase()));
            assert!(secret.bytes().any(|byte| byte.is_ascii_digit()));
        }
    }

    #[test]
    fn the_seed_alone_decides() {
        assert_eq!(Keys::new(7).access_key_secret(), Keys::new(7).access_key_secret());
        assert_ne!(Keys::new(7).access_key_secret(), Keys::new(8).access_key_secret());
        assert_ne!(Keys::named(7, "a").access_key_secret(), Keys::named(7, "b").access_key_secret());
    }
}
