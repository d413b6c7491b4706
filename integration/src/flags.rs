//! The flags of `docker buildx build` that let a public spec build on an engine: they put this
//! repository's frontend and bases in the place of the public ones.

use std::path::Path;

use anyhow::Result;

use crate::base::{find_base, make_base};
use crate::engine::{Engine, Kind};
use crate::frontend::make_frontend;
use crate::shell::quote;
use crate::suite::Suite;

/// The frontend's public name, as it stands in the first line of a spec.
const PUBLIC_FRONTEND: &str = "ghcr.io/inlay/inlay:1";

/// The flags with this repository's frontend, quoted for a shell and on one line.
///
/// # Errors
/// When the frontend or the base cannot be made.
pub fn make_flag_line(engine: &Engine) -> Result<String> {
    let words = make_flags(engine, &make_frontend(engine)?)?;
    let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
    Ok(quoted.join(" "))
}

/// The flags with the given frontend, one word each, for a process that starts `docker` itself. The
/// base bookworm is made if needed; the base trixie is named if it exists.
///
/// # Errors
/// When the base cannot be made.
pub fn make_flags(engine: &Engine, frontend: &str) -> Result<Vec<String>> {
    let mut contexts = vec![(PUBLIC_FRONTEND.to_owned(), frontend.to_owned())];
    // The user's engine pulls the public bases itself.
    if engine.kind() == Kind::Private {
        contexts.push((
            Suite::Bookworm.public_reference(),
            make_base(engine, Suite::Bookworm)?,
        ));
        if let Some(reference) = find_base(engine, Suite::Trixie)? {
            contexts.push((Suite::Trixie.public_reference(), reference));
        }
    }
    let mut words = Vec::new();
    for (public, reference) in contexts {
        words.push("--build-context".to_owned());
        words.push(format!("{public}=docker-image://{reference}"));
    }
    if let Some(bundle) = find_certificates() {
        words.push("--secret".to_owned());
        words.push(format!("id=inlay-ca,src={bundle}"));
    }
    Ok(words)
}

/// The machine's bundle of certificate authorities, for steps behind a proxy that inspects TLS.
fn find_certificates() -> Option<String> {
    let named = std::env::var("SSL_CERT_FILE").ok();
    let usual = "/etc/ssl/certs/ca-certificates.crt".to_owned();
    named
        .into_iter()
        .chain([usual])
        .find(|path| Path::new(path).is_file())
}
