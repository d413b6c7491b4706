//! A small part of `cargo xtask crowd`.

use crate::Ground;

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn images_that_are_built_at_once_are_those_of_a_quiet_engine() {
    let ground = Ground::get();
    integration::try_at_once(&ground.engine, &ground.flags, 3, 1, |_| ()).unwrap();
}
