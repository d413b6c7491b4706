//! Tests of the crate.

mod answers;
mod lists;

use crate::{Mark, Package};

/// A digest of 64 digits that begins with these.
fn sha256(start: &str) -> String {
    format!("{start:0<64}")
}

fn package(name: &str, version: &str) -> Package {
    Package {
        name: name.to_owned(),
        architecture: "amd64".to_owned(),
        version: version.to_owned(),
        sha256: sha256("a"),
        size_bytes: 10,
        mark: Mark::Manual,
        uri: format!("http://archive.test/pool/{name}.deb"),
    }
}
