//! Finds what has no doc comment.

use wit_parser::{Docs, Function, PackageId, Resolve, Type, TypeDef, TypeDefKind, TypeId, WorldItem};

/// The items of a package that have no doc comment, each by its path: `types/context.settings`.
#[must_use]
pub fn undocumented(resolve: &Resolve, package: PackageId) -> Vec<String> {
    let mut missing = Missing(Vec::new());
    let Some(package) = resolve.packages.get(package) else {
        return vec!["the package itself".to_owned()];
    };
    missing.check(&package.docs, || package.name.to_string());
    for (name, id) in &package.interfaces {
        let Some(interface) = resolve.interfaces.get(*id) else {
            continue;
        };
        missing.check(&interface.docs, || name.clone());
        missing.types(resolve, name, interface.types.values());
        missing.functions(name, interface.functions.values());
    }
    for (name, id) in &package.worlds {
        let Some(world) = resolve.worlds.get(*id) else {
            continue;
        };
        missing.check(&world.docs, || format!("world {name}"));
        for item in world.imports.values().chain(world.exports.values()) {
            match item {
                WorldItem::Function(function) => missing.functions(name, [function]),
                WorldItem::Type { id, .. } => missing.types(resolve, name, [id]),
                // Its own package documents it.
                WorldItem::Interface { .. } => {}
            }
        }
    }
    missing.0
}

/// Collects paths.
struct Missing(Vec<String>);

impl Missing {
    fn check(&mut self, docs: &Docs, path: impl FnOnce() -> String) {
        if docs.contents.as_deref().is_none_or(|text| text.trim().is_empty()) {
            self.0.push(path());
        }
    }

    fn functions<'a>(&mut self, owner: &str, functions: impl IntoIterator<Item = &'a Function>) {
        for function in functions {
            self.check(&function.docs, || format!("{owner}/{}", function.name));
        }
    }

    fn types<'a>(&mut self, resolve: &Resolve, owner: &str, types: impl IntoIterator<Item = &'a TypeId>) {
        for definition in types.into_iter().filter_map(|id| resolve.types.get(*id)) {
            let path = format!("{owner}/{}", definition.name.as_deref().unwrap_or("?"));
            if !is_use(definition) {
                self.check(&definition.docs, || path.clone());
            }
            for (member, docs) in members(&definition.kind) {
                self.check(docs, || format!("{path}.{member}"));
            }
        }
    }
}

/// `use types.{context}` makes a name for a type that is documented where it is defined.
fn is_use(definition: &TypeDef) -> bool {
    matches!(definition.kind, TypeDefKind::Type(Type::Id(_)))
}

fn members(kind: &TypeDefKind) -> Vec<(&str, &Docs)> {
    match kind {
        TypeDefKind::Record(record) => record.fields.iter().map(|f| (f.name.as_str(), &f.docs)).collect(),
        TypeDefKind::Variant(variant) => variant.cases.iter().map(|c| (c.name.as_str(), &c.docs)).collect(),
        TypeDefKind::Enum(cases) => cases.cases.iter().map(|c| (c.name.as_str(), &c.docs)).collect(),
        TypeDefKind::Flags(flags) => flags.flags.iter().map(|f| (f.name.as_str(), &f.docs)).collect(),
        _ => Vec::new(),
    }
}
