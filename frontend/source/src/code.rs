//! The codes of everything inlay can say about a text.
//!
//! A code is never reused. Each has a page, `docs/codes/<id>.md`, and at least one test.
//! `E00xx` the YAML itself, `E01xx` the form of a file, `E02xx` what files mean together,
//! `W0xxx` what is allowed and seldom meant.

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
    /// The text is not YAML, or YAML this format does not use (aliases, tags, several documents).
    Yaml,
    /// A key stands twice in one mapping.
    DuplicateKey,
    /// A key that the format does not have.
    UnknownKey,
    /// A key without which the rest means nothing.
    MissingKey,
    /// A list where text belongs, and so on.
    WrongKind,
    /// Text of the right kind that is no name, reference, path, mode or version.
    BadValue,
    /// A checksum that is not 64 hexadecimal digits, or for an unknown architecture.
    BadChecksum,
    /// A download without a checksum.
    MissingChecksum,
    /// A `${…}` that is malformed or names no parameter.
    BadTemplate,
    /// A key that is planned and not in this version.
    PlannedKey,
    /// An argument without a default that was given no value.
    MissingArgument,
    /// A value was given for an argument that the spec does not declare.
    UnknownArgument,
    /// An extension that no place has.
    UnknownExtension,
    /// A parameter that the extension does not declare.
    UnknownParameter,
    /// A parameter without default that was given no value.
    MissingParameter,
    /// Extensions that require each other in a circle.
    Cycle,
    /// An extension used twice, with different parameters.
    ConflictingUse,
    /// Two extensions that bring the same path.
    ConflictingPath,
    /// Two extensions that set one variable to different values.
    ConflictingEnvironment,
    /// A version for which the extension lists no checksum.
    UnlistedVersion,
    /// A source without a checksum for the platform that is built.
    MissingPlatform,
    /// The name in a file is not the name it is used by.
    WrongName,
    /// A file that an extension names and does not have.
    MissingFile,
    /// Two extensions that give one repository different keys.
    ConflictingKey,
    /// A named context that is used as an extension and is none.
    NotAnExtension,
    /// An image that exists for another platform only.
    OtherPlatform,
    /// A base that has commands for Dockerfiles based on it.
    TriggersOfBase,
    /// A download that is not checked, by the user's own words.
    Unverified,
    /// Two extensions that give one repository keys from different files.
    OtherKey,
    /// Steps of two extensions that choose the same alternative.
    SameAlternative,
    /// A package whose installation would read another extension's, and does not see it.
    UnseenPackage,
    /// Shell text uses a parameter by its own name, under which no variable is set.
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

    /// The id people search for, such as `E0102`.
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

    /// Whether it stops a build; the letter of the id says the same.
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
