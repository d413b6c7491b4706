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

/// Makes `Code`, the list of all codes and their ids from one table, so that none can be left out of a list.
macro_rules! codes {
    ($($(#[$about:meta])+ $name:ident = $id:literal,)+) => {
        /// A kind of diagnostic.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $($(#[$about])+ $name,)+
        }

        impl Code {
            /// Every code, in the order of their ids.
            pub const ALL: &[Code] = &[$(Code::$name,)+];

            /// The id that people search for, such as `E0102`.
            pub fn id(self) -> &'static str {
                match self {
                    $(Code::$name => $id,)+
                }
            }
        }
    };
}

codes! {
    /// The text is not YAML, or it uses YAML that this format does not allow: aliases, tags, several
    /// documents.
    Yaml = "E0001",
    /// A key is written twice in one mapping.
    DuplicateKey = "E0002",
    /// The format does not have this key.
    UnknownKey = "E0101",
    /// A key that is needed is missing.
    MissingKey = "E0102",
    /// A value is of the wrong kind, such as a list in place of text.
    WrongKind = "E0103",
    /// A value is of the right kind but does not have the form that it needs, such as that of a path.
    BadValue = "E0104",
    /// A checksum is not 64 hexadecimal digits, or is for an unknown architecture.
    BadChecksum = "E0105",
    /// A download has no checksum.
    MissingChecksum = "E0106",
    /// A `${…}` is malformed, or does not name a parameter or an argument.
    BadTemplate = "E0107",
    /// A key is planned, but this version does not have it.
    PlannedKey = "E0108",
    /// An argument has no default and was not given a value.
    MissingArgument = "E0120",
    /// A value was given for an argument that the spec does not declare.
    UnknownArgument = "E0121",
    /// An extension cannot be found anywhere.
    UnknownExtension = "E0201",
    /// A value was given for a parameter that the extension does not declare.
    UnknownParameter = "E0202",
    /// A parameter has no default and was not given a value.
    MissingParameter = "E0203",
    /// Extensions require each other in a circle.
    Cycle = "E0204",
    /// One extension is used twice with different parameters.
    ConflictingUse = "E0205",
    /// Two extensions put something at the same path.
    ConflictingPath = "E0206",
    /// Two extensions set one variable to different values.
    ConflictingEnvironment = "E0207",
    /// The extension has no checksum for the selected version.
    UnlistedVersion = "E0208",
    /// A source has no checksum for the platform that is built.
    MissingPlatform = "E0209",
    /// The name in an extension's file is not the name that the extension is used by.
    WrongName = "E0210",
    /// An extension names a file that it does not have.
    MissingFile = "E0211",
    /// Two extensions give one repository different keys.
    ConflictingKey = "E0212",
    /// A named context is used as an extension but is not one.
    NotAnExtension = "E0220",
    /// An image is not available for the platform that is built.
    OtherPlatform = "E0230",
    /// The base has `ONBUILD` commands, which only Dockerfiles can run.
    TriggersOfBase = "E0231",
    /// The image would have more layers than engines can mount.
    TooManyLayers = "E0240",
    /// The archive has no package of this name.
    UnknownPackage = "E0250",
    /// apt cannot install the packages.
    ImpossiblePackages = "E0251",
    /// To install the packages, apt would remove others.
    RemovedPackages = "E0252",
    /// The packages of two extensions cannot be in one system.
    ConflictingPackages = "E0253",
    /// A lock file does not have the form of one.
    BadLock = "E0260",
    /// The lock file does not match the spec, and the build asks for that.
    OtherLock = "E0261",
    /// A download is not checked, because the extension says so.
    Unverified = "W0001",
    /// Two extensions give one repository keys from different files.
    OtherKey = "W0002",
    /// Steps of two extensions choose the same alternative.
    SameAlternative = "W0003",
    /// The installation of a package would look for another extension's package, but does not see it.
    UnseenPackage = "W0004",
    /// Shell text uses a parameter under its own name, but there is only a variable in capitals.
    UnsetVariable = "W0005",
    /// One extension is listed twice with the same parameters.
    DuplicateUse = "W0006",
    /// The image has nearly as many layers as engines can mount.
    ManyLayers = "W0007",
    /// An extension that is not defined in the spec asks for a secret or an ssh agent of the client.
    ForeignSecret = "W0010",
    /// An address contains a password or a token.
    PasswordInAddress = "W0011",
    /// The lock file does not match the spec, so a part of it is not used.
    StaleLock = "W0012",
}

impl Code {
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
