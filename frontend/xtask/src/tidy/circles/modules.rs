//! Reads the modules of a crate from the texts of its files: what each defines, imports and mentions.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItemFn, Item, ItemMod, ItemUse, Macro, Meta, UseTree};

#[derive(Default)]
pub(super) struct Module {
    pub(super) file: String,
    /// The folder with the files of its children.
    folder: String,
    /// The names of modules from the crate's root.
    pub(super) path: Vec<String>,
    pub(super) parent: Option<usize>,
    pub(super) children: BTreeMap<String, usize>,
    /// The names of items that it defines.
    pub(super) items: BTreeSet<String>,
    /// The names that `use` brings into it, with their paths.
    pub(super) uses: BTreeMap<String, Vec<String>>,
    /// The paths before `::*`.
    pub(super) globs: Vec<Vec<String>>,
    /// All paths in its code.
    pub(super) mentions: BTreeSet<Vec<String>>,
}

/// Reads the modules of the crate with this root among the texts of files; the root's comes first.
pub(super) fn read_modules(root: &str, files: &BTreeMap<String, String>) -> Vec<Module> {
    let mut reader = Reader {
        files,
        modules: Vec::new(),
        current: 0,
    };
    let folder = root.rsplit_once('/').map_or("", |(folder, _)| folder);
    reader.read_file(root, folder, Vec::new(), None);
    reader.modules
}

/// Reads a module and those below it.
struct Reader<'a> {
    files: &'a BTreeMap<String, String>,
    modules: Vec<Module>,
    current: usize,
}

impl Reader<'_> {
    /// Reads a file as a module, and returns the module's index. `None` if there is no such file.
    fn read_file(
        &mut self,
        file: &str,
        folder: &str,
        path: Vec<String>,
        parent: Option<usize>,
    ) -> Option<usize> {
        let text = self.files.get(file)?;
        let syntax = syn::parse_file(text).unwrap_or_else(|error| panic!("{file}: {error}"));
        Some(self.read_items(&syntax.items, file, folder, path, parent))
    }

    fn read_items(
        &mut self,
        items: &[Item],
        file: &str,
        folder: &str,
        path: Vec<String>,
        parent: Option<usize>,
    ) -> usize {
        let above = self.current;
        let index = self.modules.len();
        self.current = index;
        self.modules.push(Module {
            file: file.to_owned(),
            folder: folder.to_owned(),
            path,
            parent,
            ..Module::default()
        });
        for item in items {
            self.visit_item(item);
        }
        self.current = above;
        index
    }

    fn module(&mut self) -> &mut Module {
        &mut self.modules[self.current]
    }

    fn mention(&mut self, path: Vec<String>) {
        if path.len() > 1 {
            self.module().mentions.insert(path);
        }
    }

    /// Adds the paths of a `use`, of which this prefix has been read.
    fn add_use(&mut self, prefix: &[String], tree: &UseTree) {
        let joined = |name: &dyn ToString| [prefix, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.add_use(&joined(&path.ident), &path.tree),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.add_use(prefix, tree);
                }
            }
            UseTree::Glob(_) => {
                self.mention(prefix.to_vec());
                self.module().globs.push(prefix.to_vec());
            }
            UseTree::Name(name) if name.ident == "self" => {
                if let Some(last) = prefix.last() {
                    self.add_name(last.clone(), prefix.to_vec());
                }
            }
            UseTree::Name(name) => self.add_name(name.ident.to_string(), joined(&name.ident)),
            UseTree::Rename(rename) if rename.ident == "self" => {
                self.add_name(rename.rename.to_string(), prefix.to_vec());
            }
            UseTree::Rename(rename) => {
                self.add_name(rename.rename.to_string(), joined(&rename.ident));
            }
        }
    }

    fn add_name(&mut self, name: String, path: Vec<String>) {
        self.mention(path.clone());
        self.module().uses.insert(name, path);
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let (attributes, name) = describe(item);
        if is_of_tests(attributes) {
            return;
        }
        self.module().items.extend(name);
        visit::visit_item(self, item);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        if !is_of_tests(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if item.leading_colon.is_none() {
            self.add_use(&[], &item.tree);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let name = item.ident.to_string();
        let above = self.current;
        let module = self.module();
        let folder = format!("{}/{name}", module.folder);
        let path = [&module.path[..], std::slice::from_ref(&name)].concat();
        let file = module.file.clone();
        let child = match &item.content {
            Some((_, items)) => Some(self.read_items(items, &file, &folder, path, Some(above))),
            None => self.read_file(&format!("{folder}.rs"), &folder, path, Some(above)),
        };
        if let Some(child) = child {
            self.module().children.insert(name.clone(), child);
            self.mention(vec!["self".to_owned(), name]);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let segments = path.segments.iter();
            self.mention(segments.map(|part| part.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        visit::visit_macro(self, call);
        self.scan(call.tokens.clone());
    }
}

impl Reader<'_> {
    /// Finds paths in what a macro is given, of which only the macro knows the grammar.
    fn scan(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.mention(std::mem::take(&mut path));
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' && !path.is_empty() => colons += 1,
                other => {
                    self.mention(std::mem::take(&mut path));
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.scan(group.stream());
                    }
                }
            }
        }
        self.mention(path);
    }
}

/// The attributes of an item, and the name that it defines, if it is not a module.
fn describe(item: &Item) -> (&[Attribute], Option<String>) {
    let (attributes, name) = match item {
        Item::Const(item) => (&item.attrs, Some(&item.ident)),
        Item::Enum(item) => (&item.attrs, Some(&item.ident)),
        Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
        Item::Impl(item) => (&item.attrs, None),
        Item::Macro(item) => (&item.attrs, item.ident.as_ref()),
        Item::Mod(item) => (&item.attrs, None),
        Item::Static(item) => (&item.attrs, Some(&item.ident)),
        Item::Struct(item) => (&item.attrs, Some(&item.ident)),
        Item::Trait(item) => (&item.attrs, Some(&item.ident)),
        Item::Type(item) => (&item.attrs, Some(&item.ident)),
        Item::Use(item) => (&item.attrs, None),
        _ => return (&[], None),
    };
    (attributes, name.map(ToString::to_string))
}

fn is_of_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        meta => meta.path().is_ident("test"),
    })
}
