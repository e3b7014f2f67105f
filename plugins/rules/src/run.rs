//! Runs a script.

use crate::{
    contract::helpbell::rules::types::{Diagnostic, Failure, Input, Outcome},
    interpreter, is_literal,
    place::{Lines, Place},
    read::{self, diagnostic},
    rules, slices, trace, values, watch,
};
use ruff_source_file::SourceFileBuilder;
use rustpython_vm::{
    AsObject as _, PyRef, PyResult, VirtualMachine,
    builtins::{PyBaseExceptionRef, PyCode},
    compiler::{CodeObject, CompileOpts, ast::ModModule, codegen},
    scope::Scope,
};

/// The script's name in tracebacks.
const SCRIPT: &str = "rules";

/// Milliseconds in a second.
const MILLIS: f64 = 1_000.0;
/// Seconds in a minute.
const SECONDS: i32 = 60;

/// Runs the rules of an input from top to bottom.
pub(crate) fn run(input: &Input) -> Outcome {
    let source = without_mark(&input.source);
    let mut tree = match read::read(source) {
        Ok(parsed) => parsed.into_syntax(),
        Err(wrong) => return unread(&wrong),
    };
    let lines = Lines::new(source);
    let mut outcome = Outcome {
        changes: vec![],
        created: vec![],
        rules: rules::all(&tree, &lines),
        output: String::new(),
        diagnostics: vec![],
        failure: None,
    };
    is_literal::replace(&mut tree);
    slices::replace(&mut tree);
    let sites = trace::add(&mut tree, &lines);
    let code = match compile(&tree, source) {
        Ok(code) => code,
        Err(wrong) => {
            return Outcome {
                rules: outcome.rules,
                ..unread(&wrong)
            };
        }
    };
    let last_line = lines.line(tree.range.end());
    let ran = interpreter::enter(|vm| {
        let result = within(vm, input, sites, code, &mut outcome);
        let seen = watch::end(vm, last_line, &mut outcome.rules);
        outcome.changes = seen.changes;
        outcome.created = seen.created;
        outcome.diagnostics = seen.diagnostics;
        if let Err(error) = result {
            outcome.failure = failure(vm, &error);
        }
        take_prelude(vm, &mut outcome);
    });
    if ran.is_none() {
        outcome.failure = Some(Failure {
            kind: "EngineError".to_owned(),
            message: "the engine was not prepared when it was built".to_owned(),
            line: None,
        });
    }
    outcome
}

/// Editors on Windows begin a file with a byte order mark.
pub(crate) fn without_mark(source: &str) -> &str {
    source.strip_prefix('\u{feff}').unwrap_or(source)
}

fn unread(wrong: &Diagnostic) -> Outcome {
    Outcome {
        changes: vec![],
        created: vec![],
        rules: vec![],
        output: String::new(),
        diagnostics: vec![],
        failure: Some(Failure {
            kind: "SyntaxError".to_owned(),
            message: wrong.message.clone(),
            line: Some(wrong.line),
        }),
    }
}

/// Compiles a tree that was read from this source.
pub(crate) fn compile(tree: &ModModule, source: &str) -> Result<CodeObject, Diagnostic> {
    let file = SourceFileBuilder::new(SCRIPT, source).finish();
    codegen::compile::compile_program(tree, file, CompileOpts::default()).map_err(|wrong| {
        let place = wrong.location.map_or(Place { line: 1, column: 1 }, |at| Place {
            line: u32::try_from(at.line.get()).unwrap_or(u32::MAX),
            column: u32::try_from(at.character_offset.get()).unwrap_or(u32::MAX),
        });
        let message = format!("this is not Python: {}", read::sentence(&wrong.error.to_string()));
        diagnostic("error", "syntax", place, message)
    })
}

fn within(
    vm: &VirtualMachine,
    input: &Input,
    sites: Vec<trace::Site>,
    code: CodeObject,
    outcome: &mut Outcome,
) -> PyResult<()> {
    let clock = interpreter::prelude(vm, "_clock")?;
    #[expect(clippy::cast_precision_loss, reason = "exact for the next 285,000 years")]
    let seconds = input.clock_ms as f64 / MILLIS;
    clock.set_item(
        vm.ctx.new_int(0).as_object(),
        vm.ctx.new_float(seconds).into(),
        vm,
    )?;
    let offset = i32::from(input.offset_minutes) * SECONDS;
    clock.set_item(vm.ctx.new_int(1).as_object(), vm.ctx.new_int(offset).into(), vm)?;
    let random = vm.import("random", 0)?;
    vm.call_method(&random, "seed", (vm.ctx.new_int(input.seed),))?;
    let scope = Scope::with_builtins(None, vm.ctx.new_dict(), vm);
    scope
        .globals
        .set_item("__name__", vm.ctx.new_str("__main__").into(), vm)?;
    watch::begin(vm, &scope.globals, &input.variables, sites, outcome.rules.len())?;
    let code: PyRef<PyCode> = vm.ctx.new_code(code);
    vm.run_code_obj(code, scope).map(drop)
}

/// Why a script ended. `sys.exit()` ends it, too, and is no failure.
fn failure(vm: &VirtualMachine, error: &PyBaseExceptionRef) -> Option<Failure> {
    if error.fast_isinstance(vm.ctx.exceptions.system_exit) {
        return None;
    }
    let traceback = error.__traceback__();
    let mut line = None;
    let mut next = traceback;
    while let Some(entry) = next {
        if entry.frame.code.source_path().as_str() == SCRIPT {
            line = u32::try_from(entry.lineno.get()).ok();
        }
        next = entry.next.lock().clone();
    }
    Some(Failure {
        kind: error.class().name().to_string(),
        message: values::shown(vm, &error.as_object().to_owned()),
        line,
    })
}

/// What the prelude has kept: what was printed, and whether a classifier was wanted.
fn take_prelude(vm: &VirtualMachine, outcome: &mut Outcome) {
    let printed = interpreter::prelude(vm, "_output").and_then(|output| vm.call_method(&output, "taken", ()));
    if let Ok(text) = printed {
        outcome.output = values::shown(vm, &text);
    }
    let missed = interpreter::prelude(vm, "_classifier_missed").and_then(|missed| missed.try_to_bool(vm));
    if missed.unwrap_or(false) {
        let message = "ai_categorize found nothing: no classifier is configured";
        outcome.diagnostics.push(diagnostic(
            "note",
            "no-classifier",
            Place { line: 1, column: 1 },
            message,
        ));
    }
}
