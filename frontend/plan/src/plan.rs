//! A whole image, decided, and what follows from it: its images, the order of its layers, its union.

use std::collections::BTreeMap;

use source::{Span, Spanned};
use spec::{ExtensionName, ImagePath, ImageReference, PackageName, SnapshotTime};

use crate::{Fetch, Planned, PlannedBuild};

/// The base of builders that do not choose one.
///
/// It is a Debian release rather than the user's base, so that another base makes no builder run again. It is
/// an old release, so that programs compiled there find a C library that is new enough on newer bases.
pub const DEFAULT_BUILDER_BASE: &str = "debian:bookworm";

/// [`DEFAULT_BUILDER_BASE`] as a reference.
pub(crate) fn default_builder_base() -> ImageReference {
    ImageReference::new(DEFAULT_BUILDER_BASE)
        .expect("the default builder base is a valid reference")
}

/// The plan of a whole image.
///
/// It is a function of the *set* of uses: only spans still show the order of the user's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The image that extensions are put on.
    pub base: Spanned<ImageReference>,
    /// When the archives of Debian packages are looked at; `None` = now.
    pub snapshot: Option<Spanned<SnapshotTime>>,
    /// The architecture that the image is for, as OCI names it (`amd64`).
    pub architecture: String,
    /// The extensions in canonical order: requirements first, then by name.
    pub extensions: Vec<Planned>,
    /// Environment variables of the image.
    pub environment: BTreeMap<String, String>,
    /// Folders to put before the base's search path, each once.
    pub path: Vec<ImagePath>,
    /// The folder in which the image's commands start; `None` = that of the base.
    pub workdir: Option<ImagePath>,
    /// Labels of the image.
    pub labels: BTreeMap<String, String>,
}

/// What a plan uses an image for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageUse {
    /// A place that asks for it.
    pub span: Span,
    /// Whether commands run on it. From other images, files are only copied.
    pub runs_commands: bool,
}

/// The extensions in the order in which their layers lie in the image. Each part is in canonical order.
#[derive(Debug, Clone)]
pub struct LayerOrder<'a> {
    /// The extensions whose system layers the union is installed on.
    pub below_union: Vec<&'a Planned>,
    /// All other extensions.
    pub others: Vec<&'a Planned>,
}

impl Plan {
    /// Every image that has to be resolved before the plan can be compiled.
    pub fn images(&self) -> BTreeMap<ImageReference, ImageUse> {
        let mut images: BTreeMap<ImageReference, ImageUse> = BTreeMap::new();
        let mut add = |image: &ImageReference, span: Span, runs_commands: bool| {
            let used = ImageUse {
                span,
                runs_commands,
            };
            let known = images.entry(image.clone()).or_insert(used);
            // If the image has a problem, the place where commands run on it explains more.
            if runs_commands && !known.runs_commands {
                *known = used;
            }
        };
        add(&self.base.value, self.base.span, true);
        for (_, build) in self.builds() {
            add(&build.image, build.span, true);
            for source in build.sources.values() {
                match &source.fetch {
                    Fetch::Image { image, .. } => add(image, source.span, false),
                    Fetch::Registry { image, .. } => add(image, source.span, true),
                    Fetch::Url { .. } | Fetch::Git { .. } | Fetch::Files(_) => {}
                }
            }
        }
        images
    }

    /// The extensions with builders, each with what it makes there.
    pub fn builds(&self) -> impl Iterator<Item = (&Planned, &PlannedBuild)> {
        let all = self.extensions.iter();
        all.filter_map(|extension| Some((extension, extension.build.as_ref()?)))
    }

    /// The extension with this name.
    pub fn extension(&self, name: &ExtensionName) -> Option<&Planned> {
        self.extensions.iter().find(|other| other.name == *name)
    }

    /// The transitive requirements of an extension, in canonical order.
    pub fn requirements<'a>(&'a self, extension: &Planned) -> Vec<&'a Planned> {
        let all = self.extensions.iter();
        all.filter(|other| extension.requires.contains(&other.name))
            .collect()
    }

    /// The order of layers: what the members of the union require lies below the union.
    pub fn layer_order(&self) -> LayerOrder<'_> {
        let members: Vec<&Planned> = self.union_members().collect();
        let (below_union, others) = self.extensions.iter().partition(|extension| {
            let is_required = |member: &&Planned| member.requires.contains(&extension.name);
            let is_above = |member: &&Planned| extension.requires.contains(&member.name);
            extension.changes_system()
                && !extension.is_in_union
                && members.iter().any(is_required)
                && !members.iter().any(is_above)
        });
        LayerOrder {
            below_union,
            others,
        }
    }

    /// The packages of the union, each with the places that ask for it, in order.
    pub fn union_packages(&self) -> BTreeMap<PackageName, Vec<Span>> {
        let mut packages = BTreeMap::<_, Vec<_>>::new();
        for (package, spans) in self.union_members().flat_map(|member| &member.packages) {
            packages
                .entry(package.clone())
                .or_default()
                .extend(spans.iter().copied());
        }
        for spans in packages.values_mut() {
            spans.sort_unstable();
        }
        packages
    }

    /// The extensions whose packages are in the union.
    pub fn union_members(&self) -> impl Iterator<Item = &Planned> {
        self.extensions.iter().filter(|one| one.is_in_union)
    }
}
