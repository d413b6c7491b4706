//! Checks with many sets of packages whether `packages: isolated` is sound.
//!
//! Each run takes some sets. inlay builds them as extensions of one spec, each installed on its own. The
//! reference is a container of the same base that installs all packages with one command and then does the rest,
//! one set after another. Both are
//! surveyed in containers and compared: packages, marks, databases, and every path of the tree. Each extension also
//! brings an output, files and steps. A
//! difference must be on a short list with its reason (`expected`), or be explained by computation
//! (`dependencies`). Then each set's own command must work in both, and apt must install one more package.
//!
//! `cargo xtask soundness` does this with random subsets; a few small ones are an engine test.

mod compare;
mod databases;
mod dependencies;
mod expected;
mod images;
mod own;
mod random;
mod sets;
mod survey;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use anyhow::Result;

pub use self::images::spec;
pub use self::sets::{SETS, Set};

use crate::engine::Engine;
use crate::soundness::compare::compare;
use crate::soundness::images::{Ground, Subject};
use crate::soundness::survey::Survey;
use crate::suite::Suite;

/// A small package that no set has. If apt can install it, the databases are intact.
const ONE_MORE: &str = "hello";

/// Draws random subsets of [`SETS`], the same ones for the same seed.
pub fn draw_subsets(
    seed: u64,
    count: usize,
    sizes: &RangeInclusive<usize>,
) -> Vec<Vec<&'static Set>> {
    let mut random = random::Random::new(seed);
    (0..count).map(|_| random.draw_subset(sizes)).collect()
}

/// A series of runs on one engine and one state of the archive.
pub struct Sweep<'a> {
    ground: Ground<'a>,
}

/// The result of a run.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// The names of the sets.
    pub sets: Vec<&'static str>,
    /// How many packages the image has.
    pub packages: usize,
    /// The differences that nothing explains. A run without any is sound.
    pub differences: Vec<String>,
    /// Packages that only inlay's image has, each with the reason.
    pub more: BTreeMap<String, String>,
    /// How many paths differ for each expected reason.
    pub expected: BTreeMap<&'static str, usize>,
    /// How long inlay's image, the reference, and the whole run took.
    pub took: [Duration; 3],
}

impl<'a> Sweep<'a> {
    /// Prepares what all runs share; `flags` are those of [`make_flags`](crate::make_flags).
    ///
    /// # Errors
    /// When the base cannot be made, or the archive does not answer.
    pub fn new(engine: &'a Engine, flags: &'a [String], suite: Suite) -> Result<Sweep<'a>> {
        Ok(Sweep {
            ground: Ground::new(engine, flags, suite)?,
        })
    }

    /// Builds, compares and tries the sets, and removes images and containers afterwards. A build that fails
    /// counts as a difference.
    ///
    /// # Errors
    /// When the engine fails otherwise.
    pub fn run(&self, sets: &[&'static Set]) -> Result<Run> {
        let start = Instant::now();
        let mut run = Run {
            sets: sets.iter().map(|set| set.name).collect(),
            ..Run::default()
        };
        let (merged, reference) = std::thread::scope(|scope| {
            let merged = scope.spawn(|| self.ground.build_merged(sets));
            let reference = self.ground.install_reference(sets);
            (merged.join().expect("a build does not panic"), reference)
        });
        for (name, subject) in [("inlay's image", &merged), ("the reference", &reference)] {
            if let Err(error) = subject {
                run.differences.push(format!("{name}: {error:#}"));
            }
        }
        if let (Ok(merged), Ok(reference)) = (merged, reference) {
            run.took = [merged.took, reference.took, Duration::ZERO];
            self.judge(&mut run, sets, &merged, &reference)?;
        }
        run.took[2] = start.elapsed();
        Ok(run)
    }

    fn judge(
        &self,
        run: &mut Run,
        sets: &[&Set],
        merged: &Subject<'_>,
        reference: &Subject<'_>,
    ) -> Result<()> {
        let packages = |survey: &Survey| dependencies::read_packages(survey.file(STATUS));
        let (one, two) = (packages(&merged.survey), packages(&reference.survey));
        run.packages = one.len();
        let is_more = |name: &&String| !two.contains_key(*name);
        let more: BTreeSet<String> = one.keys().filter(is_more).cloned().collect();
        if !more.is_empty() {
            let alone = self.ground.resolve_alone(sets)?;
            run.more = dependencies::explain(&more, &alone, &one, &two);
        }
        let explained = run.more.keys().cloned().collect();
        let mut comparison = compare(&merged.survey, &reference.survey, &explained);
        run.expected = comparison.expected;
        if !comparison.differences.is_empty() {
            let settled = compare(&merged.survey, &reference.settle()?, &explained);
            let before = comparison.differences.len();
            let stays = |about: &String, _: &mut String| settled.differences.contains_key(about);
            comparison.differences.retain(stays);
            let gone = before - comparison.differences.len();
            if gone > 0 {
                run.expected.insert(SETTLED, gone);
            }
        }
        let words = |(about, words)| format!("{about}: {words}");
        run.differences
            .extend(comparison.differences.into_iter().map(words));
        for failure in reference.run_smoke_tests(sets, ONE_MORE)? {
            let words = "in the reference, so the command itself is wrong";
            run.differences.push(format!("{words}: {failure}"));
        }
        run.differences
            .extend(merged.run_smoke_tests(sets, ONE_MORE)?);
        Ok(())
    }
}

const STATUS: &str = "/var/lib/dpkg/status";

/// The reference caused the difference: a trigger ran before everything that it processes was installed.
const SETTLED: &str = "gone after the reference ran its triggers once more";

impl fmt::Display for Run {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.differences.len() {
            0 => "ok".to_owned(),
            1 => "1 difference".to_owned(),
            count => format!("{count} differences"),
        };
        let [merged, reference, whole] = self.took.map(|took| took.as_secs_f32());
        write!(
            formatter,
            "{verdict}: {} packages, {} more than the reference, inlay {merged:.1} s, reference \
             {reference:.1} s, in all {whole:.1} s: {}",
            self.packages,
            self.more.len(),
            self.sets.join(",")
        )
    }
}
