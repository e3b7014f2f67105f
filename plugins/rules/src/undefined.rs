//! Names that nothing defines: a variable of another PSA, or a slip. The rules end where one is reached.

use crate::{
    bound,
    contract::helpbell::rules::types::{Diagnostic, Variable},
    interpreter,
    place::Lines,
    read::diagnostic,
};
use ruff_text_size::{Ranged as _, TextSize};
use rustpython_vm::compiler::ast::{
    Comprehension, ExceptHandler, Expr, ExprContext, ModModule, Parameters, Pattern, Stmt,
    visitor::{self, Visitor},
};
use std::collections::{BTreeMap, BTreeSet};

/// Tells of each such name once, where it is used first.
pub(crate) fn find(tree: &ModModule, lines: &Lines<'_>, variables: &[Variable]) -> Vec<Diagnostic> {
    let mut names = Names::default();
    names.visit_body(&tree.body);
    if names.bound.contains("*") {
        // `from module import *` binds whatever there is.
        return vec![];
    }
    let offered = |name: &str| {
        variables
            .iter()
            .any(|variable| variable.name == name || variable.aliases.iter().any(|alias| alias == name))
    };
    let unknown = names.used.into_iter().filter(|(name, _)| {
        !names.bound.contains(name) && !offered(name) && interpreter::has_builtin(name) == Some(false)
    });
    let told = unknown.map(|(name, at)| Diagnostic {
        help: Some(
            "`helpbell rules variables` shows those of your PSA; give a name of your own a value first"
                .to_owned(),
        ),
        ..diagnostic(
            "warning",
            "undefined-name",
            lines.place(at),
            format!("nothing defines {name}: where this is reached, the rules end"),
        )
    });
    told.collect()
}

/// Names wherever they are: a name that is bound in one function and used in another is no slip worth a warning.
#[derive(Default)]
struct Names {
    bound: BTreeSet<String>,
    used: BTreeMap<String, TextSize>,
}

impl<'a> Visitor<'a> for Names {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        self.bound.extend(bound::by_statement(statement));
        visitor::walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Name(name) = expression {
            if name.ctx == ExprContext::Load {
                self.used.entry(name.id.to_string()).or_insert(name.start());
            } else {
                self.bound.insert(name.id.to_string());
            }
        }
        visitor::walk_expr(self, expression);
    }

    fn visit_parameters(&mut self, parameters: &'a Parameters) {
        self.bound
            .extend(parameters.iter().map(|parameter| parameter.name().to_string()));
        visitor::walk_parameters(self, parameters);
    }

    fn visit_comprehension(&mut self, comprehension: &'a Comprehension) {
        self.visit_expr(&comprehension.target);
        visitor::walk_comprehension(self, comprehension);
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(caught) = handler;
        self.bound.extend(caught.name.as_ref().map(ToString::to_string));
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        self.bound.extend(bound::by_pattern(pattern));
        visitor::walk_pattern(self, pattern);
    }
}
