//! `frontend.lock`: what the names in a spec stand for now, as the text of a lock file.

use gateway::{Engine, Failure, Reply};
use lock::Entry;
use serde_json::json;
use source::Reported;

use crate::convert::{Conversion, Purpose, Renewal};
use crate::engine::choose_assembly;
use crate::finder::Finder;
use crate::subrequest::make_reply;

/// Answers with the lock of a spec. What the lock beside it has stays, unless the request upgrades it.
pub(crate) async fn answer<F: Finder>(
    conversion: &mut Conversion<'_, F>,
    engine: &Engine,
) -> Result<Reply, Failure> {
    let written = write(conversion, engine).await;
    let text = written.map_err(|Reported| conversion.findings.failure())?;
    Ok(make_reply(&json!({ "lock": text }), &text))
}

async fn write<F: Finder>(
    conversion: &mut Conversion<'_, F>,
    engine: &Engine,
) -> Result<String, Reported> {
    conversion.looks_up_checksums = !conversion.request.lock.is_strict();
    // A lock is of the whole image.
    let converted = conversion.convert(Purpose::Build, "").await?;
    let images = conversion.find_images(&converted).await?;
    let assembly = choose_assembly(engine);
    let renewal = Renewal::of(conversion.request);
    let found = conversion.find_packages(&converted, &images, assembly, renewal);
    let packages = found.await?;
    let found = conversion.find_checksums(&converted, &images, &packages, assembly);
    let checksums = found.await?;
    let platforms = converted.platforms.iter().zip(&images).zip(&packages);
    let platforms = platforms.map(|((plan, images), packages)| (plan, images, packages));
    let mut lock = conversion.make_lock(&converted, platforms, assembly);
    for (platform_plan, checksums) in converted.platforms.iter().zip(checksums) {
        let platform = platform_plan.platform.to_string();
        let entries = checksums.into_iter().map(|(key, sha256)| {
            let entry = Entry { sha256, span: None };
            (key, entry)
        });
        lock.platforms
            .entry(platform)
            .or_default()
            .sources
            .extend(entries);
    }
    Ok(lock.to_string())
}
