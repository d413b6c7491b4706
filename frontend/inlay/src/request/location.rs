//! Where the spec and the build context are.

use gateway::{Failure, GitAddress, Options};

use crate::remote::GitFolder;
use crate::request::go;

/// Where the spec and the build context are.
#[derive(Debug)]
pub(crate) struct Location {
    /// The name of the spec's file.
    pub(crate) filename: String,
    /// The local source or the input that holds the spec.
    pub(crate) spec_source: String,
    /// Whether the spec is in a folder of the client, wherever the build context is.
    pub(crate) is_spec_local: bool,
    /// The address of a build context that is not a folder of the client.
    pub(crate) address: Option<String>,
    /// The folder of such a build context, relative; empty means all of it.
    pub(crate) folder: String,
    /// Whether a checkout keeps its folder `.git`.
    pub(crate) git_folder: GitFolder,
}

impl Location {
    pub(crate) fn read(options: &Options) -> Result<Self, Failure> {
        let own_source = options.get("dockerfilekey");
        let key = options.get("contextkey").unwrap_or("context");
        let address = options.get(key).filter(|address| !address.is_empty());
        let keep = options.get("build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR");
        Ok(Self {
            filename: options.get("filename").unwrap_or("inlay.yaml").to_owned(),
            spec_source: own_source.unwrap_or("dockerfile").to_owned(),
            is_spec_local: own_source.is_some(),
            address: address.map(str::to_owned),
            folder: normalize_folder(options.get("contextsubdir").unwrap_or_default())?,
            git_folder: match keep.and_then(go::parse_boolean) {
                Some(true) => GitFolder::Keep,
                _ => GitFolder::Drop,
            },
        })
    }

    /// The host of a build context that is a git repository.
    pub(crate) fn git_host(&self) -> Option<String> {
        let address = GitAddress::parse(self.address.as_deref()?).ok()??;
        buildkit_llb::http_host(&address.remote)
    }
}

/// The folder of a context, relative and without `.` and `..`.
fn normalize_folder(folder: &str) -> Result<String, Failure> {
    let parts = folder.split('/');
    let parts: Vec<&str> = parts
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    if parts.contains(&"..") {
        return Err(Failure::new(format!(
            "contextsubdir `{folder}`: `..` would lead out of the build context"
        )));
    }
    Ok(parts.join("/"))
}
