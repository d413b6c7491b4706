//! A few small runs of `cargo xtask soundness`, and what a trial of it once found.

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
    // What is removed from every layer shows that the two were compared at all.
    assert!(run.expected.contains_key("logs"), "{:?}", run.expected);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn accounts_and_services_are_as_one_installation_makes_them() {
    check(ACCOUNTS);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn development_files_are_found_by_a_program_of_another_layer() {
    check(["pkgconfig", "sqlite", "xdev"]);
}

/// Alone, the account of the database gets the number that another has here: the cluster, its
/// sockets' folder and the key it reads go with it.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_database_starts_after_its_account_got_another_number() {
    let ground = Ground::get();
    let build = |names: &[&'static Set]| {
        let build = ground.build().spec(&spec(names, Suite::Bookworm));
        build.image().succeed()
    };
    let alone = build(&sets(["postgres"]));
    let united = build(&sets(ACCOUNTS));
    let numbers = [
        "sh",
        "-c",
        "id -u postgres; getent group ssl-cert | cut -d: -f3",
    ];
    assert_ne!(alone.run(numbers), united.run(numbers));
    let owners = [
        "stat",
        "--format=%U:%G %a",
        "/var/lib/postgresql/15/main",
        "/var/run/postgresql/",
        "/etc/ssl/private",
        "/etc/ssl/private/ssl-cert-snakeoil.key",
    ];
    assert_eq!(
        united.run(owners),
        "postgres:postgres 700\npostgres:postgres 2775\nroot:ssl-cert 710\nroot:ssl-cert 640"
    );
    let query =
        "pg_ctlcluster 15 main start; su postgres -c \"psql -tAc 'show ssl; select 6 * 7'\"";
    assert_eq!(united.run(["sh", "-e", "-c", query]), "on\n42");
}
