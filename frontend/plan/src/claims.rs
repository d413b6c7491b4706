//! Paths that extensions bring, and that no two may bring.

use std::collections::BTreeMap;

use source::{Code, Diagnostic, Diagnostics, Span};
use spec::ImagePath;

use crate::{Content, Planned, PlannedFile};

/// Folders that many share: an output of that name is not a claim on all below it.
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

/// Folders whose modes are not a plain `0755`, so that a layer which holds them would change them,
/// and names of bases' links into `/run`, which a layer would replace with folders.
const FORBIDDEN: &[&str] = &[
    "/tmp",
    "/var/local",
    "/var/lock",
    "/var/mail",
    "/var/run",
    "/var/spool",
    "/var/tmp",
];

/// Refuses paths that two extensions bring, one inside what another brings whole, and paths where
/// no layer may put anything. `None` means that something was reported.
pub(crate) fn check(diagnostics: &mut Diagnostics, extensions: &[Planned]) -> Option<()> {
    let mut claims: BTreeMap<&ImagePath, (&Planned, Span)> = BTreeMap::new();
    let mut sound = true;
    for extension in extensions {
        sound &= once(diagnostics, extension);
        for (path, span) in brought(extension) {
            if let Some(folder) = forbidden(path) {
                let message = format!("nothing can be put below `{folder}`");
                let help = "folders of a running system have special modes or are links; choose \
                            another place";
                diagnostics.push(Diagnostic::new(Code::BadValue, span, message).help(help));
                sound = false;
            }
            if SHARED.contains(&path.as_str()) {
                continue;
            }
            let clash = claims.iter().find(|(other, (by, _))| {
                by.name != extension.name
                    // What is required is below: it is replaced knowingly.
                    && !extension.requires.contains(&by.name)
                    && (path.is_within(other) || other.is_within(path))
            });
            if let Some((other, (by, place))) = clash {
                report(diagnostics, (path, extension, span), (other, by, *place));
                sound = false;
            }
            claims.entry(path).or_insert((extension, span));
        }
    }
    sound.then_some(())
}

/// Refuses a file where the same extension has put something: one of the two would be lost.
fn once(diagnostics: &mut Diagnostics, extension: &Planned) -> bool {
    let mut sound = true;
    for pair in extension.files.windows(2) {
        let [first, second] = pair else { continue };
        // Two folders may fill one place together.
        let is_file = |file: &PlannedFile| matches!(file.content, Content::File(..));
        if first.to != second.to || !(is_file(first) || is_file(second)) {
            continue;
        }
        let (first, second) = (first.span.min(second.span), first.span.max(second.span));
        let message = format!(
            "extension `{}` brings `{}` twice",
            extension.name, pair[0].to
        );
        diagnostics.push(
            Diagnostic::new(Code::ConflictingPath, second, message)
                .label(first, "the other one")
                .help("take one of the two out"),
        );
        sound = false;
    }
    sound
}

fn brought(extension: &Planned) -> impl Iterator<Item = (&ImagePath, Span)> {
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

fn forbidden(path: &ImagePath) -> Option<&'static str> {
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
        format!("`{path}`")
    } else {
        format!("`{path}` and `{other_path}`, one inside the other")
    };
    diagnostics.push(
        Diagnostic::new(
            Code::ConflictingPath,
            span,
            format!(
                "extensions `{}` and `{}` both bring {what}",
                other.name, by.name
            ),
        )
        .label(other_span, format!("`{}` brings it here", other.name))
        .help("take one of the two out, or let one of them bring it elsewhere"),
    );
}
