//! What holds for paths: owners, modes, links, and what installations leave behind.

use crate::paths::matches_pattern;
use crate::tests::*;

#[test]
fn overrides_apply_to_the_layers_above() {
    let group = |id: u32| format!("ssl-cert:x:{id}:\n");
    let private = |id| directory(0o710, 0, id);
    let plan = make_plan(&[
        layer("postgres")
            .adds("/etc/group", &group(101))
            .adds(OVERRIDES, "root ssl-cert 710 /etc/ssl/private\n")
            .entry("/etc/ssl/private", private(101)),
        layer("ssl").entry("/etc/ssl/private", directory(0o700, 0, 0)),
    ]);
    let owner = plan.owners[b"/etc/ssl/private".as_slice()];
    assert_eq!((owner.mode, owner.uid, owner.gid), (0o710, 0, 101));
}

#[test]
fn a_directory_gets_the_one_unusual_mode() {
    let rules = "/etc/polkit-1/rules.d";
    let plan = make_plan(&[
        layer("polkit").entry(rules, directory(0o700, 0, 0)),
        layer("other").entry(rules, directory(0o755, 0, 0)),
    ]);
    assert_eq!(plan.owners[rules.as_bytes()].mode, 0o700);
}

#[test]
fn links_to_one_file_by_two_paths_are_equal() {
    let path = "/etc/systemd/user/sockets.target.wants/agent.socket";
    let linked = |extension: &str, target: &str| layer(extension).entry(path, link(target));
    let [a, b] = [linked("a", "/bin/agent"), linked("b", "/usr/bin/agent")];
    assert!(make_plan(&[a.clone(), b]).is_empty());
    let other = linked("b", "/usr/bin/other");
    assert!(plan(&base(), &[a, other], "amd64").is_err());
}

#[test]
fn nothing_is_left_behind() {
    let plan = make_plan(&[
        layer("a")
            .entry("/var/log/apt/term.log", file("x", 0o640, 0, 4))
            .entry("/var/log/apt", directory(0o755, 0, 0))
            .entry("/etc/ssh/ssh_host_rsa_key", file("x", 0o600, 0, 0))
            .entry("/etc/machine-id", file("1234", 0o444, 0, 0)),
        layer("b").entry("/var/log/apt/term.log", file("y", 0o640, 0, 4)),
    ]);
    let removed: Vec<String> = plan.remove.iter().map(|path| to_text(path)).collect();
    assert_eq!(
        removed,
        [
            "/etc/machine-id",
            "/etc/ssh/ssh_host_rsa_key",
            "/var/log/apt/term.log"
        ]
    );
}

#[test]
fn patterns_respect_folders() {
    assert!(matches_pattern(b"/var/log/**", b"/var/log/apt/term.log"));
    assert!(matches_pattern(
        b"/var/lib/ucf/*.?",
        b"/var/lib/ucf/registry.1"
    ));
    assert!(!matches_pattern(b"/etc/xml/*.old", b"/etc/xml/a/b.old"));
    assert!(!matches_pattern(b"/etc/passwd-", b"/etc/passwd"));
}
