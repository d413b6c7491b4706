//! Alternatives, diversions, debconf and catalogs, on samples of a real system.

use insta::assert_snapshot;

use crate::Choice;
use crate::tests::*;

#[test]
fn choices_of_alternatives_are_merged() {
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
fn a_layer_that_changes_a_choice_of_the_base_decides_it() {
    let path = "/var/lib/dpkg/alternatives/editor";
    let editor = |choices: &[(&str, u32)]| {
        let choices: Vec<String> = (choices.iter())
            .map(|(name, priority)| format!("/usr/bin/{name}\n{priority}\n"))
            .collect();
        format!("auto\n/usr/bin/editor\n\n{}\n", choices.concat())
    };
    let mut base = base();
    base.files
        .insert(path.into(), editor(&[("ed", 10)]).into_bytes());
    let changing = layer("a").file(path, &editor(&[("ed", 20)]));
    let adding = layer("b").file(path, &editor(&[("ed", 10), ("nano", 15)]));
    for layers in [
        [changing.clone(), adding.clone()],
        [adding.clone(), changing.clone()],
    ] {
        let plan = crate::plan(&base, &layers, "amd64").unwrap();
        assert_eq!(
            read_written(&plan, path),
            editor(&[("ed", 20), ("nano", 15)])
        );
    }
    let other = layer("c").file(path, &editor(&[("ed", 30)]));
    assert!(crate::plan(&base, &[changing, other], "amd64").is_err());
}

#[test]
fn files_move_where_another_layer_diverts_them() {
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
    // Below the diverting layer, the file is hidden, so the joint cannot move it.
    assert!(crate::plan(&base(), &[plain(), diverting()], "amd64").is_err());
}

#[test]
fn owners_of_questions_are_merged() {
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
fn entries_of_catalogs_are_merged() {
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
