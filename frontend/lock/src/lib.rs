//! Lock files: what the names in a spec stood for, so that they stand for the same tomorrow.
//!
//! A lock has the digests of images and extensions and, for each platform, checksums of downloads and the exact packages
//! of each installation. It is text with one thing on each line, in one order, so that a difference between two locks can
//! be read. This crate does no I/O.

mod read;
mod write;

use std::collections::BTreeMap;

use apt::PackageList;
use source::Span;

pub use read::read_lock;

/// What the names in a spec stood for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// The digest of each image, by its name in the spec.
    pub images: BTreeMap<String, Entry>,
    /// What each extension that was looked up by its name has in its definition.
    pub extensions: BTreeMap<String, Entry>,
    /// What was found for each platform.
    pub platforms: BTreeMap<String, Platform>,
}

/// What was found for one platform.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Platform {
    /// The digest of the package lists of each image; 64 hexadecimal digits.
    pub states: BTreeMap<String, String>,
    /// The SHA256 of each download for which its extension has none, by its kind and what it names.
    pub sources: BTreeMap<(String, String), Entry>,
    /// The packages of each installation, by its name.
    pub installations: BTreeMap<String, Installation>,
}

/// A digest, and where it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// 64 hexadecimal digits.
    pub sha256: String,
    /// Where the lock has it; `None` = it was not read from a file.
    pub span: Option<Span>,
}

/// The packages of one installation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Installation {
    /// Identifies what was asked for; 64 hexadecimal digits.
    pub asked: String,
    /// The exact packages.
    pub list: PackageList,
    /// Where the lock has it; `None` = it was not read from a file.
    pub span: Option<Span>,
}

#[cfg(test)]
mod tests;
