//! The name of a git object.

use std::fmt;

use super::hash::{from_hex, to_hex};

/// The name of a git object: 20 bytes in SHA-1 repositories, up to 32 in others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    bytes: [u8; 32],
    length: u8,
}

impl ObjectId {
    /// Takes the raw bytes of a name; `None` if there are more than 32.
    pub fn from_bytes(raw: &[u8]) -> Option<Self> {
        let mut bytes = [0; 32];
        bytes.get_mut(..raw.len())?.copy_from_slice(raw);
        Some(Self { bytes, length: u8::try_from(raw.len()).ok()? })
    }

    /// Reads a whole name: 40 or 64 hexadecimal digits.
    pub fn from_hex(digits: &[u8]) -> Option<Self> {
        matches!(digits.len(), 40 | 64).then(|| from_hex(digits)).flatten().and_then(|raw| Self::from_bytes(&raw))
    }

    /// Whether it names nothing: git writes zeros where there is no object.
    pub fn is_zero(&self) -> bool {
        self.bytes == [0; 32]
    }

    /// The raw bytes of the name.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(self.as_bytes()))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_whole_or_not_at_all() {
        let text = "38e7b47a77b09cb5c3ca01f4760296c08537346b";
        let id = ObjectId::from_hex(text.as_bytes()).unwrap();
        assert_eq!((id.to_string().as_str(), id.is_zero()), (text, false));
        assert_eq!(ObjectId::from_hex(text.to_uppercase().as_bytes()), Some(id));
        assert_eq!(ObjectId::from_hex(&[b'a'; 64]).unwrap().as_bytes().len(), 32);
        assert!(ObjectId::from_hex(&[b'0'; 40]).unwrap().is_zero());
        for wrong in [
            "",
            "38e7",
            &text[1..],
            "38e7b47a77b09cb5c3ca01f4760296c08537346g",
            "+8e7b47a77b09cb5c3ca01f4760296c08537346b",
        ] {
            assert_eq!(ObjectId::from_hex(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
