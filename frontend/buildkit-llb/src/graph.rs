//! The graph: vertices by the digest of their operation, and the files they come from.
//! The methods that add operations are defined next to the operations: `source`, `git`, `exec`, `file`, `merge`.

use std::collections::{BTreeMap, BTreeSet};

use crate::about::Description;
use crate::encode::{encode, encode_legacy, input, operation};
use crate::{About, Digest, FileId, Group, Output, SourceFile, pb};

/// A content-addressed graph of operations.
///
/// An output can be used with the graph that made it, and with any graph in which the same operations were made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    vertices: BTreeMap<Digest, Vertex>,
    files: BTreeMap<FileId, SourceFile>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Vertex {
    pub(crate) op: pb::Op,
    pub(crate) inputs: Vec<Output>,
    /// The digest that BuildKit 0.16 and earlier computes. The inputs are named by such digests too.
    pub(crate) legacy: Digest,
    pub(crate) description: Description,
}

impl Graph {
    /// An empty graph.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file that locations point into. Equal files are the same file; the order of additions does not matter.
    pub fn source_file(&mut self, file: SourceFile) -> FileId {
        let id = FileId::of(&file);
        self.files.insert(id, file);
        id
    }

    /// All vertices, sorted by digest.
    pub fn vertices(&self) -> impl Iterator<Item = Digest> + '_ {
        self.vertices.keys().copied()
    }

    /// The operation of a vertex, as it is sent.
    pub fn op(&self, vertex: Digest) -> Option<&pb::Op> {
        self.vertices.get(&vertex).map(|vertex| &vertex.op)
    }

    /// The description of a vertex, which combines everything that was said whenever it was added.
    pub fn about(&self, vertex: Digest) -> Option<&About> {
        self.vertices
            .get(&vertex)
            .map(|vertex| &vertex.description.about)
    }

    /// The vertices that an output depends on, including its own; empty for scratch.
    pub fn ancestors(&self, of: Output) -> BTreeSet<Digest> {
        self.post_order(of).into_iter().collect()
    }

    /// Gives a vertex another name and another group.
    ///
    /// # Panics
    /// If the vertex is not in this graph.
    pub fn rename(&mut self, vertex: Digest, name: String, group: Option<Group>) {
        let vertex = self.vertices.get_mut(&vertex);
        let about = &mut vertex.expect("it is in the graph").description.about;
        about.name = name;
        about.group = group;
    }

    /// The vertices that an output depends on, each once and after its inputs.
    /// The order depends only on the output.
    pub fn post_order(&self, of: Output) -> Vec<Digest> {
        let mut order = Vec::new();
        let mut seen = BTreeSet::new();
        // An explicit stack, because a chain of a thousand commands could overflow that of the thread.
        let mut pending: Vec<(Digest, usize)> = Vec::new();
        let mut enter = |vertex: Option<Digest>, pending: &mut Vec<(Digest, usize)>| {
            if let Some(vertex) = vertex.filter(|vertex| seen.insert(*vertex)) {
                pending.push((vertex, 0));
            }
        };
        enter(of.vertex(), &mut pending);
        while let Some((vertex, next)) = pending.last_mut() {
            if let Some(input) = self.vertex(*vertex).inputs.get(*next) {
                *next += 1;
                enter(input.vertex(), &mut pending);
            } else {
                order.push(*vertex);
                pending.pop();
            }
        }
        order
    }

    pub(crate) fn vertex(&self, digest: Digest) -> &Vertex {
        self.vertices
            .get(&digest)
            .expect("an output is used with the graph that made it")
    }

    pub(crate) fn file_of(&self, id: FileId) -> &SourceFile {
        self.files
            .get(&id)
            .expect("a location points into a file of the same graph")
    }

    /// Adds an operation. An equal one is the same vertex, with both descriptions combined.
    pub(crate) fn add(
        &mut self,
        inputs: Vec<Output>,
        platform: Option<pb::Platform>,
        body: pb::op::Op,
        about: About,
    ) -> Digest {
        let named = |name: &dyn Fn(Digest) -> Digest| {
            inputs
                .iter()
                .filter_map(|output| Some(input(name(output.vertex()?), output.index())))
                .collect()
        };
        let op = operation(named(&|digest| digest), platform.clone(), body.clone());
        let old = operation(named(&|digest| self.vertex(digest).legacy), platform, body);
        let digest = Digest::of(&encode(&op));
        let description = Description::new(about);
        let mut vertex = self.vertices.remove(&digest);
        if let Some(vertex) = &mut vertex {
            vertex.description.combine(description);
        } else {
            vertex = Some(Vertex {
                op,
                inputs,
                legacy: Digest::of(&encode_legacy(&old)),
                description,
            });
        }
        let mut vertex = vertex.expect("it was found or made above");
        // Sorted by the name of the file, for people. Its id decides only between files of the same name.
        let locations = &mut vertex.description.about.locations;
        locations.sort_by_cached_key(|location| {
            (self.file_of(location.file).name.clone(), location.clone())
        });
        locations.dedup();
        self.vertices.insert(digest, vertex);
        digest
    }
}
