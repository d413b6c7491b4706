//! The text of a lock.

use std::fmt;

use crate::Lock;

/// The first lines of every lock.
const BEGIN: &str = "# What the names in the spec stood for. `--call=lock` writes it.\nlock 1\n";

impl fmt::Display for Lock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(BEGIN)?;
        for (image, digest) in &self.images {
            writeln!(formatter, "image {image} sha256:{}", digest.sha256)?;
        }
        for (name, extension) in &self.extensions {
            writeln!(formatter, "extension {name} {}", extension.sha256)?;
        }
        for (platform, found) in &self.platforms {
            writeln!(formatter, "\nplatform {platform}")?;
            for (image, digest) in &found.states {
                writeln!(formatter, "lists {image} {digest}")?;
            }
            for ((kind, what), source) in &found.sources {
                writeln!(formatter, "source {kind} {what} {}", source.sha256)?;
            }
            for (name, installation) in &found.installations {
                writeln!(formatter, "packages {} {name}", installation.asked)?;
                for line in installation.list.lines() {
                    writeln!(formatter, "  {line}")?;
                }
            }
        }
        Ok(())
    }
}
