//! `cargo xtask soundness`: do isolated packages give the same system as one installation?
//!
//! Each run prints one line to stdout, followed by the differences. Progress goes to stderr.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use clap::Args;
use integration::soundness::{SETS, Set, Sweep, draw_subsets};
use integration::{Engine, Suite, make_base, make_flags, make_frontend};

use crate::process::say;

/// How many differences of one run are printed.
const SHOWN: usize = 40;

/// Which sets to try.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The seed of the subsets; the same seed draws the same subsets.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many random subsets.
    #[arg(long, default_value_t = 10)]
    subsets: usize,
    /// Leave out this many of the first, which another sweep has tried.
    #[arg(long, default_value_t = 0)]
    skip: usize,
    /// The least and the greatest number of sets in each subset.
    #[arg(long, default_value = "5..10", value_name = "LEAST..MOST")]
    sizes: Sizes,
    /// The release of the base: bookworm or trixie.
    #[arg(long, default_value = "bookworm")]
    suite: Suite,
    /// Also try all sets in one image, before the subsets; only that with `--subsets 0`.
    #[arg(long)]
    all: bool,
    /// Try only these sets, to reproduce a finding.
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    only: Vec<String>,
}

/// The least and the greatest number, both included.
#[derive(Clone, Copy)]
struct Sizes(usize, usize);

impl FromStr for Sizes {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Sizes> {
        let (least, most) = text.split_once("..").unwrap_or((text, text));
        let sizes = Sizes(least.parse()?, most.parse()?);
        let is_range = 1 <= sizes.0 && sizes.0 <= sizes.1 && sizes.1 <= SETS.len();
        is_range.then_some(sizes).with_context(|| {
            format!(
                "sizes must be two numbers from 1 to {}, as in 5..10",
                SETS.len()
            )
        })
    }
}

/// Runs the chosen sets one after another. Fails if any difference has no explanation.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let chosen = choose(arguments)?;
    let engine = Engine::up()?;
    make_base(&engine, arguments.suite)?;
    let flags = make_flags(&engine, &make_frontend(&engine)?)?;
    say(&format!("reading the lists of {}", arguments.suite.name()));
    let sweep = Sweep::new(&engine, &flags, arguments.suite)?;
    let start = Instant::now();
    let mut unsound = 0;
    let mut expected: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, sets) in chosen.iter().enumerate() {
        let names: Vec<&str> = sets.iter().map(|set| set.name).collect();
        let number = format!("{}/{}", index + 1, chosen.len());
        say(&format!("run {number}: {}", names.join(",")));
        let run = sweep.run(sets)?;
        print(&format!("{number} {run}"));
        for (package, why) in &run.more {
            print(&format!("    more: {package}: {why}"));
        }
        for difference in run.differences.iter().take(SHOWN) {
            print(&format!("    {}", difference.replace('\n', "\n      ")));
        }
        if run.differences.len() > SHOWN {
            print(&format!("    … and {} more", run.differences.len() - SHOWN));
        }
        unsound += usize::from(!run.differences.is_empty());
        for (reason, count) in run.expected {
            *expected.entry(reason).or_default() += count;
        }
    }
    for (reason, count) in expected {
        print(&format!("expected: {count} paths or records: {reason}"));
    }
    print(&format!(
        "{} runs on {} in {} s, {unsound} with differences that nothing explains",
        chosen.len(),
        arguments.suite.name(),
        start.elapsed().as_secs()
    ));
    Ok(if unsound == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn choose(arguments: &Arguments) -> Result<Vec<Vec<&'static Set>>> {
    if !arguments.only.is_empty() {
        let find = |name: &String| {
            let names: Vec<&str> = SETS.iter().map(|set| set.name).collect();
            Set::find(name).ok_or_else(|| {
                anyhow!(
                    "there is no set `{name}`; the sets are {}",
                    names.join(", ")
                )
            })
        };
        return Ok(vec![
            arguments.only.iter().map(find).collect::<Result<_>>()?,
        ]);
    }
    let mut chosen = Vec::new();
    if arguments.all {
        chosen.push(SETS.iter().collect());
    }
    let Sizes(least, most) = arguments.sizes;
    let subsets = draw_subsets(arguments.seed, arguments.subsets, &(least..=most));
    chosen.extend(subsets.into_iter().skip(arguments.skip));
    Ok(chosen)
}

#[expect(clippy::print_stdout, reason = "the command is run for its findings")]
fn print(line: &str) {
    println!("{line}");
}
