//! Explains to the user why a command of the graph failed: which command it was, and with which exit code.
//!
//! The engine's message quotes the arguments of the process, which name scripts of ours, while the names of
//! vertices quote the user's own words. The engine also ends the build at the first failure. After a failed
//! download, the other downloads can still be tried, so that all wrong checksums are reported at once.

use buildkit_llb::{Digest, Graph, Output, pb};
use compile::Compiled;
use gateway::Failure;

/// Gives the failure a message in the user's words if a command of the graph failed, and advice if a repository
/// could not be read without a token. Other failures are returned unchanged.
pub(crate) fn explain(graph: &Graph, failure: Failure) -> Failure {
    let vertex = failed_vertex(graph, &failure);
    if let Some(secret) = vertex.and_then(|vertex| missing_token(graph, vertex, &failure)) {
        let message = format!(
            "{}; if the repository is private, give a token for its host: `--secret id={secret},src=…`",
            failure.message
        );
        return failure.with_message(message);
    }
    let name = vertex.and_then(|vertex| name_of(graph, vertex));
    match (name, failure.exit_code()) {
        (Some(name), Some(code)) => {
            let reason = reason(code);
            failure.with_message(format!("{name}: exit code {code}{reason}"))
        }
        _ => failure,
    }
}

/// The other downloads that `wanted` depends on, if one of the graph's downloads failed; empty otherwise.
///
/// A target may need a part of the graph only, and what it does not need is not fetched for its errors' sake.
pub(crate) fn other_downloads(
    compiled: &Compiled,
    wanted: Output,
    failure: &Failure,
) -> Vec<Output> {
    let failed = failed_vertex(&compiled.graph, failure);
    let Some(failed) = failed.filter(|failed| compiled.downloads.contains_key(failed)) else {
        return Vec::new();
    };
    let needed = compiled.graph.ancestors(wanted);
    let others = compiled.downloads.iter();
    others
        .filter(|(vertex, _)| **vertex != failed && needed.contains(vertex))
        .map(|(_, output)| *output)
        .collect()
}

/// Combines failures into one, which keeps the places and details of each; `None` = there are none.
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

/// The vertex that failed; `None` = the failure names none, or none of this graph.
fn failed_vertex(graph: &Graph, failure: &Failure) -> Option<Digest> {
    let vertex: Digest = failure.vertex()?.parse().ok()?;
    graph.op(vertex).map(|_| vertex)
}

/// The id of the token that a checkout lacks, perhaps, as git's message says; `None` = something else failed.
fn missing_token(graph: &Graph, vertex: Digest, failure: &Failure) -> Option<String> {
    let says_so = ["could not read Username", "Authentication failed"]
        .iter()
        .any(|text| failure.message.contains(text));
    match graph.op(vertex)?.op.as_ref()? {
        pb::op::Op::Source(source) if says_so => source.attrs.get("git.authtokensecret").cloned(),
        _ => None,
    }
}

/// The name of a vertex.
fn name_of(graph: &Graph, vertex: Digest) -> Option<String> {
    Some(graph.about(vertex)?.name.clone())
}

/// What an exit code often means. Codes above 128 stand for signals (POSIX, "Exit Status for Commands").
fn reason(code: u32) -> &'static str {
    match code {
        74 => {
            " (the archive no longer has what the package lists or the lock name: see above; `--pull`, or with a lock \
             `--build-arg INLAY_LOCK=upgrade`, takes what it has today, and `snapshot:` in the spec what it had at a time)"
        }
        76 => " (the `snapshot` of these archives is not known: see above)",
        126 => " (the command cannot be executed)",
        127 => " (a command was not found)",
        137 => " (killed, perhaps because there was not enough memory)",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use buildkit_llb::Platform;
    use compile::{
        Assembly, ClientFolder, Commands, Context, Known, Request, Rerun, ResolveMode, Target,
        compile,
    };
    use fixtures::random::SHA256;
    use gateway::Any;
    use serde_json::{Value, json};

    use super::*;

    fn compiled() -> Compiled {
        let (plan, sources) = fixtures::resolve_sound(&format!(
            "//- image.yaml\nbase: ubuntu:24.04\nextensions:\n  - name: x\n    build:\n      \
             sources:\n        - {{ pypi: a==1.0, sha256: {SHA256}, to: a }}\n        \
             - {{ url: https://example.org/b, sha256: {SHA256}, to: b }}\n      steps: [make]\n  \
             - name: y\n    build:\n      sources:\n        \
             - {{ url: https://example.org/c, sha256: {SHA256}, to: c }}\n      steps: [make]\n"
        ));
        let context = Context::Client(ClientFolder {
            name: "context".to_owned(),
            session: String::new(),
            exclude: Vec::new(),
            key_hint: "context".to_owned(),
        });
        let request = Request {
            platform: Platform::new("linux", "amd64", ""),
            is_one_of_several: false,
            images: BTreeMap::new(),
            resolve_mode: ResolveMode::Default,
            context,
            context_host: None,
            extension_contexts: BTreeMap::new(),
            frontend: None,
            assembly: Assembly::Merge,
            target: Target::Image,
            proxy: None,
            commands: Commands::default(),
            epoch: None,
            rerun: Rerun::Extensions(BTreeSet::new()),
            renews_packages: false,
            known: Known::default(),
            wants_sbom: false,
            labels: BTreeMap::new(),
        };
        compile(&plan, &sources, &request)
    }

    fn vertex(compiled: &Compiled, name: &str) -> Digest {
        let mut vertices = compiled.graph.vertices();
        let found = vertices.find(|vertex| compiled.graph.about(*vertex).unwrap().name == name);
        found.unwrap_or_else(|| panic!("there is no {name}"))
    }

    /// A failure as the engine reports it for a vertex.
    fn failure(vertex: &str, code: Option<u32>) -> Failure {
        let detail = |name: &str, value: Value| Any {
            type_url: format!("github.com/moby/buildkit/{name}+json"),
            value: value.to_string().into_bytes(),
        };
        let mut failure = Failure::new("process \"/bin/sh -e /run/inlay/step\" did not complete");
        failure.details = vec![detail("errdefs.Vertex", json!({ "digest": vertex }))];
        let exit = code.map(|code| detail("gatewayapi.ExitMessage", json!({ "Code": code })));
        failure.details.extend(exit);
        failure
    }

    #[test]
    fn a_failed_command_is_reported_by_its_name() {
        let compiled = compiled();
        let make = vertex(&compiled, "[x] make").to_string();
        for (code, expected) in [
            (2, "[x] make: exit code 2"),
            (
                126,
                "[x] make: exit code 126 (the command cannot be executed)",
            ),
            (127, "[x] make: exit code 127 (a command was not found)"),
        ] {
            let explained = explain(&compiled.graph, failure(&make, Some(code)));
            assert_eq!(explained.message, expected);
            // The places of the failure and the details that debuggers read are kept.
            assert_eq!(explained.details, failure(&make, Some(code)).details);
        }
        assert!(
            explain(&compiled.graph, failure(&make, Some(137)))
                .message
                .contains("memory")
        );
    }

    #[test]
    fn other_failures_are_unchanged() {
        let compiled = compiled();
        let make = vertex(&compiled, "[x] make").to_string();
        let other = format!("sha256:{SHA256}");
        for failure in [failure(&make, None), failure(&other, Some(1))] {
            assert_eq!(explain(&compiled.graph, failure.clone()), failure);
        }
    }

    #[test]
    fn after_a_failed_download_the_others_are_tried() {
        let compiled = compiled();
        let name = |output: &Output| {
            let vertex = output.vertex().unwrap();
            compiled.graph.about(vertex).unwrap().name.clone()
        };
        let layer = |extension: &str| -> Output {
            let mut layers = compiled.layers.iter();
            layers
                .find(|(name, _)| name.as_str() == extension)
                .unwrap()
                .1[0]
        };
        let others_of = |wanted: Output, failed: &str| -> Vec<String> {
            let failed = vertex(&compiled, failed).to_string();
            let others = other_downloads(&compiled, wanted, &failure(&failed, Some(1)));
            let mut names: Vec<String> = others.iter().map(name).collect();
            names.sort_unstable();
            names
        };
        // What is not needed for what is built is not fetched.
        let others = |failed: &str| others_of(layer("x"), failed);
        assert_eq!(
            others("[fetch] a==1.0 from PyPI"),
            ["[fetch] https://example.org/b"]
        );
        assert_eq!(
            others("[fetch] https://example.org/b"),
            ["[fetch] a==1.0 from PyPI"]
        );
        assert_eq!(others("[x] make"), [""; 0]);
        assert_eq!(
            others_of(compiled.root, "[fetch] a==1.0 from PyPI"),
            [
                "[fetch] https://example.org/b",
                "[fetch] https://example.org/c"
            ]
        );
    }

    #[test]
    fn several_failures_become_one() {
        assert_eq!(combine(Vec::new()), None);
        let one = failure("sha256:1", Some(1));
        assert_eq!(combine(vec![one.clone()]), Some(one.clone()));
        let both = combine(vec![one.clone(), Failure::new("other").with_message("b")]).unwrap();
        let first = one.message;
        assert_eq!(both.message, format!("2 downloads failed:\n  {first}\n  b"));
        assert_eq!(both.details, one.details);
    }
}
