//! What can be asked for, and what is refused before anything is installed.

use crate::Ground;
use crate::states::repository::Repository;
use crate::states::{build_spec, installed, spec_of, versions};

/// A package can be asked for in a version, of a release or an architecture. What is not there is refused before anything is
/// installed.
#[test]
#[cfg_attr(not(engine), ignore = "needs an engine: RUN_ENGINE_TESTS=1")]
fn a_package_is_exactly_what_is_asked_for_or_refused() {
    let ground = Ground::get();
    let repository = Repository::new(ground);
    let base = repository.base(ground);
    let make = |package: &str| {
        let packages = format!("p8, '{package}'");
        let spec = spec_of([
            ("other".to_owned(), "p5"),
            ("x".to_owned(), packages.as_str()),
        ]);
        build_spec(ground, &base, &spec)
    };
    for package in ["p0=1", "p0/test", "p0/stable", "p0:all"] {
        let outcome = make(package).succeed();
        assert_eq!(
            versions(&outcome),
            "libshared=1 p0=1 p5=1 p8=1",
            "{package}"
        );
    }
    let mut said = Vec::new();
    for package in ["p0=2", "p0=1*", "p0/sid", "p0:s390x", "p00", "against=1"] {
        let outcome = make(package).fail();
        assert_eq!(installed(&outcome), [""; 0], "{package}");
        let text = outcome.text();
        let at = text
            .rfind("inlay.yaml:5:")
            .unwrap_or_else(|| panic!("{text}"));
        said.push(text[at..].trim_end().to_owned());
    }
    insta::assert_snapshot!(said.join("\n"), @"
    inlay.yaml:5:40: apt cannot install these packages, `p0=2 p8`: Version '2' for 'p0' was not found [E0251]; help: ask for another version or release, or take out what cannot be had
    inlay.yaml:5:40: `p0=1*` is not a valid package name: a version is written in full, such as `jq=1.6-2.1`; a lock keeps the versions that were installed [E0104]
    inlay.yaml:5:40: apt cannot install these packages, `p0/sid p8`: Release 'sid' for 'p0' was not found [E0251]; help: ask for another version or release, or take out what cannot be had
    inlay.yaml:5:40: apt cannot install these packages, `p0:s390x p8`: Unable to locate package p0:s390x [E0251]; help: write `p0`, or use a base to which `dpkg --add-architecture s390x` has added the architecture
    inlay.yaml:5:40: there is no package `p00` in the archive of the image [E0250]; help: packages with similar names: `p0`
    inlay.yaml:5:3: extensions `other` and `x` cannot be combined: `x` installs `against` 1, which declares `Conflicts: p5`, and `other` installs `p5` 1 [E0253]; help: no system can have both packages: remove one of the two extensions
    ");
}
