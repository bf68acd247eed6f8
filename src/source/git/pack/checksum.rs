//! Checksums of whole files. In: bytes. Out: their hash, by the function that git uses for hashes of that length.

use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// SHA-1 of `bytes` where a hash has 20 bytes, else SHA-256.
pub(super) fn of(hash: usize, bytes: &[u8]) -> Vec<u8> {
    if hash == 20 { Sha1::digest(bytes).to_vec() } else { Sha256::digest(bytes).to_vec() }
}
