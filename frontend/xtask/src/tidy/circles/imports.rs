//! [`Imports`]: which file of a crate imports which names of which other file.
//!
//! Names are followed through `use`, lists in braces, `self` and `super` to the file that defines them, and
//! through every file that exports them again on the way. A file also imports the modules that it declares.
//! What only tests have is left out.

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::circles::modules::{Module, read_modules};

/// The imports of one crate.
pub(super) struct Imports {
    /// The module of each file, as the names of modules from the crate's root.
    pub(super) modules: BTreeMap<String, Vec<String>>,
    /// The imported names, by the importing file and the file that defines them or exports them again.
    names: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
}

impl Imports {
    /// The names that a file imports from another; `None` when it imports nothing.
    pub(super) fn names(&self, from: &str, to: &str) -> Option<&BTreeSet<String>> {
        self.names.get(from)?.get(to)
    }

    /// The files among these that a file imports.
    pub(super) fn imported_by<'a>(&self, file: &str, among: &BTreeSet<&'a str>) -> Vec<&'a str> {
        let imported = self.names.get(file).into_iter().flat_map(BTreeMap::keys);
        let imported = imported.filter_map(|other| among.get(other.as_str()));
        imported.copied().collect()
    }

    /// How many pairs of a file and a file that it imports there are.
    pub(super) fn count(&self) -> usize {
        self.names.values().map(BTreeMap::len).sum()
    }

    /// Whether the module of a file is below that of another.
    pub(super) fn is_below(&self, file: &str, other: &str) -> bool {
        self.modules[file].starts_with(&self.modules[other])
    }
}

/// Reads the imports of the crate with this root among the texts of files.
pub(super) fn read_imports(root: &str, files: &BTreeMap<String, String>) -> Imports {
    let modules = Modules(read_modules(root, files));
    let mut imports = Imports {
        modules: BTreeMap::new(),
        names: BTreeMap::new(),
    };
    for module in &modules.0 {
        // The first module of a file holds the others.
        let path = imports.modules.entry(module.file.clone());
        path.or_insert_with(|| module.path.clone());
    }
    for (index, module) in modules.0.iter().enumerate() {
        for mention in &module.mentions {
            for target in modules.resolve(index, mention, 0).unwrap_or_default() {
                let target = &modules.0[target].file;
                if *target != module.file {
                    let imported = imports.names.entry(module.file.clone()).or_default();
                    let names = imported.entry(target.clone()).or_default();
                    names.extend(mention.last().cloned());
                }
            }
        }
    }
    imports
}

/// How many exports a name is followed through; names of other crates run in circles.
const DEPTH: usize = 16;

/// All modules of a crate, the root first.
struct Modules(Vec<Module>);

impl Modules {
    /// Finds the module that defines what a path names in a module, or that it names itself. That is the last
    /// one; before it come those that export the name again. `None` for local names and other crates'.
    fn resolve(&self, from: usize, path: &[String], depth: usize) -> Option<Vec<usize>> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.descend(0, rest, depth),
            "self" => self.descend(from, rest, depth),
            "super" => self.descend(self.0[from].parent?, rest, depth),
            name if self.knows(from, name, depth) => self.descend(from, path, depth),
            _ => None,
        }
    }

    /// The same for a path that begins in this module.
    fn descend(&self, module: usize, path: &[String], depth: usize) -> Option<Vec<usize>> {
        let Some((name, rest)) = path.split_first() else {
            return Some(vec![module]);
        };
        if depth > DEPTH {
            return None;
        }
        let here = &self.0[module];
        if name == "super" {
            self.descend(here.parent?, rest, depth)
        } else if let Some(child) = here.children.get(name) {
            self.descend(*child, rest, depth)
        } else if let Some(target) = here.uses.get(name) {
            let found = self.resolve(module, &[target, rest].concat(), depth + 1);
            Some([vec![module], found.unwrap_or_default()].concat())
        } else if here.items.contains(name) {
            Some(vec![module])
        } else {
            let mut globs = self.globs(module, depth);
            let found = globs.find(|glob| self.knows(*glob, name, depth + 1));
            let found = found.and_then(|glob| self.descend(glob, path, depth + 1));
            Some([vec![module], found.unwrap_or_default()].concat())
        }
    }

    /// The modules of the crate whose names a module imports with `*`.
    fn globs(&self, module: usize, depth: usize) -> impl Iterator<Item = usize> {
        let globs = self.0[module].globs.iter();
        let globs = globs.filter_map(move |glob| self.resolve(module, glob, depth + 1)?.pop());
        globs.filter(move |glob| *glob != module)
    }

    /// Whether a module defines, declares or imports a name.
    fn knows(&self, module: usize, name: &str, depth: usize) -> bool {
        let here = &self.0[module];
        depth <= DEPTH
            && (here.children.contains_key(name)
                || here.uses.contains_key(name)
                || here.items.contains(name)
                || self
                    .globs(module, depth)
                    .any(|glob| self.knows(glob, name, depth + 1)))
    }
}
