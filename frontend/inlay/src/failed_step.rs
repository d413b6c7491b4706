//! What the user is told when a command of the graph fails: the command in their words, and its status.
//!
//! The engine quotes the arguments of the process, which are scripts of ours, and ends the build at the
//! first failure. The names of vertices are the user's words, and other downloads can be tried after one has
//! failed, so that all wrong checksums are told at once.

use buildkit_llb::{Digest, Output};
use compile::Compiled;
use gateway::Failure;

/// The failure of an evaluation, in the words of the user where a command of ours failed.
pub(crate) fn explain(compiled: &Compiled, failure: Failure) -> Failure {
    let name = failed_vertex(compiled, &failure).and_then(|vertex| name_of(compiled, vertex));
    match (name, failure.exit_code()) {
        (Some(name), Some(code)) => {
            let reason = reason(code);
            failure.with_message(format!("{name}: exit code {code}{reason}"))
        }
        _ => failure,
    }
}

/// The other downloads of a graph, if it was one of its downloads that failed.
pub(crate) fn other_downloads(compiled: &Compiled, failure: &Failure) -> Vec<Output> {
    let failed = failed_vertex(compiled, failure);
    let is_download = failed.is_some_and(|failed| compiled.downloads.contains_key(&failed));
    let others = compiled.downloads.iter().filter(|_| is_download);
    others
        .filter(|(vertex, _)| Some(**vertex) != failed)
        .map(|(_, output)| *output)
        .collect()
}

/// Several failures as one, which keeps the places and details of each.
pub(crate) fn combine(failures: Vec<Failure>) -> Option<Failure> {
    let count = failures.len();
    let lines: Vec<String> = failures
        .iter()
        .map(|failure| format!("\n  {}", failure.message))
        .collect();
    let combined = failures.into_iter().reduce(|mut first, other| {
        first.snippets.extend(other.snippets);
        first.details.extend(other.details);
        first
    })?;
    Some(match count {
        1 => combined,
        _ => combined.with_message(format!("{count} downloads failed:{}", lines.concat())),
    })
}

fn failed_vertex(compiled: &Compiled, failure: &Failure) -> Option<Digest> {
    let vertex: Digest = failure.vertex()?.parse().ok()?;
    compiled.graph.op(vertex).map(|_| vertex)
}

/// The name of a vertex that runs a command.
fn name_of(compiled: &Compiled, vertex: Digest) -> Option<String> {
    Some(compiled.graph.about(vertex)?.name.clone())
}

/// What an exit code often means (those above 128 are signals: POSIX, "Exit Status for Commands").
fn reason(code: u32) -> &'static str {
    match code {
        126 => " (the command cannot be executed)",
        127 => " (a command was not found)",
        137 => " (killed, perhaps because there was not enough memory)",
        _ => "",
    }
}
