//! The whole of a compilation: extensions apart, then one assembly.

use std::collections::BTreeMap;

use buildkit_llb::{
    About, Exec, ExecOutputs, FileId, Graph, Group, Image, Location, Network, Output, Position,
    Range, SourceFile,
};
use plan::{Plan, Planned};
use serde_json::Value;
use source::{SourceId, Sources, Span};
use spec::{ExtensionName, ImageReference};

use crate::{
    Assembly, ImageSource, Request, Rerun, Target, commands, config, layers, platform, sbom, target,
};

/// A compiled plan.
#[derive(Debug)]
pub struct Compiled {
    /// Every vertex.
    pub graph: Graph,
    /// The root of what is built.
    pub root: Output,
    /// The layers of each extension, in the order they are in the image.
    pub layers: BTreeMap<ExtensionName, Vec<Output>>,
    /// The layers that are not of one extension: packages installed as one set, the hook for shell
    /// fragments, the joint.
    pub common: Vec<Output>,
    /// The configuration of what is built, as exporters take it.
    pub config: Value,
    /// A file system with the bill of materials as [`crate::SBOM_FILE`], where the request wants one.
    pub sbom: Option<Output>,
}

/// What every part of a compilation has at hand.
pub(crate) struct Compilation<'a> {
    pub(crate) graph: Graph,
    pub(crate) plan: &'a Plan,
    pub(crate) request: &'a Request,
    sources: &'a Sources,
    files: BTreeMap<SourceId, FileId>,
}

/// A layer of the image, and what its history entry says.
pub(crate) struct Layer {
    pub(crate) output: Output,
    pub(crate) created_by: String,
}

/// Compiles a plan.
///
/// `sources` are the texts that the plan's spans point into.
pub fn compile(plan: &Plan, sources: &Sources, request: &Request) -> Compiled {
    let mut compilation = Compilation {
        graph: Graph::new(),
        plan,
        request,
        sources,
        files: BTreeMap::new(),
    };
    let base = compilation.image(&plan.base.value, &[plan.base.span], "[base]");
    let assembled = match request.assembly {
        Assembly::Merge => layers::merged(&mut compilation, base),
        Assembly::Copies => layers::copied(&mut compilation, base),
    };
    let sbom = (request.wants_sbom && request.target == Target::Image)
        .then(|| sbom::document(&mut compilation, base, &assembled));
    let created_by: Vec<&str> = assembled.created_by.iter().map(String::as_str).collect();
    let base_config = request
        .images
        .get(&plan.base.value)
        .map(|image| &image.config);
    let config = config::image_config(
        base_config.unwrap_or(&Value::Null),
        plan,
        request,
        &created_by,
    );
    let (root, config) = target::choose(&mut compilation, (assembled.root, config));
    if request.is_one_of_several {
        let outputs: Vec<Output> = sbom.into_iter().chain([root]).collect();
        platform::name(&mut compilation.graph, &outputs, &request.platform);
    }
    Compiled {
        graph: compilation.graph,
        root,
        layers: assembled.layers,
        common: assembled.common,
        config,
        sbom,
    }
}

impl Compilation<'_> {
    /// An image of the plan.
    pub(crate) fn image(&mut self, image: &ImageReference, spans: &[Span], prefix: &str) -> Output {
        let request = self.request;
        let reference = match request.images.get(image).map(|resolved| &resolved.source) {
            None => image.as_str(),
            Some(ImageSource::Reference(reference)) => reference,
            Some(ImageSource::Definition(definition)) => {
                let output = self.graph.import(definition);
                return output.expect("the definition of an image was imported before");
            }
        };
        let mut op = Image::new(reference, self.request.platform.clone());
        op.resolve_mode = self.request.resolve_mode;
        let mut about = self.about(format!("{prefix} {image}"), spans);
        // Its content is named by its digest. And every build shares it: one that runs at the same
        // time would take over the flag (BuildKit, `solver/jobs.go`: "!ignorecache merges with
        // ignorecache") and run all its steps again.
        about.ignore_cache = false;
        self.graph.image(op, about)
    }

    /// The variables that an image's configuration sets.
    pub(crate) fn image_environment(&self, image: &ImageReference) -> Vec<(String, String)> {
        let resolved = self.request.images.get(image);
        let environment = resolved.map(|resolved| &resolved.config["config"]["Env"]);
        let environment = environment.and_then(Value::as_array).into_iter().flatten();
        environment
            .filter_map(Value::as_str)
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// A command, with what the request says of all commands.
    pub(crate) fn exec(&mut self, mut exec: Exec, about: About) -> ExecOutputs {
        if exec.network != Network::None {
            exec.proxy_environment.clone_from(&self.request.proxy);
        }
        if let (Rerun::Extensions(names), true) = (&self.request.rerun, about.ignore_cache) {
            commands::spare_caches(&mut exec, self.plan, names);
        }
        self.request.commands.apply(&mut exec);
        self.graph.exec(exec, about)
    }

    /// What people are told of a vertex that several may share.
    pub(crate) fn about(&mut self, name: impl Into<String>, spans: &[Span]) -> About {
        let mut about = About::named(name);
        about.ignore_cache = self.request.rerun == Rerun::All;
        about.locations = self.locations(spans);
        about
    }

    /// What people are told of a vertex of one extension: it is part of that extension's group.
    pub(crate) fn about_own(
        &mut self,
        extension: &Planned,
        name: impl Into<String>,
        spans: &[Span],
    ) -> About {
        let mut about = self.about(name, spans);
        if let Rerun::Extensions(names) = &self.request.rerun {
            about.ignore_cache = names.contains(&extension.name);
        }
        about.group = Some(Group {
            id: format!("inlay.{}", extension.name),
            name: format!("[{}]", extension.name),
            weak: false,
        });
        about
    }

    /// One location a file, with its ranges in order: an error shows each file once.
    fn locations(&mut self, spans: &[Span]) -> Vec<Location> {
        let mut locations: Vec<Location> = Vec::new();
        for span in spans {
            let (file, range) = (self.file(span.source), self.range(*span));
            match locations.iter_mut().find(|location| location.file == file) {
                Some(location) => location.ranges.push(range),
                None => locations.push(Location {
                    file,
                    ranges: vec![range],
                }),
            }
        }
        locations
    }

    fn file(&mut self, source: SourceId) -> FileId {
        let (sources, graph) = (self.sources, &mut self.graph);
        *self.files.entry(source).or_insert_with(|| {
            let file = sources.get(source);
            graph.source_file(SourceFile {
                name: file.name.clone(),
                text: file.text.clone().into_bytes(),
                language: "YAML".to_owned(),
                definition: None,
            })
        })
    }

    fn range(&self, span: Span) -> Range {
        let position = |place: source::Position| Position {
            line: place.line,
            character: place.column.saturating_sub(1),
        };
        Range {
            start: position(self.sources.start(span)),
            end: position(self.sources.end(span)),
        }
    }
}
