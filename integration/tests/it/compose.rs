//! `docker compose build`: services whose images are specs.

use serde_json::json;

use crate::Ground;

const SPEC: &str = "# syntax=ghcr.io/inlay/inlay:1
arguments: { WHOM: world }
base: debian:bookworm
extensions:
  - name: x
    parameters: { whom: \"${WHOM}\" }
    build:
      steps:
        - run: 'echo \"$WHOM\" TOKEN \"$(grep -c example.test /etc/hosts)\" \"$(cat /run/secrets/word | wc -c)\" > $OUT/seen'
          network: none
          secrets: [{ id: word }]
  - name: y
    install: { files: [{ to: /opt/y, text: TOKEN }] }
";

/// One service uses the whole spec, one a target of it, and one has its spec in the compose file.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn services_are_built() {
    let ground = Ground::get();
    ground.engine.link_compose().unwrap();
    let build = ground.build().spec(SPEC).file("word", "secret TOKEN");
    let token = build.token().to_owned();
    let image = |name: &str| format!("inlay-test-{token}:{name}");
    let own = json!({
        "context": ".",
        "dockerfile": "inlay.yaml",
        "additional_contexts": ground.contexts(),
        "args": { "WHOM": "compose" },
        "labels": { "by": "compose" },
        "extra_hosts": { "example.test": "192.0.2.1" },
        "secrets": ["word"],
    });
    let mut target = own.clone();
    target["target"] = "x".into();
    let mut inline = own.clone();
    inline.as_object_mut().unwrap().remove("dockerfile");
    inline["dockerfile_inline"] = SPEC.replace("TOKEN", &token).replace('$', "$$").into();
    let file = json!({
        "name": format!("inlay-test-{token}"),
        "services": {
            "whole": { "image": image("whole"), "build": own },
            "target": { "image": image("target"), "build": target },
            "inline": { "image": image("inline"), "build": inline },
        },
        "secrets": { "word": { "file": "./word" } },
    });
    let build = build.file("compose.yaml", &file.to_string());
    let path = build.path().join("compose.yaml");
    let compose = ["compose", "--file", path.to_str().unwrap(), "build"];
    ground.docker(compose);

    let length = "secret ".len() + token.len();
    for (name, files) in [("whole", "y"), ("target", ""), ("inline", "y")] {
        let said = ground.docker([
            "run",
            "--rm",
            &image(name),
            "sh",
            "-c",
            "cat /seen; ls /opt",
        ]);
        let label = "{{ index .Config.Labels \"by\" }}";
        let label = ground.docker(["image", "inspect", "--format", label, &image(name)]);
        ground.docker(["image", "rm", "--force", &image(name)]);
        let seen = format!("compose {token} 1 {length}");
        assert_eq!(said, format!("{seen}\n{files}").trim_end(), "{name}");
        assert_eq!(label, "compose", "{name}");
    }
}
