//! Reads a script without running it.

use crate::{
    contract::helpbell::rules::types::{Diagnostic, Examined, Variable},
    is_literal, lints,
    place::Lines,
    read, rules, run, undefined,
};

/// What reading brings to light.
pub(crate) fn check(source: &str, variables: &[Variable]) -> Examined {
    let source = run::without_mark(source);
    let parsed = match read::read(source) {
        Ok(parsed) => parsed,
        Err(wrong) => return unread(wrong),
    };
    let lines = Lines::new(source);
    let mut diagnostics = is_literal::find(parsed.syntax(), parsed.tokens(), &lines);
    let found = lints::find(parsed.syntax(), &lines, variables);
    diagnostics.extend(found.diagnostics);
    diagnostics.extend(undefined::find(parsed.syntax(), &lines, variables));
    // Some of what is no Python shows only when it is compiled: `return` at the top level.
    diagnostics.extend(run::compile(parsed.syntax(), source).err());
    diagnostics.sort_by_key(|diagnostic| (diagnostic.line, diagnostic.column));
    let mut literals = found.literals;
    literals.sort_by_key(|literal| (literal.line, literal.column));
    Examined {
        diagnostics,
        literals,
        rules: rules::all(parsed.syntax(), &lines),
    }
}

fn unread(wrong: Diagnostic) -> Examined {
    Examined {
        diagnostics: vec![wrong],
        literals: vec![],
        rules: vec![],
    }
}
