//! The keys of a spec.

use crate::keys::extension::EXTENSION;
use crate::keys::forms::{
    ARGUMENT_NAME, EXTENSION_NAME, FILLED_IMAGE_PATH, FILLED_REFERENCE, NOT_EMPTY, PARAMETER_NAME,
    SNAPSHOT_TIME, USED, USED_AS_KEY, VARIABLE_NAME,
};
use crate::keys::table::{Key, Misplaced, Object, Shape, optional, planned, required};

/// The values given to an extension's parameters, and what else a use can say.
static PARAMETERIZED: Shape = Shape::Open(&PARAMETER_NAME, &Shape::Text, AFTER);

static AFTER: &[Key] = &[optional(
    "after",
    "other extensions of the image that it is put on, as if it required them",
    Shape::Any(&[
        Shape::Form(&EXTENSION_NAME),
        Shape::List(&Shape::Form(&EXTENSION_NAME)),
    ]),
)];

/// Words that have a meaning beside the parameters of a use, so that no parameter can be called so. Those other than
/// `after` are planned.
pub(crate) const RESERVED: [&str; 4] = ["after", "requires", "secrets", "when"];

/// The whole file.
pub(crate) static IMAGE: Object = Object {
    name: "image",
    description: "What one image is made of",
    keys: KEYS,
    rules: &[],
    misplaced: &[
        Misplaced {
            keys: &[
                "name",
                "description",
                "parameters",
                "requires",
                "build",
                "install",
                "shell",
                "tests",
            ],
            help: "it is a key of an extension: move it into an entry of `extensions`",
        },
        Misplaced {
            keys: &["steps"],
            help: "put it into the `build` or the `install` of an extension",
        },
        Misplaced {
            keys: &["on", "sources", "outputs"],
            help: "put it into the `build` of an extension",
        },
        Misplaced {
            keys: &["union", "repositories", "files"],
            help: "put it into the `install` of an extension",
        },
    ],
};

/// An argument, when it is written as more than its default.
pub(crate) static ARGUMENT: Object = Object {
    name: "argument",
    description: "A value that can be given when the image is built",
    keys: &[
        optional("default", "the value when none is given", Shape::Text),
        optional("description", "a description in one line", Shape::Text),
    ],
    rules: &[],
    misplaced: &[],
};

static KEYS: &[Key] = &[
    required(
        "base",
        "the image that extensions are put on, such as `ubuntu:24.04`",
        Shape::Form(&FILLED_REFERENCE),
    ),
    optional(
        "arguments",
        "values that can be given when the image is built (`--build-arg`), used as `${NAME}`",
        Shape::Map(
            &ARGUMENT_NAME,
            &Shape::Any(&[Shape::Text, Shape::Object(&ARGUMENT)]),
        ),
    ),
    optional(
        "extensions",
        "names, folders and definitions of extensions; their order does not matter",
        Shape::List(&Shape::Any(&[
            Shape::Form(&USED),
            // A name, or a folder, with values for its parameters.
            Shape::Single(&USED_AS_KEY, &PARAMETERIZED),
            Shape::AtLeast(2, &EXTENSION),
        ])),
    ),
    optional(
        "packages",
        "how Debian packages are installed: `isolated`, those of each extension alone, or `union`, those of all as one set",
        Shape::Word(&["isolated", "union"]),
    ),
    optional(
        "snapshot",
        "the time of the archives that Debian packages come from, such as `2026-11-01`",
        Shape::Form(&SNAPSHOT_TIME),
    ),
    optional(
        "environment",
        "environment variables of the image; they override those of extensions and of the base",
        Shape::Map(&VARIABLE_NAME, &Shape::Text),
    ),
    optional(
        "path",
        "folders to put before the search path of the base and of extensions",
        Shape::List(&Shape::Form(&FILLED_IMAGE_PATH)),
    ),
    optional(
        "workdir",
        "the folder in which commands start",
        Shape::Form(&FILLED_IMAGE_PATH),
    ),
    optional(
        "labels",
        "labels of the image",
        Shape::Map(&NOT_EMPTY, &Shape::Text),
    ),
    planned("user", "the user that the image runs as"),
    planned("image", "another word for `base`"),
    planned("args", "another word for `extensions`"),
    planned("builder", "the image that builders run on"),
];
