//! Puts calls into a script's tree that tell what it does, statement by statement.

use crate::{
    bound,
    place::Lines,
    rules,
    watch::{FIRED, SEEN},
};
use ruff_text_size::{Ranged as _, TextRange};
use rustpython_vm::compiler::ast::{
    Arguments, AtomicNodeIndex, ExceptHandler, Expr, ExprCall, ExprContext, ExprName, ExprNumberLiteral, Int,
    ModModule, Number, Stmt, StmtExpr,
};

/// A place at which names are bound.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) line: u32,
    pub(crate) names: Vec<String>,
}

/// Adds the calls and gives the places they stand for.
pub(crate) fn add(tree: &mut ModModule, lines: &Lines<'_>) -> Vec<Site> {
    let mut trace = Trace { lines, sites: vec![] };
    let mut rule = 0;
    let mut traced = vec![];
    for mut statement in std::mem::take(&mut tree.body) {
        let range = statement.range();
        let is_rule = rules::kind(&statement).is_some();
        if is_rule {
            begin_rule(&mut statement, rule);
        }
        let is_assignment = rules::kind(&statement) == Some("assignment");
        trace.statement(statement, None, &mut traced);
        if is_assignment {
            traced.push(call(FIRED, rule, range));
        }
        rule += usize::from(is_rule);
    }
    tree.body = traced;
    trace.sites
}

/// A call at the beginning of whatever a rule does.
fn begin_rule(statement: &mut Stmt, rule: usize) {
    let begin = |body: &mut Vec<Stmt>| {
        if let Some(first) = body.first() {
            body.insert(0, call(FIRED, rule, first.range()));
        }
    };
    match statement {
        Stmt::If(branch) => {
            begin(&mut branch.body);
            for clause in &mut branch.elif_else_clauses {
                begin(&mut clause.body);
            }
        }
        Stmt::For(repeated) => begin(&mut repeated.body),
        Stmt::While(repeated) => begin(&mut repeated.body),
        Stmt::Try(attempt) => begin(&mut attempt.body),
        _ => {}
    }
}

struct Trace<'a> {
    lines: &'a Lines<'a>,
    sites: Vec<Site>,
}

impl Trace<'_> {
    /// Traces the statements of a body. Within a function only names that it declares as the script's count.
    fn body(&mut self, body: &mut Vec<Stmt>, of_function: Option<&[String]>) {
        let mut traced = Vec::with_capacity(body.len());
        for statement in std::mem::take(body) {
            self.statement(statement, of_function, &mut traced);
        }
        *body = traced;
    }

    /// The same for a body that is entered with names just bound by its head.
    fn body_binding(
        &mut self,
        body: &mut Vec<Stmt>,
        names: Vec<String>,
        head: TextRange,
        of_function: Option<&[String]>,
    ) {
        self.body(body, of_function);
        if let Some(call) = self.seen(names, head, of_function) {
            body.insert(0, call);
        }
    }

    fn statement(&mut self, mut statement: Stmt, of_function: Option<&[String]>, traced: &mut Vec<Stmt>) {
        let range = statement.range();
        let mut names = bound::by_statement(&statement);
        match &mut statement {
            Stmt::FunctionDef(function) => {
                let globals = bound::declared_global(&function.body);
                self.body(&mut function.body, Some(&globals));
            }
            Stmt::ClassDef(class) => {
                let globals = bound::declared_global(&class.body);
                self.body(&mut class.body, Some(&globals));
            }
            Stmt::If(branch) => {
                let mut bound = bound::by_expression([&*branch.test]);
                self.body_binding(&mut branch.body, bound.clone(), range, of_function);
                for clause in &mut branch.elif_else_clauses {
                    bound.extend(bound::by_expression(clause.test.as_ref()));
                    self.body_binding(&mut clause.body, bound.clone(), clause.range, of_function);
                }
                names = bound;
            }
            Stmt::For(repeated) => {
                let bound = bound::by_expression([&*repeated.target, &*repeated.iter]);
                self.body_binding(&mut repeated.body, bound, range, of_function);
                self.body(&mut repeated.orelse, of_function);
            }
            Stmt::While(repeated) => {
                let bound = bound::by_expression([&*repeated.test]);
                self.body_binding(&mut repeated.body, bound.clone(), range, of_function);
                self.body(&mut repeated.orelse, of_function);
                names = bound;
            }
            Stmt::With(with) => {
                let targets = with.items.iter().filter_map(|item| item.optional_vars.as_deref());
                let bound = bound::by_expression(targets);
                self.body_binding(&mut with.body, bound, range, of_function);
            }
            Stmt::Match(matching) => {
                for case in &mut matching.cases {
                    let bound = bound::by_pattern(&case.pattern);
                    self.body_binding(&mut case.body, bound, case.range, of_function);
                }
            }
            Stmt::Try(attempt) => {
                self.body(&mut attempt.body, of_function);
                for ExceptHandler::ExceptHandler(handler) in &mut attempt.handlers {
                    self.body(&mut handler.body, of_function);
                }
                self.body(&mut attempt.orelse, of_function);
                self.body(&mut attempt.finalbody, of_function);
            }
            _ => {}
        }
        traced.push(statement);
        traced.extend(self.seen(names, range, of_function));
    }

    /// The call that tells of bound names, if any of them are the script's.
    fn seen(
        &mut self,
        mut names: Vec<String>,
        at: TextRange,
        of_function: Option<&[String]>,
    ) -> Option<Stmt> {
        if let Some(globals) = of_function {
            names.retain(|name| globals.contains(name));
        }
        if names.is_empty() {
            return None;
        }
        self.sites.push(Site {
            line: self.lines.line(at.start()),
            names,
        });
        Some(call(SEEN, self.sites.len() - 1, at))
    }
}

/// `name(number)` as a statement. It stands on the line that it is about, where an error in it would be shown.
fn call(name: &str, number: usize, range: TextRange) -> Stmt {
    let node_index = AtomicNodeIndex::default();
    let number = Expr::NumberLiteral(ExprNumberLiteral {
        node_index: node_index.clone(),
        range,
        value: Number::Int(Int::from(u32::try_from(number).unwrap_or(u32::MAX))),
    });
    let function = Expr::Name(ExprName {
        node_index: node_index.clone(),
        range,
        id: name.into(),
        ctx: ExprContext::Load,
    });
    let arguments = Arguments {
        range,
        node_index: node_index.clone(),
        args: Box::new([number]),
        keywords: Box::new([]),
    };
    let call = Expr::Call(ExprCall {
        node_index: node_index.clone(),
        range,
        func: Box::new(function),
        arguments,
    });
    Stmt::Expr(StmtExpr {
        node_index,
        range,
        value: Box::new(call),
    })
}
