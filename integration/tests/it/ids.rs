//! Accounts that collide. Each set takes the first free ids when it is installed on its own; in one image,
//! every id belongs to one name.

use std::collections::{BTreeMap, BTreeSet};

use insta::assert_snapshot;
use integration::{Build, Outcome};

use crate::isolated::spec;
use crate::{DerivedBase, Ground, assert_has};

/// Sets that make the accounts `messagebus`, `docker`, `mysql`, `_ssh`, `postgres` with `ssl-cert`, and `redis`.
const SETS: [(&str, &str); 6] = [
    ("bus", "dbus"),
    ("containers", "docker.io"),
    ("database", "mariadb-server"),
    ("keys", "openssh-server"),
    ("query", "postgresql, ssl-cert"),
    ("store", "redis-server"),
];

/// Names of owners and modes, by path. An id without an account stays a number.
type Owners = BTreeMap<String, String>;

fn image<'a>(ground: &'a Ground, mode: &str, sets: &[(&str, &str)]) -> Build<'a> {
    ground.build().image().spec(&spec(mode, sets))
}

fn owners(image: &Outcome<'_>) -> Owners {
    let listing = image.run(["find", "/", "-xdev", "-printf", "%u:%g %m %p\\n"]);
    let lines = listing.lines().filter_map(|line| {
        let mut words = line.splitn(3, ' ');
        let (owner, mode, path) = (words.next()?, words.next()?, words.next()?);
        Some((path.to_owned(), format!("{owner} {mode}")))
    });
    lines.collect()
}

/// Checks that no id belongs to two names, that every owner has a name, and that every path which the
/// reference has too has the same owner there. Returns the owners.
fn check(image: &Outcome<'_>, reference: &Owners) -> Owners {
    let repeated = "for file in passwd group; do cut -d: -f3 /etc/$file | sort | uniq -d; done; \
                    find / -xdev '(' -nouser -o -nogroup ')'";
    assert_eq!(image.run(["sh", "-e", "-c", repeated]), "");
    let owners = owners(image);
    let differing: Vec<String> = (owners.iter())
        .filter_map(|(path, owner)| {
            let other = reference.get(path)?;
            (owner != other).then(|| format!("{path}: {owner}, and {other} in one installation"))
        })
        .collect();
    assert_eq!(differing, [""; 0]);
    owners
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn files_have_the_owners_that_one_installation_gives_them() {
    let ground = Ground::get();
    let reference = owners(&image(ground, "union", &SETS).succeed());
    // A single set needs no joint. The large ones are left out, because exporting them takes long.
    for set in [SETS[0], SETS[3], SETS[5]] {
        check(&image(ground, "isolated", &[set]).succeed(), &reference);
    }
    // With a layer that no build has had before, so that the joint runs and reports what it does.
    let own = "  - { name: own, install: { steps: [{ run: 'echo TOKEN > /srv/own', network: none }] } }\n";
    let all = spec("isolated", &SETS) + own;
    let outcome = ground.build().image().spec(&all).succeed();
    let together = check(&outcome, &reference);
    // The ids did collide, and the bits that a change of owner clears are set.
    assert_has(&outcome.progress.logs(), &["changed the owner or mode of"]);
    let bits = [
        ("/usr/bin/ssh-agent", "root:_ssh 2755"),
        (
            "/usr/lib/dbus-1.0/dbus-daemon-launch-helper",
            "root:messagebus 4754",
        ),
        ("/etc/ssl/private", "root:ssl-cert 710"),
        ("/var/lib/mysql", "mysql:mysql 755"),
    ];
    for (path, owner) in bits {
        assert_eq!(
            together.get(path).map(String::as_str),
            Some(owner),
            "{path}"
        );
    }
    // No file of an account is missing.
    let own = |owners: &Owners| -> BTreeSet<String> {
        let own = owners
            .iter()
            .filter(|(_, owner)| !owner.starts_with("root:root "));
        own.map(|(path, _)| path.clone()).collect()
    };
    let missing: Vec<String> = own(&reference)
        .difference(&own(&together))
        .cloned()
        .collect();
    assert_eq!(missing, [""; 0]);
}

/// Makes an archive of packages that the next test installs.
const ARCHIVE: &str = include_str!("ids/archive.sh");

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn bits_capabilities_and_access_lists_survive_a_new_owner() {
    let ground = Ground::get();
    let archive = format!("<<'SCRIPT'\n{ARCHIVE}\nSCRIPT");
    // A base that no build has had before, so that the joint runs and reports what it does.
    let base = DerivedBase::after(ground, &integration::make_token(), &archive);
    let sets = [("one", "inlay-one"), ("two", "inlay-two")];
    let text = spec("isolated", &sets).replace("debian:bookworm", base.reference());
    let outcome = ground.build().image().spec(&text).succeed();
    let shown = "cd /usr/lib/inlay-two; stat -c '%U:%G %a %n' bits capable; getcap capable; cat list; \
                 for file in passwd group; do grep -e ^_one -e ^_two /etc/$file | cut -d: -f1,3; done";
    assert_snapshot!(outcome.run(["sh", "-e", "-c", shown]), @"
    _two:_two 6751 bits
    _two:_two 755 capable
    capable cap_net_raw=ep
    # file: /usr/lib/inlay-two/listed
    # owner: 0
    # group: 0
    user::rwx
    user:101:rw-
    group::r-x
    group:102:--x
    mask::rwx
    other::r-x

    _one:100
    _two:101
    _one:101
    _two:102
    ");
    let said = outcome.progress.logs();
    assert_has(
        &said,
        &["inlay: joint: mapped the access list of /usr/lib/inlay-two/listed\n"],
    );
}
