//! Turns recipes into vertices, and adds what is the same for all of them.
//!
//! This is how people are shown a vertex (its name, its group, its places in the user's files), and what the
//! request says about all commands: platform, proxies, hosts, limits, names of caches, what runs again.

mod about;
mod commands;
mod files;

use std::collections::BTreeMap;
use std::sync::Arc;

use buildkit_llb::{Digest, ExecOutputs, FileActions, FileId, Git, Graph, Http, Image, Output};
use plan::Plan;
use source::{SourceId, Sources};
use spec::{ExtensionName, ImageReference};

use crate::recipe::{DOWNLOAD, Label, Operation, Part, Recipe, Tree};
use crate::{ImageSource, Request};

/// The vertices that were made so far, and the recipes they were made from.
pub(crate) struct Vertices<'a> {
    graph: Graph,
    plan: &'a Plan,
    request: &'a Request,
    sources: &'a Sources,
    files: BTreeMap<SourceId, FileId>,
    downloads: BTreeMap<Digest, Output>,
    /// The extension on whose line each vertex is shown.
    lines: BTreeMap<Digest, ExtensionName>,
    /// By the address of the recipe. The recipe is kept as well, so that no other one can get its address.
    made: BTreeMap<*const Recipe, (Arc<Recipe>, Made)>,
}

/// What a recipe became.
#[derive(Clone)]
enum Made {
    One(Output),
    /// A context, and the folder in it that contains its paths.
    Context(Output, String),
    Command(ExecOutputs),
}

impl<'a> Vertices<'a> {
    /// Begins a graph without vertices.
    pub(crate) fn new(plan: &'a Plan, sources: &'a Sources, request: &'a Request) -> Self {
        Self {
            graph: Graph::new(),
            plan,
            request,
            sources,
            files: BTreeMap::new(),
            downloads: BTreeMap::new(),
            lines: BTreeMap::new(),
            made: BTreeMap::new(),
        }
    }

    /// Returns the graph of all vertices, and the outputs of those that download.
    pub(crate) fn finish(self) -> (Graph, BTreeMap<Digest, Output>) {
        (self.graph, self.downloads)
    }

    /// The output of the vertex that makes a file system.
    pub(crate) fn output(&mut self, tree: &Tree) -> Output {
        let Tree::Made(recipe, part) = tree else {
            return Output::SCRATCH;
        };
        match (self.make(recipe), part) {
            (Made::One(output) | Made::Context(output, _), _) => output,
            (Made::Command(outputs), Part::Root) => outputs.root,
            (Made::Command(outputs), Part::Mount(mount)) => {
                outputs.at(mount).expect("the command keeps this mount")
            }
        }
    }

    /// The output of the vertex that makes a file system, and where a path of the file system is in it.
    pub(super) fn place(&mut self, tree: &Tree, path: &str) -> (Output, String) {
        let output = self.output(tree);
        let made = tree
            .recipe()
            .map(|recipe| &self.made[&Arc::as_ptr(recipe)].1);
        match made {
            Some(Made::Context(_, folder)) => (output, format!("{folder}/{path}")),
            _ => (output, path.to_owned()),
        }
    }

    /// Makes the vertex of a recipe, unless it was made before.
    fn make(&mut self, recipe: &Arc<Recipe>) -> Made {
        let address = Arc::as_ptr(recipe);
        if let Some((_, made)) = self.made.get(&address) {
            return made.clone();
        }
        let made = self.vertex(recipe);
        let output = match &made {
            Made::One(output) | Made::Context(output, _) => *output,
            Made::Command(outputs) => outputs.root,
        };
        self.separate_lines(output, &recipe.label);
        if let (true, Some(vertex)) = (recipe.is_download(), output.vertex()) {
            self.downloads.insert(vertex, output);
        }
        self.made
            .insert(address, (Arc::clone(recipe), made.clone()));
        made
    }

    fn vertex(&mut self, recipe: &Recipe) -> Made {
        let Recipe { label, operation } = recipe;
        Made::One(match operation {
            Operation::Image(image) => self.image(image, label),
            Operation::Frontend => self.frontend(label),
            Operation::Context { extension, path } => {
                return self.context(extension.as_ref(), path, label);
            }
            Operation::Http { url, sha256 } => {
                let mut http = Http::new(url.as_str());
                DOWNLOAD.clone_into(&mut http.filename);
                http.checksum = sha256.as_ref().map(|digits| {
                    let digest: Digest = format!("sha256:{digits}")
                        .parse()
                        .expect("`Sha256` has checked its form");
                    digest
                });
                let about = self.about(label);
                self.graph.http(http, about)
            }
            Operation::Git { repository, commit } => {
                let mut git = Git::new(repository.as_str(), commit.as_str());
                git.checksum.clone_from(commit);
                let host = buildkit_llb::http_host(repository);
                if host.is_none() || host != self.request.context_host {
                    git = git.with_secrets_of_host();
                }
                let about = self.about(label);
                self.graph.git(git, about)
            }
            Operation::Command(command) => return Made::Command(self.command(command, label)),
            Operation::Files { on, actions } => {
                let on = self.output(on);
                let mut files = FileActions::on(on);
                for action in actions {
                    files = self.action(files, action);
                }
                let about = self.about(label);
                self.graph.file(files, about)
            }
            Operation::Difference { lower, upper } => {
                let (lower, upper) = (self.output(lower), self.output(upper));
                let about = self.about(label);
                self.graph.diff(lower, upper, about)
            }
            Operation::Merge(trees) => {
                let inputs: Vec<Output> = trees.iter().map(|tree| self.output(tree)).collect();
                let about = self.about(label);
                self.graph.merge(&inputs, about)
            }
        })
    }

    fn image(&mut self, image: &ImageReference, label: &Label) -> Output {
        let request = self.request;
        let reference = match request.images.get(image).map(|resolved| &resolved.source) {
            None => image.as_str(),
            Some(ImageSource::Reference(reference)) => reference,
            Some(ImageSource::Definition(definition)) => {
                let output = self.graph.import(definition);
                return output.expect("the caller gives a valid definition of the image");
            }
        };
        let mut op = Image::new(reference, request.platform.clone());
        op.resolve_mode = request.resolve_mode;
        let about = self.about(label);
        self.graph.image(op, about)
    }

    fn frontend(&mut self, label: &Label) -> Output {
        let own = self.request.frontend.as_ref();
        let imported = own.and_then(|definition| self.graph.import(definition).ok());
        imported.unwrap_or_else(|| {
            // Without an engine, the reference of this image is not known.
            let image = Image::new("inlay", self.request.platform.clone());
            let about = self.about(label);
            self.graph.image(image, about)
        })
    }

    fn context(&mut self, extension: Option<&ExtensionName>, path: &str, label: &Label) -> Made {
        let request = self.request;
        let context = match extension {
            None => &request.context,
            Some(name) => {
                let context = request.extension_contexts.get(name);
                context.expect("the named context of an extension was loaded to find it")
            }
        };
        let about = self.about(label);
        let paths = [path.to_owned()];
        let (output, folder) = context
            .output(&mut self.graph, &paths, path, about)
            .expect("the caller gives a valid definition of the context");
        Made::Context(output, folder)
    }
}
