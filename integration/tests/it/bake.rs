//! `docker buildx bake`: a build whose options are in a file.

use crate::{Ground, assert_has};

/// bake passes on the same options. What the command line calls `--target` is the key `target` in its file.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_bake_file() {
    let ground = Ground::get();
    let spec = "# syntax=ghcr.io/inlay/inlay:1
arguments: { WHOM: world }
base: debian:bookworm
extensions:
  - name: x
    parameters: { whom: \"${WHOM}\" }
    build: { steps: [{ run: 'echo \"$WHOM\" TOKEN \"$(hostname)\" > $OUT/seen', network: none }] }
  - name: y
    install: { files: [{ to: /opt/y, text: TOKEN }] }
";
    let build = ground.build().spec(spec);
    let tag = format!("inlay-test-{}", build.token());
    let target = serde_json::json!({
        "context": build.path(),
        "dockerfile": "inlay.yaml",
        "contexts": ground.contexts(),
        "args": { "WHOM": "bake", "BUILDKIT_SANDBOX_HOSTNAME": "baked" },
        "labels": { "by": "bake" },
        "target": "x",
        "no-cache-filter": ["x"],
        "tags": [tag],
        "output": ["type=docker"],
    });
    let file = serde_json::json!({ "target": { "default": target } });
    let build = build.file("docker-bake.json", &file.to_string());
    let path = build.path().join("docker-bake.json");
    let path = path.to_str().unwrap();
    ground.docker([
        "buildx",
        "bake",
        "--allow=fs=*",
        "--provenance=false",
        "--file",
        path,
    ]);
    let said = ground.docker(["run", "--rm", &tag, "sh", "-c", "cat /seen; ls /opt"]);
    let label = "{{ index .Config.Labels \"by\" }}";
    let label = ground.docker(["image", "inspect", "--format", label, &tag]);
    ground.docker(["image", "rm", "--force", &tag]);
    assert_eq!(said, format!("bake {} baked", build.token()));
    assert_eq!(label, "bake");
    // bake can be asked the same questions about a build.
    let called = ground.docker([
        "buildx",
        "bake",
        "--allow=fs=*",
        "--call=check",
        "--file",
        path,
    ]);
    assert_has(&called, &["no warnings found"]);
}
