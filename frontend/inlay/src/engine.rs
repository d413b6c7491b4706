//! What every part of inlay needs to know of the engine, or asks it, in the same way.

use buildkit_llb::{Capabilities, Graph, Output, pb};
use compile::Assembly;
use gateway::{Engine, Evaluation, Failure, Gateway, Reference};

/// How this engine can put layers together.
pub(crate) fn assembly(engine: &Engine) -> Assembly {
    let can_merge = ["mergeop", "diffop"]
        .iter()
        .all(|id| engine.capabilities.contains(*id));
    if can_merge {
        Assembly::Merge
    } else {
        Assembly::Copies
    }
}

/// The definition of an output, for this engine.
pub(crate) fn definition(engine: &Engine, graph: &Graph, output: Output) -> pb::Definition {
    let capabilities: Capabilities = engine.capabilities.iter().map(String::as_str).collect();
    graph.definition(output, &capabilities)
}

/// Hands an output to the engine, in order to read files from it.
pub(crate) async fn load(
    gateway: &impl Gateway,
    graph: &Graph,
    output: Output,
) -> Result<Reference, Failure> {
    let definition = definition(&gateway.ping().await?, graph, output);
    Ok(gateway.solve(definition, &[], Evaluation::Lazy).await?)
}
