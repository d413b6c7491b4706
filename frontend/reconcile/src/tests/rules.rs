//! Each rule on samples of a real system.

use insta::assert_snapshot;

use crate::tests::*;
use crate::{Choice, IdMap, Job, JobLayer, map_access_list, paths};

#[test]
fn stanzas_keep_the_base_s_order_and_come_after_it() {
    let plan = make_plan(&[
        layer("git")
            .package("git", "2.39", &[])
            .package("zlib1g", "1.2", &[]),
        layer("vim")
            .package("vim", "9.0", &[])
            .package("zlib1g", "1.2", &[]),
    ]);
    let status = read_written(&plan, STATUS);
    assert!(status.starts_with(&read_base(STATUS)));
    let names: Vec<_> = status
        .lines()
        .filter_map(|line| line.strip_prefix("Package: "))
        .collect();
    assert_eq!(
        names.join(" "),
        "adduser base-files debianutils libc6 git zlib1g vim"
    );
}

#[test]
fn an_upgrade_of_the_base_holds_whoever_is_later() {
    let upgraded = read_base(STATUS).replace("Package: libc6\n", "Package: libc6\nX: upgraded\n");
    let plan = make_plan(&[
        layer("a").file(STATUS, &upgraded),
        layer("b").package("vim", "9.0", &[]),
    ]);
    assert!(read_written(&plan, STATUS).contains("X: upgraded"));
}

#[test]
fn asked_for_by_hand_in_one_is_by_hand() {
    let mark = |name: &str| format!("Package: {name}\nArchitecture: amd64\nAuto-Installed: 1\n\n");
    let plan = make_plan(&[
        layer("a")
            .package("curl", "1", &[])
            .package("perl", "5", &[])
            .file(MARKS, &(mark("curl") + &mark("perl"))),
        layer("b")
            .package("curl", "1", &[])
            .package("vim", "9", &[])
            .file(MARKS, &mark("vim")),
    ]);
    assert_snapshot!(read_written(&plan, MARKS), @r"
    Package: perl
    Architecture: amd64
    Auto-Installed: 1

    Package: vim
    Architecture: amd64
    Auto-Installed: 1
    ");
}

#[test]
fn later_accounts_get_other_numbers_and_files_follow() {
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
fn numbers_of_sysusers_are_given_downward() {
    let service = |extension: &str, name: &str| {
        layer(extension).adds("/etc/group", &format!("{name}:x:999:\n"))
    };
    let plan = make_plan(&[service("a", "docker"), service("b", "mysql")]);
    assert!(read_written(&plan, "/etc/group").ends_with("docker:x:999:\nmysql:x:998:\n"));
}

#[test]
fn members_of_groups_are_united() {
    let member = |extension: &str, name: &str| {
        let group = read_base("/etc/group").replace("adm:x:4:\n", &format!("adm:x:4:{name}\n"));
        layer(extension).file("/etc/group", &group)
    };
    let plan = make_plan(&[member("a", "syslog"), member("b", "mysql")]);
    assert!(read_written(&plan, "/etc/group").contains("\nadm:x:4:syslog,mysql\n"));
}

#[test]
fn choices_of_alternatives_are_united() {
    let path = "/var/lib/dpkg/alternatives/editor";
    let editor = |name: &str, priority: u32, page: bool| {
        let page = if page {
            format!("/usr/share/man/man1/{name}.1.gz")
        } else {
            String::new()
        };
        format!(
            "auto\n/usr/bin/editor\neditor.1.gz\n/usr/share/man/man1/editor.1.gz\n\n/usr/bin/{name}\n{priority}\n{page}\n\n"
        )
    };
    let plan = make_plan(&[
        layer("vim").file(path, &editor("vim.basic", 30, true)),
        layer("nano").file(path, &editor("nano", 40, false)),
    ]);
    assert_snapshot!(read_written(&plan, path), @r"
    auto
    /usr/bin/editor
    editor.1.gz
    /usr/share/man/man1/editor.1.gz

    /usr/bin/nano
    40

    /usr/bin/vim.basic
    30
    /usr/share/man/man1/vim.basic.1.gz
    ");
    assert_eq!(plan.alternatives, [Choice::Auto(b"editor".to_vec())]);
    let chosen = editor("nano", 40, false).replacen("auto", "manual", 1);
    let chosen = layer("nano")
        .file(path, &chosen)
        .entry("/etc/alternatives/editor", link("/usr/bin/nano"));
    let plan = make_plan(&[
        chosen,
        layer("vim").file(path, &editor("vim.basic", 30, true)),
    ]);
    assert_eq!(
        plan.alternatives,
        [Choice::Manual(
            b"editor".to_vec(),
            b"/usr/bin/nano".to_vec()
        )]
    );
    assert_eq!(plan.warnings.len(), 1);
}

#[test]
fn files_go_where_another_layer_diverts_them() {
    let diverting = || {
        layer("libpq")
            .adds(
                DIVERSIONS,
                "/bin/pg_config\n/usr/bin/pg_config.libpq-dev\npostgresql-common\n",
            )
            .file("/usr/bin/pg_config", "wrapper")
    };
    let plain = || layer("plain").entry("/usr/bin/pg_config", file("plain", 0o755, 0, 0));
    let plan = make_plan(&[diverting(), plain()]);
    assert_eq!(to_text(&plan.moves[0].from), "/usr/bin/pg_config");
    assert_eq!(to_text(&plan.moves[0].to), "/usr/bin/pg_config.libpq-dev");
    assert_eq!(read_written(&plan, "/usr/bin/pg_config"), "wrapper");
    // Below the layer that diverts, the file is hidden, and the joint cannot move it.
    assert!(crate::plan(&base(), &[plain(), diverting()], "amd64").is_err());
}

#[test]
fn overrides_are_applied_to_what_lies_above() {
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
fn a_directory_has_the_one_value_that_is_special() {
    let rules = "/etc/polkit-1/rules.d";
    let plan = make_plan(&[
        layer("polkit").entry(rules, directory(0o700, 0, 0)),
        layer("other").entry(rules, directory(0o755, 0, 0)),
    ]);
    assert_eq!(plan.owners[rules.as_bytes()].mode, 0o700);
}

#[test]
fn links_to_one_place_by_two_names_are_one() {
    let path = "/etc/systemd/user/sockets.target.wants/agent.socket";
    let linked = |extension: &str, target: &str| layer(extension).entry(path, link(target));
    let [a, b] = [linked("a", "/bin/agent"), linked("b", "/usr/bin/agent")];
    assert!(make_plan(&[a.clone(), b]).is_empty());
    let other = linked("b", "/usr/bin/other");
    assert!(plan(&base(), &[a, other], "amd64").is_err());
}

#[test]
fn owners_of_questions_are_united() {
    let question = |owner: &str| format!("Name: ucf/changeprompt\nOwners: {owner}\nValue: x\n\n");
    let path = "/var/cache/debconf/config.dat";
    let plan = make_plan(&[
        layer("a").adds(path, &question("openssh-server")),
        layer("b").adds(path, &question("ucf, openssh-server")),
    ]);
    assert!(read_written(&plan, path).contains("Owners: openssh-server, ucf\n"));
    assert!(plan.warnings.is_empty());
}

#[test]
fn catalogs_are_united_between_head_and_end() {
    let catalog = |entry: &str| {
        format!("<?xml version=\"1.0\"?>\n<catalog xmlns=\"urn\">\n\n{entry}\n</catalog>\n")
    };
    let path = "/etc/xml/catalog";
    let plan = make_plan(&[
        layer("a").file(path, &catalog("<a/>")),
        layer("b").file(path, &catalog("<b/>")),
    ]);
    assert_snapshot!(read_written(&plan, path), @r#"
    <?xml version="1.0"?>
    <catalog xmlns="urn">
    <a/>
    <b/>
    </catalog>
    "#);
}

#[test]
fn triggers_run_where_two_feed_or_who_watches_was_not_there() {
    let file_list = "/var/lib/dpkg/triggers/File";
    let page = |extension: &str| {
        layer(extension).entry(
            &format!("/usr/share/man/man1/{extension}.1.gz"),
            file("", 0o644, 0, 0),
        )
    };
    let watching = |new: crate::Layer| {
        new.adds(file_list, "/usr/share/man man-db/noawait\n")
            .package("man-db", "2", &[])
    };
    let selected = |layers: &[crate::Layer]| {
        make_plan(layers)
            .triggers
            .iter()
            .map(|name| to_text(name))
            .collect::<Vec<_>>()
    };
    assert_eq!(selected(&[watching(page("a"))]), Vec::<String>::new());
    assert_eq!(
        selected(&[watching(layer("a")), page("b")]),
        ["/usr/share/man"]
    );
    assert_eq!(
        selected(&[watching(page("a")), page("b")]),
        ["/usr/share/man"]
    );
    let named = |extension: &str| {
        layer(extension)
            .file("/var/lib/dpkg/triggers/update-ca", "ca-certificates\n")
            .file(
                &format!("/var/lib/dpkg/info/{extension}.triggers"),
                "activate-noawait update-ca\n",
            )
    };
    assert_eq!(selected(&[named("a"), layer("b")]), ["update-ca"]);
    assert_eq!(
        selected(&[named("a").package("ca-certificates", "1", &[])]),
        Vec::<String>::new()
    );
}

#[test]
fn libraries_of_two_layers_need_one_cache() {
    let cache = |name: &str| layer(name).entry("/etc/ld.so.cache", file(name, 0o644, 0, 0));
    assert!(make_plan(&[cache("a"), cache("b")]).needs_ldconfig);
    assert!(!make_plan(&[cache("a"), layer("b")]).needs_ldconfig);
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
fn access_lists_name_mapped_numbers() {
    let map = IdMap {
        groups: [(101, 102)].into(),
        ..IdMap::default()
    };
    let list = |id: u8| {
        [
            &[2, 0, 0, 0, 8, 0, 5, 0, id, 0, 0, 0][..],
            &[0x20, 0, 5, 0, 255, 255, 255, 255],
        ]
        .concat()
    };
    assert_eq!(map_access_list(&list(101), &map), Some(list(102)));
    assert_eq!(map_access_list(&list(7), &map), None);
    assert_eq!(map_access_list(b"\x01\0\0\0", &map), None);
}

#[test]
fn patterns_know_folders() {
    assert!(paths::matches("/var/log/**", "/var/log/apt/term.log"));
    assert!(paths::matches(
        "/var/lib/ucf/*.?",
        "/var/lib/ucf/registry.1"
    ));
    assert!(!paths::matches("/etc/xml/*.old", "/etc/xml/a/b.old"));
    assert!(!paths::matches("/etc/passwd-", "/etc/passwd"));
}

#[test]
fn a_listing_is_read_whatever_its_names() {
    let bytes = b"///d 755 0 0 0 \0/a b\n//f 4755 0 42 7 \0/l//l 777 0 0 0 //x y\0";
    let hash = [b"0".repeat(64), b"  /a b\n\0".to_vec()].concat();
    let listing = crate::Listing::parse(bytes, &hash).unwrap();
    assert_eq!(listing.get(b"/").unwrap().kind, crate::Kind::Directory);
    let file = listing.get(b"/a b\n").unwrap();
    assert_eq!((file.mode, file.gid, file.size), (0o4755, 42, 7));
    assert!(file.hash.is_some());
    assert_eq!(to_text(&listing.get(b"/l").unwrap().target), "//x y");
    assert!(crate::Listing::parse(b"/a//f 1\0", b"").is_err());
}

/// Its bytes are part of the joint's cache key.
#[test]
fn a_job_is_written_in_this_order() {
    let layer = |extension: &str, state: &str, below: &[usize]| JobLayer {
        extension: extension.to_owned(),
        state: state.to_owned(),
        below: below.to_vec(),
    };
    let job = Job {
        base: "/state/base".to_owned(),
        layers: vec![
            layer("git", "/state/0", &[]),
            layer("tig", "/state/1", &[0]),
        ],
        architecture: "amd64".to_owned(),
    };
    let text = serde_json::to_string(&job).unwrap();
    assert_snapshot!(text, @r#"{"base":"/state/base","layers":[{"extension":"git","state":"/state/0"},{"extension":"tig","state":"/state/1","below":[0]}],"architecture":"amd64"}"#);
    assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job);
}
