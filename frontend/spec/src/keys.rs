//! The table of the format: each object's keys, with a line about each and the shape of its value.
//!
//! The decoder takes from it which keys there are and which must be there, the schema takes from it
//! everything. What a table cannot say (that `from` and `text` exclude each other) is a [`Rule`].

mod build;
mod extension;
pub(crate) mod forms;
mod image;

pub(crate) use build::{BUILD, CACHE, REGISTRY_KINDS, SECRET, SOURCE, SOURCE_KINDS, STEP};
pub(crate) use extension::{EXTENSION, FILE, INSTALL, PARAMETER, REPOSITORY, SHELL, TEST};
pub(crate) use forms::ARCHITECTURES;
pub(crate) use image::{ARGUMENT, IMAGE};

/// A mapping with keys of the format.
#[derive(Debug)]
pub(crate) struct Object {
    /// Its name among the schema's definitions.
    pub(crate) name: &'static str,
    /// One line for people.
    pub(crate) description: &'static str,
    /// Its keys, in the order they are shown.
    pub(crate) keys: &'static [Key],
    /// What holds between its keys.
    pub(crate) rules: &'static [Rule],
}

/// A key of an object.
#[derive(Debug)]
pub(crate) struct Key {
    /// The key.
    pub(crate) name: &'static str,
    /// One line for people, shown by editors and in the help of errors.
    pub(crate) description: &'static str,
    /// What its value is.
    pub(crate) shape: Shape,
    /// Whether it must be there.
    pub(crate) presence: Presence,
}

/// Whether a key must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Required,
    Optional,
    /// Not in this version; the schema does not have it.
    Planned,
}

/// What holds between the keys of one object.
#[derive(Debug)]
pub(crate) enum Rule {
    /// Exactly one of these is there.
    OneOf(&'static [&'static str]),
    /// When the first is there, exactly one of the others is.
    With(&'static str, &'static [&'static str]),
}

/// What a value is.
#[derive(Debug)]
pub(crate) enum Shape {
    /// Text of any form.
    Text,
    /// Text of a form.
    Form(&'static Form),
    /// One of these words.
    Word(&'static [&'static str]),
    /// The plain word `true`.
    True,
    /// The plain words `true` and `false`.
    Boolean,
    /// A list.
    List(&'static Shape),
    /// A list with at least one entry.
    Filled(&'static Shape),
    /// A mapping with keys of the format.
    Object(&'static Object),
    /// A mapping with keys of that form, chosen by the user.
    Map(&'static Form, &'static Shape),
    /// A mapping with these keys, at least one, all of one shape.
    Each(&'static [&'static str], &'static Shape),
    /// A mapping with exactly one key, whose value may be absent.
    Single(&'static Form, &'static Shape),
    /// An object with at least so many keys.
    AtLeast(usize, &'static Object),
    /// Any one of these.
    Any(&'static [Shape]),
}

/// A form of text.
#[derive(Debug)]
pub(crate) struct Form {
    /// A regular expression (ECMA-262) over all of the text.
    pub(crate) pattern: &'static str,
    /// Whether text that YAML takes for a number or a boolean may have it.
    pub(crate) loose: bool,
}

impl Object {
    /// The key of that name.
    pub(crate) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// The names of the keys of this version.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        let present = |key: &&Key| key.presence != Presence::Planned;
        self.keys.iter().filter(present).map(|key| key.name)
    }
}

const fn required(name: &'static str, description: &'static str, shape: Shape) -> Key {
    Key {
        name,
        description,
        shape,
        presence: Presence::Required,
    }
}

const fn optional(name: &'static str, description: &'static str, shape: Shape) -> Key {
    Key {
        name,
        description,
        shape,
        presence: Presence::Optional,
    }
}

const fn planned(name: &'static str, description: &'static str) -> Key {
    Key {
        name,
        description,
        shape: Shape::Text,
        presence: Presence::Planned,
    }
}
