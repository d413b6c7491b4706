//! The request: what a compilation needs to know besides the plan.

use std::collections::{BTreeMap, BTreeSet};

use buildkit_llb::{Platform, ProxyEnvironment, ResolveMode, pb};
use serde_json::Value;
use spec::{ExtensionName, ImageReference};

use crate::known::Known;
use crate::{Commands, Context, Epoch, LAYER_TIME_SECONDS};

/// What the client asks for and the engine resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The platform that the image is built for.
    pub platform: Platform,
    /// Whether the image is built for other platforms too, so that the names of vertices have to state this
    /// one.
    pub is_one_of_several: bool,
    /// Every image of the plan ([`plan::Plan::images`]), as it was resolved.
    ///
    /// An image that is missing here is used as it is written and without a configuration. This is how a graph
    /// is shown without an engine.
    pub images: BTreeMap<ImageReference, ResolvedImage>,
    /// How the engine looks for images.
    pub resolve_mode: ResolveMode,
    /// The build context.
    pub context: Context,
    /// The host of the git repository that is the build context, by [`buildkit_llb::http_host`].
    ///
    /// The client's token without a host is meant for it. Sources of other hosts get only tokens that the client
    /// gives for these hosts.
    pub context_host: Option<String>,
    /// The named contexts in which extensions were found, by the names of the extensions.
    pub extension_contexts: BTreeMap<ExtensionName, Context>,
    /// The definition of the frontend's own image, as the engine gives it. Joints mount programs from this
    /// image. `None` = the graph is only shown.
    pub frontend: Option<pb::Definition>,
    /// How layers are combined.
    pub assembly: Assembly,
    /// The part of the plan to build.
    pub target: Target,
    /// The proxies for commands with a network. They are not part of cache keys or of the image. `None` = no
    /// proxies.
    pub proxy: Option<ProxyEnvironment>,
    /// The settings for all commands.
    pub commands: Commands,
    /// The time that the user gives in `SOURCE_DATE_EPOCH`, for files and the image; `None` = a fixed time.
    pub epoch: Option<Epoch>,
    /// What has to run again although it is cached.
    pub rerun: Rerun,
    /// Whether to fetch package lists again although they are cached.
    pub renews_packages: bool,
    /// What is known about packages.
    pub known: Known,
    /// Whether to make a bill of materials.
    pub wants_sbom: bool,
    /// Labels of the request, which win over those of the spec and of the base.
    pub labels: BTreeMap<String, String>,
}

impl Request {
    /// The time of files that copies put into layers.
    ///
    /// It follows every epoch, since a copy costs little.
    pub(crate) fn layer_time_seconds(&self) -> i64 {
        self.epoch.map_or(LAYER_TIME_SECONDS, Epoch::seconds)
    }

    /// The time of files that commands write.
    ///
    /// An epoch is a limit: no file may be later. The fixed time is earlier than nearly every epoch, so that
    /// a new epoch, for example that of each commit, makes no command run again.
    pub(crate) fn command_time_seconds(&self) -> i64 {
        self.layer_time_seconds().min(LAYER_TIME_SECONDS)
    }
}

/// A resolved image.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedImage {
    /// Where the engine takes it from.
    pub source: ImageSource,
    /// The image's configuration as the registry has it; `Value::Null` = it has none.
    pub config: Value,
}

/// Where the engine takes an image from.
#[derive(Debug, Clone, PartialEq)]
pub enum ImageSource {
    /// From a registry or the engine's own store: `docker.io/library/debian:bookworm@sha256:…`.
    Reference(String),
    /// From a named context that replaces it: an OCI layout of the client, the result of another build.
    ///
    /// `Graph::import` must accept the definition.
    Definition(pb::Definition),
}

/// How layers are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assembly {
    /// One merge of all layers.
    Merge,
    /// Copies on top of each other, for engines without MergeOp and DiffOp (docker's classic image store). The
    /// files are the same, but after a change, all layers above are copied again.
    Copies,
}

/// What has to run again although it is cached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rerun {
    /// All commands and copies.
    All,
    /// The commands and copies of these extensions, except for those that they share with others.
    Extensions(BTreeSet<ExtensionName>),
}

/// The part of a plan that is built.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Target {
    /// The whole image.
    #[default]
    Image,
    /// The builder of this extension after this number of its steps, with its sources and `$OUT`.
    Builder(ExtensionName, usize),
    /// Only the output of this extension's builder.
    Output(ExtensionName),
    /// What the tests of these extensions print, each run in the image.
    Tests(BTreeSet<ExtensionName>),
}
