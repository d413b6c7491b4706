//! Snapshots of what is decoded from fixtures.

use crate::tests::fixtures::FIXTURES;
use crate::tests::{File, read};

/// What a file says, without spans and the names of types, and with one line for each value at the top
/// level.
fn tree(name: &str) -> String {
    let (kind, name) = name.split_once('/').unwrap();
    let file = if kind == "image" {
        File::Image
    } else {
        File::Extension
    };
    let is_meant = |(of, listed, _): &&(File, &str, &str)| *of == file && *listed == name;
    let (_, _, text) = FIXTURES.iter().find(is_meant).unwrap();
    let read = read(file, text);
    let shown = match (&read.image, &read.extension) {
        (Some(image), _) => format!("{image:?}"),
        (_, Some(extension)) => format!("{extension:?}"),
        _ => panic!("{name} is valid:\n{}", read.shown()),
    };
    let mut plain = without_places(&shown);
    plain = plain.replace(
        "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
        "5891…",
    );
    for name in ["Source", "Step", "Use", "InstalledFile"] {
        plain = plain.replace(&format!("{name} {{"), &format!("\n- {name} {{"));
    }
    for key in KEYS {
        plain = plain.replace(&format!(", {key}: "), &format!("\n{key}: "));
    }
    plain.replace(", \n", "\n")
}

/// The fields that begin a new line.
const KEYS: &[&str] = &[
    "extensions",
    "packages",
    "environment",
    "snapshot",
    "workdir",
    "labels",
    "parameters",
    "requires",
    "build",
    "install",
    "shell",
    "tests",
    "sources",
    "steps",
    "outputs",
    "files",
    "used",
    "kind",
    "path",
];

fn without_places(shown: &str) -> String {
    let mut plain = String::new();
    let mut rest = shown;
    while let Some(at) = rest.find("span: Span { ") {
        plain.push_str(rest[..at].trim_end_matches([',', ' ']));
        // `} }` ends a span that is the last field of its value.
        let end = rest[at..].find('}').unwrap() + at + 1;
        rest = &rest[end..];
    }
    plain.push_str(rest);
    for word in [
        "Spanned { value: ",
        "ExtensionName(",
        "ParameterName(",
        "VariableName(",
        "PackageName(",
        "ImagePath(",
        "SourceName(",
        "Sha256(",
        "ImageReference(",
        "Some(",
    ] {
        plain = unwrapped(&plain, word);
    }
    plain
}

/// Removes `word` and the bracket that closes the one at its end.
fn unwrapped(shown: &str, word: &str) -> String {
    let mut plain = String::new();
    let mut rest = shown;
    while let Some(at) = rest.find(word) {
        plain.push_str(&rest[..at]);
        rest = &rest[at + word.len()..];
        let mut depth = 0;
        let mut in_text = false;
        let mut last = ' ';
        let end = rest
            .find(|letter| {
                if letter == '"' && last != '\\' {
                    in_text = !in_text;
                }
                last = letter;
                match letter {
                    _ if in_text => {}
                    '(' | '{' | '[' => depth += 1,
                    ')' | '}' | ']' => depth -= 1,
                    _ => {}
                }
                depth < 0
            })
            .unwrap();
        let inner = unwrapped(rest[..end].trim_end(), word);
        plain.push_str(&inner);
        rest = &rest[end + 1..];
    }
    plain.push_str(rest);
    plain
}

#[test]
fn image_design() {
    insta::assert_snapshot!(tree("image/design"), @r#"
    Image { arguments: {}, base: "ubuntu:24.04"
    extensions: [
    - Use { used: Named("curl"), with: {}, after: [] }
    - Use { used: Named("uv"), with: {}, after: [] }
    - Use { used: Named("node"), with: {"version": "24"}, after: [] }
    - Use { used: Folder("tools/planner"), with: {}, after: [] }
    - Use { used: Inline(Extension { name: "site-tools", description: None
    parameters: {}
    requires: []
    build: None
    install: Install { packages: ["graphviz"], union: None, repositories: []
    files: []
    steps: [] }
    environment: {}
    path: []
    shell: Shell { bash: None, profile: None }
    tests: [] }), with: {}, after: [] }]
    packages: Isolated
    snapshot: None
    environment: {"EDITOR": "nvim"}
    path: []
    workdir: "/workspace"
    labels: {} }
    "#);
}

#[test]
fn image_arguments() {
    insta::assert_snapshot!(tree("image/arguments"), @r#"
    Image { arguments: {ArgumentName("ROOT"): Argument { value: "/opt", default: "/opt", description: "where tools are" }, ArgumentName("TAG"): Argument { value: "24.04", default: "24.04", description: None }}, base: "ubuntu:24.04"
    extensions: [
    - Use { used: Named("uv"), with: {"version": "24.04"}, after: [] }]
    packages: Isolated
    snapshot: None
    environment: {"COST": "$5", "RELEASE": "24.04"}
    path: ["/opt/bin"]
    workdir: "/opt"
    labels: {"release": "24.04"} }
    "#);
}

#[test]
fn image_written_text() {
    insta::assert_snapshot!(tree("image/written_text"), @r#"
    Image { arguments: {}, base: "debian"
    extensions: [
    - Use { used: Named("uv"), with: {}, after: [] }
    - Use { used: Folder("tools/a"), with: {"big": "1e3", "empty": "", "mode": "0644", "version": "1.10", "yes": "NO"}, after: [] }
    - Use { used: Inline(Extension { name: "2to3", description: None
    parameters: {}
    requires: ["uv", "7zip"]
    build: None
    install: Install { packages: [], union: None, repositories: []
    files: []
    steps: [] }
    environment: {}
    path: []
    shell: Shell { bash: None, profile: None }
    tests: [] }), with: {}, after: [] }]
    packages: Union
    snapshot: None
    environment: {"EMPTY": "", "MODE": "0644", "NORWAY": "NO", "NULL_TEXT": "null", "ON": "true", "VERSION": "1.20"}
    path: ["/opt/bin", "/usr/bin/x"]
    workdir: None
    labels: {"lines": "one\ntwo\n", "org.opencontainers.image.title": "a title"} }
    "#);
}

#[test]
fn extension_design() {
    insta::assert_snapshot!(tree("extension/design"), @r#"
    Extension { name: "uv", description: "Python package and project manager"
    parameters: {"version": Parameter { default: "0.9.5", description: "release to install" }}
    requires: []
    build: Build { on: Default
    packages: ["unzip"]
    sources: [
    - Source { kind: Pypi { package: Template { parts: [Text("uv=="), Parameter("version")] }, check: ByArchitecture({"amd64": "5891…", "arm64": "5891…"}) }, to: "uv.whl" }]
    steps: [
    - Step { run: "unzip -q \"$SOURCES/uv.whl\" && install -D uv \"$OUT/usr/local/bin/uv\"", network: None, cache: [CacheMount { id: CacheId("uv")
    path: "/root/.cache/uv" }], secrets: [], agents: [] }]
    outputs: ["/usr/local/bin/uv"] }
    install: Install { packages: ["ca-certificates"], union: None, repositories: []
    files: [
    - InstalledFile { content: Path("uv.toml"), to: "/etc/uv/uv.toml", mode: 420, owner: None }]
    steps: [] }
    environment: {"UV_LINK_MODE": Template { parts: [Text("copy")] }}
    path: ["/usr/local/bin"]
    shell: Shell { bash: "eval \"$(uv generate-shell-completion bash)\"", profile: "true" }
    tests: [Test { run: "uv --version", expect: Template { parts: [Text("uv "), Parameter("version")] } }] }
    "#);
}

#[test]
fn extension_secrets() {
    insta::assert_snapshot!(tree("extension/secrets"), @r#"
    Extension { name: "private", description: None
    parameters: {}
    requires: []
    build: Build { on: None
    packages: []
    sources: []
    steps: [
    - Step { run: "fetch", network: Default, cache: [], secrets: [Secret
    - Use { id: SecretId("token")
    path: None
    environment: None, need: Optional }, Secret
    - Use { id: SecretId("npmrc")
    path: "/root/.npmrc"
    environment: None, need: Required }, Secret
    - Use { id: SecretId("key")
    path: None
    environment: "API_KEY", need: Optional }, Secret
    - Use { id: SecretId("both")
    path: "/both"
    environment: "both", need: Required }], agents: [AgentId("default")] }
    - Step { run: "clone", network: Default, cache: [], secrets: [], agents: [AgentId("default"), AgentId("work")] }]
    outputs: None }
    install: Install { packages: [], union: None, repositories: []
    files: []
    steps: [] }
    environment: {}
    path: []
    shell: Shell { bash: None, profile: None }
    tests: [] }
    "#);
}

#[test]
fn extension_sources() {
    insta::assert_snapshot!(tree("extension/sources"), @r#"
    Extension { name: "sources", description: None
    parameters: {"commit": Parameter { default: None, description: None }, "mirror": Parameter { default: "https://example.org", description: None }, "version": Parameter { default: "1.10.0", description: None }}
    requires: []
    build: Build { on: Image("debian:13-slim")
    packages: []
    sources: [
    - Source { kind: Npm { package: Template { parts: [Text("@scope/name@"), Parameter("version")] }, check: One("5891…") }, to: "npm.tgz" }
    - Source { kind: Crate { package: Template { parts: [Text("ripgrep@15.0.0")] }, check: Unverified(Span { source: SourceId(0), start: 297, end: 313 }) }, to: "ripgrep" }
    - Source { kind: Url { url: Template { parts: [Parameter("mirror"), Text("/x.tar.gz")] }, check: ByArchitecture({"386": "5891…"}) }, to: "x.tar.gz" }
    - Source { kind: Git { repository: Template { parts: [Text("https://example.org/x.git")] }, commit: Template { parts: [Parameter("commit")] } }, to: "x" }
    - Source { kind: Git { repository: Template { parts: [Text("https://example.org/y.git")] }, commit: Template { parts: [Text("0123456789abcdef0123456789abcdef01234567")] } }, to: "y" }
    - Source { kind: Image { image: Template { parts: [Text("alpine:3.22")] }
    path: "/usr/bin" }, to: "alpine" }
    - Source { kind: Context { path: "files" }, to: "files" }]
    steps: [
    - Step { run: "make", network: Default, cache: [], secrets: [], agents: [] }
    - Step { run: "make install DESTDIR=\"$OUT\"\n", network: Default, cache: [], secrets: [], agents: [] }]
    outputs: None }
    install: Install { packages: [], union: None, repositories: []
    files: []
    steps: [] }
    environment: {}
    path: []
    shell: Shell { bash: None, profile: None }
    tests: [] }
    "#);
}

#[test]
fn extension_files() {
    insta::assert_snapshot!(tree("extension/files"), @r#"
Extension { name: "files", description: None
parameters: {}
requires: []
build: None
install: Install { packages: [], union: None, repositories: []
files: [
- InstalledFile { content: Path("a/b"), to: "/usr/bin/a", mode: None, owner: None }
- InstalledFile { content: Text(Template { parts: [Text("cost: $5")] }), to: "/etc/cost", mode: 2541, owner: (1000, 1000) }
- InstalledFile { content: Text(Template { parts: [Text("line\n")] }), to: "/srv/line", mode: None, owner: (0, 50) }]
steps: [] }
environment: {}
path: []
shell: Shell { bash: None, profile: None }
tests: [Test { run: "test -f /etc/cost", expect: None }] }
"#);
}
