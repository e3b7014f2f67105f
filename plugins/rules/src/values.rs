//! Values on their way into Python and out of it.

use crate::contract::helpbell::rules::types::Value;
use rustpython_vm::{
    AsObject as _, PyObjectRef, VirtualMachine,
    builtins::{PyFloat, PyInt, PyList, PyStr, PyTuple},
};

/// Characters of a text that leave the engine: more than any ticket takes.
const TEXT_CHARS: usize = 100_000;

/// Characters kept of a value that is shown in a list of values.
const SHOWN_CHARS: usize = 1_000;

pub(crate) fn to_python(vm: &VirtualMachine, value: &Value) -> PyObjectRef {
    let text = |text: &String| -> PyObjectRef { vm.ctx.new_str(text.as_str()).into() };
    match value {
        Value::None => vm.ctx.none(),
        Value::Truth(truth) => vm.ctx.new_bool(*truth).into(),
        Value::Integer(number) => vm.ctx.new_int(*number).into(),
        Value::Decimal(number) => vm.ctx.new_float(*number).into(),
        Value::Text(value) => text(value),
        Value::Texts(values) => vm.ctx.new_list(values.iter().map(text).collect()).into(),
    }
}

/// None stands for everything that is no plain value.
pub(crate) fn from_python(vm: &VirtualMachine, object: &PyObjectRef) -> Value {
    if object.is(&vm.ctx.true_value) || object.is(&vm.ctx.false_value) {
        return Value::Truth(object.is(&vm.ctx.true_value));
    }
    if let Some(text) = object.downcast_ref::<PyStr>() {
        return Value::Text(shortened(&text.to_string_lossy(), TEXT_CHARS));
    }
    if let Some(number) = object.downcast_ref::<PyInt>() {
        let whole = number.as_bigint();
        return i64::try_from(whole).map_or_else(|_| Value::Text(whole.to_string()), Value::Integer);
    }
    if let Some(number) = object.downcast_ref::<PyFloat>() {
        return Value::Decimal(number.to_f64());
    }
    let elements = object
        .downcast_ref::<PyList>()
        .map(|list| list.borrow_vec().to_vec())
        .or_else(|| {
            object
                .downcast_ref::<PyTuple>()
                .map(|tuple| tuple.as_slice().to_vec())
        });
    let texts = elements.map(|elements| {
        let text =
            |element: &PyObjectRef| Some(element.downcast_ref::<PyStr>()?.to_string_lossy().into_owned());
        elements.iter().map(text).collect::<Option<Vec<String>>>()
    });
    texts.flatten().map_or(Value::None, Value::Texts)
}

/// As `print` shows it.
pub(crate) fn shown(vm: &VirtualMachine, object: &PyObjectRef) -> String {
    match object.str(vm) {
        Ok(text) => shortened(&text.to_string_lossy(), TEXT_CHARS),
        Err(_) => format!("<{} that cannot be shown>", object.class().name()),
    }
}

/// As Python's own prompt shows it, shortened.
pub(crate) fn represented(vm: &VirtualMachine, object: &PyObjectRef) -> String {
    match object.repr(vm) {
        Ok(text) => shortened(&text.to_string_lossy(), SHOWN_CHARS),
        Err(_) => format!("<{} that cannot be shown>", object.class().name()),
    }
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}
