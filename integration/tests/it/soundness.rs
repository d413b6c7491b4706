//! A few small runs of `cargo xtask soundness`, and a regression that it once found.

use integration::Suite;
use integration::soundness::{Set, Sweep, spec};

use crate::Ground;

/// Sets that make accounts; two make a certificate and its key, and some share libraries.
const ACCOUNTS: [&str; 5] = ["certificate", "dbus", "postgres", "redis", "sshd"];

fn sets<const N: usize>(names: [&str; N]) -> Vec<&'static Set> {
    names.map(|name| Set::find(name).unwrap()).to_vec()
}

#[track_caller]
fn check<const N: usize>(names: [&str; N]) {
    let ground = Ground::get();
    let sweep = Sweep::new(&ground.engine, &ground.flags, Suite::Bookworm).unwrap();
    let run = sweep.run(&sets(names)).unwrap();
    assert!(run.differences.is_empty(), "{run}\n{:#?}", run.differences);
    assert!(run.packages > 100 && run.more.is_empty(), "{run}");
    // Logs are removed from every layer, so their absence shows that the systems were compared at all.
    assert!(run.expected.contains_key("logs"), "{:?}", run.expected);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn accounts_and_services_equal_those_of_one_installation() {
    check(ACCOUNTS);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn development_files_are_found_by_a_program_of_another_layer() {
    check(["pkgconfig", "sqlite", "xdev"]);
}

/// On its own, the database's account gets a number that another account has here. The cluster, the folder
/// of its sockets and the key that it reads must follow the new number.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_database_starts_after_its_account_got_another_number() {
    let ground = Ground::get();
    let build = |names: &[&'static Set]| {
        let build = ground.build().spec(&spec(names, Suite::Bookworm));
        build.image().succeed()
    };
    let alone = build(&sets(["postgres"]));
    let together = build(&sets(ACCOUNTS));
    let numbers = [
        "sh",
        "-c",
        "id -u postgres; getent group ssl-cert | cut -d: -f3",
    ];
    assert_ne!(alone.run(numbers), together.run(numbers));
    let owners = [
        "stat",
        "--format=%U:%G %a",
        "/var/lib/postgresql/15/main",
        "/var/run/postgresql/",
        "/etc/ssl/private",
        "/etc/ssl/private/ssl-cert-snakeoil.key",
    ];
    assert_eq!(
        together.run(owners),
        "postgres:postgres 700\npostgres:postgres 2775\nroot:ssl-cert 710\nroot:ssl-cert 640"
    );
    let query =
        "pg_ctlcluster 15 main start; su postgres -c \"psql -tAc 'show ssl; select 6 * 7'\"";
    assert_eq!(together.run(["sh", "-e", "-c", query]), "on\n42");
}
