//! Checksums of downloads in versions for which their extensions have none: those that a lock has, and those that are
//! looked up for it.

use std::collections::{BTreeMap, BTreeSet};

use buildkit_llb::Platform;
use compile::{Assembly, QuestionId, checksum_questions};
use gateway::Failure;
use plan::{ChecksumOrigin, Checksums, Plan};
use source::Reported;
use spec::{PackageForm, Sha256};

use crate::convert::{Conversion, Converted, Images, Packages};
use crate::finder::{Asked, Finder};
use crate::request::LockMode;
use crate::together::run_together;

/// The SHA256 of each download, by its kind and what it names.
pub(crate) type Found = BTreeMap<(String, String), String>;

/// The forms of downloads.
const FORMS: [PackageForm; 4] = [
    PackageForm::Crate,
    PackageForm::Npm,
    PackageForm::Pypi,
    PackageForm::Url,
];

impl<F: Finder> Conversion<'_, F> {
    /// What is known about checksums before the spec is planned for a platform.
    pub(crate) fn known_checksums(&self, platform: &Platform) -> Checksums {
        let locked = self.locked_platform(platform);
        let sources = locked.into_iter().flat_map(|locked| &locked.sources);
        let known = sources.filter_map(|((kind, what), entry)| {
            let form = FORMS.iter().find(|form| form.as_str() == kind)?;
            Some(((*form, what.clone()), entry.sha256.clone()))
        });
        let renewed = match &self.request.lock {
            LockMode::Upgrade(names) => names.clone(),
            _ => BTreeSet::new(),
        };
        Checksums {
            known: known.collect(),
            renewed,
            are_looked_up: self.looks_up_checksums,
        }
    }

    /// The checksums, for each platform in order, of downloads for which no extension has one: those that are known, and
    /// those that are looked up now.
    pub(crate) async fn find_checksums(
        &mut self,
        converted: &Converted,
        images: &[Images],
        packages: &[Packages],
        assembly: Assembly,
    ) -> Result<Vec<Found>, Reported> {
        let mut all = Vec::new();
        let platforms = converted.platforms.iter().zip(images).zip(packages);
        for ((platform_plan, images), packages) in platforms {
            let plan = &platform_plan.plan;
            let mut found = known(plan);
            let request =
                self.compile_request(converted, platform_plan, images.clone(), assembly, packages);
            let questions = checksum_questions(plan, &self.findings.sources, &request);
            let finder = &self.finder;
            let answers = questions.asked.keys().map(|id| finder.ask(&questions, id));
            let answers = run_together(answers).await;
            for (id, answer) in questions.asked.keys().zip(answers) {
                let QuestionId::Checksum(form, what) = id else {
                    continue;
                };
                match answer {
                    Ok(Asked::Answered(files)) => {
                        let sha256 = files.get("sha256").map_or("", |text| text.trim());
                        if Sha256::new(sha256).is_err() {
                            let message =
                                format!("the engine did not compute the checksum of `{what}`");
                            self.findings.fail(Failure::new(message));
                        }
                        let key = (form.as_str().to_owned(), what.clone());
                        found.insert(key, sha256.to_owned());
                    }
                    Ok(Asked::Unknown) => {
                        let message = format!("there is no engine to look for `{what}`");
                        self.findings.fail(Failure::new(message));
                    }
                    Err(failure) => {
                        self.findings.fail(failure);
                    }
                }
            }
            all.push(found);
        }
        self.findings.check().map(|()| all)
    }
}

/// The checksums in a plan that do not come from extensions or the spec.
pub(crate) fn known(plan: &Plan) -> Found {
    let sources = plan.builds().flat_map(|(_, build)| build.sources.values());
    let known = sources.filter(|source| matches!(source.checksum, ChecksumOrigin::Known(_)));
    let named = known.filter_map(|source| {
        let (form, what, sha256) = source.fetch.download()?;
        Some((
            (form.as_str().to_owned(), what.to_owned()),
            sha256?.to_owned(),
        ))
    });
    named.collect()
}
