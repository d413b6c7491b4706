//! Forms of text, as regular expressions for editors.
//!
//! The decoder checks the same forms with constructors; a property test compares the two.

use crate::keys::table::Form;

/// The names of architectures that Go and OCI use.
pub(crate) const ARCHITECTURES: &[&str] = &[
    "386", "amd64", "arm", "arm64", "ppc64le", "riscv64", "s390x",
];

/// A form that text can have although YAML takes it for a number or a boolean.
const fn loose(pattern: &'static str) -> Form {
    Form {
        pattern,
        loose: true,
    }
}

const fn text(pattern: &'static str) -> Form {
    Form {
        pattern,
        loose: false,
    }
}

macro_rules! extension_name {
    () => {
        "[a-z0-9][a-z0-9_.-]{0,63}"
    };
}

/// A relative path, or what follows the first `/` of a path: no `..` and no control characters.
macro_rules! path_rest {
    () => {
        r"(?!(?:.*/)?\.\.(?:/|$))[^\x00-\x1f\x7f-\x9f]*"
    };
}

/// Refuses a path that has no parts; written before `path_rest`.
macro_rules! some_part {
    () => {
        r"(?!(?:\.?/)*\.?$)"
    };
}

/// Refuses what an engine provides in every container, too.
macro_rules! filled {
    () => {
        concat!(
            some_part!(),
            r"(?!(?:\.?/)*(?:proc|sys|dev|run|\.dockerenv|etc/(?:\.?/)*(?:hosts|hostname|resolv\.conf))(?:/|$))"
        )
    };
}

macro_rules! image_reference {
    () => {
        r"[A-Za-z0-9\[.:-][A-Za-z0-9_.:/\[\]-]*(?:@sha256:[0-9a-f]{64})?"
    };
}

macro_rules! folder {
    () => {
        concat!("(?!/)(?=.*/)", some_part!(), path_rest!())
    };
}

/// `@` and a version of three numbers, or a version with a parameter in it.
macro_rules! exact_version {
    () => {
        r"@(?:\d+\.\d+\.\d+(?:[+-][0-9A-Za-z.+-]+)?|[^\s@<>~^*|=]*\$\{[^\s@<>~^*|=]*)$"
    };
}

/// `ExtensionName`.
pub(crate) static EXTENSION_NAME: Form = loose(concat!("^", extension_name!(), "$"));
/// An entry of `extensions` that is text: a name, or a path with a `/` in it.
pub(crate) static USED: Form = loose(concat!("^(?:", extension_name!(), "|", folder!(), ")$"));
/// The same as a key; the key `name` begins the definition of an extension.
pub(crate) static USED_AS_KEY: Form = loose(concat!(
    "^(?!name$)(?:",
    extension_name!(),
    "|",
    folder!(),
    ")$"
));
/// `ParameterName`.
pub(crate) static PARAMETER_NAME: Form = text(concat!(
    "^(?!(?:path|home|out|sources|targetarch|user|shell|pwd|ifs|lang|term|ld_preload|",
    "ld_library_path|source_date_epoch|tmpdir|after|requires|secrets|when)$)[a-z][a-z0-9_]{0,63}$"
));
/// `ArgumentName`.
pub(crate) static ARGUMENT_NAME: Form =
    text("^(?!BUILDKIT_|INLAY_|SOURCE_DATE_EPOCH$)(?!.*_(?:PROXY|proxy)$)[A-Za-z_][A-Za-z0-9_]*$");
/// `VariableName` except `PATH`, which has a key of its own.
pub(crate) static VARIABLE_NAME: Form = text("^(?!PATH$)[A-Za-z_][A-Za-z0-9_]*$");
/// The variable of a secret: a `VariableName` that has no meaning in steps yet.
pub(crate) static SECRET_VARIABLE: Form = text(
    "^(?!(?:PATH|SSH_AUTH_SOCK|HOME|OUT|SOURCES|TARGETARCH|USER|SHELL|PWD|IFS|LANG|TERM|LD_PRELOAD|\
     LD_LIBRARY_PATH|SOURCE_DATE_EPOCH|TMPDIR)$)[A-Za-z_][A-Za-z0-9_]*$",
);
/// `PackageName`.
pub(crate) static PACKAGE_NAME: Form =
    loose("^(?!.*-$)[a-z0-9][a-z0-9+.-]+(?:[:=/][A-Za-z0-9:=/+.~_-]+)?$");
/// `SourceName`.
pub(crate) static SOURCE_NAME: Form = loose(r"^(?!\.{1,2}$)[!-.0-\[\]-~]{1,255}$");
/// `SecretId`.
pub(crate) static SECRET_ID: Form =
    loose(r"^(?!\.{1,2}$)(?!inlay-|GIT_AUTH_(?:TOKEN|HEADER)(?:\.|$))[!-.0-\[\]-~]{1,255}$");
/// `CacheId`, without its rule for `..`.
pub(crate) static CACHE_ID: Form = loose(concat!(
    r"^(?!(?:\.?/)*inlay/(?:\.?/)*(?!\.?/|\.?$))",
    r"[^\x00-\x1f\x7f-\x9f]*\S[^\x00-\x1f\x7f-\x9f]*$"
));
/// `ImageReference`, without its rules for each part of the name.
pub(crate) static IMAGE_REFERENCE: Form = loose(concat!("^", image_reference!(), "$"));
/// The same, or text with an argument in it.
pub(crate) static FILLED_REFERENCE: Form = loose(concat!("^", image_reference!(), r"$|\$\{"));
/// `Sha256`.
pub(crate) static SHA256: Form = text("^[0-9a-f]{64}$");
/// `ImagePath`, or text with an argument in it.
pub(crate) static FILLED_IMAGE_PATH: Form = text(concat!("^/", path_rest!(), r"$|\$\{"));
/// `SnapshotTime`, also with an argument in it.
pub(crate) static SNAPSHOT_TIME: Form = text(concat!(
    "^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$",
    "|^[0-9]{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]Z$",
    r"|\$\{"
));
/// `ImagePath`.
pub(crate) static IMAGE_PATH: Form = text(concat!("^/", path_rest!(), "$"));
/// A path that a layer can fill: not `/`, and nothing that an engine provides in every container.
pub(crate) static FILLED_PATH: Form = text(concat!("^/", filled!(), path_rest!(), "$"));
/// A path below `$OUT`: one that a layer can fill, and that does not go through a link of the base.
pub(crate) static OUTPUT_PATH: Form = text(concat!(
    "^/",
    filled!(),
    r"(?!(?:\.?/)*(?:bin|sbin|lib|lib32|lib64|libx32)(?:/|$))",
    path_rest!(),
    "$"
));
/// A relative path without `..` that names something.
pub(crate) static RELATIVE_PATH: Form = loose(concat!("^(?!/)", some_part!(), path_rest!(), "$"));
/// Text that is more than blanks.
pub(crate) static NOT_EMPTY: Form = loose(r"\S");
/// Permission bits in octal.
pub(crate) static MODE: Form = loose("^0?[0-7]{3,4}$");
/// An owner as a number, with or without a group.
pub(crate) static OWNER: Form = loose("^[0-9]{1,10}(?::[0-9]{1,10})?$");
/// A PyPI package in one exact version.
pub(crate) static PYPI: Form = text(r"^[^\s=]+==[^\s=<>~^*,;]+$");
/// An npm package in one exact version.
pub(crate) static NPM: Form = text(concat!("^@?", r"[^\s@]+", exact_version!()));
/// A crate in one exact version.
pub(crate) static CRATE: Form = text(concat!("^", r"[^\s@]+", exact_version!()));
/// A web address, or one that begins with a parameter.
pub(crate) static URL: Form = text(r"^(?:https?://|\$\{)\S+$");
/// The release of a package repository or a path in it, perhaps with a parameter in it.
pub(crate) static SUITE: Form = loose(r"^(?:[A-Za-z0-9.]|\$\{)[A-Za-z0-9._+~/${}-]*$");
/// A component of a package repository.
pub(crate) static COMPONENT: Form = loose("^[A-Za-z0-9][A-Za-z0-9._+/-]*$");
/// The relative path of a public key.
pub(crate) static KEY_FILE: Form = text(concat!(
    r"^(?!/)(?=.*[^/]\.(?:asc|gpg)$)",
    path_rest!(),
    "$"
));
/// A commit id, or text with a parameter in it.
pub(crate) static COMMIT: Form = loose(r"^[0-9a-f]{40}$|\$\{");
