//! Which Debian packages a bill of materials lists, and which extensions they belong to.

use serde_json::json;

use crate::{SbomJob, SbomOwner, SbomRoot, complete_sbom};

const BASE: &str = "Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.36-9

Package: old
Status: deinstall ok config-files
Architecture: amd64
Version: 1

";

fn package(name: &str, version: &str, more: &str) -> String {
    format!(
        "Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n{more}\n"
    )
}

/// Each package with its URL and the extensions that it belongs to.
fn list_packages(job: &SbomJob, statuses: &[String]) -> String {
    let os_release = b"PRETTY_NAME=\"Debian\"\nID=debian\nVERSION_ID=\"12\"\n";
    let statuses: Vec<Vec<u8>> = statuses
        .iter()
        .map(|text| text.clone().into_bytes())
        .collect();
    let document = complete_sbom(job, os_release, BASE.as_bytes(), &statuses);
    let lines = document["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| {
            let relationships = document["relationships"].as_array().unwrap().iter();
            let owners: Vec<&str> = relationships
                .filter(|one| one["relatedSpdxElement"] == package["SPDXID"])
                .map(|one| one["spdxElementId"].as_str().unwrap())
                .collect();
            let locator = package["externalRefs"][0]["referenceLocator"].as_str();
            format!(
                "{} {}: {}",
                package["SPDXID"].as_str().unwrap(),
                locator.unwrap(),
                owners.join(" ")
            )
        });
    lines.collect::<Vec<_>>().join("\n")
}

fn job(roots: Vec<SbomRoot>) -> SbomJob {
    SbomJob {
        document: json!({ "documentNamespace": "https://x.org/y", "packages": [], "relationships": [] }),
        image: "image".to_owned(),
        base: "base".to_owned(),
        roots,
    }
}

fn owner(id: &str, asked: Option<&[&str]>) -> SbomOwner {
    SbomOwner {
        id: id.to_owned(),
        asked: asked.map(|asked| asked.iter().map(|name| (*name).to_owned()).collect()),
    }
}

fn root(below: &[usize], owners: Vec<SbomOwner>) -> SbomRoot {
    SbomRoot {
        status: String::new(),
        below: below.to_vec(),
        owners,
    }
}

#[test]
fn packages_of_one_set_belong_to_the_extensions_that_need_them() {
    let status = BASE.to_owned()
        + &package(
            "git",
            "1:2.39.5+b1",
            "Depends: libc6 (>= 2.34), libcurl | other, git-man\nRecommends: less\n",
        )
        + &package("git-man", "1:2.39.5", "")
        + &package("libcurl4", "7.88", "Provides: libcurl (= 7.88)\n")
        + &package("curl", "7.88", "Pre-Depends: libcurl4:any (= 7.88)\n")
        + &package("stray", "1", "");
    let owners = vec![owner("git", Some(&["git"])), owner("curl", Some(&["curl"]))];
    insta::assert_snapshot!(list_packages(&job(vec![root(&[], owners)]), &[status]), @"
    SPDXRef-deb-0-curl pkg:deb/debian/curl@7.88?arch=amd64&distro=debian-12: curl
    SPDXRef-deb-1-git pkg:deb/debian/git@1:2.39.5%2Bb1?arch=amd64&distro=debian-12: git
    SPDXRef-deb-2-git-man pkg:deb/debian/git-man@1:2.39.5?arch=amd64&distro=debian-12: git
    SPDXRef-deb-3-libc6 pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12: base
    SPDXRef-deb-4-libcurl4 pkg:deb/debian/libcurl4@7.88?arch=amd64&distro=debian-12: curl git
    SPDXRef-deb-5-stray pkg:deb/debian/stray@1?arch=amd64&distro=debian-12: image
    ");
}

#[test]
fn packages_installed_alone_belong_to_their_extension_except_those_below() {
    let a = BASE.to_owned() + &package("a", "1", "") + &package("shared", "1", "");
    let b = a.clone() + &package("b", "1", "");
    let c = BASE.to_owned() + &package("c", "1", "") + &package("shared", "1", "");
    let roots = vec![
        root(&[], vec![owner("A", None)]),
        root(&[0], vec![owner("B", None)]),
        root(&[], vec![owner("C", None)]),
    ];
    insta::assert_snapshot!(list_packages(&job(roots), &[a, b, c]), @"
    SPDXRef-deb-0-a pkg:deb/debian/a@1?arch=amd64&distro=debian-12: A
    SPDXRef-deb-1-b pkg:deb/debian/b@1?arch=amd64&distro=debian-12: B
    SPDXRef-deb-2-c pkg:deb/debian/c@1?arch=amd64&distro=debian-12: C
    SPDXRef-deb-3-libc6 pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12: base
    SPDXRef-deb-4-shared pkg:deb/debian/shared@1?arch=amd64&distro=debian-12: A C
    ");
}

#[test]
fn an_upgraded_package_is_listed_once() {
    let status = package("libc6", "2.36-10", "");
    let roots = vec![root(&[], vec![owner("A", None)])];
    insta::assert_snapshot!(list_packages(&job(roots), &[status]), @"SPDXRef-deb-0-libc6 pkg:deb/debian/libc6@2.36-10?arch=amd64&distro=debian-12: A");
}

#[test]
fn a_namespace_belongs_to_one_document() {
    let namespace = |version: &str| {
        let status = package("a", version, "").into_bytes();
        let job = job(vec![root(&[], vec![owner("A", None)])]);
        complete_sbom(&job, b"", b"", &[status])["documentNamespace"].clone()
    };
    assert_eq!(namespace("1"), namespace("1"));
    assert_ne!(namespace("1"), namespace("2"));
}
