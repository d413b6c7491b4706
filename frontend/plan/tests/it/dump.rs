//! Writes a plan as text, with everything but its spans.

use std::fmt::Write as _;

use plan::{ChecksumOrigin, Content, Fetch, Plan, Planned, PlannedBuild};

pub(super) fn dump(plan: &Plan) -> String {
    let mut text = format!("base {}\n", plan.base.value);
    let packages = plan.union_packages();
    let packages: Vec<&str> = packages.keys().map(spec::PackageName::as_str).collect();
    if !packages.is_empty() {
        writeln!(text, "packages {}", packages.join(" ")).unwrap();
    }
    for (name, value) in &plan.environment {
        writeln!(text, "environment {name}={value}").unwrap();
    }
    for folder in &plan.path {
        writeln!(text, "path {folder}").unwrap();
    }
    if let Some(snapshot) = &plan.snapshot {
        writeln!(text, "snapshot {}", snapshot.value.moment()).unwrap();
    }
    if let Some(workdir) = &plan.workdir {
        writeln!(text, "workdir {workdir}").unwrap();
    }
    for (key, value) in &plan.labels {
        writeln!(text, "label {key}={value}").unwrap();
    }
    for extension in &plan.extensions {
        dump_extension(&mut text, extension);
    }
    text
}

fn dump_extension(text: &mut String, extension: &Planned) {
    write!(text, "{}", extension.name).unwrap();
    for (index, name) in extension.requires.iter().enumerate() {
        let word = if index == 0 { " requires " } else { ", " };
        write!(text, "{word}{name}").unwrap();
    }
    if extension.is_in_union {
        text.push_str(" in the union");
    }
    text.push('\n');
    for package in extension.packages.keys() {
        if extension.is_in_union {
            break;
        }
        writeln!(text, "  package {package}").unwrap();
    }
    for repository in &extension.repositories {
        let suite = repository.suite.as_deref().unwrap_or("-");
        let components = repository.components.join(" ");
        let key = show_content(&repository.key);
        let kind = repository.key_kind;
        let url = &repository.url;
        writeln!(text, "  repository {url} {suite} {components} {kind} {key}").unwrap();
    }
    for step in &extension.steps {
        writeln!(
            text,
            "  installs {:?} {:?}",
            step.run.trim_end(),
            step.network
        )
        .unwrap();
    }
    for (name, value) in &extension.parameters {
        writeln!(text, "  parameter {name}={value}").unwrap();
    }
    if let Some(build) = &extension.build {
        dump_build(text, build);
    }
    for file in &extension.files {
        let mode = file.mode.map_or("-".to_owned(), |mode| format!("{mode:o}"));
        let (user, group) = file.owner;
        let content = show_content(&file.content);
        writeln!(text, "  file {} {mode} {user}:{group} {content}", file.to).unwrap();
    }
    if extension.has_bash_fragment {
        text.push_str("  has a bash fragment\n");
    }
    for test in &extension.tests {
        writeln!(text, "  test {:?} expects {:?}", test.run, test.expect).unwrap();
    }
}

fn dump_build(text: &mut String, build: &PlannedBuild) {
    write!(text, "  build on {}", build.image).unwrap();
    for package in build.packages.keys() {
        write!(text, " {package}").unwrap();
    }
    text.push('\n');
    for (name, source) in &build.sources {
        let place = match source.checksum {
            ChecksumOrigin::Definition => "",
            ChecksumOrigin::Spec(_) => " given in the spec",
            ChecksumOrigin::Known(_) => " known from elsewhere",
            ChecksumOrigin::Missing(_) => " to be looked up",
        };
        writeln!(text, "  source {name} {}{place}", show_fetch(&source.fetch)).unwrap();
    }
    for step in &build.steps {
        writeln!(text, "  step {:?} {:?}", step.run.trim_end(), step.network).unwrap();
        for cache in &step.cache {
            writeln!(text, "    cache {} {}", cache.id, cache.path).unwrap();
        }
        for secret in &step.secrets {
            write!(text, "    secret {} {:?}", secret.id, secret.need).unwrap();
            if let Some(file) = &secret.file {
                write!(text, " {file}").unwrap();
            }
            if let Some(variable) = &secret.environment {
                write!(text, " ${variable}").unwrap();
            }
            text.push('\n');
        }
        for agent in &step.agents {
            writeln!(text, "    ssh {agent}").unwrap();
        }
    }
    for path in build.outputs.iter().flat_map(|outputs| outputs.keys()) {
        writeln!(text, "  output {path}").unwrap();
    }
}

fn show_fetch(fetch: &Fetch) -> String {
    let short = |sha256: &Option<String>| match sha256 {
        Some(digits) => digits[..4].to_owned(),
        None => "unverified".to_owned(),
    };
    match fetch {
        Fetch::Registry {
            registry,
            package,
            sha256,
            ..
        } => format!("{registry:?} {package} {}", short(sha256)),
        Fetch::Url { url, sha256 } => format!("{url} {}", short(sha256)),
        Fetch::Git { repository, commit } => format!("{repository} {commit}"),
        Fetch::Image { image, path } => format!("{image} {path}"),
        Fetch::Files(files) => show_content(files),
    }
}

fn show_content(content: &Content) -> String {
    let file = |(bytes, executable): &(Vec<u8>, bool)| {
        let mark = if *executable { " +x" } else { "" };
        format!("{:?}{mark}", String::from_utf8_lossy(bytes))
    };
    match content {
        Content::File(bytes, executable) => file(&(bytes.clone(), *executable)),
        Content::Folder(files) => {
            let files: Vec<String> = files
                .iter()
                .map(|(name, content)| format!("{name} {}", file(content)))
                .collect();
            format!("[{}]", files.join(", "))
        }
        Content::Context(path) => format!("context {path}"),
        Content::NamedContext(name, path) => format!("context {name}: {path}"),
    }
}
