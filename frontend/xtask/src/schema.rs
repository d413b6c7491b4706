//! `cargo xtask schema`: the formats for editors, generated from the decoder's own tables.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::repository::root;

/// Writes both files. That they are current is a test of `spec`.
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
