//! What an engine says about itself in its answer to `Ping`.
//!
//! An engine has a capability if it lists it as enabled (util/apicaps/caps.go, `Supports`). It
//! rejects a whole graph that names a capability it has not initialized, so a graph may name only
//! those listed here.

use std::collections::{BTreeMap, BTreeSet};

use buildkit_proto::moby::buildkit::v1::{apicaps::ApiCap, frontend::PongResponse};

use crate::{Error, Worker};

/// An engine: what it can do, and which workers it has.
#[derive(Debug, Clone, PartialEq)]
pub struct Engine {
    /// The supported LLB capabilities, such as `file.base` and `mergeop`.
    pub capabilities: BTreeSet<String>,
    /// The supported calls and fields of the gateway, such as `source.metaresolver`.
    pub frontend_capabilities: BTreeSet<String>,
    /// The LLB capabilities that the engine knows but has disabled, with its reason, which may be
    /// empty.
    pub disabled: BTreeMap<String, String>,
    /// The workers as the engine lists them; the first is the default.
    pub workers: Vec<Worker>,
    /// The product that the user would have to update, for error messages. It is `buildkit` until
    /// the caller sets it from [`crate::Options::exported_product`].
    pub product: String,
}

/// The capability to copy files, since BuildKit 0.5. docker/dockerfile requires it too
/// (frontend/dockerui/config.go).
const FILE_BASE: &str = "file.base";

/// BuildKit's message says so if it declares a capability with the status "experimental"
/// (solver/pb/caps.go). This frontend requires only experimental ones by name.
const EXPERIMENTAL: &str = "experimental ";

impl Engine {
    /// Fails if the engine lacks an LLB capability, with the text of BuildKit's own frontends.
    pub fn llb_capability(&self, id: &str) -> Result<(), Error> {
        if self.capabilities.contains(id) {
            return Ok(());
        }
        // BuildKit writes the capability's name after its identifier. The capabilities required
        // here have no name, hence the two blanks: util/apicaps/caps.go, `CapError.Error`.
        let feature = format!("requested {EXPERIMENTAL}feature {id} ");
        let message = match self.disabled.get(id) {
            Some(reason) if reason.is_empty() => {
                format!("{feature} has been disabled on the build server")
            }
            Some(reason) => format!("{feature} has been disabled on the build server: {reason}"),
            None => format!(
                "{feature} is not supported by build server, please update {}",
                self.product
            ),
        };
        Err(Error::Unsupported {
            capability: id.to_owned(),
            message,
        })
    }

    /// Fails if the engine is too old for any build because it has no file operations.
    pub fn require_file_operations(&self) -> Result<(), Error> {
        self.llb_capability(FILE_BASE)
            .map_err(|_| Error::Unsupported {
                capability: FILE_BASE.to_owned(),
                message: "needs BuildKit 0.5 or later".to_owned(),
            })
    }

    pub(crate) fn has_frontend_capability(&self, id: &str) -> bool {
        self.frontend_capabilities.contains(id)
    }
}

impl From<PongResponse> for Engine {
    fn from(pong: PongResponse) -> Engine {
        Engine {
            capabilities: collect_enabled(&pong.llb_caps),
            frontend_capabilities: collect_enabled(&pong.frontend_api_caps),
            disabled: pong
                .llb_caps
                .into_iter()
                .filter(|capability| !capability.enabled)
                .map(|capability| (capability.id, capability.disabled_reason_msg))
                .collect(),
            workers: pong.workers.into_iter().map(Worker::from).collect(),
            product: "buildkit".to_owned(),
        }
    }
}

fn collect_enabled(capabilities: &[ApiCap]) -> BTreeSet<String> {
    capabilities
        .iter()
        .filter(|capability| capability.enabled)
        .map(|capability| capability.id.clone())
        .collect()
}
