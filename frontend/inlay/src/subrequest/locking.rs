//! `frontend.lock`: what the names in a spec stand for now, as the text of a lock file.

use std::collections::BTreeMap;

use compile::{InstallationId, wanted_packages};
use gateway::{Engine, Failure, Reply};
use serde_json::json;
use source::Reported;

use crate::convert::{Conversion, Packages, Purpose, Renewal, make_lock};
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
    // A lock is of the whole image.
    let converted = conversion.convert(Purpose::Build, "").await?;
    let images = conversion.find_images(&converted).await?;
    let assembly = choose_assembly(engine);
    let renewal = Renewal::of(conversion.request);
    let found = conversion.find_packages(&converted, &images, assembly, renewal);
    let packages = found.await?;
    let all = converted.platforms.iter().zip(&images);
    let asked = all.map(|(platform_plan, images)| {
        let none = Packages::default();
        let request =
            conversion.compile_request(&converted, platform_plan, images.clone(), assembly, &none);
        let wanted = wanted_packages(&platform_plan.plan, &request).into_iter();
        let asked = wanted.map(|(id, wanted)| (id, wanted.asked.hex()));
        asked.collect::<BTreeMap<InstallationId, String>>()
    });
    let asked: Vec<_> = asked.collect();
    Ok(make_lock(&converted, &images, &packages, &asked).to_string())
}
