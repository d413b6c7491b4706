//! Checksums that are known from elsewhere, such as a lock.

use std::collections::{BTreeMap, BTreeSet};

use spec::{ExtensionName, PackageForm};

/// Checksums of downloads in versions for which their extensions have none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checksums {
    /// The SHA256 of each download, by its form and what it names.
    pub known: BTreeMap<(PackageForm, String), String>,
    /// The extensions that do not use what is known.
    pub renewed: BTreeSet<ExtensionName>,
    /// Whether a missing checksum is looked up ([`crate::ChecksumOrigin::Missing`]). If not, it is an error.
    pub are_looked_up: bool,
}

impl Checksums {
    /// What is known of a download of this extension.
    pub(crate) fn find(
        &self,
        extension: &ExtensionName,
        form: PackageForm,
        what: &str,
    ) -> Option<&str> {
        let key = (form, what.to_owned());
        let known = self.known.get(&key);
        known
            .filter(|_| !self.renewed.contains(extension))
            .map(String::as_str)
    }
}
