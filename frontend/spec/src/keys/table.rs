//! What the table of the format is made of: objects, keys, shapes and rules.

use source::Code;

/// A mapping with keys of the format.
#[derive(Debug)]
pub(crate) struct Object {
    /// Its name among the definitions of the schema.
    pub(crate) name: &'static str,
    /// A description in one line.
    pub(crate) description: &'static str,
    /// Its keys, in the order they are shown.
    pub(crate) keys: &'static [Key],
    /// The rules that hold between its keys.
    pub(crate) rules: &'static [Rule],
    /// Keys that people write here by mistake, and where they belong.
    pub(crate) misplaced: &'static [Misplaced],
}

/// Keys that belong to another object.
#[derive(Debug)]
pub(crate) struct Misplaced {
    /// The keys.
    pub(crate) keys: &'static [&'static str],
    /// Says where they belong; the help of an error.
    pub(crate) help: &'static str,
}

/// A key of an object.
#[derive(Debug)]
pub(crate) struct Key {
    /// The key.
    pub(crate) name: &'static str,
    /// A description in one line, shown by editors and in the help of errors.
    pub(crate) description: &'static str,
    /// The shape of its value.
    pub(crate) shape: Shape,
    /// Whether it must be written.
    pub(crate) presence: Presence,
}

/// Whether a key must be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Required,
    Optional,
    /// It is planned, but this version does not have it, and neither does the schema.
    Planned,
}

/// A rule that holds between the keys of one object.
#[derive(Debug)]
pub(crate) enum Rule {
    /// Exactly one of these keys must be written. Later rules are checked only if that is the case.
    OneOf(&'static [&'static str]),
    /// Each of `keys` needs exactly one of `one_of` beside it.
    Needs {
        keys: &'static [&'static str],
        one_of: &'static [&'static str],
        /// How it is reported that none is written; `None` for the report of a missing required key.
        missing: Option<Missing>,
    },
    /// Each of `keys` can be written only together with one of `one_of`.
    OnlyWith {
        keys: &'static [&'static str],
        one_of: &'static [&'static str],
    },
}

/// How it is reported that a key lacks another key that it needs.
#[derive(Debug)]
pub(crate) struct Missing {
    /// The code of the error.
    pub(crate) code: Code,
    /// What the message says of the value that lacks it, such as `has no checksum`.
    pub(crate) predicate: &'static str,
    /// The help of the error.
    pub(crate) help: &'static str,
}

/// The shape of a value.
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
    /// A mapping whose keys the user chooses; they have this form, and all values have one shape.
    Map(&'static Form, &'static Shape),
    /// A mapping with these keys, beside keys of this form that the user chooses, whose values have one shape.
    Open(&'static Form, &'static Shape, &'static [Key]),
    /// A mapping with at least one of these keys; all values have one shape.
    Each(&'static [&'static str], &'static Shape),
    /// A mapping with exactly one key of this form, whose value can be left out.
    Single(&'static Form, &'static Shape),
    /// An object with at least this many keys.
    AtLeast(usize, &'static Object),
    /// Any one of these.
    Any(&'static [Shape]),
    /// Inside `Any`: a mapping that is planned, but that this version does not have.
    PlannedMapping,
}

/// A form of text.
#[derive(Debug)]
pub(crate) struct Form {
    /// A regular expression (ECMA-262) for the whole text.
    pub(crate) pattern: &'static str,
    /// Whether text that YAML takes for a number or a boolean can have this form.
    pub(crate) loose: bool,
}

impl Shape {
    /// The words that can be written, if it has any.
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

    /// Whether a later version will also take a mapping.
    pub(crate) fn plans_mapping(&self) -> bool {
        match self {
            Shape::Any(shapes) => shapes.iter().any(Shape::plans_mapping),
            Shape::PlannedMapping => true,
            _ => false,
        }
    }
}

impl Object {
    /// The key with this name.
    pub(crate) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// Where a key belongs, if it is known to be written here by mistake.
    pub(crate) fn right_place(&self, name: &str) -> Option<&'static str> {
        let mut misplaced = self.misplaced.iter();
        let misplaced = misplaced.find(|misplaced| misplaced.keys.contains(&name))?;
        Some(misplaced.help)
    }

    /// The names of the keys that this version has.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        let present = |key: &&Key| key.presence != Presence::Planned;
        self.keys.iter().filter(present).map(|key| key.name)
    }
}

pub(crate) const fn required(name: &'static str, description: &'static str, shape: Shape) -> Key {
    Key {
        name,
        description,
        shape,
        presence: Presence::Required,
    }
}

pub(crate) const fn optional(name: &'static str, description: &'static str, shape: Shape) -> Key {
    Key {
        name,
        description,
        shape,
        presence: Presence::Optional,
    }
}

pub(crate) const fn planned(name: &'static str, description: &'static str) -> Key {
    Key {
        name,
        description,
        shape: Shape::Text,
        presence: Presence::Planned,
    }
}
