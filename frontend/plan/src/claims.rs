//! Refuses files that contradict each other, and paths that no extension may provide.

use std::collections::BTreeMap;

use source::{Code, Diagnostic, Diagnostics, Span};
use spec::ImagePath;

use crate::{Content, Planned, PlannedFile};

/// Folders that no layer may contain: those whose mode is not a plain `0755`, which the layer would change, and
/// those that are links into `/run` in the bases, which the layer would replace with folders.
const FORBIDDEN: &[&str] = &[
    "/tmp",
    "/var/local",
    "/var/lock",
    "/var/mail",
    "/var/run",
    "/var/spool",
    "/var/tmp",
];

/// Refuses a file that another extension has with another content, mode or owner, or that another extension puts
/// something into. Also refuses paths where no layer may put anything.
///
/// What outputs and contexts contain is not known yet: the joint decides about their paths.
pub(crate) fn check(diagnostics: &mut Diagnostics, extensions: &[Planned]) {
    let mut claims: BTreeMap<&ImagePath, Vec<Claim<'_>>> = BTreeMap::new();
    for extension in extensions {
        check_own(diagnostics, extension);
        for claim in list_claims(extension) {
            if let Some(folder) = find_forbidden(claim.path) {
                let message = format!("nothing can be put below `{folder}`");
                let help = "folders of a running system have special modes or are links; choose \
                            another place";
                let diagnostic = Diagnostic::new(Code::BadValue, claim.span, message);
                diagnostics.push(diagnostic.help(help));
            }
            let mut others = claims.values().flatten();
            if let Some(other) = others.find(|other| claim.contradicts(other)) {
                report(diagnostics, &claim, other);
            }
            claims.entry(claim.path).or_default().push(claim);
        }
    }
}

/// A path that an extension is known to provide.
struct Claim<'a> {
    path: &'a ImagePath,
    by: &'a Planned,
    span: Span,
    /// The file, if its content is known.
    file: Option<&'a PlannedFile>,
}

impl Claim<'_> {
    /// Whether an image cannot have both. The other one comes earlier in canonical order.
    fn contradicts(&self, other: &Claim<'_>) -> bool {
        // An extension may replace files of what it requires: its author knows them.
        if self.by.name == other.by.name || self.by.requires.contains(&other.by.name) {
            return false;
        }
        if self.path == other.path {
            return match (self.file, other.file) {
                (Some(one), Some(two)) => !is_same(one, two),
                _ => false,
            };
        }
        self.file.is_some() && other.path.is_within(self.path)
            || other.file.is_some() && self.path.is_within(other.path)
    }
}

/// Whether two files have the same content, mode and owner.
fn is_same(one: &PlannedFile, two: &PlannedFile) -> bool {
    let (Content::File(bytes, is_executable), Content::File(others, is_other_executable)) =
        (&one.content, &two.content)
    else {
        return false;
    };
    let mode = |file: &PlannedFile, is_executable: bool| {
        file.mode
            .unwrap_or(if is_executable { 0o755 } else { 0o644 })
    };
    bytes == others
        && mode(one, *is_executable) == mode(two, *is_other_executable)
        && one.owner == two.owner
}

/// Refuses a file at a path where the same extension puts something else: one of the two would be lost.
fn check_own(diagnostics: &mut Diagnostics, extension: &Planned) {
    for pair in extension.files.windows(2) {
        let [first, second] = pair else { continue };
        // Two folders may have the same destination: their contents are combined.
        let is_file = |file: &PlannedFile| matches!(file.content, Content::File(..));
        if first.to != second.to || !(is_file(first) || is_file(second)) {
            continue;
        }
        let (first, second) = (first.span.min(second.span), first.span.max(second.span));
        let message = format!(
            "extension `{}` provides `{}` twice",
            extension.name, pair[0].to
        );
        diagnostics.push(
            Diagnostic::new(Code::ConflictingPath, second, message)
                .label(first, "the other one")
                .help("remove one of the two"),
        );
    }
}

/// The paths that an extension is known to provide.
fn list_claims(extension: &Planned) -> impl Iterator<Item = Claim<'_>> {
    let builds = extension.build.iter();
    let outputs = builds.flat_map(|build| build.outputs.iter().flatten());
    let outputs = outputs.map(|(path, span)| Claim {
        path,
        by: extension,
        span: *span,
        file: None,
    });
    let files = extension.files.iter().map(|file| Claim {
        path: &file.to,
        by: extension,
        span: file.span,
        file: matches!(file.content, Content::File(..)).then_some(file),
    });
    files.chain(outputs)
}

/// The forbidden folder that a path is, or is inside of.
fn find_forbidden(path: &ImagePath) -> Option<&'static str> {
    FORBIDDEN.iter().copied().find(|folder| {
        path.as_str()
            .strip_prefix(folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

fn report(diagnostics: &mut Diagnostics, claim: &Claim<'_>, other: &Claim<'_>) {
    let (path, other_path) = (claim.path, other.path);
    let what = if path == other_path {
        format!("both provide `{path}`, and not the same")
    } else {
        format!("provide `{other_path}` and `{path}`, one inside the other")
    };
    let message = format!(
        "extensions `{}` and `{}` {what}",
        other.by.name, claim.by.name
    );
    let label = format!("`{}` provides it here", other.by.name);
    diagnostics.push(
        Diagnostic::new(Code::ConflictingPath, claim.span, message)
            .label(other.span, label)
            .help("remove one of the two, or put one of them elsewhere"),
    );
}
