//! Refuses paths that two extensions provide, and paths that no extension may provide.

use std::collections::BTreeMap;

use source::{Code, Diagnostic, Diagnostics, Span};
use spec::ImagePath;

use crate::{Content, Planned, PlannedFile};

/// Folders that many extensions share. An output that is one of them does not claim everything below it.
const SHARED: &[&str] = &[
    "/",
    "/etc",
    "/etc/profile.d",
    "/home",
    "/opt",
    "/root",
    "/srv",
    "/usr",
    "/usr/bin",
    "/usr/include",
    "/usr/lib",
    "/usr/libexec",
    "/usr/local",
    "/usr/local/bin",
    "/usr/local/etc",
    "/usr/local/include",
    "/usr/local/lib",
    "/usr/local/libexec",
    "/usr/local/sbin",
    "/usr/local/share",
    "/usr/local/share/man",
    "/usr/local/share/man/man1",
    "/usr/sbin",
    "/usr/share",
    "/usr/share/man",
    "/usr/share/man/man1",
    "/var",
    "/var/lib",
];

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

/// Refuses a path that two extensions provide, or that one provides inside a folder which the other provides
/// as a whole. Also refuses paths where no layer may put anything.
pub(crate) fn check(diagnostics: &mut Diagnostics, extensions: &[Planned]) {
    let mut claims: BTreeMap<&ImagePath, (&Planned, Span)> = BTreeMap::new();
    for extension in extensions {
        check_own(diagnostics, extension);
        for (path, span) in paths(extension) {
            if let Some(folder) = find_forbidden(path) {
                let message = format!("nothing can be put below `{folder}`");
                let help = "folders of a running system have special modes or are links; choose \
                            another place";
                diagnostics.push(Diagnostic::new(Code::BadValue, span, message).help(help));
            }
            if SHARED.contains(&path.as_str()) {
                continue;
            }
            let clash = claims.iter().find(|(other, (by, _))| {
                by.name != extension.name
                    // An extension may replace files of what it requires: its author knows them.
                    && !extension.requires.contains(&by.name)
                    && (path.is_within(other) || other.is_within(path))
            });
            if let Some((other, (by, place))) = clash {
                report(diagnostics, (path, extension, span), (other, by, *place));
            }
            claims.entry(path).or_insert((extension, span));
        }
    }
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
fn paths(extension: &Planned) -> impl Iterator<Item = (&ImagePath, Span)> {
    let outputs = extension.build.iter().flat_map(|build| {
        build
            .outputs
            .iter()
            .flatten()
            .map(|(path, span)| (path, *span))
    });
    extension
        .files
        .iter()
        .map(|file| (&file.to, file.span))
        .chain(outputs)
}

/// The forbidden folder that a path is, or is inside of.
fn find_forbidden(path: &ImagePath) -> Option<&'static str> {
    FORBIDDEN.iter().copied().find(|folder| {
        path.as_str()
            .strip_prefix(folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

fn report(
    diagnostics: &mut Diagnostics,
    (path, by, span): (&ImagePath, &Planned, Span),
    (other_path, other, other_span): (&ImagePath, &Planned, Span),
) {
    let what = if path == other_path {
        format!("both provide `{path}`")
    } else {
        format!("provide `{other_path}` and `{path}`, one inside the other")
    };
    diagnostics.push(
        Diagnostic::new(
            Code::ConflictingPath,
            span,
            format!("extensions `{}` and `{}` {what}", other.name, by.name),
        )
        .label(other_span, format!("`{}` provides it here", other.name))
        .help("remove one of the two, or put one of them elsewhere"),
    );
}
