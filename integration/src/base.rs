//! Bases: plain Debian images, made on this machine the way the official ones are made.
//!
//! No public registry is needed: `debootstrap` fetches from the archive it knows. The tree is kept as
//! a tarball in the home, so that a lost registry or engine costs a push and not half a minute.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result};

use crate::engine::{Engine, Kind};
use crate::home::Home;
use crate::process::{Environment, privileged, progress, run, run_logged};
use crate::removal::{remove, unmount_below};
use crate::suite::Suite;
use crate::tools::Tools;

/// Turns a fresh tree into what the official image has.
const TRIM: &str = include_str!("base/trim.sh");

/// Returns the reference of the suite's base on the engine, after making and pushing it if needed. For
/// the user's engine it is the public reference.
///
/// # Errors
/// When the tree cannot be made, imported or pushed.
pub fn make_base(engine: &Engine, suite: Suite) -> Result<String> {
    let Some(address) = engine.registry_address() else {
        debug_assert_eq!(
            engine.kind(),
            Kind::User,
            "the private engine has a registry"
        );
        return Ok(suite.public_reference());
    };
    push(engine, &address, "debian", suite, None)
}

/// Returns the reference of a list of the suite's bases for amd64 and 386, both of which run on an amd64
/// machine.
///
/// # Errors
/// As [`make_base`].
///
/// # Panics
/// For the user's engine, which has no registry of ours.
pub fn make_base_list(engine: &Engine, suite: Suite) -> Result<String> {
    let address = engine.registry_address().expect("an engine of our own");
    let name = suite.name();
    let reference = format!("{address}/debian-list:{name}");
    if engine.registry_has("debian-list", name)? {
        return Ok(reference);
    }
    let own = make_base(engine, suite)?;
    let other = push(engine, &address, "debian-386", suite, Some("i386"))?;
    let create = ["buildx", "imagetools", "create", "--tag"];
    let images = [reference.as_str(), own.as_str(), other.as_str()];
    engine.run_docker(create.into_iter().chain(images))?;
    Ok(reference)
}

/// The reference of a base if the registry has it; makes nothing.
pub(crate) fn find_base(engine: &Engine, suite: Suite) -> Result<Option<String>> {
    let Some(address) = engine.registry_address() else {
        return Ok(None);
    };
    let has = engine.registry_has("debian", suite.name())?;
    Ok(has.then(|| format!("{address}/debian:{}", suite.name())))
}

/// Makes and pushes the base of an architecture, unless it exists, and returns its reference. The
/// architecture has Debian's name; without one it is the machine's.
fn push(
    engine: &Engine,
    address: &str,
    repository: &str,
    suite: Suite,
    architecture: Option<&str>,
) -> Result<String> {
    let name = suite.name();
    let reference = format!("{address}/{repository}:{name}");
    if engine.registry_has(repository, name)? {
        return Ok(reference);
    }
    let home = engine.home();
    let _lock = home.lock("bases")?;
    if engine.registry_has(repository, name)? {
        return Ok(reference);
    }
    let file = match architecture {
        Some(architecture) => format!("{name}-{architecture}.tar"),
        None => format!("{name}.tar"),
    };
    let tarball = home.path("bases").join(file);
    if !tarball.exists() {
        make_tarball(home, engine.tools(), suite, architecture, &tarball)?;
    }
    progress(&format!("pushing {reference}"));
    let tarball = tarball.to_str().context("the engine's home is not UTF-8")?;
    let mut import = vec![
        "import",
        "--change",
        "CMD [\"bash\"]",
        "--change",
        "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ];
    if architecture == Some("i386") {
        import.extend(["--platform", "linux/386"]);
    }
    engine.run_docker(import.into_iter().chain([tarball, &reference]))?;
    engine.run_docker(["push", "--quiet", &reference])?;
    Ok(reference)
}

fn make_tarball(
    home: &Home,
    tools: &Tools,
    suite: Suite,
    architecture: Option<&str>,
    tarball: &Path,
) -> Result<()> {
    let name = tarball.file_stem().unwrap_or_default();
    let name = name.to_str().context("the engine's home is not UTF-8")?;
    progress(&format!(
        "making the base {name} (debootstrap, about a minute)"
    ));
    let tree = home.path("bases").join(format!("{name}.partial"));
    discard(&tree)?;
    fs::create_dir_all(&tree)?;
    // A folder made under a strict umask would be closed to all users but root in every image.
    fs::set_permissions(&tree, fs::Permissions::from_mode(0o755))?;

    let mut environment = tools.environment();
    environment.push(("LC_ALL".to_owned(), "C".to_owned()));
    let mut bootstrap = privileged(&environment, "sh")?;
    bootstrap.args([
        "-c",
        "umask 022; exec debootstrap \"$@\"",
        "sh",
        "--variant=minbase",
    ]);
    if let Some(keyring) = tools.keyring() {
        bootstrap.arg(format!("--keyring={}", keyring.display()));
    }
    if let Some(architecture) = architecture {
        bootstrap.arg(format!("--arch={architecture}"));
    }
    run_logged(
        bootstrap.arg(suite.name()).arg(&tree),
        &home.log(&format!("debootstrap-{name}")),
    )?;
    unmount_below(&tree)?;
    run(privileged(&Environment::new(), "sh")?
        .args(["-c", TRIM, "sh"])
        .arg(&tree))?;

    let partial = tarball.with_extension("tar.partial");
    // The engine makes /dev itself; device files in a layer need privileges to unpack.
    let mut pack = privileged(&Environment::new(), "tar")?;
    pack.args([
        "--numeric-owner",
        "--xattrs",
        "--sort=name",
        "--exclude=./dev/*",
        "-cf",
    ]);
    run(pack.arg(&partial).arg("-C").arg(&tree).arg("."))?;
    fs::rename(&partial, tarball)?;
    discard(&tree)
}

/// Removes a tree, after unmounting what an interrupted `debootstrap` left there.
fn discard(tree: &Path) -> Result<()> {
    unmount_below(tree)?;
    remove(tree)
}
