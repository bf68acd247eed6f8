//! How a value is bound: what its name says, and how it stands there. In: what is read around a value. Out: plain data.

use crate::rule::{Name, Owner};

/// What names a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::detect) struct Binding {
    /// What the name says, if it means something.
    pub(in crate::detect) name: Option<Name>,
    /// A name that means nothing by itself: `prod` in `secrets: {prod: V}`.
    pub(in crate::detect) unknown: String,
    /// Whose the value is, as far as words on its line tell.
    pub(in crate::detect) owner: Owner,
    /// How the value stands there.
    pub(in crate::detect) form: Form,
    /// Where its name begins: what opens between that and the value encloses nothing else.
    pub(in crate::detect) from: Option<usize>,
}

impl Binding {
    /// What `name` says of the value behind it.
    pub(in crate::detect) fn named(name: Option<Name>) -> Self {
        Self { name, ..NAMELESS }
    }

    /// Whether its name says something, if only that the value is another: `license`, and not `a`.
    pub(in crate::detect) fn tells(&self) -> bool {
        self.name.is_some() || self.unknown.len() > 3
    }

    /// By its position.
    pub(in crate::detect) fn positional() -> Self {
        POSITIONAL
    }

    /// With a name that begins there.
    pub(in crate::detect) fn begins(self, from: usize) -> Self {
        Self { from: Some(from), ..self }
    }
}

/// How a value stands in its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::detect) enum Form {
    /// After a name of its own, known or not.
    Named,
    /// By its position: an argument, an element, a column, a part of `a:b`.
    Positional,
    /// With nothing before it on its line, perhaps below a heading, or with what stands before another value on the next.
    Alone,
    /// With nothing before it on its line, and its length on the line above, or who sent it and when, as above another.
    Counted,
    /// Put together from pieces, under a name that says nothing, or none.
    Pieces,
    /// In a variable whose name says nothing, declared right behind another such one, which holds an ID.
    Beside,
}

pub(super) const NAMELESS: Binding = unnamed(Form::Named);
pub(super) const POSITIONAL: Binding = unnamed(Form::Positional);
pub(super) const ALONE: Binding = unnamed(Form::Alone);
pub(super) const COUNTED: Binding = unnamed(Form::Counted);

const fn unnamed(form: Form) -> Binding {
    Binding { name: None, unknown: String::new(), owner: Owner::UNKNOWN, form, from: None }
}
