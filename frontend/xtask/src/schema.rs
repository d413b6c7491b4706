//! `cargo xtask schema`: writes the schemas for editors, which are generated from the decoder's tables.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::repository::root;

/// Writes both files. A test of `spec` checks that they are current.
pub(crate) fn write() -> Result<ExitCode> {
    for (path, schema) in [
        ("docs/schema.json", spec::schema()),
        ("docs/extension.schema.json", spec::extension_schema()),
    ] {
        let text = serde_json::to_string_pretty(&schema)? + "\n";
        fs::write(root().join(path), text).with_context(|| format!("cannot write {path}"))?;
    }
    Ok(ExitCode::SUCCESS)
}
