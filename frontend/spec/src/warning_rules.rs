//! Rules for warnings: `# check=skip=W0001;error=true` says which ones a user wants to see.
//!
//! The syntax is that of Dockerfiles (BuildKit, `frontend/dockerfile/linter/linter.go`), so that one
//! `BUILDKIT_DOCKERFILE_CHECK` works for all files of a project. The names of rules for Dockerfiles are
//! accepted and have no effect.

use std::collections::BTreeSet;

use source::{Code, Diagnostic, Diagnostics, Severity, SourceId, Sources, Span};

/// Which warnings a user wants to see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WarningRules {
    skip: BTreeSet<String>,
    skips_all: bool,
    /// Whether a warning makes the build fail.
    pub fails: bool,
}

impl WarningRules {
    /// Reads `skip=W0001,W0002;error=true`. The error is a phrase that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rules = Self::default();
        for part in text
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let (key, value) = part
                .split_once('=')
                .ok_or_else(|| format!("`{part}` is not of the form `skip=…` or `error=true`"))?;
            match (key.trim(), value.trim()) {
                ("skip", "all") => rules.skips_all = true,
                ("skip", codes) => rules
                    .skip
                    .extend(codes.split(',').map(|code| code.trim().to_owned())),
                // Docker's experimental rules; inlay has none.
                ("experimental", _) => {}
                ("error", "1" | "t" | "T" | "true" | "TRUE" | "True") => rules.fails = true,
                ("error", "0" | "f" | "F" | "false" | "FALSE" | "False") => rules.fails = false,
                ("error", value) => {
                    return Err(format!(
                        "`error={value}` must be `error=true` or `error=false`"
                    ));
                }
                (key, _) => return Err(format!("`{key}` must be `skip` or `error`")),
            }
        }
        Ok(rules)
    }

    /// Whether the user wants to see diagnostics with this code. Errors are always shown.
    pub fn shows(&self, code: Code) -> bool {
        let is_skipped = self.skips_all || self.skip.contains(code.id());
        code.severity() == Severity::Error || !is_skipped
    }
}

/// Reads the rules from `# check=` among the comments at the beginning of a text.
///
/// A malformed comment is reported and otherwise ignored.
pub fn warning_rules(
    diagnostics: &mut Diagnostics,
    sources: &Sources,
    id: SourceId,
) -> WarningRules {
    let text = &sources.get(id).text;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let trimmed = line.trim_start_matches('\u{feff}').trim();
        let Some(comment) = trimmed.strip_prefix('#') else {
            if trimmed.is_empty() {
                continue;
            }
            break;
        };
        let Some((key, value)) = comment.split_once('=') else {
            continue;
        };
        if !key.trim().eq_ignore_ascii_case("check") {
            continue;
        }
        return WarningRules::parse(value).unwrap_or_else(|reason| {
            let indent = line.len() - line.trim_start().len();
            let span = Span::new(id, start + indent, start + line.trim_end().len());
            let help = "write `# check=skip=W0001;error=true`, or a part of it";
            diagnostics.push(Diagnostic::new(Code::BadValue, span, reason).help(help));
            WarningRules::default()
        });
    }
    WarningRules::default()
}
