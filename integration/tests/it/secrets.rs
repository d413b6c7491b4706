//! Secrets and ssh agents, which the client gives to steps and repositories and which must not leak.

use crate::agent::Agent;
use crate::private_repository::PrivateRepository;
use crate::served::Repository;
use crate::sshd::Sshd;
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

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn values_are_in_no_layer_log_or_cache_key() {
    let ground = Ground::get();
    let value = format!("value-of-{}", integration::make_token());
    let steps = "- run: |
    wc -c < /run/secrets/file > $OUT/length
    test \"$(cat /root/.rc)\" = \"$VARIABLE\" && test \"$BOTH\" = \"$VARIABLE\"
    stat -c '%a %u:%g' /run/secrets/file >> $OUT/length
    echo \"${ABSENT-unset}\" >> $OUT/length
    ls /absent >> $OUT/length 2>&1 || true
    echo TOKEN > $OUT/own
  network: none
  secrets:
    - { id: file }
    - { id: file, path: /root/.rc, required: true }
    - { id: file, environment: VARIABLE }
    - { id: file, path: /both, environment: BOTH }
    - { id: absent, environment: ABSENT }
    - { id: absent, path: /absent }
- { run: 'ls -A /root /both /run/secrets > $OUT/after 2>&1 || true; echo \"${VARIABLE-unset}\" >> $OUT/after', network: none }";
    let build = ground
        .build()
        .spec(&one(steps))
        .file("value", &value)
        .archive();
    let file = build.path().join("value");
    let build = build.secret("file", &file);
    let outcome = build.succeed();
    let archive = outcome.archive();
    let content = |path: &str| {
        let entry = archive.entries().find(|entry| entry.path == path).unwrap();
        String::from_utf8_lossy(&entry.content).into_owned()
    };
    let seen = content("length");
    let expected = format!("{}\n400 0:0\n\n", value.len());
    assert!(seen.starts_with(&expected), "{seen}");
    assert_has(&seen, &["No such file"]);
    // The next step finds at most an empty mount point.
    assert!(
        content("after").ends_with("unset\n"),
        "{}",
        content("after")
    );
    assert!(
        archive.mentions(build.token()),
        "the search would find the value"
    );
    assert!(!archive.mentions(&value));
    assert!(!archive.config.to_string().contains(&value));
    assert!(!outcome.progress.whole().contains(&value));
    assert!(!outcome.progress.logs().contains(&value));
    for entry in archive.layers.iter().skip(1).flatten() {
        assert!(!entry.path.contains("secrets"), "{}", entry.path);
    }
    let build = build.file("value", "another one");
    let again = build.succeed();
    assert_eq!(again.ran(), [""; 0]);
    assert_eq!(again.digest(), outcome.digest());
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn root_commands_get_values_under_any_name() {
    let ground = Ground::get();
    let value = format!("value-of-{}", integration::make_token());
    let names = ["work", "run", "at", "count", "cache", "status", "policy"];
    let secrets = names.map(|name| format!("{{ id: v, environment: {name} }}"));
    let secrets = secrets.join(", ");
    let seen = names.map(|name| format!("${name}")).join(" ");
    let spec = format!(
        "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    install:
      steps:
        - {{ run: 'echo {seen} | wc --words --chars > /srv/x # TOKEN', network: none, secrets: [{{ id: v, path: /root/.rc }}, {secrets}] }}
        - {{ run: 'cut --characters=1-5 /root/.rc >> /srv/x', network: none }}
"
    );
    let build = ground.build().spec(&spec).file("value", &value).archive();
    let file = build.path().join("value");
    let outcome = build.secret("v", &file).succeed();
    let archive = outcome.archive();
    let made = archive.entries().find(|entry| entry.path == "srv/x");
    let made = String::from_utf8_lossy(&made.unwrap().content).into_owned();
    let length = names.len() * (value.len() + 1);
    let words: Vec<&str> = made.split_whitespace().collect();
    assert_eq!(words, ["7", &length.to_string(), "value"]);
    assert!(!archive.mentions(&value));
    // The mount point is gone too.
    assert!(archive.entries().all(|entry| entry.path != "root/.rc"));
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_step_that_fails_shows_no_value() {
    let ground = Ground::get();
    let value = format!("value-of-{}", integration::make_token());
    let step = "- { run: 'echo TOKEN; false', network: none, secrets: [{ id: v, environment: V }, { id: v }] }";
    let build = ground.build().spec(&one(step)).file("value", &value);
    let file = build.path().join("value");
    let outcome = build.secret("v", &file).fail();
    assert_has(outcome.text(), &["   7 | >>>         - { run: 'echo"]);
    assert!(!outcome.progress.whole().contains(&value));
    assert!(!outcome.progress.logs().contains(&value));
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_missing_required_value_is_reported_at_its_step() {
    let ground = Ground::get();
    let refused = |given: &str, parts: &[&str]| {
        let step = format!("- {{ run: 'touch $OUT/x # TOKEN', network: none, {given} }}");
        let outcome = ground.build().spec(&one(&step)).fail();
        assert_has(outcome.text(), parts);
        assert_has(
            outcome.text(),
            &["inlay.yaml:7\n", "   7 | >>>         - { run: "],
        );
    };
    refused(
        "secrets: [{ id: my-token, required: true }]",
        &["secret my-token: not found"],
    );
    refused(
        "secrets: [{ id: my-token, environment: X, required: true }]",
        &["secret my-token: not found"],
    );
    // An engine of 2025 says `unset ssh forward key`, and a later one `no SSH key "work" forwarded`.
    refused("ssh: true", &["key", "default"]);
    refused("ssh: [work]", &["key", "work"]);
}

/// Steps that ask for them see the client's agents with their keys.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn agents_are_seen_by_steps() {
    let ground = Ground::get();
    let agents = [Agent::start(), Agent::start()];
    agents[1].add_key();
    // Asks an agent for its keys with message 11. The answer is message 12 and a count.
    let ask = "perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); connect(S, sockaddr_un($ARGV[0])) or die; syswrite(S, pack(q(NC), 1, 11)); read(S, $a, 9); print join(q( ), (unpack(q(NCN), $a))[1,2]), qq(\\n)'";
    let step = format!(
        "- run: |
    {ask} $SSH_AUTH_SOCK > $OUT/keys
    {ask} /run/buildkit/ssh_agent.1 >> $OUT/keys
    echo TOKEN > $OUT/own
  network: none
  ssh: [default, work]"
    );
    let build = ground.build().spec(&one(&step)).image();
    let (first, second) = (
        format!("default={}", agents[0].socket().display()),
        format!("work={}", agents[1].socket().display()),
    );
    let outcome = build
        .arguments(["--ssh", &first, "--ssh", &second])
        .succeed();
    assert_eq!(outcome.run(["cat", "/keys"]), "12 0\n12 1");
    let environment = outcome.inspect()["Config"]["Env"].to_string();
    assert!(!environment.contains("SSH_AUTH_SOCK"), "{environment}");
}

/// A repository that needs a token is a build context, a named context and a source.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_private_repository_is_read_with_a_token() {
    let ground = Ground::get();
    let token = integration::make_token();
    let folder = tempfile::tempdir().unwrap();
    let repository = Repository::new(&folder.path().join("it.git"));
    let spec = |address: &str, commit: &str| {
        format!(
            "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    build:
      sources: [{{ git: '{address}', commit: {commit}, to: got }}]
      steps: [{{ run: 'install -D $SOURCES/got/own $OUT/opt/own', network: none }}]
"
        )
    };
    let commit = repository.commit(&[("own", &token)]);
    let served = PrivateRepository::serve(folder.path(), &token);
    let address = format!("http://127.0.0.1:{}/it.git", served.port);
    repository.commit(&[
        ("inlay.yaml", &spec(&address, &commit)),
        (
            "extension.yaml",
            "name: own\ninstall: { files: [{ from: own, to: /etc/own }] }\n",
        ),
    ]);
    let secret = folder.path().join("token");
    std::fs::write(&secret, &token).unwrap();

    // The build context, and a source in its spec.
    let refused = ground.build().from(&address, "inlay.yaml").fail();
    assert_has(refused.text(), &["could not read Username"]);
    let build = ground.build().from(&address, "inlay.yaml").image();
    let outcome = build.secret("GIT_AUTH_TOKEN", &secret).succeed();
    assert_eq!(outcome.run(["cat", "/opt/own"]), token);

    // A source at another host gets the token only if it is given for that host.
    let other = PrivateRepository::serve(folder.path(), &token);
    let elsewhere = format!("http://127.0.0.1:{}/it.git", other.port);
    // The engine would find what it has already fetched by its commit alone.
    let commit = repository.commit(&[("more", &token)]);
    let build = ground.build().spec(&spec(&elsewhere, &commit)).image();
    let build = build.secret("GIT_AUTH_TOKEN", &secret);
    let id = format!("GIT_AUTH_TOKEN.127.0.0.1:{}", other.port);
    let advice = format!("--secret id={id},src=…");
    assert_has(build.fail().text(), &["could not read Username", &advice]);
    let outcome = build.secret(&id, &secret).succeed();
    assert_eq!(outcome.run(["cat", "/opt/own"]), token);

    // A named context.
    let local = "# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\nextensions: [own]\n";
    let context = format!("own={address}");
    let build = ground.build().spec(local).image();
    let build = build.arguments(["--build-context", &context]);
    let build = build.secret("GIT_AUTH_TOKEN", &secret);
    assert_eq!(build.succeed().run(["cat", "/etc/own"]), token);
    assert!(served.count_refused() > 0);
}

/// A repository behind ssh is a build context and a source. Only the agent has the key.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_private_repository_is_read_through_an_agent() {
    let ground = Ground::get();
    let token = integration::make_token();
    let agent = Agent::start();
    let folder = tempfile::tempdir().unwrap();
    let server = Sshd::serve(ground, folder.path(), &agent.add_key());
    let repository = Repository::new(&server.home().join("it"));
    let address = format!(
        "ssh://{}@127.0.0.1:{}{}/it",
        Sshd::USER,
        server.port,
        server.home().display()
    );
    let commit = repository.commit(&[("own", &token)]);
    let spec = format!(
        "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    install: {{ files: [{{ from: own, to: /etc/own }}] }}
    build:
      sources: [{{ git: '{address}', commit: {commit}, to: got }}]
      steps: [{{ run: 'install -D $SOURCES/got/own $OUT/opt/own', network: none }}]
"
    );
    repository.commit(&[("inlay.yaml", &spec)]);
    // buildx uses the shell's agent by default. If there is one, it does not have this key.
    ground.build().from(&address, "inlay.yaml").fail();
    let build = ground.build().from(&address, "inlay.yaml").image();
    let socket = format!("default={}", agent.socket().display());
    let outcome = build.arguments(["--ssh", &socket]).succeed();
    assert_eq!(
        outcome.run(["cat", "/etc/own", "/opt/own"]),
        format!("{token}{token}")
    );
}
