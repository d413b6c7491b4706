//! What users write, decoded with spans: the spec of an image, and the file of an extension.
//!
//! This is the second crate of the pipeline, after `source`. [`parse_image`] and [`parse_extension`] read
//! a text, report every problem in it into [`source::Diagnostics`], and return what was written, without
//! defaults and without looking anything up. [`schema()`] is the same format as JSON Schema.
//!
//! Deliberately absent: anything that needs a second file, a base image or an engine. That is `plan`.

mod build;
pub mod contract;
mod decode;
mod extension;
mod ignore_file;
mod image;
mod install;
mod keys;
mod name;
mod package_form;
mod path;
mod schema;
mod step;
mod template;
mod warning_rules;
mod yaml;

pub use build::{Build, BuilderBase, Check, Source, SourceKind};
pub use decode::{parse_extension, parse_image, parse_image_with};
pub use extension::{Extension, Parameter, Shell, Test};
pub use ignore_file::{ignore_patterns, ignoring_pattern, literal_pattern};
pub use image::{Argument, Image, Packages, Use, Used};
pub use install::{ContentFrom, Install, InstalledFile, Repository};
pub use name::{
    AgentId, ArgumentName, CacheId, ExtensionName, ImageReference, PackageName, ParameterName,
    SecretId, Sha256, SnapshotTime, SourceName, VariableName, is_reserved_argument,
};
pub use package_form::PackageForm;
pub use path::ImagePath;
pub use schema::{extension_schema, schema};
pub use step::{CacheMount, Need, Network, SecretUse, Step};
pub use template::{Part, Template};
pub use warning_rules::{WarningRules, warning_rules};

#[cfg(test)]
mod tests;
