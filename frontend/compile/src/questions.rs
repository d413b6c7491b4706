//! What has to be known about packages before a graph can be made, and how it is asked.
//!
//! The graph holds packages in exact versions, as it holds images by digest. To learn them, the caller asks in rounds:
//! [`questions`] says what it can ask with what it knows, the caller has the engine answer, and asks again until there
//! are no questions. First come the package lists of the archives: their *state*, a digest, stands in the definition of
//! all that is asked about them. Then comes, for each installation, what apt would install: its *resolution*.

use std::collections::BTreeMap;

use buildkit_llb::{Digest, Graph, Output};
use plan::Plan;
use source::{Sources, Span};
use spec::PackageName;

use crate::installations::installations;
use crate::known::{InstallationId, QuestionId};
use crate::parts::{Ground, fetch};
use crate::vertices::Vertices;
use crate::{Request, assembly, compile, platform};

/// The questions that can be asked now.
#[derive(Debug)]
pub struct Questions {
    /// Every vertex that they need.
    pub graph: Graph,
    /// What is asked, by its name.
    pub asked: BTreeMap<QuestionId, Question>,
}

/// What an installation asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedPackages {
    /// Identifies it, whatever the archives have.
    pub asked: Digest,
    /// The packages, each with its places.
    pub packages: BTreeMap<PackageName, Vec<Span>>,
}

/// A question about packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The file system with the answer.
    pub output: Output,
    /// The packages that it is asked for, each with its places.
    pub packages: BTreeMap<PackageName, Vec<Span>>,
}

/// What is installed for what the request asks for.
pub fn wanted_packages(plan: &Plan, request: &Request) -> BTreeMap<InstallationId, WantedPackages> {
    let ground = Ground::of(plan, &request.known);
    let all = installations(&compile::root(ground, plan, request));
    let mut wanted: BTreeMap<InstallationId, WantedPackages> = BTreeMap::new();
    for archived in all {
        let entry = wanted.entry(archived.id).or_insert_with(|| WantedPackages {
            asked: archived.asked,
            packages: BTreeMap::new(),
        });
        for (name, spans) in archived.packages {
            entry.packages.entry(name).or_default().extend(spans);
        }
    }
    wanted
}

/// The questions that have to be answered before what the request asks for can be compiled. There are none if
/// everything is known.
pub fn questions(plan: &Plan, sources: &Sources, request: &Request) -> Questions {
    let ground = Ground::of(plan, &request.known);
    let root = compile::root(ground, plan, request);
    let commands = installations(&root);
    let ready = commands.iter().filter_map(|archived| {
        let (id, tree) = archived.question.as_ref().filter(|_| !archived.is_known)?;
        let is_ready = installations(tree).iter().all(|archived| archived.is_known);
        is_ready.then_some((id, tree, &archived.packages))
    });
    let mut vertices = Vertices::new(plan, sources, request);
    let mut asked: BTreeMap<QuestionId, Question> = BTreeMap::new();
    for (id, tree, packages) in ready {
        let output = vertices.output(tree);
        let question = asked.entry(id.clone()).or_insert_with(|| Question {
            output,
            packages: BTreeMap::new(),
        });
        // Several installations ask for the same lists, and several builders for the same packages.
        for (name, spans) in packages {
            let all = question.packages.entry(name.clone()).or_default();
            all.extend(spans);
            all.sort_unstable();
            all.dedup();
        }
    }
    let outputs: Vec<Output> = asked.values().map(|one| one.output).collect();
    let graph = finish(vertices, &outputs, request);
    Questions { graph, asked }
}

/// The outputs of builders in whose making no unknown packages take part, with every vertex that they need. They can be
/// made while the questions are asked.
pub fn independent_outputs(
    plan: &Plan,
    sources: &Sources,
    request: &Request,
) -> (Graph, Vec<Output>) {
    let ground = Ground::of(plan, &request.known);
    let mut vertices = Vertices::new(plan, sources, request);
    let mut outputs = Vec::new();
    for (extension, build) in plan.builds() {
        let tree = assembly::output(ground, extension, build);
        if installations(&tree).iter().all(|one| one.is_known) {
            outputs.push(vertices.output(&tree));
        }
    }
    (finish(vertices, &outputs, request), outputs)
}

/// The questions about downloads whose checksums have to be looked up. What is known about packages has to be all that
/// there is to know.
pub fn checksum_questions(plan: &Plan, sources: &Sources, request: &Request) -> Questions {
    let ground = Ground::of(plan, &request.known);
    let mut vertices = Vertices::new(plan, sources, request);
    let mut asked: BTreeMap<QuestionId, Question> = BTreeMap::new();
    for (extension, build) in plan.builds() {
        for source in build.sources.values() {
            let looked_up = fetch::checksum(ground, &extension.name, &build.image, source);
            let Some((form, what, tree)) = looked_up else {
                continue;
            };
            let question = Question {
                output: vertices.output(&tree),
                packages: BTreeMap::new(),
            };
            asked.insert(QuestionId::Checksum(form, what), question);
        }
    }
    let outputs: Vec<Output> = asked.values().map(|one| one.output).collect();
    let graph = finish(vertices, &outputs, request);
    Questions { graph, asked }
}

/// The graph of these outputs.
fn finish(vertices: Vertices<'_>, outputs: &[Output], request: &Request) -> Graph {
    let (mut graph, _) = vertices.finish();
    if request.is_one_of_several {
        platform::add_platform(&mut graph, outputs, &request.platform);
    }
    graph
}
