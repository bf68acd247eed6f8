//! Our own source code as facts. In: files with their texts. Out: modules, the paths that each names, its budgets.
//!
//! Read with `syn`, so comments and strings are no code; the tokens inside macro calls are read as paths too.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree};

/// A module by its path: `["source", "git"]`; the binary's begin with `main`, so that `cli` is `["main", "cli"]`.
pub(crate) type Module = Vec<String>;

/// What one file says.
#[derive(Debug, Default)]
pub(crate) struct File {
    /// Its name, as `src/source/git/open.rs`.
    pub(crate) name: String,
    /// Its module.
    pub(crate) module: Module,
    /// Every path in it, without those of its tests.
    pub(crate) paths: BTreeSet<NamedPath>,
    /// The paths of its tests.
    pub(crate) test_paths: BTreeSet<NamedPath>,
    /// The modules that it declares.
    pub(crate) declares: Vec<String>,
    /// What its `pub use` lines pass on: a name, and the path behind it.
    pub(crate) passes_on: BTreeMap<String, Module>,
    /// The files that it declares for tests only.
    pub(crate) declares_for_tests: Vec<String>,
    /// Lines before its tests.
    pub(crate) lines: usize,
    /// Structs and variants with the number of their named fields, and whether clap fills them.
    pub(crate) fields: Vec<(String, usize, bool)>,
    /// What no file may have without being named for it, as (what, line).
    pub(crate) oddities: Vec<(Oddity, usize)>,
}

/// A path as it stands in the code, with the line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NamedPath {
    /// Its names; the first tells where it begins: `crate`, `super`, `self`, a crate, or anything in scope.
    pub(crate) names: Vec<String>,
    /// How deep in inline modules it stands.
    pub(crate) depth: usize,
    /// The line.
    pub(crate) line: usize,
}

/// What no file may have without being named for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Oddity {
    /// An `unsafe` block, function or implementation, or a lint attribute that lets one in.
    Unsafe,
    /// `.unwrap()` outside tests.
    Unwrap,
    /// A module whose file is not where its name says.
    PathAttribute,
}

/// Every Rust file under `root`, with names relative to the folder above it.
pub(crate) fn read_files(root: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root.parent().unwrap()).unwrap().to_str().unwrap().replace('\\', "/");
                files.push((name, fs::read_to_string(path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// Reads one file.
pub(crate) fn read(name: &str, text: &str) -> File {
    let code = syn::parse_file(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut reader = Reader::default();
    name.clone_into(&mut reader.file.name);
    reader.file.module = module_of(name);
    reader.file.lines = text.lines().count();
    reader.visit_file(&code);
    reader.file
}

/// The module that a file is.
fn module_of(name: &str) -> Module {
    let inside = name.strip_prefix("src/").unwrap().strip_suffix(".rs").unwrap();
    let mut module: Module = inside.split('/').map(str::to_owned).collect();
    if module == ["lib"] {
        return Vec::new();
    }
    if module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    if module[0] == "cli" {
        module.insert(0, "main".to_owned());
    }
    module
}

#[derive(Default)]
struct Reader {
    file: File,
    /// How deep in inline modules.
    depth: usize,
    in_tests: bool,
}

impl Reader {
    fn path(&mut self, names: Vec<String>, line: usize) {
        let path = NamedPath { names, depth: self.depth, line };
        let paths = if self.in_tests { &mut self.file.test_paths } else { &mut self.file.paths };
        paths.insert(path);
    }

    fn oddity(&mut self, oddity: Oddity, line: usize) {
        if !self.in_tests {
            self.file.oddities.push((oddity, line));
        }
    }

    /// The paths of a `use` tree, one a leaf.
    fn use_tree(&mut self, tree: &UseTree, before: &[String], public: bool) {
        let with = |name: String| [before, &[name]].concat();
        let (names, passed_on) = match tree {
            UseTree::Path(path) => return self.use_tree(&path.tree, &with(path.ident.to_string()), public),
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.use_tree(tree, before, public));
            }
            UseTree::Name(name) if name.ident == "self" => (before.to_vec(), before.last().cloned()),
            UseTree::Name(name) => (with(name.ident.to_string()), Some(name.ident.to_string())),
            UseTree::Rename(rename) => (with(rename.ident.to_string()), Some(rename.rename.to_string())),
            UseTree::Glob(_) => (before.to_vec(), None),
        };
        if let Some(name) = passed_on.filter(|_| public && self.depth == 0) {
            self.file.passes_on.insert(name, names.clone());
        }
        self.path(names, tree.span().start().line);
    }

    /// The paths among the tokens of a macro call.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut names: Vec<String> = Vec::new();
        let mut line = 0;
        // After a name: no colon of `::` yet, one, or both.
        let mut colons = 0;
        let mut after_dot = false;
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 && !names.is_empty() {
                        self.finish(&mut names, line);
                    }
                    if after_dot && name == "unwrap" {
                        self.oddity(Oddity::Unwrap, name.span().start().line);
                    }
                    if name == "unsafe" {
                        self.oddity(Oddity::Unsafe, name.span().start().line);
                    }
                    line = name.span().start().line;
                    names.push(name.to_string());
                    (colons, after_dot) = (0, false);
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' && !names.is_empty() && colons < 2 => colons += 1,
                TokenTree::Punct(mark) => {
                    self.finish(&mut names, line);
                    (colons, after_dot) = (0, mark.as_char() == '.');
                }
                TokenTree::Group(group) => {
                    self.finish(&mut names, line);
                    (colons, after_dot) = (0, false);
                    self.tokens(group.stream());
                }
                TokenTree::Literal(_) => {
                    self.finish(&mut names, line);
                    (colons, after_dot) = (0, false);
                }
            }
        }
        self.finish(&mut names, line);
    }

    fn finish(&mut self, names: &mut Vec<String>, line: usize) {
        // A single name is a variable.
        if names.len() > 1 {
            self.path(std::mem::take(names), line);
        }
        names.clear();
    }

    fn count_fields(&mut self, name: String, fields: &syn::Fields, attributes: &[Attribute]) {
        if self.in_tests {
            return;
        }
        let derives = attributes.iter().filter(|attribute| attribute.path().is_ident("derive"));
        let is_clap = derives.filter_map(|attribute| attribute.meta.require_list().ok()).any(|list| {
            list.tokens.to_string().split(", ").any(|name| ["Args", "Parser", "Subcommand"].contains(&name))
        });
        self.file.fields.push((name, fields.len(), is_clap));
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = attributes_of(item);
        let (was_in_tests, starts_tests) = (self.in_tests, attributes.iter().any(is_for_tests));
        if starts_tests && !was_in_tests && self.depth == 0 {
            self.file.lines = self.file.lines.min(item.span().start().line - 1);
        }
        self.in_tests |= starts_tests;
        visit::visit_item(self, item);
        self.in_tests = was_in_tests;
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.content.is_none() {
            let name = module.ident.to_string();
            self.file.declares.push(name.clone());
            if self.in_tests {
                self.file.declares_for_tests.push(name);
            }
            if module.attrs.iter().any(|attribute| attribute.path().is_ident("path")) {
                self.file.oddities.push((Oddity::PathAttribute, module.span().start().line));
            }
        }
        self.depth += 1;
        visit::visit_item_mod(self, module);
        self.depth -= 1;
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let public = !matches!(item.vis, syn::Visibility::Inherited);
        self.use_tree(&item.tree, &[], public);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names = path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>();
        if names.len() > 1 {
            self.path(names, path.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {
        // `pub(in super::super)` imports nothing.
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        let name = attribute.path();
        if name.is_ident("derive")
            && let Ok(list) = attribute.meta.require_list()
        {
            self.tokens(list.tokens.clone());
        }
        if name.is_ident("allow") || name.is_ident("expect") {
            let mut unsafe_code = false;
            // What is no lint (`reason = …`) ends the list; the lints stand before it.
            let _ = attribute.parse_nested_meta(|meta| {
                unsafe_code |= meta.path.is_ident("unsafe_code");
                Ok(())
            });
            if unsafe_code {
                self.oddity(Oddity::Unsafe, attribute.span().start().line);
            }
        }
        visit::visit_attribute(self, attribute);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        visit::visit_macro(self, call);
        self.tokens(call.tokens.clone());
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.count_fields(item.ident.to_string(), &item.fields, &item.attrs);
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        for variant in &item.variants {
            self.count_fields(format!("{}::{}", item.ident, variant.ident), &variant.fields, &item.attrs);
        }
        visit::visit_item_enum(self, item);
    }

    fn visit_expr_unsafe(&mut self, block: &'ast syn::ExprUnsafe) {
        self.oddity(Oddity::Unsafe, block.span().start().line);
        visit::visit_expr_unsafe(self, block);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if item.unsafety.is_some() {
            self.oddity(Oddity::Unsafe, item.span().start().line);
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        if signature.unsafety.is_some() {
            self.oddity(Oddity::Unsafe, signature.span().start().line);
        }
        visit::visit_signature(self, signature);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if call.method == "unwrap" && call.args.is_empty() {
            self.oddity(Oddity::Unwrap, call.method.span().start().line);
        }
        visit::visit_expr_method_call(self, call);
    }
}

fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// `#[cfg(test)]`, and not `#[cfg(not(test))]`.
fn is_for_tests(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string() == "test")
}
