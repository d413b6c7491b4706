//! Tests through the entry points: they read a text and look at the diagnostics or at the result.

mod agreement;
mod arguments;
mod codes;
mod codes_of_yaml;
mod details;
mod fixtures;
mod forms;
mod misplaced;
mod names;
mod pages;
mod partial;
mod properties;
mod rules;
mod sources;
mod steps;
mod traps;
mod trees;
mod warning_rules;

use std::fmt::Write as _;

use source::{Code, Diagnostics, Severity, Sources};

use crate::{Extension, Image, parse_extension, parse_image};

/// What kind of file a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum File {
    Image,
    Extension,
}

/// A text that was read, and what came of it.
struct Read {
    sources: Sources,
    diagnostics: Diagnostics,
    image: Option<Image>,
    extension: Option<Extension>,
}

fn read(file: File, text: &str) -> Read {
    let mut sources = Sources::new();
    let id = sources.add("inlay.yaml", text);
    let mut diagnostics = Diagnostics::new();
    let (image, extension) = match file {
        File::Image => (parse_image(&mut diagnostics, &sources, id).ok(), None),
        File::Extension => (None, parse_extension(&mut diagnostics, &sources, id).ok()),
    };
    let is_read = image.is_some() || extension.is_some();
    assert!(
        is_read || diagnostics.has_errors(),
        "`Err` means that something was reported: {text}"
    );
    Read {
        sources,
        diagnostics,
        image,
        extension,
    }
}

impl Read {
    /// The diagnostics: a line for each, with the text that it points at, and a line for its help.
    fn shown(&self) -> String {
        let mut shown = String::new();
        for diagnostic in self.diagnostics.iter() {
            let span = diagnostic.primary;
            let start = self.sources.start(span);
            let text = &self.sources.get(span.source).text;
            let written = &text[span.start as usize..span.end as usize];
            let written = written.lines().next().unwrap_or("");
            let code = diagnostic.code;
            let (line, column) = (start.line, start.column);
            writeln!(
                shown,
                "{code} {line}:{column} [{written}] {}",
                diagnostic.message
            )
            .unwrap();
            for label in &diagnostic.labels {
                let at = self.sources.start(label.span);
                writeln!(shown, "  {}:{} {}", at.line, at.column, label.message).unwrap();
            }
            if let Some(help) = &diagnostic.help {
                writeln!(shown, "  help: {help}").unwrap();
            }
        }
        shown
    }

    fn codes(&self) -> Vec<Code> {
        self.diagnostics
            .iter()
            .map(|diagnostic| diagnostic.code)
            .collect()
    }

    fn errors(&self) -> usize {
        let codes = self.codes();
        let is_error = |code: &&Code| code.severity() == Severity::Error;
        codes.iter().filter(is_error).count()
    }
}

/// The diagnostics of a spec.
fn image(text: &str) -> String {
    read(File::Image, text).shown()
}

/// The diagnostics of an extension's file.
fn extension(text: &str) -> String {
    read(File::Extension, text).shown()
}

/// The diagnostics of an extension that has this source and is otherwise valid.
fn one_source(text: &str) -> String {
    let mut file =
        "name: x\nparameters: {version: '1'}\nbuild:\n  steps: [make]\n  sources:\n".to_owned();
    for (index, line) in text.lines().enumerate() {
        let indent = if index == 0 { "  - " } else { "    " };
        writeln!(file, "{indent}{line}").unwrap();
    }
    extension(&file)
}
