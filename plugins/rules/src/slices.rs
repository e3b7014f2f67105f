//! Slices with a step: `text[::-1]`.
//!
//! RustPython 0.5 loses its way in them, and ends, if the text has letters beyond ASCII. A call stands in the tree
//! instead, to a function of the prelude that slices such texts by way of [`picked`].

use ruff_text_size::{Ranged as _, TextRange};
use rustpython_vm::{
    builtins::PyStrRef,
    compiler::ast::{
        Arguments, AtomicNodeIndex, Expr, ExprCall, ExprContext, ExprName, ExprNoneLiteral, ModModule,
        visitor::transformer::{self, Transformer},
    },
};

/// The script's name for the prelude's function, which no script can write.
pub(crate) const SLICED: &str = "<sliced>";

/// Every so manieth letter of a text, from one place to before another. The prelude has made sure of the places.
pub(crate) fn picked(text: PyStrRef, start: i64, stop: i64, step: i64) -> String {
    let letters: Vec<char> = text.to_string_lossy().chars().collect();
    let mut picked = String::new();
    let mut at = start;
    while step != 0 && if step > 0 { at < stop } else { at > stop } {
        picked.extend(usize::try_from(at).ok().and_then(|at| letters.get(at)));
        at = at.saturating_add(step);
    }
    picked
}

/// Replaces every such slice that is read.
pub(crate) fn replace(tree: &mut ModModule) {
    struct Sliced;
    impl Transformer for Sliced {
        fn visit_expr(&self, expression: &mut Expr) {
            transformer::walk_expr(self, expression);
            if let Some(call) = sliced(expression) {
                *expression = call;
            }
        }
    }
    for statement in &mut tree.body {
        Sliced.visit_stmt(statement);
    }
}

fn sliced(expression: &Expr) -> Option<Expr> {
    let Expr::Subscript(subscript) = expression else {
        return None;
    };
    let Expr::Slice(slice) = &*subscript.slice else {
        return None;
    };
    let step = slice.step.as_ref()?;
    if subscript.ctx != ExprContext::Load {
        return None;
    }
    let range = expression.range();
    let bound = |bound: &Option<Box<Expr>>| {
        bound
            .as_ref()
            .map_or_else(|| none(range), |bound| (**bound).clone())
    };
    let arguments = [
        (*subscript.value).clone(),
        bound(&slice.lower),
        bound(&slice.upper),
        (**step).clone(),
    ];
    let node_index = AtomicNodeIndex::default();
    let function = Expr::Name(ExprName {
        node_index: node_index.clone(),
        range,
        id: SLICED.into(),
        ctx: ExprContext::Load,
    });
    Some(Expr::Call(ExprCall {
        node_index: node_index.clone(),
        range,
        func: Box::new(function),
        arguments: Arguments {
            range,
            node_index,
            args: Box::new(arguments),
            keywords: Box::new([]),
        },
    }))
}

fn none(range: TextRange) -> Expr {
    Expr::NoneLiteral(ExprNoneLiteral {
        node_index: AtomicNodeIndex::default(),
        range,
    })
}
