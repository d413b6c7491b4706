//! Warns of shell text that refers to a parameter as if it were data.
//!
//! In data, `${version}` is replaced with the parameter's value. Shell text is never changed: there the
//! parameter is the variable `$VERSION`, while `${version}` is a variable that nobody sets, so the shell
//! replaces it with nothing.

use source::{Code, Diagnostic, Diagnostics, Spanned};
use spec::Extension;

/// Warns of such steps and tests of an extension.
pub(crate) fn check(diagnostics: &mut Diagnostics, extension: &Extension) {
    let build = extension.build.iter().flat_map(|build| &build.steps);
    let steps = build.chain(&extension.install.steps).map(|step| &step.run);
    let tests = extension.tests.iter().map(|test| &test.run);
    for run in steps.chain(tests) {
        let names = extension.parameters.keys().map(spec::ParameterName::as_str);
        for name in names.filter(|name| is_unset_in(&run.value, name)) {
            report(diagnostics, run, name);
        }
    }
}

fn report(diagnostics: &mut Diagnostics, run: &Spanned<String>, name: &str) {
    let message = format!("`${{{name}}}` is empty here: no variable `{name}` is set in shell text");
    let help = format!("in shell text the parameter is `${}`", name.to_uppercase());
    diagnostics.push(Diagnostic::new(Code::UnsetVariable, run.span, message).help(help));
}

/// Whether shell text expands a variable that it does not set itself.
fn is_unset_in(text: &str, name: &str) -> bool {
    let is_expanded = find_expansions(text).any(|expanded| expanded == name);
    is_expanded && !sets(text, name)
}

/// The names after `$` and `${`, except where the dollar sign is escaped.
fn find_expansions(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('$').filter_map(|(at, _)| {
        if text[..at].ends_with('\\') {
            return None;
        }
        let rest = &text[at + 1..];
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        Some(&rest[..name_length(rest)])
    })
}

/// Whether the text assigns to the variable, reads into it, or loops over it.
fn sets(text: &str, name: &str) -> bool {
    let is_separator = |letter: char| letter.is_whitespace() || ";&|(){}`\"'".contains(letter);
    let words: Vec<&str> = text.split(is_separator).collect();
    let is_assigned = |word: &&str| {
        let rest = word.strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with('=') || rest.starts_with("+="))
    };
    let is_given = |pair: &[&str]| matches!(pair[0], "read" | "for" | "-r") && pair[1] == name;
    words.iter().any(is_assigned) || words.windows(2).any(is_given)
}

/// The length of the variable name at the beginning of a text.
fn name_length(text: &str) -> usize {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    text.find(|letter| !is_letter(letter)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::is_unset_in;

    #[test]
    fn a_name_is_found_where_the_shell_would_expand_it() {
        for text in [
            "tar -xf tool-${version}.tar",
            "echo $version",
            "echo \"$version\"",
            "echo ${version:-1}",
            "echo $version_; echo ${version}",
            "versions=1; echo $version",
        ] {
            assert!(is_unset_in(text, "version"), "{text}");
        }
        for text in [
            "echo $VERSION",
            "echo version",
            "echo $versions ${version_of}",
            "echo \\$version",
            "version=$(cat v); echo $version",
            "version+=1; echo $version",
            "for version in 1 2; do echo $version; done",
            "read version < v; echo $version",
            "read -r version < v; echo $version",
            "cost is 5$",
        ] {
            assert!(!is_unset_in(text, "version"), "{text}");
        }
    }
}
