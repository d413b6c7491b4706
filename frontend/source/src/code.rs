//! The codes of everything that inlay can say about a text.
//!
//! A code is never reused. Each has a page, `docs/codes/<id>.md`, and at least one test. `E00xx` is
//! about the YAML itself, `E01xx` about the form of a file, `E02xx` about what files mean together, and
//! `W0xxx` about what is allowed but rarely intended.

use std::fmt;

/// How much a diagnostic matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The build stops.
    Error,
    /// The build goes on.
    Warning,
}

/// A kind of diagnostic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// The text is not YAML, or it uses YAML that this format does not allow: aliases, tags, several
    /// documents.
    Yaml,
    /// A key is written twice in one mapping.
    DuplicateKey,
    /// The format does not have this key.
    UnknownKey,
    /// A key that is needed is missing.
    MissingKey,
    /// A value is of the wrong kind, such as a list in place of text.
    WrongKind,
    /// A value is of the right kind but does not have the form that it needs, such as that of a path.
    BadValue,
    /// A checksum is not 64 hexadecimal digits, or is for an unknown architecture.
    BadChecksum,
    /// A download has no checksum.
    MissingChecksum,
    /// A `${…}` is malformed, or does not name a parameter or an argument.
    BadTemplate,
    /// A key is planned, but this version does not have it.
    PlannedKey,
    /// An argument has no default and was not given a value.
    MissingArgument,
    /// A value was given for an argument that the spec does not declare.
    UnknownArgument,
    /// An extension cannot be found anywhere.
    UnknownExtension,
    /// A value was given for a parameter that the extension does not declare.
    UnknownParameter,
    /// A parameter has no default and was not given a value.
    MissingParameter,
    /// Extensions require each other in a circle.
    Cycle,
    /// One extension is used twice with different parameters.
    ConflictingUse,
    /// Two extensions put something at the same path.
    ConflictingPath,
    /// Two extensions set one variable to different values.
    ConflictingEnvironment,
    /// The extension has no checksum for the selected version.
    UnlistedVersion,
    /// A source has no checksum for the platform that is built.
    MissingPlatform,
    /// The name in an extension's file is not the name that the extension is used by.
    WrongName,
    /// An extension names a file that it does not have.
    MissingFile,
    /// Two extensions give one repository different keys.
    ConflictingKey,
    /// A named context is used as an extension but is not one.
    NotAnExtension,
    /// An image is not available for the platform that is built.
    OtherPlatform,
    /// The base has `ONBUILD` commands, which only Dockerfiles can run.
    TriggersOfBase,
    /// A download is not checked, because the extension says so.
    Unverified,
    /// Two extensions give one repository keys from different files.
    OtherKey,
    /// Steps of two extensions choose the same alternative.
    SameAlternative,
    /// The installation of a package would look for another extension's package, but does not see it.
    UnseenPackage,
    /// Shell text uses a parameter under its own name, but there is only a variable in capitals.
    UnsetVariable,
    /// One extension is listed twice with the same parameters.
    DuplicateUse,
}

impl Code {
    /// Every code, in the order of their ids.
    pub const ALL: &[Code] = &[
        Code::Yaml,
        Code::DuplicateKey,
        Code::UnknownKey,
        Code::MissingKey,
        Code::WrongKind,
        Code::BadValue,
        Code::BadChecksum,
        Code::MissingChecksum,
        Code::BadTemplate,
        Code::PlannedKey,
        Code::MissingArgument,
        Code::UnknownArgument,
        Code::UnknownExtension,
        Code::UnknownParameter,
        Code::MissingParameter,
        Code::Cycle,
        Code::ConflictingUse,
        Code::ConflictingPath,
        Code::ConflictingEnvironment,
        Code::UnlistedVersion,
        Code::MissingPlatform,
        Code::WrongName,
        Code::MissingFile,
        Code::ConflictingKey,
        Code::NotAnExtension,
        Code::OtherPlatform,
        Code::TriggersOfBase,
        Code::Unverified,
        Code::OtherKey,
        Code::SameAlternative,
        Code::UnseenPackage,
        Code::UnsetVariable,
        Code::DuplicateUse,
    ];

    /// The id that people search for, such as `E0102`.
    pub fn id(self) -> &'static str {
        match self {
            Code::Yaml => "E0001",
            Code::DuplicateKey => "E0002",
            Code::UnknownKey => "E0101",
            Code::MissingKey => "E0102",
            Code::WrongKind => "E0103",
            Code::BadValue => "E0104",
            Code::BadChecksum => "E0105",
            Code::MissingChecksum => "E0106",
            Code::BadTemplate => "E0107",
            Code::PlannedKey => "E0108",
            Code::MissingArgument => "E0120",
            Code::UnknownArgument => "E0121",
            Code::UnknownExtension => "E0201",
            Code::UnknownParameter => "E0202",
            Code::MissingParameter => "E0203",
            Code::Cycle => "E0204",
            Code::ConflictingUse => "E0205",
            Code::ConflictingPath => "E0206",
            Code::ConflictingEnvironment => "E0207",
            Code::UnlistedVersion => "E0208",
            Code::MissingPlatform => "E0209",
            Code::WrongName => "E0210",
            Code::MissingFile => "E0211",
            Code::ConflictingKey => "E0212",
            Code::NotAnExtension => "E0220",
            Code::OtherPlatform => "E0230",
            Code::TriggersOfBase => "E0231",
            Code::Unverified => "W0001",
            Code::OtherKey => "W0002",
            Code::SameAlternative => "W0003",
            Code::UnseenPackage => "W0004",
            Code::UnsetVariable => "W0005",
            Code::DuplicateUse => "W0006",
        }
    }

    /// Whether it stops a build, as the letter of the id says.
    pub fn severity(self) -> Severity {
        if self.id().starts_with('W') {
            Severity::Warning
        } else {
            Severity::Error
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}
