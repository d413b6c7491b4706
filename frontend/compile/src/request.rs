//! What a compilation needs to know of the request, beside the plan.

use std::collections::{BTreeMap, BTreeSet};

use buildkit_llb::{Platform, ProxyEnvironment, ResolveMode, pb};
use serde_json::Value;
use spec::{ExtensionName, ImageReference};

use crate::{Commands, Context, Epoch, LAYER_TIME_SECONDS};

/// What a request says; nothing of it depends on extensions.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// What is built for.
    pub platform: Platform,
    /// Whether the image is built for others too, so that names say which one is meant.
    pub is_one_of_several: bool,
    /// Every image of the plan ([`plan::Plan::images`]), as it was resolved.
    ///
    /// An image that is missing here is used as it is written and without a configuration: that is
    /// how a graph is shown without an engine.
    pub images: BTreeMap<ImageReference, ResolvedImage>,
    /// How the engine is to look for images.
    pub resolve_mode: ResolveMode,
    /// The build context.
    pub context: Context,
    /// The contexts in which extensions of their name were found.
    pub extension_contexts: BTreeMap<ExtensionName, Context>,
    /// The definition of the frontend's own image, as the engine gives it: its programs are mounted
    /// into joints. None where a graph is only shown.
    pub frontend: Option<pb::Definition>,
    /// How layers are put together.
    pub assembly: Assembly,
    /// What of the plan is built.
    pub target: Target,
    /// The proxies of commands with a network; outside the cache key and the image.
    pub proxy: Option<ProxyEnvironment>,
    /// What is said of every command.
    pub commands: Commands,
    /// The time of what is made, where the user gives one (`SOURCE_DATE_EPOCH`).
    pub epoch: Option<Epoch>,
    /// What is to run though it is cached.
    pub rerun: Rerun,
    /// Whether a bill of materials is wanted.
    pub wants_sbom: bool,
    /// Labels of the request; they win over those of the spec and of the base.
    pub labels: BTreeMap<String, String>,
}

impl Request {
    /// The time of files that copies put into layers.
    ///
    /// A copy costs little, so it follows every epoch.
    pub(crate) fn layer_time_seconds(&self) -> i64 {
        self.epoch.map_or(LAYER_TIME_SECONDS, Epoch::seconds)
    }

    /// The time that commands give to what they write.
    ///
    /// An epoch is a limit: nothing may be later. The fixed time is earlier than nearly all, so that
    /// another epoch, such as that of each commit, runs no command again.
    pub(crate) fn command_time_seconds(&self) -> i64 {
        self.layer_time_seconds().min(LAYER_TIME_SECONDS)
    }
}

/// An image with a digest, and its configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedImage {
    /// What the engine takes it from.
    pub source: ImageSource,
    /// The image's configuration as it is in the registry; `Value::Null` when there is none.
    pub config: Value,
}

/// What the engine takes an image from.
#[derive(Debug, Clone, PartialEq)]
pub enum ImageSource {
    /// A registry or the engine's own store: `docker.io/library/debian:bookworm@sha256:…`.
    Reference(String),
    /// What a named context has in its place: a layout of the client, the result of another build.
    ///
    /// `Graph::import` takes it, or this is a bug of its maker.
    Definition(pb::Definition),
}

/// How layers are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assembly {
    /// One merge of all layers.
    Merge,
    /// Copies on top of each other, for engines without MergeOp and DiffOp (docker's classic image
    /// store): the same files, but a changed layer copies those above it again.
    Copies,
}

/// What is to run though it is cached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rerun {
    /// All commands and copies.
    All,
    /// The commands and copies of these extensions; what they share with others stays.
    Extensions(BTreeSet<ExtensionName>),
}

/// What of a plan is built.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Target {
    /// All of it.
    #[default]
    Image,
    /// The builder of this extension after so many of its steps, with its sources and `$OUT`.
    Builder(ExtensionName, usize),
    /// What this extension's builder leaves, and nothing else.
    Output(ExtensionName),
    /// What the tests of these extensions print, each run in the image.
    Tests(BTreeSet<ExtensionName>),
}
