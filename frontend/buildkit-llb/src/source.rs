//! `SourceOp` for images, local folders, downloads and OCI layouts.
//! Attributes with an empty value are never written, because prost and Go encode them differently and the digests would
//! differ. The keys are from solver/pb/attr.go.

use std::collections::BTreeMap;

use crate::{About, Digest, Graph, Output, Platform, pb};

/// An image in a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The full reference, such as `docker.io/library/ubuntu:24.04@sha256:…`. The engine refuses short names.
    pub reference: String,
    /// The platform to choose from an index.
    pub platform: Platform,
    /// Where the reference is looked up.
    pub resolve_mode: ResolveMode,
    /// The digest that the image must have.
    pub checksum: Option<Digest>,
}

impl Image {
    /// An image that is looked up as the engine does by default.
    pub fn new(reference: impl Into<String>, platform: Platform) -> Self {
        let resolve_mode = ResolveMode::Default;
        Self {
            reference: reference.into(),
            platform,
            resolve_mode,
            checksum: None,
        }
    }
}

/// Where an image reference is looked up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResolveMode {
    /// Where the engine looks by default.
    #[default]
    Default,
    /// Always in the registry.
    Pull,
    /// In the local image store first.
    Local,
}

/// A folder of the client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Local {
    /// The name under which the client offers it, such as `context`.
    pub name: String,
    /// The session to ask; empty means any.
    pub session: String,
    /// The only files to send; empty means all.
    pub include_patterns: Vec<String>,
    /// The files not to send, in the syntax of `.dockerignore`.
    pub exclude_patterns: Vec<String>,
    /// The only paths to send, together with the targets of their symbolic links; empty means all.
    pub follow_paths: Vec<String>,
    /// Transfers with the same hint reuse each other's files; empty means no hint.
    pub shared_key_hint: String,
    /// How the transfer finds the files that changed.
    pub differ: Differ,
}

impl Local {
    /// The whole folder, from this session.
    pub fn new(name: impl Into<String>, session: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            session: session.into(),
            ..Self::default()
        }
    }
}

/// How a transfer finds the files that changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Differ {
    /// By the engine's default, which is metadata.
    #[default]
    Default,
    /// Not at all: every file is sent.
    None,
    /// By size, time, mode and owner.
    Metadata,
}

/// A file to download.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Http {
    /// The address, with `http://` or `https://`.
    pub url: String,
    /// The digest that the file must have.
    pub checksum: Option<Digest>,
    /// The name for the file; empty means the last part of the address.
    pub filename: String,
    /// The permissions of the file; 0600 if absent.
    pub permissions: Option<u32>,
    /// The number of its owner; 0 if absent.
    pub user: Option<u32>,
    /// The number of its group; 0 if absent.
    pub group: Option<u32>,
    /// The secret that holds the `Authorization` header; empty means none.
    pub auth_header_secret: String,
}

impl Http {
    /// A file at this address, without a checksum.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            ..Self::default()
        }
    }
}

/// An image in an OCI layout that the client offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OciLayout {
    /// A name and a digest, which is mandatory: `name@sha256:…`.
    pub reference: String,
    /// The platform to choose from an index.
    pub platform: Platform,
    /// The session to ask; empty means any.
    pub session: String,
    /// The store to ask; empty means the name in the reference.
    pub store: String,
}

impl OciLayout {
    /// An image from any session.
    pub fn new(reference: impl Into<String>, platform: Platform) -> Self {
        let reference = reference.into();
        Self {
            reference,
            platform,
            session: String::new(),
            store: String::new(),
        }
    }
}

impl Graph {
    /// Adds an image: `docker-image://` on the wire.
    pub fn image(&mut self, image: Image, about: About) -> Output {
        let Image {
            reference,
            platform,
            resolve_mode,
            checksum,
        } = image;
        let resolve_mode = match resolve_mode {
            ResolveMode::Default => "",
            ResolveMode::Pull => "pull",
            ResolveMode::Local => "local",
        };
        let mut attributes = Attributes::default();
        attributes.set("image.resolvemode", resolve_mode);
        attributes.set("image.checksum", to_text(checksum));
        self.source(
            format!("docker-image://{reference}"),
            attributes,
            Some(&platform),
            about,
        )
    }

    /// Adds a folder of the client: `local://` on the wire.
    pub fn local(&mut self, local: Local, about: About) -> Output {
        let differ = match local.differ {
            Differ::Default => "",
            Differ::None => "none",
            Differ::Metadata => "metadata",
        };
        let mut attributes = Attributes::default();
        attributes.set("local.session", local.session);
        attributes.set("local.includepattern", to_json(&local.include_patterns));
        attributes.set("local.excludepatterns", to_json(&local.exclude_patterns));
        attributes.set("local.followpaths", to_json(&local.follow_paths));
        attributes.set("local.sharedkeyhint", local.shared_key_hint);
        attributes.set("local.differ", differ);
        self.source(format!("local://{}", local.name), attributes, None, about)
    }

    /// Adds a download.
    pub fn http(&mut self, http: Http, about: About) -> Output {
        // 0 means the same as an absent number, and Go does not write it: client/llb/source.go.
        let number = |number: Option<u32>| number.filter(|number| *number != 0);
        let permissions = number(http.permissions.map(|permissions| permissions & 0o777));
        let mut attributes = Attributes::default();
        attributes.set("http.checksum", to_text(http.checksum));
        attributes.set("http.filename", http.filename);
        attributes.set(
            "http.perm",
            to_text(permissions.map(|permissions| format!("0{permissions:o}"))),
        );
        attributes.set("http.uid", to_text(number(http.user)));
        attributes.set("http.gid", to_text(number(http.group)));
        attributes.set("http.authheadersecret", http.auth_header_secret);
        self.source(http.url, attributes, None, about)
    }

    /// Adds an image in an OCI layout of the client: `oci-layout://` on the wire.
    pub fn oci_layout(&mut self, layout: OciLayout, about: About) -> Output {
        let mut attributes = Attributes::default();
        attributes.set("oci.session", layout.session);
        attributes.set("oci.store", layout.store);
        let identifier = format!("oci-layout://{}", layout.reference);
        self.source(identifier, attributes, Some(&layout.platform), about)
    }

    /// Adds a source. Only images have a platform: `platformSpecificSource` in client/llb/source.go.
    pub(crate) fn source(
        &mut self,
        identifier: String,
        attributes: Attributes,
        platform: Option<&Platform>,
        about: About,
    ) -> Output {
        let source = pb::SourceOp {
            identifier,
            attrs: attributes.0,
        };
        let platform = platform.map(Platform::to_pb);
        Output::new(
            self.add(Vec::new(), platform, pb::op::Op::Source(source), about),
            0,
        )
    }
}

/// The attributes of a source. None of them is empty.
#[derive(Default)]
pub(crate) struct Attributes(BTreeMap<String, String>);

impl Attributes {
    /// Sets an attribute, unless the value is empty.
    pub(crate) fn set(&mut self, key: &str, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            self.0.insert(key.to_owned(), value);
        }
    }
}

fn to_text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A list as Go's `json.Marshal` writes it, which escapes the special characters of HTML. Empty for an empty list.
fn to_json(values: &[String]) -> String {
    if values.is_empty() {
        return String::new();
    }
    let json = serde_json::to_string(values).expect("text is always JSON");
    let escapes = [
        ('<', "\\u003c"),
        ('>', "\\u003e"),
        ('&', "\\u0026"),
        ('\u{2028}', "\\u2028"),
        ('\u{2029}', "\\u2029"),
    ];
    escapes.iter().fold(json, |json, (character, escape)| {
        json.replace(*character, escape)
    })
}
