//! Definitions that others made, as part of a graph: the frontend's own image, inputs of other builds.

use std::collections::BTreeMap;
use std::fmt;

use prost::Message as _;

use crate::encode::canonical;
use crate::{About, Digest, Graph, Output, pb};

/// A definition that is not one: bytes that are no operation, or an input that no operation makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportError(String);

impl fmt::Display for ImportError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for ImportError {}

impl Graph {
    /// Adds the operations of a definition, and gives the output that the definition names; scratch for an empty one.
    ///
    /// An operation that is in the graph already is the same vertex. Names are taken over; source locations and
    /// capabilities are not, since the latter follow from the operations.
    ///
    /// # Errors
    /// When an operation cannot be decoded, comes before its inputs, or has no body and is not the last.
    pub fn import(&mut self, definition: &pb::Definition) -> Result<Output, ImportError> {
        let mut known: BTreeMap<String, Digest> = BTreeMap::new();
        let mut last = Output::SCRATCH;
        for (position, bytes) in definition.def.iter().enumerate() {
            let fail =
                |what: &str| ImportError(format!("operation {position} of the definition {what}"));
            let op = pb::Op::decode(bytes.as_slice()).map_err(|_| fail("cannot be decoded"))?;
            let inputs = op.inputs.iter().map(|input| {
                let digest = known
                    .get(&input.digest)
                    .ok_or_else(|| fail("comes before its input"))?;
                let index =
                    u32::try_from(input.index).map_err(|_| fail("has an input without index"))?;
                Ok(Output::new(*digest, index))
            });
            let inputs = inputs.collect::<Result<Vec<_>, _>>()?;
            let Some(body) = op.op.clone() else {
                // The terminal operation: it names the result and does nothing (client/llb/state.go).
                if position + 1 != definition.def.len() {
                    return Err(fail("has no body"));
                }
                return Ok(inputs.first().copied().unwrap_or(Output::SCRATCH));
            };
            // The engine names operations by the bytes it sent, which need not be in our order.
            let name = Digest::of(bytes).to_string();
            let about = definition.metadata.get(&name).map(|metadata| About {
                name: metadata
                    .description
                    .get("llb.customname")
                    .cloned()
                    .unwrap_or_default(),
                ..About::default()
            });
            let digest = self.add(inputs, op.platform.clone(), body, about.unwrap_or_default());
            known.insert(Digest::of(&canonical(&op)).to_string(), digest);
            known.insert(name, digest);
            last = Output::new(digest, 0);
        }
        Ok(last)
    }
}
