//! `frontend.lint`: everything that is wrong with a spec, without building.
//!
//! The form of the answer is that of frontend/subrequests/lint/lint.go. Clients look into `location`
//! without checking whether it is there.

use gateway::{Engine, Failure, Reply, SourceSnippet};
use serde_json::{Value, json};
use source::{Code, Diagnostic, Reported, Sources, render};

use crate::convert::{Conversion, Purpose, Renewal};
use crate::engine::choose_assembly;
use crate::finder::Finder;
use crate::report;
use crate::subrequest::make_reply;
use crate::subrequest::places::Places;

/// What each warning is about, in the words of the title of its page.
pub(crate) fn title_of(code: Code) -> &'static str {
    match code {
        Code::Unverified => "unverified download",
        Code::OtherKey => "keys from different files",
        Code::SameAlternative => "one alternative chosen twice",
        Code::UnseenPackage => "package that is not seen",
        Code::UnsetVariable => "variable that is not set",
        Code::DuplicateUse => "extension listed twice",
        Code::ManyLayers => "many layers",
        Code::StaleLock => "lock that does not match",
        Code::ForeignSecret => "secret of an extension",
        Code::PasswordInAddress => "password in an address",
        // The answer has one sentence for each error, and no title.
        _ => "",
    }
}

/// Answers what is wrong with a spec.
pub(crate) async fn answer<F: Finder>(
    conversion: &mut Conversion<'_, F>,
    engine: &Engine,
) -> Reply {
    let failure = match check(conversion, engine).await {
        Ok(()) => None,
        Err(Reported) => Some(conversion.findings.failure()),
    };
    let sources = &conversion.findings.sources;
    let mut warnings = conversion.findings.shown_warnings();
    warnings.sort_by_key(|warning| warning.primary);
    let mut places = Places::default();
    let listed: Vec<Value> = warnings
        .iter()
        .map(|warning| describe(sources, warning, &mut places))
        .collect();
    let mut result = json!({ "warnings": listed });
    let rendered = warnings.iter().map(|warning| render(sources, warning));
    let mut text: String = rendered.collect();
    if let Some(failure) = &failure {
        let location = join_snippets(failure)
            .map_or_else(Places::nowhere, |snippet| places.of_snippet(&snippet));
        result["buildError"] = json!({ "message": failure.message, "location": location });
        text.push_str(&failure.message);
        text.push('\n');
    }
    result["sources"] = Value::Array(places.infos());
    let is_clean = warnings.is_empty() && failure.is_none();
    // Clients exit with this status.
    make_reply(&result, &text).with_metadata("result.statuscode", if is_clean { "0" } else { "1" })
}

/// Does everything that a build does before it hands over the graphs.
async fn check<F: Finder>(
    conversion: &mut Conversion<'_, F>,
    engine: &Engine,
) -> Result<(), Reported> {
    let target = &conversion.request.target;
    let converted = conversion.convert(Purpose::Check, target).await?;
    let images = conversion.find_images(&converted).await?;
    conversion.check_layers(&converted, &images, choose_assembly(engine));
    conversion.findings.check()?;
    let assembly = choose_assembly(engine);
    let renewal = Renewal::of(conversion.request);
    let found = conversion.find_packages(&converted, &images, assembly, renewal);
    let found = found.await?;
    let all = converted.platforms.iter().zip(images).zip(found);
    for ((platform_plan, images), packages) in all {
        conversion.compile(&converted, platform_plan, images, assembly, &packages);
    }
    Ok(())
}

/// The one place that the answer can have: everything that the failure is about in the first of its
/// files.
fn join_snippets(failure: &Failure) -> Option<SourceSnippet> {
    let (first, others) = failure.snippets.split_first()?;
    let mut snippet = first.clone();
    let others = others
        .iter()
        .filter(|other| other.filename == first.filename);
    snippet
        .ranges
        .extend(others.flat_map(|other| other.ranges.clone()));
    Some(snippet)
}

fn describe(sources: &Sources, warning: &Diagnostic, places: &mut Places) -> Value {
    let help = warning.help.as_ref();
    let help = help.map_or_else(String::new, |help| format!("; help: {help}"));
    let snippet = report::quote(sources, warning.primary);
    json!({
        "ruleName": warning.code.id(),
        "description": title_of(warning.code),
        "url": report::page_of(warning.code),
        "detail": format!("{}{help}", warning.message),
        "location": places.of_snippet(&snippet),
    })
}
