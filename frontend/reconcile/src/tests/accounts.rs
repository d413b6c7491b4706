//! Accounts: colliding ids, and members of groups.

use insta::assert_snapshot;

use crate::tests::*;

#[test]
fn later_accounts_get_other_ids_and_files_follow() {
    let service = |extension: &str, name: &str, mode| {
        layer(extension)
            .adds(
                "/etc/passwd",
                &format!("{name}:x:100:101::/var/lib/{name}:/usr/sbin/nologin\n"),
            )
            .adds("/etc/group", &format!("{name}:x:101:\n"))
            .adds("/etc/shadow", &format!("{name}:!:19675::::::\n"))
            .adds("/etc/gshadow", &format!("{name}:!::\n"))
            .entry(&format!("/usr/bin/{name}"), file(name, mode, 0, 101))
            .entry(&format!("/var/lib/{name}"), directory(0o750, 100, 101))
    };
    let plan = make_plan(&[
        service("dbus", "messagebus", 0o755),
        service("redis", "redis", 0o755),
        service("sshd", "_ssh", 0o2755),
    ]);
    let new = |path: &str| read_written(&plan, path).replace(&read_base(path), "");
    assert_snapshot!(new("/etc/passwd") + &new("/etc/group"), @r"
    messagebus:x:100:101::/var/lib/messagebus:/usr/sbin/nologin
    redis:x:101:102::/var/lib/redis:/usr/sbin/nologin
    _ssh:x:102:103::/var/lib/_ssh:/usr/sbin/nologin
    messagebus:x:101:
    redis:x:102:
    _ssh:x:103:
    ");
    assert_eq!(new("/etc/shadow").lines().count(), 3);
    let owners = plan.owners.iter().map(|(path, owner)| {
        format!(
            "{} {:o} {}:{}\n",
            to_text(path),
            owner.mode,
            owner.uid,
            owner.gid
        )
    });
    assert_snapshot!(owners.collect::<String>(), @r"
    /usr/bin/_ssh 2755 0:103
    /usr/bin/redis 755 0:102
    /var/lib/_ssh 750 102:103
    /var/lib/redis 750 101:102
    ");
}

#[test]
fn ids_of_sysusers_are_given_downward() {
    let service = |extension: &str, name: &str| {
        layer(extension).adds("/etc/group", &format!("{name}:x:999:\n"))
    };
    let plan = make_plan(&[service("a", "docker"), service("b", "mysql")]);
    assert!(read_written(&plan, "/etc/group").ends_with("docker:x:999:\nmysql:x:998:\n"));
}

#[test]
fn members_of_groups_are_merged() {
    let member = |extension: &str, name: &str| {
        let group = read_base("/etc/group").replace("adm:x:4:\n", &format!("adm:x:4:{name}\n"));
        layer(extension).file("/etc/group", &group)
    };
    let plan = make_plan(&[member("a", "syslog"), member("b", "mysql")]);
    assert!(read_written(&plan, "/etc/group").contains("\nadm:x:4:syslog,mysql\n"));
}
