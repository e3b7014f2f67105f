//! Which statements are rules.

use crate::{contract::helpbell::rules::types::Rule, place::Lines};
use ruff_text_size::Ranged as _;
use rustpython_vm::compiler::ast::{ModModule, Stmt};

/// What kind of rule a statement at the top level is; none for imports, functions and the like.
pub(crate) const fn kind(statement: &Stmt) -> Option<&'static str> {
    match statement {
        Stmt::If(_) => Some("if"),
        Stmt::For(_) => Some("for"),
        Stmt::While(_) => Some("while"),
        Stmt::Try(_) => Some("try"),
        Stmt::Assign(_) | Stmt::AugAssign(_) | Stmt::AnnAssign(_) => Some("assignment"),
        _ => None,
    }
}

/// All rules of a script, none of them fired.
pub(crate) fn all(tree: &ModModule, lines: &Lines<'_>) -> Vec<Rule> {
    let rules = tree.body.iter().filter_map(|statement| {
        Some(Rule {
            line: lines.line(statement.start()),
            end_line: lines.line(statement.end()),
            kind: kind(statement)?.to_owned(),
            fired: false,
        })
    });
    rules.collect()
}
