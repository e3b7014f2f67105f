//! The one interpreter of an instance. It is started and given its library when the engine is made, and found in that
//! state by every instance: starting it takes longer than most rules.

use crate::{math, random, values, watch};
use rustpython_vm::{
    AsObject as _, Interpreter, Py, PyObjectRef, PyResult, Settings, VirtualMachine,
    builtins::{PyBaseExceptionRef, PyType},
    compiler::Mode,
    scope::Scope,
};
use std::cell::OnceCell;

/// Calls within calls. Each takes some kilobytes of the instance's stack, which ends before Python's usual thousand.
const CALLS_DEEP: usize = 200;

/// The name under which the prelude is found.
const PRELUDE: &str = "_start";

thread_local! {
    static INTERPRETER: OnceCell<Interpreter> = const { OnceCell::new() };
}

/// Starts the interpreter and lets it import its library: pairs of a module's name and its source.
pub(crate) fn prepare(library: &[(String, String)]) -> Result<(), String> {
    let mut settings = Settings::default();
    settings.install_signal_handlers = false;
    // Hashes, and so the order of sets, are the same in every run.
    settings.hash_seed = Some(0);
    // Lines are told to people, columns within them are not, and would take a third of the library's room.
    settings.code_debug_ranges = false;
    let interpreter = Interpreter::builder(settings).build();
    interpreter.enter(|vm| start(vm, library).map_err(|error| told(vm, &error)))?;
    INTERPRETER.with(|cell| {
        cell.set(interpreter)
            .map_err(|_| "the engine is prepared already".to_owned())
    })
}

fn start(vm: &VirtualMachine, library: &[(String, String)]) -> PyResult<()> {
    vm.recursion_limit.set(CALLS_DEEP);
    let modules = vm.sys_module.get_attr("modules", vm)?;
    modules.set_item("_math", math::module(vm)?.into(), vm)?;
    modules.set_item("_random", random::module(vm)?.into(), vm)?;
    let names = vm.ctx.new_dict();
    let prelude = vm.new_module(PRELUDE, names.clone(), None);
    modules.set_item(PRELUDE, prelude.into(), vm)?;
    let scope = Scope::with_builtins(None, names.clone(), vm);
    for (name, source) in library {
        if name == PRELUDE {
            let code = vm
                .compile(source, Mode::Exec, PRELUDE.to_owned())
                .map_err(|error| vm.new_syntax_error(&error, Some(source)))?;
            vm.run_code_obj(code, scope.clone())?;
        }
    }
    let sources = names.get_item("_sources", vm)?;
    for (name, source) in library {
        sources.set_item(name.as_str(), vm.ctx.new_str(source.as_str()).into(), vm)?;
    }
    names.get_item("_prepare", vm)?.call((), vm)?;
    know_types(vm, vm.ctx.types.object_type);
    watch::install(vm)
}

/// RustPython ends if it is asked for the name of one of its types and has never written that name down. It has not of
/// all.
fn know_types(vm: &VirtualMachine, class: &Py<PyType>) {
    vm.ctx.intern_str(&*class.name());
    let subclasses: Vec<_> = class
        .subclasses
        .read()
        .iter()
        .filter_map(|weak| weak.upgrade())
        .collect();
    for subclass in subclasses {
        if let Ok(subclass) = subclass.downcast::<PyType>()
            && !subclass.is(class)
        {
            know_types(vm, &subclass);
        }
    }
}

/// Python's own words for an error, traceback and all.
fn told(vm: &VirtualMachine, error: &PyBaseExceptionRef) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = vm.write_exception(&mut text, error);
    text
}

/// Works with the interpreter, if the engine was prepared.
pub(crate) fn enter<T>(work: impl FnOnce(&VirtualMachine) -> T) -> Option<T> {
    INTERPRETER.with(|cell| cell.get().map(|interpreter| interpreter.enter(work)))
}

/// What the prelude has under this name.
pub(crate) fn prelude(vm: &VirtualMachine, name: &str) -> PyResult {
    let modules = vm.sys_module.get_attr("modules", vm)?;
    modules.get_item(PRELUDE, vm)?.get_attr(&vm.ctx.new_str(name), vm)
}

/// Puts something under this name into the prelude.
pub(crate) fn set_prelude(vm: &VirtualMachine, name: &'static str, value: PyObjectRef) -> PyResult<()> {
    let modules = vm.sys_module.get_attr("modules", vm)?;
    modules.get_item(PRELUDE, vm)?.set_attr(name, value, vm)
}

/// Whether scripts can import a module; none if the engine was not prepared.
pub(crate) fn has_module(name: &str) -> Option<bool> {
    asked("_has", name)
}

/// Whether every script has this name; none if the engine was not prepared.
pub(crate) fn has_builtin(name: &str) -> Option<bool> {
    asked("_has_builtin", name)
}

/// The answer of a function of the prelude about a name.
fn asked(function: &str, name: &str) -> Option<bool> {
    let has = enter(|vm| {
        let has = prelude(vm, function)?;
        has.call((vm.ctx.new_str(name),), vm)?.try_to_bool(vm)
    });
    has.and_then(Result::ok)
}

/// The modules that scripts are offered.
pub(crate) fn offered() -> Vec<String> {
    let offered = enter(|vm| {
        prelude(vm, "OFFERED").map(|offered| match values::from_python(vm, &offered) {
            crate::contract::helpbell::rules::types::Value::Texts(names) => names,
            _ => vec![],
        })
    });
    offered.and_then(Result::ok).unwrap_or_default()
}
