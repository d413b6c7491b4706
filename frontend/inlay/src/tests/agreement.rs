//! `inlay check` and `--call=check` find the same: the same codes at the same places.
//!
//! Both are run on the same files, one on a disk and one on an engine.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

use gateway::fake::Fake;
use gateway::{
    CacheImport, Engine, Error, Evaluation, Gateway, Grpc, ImageRequest, Reference, ResolvedImage,
    Warning, pb,
};
use source::Code;

use crate::offline::run;
use crate::tests::{catalogue, options, script};
use crate::{CatalogueFiles, answer};

/// What a check found.
struct Found {
    /// Such as `E0101 inlay.yaml:2:1`.
    findings: BTreeSet<String>,
    /// Whether a build would fail, or the status of `inlay check`.
    fails: bool,
}

/// Runs both checks on a text, which have to agree, and says what they found.
///
/// The text begins with the second line of the spec. A line `//- extensions/a/extension.yaml` begins a
/// file of the catalogue, and `//- a/rc` a file of the build context.
fn agree(text: &str, arguments: &[&str]) -> String {
    let text = format!("//- inlay.yaml\n# syntax=x\n{text}");
    let files: Vec<(&str, &str)> = text
        .split("//- ")
        .skip(1)
        .map(|part| part.split_once('\n').unwrap())
        .collect();
    let disk = check_on_disk(&files, arguments);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let engine = runtime
        .unwrap()
        .block_on(check_on_engine(&files, arguments));
    assert_eq!(disk.findings, engine.findings, "on\n{text}");
    assert!(disk.fails || !engine.fails, "{text}");
    let mut lines: Vec<String> = disk.findings.into_iter().collect();
    if !disk.fails {
        lines.push("sound".to_owned());
    }
    lines.join(", ")
}

fn check_on_disk(files: &[(&str, &str)], arguments: &[&str]) -> Found {
    let folder = catalogue(files);
    let root = folder.path().to_str().unwrap();
    let (spec, extensions) = (format!("{root}/inlay.yaml"), format!("{root}/extensions"));
    let mut all = vec!["inlay", "check", &spec];
    all.extend(["--context", root, "--extensions", &extensions]);
    all.extend(
        arguments
            .iter()
            .flat_map(|argument| ["--build-arg", argument]),
    );
    let outcome = run(all.into_iter().map(OsString::from));
    assert!(outcome.status < 2, "{}", outcome.messages);
    let messages = outcome
        .messages
        .replace(&format!("{root}/inlay.yaml"), "inlay.yaml");
    Found {
        findings: read_rendered(&messages),
        fails: outcome.status == 1,
    }
}

async fn check_on_engine(files: &[(&str, &str)], arguments: &[&str]) -> Found {
    let folder = catalogue(files);
    let mut script = script(files[0].1);
    let mut folders = BTreeSet::new();
    for (path, content) in &files[1..] {
        script = script.with_file("local://context", path, *content);
        let parents = path.match_indices('/').map(|(at, _)| path[..at].to_owned());
        folders.extend(parents);
    }
    let workers = script.workers.clone();
    let fake = Fake::new(script);
    let grpc = fake.connect().await.unwrap();
    let gateway = WithFolders { grpc, folders };
    let arguments: Vec<(String, &str)> = arguments
        .iter()
        .map(|argument| argument.split_once('=').unwrap())
        .map(|(name, value)| (format!("build-arg:{name}"), value))
        .collect();
    let mut values = vec![("requestid", "frontend.lint")];
    values.extend(arguments.iter().map(|(key, value)| (key.as_str(), *value)));
    let mut options = options(&values);
    options.workers = workers;
    let catalogue = CatalogueFiles::in_folder(folder.path().join("extensions"));
    let reply = answer(&gateway, &options, &catalogue).await.unwrap();
    let text = String::from_utf8_lossy(&reply.metadata["result.txt"]).into_owned();
    let json: serde_json::Value = serde_json::from_slice(&reply.metadata["result.json"]).unwrap();
    let mut findings = read_rendered(&text);
    let errors = json["buildError"]["message"].as_str();
    findings.extend(
        errors
            .into_iter()
            .flat_map(str::lines)
            .filter_map(read_sentence),
    );
    Found {
        findings,
        fails: errors.is_some(),
    }
}

/// The findings of rendered diagnostics: each begins with its code, and its place is on the next line.
fn read_rendered(text: &str) -> BTreeSet<String> {
    let lines: Vec<&str> = text.lines().collect();
    let findings = lines.windows(2).filter_map(|pair| {
        let (_, rest) = pair[0].split_once('[')?;
        let (code, _) = rest.split_once("]: ")?;
        let place = pair[1].trim_start().strip_prefix("--> ")?;
        Some(format!("{code} {place}"))
    });
    findings.collect()
}

/// The finding of a sentence: `inlay.yaml:2:1: unknown key `x` [E0101]; help: …`.
fn read_sentence(sentence: &str) -> Option<String> {
    let (place, _) = sentence.trim_start().split_once(": ")?;
    let (_, rest) = sentence.split_once(" [E")?;
    Some(format!("E{} {place}", &rest[..4]))
}

/// An engine that knows folders, as real ones do.
struct WithFolders {
    grpc: Grpc,
    folders: BTreeSet<String>,
}

impl Gateway for WithFolders {
    async fn ping(&self) -> Result<Engine, Error> {
        self.grpc.ping().await
    }

    async fn resolve_image(&self, request: ImageRequest) -> Result<ResolvedImage, Error> {
        self.grpc.resolve_image(request).await
    }

    async fn solve(
        &self,
        definition: pb::Definition,
        cache_imports: &[CacheImport],
        evaluation: Evaluation,
    ) -> Result<Reference, Error> {
        self.grpc.solve(definition, cache_imports, evaluation).await
    }

    async fn read_file(&self, from: &Reference, path: &str) -> Result<Option<Vec<u8>>, Error> {
        self.grpc.read_file(from, path).await
    }

    /// Refuses to read a folder, in the words of a real engine.
    async fn read_start(
        &self,
        from: &Reference,
        path: &str,
        length_bytes: u32,
    ) -> Result<Option<Vec<u8>>, Error> {
        if self.folders.contains(path) {
            return Err(Error::Refused {
                call: "ReadFile",
                message: format!("read /tmp/mount/{path}: is a directory"),
                details: Vec::new(),
                code: 2,
            });
        }
        self.grpc.read_start(from, path, length_bytes).await
    }

    async fn inputs(&self) -> Result<BTreeMap<String, pb::Definition>, Error> {
        self.grpc.inputs().await
    }

    async fn warn(&self, warning: Warning) -> Result<(), Error> {
        self.grpc.warn(warning).await
    }
}

const SHA256: &str = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";

/// The codes that a check without an engine cannot find: it knows no images and no named contexts.
const OF_ENGINES: [Code; 12] = [
    Code::NotAnExtension,
    Code::OtherPlatform,
    Code::TriggersOfBase,
    Code::TooManyLayers,
    Code::ManyLayers,
    Code::UnknownPackage,
    Code::ImpossiblePackages,
    Code::RemovedPackages,
    Code::ConflictingPackages,
    Code::BadLock,
    Code::OtherLock,
    Code::StaleLock,
];

#[test]
fn both_checks_find_the_same() {
    let cases = [
        "base: [\n",
        "base: ubuntu:24.04\nbase: ubuntu:24.04\n",
        "base: ubuntu:24.04\nextension: [a]\n",
        "extensions: []\n",
        "base: ubuntu:24.04\nextensions: x\n",
        "base: ubuntu:24.04\nworkdir: relative\n",
        "base: ubuntu:24.04\nextensions: [{ name: a, build: { steps: [x], sources: [{ pypi: a==1, sha256: 12, to: x }] } }]\n",
        "base: ubuntu:24.04\nextensions: [{ name: a, build: { steps: [x], sources: [{ pypi: a==1, to: x }] } }]\n",
        "base: ubuntu:24.04\nextensions: [a]\n//- extensions/a/extension.yaml\nname: a\nenvironment: { A: \"${nothing}\" }\n",
        "base: ubuntu:24.04\nuser: me\n",
        "arguments: { SUITE: {} }\nbase: ubuntu:24.04\nlabels: { suite: \"${SUITE}\" }\n",
        "base: ubuntu:24.04\nextensions: [uvv, ./tools/none]\n//- extensions/uv/extension.yaml\nname: uv\n",
        "base: ubuntu:24.04\nextensions: [a]\n//- extensions/a/extension.yaml\nname: a\nrequires: [b]\n",
        "base: ubuntu:24.04\nextensions: [a: { levle: x }]\n//- extensions/a/extension.yaml\nname: a\nparameters: { level: x }\n",
        "base: ubuntu:24.04\nextensions: [a]\n//- extensions/a/extension.yaml\nname: a\nparameters: { level: {} }\n",
        "base: ubuntu:24.04\nextensions: [a]\n//- extensions/a/extension.yaml\nname: a\nrequires: [b]\n//- extensions/b/extension.yaml\nname: b\nrequires: [a]\n",
        "base: ubuntu:24.04\nextensions: [a, a: { level: y }]\n//- extensions/a/extension.yaml\nname: a\nparameters: { level: x }\n",
        "base: ubuntu:24.04\nextensions:\n- { name: a, install: { files: [{ text: x, to: /x }] } }\n- { name: b, install: { files: [{ text: y, to: /x }] } }\n",
        "base: ubuntu:24.04\nextensions:\n- { name: a, environment: { X: a } }\n- { name: b, environment: { X: b } }\n",
        "base: ubuntu:24.04\nextensions: [a: { version: \"2\" }]\n//- extensions/a/extension.yaml\nname: a\nparameters: { version: \"1\" }\nbuild: { steps: [x], sources: [{ pypi: \"a==${version}\", sha256: SHA256, to: x }] }\n",
        "base: ubuntu:24.04\nextensions:\n- name: a\n  build: { steps: [x], sources: [{ pypi: a==1, sha256: { arm64: SHA256 }, to: x }] }\n",
        "base: ubuntu:24.04\nextensions: [a]\n//- extensions/a/extension.yaml\nname: b\n",
        "base: ubuntu:24.04\nextensions: [a]\n//- extensions/a/extension.yaml\nname: a\ninstall: { files: [{ from: gone, to: /x }] }\n//- extensions/a/file\nx\n",
        "base: ubuntu:24.04\nextensions: [a, b]\n//- extensions/a/extension.yaml\nname: a\ninstall: { repositories: [{ url: https://x.org, suite: ./, key: a.asc }] }\n//- extensions/a/a.asc\none\n//- extensions/b/extension.yaml\nname: b\ninstall: { repositories: [{ url: https://x.org, suite: ./, key: b.asc }] }\n//- extensions/b/b.asc\ntwo\n",
        "base: ubuntu:24.04\nextensions: [{ name: a, build: { steps: [x], sources: [{ pypi: a==1, unverified: true, to: x }] } }]\n",
        "base: ubuntu:24.04\nextensions:\n- { name: a, install: { repositories: [{ url: https://x.org, suite: ./, key: a.asc }] } }\n- { name: b, install: { repositories: [{ url: https://x.org, suite: ./, key: b.asc }] } }\n//- a.asc\none\n//- b.asc\ntwo\n",
        "base: ubuntu:24.04\nextensions:\n- { name: a, install: { steps: [\"update-alternatives --set editor /a\"] } }\n- { name: b, install: { steps: [\"update-alternatives --set editor /b\"] } }\n",
        "base: ubuntu:24.04\nextensions:\n- { name: a, install: { packages: [php8.2-cli] } }\n- { name: b, install: { packages: [php8.2-mysql] } }\n",
        "base: ubuntu:24.04\nextensions:\n- name: a\n  parameters: { version: \"1\" }\n  install: { steps: [\"echo ${version}\"] }\n",
        "base: ubuntu:24.04\nextensions: [a, a]\n//- extensions/a/extension.yaml\nname: a\n",
        "base: ubuntu:24.04\nextensions: [./a]\n//- a/extension.yaml\nname: a\nbuild: { steps: [{ run: x, secrets: [{ id: y }] }] }\n",
        "base: ubuntu:24.04\nextensions: [{ name: a, build: { steps: [x], sources: [{ url: \"https://a:b@x.org/c\", sha256: SHA256, to: x }] } }]\n",
    ];
    let found: Vec<String> = cases
        .iter()
        .map(|case| agree(&case.replace("SHA256", SHA256), &[]))
        .collect();
    insta::assert_snapshot!(found.join("\n"), @"
    E0001 inlay.yaml:2:7
    E0002 inlay.yaml:3:1
    E0101 inlay.yaml:3:1
    E0102 inlay.yaml:2:1
    E0103 inlay.yaml:3:13
    E0104 inlay.yaml:3:10
    E0105 inlay.yaml:3:78
    E0106 inlay.yaml:3:64
    E0107 extensions/a/extension.yaml:2:19
    E0108 inlay.yaml:3:1
    E0120 inlay.yaml:2:14
    E0201 inlay.yaml:3:14, E0201 inlay.yaml:3:19
    E0201 extensions/a/extension.yaml:2:12
    E0202 inlay.yaml:3:26
    E0203 inlay.yaml:3:14
    E0204 extensions/a/extension.yaml:2:12
    E0205 inlay.yaml:3:17
    E0206 inlay.yaml:5:33
    E0207 inlay.yaml:5:32
    E0208 inlay.yaml:3:28
    E0209 inlay.yaml:5:34
    E0210 extensions/a/extension.yaml:1:7
    E0211 extensions/a/extension.yaml:2:28
    E0212 extensions/b/extension.yaml:2:27
    W0001 inlay.yaml:3:70, sound
    W0002 inlay.yaml:5:40, sound
    W0003 inlay.yaml:5:33, sound
    W0004 inlay.yaml:5:36, sound
    W0005 inlay.yaml:6:22, sound
    W0006 inlay.yaml:3:17, sound
    W0010 inlay.yaml:3:14, sound
    W0011 inlay.yaml:3:63, sound
    ");
    let found = found.join("\n") + &agree("base: ubuntu:24.04\n", &["SUITE=x"]);
    for code in Code::ALL.iter().filter(|code| !OF_ENGINES.contains(code)) {
        assert!(found.contains(code.id()), "no case shows {code}");
    }
}

#[test]
fn both_checks_find_the_same_in_folders_and_in_the_spec() {
    let found = [
        // Files of the build context that are not there, wherever they are named.
        agree(
            "base: ubuntu:24.04
extensions:
  - ./tools/a
  - name: b
    build: { steps: [x], sources: [{ context: src, to: s }, { context: gone, to: g }] }
//- tools/a/extension.yaml
name: a
install:
  files: [{ from: rc, to: /rc }, { from: gone, to: /gone }, { from: folder, to: /folder }]
  repositories: [{ url: https://x.org, suite: ./, key: key.asc }]
//- tools/a/rc
x
//- tools/a/folder/file
x
//- src/main.c
x
",
            &[],
        ),
        // A broken extension hides no other problem.
        agree(
            "base: ubuntu:24.04
extensions:
  - ./tools/a
  - b
  - c: { levle: x }
  - { name: d, install: { files: [{ from: gone, to: /x }] } }
workdir: relative
//- tools/a/extension.yaml
nam: a
//- extensions/b/extension.yaml
name: b
instal: {}
//- extensions/c/extension.yaml
name: c
parameters: { level: x }
",
            &["VERSION=1"],
        ),
        // A requirement of an extension in a folder, which another folder meets.
        agree(
            "base: ubuntu:24.04
extensions: [./a, ./b]
//- a/extension.yaml
name: a
requires: [b, c]
//- b/extension.yaml
name: b
//- extensions/c/extension.yaml
name: c
requires: [d]
",
            &[],
        ),
    ];
    insta::assert_snapshot!(found.join("\n"), @"
    E0211 inlay.yaml:6:72, E0211 tools/a/extension.yaml:3:42, E0211 tools/a/extension.yaml:4:56
    E0101 extensions/b/extension.yaml:2:1, E0101 tools/a/extension.yaml:1:1, E0104 inlay.yaml:8:10, E0121 inlay.yaml:2:7, E0202 inlay.yaml:6:17, E0211 inlay.yaml:7:43
    E0201 extensions/c/extension.yaml:2:12
    ");
}

#[test]
fn both_checks_take_the_same_arguments() {
    let spec = "arguments: { SUITE: { description: of Ubuntu }, TEAM: us }
base: ubuntu:${SUITE}
labels: { team: \"${TEAM}\" }
";
    let found = [
        agree(spec, &["SUITE=24.04"]),
        agree(spec, &[]),
        agree(spec, &["SUITE=24.04", "TEAMS=x", "SUIT=y"]),
        agree(spec, &["SUITE=24 04"]),
        agree(spec, &["SUITE=24.04", "HTTP_PROXY=x", "BUILDKIT_X=y"]),
        agree("base: ubuntu:24.04\n", &["SUITE=x"]),
    ];
    insta::assert_snapshot!(found.join("\n"), @"
    sound
    E0120 inlay.yaml:2:14
    E0121 inlay.yaml:2:14
    E0104 inlay.yaml:3:7
    sound
    E0121 inlay.yaml:2:7
    ");
}

#[test]
fn both_checks_follow_the_rules_of_warnings() {
    let spec = "base: ubuntu:24.04
extensions:
  - { name: a, build: { steps: [x], sources: [{ pypi: a==1, unverified: true, to: x }] } }
";
    let with = |rules: &str| format!("# check={rules}\n{spec}");
    let found = [
        agree(spec, &[]),
        agree(&with("skip=W0001"), &[]),
        agree(&with("skip=all"), &[]),
        agree(&with("error=true"), &[]),
        agree(&with("skip=W0001;error=true"), &[]),
        agree(&with("skips=W0001"), &[]),
        agree(&with("skip=W0001"), &["BUILDKIT_DOCKERFILE_CHECK=skip=X"]),
        agree(spec, &["BUILDKIT_DOCKERFILE_CHECK=skip=all"]),
        agree(spec, &["BUILDKIT_DOCKERFILE_CHECK=error=true"]),
    ];
    insta::assert_snapshot!(found.join("\n"), @"
    W0001 inlay.yaml:4:61, sound
    sound
    sound
    W0001 inlay.yaml:5:61
    sound
    E0104 inlay.yaml:2:1, W0001 inlay.yaml:5:61
    W0001 inlay.yaml:5:61, sound
    sound
    W0001 inlay.yaml:4:61
    ");
}
