//! `--target`: the parts of an image that can be built alone.

use std::collections::BTreeSet;

use compile::Target;
use gateway::Failure;
use plan::{Plan, Planned};
use source::{Sources, closest};
use spec::ExtensionName;

use crate::report;

/// The target of all tests of the image.
pub(crate) const TESTS: &str = "test";

/// The part of an image that is asked for.
pub(crate) struct Chosen {
    pub(crate) target: Target,
    /// The extension that is built alone with its requirements; `None` for the whole image.
    pub(crate) alone: Option<ExtensionName>,
}

/// Finds a target in the plan of the whole image. The empty target is the whole image.
///
/// The name of an extension wins over a part of another one, because names may contain dots.
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
    // The longest name is tried first, because names may contain dots.
    let splits = asked.rmatch_indices('.');
    let mut parts = splits.filter_map(|(at, _)| Some((find(&asked[..at])?, &asked[at + 1..])));
    let parts = parts.next();
    let chosen = parts.and_then(|(extension, part)| Some((extension, find_part(extension, part)?)));
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
            Err(report::add_place(failure, sources, extension.span))
        }
        None => Err(refuse_unknown(asked, plan)),
    }
}

/// A part of an extension, or the key that the extension would need for it.
fn find_part(extension: &Planned, part: &str) -> Option<Result<Target, &'static str>> {
    let name = extension.name.clone();
    let (target, key, has_key) = match part {
        "build" => {
            let steps = extension.build.as_ref().map(|build| build.steps.len());
            let builder = Target::Builder(name, steps.unwrap_or_default());
            (builder, "build", steps.is_some())
        }
        "output" => (Target::Output(name), "build", extension.build.is_some()),
        "test" => {
            let tests = Target::Tests(BTreeSet::from([name]));
            (tests, "tests", !extension.tests.is_empty())
        }
        _ => {
            let step: usize = part.strip_prefix("build.")?.parse().ok()?;
            let count = extension
                .build
                .as_ref()
                .map_or(1, |build| build.steps.len());
            let before = step.checked_sub(1).filter(|before| *before < count)?;
            let builder = Target::Builder(name, before);
            (builder, "build", extension.build.is_some())
        }
    };
    Some(if has_key { Ok(target) } else { Err(key) })
}

/// Every target of an extension, with a line that describes it; the line is empty for the extension
/// itself.
pub(crate) fn list(plan: &Plan) -> Vec<(String, &Planned, &'static str)> {
    let mut targets = Vec::new();
    for extension in &plan.extensions {
        let name = &extension.name;
        targets.push((name.to_string(), extension, ""));
        if let Some(build) = &extension.build {
            targets.push((
                format!("{name}.build"),
                extension,
                "its builder, for inspection",
            ));
            for step in 1..=build.steps.len() {
                targets.push((
                    format!("{name}.build.{step}"),
                    extension,
                    "its builder as it is before this step",
                ));
            }
            targets.push((
                format!("{name}.output"),
                extension,
                "what its builder produces",
            ));
        }
        if !extension.tests.is_empty() {
            targets.push((format!("{name}.test"), extension, "runs its tests"));
        }
    }
    targets
}

fn refuse_unknown(asked: &str, plan: &Plan) -> Failure {
    let known: Vec<String> = list(plan).into_iter().map(|(name, ..)| name).collect();
    let help = match closest(asked, known.iter().map(String::as_str).chain([TESTS])) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`--call=targets` lists the targets".to_owned(),
    };
    Failure::new(format!(
        "--target `{asked}`: there is no such target; {help}"
    ))
}
