//! What one extension leaves for others in the cache of downloads: nothing that they believe.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use integration::{Build, Outcome, make_token};

use crate::{DerivedBase, Ground};

/// Falsifies the cache of downloads wherever a command can write to it.
const PLANT: &str = include_str!("downloads/plant.sh");

/// A base of its own, and so a cache of its own.
struct Planted {
    base: DerivedBase,
    /// The text of `/etc/derived`.
    token: String,
    name: String,
}

impl Planted {
    /// The command runs in the base, where `/usr/local/bin/plant` is the script.
    fn new(ground: &'static Ground, command: &str) -> Planted {
        let script = format!("cat > /usr/local/bin/plant <<'PLANT'\n{PLANT}PLANT\n{command}");
        let run = format!("<<'COMMAND'\nset -e\n{script}\nCOMMAND");
        let token = make_token();
        Planted {
            base: DerivedBase::after(ground, &token, &run),
            name: format!("example.org/planted:{token}"),
            token,
        }
    }

    fn build(&self, extension: &str) -> Build<'static> {
        let spec = format!(
            "# syntax=ghcr.io/inlay/inlay:1\nbase: {}\nextensions: [{extension}]\n",
            self.name
        );
        let build = self.base.ground.build().spec(&spec);
        build
            .image_in_place_of(&self.name, self.base.reference())
            .image()
    }

    /// Installs jq beside another package, which makes the installation one that has not run yet.
    fn install(&self, other: &str) -> Outcome<'static> {
        let extension = format!("{{ name: query, install: {{ packages: [jq, {other}] }} }}");
        self.build(&extension).succeed()
    }

    fn assert_sound(&self, other: &str) -> Outcome<'static> {
        let outcome = self.install(other);
        let look = "jq -n 1; cat /etc/derived; echo; dpkg --verify; dpkg --audit; ls -d /etc/planted 2>&1; \
                    dpkg -s jq | grep '^Description'";
        let said = outcome.run(["sh", "-c", look]);
        let sound = "1\nTOKEN\nls: cannot access '/etc/planted': No such file or directory\n\
                     Description: lightweight and flexible command-line JSON processor";
        assert_eq!(said, sound.replace("TOKEN", &self.token));
        outcome
    }
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_step_cannot_reach_the_downloads_of_others() {
    let planted = Planted::new(Ground::get(), "true");
    planted.install("tree");
    let step = "{ name: planter, install: { steps: ['sh /usr/local/bin/plant /run/inlay/apt /run/inlay/downloads'] } }";
    planted.build(step).succeed();
    let outcome = planted.assert_sound("less");
    let logs = outcome.progress.logs();
    assert!(!logs.contains("files in the cache"), "{logs}");
}

/// The cache is mounted where packages are fetched, and not where their scripts run.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_package_cannot_plant_downloads_for_others() {
    let package = r"
mkdir -p /srv/packages /tmp/planter/DEBIAN
cd /tmp/planter
printf 'Package: planter\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b>\nDescription: a\n' > DEBIAN/control
printf '#!/bin/sh\nset -e\nsh /usr/local/bin/plant /run/inlay/apt /run/inlay/downloads\n' > DEBIAN/postinst
chmod 0755 DEBIAN/postinst
dpkg-deb --build . /srv/packages/planter.deb
cd /srv/packages
dpkg-deb -f planter.deb > Packages
echo Filename: ./planter.deb >> Packages
echo Size: $(stat -c %s planter.deb) >> Packages
echo SHA256: $(sha256sum planter.deb | cut -c1-64) >> Packages
echo 'deb [trusted=yes] file:/srv/packages ./' > /etc/apt/sources.list.d/planter.list
";
    let planted = Planted::new(Ground::get(), package);
    planted.install("tree");
    planted
        .build("{ name: planter, install: { packages: [planter] } }")
        .succeed();
    let outcome = planted.assert_sound("less");
    let logs = outcome.progress.logs();
    assert!(!logs.contains("files in the cache"), "{logs}");
}

/// Runs a command after the script that takes files from the cache, with folders of its own in place of the
/// mounts, and returns whether it succeeded and what it said.
fn run_script(folder: &Path, command: &str) -> (bool, String) {
    let script = [
        include_str!("../../../frontend/compile/src/scripts/part.sh"),
        include_str!("../../../frontend/compile/src/scripts/downloads.sh"),
    ];
    let script = script.concat().replace(
        "inlay_cache=/run/inlay/downloads",
        "inlay_cache=cache inlay_part=x inlay_work=$PWD/work; inlay_cache=$PWD/cache",
    );
    for name in ["cache", "work", "to"] {
        fs::create_dir_all(folder.join(name)).unwrap();
    }
    let output = Command::new("sh")
        .args(["-e", "-c", &format!("{script}\n{command}")])
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), said)
}

/// The SHA-256 of the text `a`, and of nothing.
const OF_A: &str = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";
const OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

#[test]
fn only_what_has_its_sha256_is_taken_from_the_cache() {
    type Plant = fn(&Path);
    let cases: [(&str, Plant, bool, bool); 7] = [
        (
            "the file",
            |path| fs::write(path, "a").unwrap(),
            true,
            false,
        ),
        ("nothing", |_| (), false, false),
        (
            "another of the same size",
            |path| fs::write(path, "b").unwrap(),
            false,
            true,
        ),
        (
            "another size",
            |path| fs::write(path, "ab").unwrap(),
            false,
            false,
        ),
        (
            "a link",
            |path| symlink("../secret", path).unwrap(),
            false,
            false,
        ),
        (
            "a folder",
            |path| fs::create_dir(path).unwrap(),
            false,
            false,
        ),
        (
            "a pipe, which nobody writes to",
            |path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
            false,
            false,
        ),
    ];
    for (what, plant, is_taken, is_false) in cases {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("cache")).unwrap();
        fs::write(folder.path().join("secret"), "a").unwrap();
        let cached = folder.path().join(format!("cache/{OF_A}.deb"));
        plant(&cached);
        let admit = format!("printf '{OF_A} 1 x.deb\\n' | admit deb $PWD/to");
        let (complete, said) = run_script(folder.path(), &admit);
        assert_eq!(complete, is_taken, "{what}: {said}");
        let to = folder.path().join("to/x.deb");
        assert_eq!(to.exists(), is_taken, "{what}");
        assert_eq!(
            said.contains("fetching them again"),
            is_false,
            "{what}: {said}"
        );
        // What is false is removed, and whatever is there makes room for the file when it was fetched.
        assert_eq!(
            is_false,
            cached.symlink_metadata().is_err() && what != "nothing",
            "{what}"
        );
        fs::write(&to, "a").unwrap();
        let publish = format!("printf '{OF_A} 1 x.deb\\n' | publish deb $PWD/to");
        let (_, said) = run_script(folder.path(), &publish);
        assert_eq!(fs::read_to_string(&cached).unwrap(), "a", "{what}: {said}");
        assert!(cached.symlink_metadata().unwrap().is_file(), "{what}");
        assert_eq!(
            fs::read_to_string(folder.path().join("secret")).unwrap(),
            "a"
        );
        let names = fs::read_dir(folder.path().join("cache")).unwrap();
        assert_eq!(names.count(), 1, "{what}: {said}");
    }
}

#[test]
fn two_files_may_have_one_content_and_each_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let wanted = format!("{OF_NOTHING} 0 a/one\\n{OF_NOTHING} 0 b/two\\n");
    let (complete, _) = run_script(
        folder.path(),
        &format!("printf '{wanted}' | admit list $PWD/to"),
    );
    assert!(!complete);
    let cached = folder.path().join(format!("cache/{OF_NOTHING}.list"));
    fs::write(cached, "").unwrap();
    let (complete, said) = run_script(
        folder.path(),
        &format!("printf '{wanted}' | admit list $PWD/to"),
    );
    assert!(complete, "{said}");
    for name in ["one", "two"] {
        assert!(folder.path().join("to").join(name).exists());
    }
    // Nothing says the SHA-256 of the last one, or not as one.
    for unknown in ["- - three", "../../etc/x 0 three", "E3B0 0 three"] {
        let wanted = format!("{wanted}{unknown}\\n");
        let admit = format!("printf '{wanted}' | admit list $PWD/to");
        assert!(!run_script(folder.path(), &admit).0, "{unknown}");
    }
}
