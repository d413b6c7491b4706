//! The time that the frontend adds to a build in which nothing runs.
//!
//! Builds the same small image in ten pairs: through `# syntax=`, and through a Dockerfile of three lines on
//! the engine's built-in frontend. Prints each pair, the medians, and their ratio and difference. The
//! machine's noise affects both halves of a pair.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use integration::{Engine, Suite, make_base, make_frontend};

const PAIRS: usize = 10;

fn main() -> Result<()> {
    let engine = Engine::up()?;
    let base = make_base(&engine, Suite::Bookworm)?;
    let frontend = make_frontend(&engine)?;
    let folder = tempfile::tempdir()?;
    fs::write(
        folder.path().join("inlay.yaml"),
        format!(
            "# syntax={frontend}\nbase: {base}\nenvironment: {{ EDITOR: vi }}\nworkdir: /work\n"
        ),
    )?;
    fs::write(
        folder.path().join("Dockerfile"),
        format!("FROM {base}\nENV EDITOR=vi\nWORKDIR /work\n"),
    )?;
    // The first build of each kind pulls images and fills caches.
    build(&engine, folder.path(), "inlay.yaml")?;
    build(&engine, folder.path(), "Dockerfile")?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for pair in 1..=PAIRS {
        let inlay = build(&engine, folder.path(), "inlay.yaml")?;
        let dockerfile = build(&engine, folder.path(), "Dockerfile")?;
        eprintln!("pair {pair:2}: inlay {inlay:.0?}, Dockerfile {dockerfile:.0?}");
        ours.push(inlay);
        theirs.push(dockerfile);
    }
    let (inlay, dockerfile) = (median(&mut ours), median(&mut theirs));
    eprintln!(
        "medians: inlay {inlay:.0?}, Dockerfile {dockerfile:.0?}; ratio {:.2}, difference {:.0?}",
        inlay.as_secs_f64() / dockerfile.as_secs_f64(),
        inlay.saturating_sub(dockerfile)
    );
    Ok(())
}

/// The wall time of one build that exports nothing.
fn build(engine: &Engine, context: &Path, file: &str) -> Result<Duration> {
    let mut command = engine.docker(["buildx", "build", "--quiet", "--output", "type=cacheonly"]);
    command.arg("--file").arg(context.join(file)).arg(context);
    let start = Instant::now();
    let output = command.output().context("cannot run docker")?;
    let time = start.elapsed();
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(time)
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
