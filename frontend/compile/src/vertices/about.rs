//! What people are told of a vertex: its name, its group, its places in their files, and whether it runs again.

use buildkit_llb::{About, FileId, Group, Location, Position, Range, SourceFile};
use source::{SourceId, Span};

use crate::Rerun;
use crate::recipe::{Label, Owner};
use crate::vertices::Vertices;

impl Vertices<'_> {
    pub(super) fn about(&mut self, label: &Label) -> About {
        let mut about = About::named(label.name.as_str());
        about.ignore_cache = match (&label.owner, &self.request.rerun) {
            (Owner::Constant, _) | (Owner::Shared, Rerun::Extensions(_)) => false,
            (_, Rerun::All) => true,
            (Owner::Extension(name), Rerun::Extensions(names)) => names.contains(name),
        };
        about.locations = self.locations(&label.spans);
        about.command.clone_from(&label.command);
        if let Owner::Extension(name) = &label.owner {
            about.group = Some(Group {
                id: format!("inlay.{name}"),
                name: format!("[{name}]"),
                weak: false,
            });
        }
        about
    }

    /// One location for each file, with its ranges in order: an error shows each file once.
    fn locations(&mut self, spans: &[Span]) -> Vec<Location> {
        let mut locations: Vec<Location> = Vec::new();
        for span in spans {
            let (file, range) = (self.file(span.source), self.range(*span));
            match locations.iter_mut().find(|location| location.file == file) {
                Some(location) => location.ranges.push(range),
                None => locations.push(Location {
                    file,
                    ranges: vec![range],
                }),
            }
        }
        locations
    }

    fn file(&mut self, source: SourceId) -> FileId {
        let (sources, graph) = (self.sources, &mut self.graph);
        *self.files.entry(source).or_insert_with(|| {
            let file = sources.get(source);
            graph.source_file(SourceFile {
                name: file.name.clone(),
                text: file.text.clone().into_bytes(),
                language: "YAML".to_owned(),
                definition: None,
            })
        })
    }

    fn range(&self, span: Span) -> Range {
        let position = |place: source::Position| Position {
            line: place.line,
            character: place.column.saturating_sub(1),
        };
        Range {
            start: position(self.sources.start(span)),
            end: position(self.sources.end(span)),
        }
    }
}
