//! Which names a piece of a script binds.

use rustpython_vm::compiler::ast::{
    self, Expr, ExprContext, Pattern, Stmt,
    visitor::{self, Visitor},
};

/// Names that an expression binds: targets of an assignment, and `:=` anywhere in it.
pub(crate) fn by_expression<'a>(expressions: impl IntoIterator<Item = &'a Expr>) -> Vec<String> {
    let mut names = Names::default();
    for expression in expressions {
        names.visit_expr(expression);
    }
    names.0
}

/// Names that a simple statement binds by itself, not by what it calls. Nothing for one with a body.
pub(crate) fn by_statement(statement: &Stmt) -> Vec<String> {
    let mut names = Names::default();
    match statement {
        Stmt::Import(import) => names.aliases(&import.names),
        Stmt::ImportFrom(import) if import.module.as_deref() != Some("__future__") => {
            names.aliases(&import.names);
        }
        Stmt::FunctionDef(function) => names.0.push(function.name.to_string()),
        Stmt::ClassDef(class) => names.0.push(class.name.to_string()),
        Stmt::Assign(_)
        | Stmt::AugAssign(_)
        | Stmt::AnnAssign(_)
        | Stmt::Delete(_)
        | Stmt::Expr(_)
        | Stmt::Assert(_)
        | Stmt::TypeAlias(_) => names.visit_stmt(statement),
        _ => {}
    }
    names.0
}

/// Names that a pattern of `match` binds.
pub(crate) fn by_pattern(pattern: &Pattern) -> Vec<String> {
    let mut names = Names::default();
    names.visit_pattern(pattern);
    names.0
}

/// Names that a function declares as those of the script.
pub(crate) fn declared_global(body: &[Stmt]) -> Vec<String> {
    let mut names = Globals::default();
    names.visit_body(body);
    names.0
}

#[derive(Default)]
struct Names(Vec<String>);

impl Names {
    fn aliases(&mut self, aliases: &[ast::Alias]) {
        for alias in aliases {
            let bound = alias.asname.as_ref().unwrap_or(&alias.name);
            // `import a.b` binds `a`.
            let first = bound.as_str().split('.').next().unwrap_or_default();
            self.0.push(first.to_owned());
        }
    }
}

impl<'a> Visitor<'a> for Names {
    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) if matches!(name.ctx, ExprContext::Store | ExprContext::Del) => {
                self.0.push(name.id.to_string());
            }
            // Names of their own.
            Expr::Lambda(_) => return,
            _ => {}
        }
        visitor::walk_expr(self, expression);
    }

    fn visit_comprehension(&mut self, comprehension: &'a ast::Comprehension) {
        // The loop's own names stay inside; what is looped over, and conditions with `:=`, do not.
        self.visit_expr(&comprehension.iter);
        for condition in &comprehension.ifs {
            self.visit_expr(condition);
        }
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        let bound = match pattern {
            Pattern::MatchAs(pattern) => pattern.name.as_ref(),
            Pattern::MatchStar(pattern) => pattern.name.as_ref(),
            Pattern::MatchMapping(pattern) => pattern.rest.as_ref(),
            _ => None,
        };
        self.0.extend(bound.map(ToString::to_string));
        visitor::walk_pattern(self, pattern);
    }
}

#[derive(Default)]
struct Globals(Vec<String>);

impl<'a> Visitor<'a> for Globals {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Global(global) => self.0.extend(global.names.iter().map(ToString::to_string)),
            // Functions within declare for themselves.
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
            _ => visitor::walk_stmt(self, statement),
        }
    }
}
