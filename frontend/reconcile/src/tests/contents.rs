//! Content layers: links of the image, databases, ids, and what commands read.

use insta::assert_snapshot;

use crate::tests::*;
use crate::{Above, Layer, find_shared, place_contents};

fn text(content: &str) -> Entry {
    file(content, 0o644, 0, 0)
}

/// An extension that makes the link `/opt/tool` and the folder that it leads to.
fn linking() -> Layer {
    layer("tool")
        .part(Part::Steps)
        .entry("/opt/tool", link("tool-1.2"))
        .entry("/opt/tool-1.2", directory(0o755, 0, 0))
}

fn plugin() -> Layer {
    layer("plugin")
        .part(Part::Output)
        .entry("/opt/tool", directory(0o755, 0, 0))
        .entry("/opt/tool/plugins", directory(0o755, 0, 0))
        .entry("/opt/tool/plugins/p", text("p"))
}

fn placed(layers: &[Layer]) -> Vec<Layer> {
    let mut layers = layers.to_vec();
    place_contents(&base(), &mut layers).unwrap_or_else(|refusals| panic!("{}", show(&refusals)));
    layers
}

#[test]
fn content_is_put_where_a_link_leads() {
    for order in [[linking(), plugin()], [plugin(), linking()]] {
        let plan = make_plan(&placed(&order));
        let above = |path: &str| plan.above.get(path.as_bytes()).cloned();
        assert!(
            matches!(above("/opt/tool"), Some(Above::Link(target, _)) if target == b"tool-1.2"),
            "{:?}",
            plan.above
        );
        let Some(Above::File(copied)) = above("/opt/tool-1.2/plugins/p") else {
            panic!("{:?}", plan.above);
        };
        assert_eq!(copied.from, b"/opt/tool/plugins/p");
    }
}

#[test]
fn links_of_links_are_followed() {
    let far = layer("far")
        .part(Part::Steps)
        .entry("/srv/far", link("../opt/tool"));
    let content = layer("content")
        .part(Part::Files)
        .entry("/srv/far", directory(0o755, 0, 0))
        .entry("/srv/far/x", text("x"));
    let layers = placed(&[linking(), far, content]);
    assert_eq!(layers[2].original(b"/opt/tool-1.2/x"), b"/srv/far/x");
    assert!(layers[2].hidden_links.contains(b"/srv/far".as_slice()));
}

#[test]
fn a_link_that_leads_to_no_folder_is_refused() {
    let dangling = layer("tool")
        .part(Part::Steps)
        .entry("/opt/tool", link("nowhere"));
    let refusals = place_contents(&base(), &mut [dangling, plugin()]).unwrap_err();
    assert_snapshot!(show(&refusals).replace("  help", "help"), @"
    inlay: extension `plugin` cannot be used: it has `/opt/tool/plugins/p`, and `/opt/tool` is a link to `nowhere` in the image, where no folder is
    help: put it elsewhere, or make the folder that the link leads to in the extension that makes the link
    inlay: extension `plugin` cannot be used: it has `/opt/tool/plugins`, and `/opt/tool` is a link to `nowhere` in the image, where no folder is
    help: put it elsewhere, or make the folder that the link leads to in the extension that makes the link
    ");
    let circle = layer("tool")
        .part(Part::Steps)
        .entry("/opt/tool", link("other"))
        .entry("/opt/other", link("tool"));
    assert!(place_contents(&base(), &mut [circle, plugin()]).is_err());
}

#[test]
fn a_link_that_is_gone_is_not_followed() {
    let folder = layer("folder")
        .part(Part::Steps)
        .entry("/opt/tool", directory(0o755, 0, 0))
        .on([0]);
    let layers = placed(&[linking(), folder, plugin()]);
    assert!(layers[2].moved.is_empty() && layers[2].hidden_links.is_empty());
}

#[test]
fn only_files_that_others_have_need_a_hash() {
    let layers = [
        layer("a")
            .entry("/opt/x", text("x"))
            .entry("/opt", directory(0o755, 0, 0)),
        layer("b")
            .part(Part::Output)
            .entry("/opt/x", text("x"))
            .entry("/opt/y", text("y"))
            .entry("/opt", directory(0o755, 0, 0)),
    ];
    let shared: Vec<String> = find_shared(&layers, 1)
        .iter()
        .map(|path| to_text(path))
        .collect();
    assert_eq!(shared, ["/opt/x"]);
}

#[test]
fn a_database_cannot_be_content() {
    let content = layer("a")
        .part(Part::Files)
        .entry("/etc", directory(0o755, 0, 0))
        .entry("/etc/passwd", text("root:x:0:0::/:/bin/sh\n"))
        .entry("/var/lib/dpkg/arch", text("i386\n"));
    assert_snapshot!(expect_refusals(&[content]), @"
    inlay: extension `a` cannot be used: it has `/etc/passwd`, which the whole system has only one of
    help: change it in a step, with the system's own command (`useradd`, `update-alternatives`, …)
    inlay: extension `a` cannot be used: it has `/var/lib/dpkg/arch`, which the whole system has only one of
    help: change it in a step, with the system's own command (`useradd`, `update-alternatives`, …)
    ");
}

/// An extension whose step makes an account, and whose files belong to it.
fn service(name: &str, id: u32, asked: bool) -> [Layer; 2] {
    let mut steps = layer(name)
        .part(Part::Steps)
        .adds(
            "/etc/passwd",
            &format!("{name}:x:{id}:{id}::/nonexistent:/bin/sh\n"),
        )
        .adds("/etc/group", &format!("{name}:x:{id}:\n"));
    if asked {
        steps.asked_ids.insert(id);
    }
    let key = format!("/etc/{name}.key");
    let files = layer(name)
        .part(Part::Files)
        .entry(&key, file(name, 0o400, id, id));
    [files, steps]
}

#[test]
fn two_accounts_that_ask_for_one_id_are_refused() {
    let layers = [service("web", 990, true), service("vault", 990, true)].concat();
    assert_snapshot!(expect_refusals(&layers), @"
    inlay: extensions `web` and `vault` cannot be combined: groups `web` of `web` and `vault` of `vault` both ask for the id 990
    help: give one of them another id, or let the system choose (without `--uid` or `--gid`)
    inlay: extensions `web` and `vault` cannot be combined: users `web` of `web` and `vault` of `vault` both ask for the id 990
    help: give one of them another id, or let the system choose (without `--uid` or `--gid`)
    ");
}

#[test]
fn an_id_that_was_asked_for_is_kept() {
    for order in [[0, 1], [1, 0]] {
        let all = [service("web", 990, false), service("vault", 990, true)];
        let layers = order.map(|index| all[index].clone()).concat();
        let plan = make_plan(&layers);
        let users = read_written(&plan, "/etc/passwd");
        assert!(users.contains("vault:x:990:990"), "{users}");
        assert!(!users.contains("web:x:990:"), "{users}");
        // The files of the other account follow it.
        let Some(Above::File(key)) = plan.above.get(b"/etc/web.key".as_slice()) else {
            panic!("{:?}", plan.above);
        };
        let id = users
            .lines()
            .find_map(|line| line.strip_prefix("web:x:"))
            .unwrap();
        assert!(
            id.starts_with(&format!("{}:{}:", key.owner.uid, key.owner.gid)),
            "{id}"
        );
        assert!(!plan.above.contains_key(b"/etc/vault.key".as_slice()));
    }
}

#[test]
fn one_account_that_asks_for_two_ids_is_refused() {
    let [_, one] = service("web", 990, true);
    let [_, mut two] = service("web", 991, true);
    two.extension = "other".to_owned();
    assert!(plan(&base(), &[one, two], "amd64").is_err());
}

#[test]
fn short_lines_of_accounts_are_read() {
    let group = layer("a").adds("/etc/group", "docker:x:999\n");
    let member = layer("b").adds("/etc/group", "docker:x:999:root\n");
    let plan = make_plan(&[member, group]);
    assert!(read_written(&plan, "/etc/group").contains("docker:x:999:root\n"));
}

#[test]
fn a_package_that_one_extension_holds_is_held() {
    let installed = |name: &str, status: &str| {
        let all = read_base(STATUS) + &stanza("jq", "1.6", status);
        layer(name)
            .file(STATUS, &all)
            .file("/var/lib/dpkg/info/jq.list", "/usr/bin/jq\n")
    };
    let held = installed("a-frozen", "hold ok installed").part(Part::Steps);
    let plain = installed("jq", "install ok installed");
    for order in [[held.clone(), plain.clone()], [plain.clone(), held.clone()]] {
        let plan = make_plan(&order);
        let status = plan.files.get(STATUS.as_bytes());
        let text = status.map_or_else(
            || to_text(&order[1].state.files[STATUS.as_bytes()]),
            |_| read_written(&plan, STATUS),
        );
        assert!(text.contains("Status: hold ok installed"), "{text}");
        assert!(plan.warnings.is_empty(), "{:?}", plan.warnings);
    }
    // A later command of an extension that requires the first may release it.
    let released = installed("z", "install ok installed")
        .part(Part::Steps)
        .on([0]);
    assert!(make_plan(&[held, released]).is_empty());
}

#[test]
fn libraries_of_content_are_there_for_ldconfig() {
    let cache = |name: &str| {
        layer(name)
            .part(Part::Steps)
            .entry("/etc/ld.so.cache", file(name, 0o644, 0, 0))
    };
    let content = layer("x")
        .part(Part::Output)
        .entry("/usr/local/lib/libx.so.1", text("elf"))
        .entry("/usr/local/lib/readme", text("x"));
    let plan = make_plan(&[content, cache("x"), cache("y")]);
    assert!(plan.needs_ldconfig);
    let libraries: Vec<String> = plan.libraries.keys().map(|path| to_text(path)).collect();
    assert_eq!(libraries, ["/usr/local/lib/libx.so.1"]);
}

/// A trigger with a name may read all of `/etc`; what `ldconfig` reads there is not only for the trigger.
#[test]
fn libraries_are_there_beside_a_trigger_with_a_name() {
    let named = |extension: &str| {
        layer(extension)
            .file("/var/lib/dpkg/triggers/update-ca", "ca-certificates\n")
            .file(
                &format!("/var/lib/dpkg/info/{extension}.triggers"),
                "activate-noawait update-ca\n",
            )
            .entry("/etc/ld.so.cache", file(extension, 0o644, 0, 0))
    };
    let content = layer("x")
        .part(Part::Files)
        .entry("/etc/ld.so.conf.d/x.conf", text("/opt/lib"))
        .entry("/opt/lib/libx.so.1", text("elf"));
    let plan = make_plan(&[content, named("a"), named("b")]);
    assert!(
        plan.needs_ldconfig && !plan.triggers.is_empty(),
        "{:?}",
        plan.triggers
    );
    let libraries: Vec<String> = plan.libraries.keys().map(|path| to_text(path)).collect();
    assert_eq!(
        libraries,
        ["/etc/ld.so.conf.d/x.conf", "/opt/lib/libx.so.1"]
    );
    assert!(
        plan.guests
            .contains_key(b"/etc/ld.so.conf.d/x.conf".as_slice())
    );
}

#[test]
fn content_of_a_trigger_is_there_when_it_runs() {
    let interested = |name: &str| {
        layer(name)
            .adds("/var/lib/dpkg/triggers/File", "/usr/share/schemas glib\n")
            .package("glib", "1", &[])
            .entry(&format!("/usr/share/schemas/{name}.xml"), text(name))
    };
    let content = layer("own")
        .part(Part::Files)
        .entry("/usr/share/schemas/own.xml", text("own"))
        .entry("/usr/share/other", text("other"));
    let plan = make_plan(&[interested("a"), interested("b"), content]);
    assert_eq!(plan.triggers, [b"/usr/share/schemas".to_vec()]);
    let guests: Vec<String> = plan.guests.keys().map(|path| to_text(path)).collect();
    assert_eq!(guests, ["/usr/share/schemas/own.xml"]);
}

#[test]
fn choices_in_content_are_there_for_alternatives() {
    let choices = |name: &str, path: &str| {
        let text = format!("auto\n/usr/bin/ed\n\n{path}\n50\n\n");
        layer(name)
            .part(Part::Steps)
            .file("/var/lib/dpkg/alternatives/ed", &text)
    };
    let content = layer("x")
        .part(Part::Output)
        .entry("/opt/x/bin/ed", link("../lib/ed"))
        .entry("/opt/x/lib/ed", text("elf"))
        .entry("/opt/x/lib/other", text("elf"));
    let layers = [
        content,
        choices("x", "/opt/x/bin/ed"),
        choices("y", "/bin/nano"),
    ];
    let plan = make_plan(&layers);
    let guests: Vec<String> = plan.guests.keys().map(|path| to_text(path)).collect();
    assert_eq!(guests, ["/opt/x/bin/ed", "/opt/x/lib/ed"]);
}

#[test]
fn bash_is_configured_by_the_file_that_the_image_has() {
    let content = layer("x")
        .part(Part::Files)
        .entry("/etc/bash.bashrc", text("mine"));
    let plan = make_plan(&[content]);
    assert_eq!(plan.bash_configuration.map(|copied| copied.layer), Some(0));
    let edited = layer("y")
        .part(Part::Steps)
        .entry("/etc/bash.bashrc", text("edited"));
    assert_eq!(make_plan(&[edited]).bash_configuration, None);
}
