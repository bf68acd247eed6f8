//! `Candidate`: a value that may be part of a credential, with all that pairing needs to know of it.

use std::ops::Range;

use jiff::Timestamp;

use super::binding::Binding;
use super::scope::Scope;
use crate::model::{AccessKeyId, Confidence, DropReason, IdShape, Layer, PartRole, Region, Secret};
use crate::rule::{Name, Owner, Role, Trust};

/// A value that may be part of a credential.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// Where it stands.
    pub(super) region: Region,
    /// The scopes around it, innermost first.
    pub(super) scopes: Vec<Scope>,
    /// What it is.
    pub(super) value: Value,
    /// What names it, and how it stands there.
    pub(super) binding: Binding,
    /// How sure its own form makes it.
    pub(super) confidence: Confidence,
    /// What near by speaks of Alibaba Cloud.
    pub(super) context: Option<String>,
    /// The bytes in which it stands there, where it is put together from several literals, or encoded.
    pub(super) written: Option<Secret>,
    /// What was taken off to see it, outermost first.
    pub(super) layers: Vec<Layer>,
}

/// What a candidate's value is.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// An AccessKey ID.
    Id {
        id: AccessKeyId,
        /// Whether it counts only beside a secret.
        needs_secret: bool,
        /// Whether it signs a request here.
        signs: bool,
        /// When the signed request, or the STS credential, ends.
        expires: Option<Timestamp>,
    },
    /// An AccessKey secret.
    Secret(Secret),
    /// Something that stands in the place of a secret and is none: stars, a reference, a placeholder.
    NoSecret { masked: bool },
    /// A security token.
    Token { token: Secret, expires: Option<Timestamp> },
}

impl Candidate {
    /// Where it begins, in bytes of the content.
    pub(super) fn start(&self) -> u64 {
        self.region.start.offset
    }

    /// Where it ends.
    pub(super) fn end(&self) -> u64 {
        self.region.end.offset
    }

    pub(super) fn id(&self) -> Option<&AccessKeyId> {
        match &self.value {
            Value::Id { id, .. } => Some(id),
            _ => None,
        }
    }

    pub(super) fn secret(&self) -> Option<&Secret> {
        match &self.value {
            Value::Secret(secret) => Some(secret),
            _ => None,
        }
    }

    /// What its name says, if it has one that says something.
    pub(super) fn name(&self) -> Option<&Name> {
        self.binding.name.as_ref()
    }

    /// Whether it is an ID that a secret can belong to.
    pub(super) fn wants_secret(&self) -> bool {
        matches!(self.value, Value::Id { signs: false, .. })
    }

    pub(super) fn is_secret(&self) -> bool {
        matches!(self.value, Value::Secret(_) | Value::NoSecret { .. })
    }

    pub(super) fn is_sts_id(&self) -> bool {
        self.id().is_some_and(|id| id.shape() != IdShape::LongTerm)
    }

    /// How much its name can be relied upon; `None` for a value without a name that says what it is.
    pub(super) fn trust(&self) -> Option<Trust> {
        let name = self.name().filter(|name| name.role != Role::Other)?;
        Some(if name.role == Role::Either { name.trust.min(Trust::Context) } else { name.trust })
    }

    /// Whose it is, as far as words on its line tell.
    pub(super) fn owner(&self) -> &Owner {
        &self.binding.owner
    }

    pub(super) fn stem(&self) -> &str {
        self.name().map_or("", |name| &name.stem)
    }

    pub(super) fn role(&self) -> PartRole {
        match self.value {
            Value::Id { .. } => PartRole::AccessKeyId,
            Value::Secret(_) | Value::NoSecret { .. } => PartRole::AccessKeySecret,
            Value::Token { .. } => PartRole::SecurityToken,
        }
    }
}

/// A candidate before its position and structure are known: offsets are those of the window.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) span: Range<usize>,
    pub(super) value: Value,
    pub(super) binding: Binding,
    pub(super) confidence: Confidence,
    pub(super) context: Option<String>,
    pub(super) written: Option<Secret>,
    pub(super) layers: Vec<Layer>,
}

impl Spot {
    /// A secret that nothing names.
    pub(super) fn nameless(span: Range<usize>, secret: Secret) -> Self {
        let (value, binding, confidence) = (Value::Secret(secret), Binding::named(None), Confidence::High);
        Self { span, value, binding, confidence, context: None, written: None, layers: Vec::new() }
    }
}

/// A container that stands in an encoding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Packed {
    /// Where, in bytes of the content.
    pub(super) offset: u64,
    /// What was taken off last.
    pub(super) encoding: &'static str,
    pub(super) bytes: Vec<u8>,
}

/// A candidate that was dropped, in offsets of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Dropped {
    pub(super) start: usize,
    pub(super) part: PartRole,
    pub(super) reason: DropReason,
}
