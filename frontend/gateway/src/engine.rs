//! What the engine told about itself: the result of `Ping`.
//!
//! A capability is there when it is listed and enabled (util/apicaps/caps.go, `Supports`). An engine
//! rejects whole graphs that name a capability it has not initialized, so nothing may be named that is
//! not in these sets.

use std::collections::{BTreeMap, BTreeSet};

use buildkit_proto::moby::buildkit::v1::{apicaps::ApiCap, frontend::PongResponse};

use crate::{Error, Worker};

/// The abilities of an engine.
#[derive(Debug, Clone, PartialEq)]
pub struct Engine {
    /// The supported LLB capabilities, such as `file.base` and `mergeop`.
    pub capabilities: BTreeSet<String>,
    /// The supported calls and fields of the gateway, such as `source.metaresolver`.
    pub frontend_capabilities: BTreeSet<String>,
    /// The LLB capabilities that are known and switched off, with the engine's reason, which may
    /// be empty.
    pub disabled: BTreeMap<String, String>,
    /// The workers as the engine lists them; the first is the default.
    pub workers: Vec<Worker>,
    /// The product the user would have to update, for error texts. `buildkit` until the caller
    /// sets it from [`crate::Options::exported_product`].
    pub product: String,
}

/// What docker/dockerfile too demands: without `FileOp` nothing can be copied (BuildKit 0.5,
/// frontend/dockerui/config.go).
const FILE_BASE: &str = "file.base";

/// The capabilities that BuildKit declares with the status "experimental" say so in the text
/// (solver/pb/caps.go); this frontend asks for no stable one by name.
const EXPERIMENTAL: &str = "experimental ";

impl Engine {
    /// Fails with the text that users know when the engine lacks an LLB capability.
    pub fn llb_capability(&self, id: &str) -> Result<(), Error> {
        if self.capabilities.contains(id) {
            return Ok(());
        }
        // The name that may follow the identifier is empty for every capability asked for here,
        // hence the two blanks: util/apicaps/caps.go, `CapError.Error`.
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

    /// Fails when the engine is too old for any build: it has no file operations.
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
            capabilities: enabled(&pong.llb_caps),
            frontend_capabilities: enabled(&pong.frontend_api_caps),
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

fn enabled(capabilities: &[ApiCap]) -> BTreeSet<String> {
    capabilities
        .iter()
        .filter(|capability| capability.enabled)
        .map(|capability| capability.id.clone())
        .collect()
}
