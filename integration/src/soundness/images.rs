//! The two systems of a run, each in a container.
//!
//! The reference is a container of the base in which one command has installed everything. Making it an
//! image would only pack and unpack it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::base::make_base;
use crate::build::Build;
use crate::engine::Engine;
use crate::outcome::Outcome;
use crate::process::run;
use crate::soundness::own;
use crate::soundness::sets::Set;
use crate::soundness::survey::{SCRIPT, Survey};
use crate::suite::Suite;
use crate::token::make_token;

/// Shell functions that install packages, with apt's lists and downloads in a folder of the sweep.
const APT: &str = include_str!("images/apt.sh");

/// Runs every trigger of the system once more.
const SETTLE: &str = include_str!("images/settle.sh");

/// Whether sets also have outputs, files and steps. With more sets, the image would have more layers than an engine can
/// use.
fn has_own(sets: &[&Set]) -> bool {
    sets.len() <= 30
}

/// A spec with the packages of sets as extensions, each installed on its own.
pub fn spec(sets: &[&Set], suite: Suite) -> String {
    let uses = sets.iter().map(|set| {
        let packages = set.packages(suite).join(", ");
        let name = set.name;
        format!("  - {{ name: {name}, install: {{ packages: [{packages}] }} }}\n")
    });
    spec_of(uses, suite)
}

/// The same with the output, the files and the steps of each set.
fn whole_spec(sets: &[&Set], suite: Suite) -> String {
    let uses = sets.iter().map(|set| {
        let packages = set.packages(suite).join(", ");
        let own = own::lines(set);
        let own = own.replace(
            "    install:\n",
            &format!("    install:\n      packages: [{packages}]\n"),
        );
        format!("  - name: {}\n{own}", set.name)
    });
    spec_of(uses, suite)
}

fn spec_of(uses: impl Iterator<Item = String>, suite: Suite) -> String {
    format!(
        "# syntax=ghcr.io/inlay/inlay:1\nbase: {}\npackages: isolated\nextensions:\n{}",
        suite.public_reference(),
        uses.collect::<String>()
    )
}

/// What all runs of a sweep share: the engine, the base, and one state of the archive.
pub(crate) struct Ground<'a> {
    engine: &'a Engine,
    flags: &'a [String],
    suite: Suite,
    base: String,
    /// The volume of apt's lists and downloads. It belongs to this sweep alone, because apt does not wait
    /// for another apt's lock.
    volume: String,
}

impl<'a> Ground<'a> {
    /// Reads the archive's lists; `flags` are those of [`make_flags`](crate::make_flags).
    ///
    /// # Errors
    /// When the base cannot be made or the lists cannot be fetched.
    pub(crate) fn new(engine: &'a Engine, flags: &'a [String], suite: Suite) -> Result<Ground<'a>> {
        let ground = Ground {
            engine,
            flags,
            suite,
            base: make_base(engine, suite)?,
            volume: format!("inlay-soundness-{}", make_token()),
        };
        let container = ground.start_container(&ground.base)?;
        container.succeed(&format!("{APT}fetch update"))?;
        drop(container);
        Ok(ground)
    }

    /// Builds the sets as extensions of one spec.
    ///
    /// # Errors
    /// When the build fails, with the end of its output.
    pub(crate) fn build_merged(&self, sets: &[&Set]) -> Result<Subject<'a>> {
        let spec = if has_own(sets) {
            whole_spec(sets, self.suite)
        } else {
            spec(sets, self.suite)
        };
        let build = Build::new(self.engine, self.flags).spec(&spec).image();
        let outcome = build.run();
        if !outcome.succeeded {
            let logs = outcome.progress.logs();
            let lines: Vec<&str> = logs.lines().collect();
            let end = lines[lines.len().saturating_sub(30)..].join("\n");
            bail!("the build failed:\n{end}\n{}", outcome.text());
        }
        let container = self.start_container(outcome.image())?;
        Subject::of(container, outcome.took, Some(outcome))
    }

    /// Installs all packages on the same base with one command, then does what each set does beside that. As where inlay installs, the base keeps
    /// services from starting and debconf asks nothing.
    ///
    /// # Errors
    /// When the installation fails, with its output.
    pub(crate) fn install_reference(&self, sets: &[&Set]) -> Result<Subject<'a>> {
        let start = Instant::now();
        let packages: BTreeSet<&str> = sets
            .iter()
            .flat_map(|set| set.packages(self.suite).iter().copied())
            .collect();
        let packages = Vec::from_iter(packages).join(" ");
        let container = self.start_container(&self.base)?;
        container.succeed(&format!(
            "test -x /usr/sbin/policy-rc.d\n{APT}add {packages}"
        ))?;
        let mut named: Vec<&Set> = sets.to_vec();
        named.sort_by_key(|set| set.name);
        for set in named.into_iter().filter(|_| has_own(sets)) {
            container.succeed(&own::commands(set))?;
        }
        Subject::of(container, start.elapsed(), None)
    }

    /// Asks apt what each set brings when it is installed on its own.
    ///
    /// # Errors
    /// When apt cannot resolve a set.
    pub(crate) fn resolve_alone(
        &self,
        sets: &[&Set],
    ) -> Result<BTreeMap<String, BTreeSet<String>>> {
        let container = self.start_container(&self.base)?;
        let mut alone = BTreeMap::new();
        for set in sets {
            let packages = set.packages(self.suite).join(" ");
            let said = container.succeed(&format!("{APT}apt --simulate install {packages}"))?;
            let installed = said.lines().filter_map(|line| {
                let name = line.strip_prefix("Inst ")?.split_whitespace().next()?;
                Some(name.to_owned())
            });
            alone.insert(set.name.to_owned(), installed.collect());
        }
        Ok(alone)
    }

    fn start_container(&self, image: &str) -> Result<Container<'a>> {
        let name = format!("inlay-soundness-{}", make_token());
        let volume = format!("{}:/tmp/soundness/apt", self.volume);
        let flags = ["run", "--detach", "--name", &name, "--volume", &volume];
        let command = [image, "sleep", "infinity"];
        let engine = self.engine;
        run(&mut engine.docker([&flags[..], &command].concat()))?;
        Ok(Container { engine, name })
    }
}

impl Drop for Ground<'_> {
    fn drop(&mut self) {
        remove(self.engine, ["volume", "rm", "--force", &self.volume]);
    }
}

fn remove(engine: &Engine, removal: [&str; 4]) {
    if let Err(error) = engine.run_docker(removal) {
        eprintln!("{error:#}");
    }
}

/// A system that was built and surveyed. It is removed with the value.
pub(crate) struct Subject<'a> {
    container: Container<'a>,
    _image: Option<Outcome<'a>>,
    pub(crate) survey: Survey,
    /// How long the build or the installation took.
    pub(crate) took: Duration,
}

impl<'a> Subject<'a> {
    fn of(container: Container<'a>, took: Duration, image: Option<Outcome<'a>>) -> Result<Self> {
        let survey = container.survey()?;
        Ok(Subject {
            container,
            _image: image,
            survey,
            took,
        })
    }

    /// Runs all triggers again and returns a new survey, in which nothing depends on the order of the
    /// installation any more.
    ///
    /// # Errors
    /// When a trigger fails.
    pub(crate) fn settle(&self) -> Result<Survey> {
        self.container.succeed(SETTLE)?;
        self.container.survey()
    }

    /// Runs the sets' smoke tests and installs one more package. Returns the failures in words.
    ///
    /// # Errors
    /// When `docker` cannot be run.
    pub(crate) fn run_smoke_tests(&self, sets: &[&Set], one_more: &str) -> Result<Vec<String>> {
        let mut failures = Vec::new();
        let mut check = |name: &str, command: &str| -> Result<()> {
            let output = self.container.run_command(command)?;
            if !output.status.success() {
                let said = [output.stdout, output.stderr].concat();
                let said = String::from_utf8_lossy(&said).trim().to_owned();
                failures.push(format!("smoke test of {name}: {}: {said}", output.status));
            }
            Ok(())
        };
        for set in sets {
            check(set.name, set.smoke)?;
            if has_own(sets) {
                check(set.name, &own::check(set))?;
            }
        }
        let install = format!("{APT}add {one_more}; {one_more}; dpkg --audit");
        check("one more package", &install)?;
        Ok(failures)
    }
}

/// A container that waits for commands until it is dropped.
struct Container<'a> {
    engine: &'a Engine,
    name: String,
}

impl Container<'_> {
    /// Runs shell text that the shell reads from standard input.
    fn run_stdin(&self, text: &str) -> Result<Output> {
        let words = ["exec", "--interactive", &self.name, "sh", "-e", "-s"];
        let mut docker = self.engine.docker(words);
        docker.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = docker.stderr(Stdio::piped()).spawn()?;
        let mut stdin = child.stdin.take().context("a pipe was asked for")?;
        stdin.write_all(text.as_bytes())?;
        drop(stdin);
        Ok(child.wait_with_output()?)
    }

    /// Runs shell text that is an argument, for at most two minutes.
    fn run_command(&self, text: &str) -> Result<Output> {
        let words = ["exec", &self.name, "timeout", "120", "sh", "-e", "-c", text];
        let mut docker = self.engine.docker(words);
        Ok(docker.stdin(Stdio::null()).output()?)
    }

    /// Runs shell text that must succeed, and returns its output.
    fn succeed(&self, text: &str) -> Result<String> {
        // As an argument, because what dpkg starts would read the rest of a standard input.
        let words = ["exec", &self.name, "sh", "-e", "-c", text];
        run(&mut self.engine.docker(words))
    }

    fn survey(&self) -> Result<Survey> {
        let output = self.run_stdin(SCRIPT)?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "the survey failed: {said}");
        Survey::read(&output.stdout)
    }
}

impl Drop for Container<'_> {
    fn drop(&mut self) {
        remove(self.engine, ["rm", "--force", "--volumes", &self.name]);
    }
}
