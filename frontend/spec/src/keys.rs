//! The table of the format: each object's keys, with a line about each and the shape of its value, and
//! the rules that hold between them.
//!
//! The decoder checks keys, rules and words by it, and the schema is made of nothing else. What a
//! table cannot say, such as that two sources have different names, is code of the decoder.

mod build;
mod extension;
pub(crate) mod forms;
mod image;

use source::Code;

pub(crate) use build::{BUILD, CACHE, SECRET, SOURCE, STEP};
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
    /// Keys that are easily written here although they belong elsewhere.
    pub(crate) misplaced: &'static [Misplaced],
}

/// Keys that belong to another object.
#[derive(Debug)]
pub(crate) struct Misplaced {
    /// The keys.
    pub(crate) keys: &'static [&'static str],
    /// Where they belong, as the help of an error.
    pub(crate) help: &'static str,
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
    /// Exactly one of these keys is written. Rules further down hold where that is so.
    OneOf(&'static [&'static str]),
    /// Beside each of `keys`, exactly one of `one_of` is written.
    Needs {
        keys: &'static [&'static str],
        one_of: &'static [&'static str],
        /// What is reported when none is written; without it, what is reported for any missing key.
        missing: Option<Missing>,
    },
    /// Each of `keys` is written only beside one of `one_of`.
    OnlyWith {
        keys: &'static [&'static str],
        one_of: &'static [&'static str],
    },
}

/// How a missing key is reported that another key needs.
#[derive(Debug)]
pub(crate) struct Missing {
    /// The code.
    pub(crate) code: Code,
    /// What follows the value of the key that needs it, such as `has no checksum`.
    pub(crate) predicate: &'static str,
    /// What to do.
    pub(crate) help: &'static str,
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
    /// Among others, a mapping that is planned and not in this version; the schema does not have it.
    PlannedMapping,
}

/// A form of text.
#[derive(Debug)]
pub(crate) struct Form {
    /// A regular expression (ECMA-262) over all of the text.
    pub(crate) pattern: &'static str,
    /// Whether text that YAML takes for a number or a boolean may have it.
    pub(crate) loose: bool,
}

impl Shape {
    /// The words that can be written, where it has any.
    pub(crate) fn words(&self) -> &'static [&'static str] {
        match self {
            Shape::Word(words) => words,
            Shape::True => &["true"],
            Shape::Boolean => &["true", "false"],
            Shape::Any(shapes) => shapes
                .iter()
                .map(Shape::words)
                .find(|words| !words.is_empty())
                .unwrap_or(&[]),
            _ => &[],
        }
    }

    /// Whether a mapping is planned for it.
    pub(crate) fn plans_mapping(&self) -> bool {
        match self {
            Shape::Any(shapes) => shapes.iter().any(Shape::plans_mapping),
            Shape::PlannedMapping => true,
            _ => false,
        }
    }
}

impl Object {
    /// The key of that name.
    pub(crate) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// Where a key belongs that is easily written here.
    pub(crate) fn place_of(&self, name: &str) -> Option<&'static str> {
        let mut misplaced = self.misplaced.iter();
        let misplaced = misplaced.find(|misplaced| misplaced.keys.contains(&name))?;
        Some(misplaced.help)
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
