//! Bases: plain Debian images, made on this machine as the official ones are.
//!
//! No public registry is needed: `debootstrap` fetches from the archive it knows. The tree is kept as
//! a tarball in the home, so that a lost registry or engine costs a push, not half a minute.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::str::FromStr;

use anyhow::{Context, Result, anyhow};

use crate::daemon::unmount_below;
use crate::engine::{Engine, Kind, run_docker};
use crate::home::Home;
use crate::process::{Environment, privileged, progress, run, run_logged};
use crate::tools::Tools;

/// A release of Debian that a base can be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Suite {
    /// Debian 12.
    Bookworm,
    /// Debian 13.
    Trixie,
}

impl Suite {
    /// All of them, oldest first.
    pub const ALL: [Suite; 2] = [Suite::Bookworm, Suite::Trixie];

    /// The name in archives and tags.
    pub fn name(self) -> &'static str {
        match self {
            Suite::Bookworm => "bookworm",
            Suite::Trixie => "trixie",
        }
    }

    /// The reference under which the official image is known: `debian:bookworm`.
    pub fn public_reference(self) -> String {
        format!("debian:{}", self.name())
    }
}

impl FromStr for Suite {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Suite> {
        Suite::ALL
            .into_iter()
            .find(|suite| suite.name() == name)
            .ok_or_else(|| anyhow!("there are bases of bookworm and trixie, not of `{name}`"))
    }
}

/// Shell commands that make of a fresh tree what the official image has. The settings of apt and dpkg
/// are the official image's in effect: extensions meet them in the field.
const TRIM: &str = r#"
set -eu
cd "$1"
rm -rf var/lib/apt/lists/* var/cache/apt/*.bin var/cache/apt/archives/*.deb var/cache/ldconfig/*
rm -rf var/cache/debconf/*-old var/lib/dpkg/*-old var/log/bootstrap.log tmp/* run/*
find var/log -type f -exec truncate -s 0 {} +
rm -f var/log/dpkg.log var/log/alternatives.log
mkdir -p var/lib/apt/lists/partial var/cache/apt/archives/partial run/lock
chmod 1777 run/lock
: > etc/machine-id
: > etc/hostname
: > etc/resolv.conf
printf '#!/bin/sh\nexit 101\n' > usr/sbin/policy-rc.d
chmod 755 usr/sbin/policy-rc.d
echo force-unsafe-io > etc/dpkg/dpkg.cfg.d/docker-apt-speedup
cat > etc/apt/apt.conf.d/docker-clean <<'END'
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
END
echo 'Apt::AutoRemove::SuggestsImportant "false";' > etc/apt/apt.conf.d/docker-autoremove-suggests
echo 'Acquire::GzipIndexes "true";' > etc/apt/apt.conf.d/docker-gzip-indexes
echo 'Acquire::Languages "none";' > etc/apt/apt.conf.d/docker-no-languages
"#;

/// The reference of the suite's base on the engine, after making and pushing what is not there.
///
/// # Errors
/// When the tree cannot be made, imported or pushed.
pub(crate) fn base(engine: &Engine, suite: Suite) -> Result<String> {
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

/// The reference of a list of the suite's bases for amd64 and 386, which amd64 machines run both.
///
/// # Errors
/// As [`base`].
///
/// # Panics
/// For the user's engine, which has no registry of ours.
pub(crate) fn list(engine: &Engine, suite: Suite) -> Result<String> {
    let address = engine.registry_address().expect("an engine of our own");
    let name = suite.name();
    let reference = format!("{address}/debian-list:{name}");
    if engine.registry_has("debian-list", name)? {
        return Ok(reference);
    }
    let own = base(engine, suite)?;
    let other = push(engine, &address, "debian-386", suite, Some("i386"))?;
    let create = ["buildx", "imagetools", "create", "--tag"];
    let images = [reference.as_str(), own.as_str(), other.as_str()];
    run_docker(engine, create.into_iter().chain(images))?;
    Ok(reference)
}

/// Makes and pushes the base of an architecture (in Debian's words; none: the machine's), unless it is there;
/// returns its reference.
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
        make(home, engine.tools(), suite, architecture, &tarball)?;
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
    run_docker(engine, import.into_iter().chain([tarball, &reference]))?;
    run_docker(engine, ["push", "--quiet", &reference])?;
    Ok(reference)
}

/// The reference of a base if the registry has it; nothing is made.
pub(crate) fn existing(engine: &Engine, suite: Suite) -> Result<Option<String>> {
    let Some(address) = engine.registry_address() else {
        return Ok(None);
    };
    let has = engine.registry_has("debian", suite.name())?;
    Ok(has.then(|| format!("{address}/debian:{}", suite.name())))
}

fn make(
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
    // What was made with a strict umask would be closed to all but root in every image.
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

/// Removes a tree of root's, after unmounting what an interrupted `debootstrap` left there: removing
/// through a mounted /sys or /dev would reach the machine.
fn discard(tree: &Path) -> Result<()> {
    unmount_below(tree)?;
    run(privileged(&Environment::new(), "rm")?
        .args(["-rf", "--one-file-system"])
        .arg(tree))?;
    Ok(())
}
