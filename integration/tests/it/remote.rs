//! A cache in a registry, used by an engine that has nothing else.

use integration::{Build, EmptyEngine, Engine, Store};

use crate::Ground;

/// A builder with its own packages; packages with root commands; an extension that requires those; one
/// that is added later.
const EXTENSIONS: [&str; 4] = [
    "name: made
    build:
      packages: [make]
      steps: [{ run: 'make --version > /dev/null; echo TOKEN > $OUT/made', network: none }]",
    "name: counted
    install:
      packages: [jq]
      steps: [{ run: 'useradd --system counted; echo TOKEN > /srv/counted', network: none }]",
    "name: listed
    requires: [counted]
    install:
      packages: [tree]
      files: [{ to: /etc/listed, text: TOKEN }]",
    "name: added
    install:
      packages: [less]
      steps: [{ run: 'echo TOKEN > /srv/added', network: none }]",
];

fn build<'a>(engine: &'a Engine, flags: &'a [String], token: &str, uses: &[&str]) -> Build<'a> {
    let uses = uses.join("\n  - ").replace("TOKEN", token);
    Build::new(engine, flags).spec(&format!(
        "# syntax=ghcr.io/inlay/inlay:1\nbase: debian:bookworm\nextensions:\n  - {uses}\n"
    ))
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn an_empty_engine_runs_nothing_that_the_cache_has() {
    let ground = Ground::get();
    let token = integration::make_token();
    let address = ground.engine.registry_address().unwrap();
    let cache = format!("type=registry,ref={address}/cache:{token}");
    let first = build(&ground.engine, &ground.flags, &token, &EXTENSIONS[..3])
        .arguments(["--cache-to", &format!("{cache},mode=max")])
        .digest_only()
        .succeed();
    assert!(first.ran().len() > 5, "{:?}", first.ran());

    let empty = EmptyEngine::start(&ground.engine, Store::Containerd).unwrap();
    let from = ["--cache-from", cache.as_str()];
    let of = |uses: &[&str]| {
        build(&empty, &ground.flags, &token, uses)
            .arguments(from)
            .image()
    };
    let again = of(&EXTENSIONS[..3]).succeed();
    assert_eq!(again.ran(), [""; 0]);
    let said = again.run(["cat", "/made", "/srv/counted", "/etc/listed"]);
    assert_eq!(said, [token.as_str(); 3].join("\n"));
    assert_eq!(
        again.run(["sh", "-c", "dpkg --audit; tree --version | cut -c 1-4"]),
        "tree"
    );

    // With one more extension and another order, only its own commands and the meeting of all layers run. A
    // registry's cache has no results of vertices without inputs (moby/buildkit#2501), so the text of a file
    // is written again; the layer that copies it is found by its content.
    let mut uses = EXTENSIONS;
    uses.reverse();
    let more = of(&uses).succeed();
    let ran = more.ran();
    let own = ["[added]", "[joint]", "[image]", "[listed] gather files"];
    let is_own = |name: &&String| own.iter().any(|prefix| name.starts_with(prefix));
    let others: Vec<_> = ran.iter().filter(|name| !is_own(name)).collect();
    assert_eq!(others, [""; 0]);
    assert_eq!(more.run(["cat", "/srv/added"]), token);
}

/// A cache with `mode=min` or in the image has the layers of the image and nothing else. Package lists and resolutions are
/// made again, and nothing more if they say what they said; with a lock, they are not.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn what_caches_of_layers_alone_keep() {
    let ground = Ground::get();
    let token = integration::make_token();
    let address = ground.engine.registry_address().unwrap();
    let image = format!("{address}/cached:{token}");
    let minimal = format!("type=registry,ref={address}/cache-min:{token}");
    let uses = &EXTENSIONS[..3];
    let first = build(&ground.engine, &ground.flags, &token, uses);
    let lock = first.call("lock").output;
    let output = format!("type=image,name={image},push=true");
    first
        .arguments(["--cache-to", "type=inline", "--output", &output])
        .succeed();
    let first = build(&ground.engine, &ground.flags, &token, uses);
    first
        .arguments(["--cache-to", &format!("{minimal},mode=min")])
        .digest_only()
        .succeed();
    let inline = format!("type=registry,ref={image}");
    for (name, from, lock) in [("inline", inline, Some(&lock)), ("min", minimal, None)] {
        let empty = EmptyEngine::start(&ground.engine, Store::Containerd).unwrap();
        let build = build(&empty, &ground.flags, &token, uses);
        let build = match lock {
            Some(lock) => build.file("inlay.lock", lock),
            None => build,
        };
        let outcome = build.arguments(["--cache-from", &from]).image().succeed();
        let mut ran = outcome.ran();
        // It has no inputs, so that the engine may write it again.
        ran.retain(|name| name != "[listed] gather files");
        if lock.is_some() {
            assert_eq!(ran, ["[image] merge 7 layers"], "{name}");
        } else {
            let looks_up = |name: &String| {
                let ends = ["(lists)", "(resolve)"];
                ends.iter().any(|end| name.ends_with(end))
                    || name.starts_with("[packages] lists of ")
            };
            assert!(ran.iter().all(looks_up), "{name}: {ran:#?}");
        }
    }
}
