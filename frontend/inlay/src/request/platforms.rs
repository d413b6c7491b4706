//! The platforms that are built for, and the shape of the answer that follows from their number.

use buildkit_llb::Platform;
use gateway::{Failure, Options};

use crate::request::go;

/// The shape of a build's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One image.
    Single,
    /// An image for each platform, even if there is only one.
    Map,
}

/// Reads the platforms asked for, in that order and each once; the engine's own if none is. At least one.
pub(crate) fn read_platforms(options: &Options) -> Result<Vec<Platform>, Failure> {
    let mut platforms: Vec<Platform> = Vec::new();
    let asked = options.get("platform").unwrap_or_default();
    for text in asked
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        let platform = text.parse().map_err(|_| {
            Failure::new(format!(
                "--platform `{text}` is not of the form `linux/amd64`"
            ))
        })?;
        if !platforms.contains(&platform) {
            platforms.push(platform);
        }
    }
    if platforms.is_empty() {
        let own = options.default_platform();
        let own = own.map(|own| Platform::new(&own.os, &own.architecture, &own.variant));
        platforms.push(own.unwrap_or_else(|| Platform::new("linux", std::env::consts::ARCH, "")));
    }
    Ok(platforms)
}

/// Reads the shape of the answer. A client can ask for a map of one platform (frontend/dockerui/config.go).
pub(crate) fn read_shape(options: &Options, platforms: &[Platform]) -> Result<Shape, Failure> {
    const NAMES: [(&str, &str); 2] = [
        (
            "build-arg:BUILDKIT_MULTI_PLATFORM",
            "--build-arg BUILDKIT_MULTI_PLATFORM",
        ),
        ("multi-platform", "multi-platform"),
    ];
    let given = NAMES.iter().find_map(|(key, name)| {
        let value = options.get(key).filter(|value| !value.is_empty())?;
        Some((*name, value))
    });
    let has_several = platforms.len() > 1;
    let Some((name, value)) = given else {
        return Ok(if has_several {
            Shape::Map
        } else {
            Shape::Single
        });
    };
    match go::parse_boolean(value) {
        Some(true) => Ok(Shape::Map),
        Some(false) if has_several => Err(Failure::new(format!(
            "{name} cannot be `{value}` if there are several platforms: leave one of the two out"
        ))),
        Some(false) => Ok(Shape::Single),
        None => Err(Failure::new(format!(
            "{name} must be `true` or `false`, not `{value}`"
        ))),
    }
}
