//! What packages in exact versions cost: the first build of ten small tools, and another set added to them.
//!
//! Each round has a base of its own, so that nothing is cached, with downloads made beforehand. It builds the ten tools
//! and adds each of three sets to them, and does the same with all packages as a union, with the frontend in
//! `INLAY_BENCH_FORMER` if that names one, and with Dockerfiles that install nothing but the added set. Times are
//! of whole `docker buildx build` commands, with the image in docker's store at the end; ratios are of the medians of
//! all rounds. At last, builds in which nothing runs are compared with those of a Dockerfile of ten installations.
//!
//! `cargo bench … -- 3` makes three rounds rather than ten.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use integration::{Build, Engine, FreshBase, make_flags, make_frontend};

const TEN: [&str; 10] = [
    "bc", "file", "jq", "less", "lsof", "rsync", "tree", "unzip", "xxd", "zip",
];

/// What is added.
const SETS: [&str; 3] = ["pv", "graphviz", "ffmpeg"];

fn main() -> Result<()> {
    let engine = Engine::up()?;
    let flags = make_flags(&engine, &make_frontend(&engine)?)?;
    let former = match std::env::var("INLAY_BENCH_FORMER") {
        Ok(image) => Some(make_flags(&engine, &image)?),
        Err(_) => None,
    };
    let rounds = std::env::args().skip(1).find_map(|word| word.parse().ok());
    let rounds: usize = rounds.unwrap_or(10);
    let mut times = Times::default();
    for round in 0..=rounds {
        let base = FreshBase::new(&engine)?;
        let bench = Bench {
            engine: &engine,
            base: base.reference(),
        };
        let flags = base.flags(flags.clone());
        let former = former.clone().map(|flags| base.flags(flags));
        // The first round fills the caches of downloads.
        let mut ignored = Times::default();
        let times = if round == 0 { &mut ignored } else { &mut times };
        bench.round(times, &flags, former.as_deref());
        eprintln!("round {round} of {rounds}");
        if round == rounds {
            bench.compare_nothing(&flags);
        }
    }
    times.print();
    Ok(())
}

#[derive(Default)]
struct Times(BTreeMap<String, Vec<Duration>>);

impl Times {
    fn add(&mut self, what: &str, took: Duration) {
        eprintln!("  {took:8.2?}  {what}");
        self.0.entry(what.to_owned()).or_default().push(took);
    }

    fn print(&mut self) {
        let medians = self
            .0
            .iter_mut()
            .map(|(what, all)| (what.clone(), median(all)));
        let medians: BTreeMap<String, Duration> = medians.collect();
        for (what, all) in &self.0 {
            let (least, most) = (all[0], all[all.len() - 1]);
            eprintln!("{:8.2?} ({least:.2?} to {most:.2?})  {what}", medians[what]);
        }
        let ratio = |one: &str, other: &str| {
            if let (Some(one_time), Some(other_time)) = (medians.get(one), medians.get(other)) {
                let ratio = one_time.as_secs_f64() / other_time.as_secs_f64();
                eprintln!("{ratio:5.2} times  {one} / {other}");
            }
        };
        ratio("inlay: ten", "union: ten");
        ratio("inlay: ten", "former: ten");
        for set in SETS {
            for other in ["Dockerfile alone", "former", "union"] {
                ratio(
                    &format!("inlay: {set} added"),
                    &format!("{other}: {set} added"),
                );
            }
        }
    }
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

struct Bench<'a> {
    engine: &'a Engine,
    base: &'a str,
}

impl Bench<'_> {
    fn round(&self, times: &mut Times, flags: &[String], former: Option<&[String]>) {
        let ways = [
            ("inlay", "isolated", Some(flags)),
            ("union", "union", Some(flags)),
            ("former", "isolated", former),
        ];
        for (way, mode, flags) in ways {
            let Some(flags) = flags else { continue };
            let outcome = self.spec(flags, mode, &TEN).image().succeed();
            times.add(&format!("{way}: ten"), outcome.took);
            // A union installs everything again, whatever is added.
            let sets = if way == "union" { &SETS[..1] } else { &SETS };
            for set in sets {
                let mut more = TEN.to_vec();
                more.push(set);
                let outcome = self.spec(flags, mode, &more).image().succeed();
                times.add(&format!("{way}: {set} added"), outcome.took);
            }
        }
        for set in SETS {
            let outcome = self.dockerfile(flags, &[set]).image().succeed();
            times.add(&format!("Dockerfile alone: {set} added"), outcome.took);
        }
    }

    /// Builds in which nothing runs, in ten pairs.
    fn compare_nothing(&self, flags: &[String]) {
        let builds = [
            self.spec(flags, "isolated", &TEN),
            self.dockerfile(flags, &TEN),
        ];
        let mut times = [Vec::new(), Vec::new()];
        for pair in 0..=10 {
            for (build, times) in builds.iter().zip(&mut times) {
                let took = build.succeed().took;
                if pair > 0 {
                    times.push(took);
                }
            }
        }
        let [inlay, dockerfile] = times.map(|mut times| median(&mut times));
        eprintln!("nothing runs: inlay {inlay:.2?}, Dockerfile {dockerfile:.2?}");
    }

    fn spec<'b>(&'b self, flags: &'b [String], mode: &str, sets: &[&str]) -> Build<'b> {
        let uses = sets
            .iter()
            .map(|name| format!("  - {{ name: x-{name}, install: {{ packages: [{name}] }} }}\n"));
        let uses: String = uses.collect();
        Build::new(self.engine, flags).spec(&format!(
            "# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\npackages: {mode}\nextensions:\n{uses}"
        ))
    }

    fn dockerfile<'b>(&'b self, flags: &'b [String], sets: &[&str]) -> Build<'b> {
        let mounts = "--mount=type=cache,id=inlay-bench-apt,target=/var/cache/apt,sharing=locked \
                      --mount=type=cache,id=inlay-bench-lists,target=/var/lib/apt/lists,sharing=locked";
        let steps = sets.iter().map(|name| {
            format!(
                "RUN {mounts} apt-get update && apt-get install -y --no-install-recommends {name}\n"
            )
        });
        let steps: String = steps.collect();
        let base = self.base;
        Build::new(self.engine, flags).spec(&format!(
            "FROM {base}\nENV DEBIAN_FRONTEND=noninteractive\n\
             RUN rm -f /etc/apt/apt.conf.d/docker-clean\n{steps}"
        ))
    }
}
