//! The keys of an extension's `build`.

use source::Code;

use crate::keys::forms::{
    ARCHITECTURES, CACHE_ID, COMMIT, CRATE, IMAGE_PATH, IMAGE_REFERENCE, NOT_EMPTY, NPM,
    OUTPUT_PATH, PACKAGE_NAME, PYPI, RELATIVE_PATH, SECRET_ID, SECRET_VARIABLE, SHA256,
    SOURCE_NAME, URL,
};
use crate::keys::table::{Key, Misplaced, Missing, Object, Rule, Shape, optional, required};

/// What runs on the builder base.
pub(crate) static BUILD: Object = Object {
    name: "build",
    description: "What is made in a builder",
    keys: &[
        optional(
            "on",
            "what it runs on: `default`, `base` or an image",
            Shape::Form(&IMAGE_REFERENCE),
        ),
        optional(
            "packages",
            "Debian packages for the builder only",
            Shape::List(&Shape::Form(&PACKAGE_NAME)),
        ),
        optional(
            "sources",
            "what is fetched and checked before any step",
            Shape::List(&Shape::Object(&SOURCE)),
        ),
        required(
            "steps",
            "commands that run in order and write to `$OUT`",
            Shape::List(&Shape::Any(&[
                Shape::Form(&NOT_EMPTY),
                Shape::Object(&STEP),
            ])),
        ),
        optional(
            "outputs",
            "paths of the image to take from `$OUT`; by default, everything in it",
            Shape::Any(&[
                Shape::List(&Shape::Form(&OUTPUT_PATH)),
                Shape::PlannedMapping,
            ]),
        ),
    ],
    rules: &[],
    misplaced: &[Misplaced {
        keys: &["union", "repositories", "files"],
        help: "put it into `install`, beside `build`",
    }],
};

/// Something fetched and checked before any step.
pub(crate) static SOURCE: Object = Object {
    name: "source",
    description: "Something fetched and checked before any step, mounted at `$SOURCES/<to>`",
    keys: SOURCE_KEYS,
    rules: &[
        Rule::OneOf(&["pypi", "npm", "crate", "url", "git", "image", "context"]),
        Rule::Needs {
            keys: DOWNLOADS,
            one_of: CHECKS,
            missing: Some(Missing {
                code: Code::MissingChecksum,
                predicate: "has no checksum",
                help: "add `sha256: …`, or `unverified: true` to fetch it without one",
            }),
        },
        Rule::Needs {
            keys: &["git"],
            one_of: &["commit"],
            missing: None,
        },
        Rule::OnlyWith {
            keys: CHECKS,
            one_of: DOWNLOADS,
        },
        Rule::OnlyWith {
            keys: &["commit"],
            one_of: &["git"],
        },
        Rule::OnlyWith {
            keys: &["path"],
            one_of: &["image"],
        },
    ],
    misplaced: &[],
};

/// The kinds of sources that are checked by a checksum.
const DOWNLOADS: &[&str] = &["pypi", "npm", "crate", "url"];

const CHECKS: &[&str] = &["sha256", "unverified"];

static SOURCE_KEYS: &[Key] = &[
    optional("pypi", "a wheel: `name==version`", Shape::Form(&PYPI)),
    optional(
        "npm",
        "a package's tarball: `name@version`",
        Shape::Form(&NPM),
    ),
    optional(
        "crate",
        "a crate with its locked dependencies: `name@version`",
        Shape::Form(&CRATE),
    ),
    optional("url", "a file from an address", Shape::Form(&URL)),
    optional(
        "git",
        "a repository; `commit` says which commit",
        Shape::Form(&NOT_EMPTY),
    ),
    optional(
        "commit",
        "the whole commit id, 40 hexadecimal digits",
        Shape::Form(&COMMIT),
    ),
    optional(
        "image",
        "another image, or the `path` in it",
        Shape::Form(&NOT_EMPTY),
    ),
    optional(
        "path",
        "a path in the other image",
        Shape::Form(&IMAGE_PATH),
    ),
    optional(
        "context",
        "a path in the extension's folder, or in the build context",
        Shape::Form(&RELATIVE_PATH),
    ),
    optional(
        "sha256",
        "the checksum, or one for each architecture",
        Shape::Any(&[
            Shape::Form(&SHA256),
            Shape::Each(ARCHITECTURES, &Shape::Form(&SHA256)),
        ]),
    ),
    optional("unverified", "fetch it without a checksum", Shape::True),
    required("to", "its name below `$SOURCES`", Shape::Form(&SOURCE_NAME)),
];

/// A command.
pub(crate) static STEP: Object = Object {
    name: "step",
    description: "A command",
    keys: &[
        required(
            "run",
            "shell text for `/bin/sh -e -c`; parameters are variables in capitals",
            Shape::Form(&NOT_EMPTY),
        ),
        optional(
            "network",
            "what it can reach: `default` or `none`",
            Shape::Word(&["default", "none"]),
        ),
        optional(
            "cache",
            "folders kept between builds",
            Shape::List(&Shape::Object(&CACHE)),
        ),
        optional(
            "secrets",
            "secrets of the client, kept out of layers and cache keys",
            Shape::List(&Shape::Object(&SECRET)),
        ),
        optional(
            "ssh",
            "ssh agents of the client: `true` for the default one, or ids",
            Shape::Any(&[Shape::True, Shape::Filled(&Shape::Form(&SOURCE_NAME))]),
        ),
    ],
    rules: &[],
    misplaced: &[],
};

/// A secret of the client.
pub(crate) static SECRET: Object = Object {
    name: "secret",
    description: "A secret of the client, given with `--secret`",
    keys: &[
        required(
            "id",
            "the id that it is given with: `--secret id=…`",
            Shape::Form(&SECRET_ID),
        ),
        optional(
            "path",
            "the file that holds it; by default `/run/secrets/<id>`, unless `environment` is written",
            Shape::Form(&IMAGE_PATH),
        ),
        optional(
            "environment",
            "the variable that holds it",
            Shape::Form(&SECRET_VARIABLE),
        ),
        optional(
            "required",
            "whether the build fails without it",
            Shape::Boolean,
        ),
    ],
    rules: &[],
    misplaced: &[],
};

/// A folder kept between builds.
pub(crate) static CACHE: Object = Object {
    name: "cache",
    description: "A folder kept between builds",
    keys: &[
        required(
            "id",
            "its id; caches with the same id are shared",
            Shape::Form(&CACHE_ID),
        ),
        required("path", "where steps see it", Shape::Form(&IMAGE_PATH)),
    ],
    rules: &[],
    misplaced: &[],
};
