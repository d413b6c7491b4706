//! Describes vertices: their names, their groups, their places in the user's files, and whether they run again.

use buildkit_llb::{About, FileId, Group, Location, Output, Position, Range, SourceFile};
use source::{SourceId, Span, printable, shown};

use crate::Rerun;
use crate::recipe::{Label, Line, Owner};
use crate::vertices::Vertices;

impl Vertices<'_> {
    pub(super) fn about(&mut self, label: &Label) -> About {
        // Names and commands quote the texts of users.
        let mut about = About::named(shown(&label.name));
        about.ignore_cache = match (&label.owner, &self.request.rerun) {
            (Owner::Constant, _) | (Owner::Shared, Rerun::Extensions(_)) => false,
            (Owner::Archive, Rerun::Extensions(_)) => self.request.renews_packages,
            (_, Rerun::All) => true,
            (Owner::Extension(name), Rerun::Extensions(names)) => names.contains(name),
        };
        // A client that steps through a graph expects a place of every vertex.
        let spans: &[Span] = match &*label.spans {
            [] => &[self.plan.base.span],
            spans => spans,
        };
        about.locations = self.locations(spans);
        about.command = label.command.as_deref().map(shown);
        about.group = group(&label.line);
        about
    }

    /// Removes a vertex from the line of an extension if another extension has the same vertex.
    pub(super) fn separate_lines(&mut self, output: Output, label: &Label) {
        let (Line::Extension(name), Some(vertex)) = (&label.line, output.vertex()) else {
            return;
        };
        if self.lines.entry(vertex).or_insert_with(|| name.clone()) != name {
            let about = self.graph.about(vertex).expect("the vertex was just made");
            let shown = about.name.clone();
            self.graph.rename(vertex, shown, None);
        }
    }

    /// Makes one location for each file, with its ranges in order, so that an error shows each file once.
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
                text: printable(&file.text).into_bytes(),
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

/// The group that puts a vertex on its line. BuildKit shows the vertices of a group on one line. If they are
/// all weak, it shows the line only when one fails (`util/progress/progressui`).
fn group(line: &Line) -> Option<Group> {
    let (id, name, weak) = match line {
        Line::Own => return None,
        Line::Extension(name) => (name.as_str(), format!("[{name}]"), false),
        Line::Titled(title) => (*title, (*title).to_owned(), false),
        Line::Hidden => ("+internal", "[internal] files of inlay".to_owned(), true),
    };
    let id = format!("inlay.{id}");
    Some(Group { id, name, weak })
}
