//! Extended attributes of a path, as one digest.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::failure::Failure;
use crate::root::read_attribute;
use crate::tree::to_digits;

/// The names of the extended attributes that belong to a path wherever it is, sorted.
pub(crate) fn attribute_names(place: &Path) -> Result<Vec<String>, Failure> {
    // The kernel allows 64 KiB for the list of names (`XATTR_LIST_MAX`).
    let mut names = vec![0; 1 << 16];
    let length = match rustix::fs::llistxattr(place, names.as_mut_slice()) {
        Ok(length) => length,
        Err(rustix::io::Errno::NOTSUP) => 0,
        Err(error) => return Err(Failure::at(place, error)),
    };
    let names = names[..length].split(|byte| *byte == 0);
    let names = names.filter_map(|name| std::str::from_utf8(name).ok());
    let is_own = |name: &&str| {
        !name.is_empty() && !name.starts_with("trusted.overlay.") && *name != "security.selinux"
    };
    let mut names: Vec<String> = names.filter(is_own).map(str::to_owned).collect();
    names.sort();
    Ok(names)
}

/// The SHA-256 of the extended attributes of a path in hexadecimal digits; `None` = it has none.
pub(crate) fn digest_attributes(place: &Path) -> Result<Option<Vec<u8>>, Failure> {
    let names = attribute_names(place)?;
    if names.is_empty() {
        return Ok(None);
    }
    let mut hasher = Sha256::new();
    for name in names {
        let value = read_attribute(place, &name).unwrap_or_default();
        // With their lengths, no two lists have the same bytes.
        hasher.update(format!("{} {} ", name.len(), value.len()));
        hasher.update(name);
        hasher.update(value);
    }
    Ok(Some(to_digits(&hasher.finalize())))
}
