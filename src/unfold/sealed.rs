//! Values that Serverless Devs has encrypted in its `access.yaml`, under a passphrase that its package publishes: whoever
//! has the file has the values. In: the encrypted text. Out: the value.
//!
//! The form is that of `CryptoJS` and of `openssl enc -aes-256-cbc -md md5`: base64 of `Salted__`, eight bytes of salt, and
//! AES-256-CBC under a key and an initialisation vector that MD5 makes of passphrase and salt.

use aes::Aes256;
use cbc::Decryptor;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit, block_padding::Pkcs7};
use md5::{Digest, Md5};

/// How an encrypted value begins: base64 of `Salted__`.
pub(crate) const HEAD: &[u8] = b"U2FsdGVkX1";
/// The constant `CRYPTO_STRING` of the npm package `@serverless-devs/credential`.
const PASSPHRASE: &[u8] = b"SecretKey123";
/// The most characters of an encrypted value: those of a security token.
const LONGEST: usize = 4096;

/// The encrypted text that begins at the beginning of `bytes`.
pub(crate) fn sealed(bytes: &[u8]) -> &[u8] {
    let inside = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
    &bytes[..bytes.iter().take(LONGEST).take_while(inside).count()]
}

/// The value that `sealed` is, if it was encrypted by Serverless Devs.
pub(crate) fn open(sealed: &[u8]) -> Option<Vec<u8>> {
    let bytes = decode_base64(sealed)?;
    let (salt, body) = bytes.strip_prefix(b"Salted__")?.split_at_checked(8)?;
    let (mut derived, mut last) = (Vec::new(), Vec::new());
    while derived.len() < 48 {
        let hash = Md5::new().chain_update(&last).chain_update(PASSPHRASE).chain_update(salt);
        last = hash.finalize().to_vec();
        derived.extend_from_slice(&last);
    }
    let cipher = Decryptor::<Aes256>::new_from_slices(&derived[..32], &derived[32..48]).ok()?;
    let mut body = body.to_vec();
    Some(cipher.decrypt_padded::<Pkcs7>(&mut body).ok()?.to_vec())
}

fn decode_base64(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.trim_ascii_end();
    let text = &text[..text.iter().rposition(|&byte| byte != b'=').map_or(0, |at| at + 1)];
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    for group in text.chunks(4) {
        let mut bits = 0_u32;
        for &byte in group {
            let six = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(six);
        }
        bits <<= 6 * (4 - group.len());
        bytes.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Made with `printf … | openssl enc -aes-256-cbc -md md5 -S 0102030405060708 -pass pass:SecretKey123 -base64 -A`, the
    // salt put in front.
    const KNOWN: [(&[u8], &[u8]); 2] = [
        (b"U2FsdGVkX18BAgMEBQYHCCPIAoQ7mEGpqnV2ueUz4mw=", b"true"),
        (b"U2FsdGVkX18BAgMEBQYHCGYocxWgn2duH1Qt/kpFxnVUCwxW/UsdmW6+zxHt6qBQ", b"a value of thirty characters 30"),
    ];

    #[test]
    fn opens_what_openssl_and_crypto_js_have_sealed() {
        for (text, value) in KNOWN {
            assert!(text.starts_with(HEAD));
            assert_eq!(open(sealed(&[text, b"\n".as_slice()].concat())).as_deref(), Some(value));
        }
    }

    #[test]
    fn leaves_closed_what_is_sealed_under_another_passphrase_or_damaged() {
        let (text, _) = KNOWN[1];
        for damaged in [&text[..text.len() - 1], &text[1..], &text[..24], b"U2FsdGVkX1", b""] {
            assert_eq!(open(damaged), None);
        }
    }
}
