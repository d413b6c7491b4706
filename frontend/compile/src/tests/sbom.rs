//! The bill of materials: what it contains, and that nothing depends on it.

use buildkit_llb::pb;
use serde_json::Value;

use crate::tests::request;
use crate::{Compiled, compile};
use fixtures::random::SHA256;
use fixtures::resolve_sound;

fn text(packages: &str) -> String {
    format!(
        "\
//- image.yaml
base: ubuntu:24.04
{packages}
extensions:
  - a
  - {{ name: in_place, requires: [a], install: {{ packages: ['less=1', git] }} }}
//- extensions/a/extension.yaml
name: a
install: {{ packages: [git] }}
build:
  sources:
    - {{ pypi: uv==0.9.5, sha256: {SHA256}, to: uv }}
    - {{ npm: \"@scope/x@1.0.0\", sha256: {SHA256}, to: npm }}
    - {{ url: https://x.org/y.tgz, unverified: true, to: url }}
    - {{ git: https://x.org/z.git, commit: 0123456789abcdef0123456789abcdef01234567, to: git }}
    - {{ image: alpine:3, to: image }}
    - {{ context: rc, to: rc }}
  steps: [make]
//- extensions/a/rc
x
"
    )
}

fn compiled(text: &str) -> Compiled {
    let (plan, sources) = resolve_sound(text);
    let mut request = request(&plan);
    request.wants_sbom = true;
    compile(&plan, &sources, &request)
}

/// The job of the command that lists packages.
fn job(compiled: &Compiled) -> Value {
    let files = compiled.graph.vertices().filter_map(|vertex| {
        let name = &compiled.graph.about(vertex)?.name;
        let op = compiled.graph.op(vertex)?.op.as_ref()?;
        match op {
            pb::op::Op::File(file) if name.contains("bill of materials") => Some(file.clone()),
            _ => None,
        }
    });
    let file = files.last().unwrap();
    match file.actions[0].action.as_ref().unwrap() {
        pb::file_action::Action::Mkfile(file) => serde_json::from_slice(&file.data).unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_document_has_what_the_plan_knows() {
    let job = job(&compiled(&text("packages: union")));
    let packages = job["document"]["packages"].as_array().unwrap().iter();
    let packages = packages.map(|package| {
        let words = ["SPDXID", "name", "versionInfo", "downloadLocation"];
        let words = words.iter().filter_map(|key| package[*key].as_str());
        let more = [
            &package["externalRefs"][0]["referenceLocator"],
            &package["checksums"][0]["checksumValue"],
        ];
        let more = more
            .into_iter()
            .filter_map(Value::as_str)
            .map(|text| &text[..text.len().min(30)]);
        words.chain(more).collect::<Vec<_>>().join(" ")
    });
    let relations = job["document"]["relationships"].as_array().unwrap().iter();
    let relations = relations.map(|one| {
        let keys = ["spdxElementId", "relationshipType", "relatedSpdxElement"];
        keys.map(|key| one[key].as_str().unwrap()).join(" ")
    });
    let lines: Vec<String> = packages.chain(relations).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
SPDXRef-image image NOASSERTION
SPDXRef-base docker.io/library/ubuntu:24.04@sha256:3d5 NOASSERTION
SPDXRef-extension-a a NOASSERTION
SPDXRef-extension-a-source-0 https://x.org/z.git 0123456789abcdef0123456789abcdef01234567 git+https://x.org/z.git@0123456789abcdef0123456789abcdef01234567
SPDXRef-extension-a-source-1 alpine:3 NOASSERTION
SPDXRef-extension-a-source-2 @scope/x 1.0.0 NOASSERTION pkg:npm/%40scope/x@1.0.0 5891b5b522d5df086d0ff0b110fbd9
SPDXRef-extension-a-source-3 y.tgz https://x.org/y.tgz
SPDXRef-extension-a-source-4 uv 0.9.5 NOASSERTION pkg:pypi/uv@0.9.5 5891b5b522d5df086d0ff0b110fbd9
SPDXRef-extension-in-5F-place in_place NOASSERTION
SPDXRef-DOCUMENT DESCRIBES SPDXRef-image
SPDXRef-image DESCENDANT_OF SPDXRef-base
SPDXRef-image CONTAINS SPDXRef-extension-a
SPDXRef-extension-a GENERATED_FROM SPDXRef-extension-a-source-0
SPDXRef-extension-a GENERATED_FROM SPDXRef-extension-a-source-1
SPDXRef-extension-a GENERATED_FROM SPDXRef-extension-a-source-2
SPDXRef-extension-a GENERATED_FROM SPDXRef-extension-a-source-3
SPDXRef-extension-a GENERATED_FROM SPDXRef-extension-a-source-4
SPDXRef-image CONTAINS SPDXRef-extension-in-5F-place
SPDXRef-extension-in-5F-place DEPENDS_ON SPDXRef-extension-a
");
    insta::assert_snapshot!(job["roots"], @r#"[{"below":[],"owners":[{"asked":["git"],"id":"SPDXRef-extension-a"},{"asked":["git","less"],"id":"SPDXRef-extension-in-5F-place"}],"status":"/run/inlay/status/0"}]"#);
}

#[test]
fn roots_of_isolated_packages_state_what_is_below() {
    let job = job(&compiled(&text("packages: isolated")));
    insta::assert_snapshot!(job["roots"], @r#"[{"below":[],"owners":[{"asked":null,"id":"SPDXRef-extension-a"}],"status":"/run/inlay/status/0"},{"below":[0],"owners":[{"asked":null,"id":"SPDXRef-extension-in-5F-place"}],"status":"/run/inlay/status/1"}]"#);
}

/// An image is the same with and without it, and does not depend on it.
#[test]
fn nothing_depends_on_it() {
    for packages in ["packages: union", "packages: isolated"] {
        let text = text(packages);
        let (plan, sources) = resolve_sound(&text);
        let without = compile(&plan, &sources, &request(&plan));
        let with = compiled(&text);
        assert_eq!(with.root, without.root);
        assert_eq!(with.layers, without.layers);
        assert_eq!(without.sbom, None);
        let sbom = with.sbom.unwrap();
        let ancestors = with.graph.ancestors(with.root);
        assert!(!ancestors.contains(&sbom.vertex().unwrap()));
    }
}

#[test]
fn addresses_are_listed_without_passwords() {
    let text = text("packages: union")
        .replace(
            "https://x.org/y.tgz",
            "'https://me:hidden@x.org/y.tgz?sig=hidden'",
        )
        .replace("https://x.org/z.git", "'https://hidden@x.org/z.git'");
    let job = job(&compiled(&text)).to_string();
    assert!(!job.contains("hidden"), "{job}");
    assert!(job.contains("git+https://***@x.org/z.git@0123"), "{job}");
}
