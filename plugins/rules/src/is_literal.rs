//! `is` with a string or a number beside it.
//!
//! MSPs' rules compare so, because the incumbent's own examples do. Two equal texts are hardly ever one and the same
//! object, so such a comparison says what nobody means. Here it means equality, and says so.

use crate::{
    contract::helpbell::rules::types::{Diagnostic, Replacement},
    place::Lines,
    read::diagnostic,
};
use ruff_text_size::{Ranged as _, TextSize};
use rustpython_vm::compiler::ast::{
    CmpOp, Expr, ModModule, Stmt, UnaryOp,
    token::{TokenKind, Tokens},
    visitor::{
        self, Visitor,
        transformer::{self, Transformer},
    },
};

/// Whether an expression is a text or a number as written; signs belong to numbers.
pub(crate) fn is_literal(expression: &Expr) -> bool {
    match expression {
        Expr::StringLiteral(_) | Expr::NumberLiteral(_) => true,
        Expr::UnaryOp(unary) => {
            matches!(unary.op, UnaryOp::USub | UnaryOp::UAdd)
                && matches!(*unary.operand, Expr::NumberLiteral(_))
        }
        _ => false,
    }
}

/// What is meant by an operator between these, if it is not what is written.
const fn meant(operator: CmpOp) -> Option<CmpOp> {
    match operator {
        CmpOp::Is => Some(CmpOp::Eq),
        CmpOp::IsNot => Some(CmpOp::NotEq),
        _ => None,
    }
}

/// Makes the tree say what is meant.
pub(crate) fn replace(tree: &mut ModModule) {
    struct Meant;
    impl Transformer for Meant {
        fn visit_expr(&self, expression: &mut Expr) {
            if let Expr::Compare(compare) = expression {
                let mut left_is_literal = is_literal(&compare.left);
                for (operator, right) in compare.ops.iter_mut().zip(&compare.comparators) {
                    let right_is_literal = is_literal(right);
                    if (left_is_literal || right_is_literal)
                        && let Some(meant) = meant(*operator)
                    {
                        *operator = meant;
                    }
                    left_is_literal = right_is_literal;
                }
            }
            transformer::walk_expr(self, expression);
        }
    }
    for statement in &mut tree.body {
        Meant.visit_stmt(statement);
    }
}

/// Tells of each such comparison.
pub(crate) fn find(tree: &ModModule, tokens: &Tokens, lines: &Lines<'_>) -> Vec<Diagnostic> {
    let mut found = Found {
        tokens,
        lines,
        guards_exception: false,
        diagnostics: vec![],
    };
    found.visit_body(&tree.body);
    found.diagnostics
}

struct Found<'a> {
    tokens: &'a Tokens,
    lines: &'a Lines<'a>,
    /// Whether what is looked at decides over an assignment to `exception`.
    guards_exception: bool,
    diagnostics: Vec<Diagnostic>,
}

impl Found<'_> {
    /// The written operator between two operands: its first and its last character.
    fn operator(&self, after: TextSize, before: TextSize) -> Option<(TextSize, TextSize)> {
        let between = self
            .tokens
            .iter()
            .filter(|token| token.start() >= after && token.end() <= before);
        let mut words = between.filter(|token| matches!(token.kind(), TokenKind::Is | TokenKind::Not));
        let first = words.find(|token| token.kind() == TokenKind::Is)?;
        let last = words.next().map_or(first.end(), |not| not.end());
        Some((first.start(), last))
    }

    fn tell(&mut self, operator: CmpOp, after: TextSize, before: TextSize) {
        let (Some(meant), Some((start, end))) = (meant(operator), self.operator(after, before)) else {
            return;
        };
        let written = self.lines.text(start, end);
        let length = written.chars().count();
        let (code, help) = if self.guards_exception {
            (
                "is-literal-exception",
                "this decides whether a ticket is refused; with `is` it may never have done so before",
            )
        } else {
            (
                "is-literal",
                "write what is meant, and the rules mean the same everywhere",
            )
        };
        let message = format!(
            "`{}` with a text or a number compares identity, which nobody means; it is read as `{}`",
            written.split_whitespace().collect::<Vec<_>>().join(" "),
            meant.as_str()
        );
        self.diagnostics.push(Diagnostic {
            help: Some(help.to_owned()),
            replacement: Some(Replacement {
                length: u32::try_from(length).unwrap_or(u32::MAX),
                text: format!("{:<length$}", meant.as_str()),
            }),
            ..diagnostic("warning", code, self.lines.place(start), message)
        });
    }
}

impl<'a> Visitor<'a> for Found<'_> {
    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Compare(compare) = expression {
            let mut left: &Expr = &compare.left;
            for (operator, right) in compare.ops.iter().zip(&compare.comparators) {
                if is_literal(left) || is_literal(right) {
                    self.tell(*operator, left.end(), right.start());
                }
                left = right;
            }
        }
        visitor::walk_expr(self, expression);
    }

    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let Stmt::If(branch) = statement else {
            return visitor::walk_stmt(self, statement);
        };
        let outside = self.guards_exception;
        let clauses = branch.elif_else_clauses.iter();
        let bodies: Vec<&[Stmt]> = std::iter::once(branch.body.as_slice())
            .chain(clauses.clone().map(|clause| clause.body.as_slice()))
            .collect();
        // A condition decides over its own body and over all that follow.
        let tests = std::iter::once(Some(&*branch.test)).chain(clauses.map(|clause| clause.test.as_ref()));
        for (index, test) in tests.enumerate() {
            if let Some(test) = test {
                let decided = bodies.get(index..).unwrap_or_default();
                self.guards_exception = outside || decided.iter().any(|body| sets_exception(body));
                self.visit_expr(test);
            }
        }
        self.guards_exception = outside;
        for body in bodies {
            self.visit_body(body);
        }
    }
}

/// The variable that refuses a ticket.
const EXCEPTION: &str = "exception";

fn sets_exception(body: &[Stmt]) -> bool {
    struct Sets(bool);
    impl<'a> Visitor<'a> for Sets {
        fn visit_stmt(&mut self, statement: &'a Stmt) {
            self.0 |= crate::bound::by_statement(statement)
                .iter()
                .any(|name| name == EXCEPTION);
            visitor::walk_stmt(self, statement);
        }
    }
    let mut sets = Sets(false);
    sets.visit_body(body);
    sets.0
}
