//! The keys of an extension.

use crate::keys::build::{BUILD, STEP};
use crate::keys::forms::{
    COMPONENT, EXTENSION_NAME, FILLED_PATH, IMAGE_PATH, KEY_FILE, MODE, NOT_EMPTY, OWNER,
    PACKAGE_NAME, PARAMETER_NAME, RELATIVE_PATH, SUITE, URL, VARIABLE_NAME,
};
use crate::keys::table::{Key, Misplaced, Object, Rule, Shape, optional, planned, required};

/// The whole file, or an entry in the list of a spec.
pub(crate) static EXTENSION: Object = Object {
    name: "extension",
    description: "What one extension adds to an image",
    keys: KEYS,
    rules: &[],
    misplaced: &[
        Misplaced {
            keys: &["packages"],
            help: "put it into `install` (packages of the image) or `build` (packages of the builder alone)",
        },
        Misplaced {
            keys: &["steps"],
            help: "put it into `build` (commands in a builder) or `install` (commands on the user's base)",
        },
        Misplaced {
            keys: &["on", "sources", "outputs"],
            help: "put it into `build`",
        },
        Misplaced {
            keys: &["union", "repositories", "files"],
            help: "put it into `install`",
        },
        Misplaced {
            keys: &[
                "base",
                "arguments",
                "extensions",
                "snapshot",
                "workdir",
                "labels",
            ],
            help: "it is a key of the spec, not of an extension",
        },
    ],
};

static KEYS: &[Key] = &[
    required(
        "name",
        "the name of the extension",
        Shape::Form(&EXTENSION_NAME),
    ),
    optional("description", "a description in one line", Shape::Text),
    optional(
        "parameters",
        "values that users can set",
        Shape::Map(
            &PARAMETER_NAME,
            &Shape::Any(&[Shape::Text, Shape::Object(&PARAMETER)]),
        ),
    ),
    optional(
        "requires",
        "extensions that must be in the image too",
        Shape::List(&Shape::Form(&EXTENSION_NAME)),
    ),
    optional(
        "build",
        "what is made in a builder, away from the user's base",
        Shape::Object(&BUILD),
    ),
    optional(
        "install",
        "what is installed on the user's base",
        Shape::Object(&INSTALL),
    ),
    optional(
        "environment",
        "environment variables of the image",
        Shape::Map(&VARIABLE_NAME, &Shape::Text),
    ),
    optional(
        "path",
        "folders to put before the search path of the base",
        Shape::List(&Shape::Form(&IMAGE_PATH)),
    ),
    optional(
        "shell",
        "code that shells run when they start",
        Shape::Object(&SHELL),
    ),
    optional(
        "tests",
        "commands that show that the extension works",
        Shape::List(&Shape::Any(&[
            Shape::Form(&NOT_EMPTY),
            Shape::Object(&TEST),
        ])),
    ),
    planned(
        "home",
        "files and steps in the home folder of the image's user",
    ),
    planned("runtime", "mounts and variables of a running container"),
    planned("detect", "files of a project that suggest the extension"),
];

/// A parameter, when it is written as more than its default.
pub(crate) static PARAMETER: Object = Object {
    name: "parameter",
    description: "A value that users can set",
    keys: &[
        optional("default", "the value when none is given", Shape::Text),
        optional("description", "a description in one line", Shape::Text),
    ],
    rules: &[],
    misplaced: &[],
};

/// What is installed on the user's base.
pub(crate) static INSTALL: Object = Object {
    name: "install",
    description: "What is installed on the user's base",
    keys: &[
        optional(
            "packages",
            "Debian packages",
            Shape::List(&Shape::Form(&PACKAGE_NAME)),
        ),
        optional(
            "union",
            "why its packages are installed as one set with those of others, instead of alone",
            Shape::Form(&NOT_EMPTY),
        ),
        optional(
            "repositories",
            "repositories that its packages come from, in addition to those of the base",
            Shape::List(&Shape::Object(&REPOSITORY)),
        ),
        optional(
            "files",
            "files to put into the image",
            Shape::List(&Shape::Object(&FILE)),
        ),
        optional(
            "steps",
            "commands that run as root on the user's base, after packages and files",
            Shape::List(&Shape::Any(&[
                Shape::Form(&NOT_EMPTY),
                Shape::Object(&STEP),
            ])),
        ),
    ],
    rules: &[],
    misplaced: &[Misplaced {
        keys: &["on", "sources", "outputs"],
        help: "put it into `build`, beside `install`",
    }],
};

/// A repository of Debian packages.
pub(crate) static REPOSITORY: Object = Object {
    name: "repository",
    description: "A repository of Debian packages",
    keys: &[
        required(
            "url",
            "the address of its root; `${name}` is a parameter",
            Shape::Form(&URL),
        ),
        optional(
            "suite",
            "the release; by default, the code name of the base",
            Shape::Form(&SUITE),
        ),
        optional(
            "components",
            "its components, such as `main`",
            Shape::List(&Shape::Form(&COMPONENT)),
        ),
        required(
            "key",
            "the public key that it is signed with: a `.asc` or `.gpg` file in the extension's folder",
            Shape::Form(&KEY_FILE),
        ),
    ],
    rules: &[],
    misplaced: &[],
};

/// A file put into the image.
pub(crate) static FILE: Object = Object {
    name: "file",
    description: "A file or a folder put into the image",
    keys: &[
        optional(
            "from",
            "a path in the extension's folder",
            Shape::Form(&RELATIVE_PATH),
        ),
        optional(
            "text",
            "the content itself; `${name}` is a parameter",
            Shape::Text,
        ),
        required(
            "to",
            "where to put it in the image",
            Shape::Form(&FILLED_PATH),
        ),
        optional(
            "mode",
            "permission bits in octal, such as \"0755\"",
            Shape::Form(&MODE),
        ),
        optional(
            "owner",
            "the number of the owner, or owner and group as `1000:1000`",
            Shape::Form(&OWNER),
        ),
    ],
    rules: &[Rule::OneOf(&["from", "text"])],
    misplaced: &[],
};

/// Code that shells run when they start.
pub(crate) static SHELL: Object = Object {
    name: "shell",
    description: "Code that shells run when they start, each in a file of its own",
    keys: &[
        optional("bash", "for interactive bash", Shape::Text),
        optional("profile", "for login shells of every kind", Shape::Text),
    ],
    rules: &[],
    misplaced: &[],
};

/// A command that shows that an extension works.
pub(crate) static TEST: Object = Object {
    name: "test",
    description: "A command that shows that the extension works",
    keys: &[
        required(
            "run",
            "shell text for `/bin/sh -e -c`",
            Shape::Form(&NOT_EMPTY),
        ),
        optional("expect", "what its output must contain", Shape::Text),
    ],
    rules: &[],
    misplaced: &[],
};
