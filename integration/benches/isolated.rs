//! What `packages: isolated` costs and saves, compared with one installation of all packages and with a
//! Dockerfile.
//!
//! There are three cases of ten extensions with packages. For each, this measures the time to add an
//! eleventh, the time of the joint and of `reconcile` in it, and the bytes of the layers. The Dockerfile has
//! the form that generators of Dockerfiles write: for each extension, ordered by name, a layer of apt and a
//! set-up. Everything is built on a new base, so that nothing is cached. Packages are downloaded beforehand,
//! and each way has its own cache mount for them. Each sample is taken once, because a run takes long and
//! only the ratios within it matter.

use std::time::Duration;

use anyhow::Result;
use integration::{Build, Engine, FreshBase, Outcome, make_flags, make_frontend};

type Sets = [(&'static str, &'static str)];

const WEB: &Sets = &[
    ("build", "build-essential"),
    ("cache", "redis-server"),
    ("curl", "ca-certificates curl"),
    ("database", "postgresql-client"),
    ("editor", "vim"),
    ("git", "git"),
    ("json", "jq"),
    ("node", "nodejs"),
    ("proxy", "nginx"),
    ("python", "python3 python3-pip python3-venv"),
];
const ROBOTICS: &Sets = &[
    ("ccache", "ccache"),
    ("cmake", "build-essential cmake ninja-build"),
    ("debug", "gdb valgrind"),
    ("display", "libxcursor-dev libxi6 libxrandr-dev"),
    ("eigen", "libeigen3-dev"),
    ("large-files", "git git-lfs"),
    ("mesa", "libgl1-mesa-dri libgl1-mesa-glx"),
    ("numeric", "python3-dev python3-numpy python3-pip"),
    ("ssh", "openssh-client"),
    ("tools", "fd-find fzf ripgrep"),
];
const SCIENCE: &Sets = &[
    ("archives", "unzip zip"),
    ("frames", "python3-pandas"),
    ("java", "openjdk-17-jre-headless"),
    ("latex-free", "groff poppler-utils"),
    ("notebook", "python3-ipython"),
    ("plots", "gnuplot-nox"),
    ("solver", "build-essential gfortran"),
    ("sqlite", "libsqlite3-dev sqlite3"),
    ("statistics", "r-base-core"),
    ("versions", "git"),
];

/// The cases, each with the extension that is added, which sorts in the middle.
const CASES: [(&str, &Sets, (&str, &str)); 3] = [
    ("web service", WEB, ("imagemagick", "imagemagick")),
    ("robotics", ROBOTICS, ("graphviz", "graphviz")),
    ("data science", SCIENCE, ("media", "ffmpeg")),
];

fn main() -> Result<()> {
    let engine = Engine::up()?;
    let frontend = make_frontend(&engine)?;
    let base = FreshBase::new(&engine)?;
    let flags = base.flags(make_flags(&engine, &frontend)?);
    let bench = Bench {
        engine: &engine,
        base: base.reference(),
        flags: &flags,
    };
    // Runs only the cases whose name contains a word: `cargo bench … -- robotics`.
    let wanted = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let is_wanted = |name: &str| wanted.as_ref().is_none_or(|word| name.contains(word));
    for (name, sets, eleventh) in CASES.iter().filter(|(name, ..)| is_wanted(name)) {
        bench.compare(name, sets, *eleventh);
    }
    if wanted.is_none() {
        let all: Vec<_> = CASES
            .iter()
            .flat_map(|(_, sets, _)| *sets)
            .copied()
            .collect();
        eprintln!("\n## all together");
        print_joint(all.len(), &bench.spec("isolated", &all).succeed());
    }
    Ok(())
}

struct Bench<'a> {
    engine: &'a Engine,
    base: &'a str,
    flags: &'a [String],
}

impl<'a> Bench<'a> {
    fn compare(&self, name: &str, sets: &Sets, eleventh: (&'static str, &'static str)) {
        eprintln!("\n## {name}");
        let mut more = sets.to_vec();
        let place = more.partition_point(|set| set.0 < eleventh.0);
        more.insert(place, eleventh);

        let first = |mode: &str| {
            let outcome = self.spec(mode, sets).archive().succeed();
            eprintln!("ten, {mode}: {:.1?} with the export", outcome.took);
            if mode == "isolated" {
                print_joint(sets.len(), &outcome);
            }
            added_bytes(&outcome)
        };
        let (union, isolated) = (first("union"), first("isolated"));
        eprintln!(
            "bytes above the base: {:.0} MB isolated, {:.0} MB as a union; ratio {:.2}",
            isolated / 1e6,
            union / 1e6,
            isolated / union
        );
        let chain = self.dockerfile(sets).succeed();
        eprintln!("ten, Dockerfile: {:.1?} without an export", chain.took);
        // Downloads what the eleventh needs into both cache mounts, without making its layer.
        self.spec("union", &[eleventh]).succeed();
        self.dockerfile(&[eleventh]).succeed();

        let isolated = self.spec("isolated", &more).succeed();
        let union = self.spec("union", &more).succeed().took;
        let chain = self.dockerfile(&more).succeed().took;
        let times = |other: Duration| other.as_secs_f64() / isolated.took.as_secs_f64();
        eprintln!(
            "`{}` added at place {} of 11: isolated {:.1?}, union {union:.1?} ({:.1} times), Dockerfile \
             {chain:.1?} ({:.1} times)",
            eleventh.1,
            place + 1,
            isolated.took,
            times(union),
            times(chain)
        );
        let durations = isolated.progress.durations();
        for (vertex, took) in durations.iter().filter(|(_, took)| took.as_millis() >= 50) {
            eprintln!("  {:6.2} s {vertex}", took.as_secs_f64());
        }
        print_joint(more.len(), &isolated);
    }

    fn spec(&self, mode: &str, sets: &Sets) -> Build<'a> {
        let uses = sets.iter().map(|(name, packages)| {
            let packages = packages.replace(' ', ", ");
            format!(
                "  - name: {name}\n    install:\n      packages: [{packages}]\n      \
                 files: [{{ to: /opt/{name}/setup, text: {name} }}]\n"
            )
        });
        let uses: String = uses.collect();
        Build::new(self.engine, self.flags).spec(&format!(
            "# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\npackages: {mode}\nextensions:\n{uses}"
        ))
    }

    fn dockerfile(&self, sets: &Sets) -> Build<'a> {
        let mounts = "--mount=type=cache,id=inlay-bench-apt,target=/var/cache/apt,sharing=locked \
                      --mount=type=cache,id=inlay-bench-lists,target=/var/lib/apt/lists,sharing=locked";
        let steps = sets.iter().map(|(name, packages)| {
            format!(
                "RUN {mounts} apt-get update && apt-get install -y --no-install-recommends {packages}\n\
                 RUN mkdir -p /opt/{name} && echo {name} > /opt/{name}/setup\n"
            )
        });
        let steps: String = steps.collect();
        let base = self.base;
        Build::new(self.engine, self.flags).spec(&format!(
            "FROM {base}\nENV DEBIAN_FRONTEND=noninteractive\n\
             RUN rm -f /etc/apt/apt.conf.d/docker-clean\n{steps}"
        ))
    }
}

/// Prints the times of the joint's vertices, and how much of them `reconcile` itself takes.
fn print_joint(sets: usize, outcome: &Outcome<'_>) {
    let durations = outcome.progress.durations();
    let joint: Vec<_> = (durations.iter())
        .filter(|(name, _)| name.starts_with("[joint]"))
        .collect();
    for (name, took) in &joint {
        eprintln!("  {:6.2} s {name}", took.as_secs_f64());
    }
    let logs = outcome.progress.logs();
    let own = logs
        .lines()
        .rfind(|line| line.starts_with("inlay: joint: read "));
    let Some(own) = own else { return };
    let words: Vec<&str> = own.split_whitespace().collect();
    let milliseconds = words.windows(2).filter(|pair| pair[1].starts_with("ms"));
    let reconcile_ms: f64 = milliseconds
        .filter_map(|pair| pair[0].parse::<f64>().ok())
        .sum();
    let whole: f64 = (joint.iter())
        .filter(|(name, _)| name.contains(" databases of "))
        .map(|(_, took)| took.as_secs_f64())
        .sum();
    let own_seconds = reconcile_ms / 1000.0;
    eprintln!(
        "joint of {sets} sets: {whole:.2} s, of which reconcile {own_seconds:.2} s, mounting {:.2} s\n  {own}",
        whole - own_seconds
    );
    let ran = ["inlay: joint: ran ", "inlay: joint: trigger "];
    for line in logs.lines() {
        if ran.iter().any(|begin| line.starts_with(begin)) {
            eprintln!("  {line}");
        }
    }
}

/// The bytes of the files in the layers above the two of the base.
fn added_bytes(outcome: &Outcome<'_>) -> f64 {
    let layers = outcome.archive().layers.iter().skip(2).flatten();
    let bytes: usize = layers.map(|entry| entry.content.len()).sum();
    // Exact up to 2^53 bytes.
    #[expect(
        clippy::cast_precision_loss,
        reason = "an image has less than 2^53 bytes"
    )]
    let bytes = bytes as f64;
    bytes
}
