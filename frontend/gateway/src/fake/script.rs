//! The script of a fake engine: what it has, and how it answers.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use buildkit_proto::{
    google::rpc,
    moby::buildkit::v1::frontend::{self, Ref, RefMap, RefMapDeprecated, SolveResponse, result},
    pb,
};

use crate::Worker;

/// The script of a [`crate::fake::Fake`]. [`Script::default`] is a recent engine that holds
/// nothing.
#[derive(Debug, Clone)]
pub struct Script {
    /// The LLB capabilities that are enabled.
    pub capabilities: BTreeSet<String>,
    /// The LLB capabilities that are disabled, with the reason.
    pub disabled: BTreeMap<String, String>,
    /// The capabilities of the gateway.
    pub frontend_capabilities: BTreeSet<String>,
    /// The workers that `Ping` names.
    pub workers: Vec<Worker>,
    /// The images, by normalized reference: `docker.io/library/ubuntu:24.04`.
    pub images: BTreeMap<String, FakeImage>,
    /// The files, by the identifier of their source, or the arguments of the command that makes
    /// them, and by their path without a leading slash. The content comes from the first of these
    /// in a definition that has the path.
    pub files: BTreeMap<(String, String), Vec<u8>>,
    /// The definitions that another build hands over.
    pub inputs: BTreeMap<String, pb::Definition>,
    /// What happens instead of an answer, by the name of the call: `Solve`, `ReadFile`, `Return`,
    /// ….
    pub interruptions: BTreeMap<&'static str, Interruption>,
    /// The form of the answer to a solve.
    pub solve_form: SolveForm,
}

/// An image in the registry of a fake engine.
#[derive(Debug, Clone, Default)]
pub struct FakeImage {
    /// `sha256:…`.
    pub digest: String,
    /// The image configuration as JSON.
    pub config: Vec<u8>,
    /// The reference by which a source policy replaces the requested one.
    pub replaced_by: Option<String>,
}

/// What happens to a call instead of an answer.
#[derive(Debug, Clone)]
pub enum Interruption {
    /// The engine refuses with this status, whose details may be those of a failed build.
    Refuse(rpc::Status),
    /// The engine answers after this time.
    Delay(Duration),
    /// The engine never answers.
    Hang,
    /// The engine closes the connection.
    Vanish,
}

/// The forms in which engines have answered a solve over the years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SolveForm {
    /// `Result.ref`.
    #[default]
    Reference,
    /// `Result.refs` with one entry.
    References,
    /// `Result.refs` with two entries, which is never the answer to a definition.
    TwoReferences,
    /// `Result.ref_deprecated`.
    DeprecatedReference,
    /// `Result.refs_deprecated` with one entry.
    DeprecatedReferences,
    /// `SolveResponse.ref`.
    Response,
}

impl SolveForm {
    /// An answer in this form, whose reference has this identifier.
    pub(crate) fn response(self, id: String) -> SolveResponse {
        let reference = |id: String| Ref { id, def: None };
        let key = "linux/amd64".to_owned();
        let result = match self {
            SolveForm::Reference => result::Result::Ref(reference(id)),
            SolveForm::References => result::Result::Refs(RefMap {
                refs: HashMap::from([(key, reference(id))]),
            }),
            SolveForm::TwoReferences => result::Result::Refs(RefMap {
                refs: HashMap::from([
                    (key, reference(id.clone())),
                    ("linux/arm64".to_owned(), reference(id)),
                ]),
            }),
            SolveForm::DeprecatedReference => result::Result::RefDeprecated(id),
            SolveForm::DeprecatedReferences => result::Result::RefsDeprecated(RefMapDeprecated {
                refs: HashMap::from([(key, id)]),
            }),
            SolveForm::Response => {
                return SolveResponse {
                    r#ref: id,
                    result: None,
                };
            }
        };
        let result = frontend::Result {
            result: Some(result),
            ..Default::default()
        };
        SolveResponse {
            r#ref: String::new(),
            result: Some(result),
        }
    }
}

impl Default for Script {
    fn default() -> Script {
        let set = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect();
        let platform = pb::Platform {
            os: "linux".to_owned(),
            architecture: "amd64".to_owned(),
            ..Default::default()
        };
        Script {
            capabilities: set(LLB_CAPABILITIES),
            disabled: BTreeMap::new(),
            frontend_capabilities: set(FRONTEND_CAPABILITIES),
            workers: vec![Worker {
                platforms: vec![platform],
                ..Worker::default()
            }],
            images: BTreeMap::new(),
            files: BTreeMap::new(),
            inputs: BTreeMap::new(),
            interruptions: BTreeMap::new(),
            solve_form: SolveForm::default(),
        }
    }
}

impl Script {
    /// The script with one more file in a source.
    #[must_use]
    pub fn with_file(mut self, source: &str, path: &str, content: impl Into<Vec<u8>>) -> Script {
        self.files
            .insert((source.to_owned(), path.to_owned()), content.into());
        self
    }

    /// The script with one more image, by normalized reference.
    #[must_use]
    pub fn with_image(mut self, reference: &str, digest: &str, config: &str) -> Script {
        let image = FakeImage {
            digest: digest.to_owned(),
            config: config.into(),
            replaced_by: None,
        };
        self.images.insert(reference.to_owned(), image);
        self
    }

    /// The script with an interruption of a call.
    #[must_use]
    pub fn with_interruption(mut self, call: &'static str, interruption: Interruption) -> Script {
        self.interruptions.insert(call, interruption);
        self
    }
}

/// The capabilities that BuildKit 0.29 initializes, as far as this project may use them:
/// solver/pb/caps.go.
const LLB_CAPABILITIES: &[&str] = &[
    "constraints",
    "diffop",
    "exec.meta.base",
    "exec.meta.cgroup.parent",
    "exec.meta.network",
    "exec.meta.proxyenv",
    "exec.meta.security",
    "exec.meta.setsdefaultpath",
    "exec.meta.ulimit",
    "exec.mount.bind",
    "exec.mount.bind.readwrite-nooutput",
    "exec.mount.cache",
    "exec.mount.cache.content",
    "exec.mount.cache.sharing",
    "exec.mount.secret",
    "exec.mount.selector",
    "exec.mount.ssh",
    "exec.mount.tmpfs",
    "exec.mount.tmpfs.size",
    "exec.secretenv",
    "exec.validexitcode",
    "file.base",
    "file.copy.alwaysreplaceexistingdestpaths",
    "file.copy.includeexcludepatterns",
    "file.rm.wildcard",
    "file.symlink.create",
    "mergeop",
    "meta.description",
    "meta.exportcache",
    "meta.ignorecache",
    "platform",
    "source.git",
    "source.git.checksum",
    "source.git.fullurl",
    "source.git.keepgitdir",
    "source.http",
    "source.http.checksum",
    "source.http.perm",
    "source.image",
    "source.image.resolvemode",
    "source.local",
    "source.local.excludepatterns",
    "source.local.followpaths",
    "source.local.includepatterns",
    "source.local.sessionid",
    "source.local.sharedkeyhint",
    "source.localdiffer",
    "source.ocilayout",
    "source.policy",
];

/// The capabilities that BuildKit 0.29 offers to frontends: frontend/gateway/pb/caps.go.
const FRONTEND_CAPABILITIES: &[&str] = &[
    "frontend.caps",
    "frontend.inputs",
    "gateway.evaluate",
    "gateway.solve.evaluate",
    "gateway.warnings",
    "importcaches",
    "proto.refarray",
    "readdir",
    "readfile",
    "resolveimage",
    "resolveimage.resolvemode",
    "return",
    "returnmap",
    "solve.base",
    "solve.inlinereturn",
    "source.metaresolver",
    "statfile",
];
