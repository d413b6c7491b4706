//! Definitions that others made, such as the frontend's own image or the result of another build, as part of a graph.

use std::collections::BTreeMap;
use std::fmt;

use prost::Message as _;

use crate::encode::encode;
use crate::{About, Digest, Graph, Output, pb};

/// The error for an invalid definition: bytes that are not an operation, or an input that no operation makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportError(String);

impl fmt::Display for ImportError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for ImportError {}

impl Graph {
    /// Adds the operations of a definition and returns the output that it names; scratch if it is empty.
    ///
    /// An operation that is already in the graph is the same vertex. Names are kept. Source locations are dropped, and
    /// so are capabilities, which follow from the operations.
    ///
    /// # Errors
    /// If an operation cannot be decoded, comes before its inputs, or has no body and is not the last.
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
                let index = u32::try_from(input.index)
                    .map_err(|_| fail("has an input without a valid index"))?;
                Ok(Output::new(*digest, index))
            });
            let inputs = inputs.collect::<Result<Vec<_>, _>>()?;
            let Some(body) = op.op.clone() else {
                // The terminal operation, which names the result and does nothing (client/llb/state.go).
                if position + 1 != definition.def.len() {
                    return Err(fail("has no body"));
                }
                return Ok(inputs.first().copied().unwrap_or(Output::SCRATCH));
            };
            // The engine names operations by the bytes it sent, whose order may differ from ours.
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
            known.insert(Digest::of(&encode(&op)).to_string(), digest);
            known.insert(name, digest);
            last = Output::new(digest, 0);
        }
        Ok(last)
    }
}
