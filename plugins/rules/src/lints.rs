//! What rules say and hardly mean, as far as their text alone tells.

use crate::{
    contract::helpbell::rules::types::{Diagnostic, Literal, Value, Variable},
    interpreter, is_literal,
    place::Lines,
    read::diagnostic,
};
use ruff_text_size::{Ranged as _, TextSize};
use rustpython_vm::compiler::ast::{
    CmpOp, Expr, ExprContext, ModModule, Operator, Stmt,
    visitor::{self, Visitor},
};

/// What the person typed, by its names.
const MESSAGE: [&str; 2] = ["msg", "message"];

/// What was found.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) literals: Vec<Literal>,
}

/// Looks through a tree. `variables` are the host's.
pub(crate) fn find(tree: &ModModule, lines: &Lines<'_>, variables: &[Variable]) -> Found {
    let mut lints = Lints {
        lines,
        variables,
        message_is_there: false,
        may_fail: false,
        found: Found::default(),
    };
    lints.visit_body(&tree.body);
    lints.found
}

struct Lints<'a> {
    lines: &'a Lines<'a>,
    variables: &'a [Variable],
    /// Whether something around has made sure that the message is not empty, as far as one can tell.
    message_is_there: bool,
    /// Whether errors are caught around here.
    may_fail: bool,
    found: Found,
}

impl Lints<'_> {
    fn tell(&mut self, severity: &str, code: &str, at: TextSize, message: String, help: Option<&str>) {
        self.found.diagnostics.push(Diagnostic {
            help: help.map(str::to_owned),
            ..diagnostic(severity, code, self.lines.place(at), message)
        });
    }

    /// The host's variable of this name or alias.
    fn variable(&self, expression: &Expr) -> Option<&Variable> {
        let Expr::Name(name) = expression else {
            return None;
        };
        let is = |known: &&Variable| {
            known.name == name.id.as_str() || known.aliases.iter().any(|alias| *alias == name.id.as_str())
        };
        self.variables.iter().find(is)
    }

    /// The name of a variable that holds text, if this is one.
    fn text_variable(&self, expression: &Expr) -> Option<String> {
        let variable = self.variable(expression)?;
        matches!(variable.value, Value::Text(_)).then(|| variable.name.clone())
    }

    fn arithmetic(&mut self, one: &Expr, other: &Expr, at: TextSize, does: &str) {
        for (variable, number) in [(one, other), (other, one)] {
            if let (Some(name), true) = (self.text_variable(variable), is_number(number)) {
                let message = format!("{name} is text, as the PSA shows it, and {does} a number fails");
                let help =
                    "if it holds a number, write int(…) around it; if it holds a name, use a list of names";
                self.tell("warning", "priority-arithmetic", at, message, Some(help));
            }
        }
    }

    fn division(&mut self, divisor: &Expr) {
        if !self.message_is_there && is_length_of_message(divisor) {
            let message = "this divides by the length of the message, which may be empty".to_owned();
            let help = "ask first: if msg and …, or divide by max(len(msg), 1)";
            self.tell("warning", "len-division", divisor.start(), message, Some(help));
        }
    }

    fn literal(&mut self, variable: &Expr, value: &Expr, assigned: bool) {
        let Some(name) = self.variable(variable).map(|variable| variable.name.clone()) else {
            return;
        };
        let mut texts = vec![];
        alternatives(value, !assigned, &mut texts);
        for text in texts {
            let place = self.lines.place(text.start());
            self.found.literals.push(Literal {
                variable: name.clone(),
                text: text.value.to_str().to_owned(),
                assigned,
                line: place.line,
                column: place.column,
            });
        }
    }

    fn compared(&mut self, left: &Expr, operator: CmpOp, right: &Expr) {
        match operator {
            CmpOp::Lt | CmpOp::LtE | CmpOp::Gt | CmpOp::GtE => {
                self.arithmetic(left, right, left.start(), "comparing it with");
            }
            CmpOp::Eq | CmpOp::NotEq | CmpOp::Is | CmpOp::IsNot => {
                self.literal(left, right, false);
                self.literal(right, left, false);
                for (variable, number) in [(left, right), (right, left)] {
                    if let (Some(name), true) = (self.text_variable(variable), is_number(number)) {
                        let message =
                            format!("{name} is text, as the PSA shows it, and never equal to a number");
                        let help = "put the number into quotes: \"0\"";
                        self.tell(
                            "warning",
                            "priority-arithmetic",
                            number.start(),
                            message,
                            Some(help),
                        );
                    }
                }
            }
            CmpOp::In | CmpOp::NotIn => self.literal(left, right, false),
        }
    }

    /// An assignment to a variable that is the host's alone.
    fn assigned(&mut self, target: &Expr) {
        if let Some(name) = self
            .variable(target)
            .filter(|variable| !variable.writable)
            .map(|variable| variable.name.clone())
        {
            let message = format!("rules cannot change {name}: this assignment has no effect");
            self.tell(
                "warning",
                "read-only",
                target.start(),
                message,
                Some("use another name for a value of your own"),
            );
        }
    }

    fn module(&mut self, name: &str, at: TextSize) {
        if !self.may_fail && interpreter::has_module(name) == Some(false) {
            let message = format!("there is no module {name} for rules");
            let offered = interpreter::offered().join(", ");
            self.tell(
                "error",
                "module",
                at,
                message,
                Some(&format!("there are: {offered}")),
            );
        }
    }

    /// Looks at a body that runs only if this was true.
    fn visit_if(&mut self, test: Option<&Expr>, body: &[Stmt]) {
        let outside = self.message_is_there;
        self.message_is_there |= test.is_some_and(mentions_message);
        for statement in body {
            self.visit_stmt(statement);
        }
        self.message_is_there = outside;
    }
}

impl<'a> Visitor<'a> for Lints<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    self.literal(target, &assign.value, true);
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.literal(&assign.target, value, true);
                }
            }
            Stmt::AugAssign(assign) => {
                if is_division(assign.op) {
                    self.division(&assign.value);
                }
                if assign.op != Operator::Mod {
                    self.arithmetic(
                        &assign.target,
                        &assign.value,
                        assign.target.start(),
                        "arithmetic with it and",
                    );
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    self.module(&alias.name, alias.start());
                }
            }
            Stmt::ImportFrom(import) => {
                if let Some(module) = import
                    .module
                    .as_ref()
                    .filter(|module| module.as_str() != "__future__")
                {
                    self.module(module, module.start());
                }
            }
            Stmt::If(branch) => {
                self.visit_expr(&branch.test);
                self.visit_if(Some(&branch.test), &branch.body);
                for clause in &branch.elif_else_clauses {
                    if let Some(test) = &clause.test {
                        self.visit_expr(test);
                    }
                    self.visit_if(clause.test.as_ref(), &clause.body);
                }
                return;
            }
            Stmt::Try(attempt) => {
                let outside = self.may_fail;
                self.may_fail |= !attempt.handlers.is_empty();
                self.visit_body(&attempt.body);
                self.may_fail = outside;
                for handler in &attempt.handlers {
                    self.visit_except_handler(handler);
                }
                self.visit_body(&attempt.orelse);
                self.visit_body(&attempt.finalbody);
                return;
            }
            _ => {}
        }
        visitor::walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) if name.ctx == ExprContext::Store => self.assigned(expression),
            Expr::BinOp(operation) => {
                if is_division(operation.op) {
                    self.division(&operation.right);
                }
                // "%" is how texts are filled in, and "*" repeats them.
                if matches!(
                    operation.op,
                    Operator::Add | Operator::Sub | Operator::Div | Operator::FloorDiv
                ) {
                    self.arithmetic(
                        &operation.left,
                        &operation.right,
                        operation.start(),
                        "arithmetic with it and",
                    );
                }
            }
            Expr::Compare(compare) => {
                let mut left: &Expr = &compare.left;
                for (operator, right) in compare.ops.iter().zip(&compare.comparators) {
                    self.compared(left, *operator, right);
                    left = right;
                }
            }
            Expr::BoolOp(operation) => {
                // `msg and … / len(msg)`: what comes first is asked first.
                let outside = self.message_is_there;
                for value in &operation.values {
                    self.visit_expr(value);
                    self.message_is_there |= mentions_message(value);
                }
                self.message_is_there = outside;
                return;
            }
            Expr::If(choice) => {
                self.visit_expr(&choice.test);
                let outside = self.message_is_there;
                self.message_is_there |= mentions_message(&choice.test);
                self.visit_expr(&choice.body);
                self.visit_expr(&choice.orelse);
                self.message_is_there = outside;
                return;
            }
            _ => {}
        }
        visitor::walk_expr(self, expression);
    }
}

fn is_number(expression: &Expr) -> bool {
    is_literal::is_literal(expression) && !expression.is_string_literal_expr()
}

const fn is_division(operator: Operator) -> bool {
    matches!(operator, Operator::Div | Operator::FloorDiv | Operator::Mod)
}

/// `len(msg)`.
fn is_length_of_message(expression: &Expr) -> bool {
    let Expr::Call(call) = expression else {
        return false;
    };
    matches!(&*call.func, Expr::Name(name) if name.id.as_str() == "len")
        && matches!(&*call.arguments.args, [Expr::Name(name)] if MESSAGE.contains(&name.id.as_str()))
}

fn mentions_message(expression: &Expr) -> bool {
    struct Mentions(bool);
    impl<'a> Visitor<'a> for Mentions {
        fn visit_expr(&mut self, expression: &'a Expr) {
            self.0 |= matches!(expression, Expr::Name(name) if MESSAGE.contains(&name.id.as_str()));
            visitor::walk_expr(self, expression);
        }
    }
    let mut mentions = Mentions(false);
    mentions.visit_expr(expression);
    mentions.0
}

/// The texts that a value can be, as far as they are written: both of a choice, and, where it is compared, each of a list.
fn alternatives<'a>(
    value: &'a Expr,
    within_lists: bool,
    texts: &mut Vec<&'a rustpython_vm::compiler::ast::ExprStringLiteral>,
) {
    match value {
        Expr::StringLiteral(text) => texts.push(text),
        Expr::If(choice) => {
            alternatives(&choice.body, within_lists, texts);
            alternatives(&choice.orelse, within_lists, texts);
        }
        Expr::List(list) if within_lists => list
            .elts
            .iter()
            .for_each(|element| alternatives(element, false, texts)),
        Expr::Tuple(tuple) if within_lists => tuple
            .elts
            .iter()
            .for_each(|element| alternatives(element, false, texts)),
        Expr::Set(set) if within_lists => set
            .elts
            .iter()
            .for_each(|element| alternatives(element, false, texts)),
        _ => {}
    }
}
