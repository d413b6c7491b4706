//! What depends on the abilities of the engine, and how it is given something to read from.

use buildkit_llb::{About, Capabilities, Graph, Output, pb};
use compile::Assembly;
use gateway::{Engine, Evaluation, Failure, Gateway, Reference};
use source::shown;

/// How this engine can put layers together.
pub(crate) fn choose_assembly(engine: &Engine) -> Assembly {
    let can_merge = ["mergeop", "diffop"]
        .iter()
        .all(|id| engine.capabilities.contains(*id));
    if can_merge {
        Assembly::Merge
    } else {
        Assembly::Copies
    }
}

/// What is said about a vertex that only has a title, which may quote an address.
pub(crate) fn titled(title: impl AsRef<str>) -> About {
    About::named(shown(title.as_ref()))
}

/// The definition of an output, for this engine.
pub(crate) fn make_definition(engine: &Engine, graph: &Graph, output: Output) -> pb::Definition {
    let capabilities: Capabilities = engine.capabilities.iter().map(String::as_str).collect();
    graph.definition(output, &capabilities)
}

/// Hands an output to the engine, in order to read files from it.
pub(crate) async fn load(
    gateway: &impl Gateway,
    graph: &Graph,
    output: Output,
) -> Result<Reference, Failure> {
    let definition = make_definition(&gateway.ping().await?, graph, output);
    Ok(gateway.solve(definition, &[], Evaluation::Lazy).await?)
}
