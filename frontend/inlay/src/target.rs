//! `--target`: an extension alone, its builder, its output, its tests.

use std::collections::BTreeSet;

use compile::Target;
use gateway::Failure;
use plan::{Plan, Planned};
use source::{Sources, closest};
use spec::ExtensionName;

use crate::report;

/// Every test of the image.
pub(crate) const TESTS: &str = "test";

/// What is asked for.
pub(crate) struct Chosen {
    pub(crate) target: Target,
    /// The extension that is built with its requirements alone; none for the whole image.
    pub(crate) alone: Option<ExtensionName>,
}

/// Finds what is asked for in the plan of the whole image.
///
/// An extension's own name wins, since names may have dots in them.
pub(crate) fn choose(asked: &str, plan: &Plan, sources: &Sources) -> Result<Chosen, Failure> {
    let find = |name: &str| {
        plan.extensions
            .iter()
            .find(|other| other.name.as_str() == name)
    };
    if asked.is_empty() {
        return Ok(Chosen {
            target: Target::Image,
            alone: None,
        });
    }
    if let Some(extension) = find(asked) {
        return Ok(Chosen {
            target: Target::Image,
            alone: Some(extension.name.clone()),
        });
    }
    if asked == TESTS {
        let tested = plan
            .extensions
            .iter()
            .filter(|extension| !extension.tests.is_empty());
        let tested: BTreeSet<_> = tested.map(|extension| extension.name.clone()).collect();
        if tested.is_empty() {
            return Err(Failure::new(
                "--target `test`: no extension of the image has `tests`",
            ));
        }
        return Ok(Chosen {
            target: Target::Tests(tested),
            alone: None,
        });
    }
    let parts = asked
        .rsplit_once('.')
        .and_then(|(name, part)| Some((find(name)?, part)));
    let chosen = parts.and_then(|(extension, part)| Some((extension, of_part(extension, part)?)));
    match chosen {
        Some((extension, Ok(target))) => Ok(Chosen {
            target,
            alone: Some(extension.name.clone()),
        }),
        Some((extension, Err(missing))) => {
            let failure = Failure::new(format!(
                "--target `{asked}`: extension `{}` has no `{missing}`",
                extension.name
            ));
            Err(report::located(failure, sources, extension.span))
        }
        None => Err(unknown(asked, plan)),
    }
}

/// A part of an extension, or the key that it does not have.
fn of_part(extension: &Planned, part: &str) -> Option<Result<Target, &'static str>> {
    let name = extension.name.clone();
    let (target, key, has_key) = match part {
        "build" => (Target::Builder(name), "build", extension.build.is_some()),
        "output" => (Target::Output(name), "build", extension.build.is_some()),
        "test" => {
            let tests = Target::Tests(BTreeSet::from([name]));
            (tests, "tests", !extension.tests.is_empty())
        }
        _ => return None,
    };
    Some(if has_key { Ok(target) } else { Err(key) })
}

/// Every target but the whole image, with a line about it.
pub(crate) fn all(plan: &Plan) -> Vec<(String, &Planned, &'static str)> {
    let mut targets = Vec::new();
    for extension in &plan.extensions {
        let name = &extension.name;
        targets.push((name.to_string(), extension, ""));
        if extension.build.is_some() {
            targets.push((
                format!("{name}.build"),
                extension,
                "its builder, to look into",
            ));
            targets.push((
                format!("{name}.output"),
                extension,
                "what its builder makes",
            ));
        }
        if !extension.tests.is_empty() {
            targets.push((format!("{name}.test"), extension, "runs its tests"));
        }
    }
    targets
}

fn unknown(asked: &str, plan: &Plan) -> Failure {
    let known: Vec<String> = all(plan).into_iter().map(|(name, ..)| name).collect();
    let help = match closest(asked, known.iter().map(String::as_str).chain([TESTS])) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`--call=targets` lists what there is".to_owned(),
    };
    Failure::new(format!(
        "--target `{asked}`: there is no such target; {help}"
    ))
}
