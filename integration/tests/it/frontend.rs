//! The frontend's own image.

use integration::make_frontend;
use serde_json::Value;

use crate::Ground;

/// The limit of what every engine fetches before its first build; docker/dockerfile has about 13 million. The
/// catalogue is a part of it.
const LIMIT_BYTES: u64 = 5_000_000;

#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn the_image_is_small_and_lists_its_capabilities() {
    let ground = Ground::get();
    let image = make_frontend(&ground.engine).unwrap();
    let inspect = ["buildx", "imagetools", "inspect"];
    let raw = ground.docker([inspect[0], inspect[1], inspect[2], "--raw", &image]);
    let manifest: Value = serde_json::from_str(&raw).unwrap();
    let layers = manifest["layers"].as_array().unwrap();
    let bytes: u64 = layers
        .iter()
        .filter_map(|layer| layer["size"].as_u64())
        .sum();
    assert!(bytes <= LIMIT_BYTES, "{bytes} bytes");

    let format = "{{json .Image}}";
    let config = ground.docker([
        inspect[0], inspect[1], inspect[2], "--format", format, &image,
    ]);
    let config: Value = serde_json::from_str(&config).unwrap();
    let labels = &config["config"]["Labels"];
    assert_eq!(labels["moby.buildkit.frontend.network.none"], "true");
    let can = labels["moby.buildkit.frontend.caps"].as_str().unwrap();
    let can: Vec<&str> = can.split(',').collect();
    for word in ["inputs", "subrequests", "contexts", "gitquerystring"] {
        assert!(
            can.contains(&&*format!("moby.buildkit.frontend.{word}")),
            "{can:?}"
        );
    }
}
