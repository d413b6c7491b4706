//! `--no-cache` and `--no-cache-filter`: what they run again, and what they leave alone.

use crate::cache::{DELTAS, FOUR, JOINT, THREE, assert_ran, build, spec};
use crate::{Ground, assert_has};

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn no_cache_of_one_extension_leaves_the_caches_that_it_shares() {
    let ground = Ground::get();
    let spec = |number: u32| {
        format!(
            "# syntax=ghcr.io/inlay/inlay:1
base: debian:bookworm
extensions:
  - name: x
    build:
      steps:
        - run: mkdir -p $OUT/opt/x; ls /shared /own > $OUT/opt/x/kept; touch /shared/x /own/x
          network: none
          cache: [{{ id: TOKEN, path: /shared }}, {{ id: TOKEN-own, path: /own }}]
  - name: y
    build:
      steps:
        - run: mkdir -p $OUT/opt/y; ls /shared > $OUT/opt/y/{number}; touch /shared/y
          network: none
          cache: [{{ id: TOKEN, path: /shared }}]
"
        )
    };
    let build = ground.build().spec(&spec(1)).image();
    build.succeed();
    let build = build.arguments(["--no-cache-filter", "x"]);
    let outcome = build.succeed();
    assert_has(&outcome.ran().join("\n"), &["[x] mkdir"]);
    // It started with nothing, not even its own cache.
    assert_eq!(outcome.run(["cat", "/opt/x/kept"]), "/own:\n\n/shared:");
    let build = build.spec(&spec(2));
    let kept = build.succeed().run(["cat", "/opt/y/2"]);
    assert_eq!(
        kept, "x\ny",
        "the shared cache is as the first build left it"
    );
    // A different cache does not change the cache key.
    assert_eq!(build.without_arguments().succeed().ran(), [""; 0]);
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn no_cache_of_one_extension_runs_that_one() {
    let ground = Ground::get();
    let build = build(ground, &FOUR);
    let first = build.succeed();
    let build = build.arguments(["--no-cache-filter", "delta"]);
    let second = build.succeed();
    assert_ran(&second, &[&DELTAS, &["[image] merge 8 layers", JOINT]]);
    assert_eq!(second.digest(), first.digest());
}

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_build_without_a_cache_does_not_affect_other_builds() {
    let ground = Ground::get();
    // Both builds share the base and inlay's own scripts. In BuildKit, a build inherits `--no-cache` with a
    // vertex that it shares.
    let slow = "{ name: slow, build: { steps: [{ run: 'timeout 8 tail -f /dev/null || echo TOKEN > $OUT/slow', network: none }] } }";
    let slow = ground
        .build()
        .spec(&spec("debian:bookworm", &[slow]))
        .arguments(["--no-cache"]);
    let other = build(ground, &THREE).digest_only();
    other.succeed();
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| slow.succeed());
        let mut builds = 0;
        while !slow.is_finished() {
            assert_ran(&other.succeed(), &[]);
            builds += 1;
        }
        assert!(builds > 1, "the two builds never ran at the same time");
    });
}
