//! Packages in exact versions: what is asked about them before a graph is made, and what is wrong with the answers.

use std::collections::{BTreeMap, BTreeSet};

use apt::{Answer, Mark, PackageList, Problem, find_providers, read_answer};
use compile::{
    Assembly, InstallationId, Known, Question, QuestionId, Rerun, StateId, debian_architecture,
    questions,
};
use gateway::Failure;
use plan::{Plan, Planned};
use reconcile::{Installation, check_packages};
use source::{Code, Diagnostic, Diagnostics, Reported, Span};
use spec::{ExtensionName, PackageName};

use crate::convert::{Conversion, Converted, Images, PlatformPlan};
use crate::finder::{Asked, Finder};
use crate::report;
use crate::request::BuildRequest;
use crate::together::run_together;

/// What the engine said about the packages of an image.
#[derive(Debug, Clone, Default)]
pub(crate) struct Packages {
    pub(crate) known: Known,
    /// What is to be fetched again although it is cached.
    pub(crate) renews: bool,
    /// When the oldest of the package lists were fetched, in seconds since 1970; `None` = there are none.
    lists_seconds: Option<u64>,
    answers: BTreeMap<InstallationId, Answer>,
    /// dpkg's status in the base.
    base: String,
}

/// Why package lists are fetched again although they are kept.
#[derive(Debug, Clone)]
pub(crate) enum Renewal {
    /// They are not.
    None,
    /// The request asks for newer ones.
    Asked,
    /// The archive no longer has what they name. These are the packages that were found before.
    Forgotten(Vec<Packages>),
}

impl Renewal {
    /// What a request asks for.
    pub(crate) fn of(request: &BuildRequest) -> Self {
        if request.renews_packages {
            Self::Asked
        } else {
            Self::None
        }
    }
}

/// Why packages could not be resolved.
enum Unresolved {
    /// The engine failed.
    Failed(Failure),
    /// What is wrong was added to the diagnostics.
    Reported,
}

impl<F: Finder> Conversion<'_, F> {
    /// Finds the exact packages of what is built for each platform, in order, and reports what is wrong with them.
    pub(crate) async fn find_packages(
        &mut self,
        converted: &Converted,
        images: &[Images],
        assembly: Assembly,
        renewal: Renewal,
    ) -> Result<Vec<Packages>, Reported> {
        let (this, renewal) = (&*self, &renewal);
        let all = converted.platforms.iter().zip(images).enumerate();
        let found = run_together(all.map(|(index, (platform_plan, images))| async move {
            let mut diagnostics = Diagnostics::new();
            let given = (converted, platform_plan, images);
            let found = this.renew(&mut diagnostics, given, assembly, (renewal, index));
            (found.await, diagnostics)
        }));
        let mut all = Vec::new();
        for (found, diagnostics) in found.await {
            for diagnostic in diagnostics.iter() {
                self.findings.diagnostics.push(diagnostic.clone());
            }
            match found {
                Ok(packages) => all.push(packages),
                Err(Unresolved::Reported) => {}
                Err(Unresolved::Failed(failure)) => {
                    self.findings.fail(failure);
                }
            }
        }
        self.findings.check().map(|()| all)
    }

    /// Finds the packages of the platform with this index, from newer package lists if there is a reason for it, and notes
    /// what these change.
    async fn renew(
        &self,
        diagnostics: &mut Diagnostics,
        given: (&Converted, &PlatformPlan, &Images),
        assembly: Assembly,
        (renewal, index): (&Renewal, usize),
    ) -> Result<Packages, Unresolved> {
        let mut of_kept = Diagnostics::new();
        let before = match renewal {
            Renewal::None => {
                let found = self.find_for_platform(diagnostics, given, assembly, false);
                return found.await;
            }
            Renewal::Forgotten(before) => before.get(index).cloned(),
            // If everything runs again, what the engine has does not matter.
            Renewal::Asked if self.request.rerun == Rerun::All => None,
            Renewal::Asked => {
                let kept = self.find_for_platform(&mut of_kept, given, assembly, false);
                kept.await.ok()
            }
        };
        // If nothing was kept, what was just fetched is as new as can be.
        let is_new = |kept: &Packages| {
            let began = self.began_seconds;
            began > 0 && kept.lists_seconds.is_none_or(|seconds| seconds >= began)
        };
        if matches!(renewal, Renewal::Asked)
            && let Some(kept) = before.clone().filter(is_new)
        {
            for diagnostic in of_kept.iter() {
                diagnostics.push(diagnostic.clone());
            }
            return Ok(kept);
        }
        let found = self.find_for_platform(diagnostics, given, assembly, true);
        let mut packages = found.await?;
        for (id, list) in before.iter().flat_map(|before| &before.known.lists) {
            let now = packages.known.lists.get(id);
            let changes = now.map(|now| now.changes_since(list));
            if let Some(changes) = changes.filter(|changes| !changes.is_empty()) {
                packages.known.changes.insert(id.clone(), changes);
            }
        }
        Ok(packages)
    }

    async fn find_for_platform(
        &self,
        diagnostics: &mut Diagnostics,
        given: (&Converted, &PlatformPlan, &Images),
        assembly: Assembly,
        mut renews: bool,
    ) -> Result<Packages, Unresolved> {
        let known = self.locked_packages(diagnostics, given, assembly);
        if diagnostics.has_errors() {
            return Err(Unresolved::Reported);
        }
        loop {
            let packages = Packages {
                renews,
                known: known.clone(),
                ..Packages::default()
            };
            let found = self.ask_all(packages, diagnostics, given, assembly).await;
            if let Ok(packages) = &found {
                self.check_locked_lists(diagnostics, given.1, &packages.known);
            }
            match found {
                // The engine has lost package lists and fetched other ones.
                Err(Unresolved::Failed(failure)) if lost_lists(&failure) && !renews => {
                    renews = true;
                }
                found => return found,
            }
        }
    }

    /// Asks, round by round, until everything is known.
    async fn ask_all(
        &self,
        mut packages: Packages,
        diagnostics: &mut Diagnostics,
        (converted, platform_plan, images): (&Converted, &PlatformPlan, &Images),
        assembly: Assembly,
    ) -> Result<Packages, Unresolved> {
        let plan = &platform_plan.plan;
        loop {
            let request = self.compile_request(
                converted,
                platform_plan,
                images.clone(),
                assembly,
                &packages,
            );
            let questions = questions(plan, &self.findings.sources, &request);
            if questions.asked.is_empty() {
                break;
            }
            let finder = &self.finder;
            let answers = questions.asked.keys().map(|id| finder.ask(&questions, id));
            let answers = run_together(answers).await;
            let failed = diagnostics.errors().count();
            for ((id, question), answer) in questions.asked.iter().zip(answers) {
                let answer = match answer.map_err(Unresolved::Failed)? {
                    Asked::Answered(answer) => answer,
                    Asked::Unknown => return Ok(packages),
                };
                let taken = packages.take(diagnostics, plan, (id, question), &answer);
                taken.map_err(|failure| {
                    let mut spans = question.packages.values().flatten();
                    let span = spans.next().copied().unwrap_or(plan.base.span);
                    Unresolved::Failed(report::add_place(failure, &self.findings.sources, span))
                })?;
            }
            if diagnostics.errors().count() > failed {
                return Err(Unresolved::Reported);
            }
        }
        if packages.check(diagnostics, plan) {
            Ok(packages)
        } else {
            Err(Unresolved::Reported)
        }
    }
}

/// The status with which a command says that package lists which were kept are gone (`lists.sh`, `resolve.sh`).
const LOST_LISTS: u32 = 75;

/// The status with which a command says that an archive no longer has a package (`fetch.sh`).
const LOST_PACKAGE: u32 = 74;

fn lost_lists(failure: &Failure) -> bool {
    failure.exit_code() == Some(LOST_LISTS)
}

/// Whether a build failed because package lists that were kept are gone, or because an archive no longer has what they
/// name.
pub(crate) fn has_forgotten(failure: &Failure) -> bool {
    lost_lists(failure) || failure.exit_code() == Some(LOST_PACKAGE)
}

impl Packages {
    /// Takes an answer. What apt refuses is reported.
    fn take(
        &mut self,
        diagnostics: &mut Diagnostics,
        plan: &Plan,
        (id, question): (&QuestionId, &Question),
        text: &BTreeMap<&'static str, String>,
    ) -> Result<(), Failure> {
        let file = |name: &str| text.get(name).cloned().unwrap_or_default();
        let id = match id {
            QuestionId::State(state) => {
                if matches!(state, StateId::Image(image) if *image == plan.base.value) {
                    self.base = file("packages");
                }
                let made: u64 = file("made").trim().parse().unwrap_or_default();
                let oldest = self.lists_seconds.map_or(made, |oldest| oldest.min(made));
                self.lists_seconds = Some(oldest);
                let digest = file("digest").trim().to_owned();
                self.known.states.insert(state.clone(), digest);
                return Ok(());
            }
            QuestionId::Resolution(id) => id,
            QuestionId::Checksum(..) => return Ok(()),
        };
        let asked = &question.packages;
        let names = asked.keys().map(PackageName::as_str);
        let native = debian_architecture(&plan.architecture);
        let answer = read_answer(&file("answer"), names, native)
            .map_err(|malformed| Failure::new(malformed.to_string()))?;
        match answer {
            Ok(answer) => {
                let is_alone = matches!(id, InstallationId::Extension(_));
                if is_alone && !answer.list.remove.is_empty() {
                    report_removed(diagnostics, asked, &answer.list);
                }
                self.known.lists.insert(id.clone(), answer.list.clone());
                self.answers.insert(id.clone(), answer);
            }
            Err(problem) => report_problem(diagnostics, id, asked, problem),
        }
        Ok(())
    }

    /// Reports extensions that cannot be combined because of their packages. Returns whether there are none.
    ///
    /// Steps can change what packages bring, so those of extensions with steps, or on which others with steps are
    /// put, are left to the joint.
    fn check(&self, diagnostics: &mut Diagnostics, plan: &Plan) -> bool {
        let runs_steps = |extension: &Planned| !extension.steps.is_empty();
        let is_sure = |extension: &&Planned| {
            let above = plan.extensions.iter();
            let mut above = above.filter(|above| above.requires.contains(&extension.name));
            let mut below = plan.requirements(extension).into_iter();
            !runs_steps(extension) && !above.any(runs_steps) && !below.any(runs_steps)
        };
        let sure: Vec<(&Planned, &Answer)> = (plan.extensions.iter().filter(is_sure))
            .filter_map(|extension| {
                let id = InstallationId::Extension(extension.name.clone());
                Some((extension, self.answers.get(&id)?))
            })
            .collect();
        let installations = sure.iter().map(|(extension, answer)| {
            let automatic = answer.list.install.iter();
            let automatic = automatic.filter(|package| package.mark == Mark::Automatic);
            let position =
                |name: &ExtensionName| sure.iter().position(|(other, _)| other.name == *name);
            Installation {
                extension: extension.name.to_string(),
                records: answer.records.clone(),
                automatic: automatic
                    .map(|package| (package.name.clone(), package.architecture.clone()))
                    .collect(),
                below: extension.requires.iter().filter_map(position).collect(),
            }
        });
        let installations: Vec<Installation> = installations.collect();
        let native = debian_architecture(&plan.architecture);
        let refusals = check_packages(&self.base, &installations, native);
        for refusal in &refusals {
            let named = refusal.extensions.iter().filter_map(|name| {
                let mut all = plan.extensions.iter();
                all.find(|extension| extension.name.as_str() == name)
            });
            let mut places: Vec<(Span, &str)> = named
                .map(|extension| (extension.cause, extension.name.as_str()))
                .collect();
            places.sort_unstable();
            let Some((primary, _)) = places.pop() else {
                continue;
            };
            let names = refusal.extensions.join("` and `");
            let message = format!("extensions `{names}` cannot be combined: {}", refusal.what);
            let mut diagnostic = Diagnostic::new(Code::ConflictingPackages, primary, message);
            for (span, name) in places {
                diagnostic = diagnostic.label(span, format!("`{name}` is here"));
            }
            diagnostics.push(diagnostic.help(refusal.help.clone()));
        }
        refusals.is_empty()
    }
}

/// Reports what apt refuses to install.
fn report_problem(
    diagnostics: &mut Diagnostics,
    id: &InstallationId,
    asked: &BTreeMap<PackageName, Vec<Span>>,
    problem: Problem,
) {
    let all: Vec<Span> = asked.values().flatten().copied().collect();
    match problem {
        Problem::Unknown(unknown) => {
            for unknown in unknown {
                let mut places = asked.iter();
                let place = places.find(|(name, _)| name.as_str() == unknown.name);
                let spans = place.map_or(all.as_slice(), |(_, spans)| spans.as_slice());
                let Some(primary) = spans.first() else {
                    continue;
                };
                let name = bare(&unknown.name);
                let message = format!("there is no package `{name}` in the archive of the image");
                let mut diagnostic = Diagnostic::new(Code::UnknownPackage, *primary, message);
                if !unknown.similar.is_empty() {
                    let names = unknown.similar.join("`, `");
                    diagnostic = diagnostic.help(format!("packages with similar names: `{names}`"));
                }
                diagnostics.push(diagnostic);
            }
        }
        Problem::Impossible(words) => {
            let place = asked.iter().find(|(name, _)| is_about(&words, name));
            let spans = place.map_or(&all, |(_, spans)| spans);
            let Some(primary) = spans.first() else {
                return;
            };
            let names: Vec<&str> = asked.keys().map(PackageName::as_str).collect();
            let whose = match id {
                InstallationId::Union => "the packages of the union",
                InstallationId::Extension(_) | InstallationId::Builder(..) => "these packages",
            };
            let message = format!(
                "apt cannot install {whose}, `{}`: {}",
                names.join(" "),
                shorten(&words)
            );
            let diagnostic = Diagnostic::new(Code::ImpossiblePackages, *primary, message);
            diagnostics.push(diagnostic.help(help_with(&words, place.map(|(name, _)| name))));
        }
    }
}

/// The name of a package without its architecture, version or release.
fn bare(name: &str) -> &str {
    let end = name.find([':', '=', '/']);
    &name[..end.unwrap_or(name.len())]
}

/// Whether apt gives this package as the reason for its refusal.
fn is_about(words: &str, name: &PackageName) -> bool {
    let quoted = format!("'{}'", bare(name.as_str()));
    let mut errors = words.lines().filter_map(|line| line.strip_prefix("E: "));
    errors.any(|line| line.contains(&quoted) || line.ends_with(&format!(" package {name}")))
}

/// What to do about apt's refusal, which is about this package, if it is about one.
fn help_with(words: &str, name: Option<&PackageName>) -> String {
    let providers = find_providers(words);
    if !providers.is_empty() {
        let shown = providers.iter().take(5).copied().collect::<Vec<_>>();
        return format!(
            "ask for one of the packages that provide it, such as `{}`",
            shown.join("`, `")
        );
    }
    let foreign = name.and_then(|name| name.as_str().split_once(':'));
    match foreign {
        Some((name, architecture)) if !architecture.contains(['=', '/']) => format!(
            "write `{name}`, or use a base to which `dpkg --add-architecture {architecture}` has added the \
             architecture"
        ),
        _ => "ask for another version or release, or take out what cannot be had".to_owned(),
    }
}

/// The lines in which apt says why it refuses.
fn shorten(words: &str) -> String {
    let lines: BTreeSet<&str> = BTreeSet::new();
    let mut seen = lines;
    let told = words.lines().map(str::trim).filter(|line| {
        let is_told = line.starts_with("E: ")
            || line.contains("Depends:")
            || line.contains("Conflicts:")
            || line.contains("Breaks:");
        is_told && !line.contains("held broken packages")
    });
    let told: Vec<&str> = told.filter(|line| seen.insert(line)).take(5).collect();
    let told = told
        .iter()
        .map(|line| line.strip_prefix("E: ").unwrap_or(line));
    told.collect::<Vec<_>>().join("; ")
}

/// Reports that the packages of an extension would remove others.
fn report_removed(
    diagnostics: &mut Diagnostics,
    asked: &BTreeMap<PackageName, Vec<Span>>,
    list: &PackageList,
) {
    let Some(primary) = asked.values().flatten().next() else {
        return;
    };
    let names = asked.keys().map(PackageName::as_str);
    let names = names.collect::<Vec<_>>().join(" ");
    let removed = list.remove.iter().map(|(name, _)| name.as_str());
    let removed = removed.collect::<Vec<_>>().join("`, `");
    let message = format!(
        "cannot install `{names}` on its own: apt would remove `{removed}`, which the base or a required \
         extension has"
    );
    let help = "an extension can only add: take one of the packages out, or, if the base has it, write \
                `packages: union` in the spec so that apt can replace it";
    let diagnostic = Diagnostic::new(Code::RemovedPackages, *primary, message);
    diagnostics.push(diagnostic.help(help));
}
