//! The text of a lock.

use std::fmt;

use crate::Lock;

/// The first lines of every lock.
const BEGIN: &str = "# What the names in the spec stood for. `--call=lock` writes it.\nlock 1\n";

impl fmt::Display for Lock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(BEGIN)?;
        for (image, digest) in &self.images {
            writeln!(formatter, "image {image} {digest}")?;
        }
        for (platform, found) in &self.platforms {
            writeln!(formatter, "\nplatform {platform}")?;
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
