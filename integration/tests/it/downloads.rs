//! What one extension leaves for others in the cache of downloads: nothing that they believe.

use integration::{Build, Outcome, make_token};

use crate::{DerivedBase, Ground, assert_has};

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

/// A package's scripts run while the cache is mounted.
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
    assert_has(
        &outcome.progress.logs(),
        &["files in the cache that are not what the package lists name: "],
    );
    // What was found to be false is not there any more.
    let outcome = planted.assert_sound("file");
    let logs = outcome.progress.logs();
    assert!(!logs.contains("files in the cache"), "{logs}");
}
