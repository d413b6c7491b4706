//! The two images of a run, and their containers.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Output, Stdio};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use super::sets::Set;
use super::survey::{SCRIPT, Survey};
use crate::base::Suite;
use crate::build::{Build, Outcome, token};
use crate::engine::{Engine, run_docker};
use crate::process::run;

/// Where the reference's downloads are kept, as an id of the engine's cache mounts.
const DOWNLOADS: &str = "inlay-soundness-downloads";

/// What all runs of a sweep share: the engine, the base, and one state of the archive.
pub(crate) struct Ground<'a> {
    engine: &'a Engine,
    flags: &'a [String],
    suite: Suite,
    /// The base with apt's lists, and the same lists in a folder.
    lists: Outcome<'a>,
    folder: TempDir,
}

impl<'a> Ground<'a> {
    /// Reads the archive's lists; `flags` are [`Engine::flags`].
    ///
    /// # Errors
    /// When the base or the lists are not to be had.
    pub(crate) fn new(engine: &'a Engine, flags: &'a [String], suite: Suite) -> Result<Ground<'a>> {
        let base = engine.base(suite)?;
        let dockerfile = format!("FROM {base}\nRUN apt-get update # {}\n", token());
        let lists = built(&Build::new(engine, flags).spec(&dockerfile).image())?;
        let ground = Ground {
            engine,
            flags,
            suite,
            lists,
            folder: tempfile::tempdir()?,
        };
        let container = Container::start(engine, ground.lists.image())?;
        let from = format!("{}:/var/lib/apt/lists", container.name);
        let to = ground
            .folder
            .path()
            .to_str()
            .context("a path is not UTF-8")?;
        run_docker(engine, ["cp", "--quiet", &from, to])?;
        drop(container);
        Ok(ground)
    }

    /// The sets as extensions of one spec.
    ///
    /// # Errors
    /// When it does not build, with the end of what was said.
    pub(crate) fn merged(&self, sets: &[&Set]) -> Result<Outcome<'a>> {
        let uses = sets.iter().map(|set| {
            let packages = set.packages(self.suite).join(", ");
            let name = set.name;
            format!("  - {{ name: {name}, install: {{ packages: [{packages}] }} }}\n")
        });
        let spec = format!(
            "# syntax=ghcr.io/inlay/inlay:1\nbase: {}\npackages: isolated\nextensions:\n{}",
            self.suite.public_reference(),
            uses.collect::<String>()
        );
        built(&Build::new(self.engine, self.flags).spec(&spec).image())
    }

    /// One plain installation of all packages on the same base. The base keeps services from
    /// starting, and debconf is asked for nothing, both as where inlay installs.
    ///
    /// # Errors
    /// When it does not build, with the end of what was said.
    pub(crate) fn reference(&self, sets: &[&Set]) -> Result<Outcome<'a>> {
        let packages: BTreeSet<&str> = sets
            .iter()
            .flat_map(|set| set.packages(self.suite).iter().copied())
            .collect();
        let packages = Vec::from_iter(packages).join(" ");
        let base = self.engine.base(self.suite)?;
        let lists = self.lists.image();
        let dockerfile = format!(
            "FROM {base}
RUN --mount=type=bind,from={lists},source=/var/lib/apt/lists,target=/var/lib/apt/lists,rw \\
    --mount=type=cache,id={DOWNLOADS}-{suite},target=/var/cache/downloads,sharing=locked \\
    test -x /usr/sbin/policy-rc.d && mkdir -p /var/cache/downloads/partial && \\
    DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true \\
    apt-get install --yes --no-install-recommends -o Dir::Cache::archives=/var/cache/downloads \\
      {packages} # TOKEN
",
            suite = self.suite.name(),
        );
        let build = Build::new(self.engine, self.flags)
            .spec(&dockerfile)
            .image();
        let token = build.token().to_owned();
        let outcome = built(&build)?;
        self.forget(&token)?;
        Ok(outcome)
    }

    /// Takes a reference's layer, which no other run will want, out of the engine's cache as far as
    /// its image does not hold it.
    fn forget(&self, token: &str) -> Result<()> {
        let about = run_docker(self.engine, ["buildx", "du", "--verbose"])?;
        let mut id = "";
        for line in about.lines() {
            if let Some(found) = line.strip_prefix("ID:") {
                id = found.trim();
            } else if line.contains(token) {
                let filter = format!("id={id}");
                run_docker(
                    self.engine,
                    ["buildx", "prune", "--force", "--filter", &filter],
                )?;
            }
        }
        Ok(())
    }

    /// A container of an image, with the archive's lists once they are asked for.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn container(&self, outcome: &Outcome<'_>) -> Result<Container<'a>> {
        Container::start(self.engine, outcome.image())
    }

    /// Gives a container the lists of the archive, so that apt can install.
    ///
    /// # Errors
    /// When they cannot be copied.
    pub(crate) fn give_lists(&self, container: &Container<'_>) -> Result<()> {
        let from = format!("{}/lists/.", self.folder.path().display());
        let to = format!("{}:/var/lib/apt/lists", container.name);
        run_docker(self.engine, ["cp", "--quiet", &from, &to])?;
        Ok(())
    }

    /// What each set brings when it is installed alone, as apt resolves it.
    ///
    /// # Errors
    /// When apt cannot resolve one.
    pub(crate) fn alone(&self, sets: &[&Set]) -> Result<BTreeMap<String, BTreeSet<String>>> {
        let container = self.container(&self.lists)?;
        let mut alone = BTreeMap::new();
        for set in sets {
            let packages = set.packages(self.suite).join(" ");
            let command = format!("apt-get --simulate install --no-install-recommends {packages}");
            let output = container.shell(&command)?;
            ensure!(output.status.success(), "apt cannot resolve {packages}");
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let installed = said.lines().filter_map(|line| {
                let name = line.strip_prefix("Inst ")?.split_whitespace().next()?;
                Some(name.to_owned())
            });
            alone.insert(set.name.to_owned(), installed.collect());
        }
        Ok(alone)
    }
}

fn built<'a>(build: &Build<'a>) -> Result<Outcome<'a>> {
    let outcome = build.run();
    if outcome.succeeded {
        return Ok(outcome);
    }
    let logs = outcome.progress.logs();
    let lines: Vec<&str> = logs.lines().collect();
    let end = lines[lines.len().saturating_sub(30)..].join("\n");
    bail!("the build failed:\n{end}\n{}", outcome.text())
}

/// A container that waits for commands until it is dropped.
pub(crate) struct Container<'a> {
    engine: &'a Engine,
    name: String,
}

impl<'a> Container<'a> {
    fn start(engine: &'a Engine, image: &str) -> Result<Container<'a>> {
        let name = format!("inlay-soundness-{}", token());
        let flags = [
            "run", "--detach", "--name", &name, image, "sleep", "infinity",
        ];
        run_docker(engine, flags)?;
        Ok(Container { engine, name })
    }

    /// Runs shell text.
    ///
    /// # Errors
    /// When `docker` cannot be run; a command that fails is an output.
    pub(crate) fn shell(&self, text: &str) -> Result<Output> {
        let words = ["exec", "--interactive", &self.name, "sh", "-e", "-s"];
        let mut docker = self.engine.docker(words);
        docker.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = docker.stderr(Stdio::piped()).spawn()?;
        let mut stdin = child
            .stdin
            .take()
            .context("the command has a standard input")?;
        stdin.write_all(text.as_bytes())?;
        drop(stdin);
        Ok(child.wait_with_output()?)
    }

    /// Runs a command that fails where it takes longer than two minutes, as shell text with no
    /// standard input of its own.
    ///
    /// # Errors
    /// As [`Container::shell`].
    pub(crate) fn smoke(&self, text: &str) -> Result<Output> {
        let words = ["exec", &self.name, "timeout", "120", "sh", "-e", "-c", text];
        let mut docker = self.engine.docker(words);
        Ok(docker.stdin(Stdio::null()).output()?)
    }

    /// Surveys the root.
    ///
    /// # Errors
    /// When the script fails.
    pub(crate) fn survey(&self) -> Result<Survey> {
        let output = self.shell(SCRIPT)?;
        if !output.status.success() {
            bail!(
                "the survey failed: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Survey::read(&output.stdout)
    }
}

impl Drop for Container<'_> {
    fn drop(&mut self) {
        let removal = ["rm", "--force", "--volumes", &self.name];
        if let Err(error) = run(&mut self.engine.docker(removal)) {
            eprintln!("{error:#}");
        }
    }
}
