//! Bytes → more bytes.
