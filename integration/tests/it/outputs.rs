//! What builders may output, and what steps see: the network, caches, parameters, certificates.

use crate::{Ground, assert_has};

/// A spec with one inline extension `x`, whose steps are these lines of YAML.
fn one(steps: &str) -> String {
    let steps = steps.replace('\n', "\n        ");
    format!(
        "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    build:
      steps:
        {steps}
"
    )
}

/// Checks that a step of this spec fails for this reason.
#[track_caller]
fn check_refused(spec: &str, reason: &str) {
    let ground = Ground::get();
    let outcome = ground.build().spec(spec).fail();
    assert_has(&outcome.progress.logs(), &[reason]);
    assert_has(outcome.text(), &["inlay.yaml:7\n", "   7 | >>>         - "]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_declared_output_that_is_missing() {
    let spec =
        one("- { run: 'touch $OUT/other', network: none }") + "      outputs: [/usr/bin/x]\n";
    check_refused(
        &spec,
        "inlay: the steps did not make $OUT/usr/bin/x, which `outputs` names\n",
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_output_that_would_replace_a_link_of_the_image() {
    check_refused(
        &one("- { run: 'mkdir $OUT/lib; touch $OUT/lib/x', network: none }"),
        "inlay: $OUT/lib would replace the image's link /lib: install to $OUT/usr/lib\n",
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_output_below_a_folder_of_a_running_system() {
    check_refused(
        &one("- { run: 'mkdir $OUT/tmp; touch $OUT/tmp/x', network: none }"),
        "inlay: $OUT/tmp belongs to a running system and cannot be in a layer\n",
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn no_output_at_all() {
    check_refused(
        &one("- { run: 'true', network: none }"),
        "inlay: the steps put nothing into $OUT\n",
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn only_declared_outputs_are_in_the_image() {
    let ground = Ground::get();
    let spec = one(
        "- { run: 'mkdir -p $OUT/opt/x/deep; touch $OUT/opt/x/deep/kept $OUT/opt/x/left; chown 7:8 $OUT/opt/x/deep/kept; chmod 4711 $OUT/opt/x/deep/kept; ln -s deep/kept $OUT/opt/x/link', network: none }",
    ) + "      outputs: [/opt/x/link, /opt/x/deep]\n";
    let archive = ground.build().spec(&spec).archive().succeed();
    let archive = archive.archive();
    // Above it is what the joint puts there, which is nothing.
    let [.., output, above] = archive.layers.as_slice() else {
        panic!("the image has two layers at least");
    };
    assert!(above.is_empty(), "{above:?}");
    let last: Vec<String> = output
        .iter()
        .map(|entry| format!("{} {}", entry.path, entry.metadata.trim_end()))
        .collect();
    assert_eq!(
        last,
        [
            "opt Directory 755 0:0 315532800",
            "opt/x Directory 755 0:0 315532800",
            "opt/x/deep Directory 755 0:0 315532800",
            "opt/x/deep/kept Regular 4711 7:8 315532800",
            "opt/x/link Symlink 777 0:0 315532800 deep/kept",
        ]
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_step_without_a_network_has_none() {
    let ground = Ground::get();
    let look = "ls /sys/class/net | tr \"\\n\" \" \" > $OUT/interfaces; wc -l < /proc/net/route > $OUT/routes; echo TOKEN > $OUT/own";
    let outcome = |network: &str| {
        let spec = one(&format!("- {{ run: '{look}', network: {network} }}"));
        let outcome = ground.build().spec(&spec).image().succeed();
        (
            outcome.run(["cat", "/interfaces"]),
            outcome.run(["cat", "/routes"]),
        )
    };
    assert_eq!(outcome("none"), ("lo".to_owned(), "1".to_owned()));
    // The same step does see a network.
    let (interfaces, routes) = outcome("default");
    assert!(
        interfaces.contains("eth0") && routes != "1",
        "{interfaces} {routes}"
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_cache_is_kept_between_builds_and_out_of_images() {
    let ground = Ground::get();
    let step = |text: &str| {
        one(&format!(
            "- run: echo {text} >> /cache/seen; cp /cache/seen $OUT/seen\n  network: none\n  cache: [{{ id: inlay-test-TOKEN, path: /cache }}]"
        ))
    };
    let build = ground.build().spec(&step("first")).image();
    assert_eq!(build.succeed().run(["cat", "/seen"]), "first");
    let build = build.spec(&step("second"));
    let second = build.succeed();
    assert_eq!(second.run(["cat", "/seen"]), "first\nsecond");
    assert_eq!(second.run(["sh", "-c", "ls -d /cache || true"]), "");
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn parameters_are_never_read_as_shell_text() {
    let ground = Ground::get();
    let evil = r#"$(touch /out/evil) `touch /out/evil2`; touch /out/evil3 "' ${HOME} \n & | *"#;
    // In a spec, `$$` is a dollar sign.
    let yaml = evil.replace('\'', "''").replace('$', "$$");
    let outcome = ground
        .build()
        .spec(&format!(
            "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - ./x: {{ value: '{yaml}' }}
"
        ))
        .file(
            "x/extension.yaml",
            r#"name: x
parameters:
  value: { description: anything }
  other: "default"
build:
  steps:
    - { run: 'mkdir $OUT/opt; printf "%s" "$VALUE" > $OUT/opt/value; echo ${value-unset} $OTHER > $OUT/opt/other', network: none }
install:
  files: [{ to: /etc/value, text: "${value}" }]
environment: { OF_PARAMETER: "${value}" }
tests: [{ run: 'echo "$OF_PARAMETER"', expect: "${value}" }]
"#,
        )
        .image()
        .succeed();
    for command in [
        ["cat", "/opt/value"],
        ["cat", "/etc/value"],
        ["printenv", "OF_PARAMETER"],
    ] {
        assert_eq!(outcome.run(command), evil);
    }
    assert_eq!(outcome.run(["cat", "/opt/other"]), "unset default");
    assert_eq!(
        outcome.run(["sh", "-c", "ls -d /evil* /out 2>/dev/null || true"]),
        ""
    );
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn only_steps_with_a_network_see_certificates_and_no_layer_has_them() {
    let ground = Ground::get();
    let marker = "the marker of a bundle that nobody else has";
    let steps = "- { run: 'cp $SSL_CERT_FILE /seen; wc -c < /run/secrets/inlay-ca > $OUT/length; echo TOKEN > $OUT/own' }
- { run: 'ls -a /run/secrets > $OUT/without 2>&1 || true; echo ${SSL_CERT_FILE-unset} >> $OUT/without', network: none }
- mkdir -p /etc/ssl/certs; echo of the image > /etc/ssl/certs/ca-certificates.crt
- grep -c -e 'of the image' -e 'the marker' $SSL_CERT_FILE > $OUT/both
- { run: 'ls -A /dev/shm > $OUT/after', network: none }";
    let build = ground
        .build()
        .spec(&one(steps))
        .file("bundle", marker)
        .archive();
    let secret = format!("id=inlay-ca,src={}", build.path().join("bundle").display());
    let build = build.arguments(["--secret", &secret]);
    let outcome = build.succeed();
    let archive = outcome.archive();
    let content = |path: &str| {
        let entry = archive.entries().find(|entry| entry.path == path).unwrap();
        String::from_utf8_lossy(&entry.content)
            .trim_end()
            .to_owned()
    };
    assert_eq!(content("length"), marker.len().to_string());
    // An engine may have added a certificate to the bundle of the image.
    assert_eq!(content("both"), "2");
    assert_eq!(content("after"), "");
    assert!(
        content("without").ends_with("unset"),
        "{}",
        content("without")
    );
    // The lowest layer belongs to the base.
    for entry in archive.layers.iter().skip(1).flatten() {
        let text = String::from_utf8_lossy(&entry.content);
        assert!(!text.contains(marker), "{} has it", entry.path);
        assert!(!entry.path.starts_with("run/secrets"), "{}", entry.path);
        assert!(!entry.path.starts_with("run/inlay"), "{}", entry.path);
    }
    assert!(!archive.config.to_string().contains(marker));
    // No cache key contains a secret's value.
    let build = build.file("bundle", "another");
    assert_eq!(build.succeed().ran(), [""; 0]);
}
