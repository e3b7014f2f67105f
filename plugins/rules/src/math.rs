//! The numbers behind Python's `math`: what needs a processor's floating point, and nothing else. The rest of the
//! module is Python (`library/math.py`), where numbers have no bounds.

use pymath::{Error, math};
use rustpython_vm::{
    PyRef, PyResult, VirtualMachine,
    builtins::{PyBaseExceptionRef, PyModule},
    function::{ArgIntoFloat, ArgIterable, PosArgs},
};

fn wrong(error: Error, vm: &VirtualMachine) -> PyBaseExceptionRef {
    match error {
        Error::EDOM => vm.new_value_error("math domain error"),
        Error::ERANGE => vm.new_overflow_error("math range error"),
    }
}

macro_rules! unary {
    ($vm:ident, $module:ident: $($name:ident)*) => {
        $(let function = $vm.new_function(
            stringify!($name),
            |x: ArgIntoFloat, vm: &VirtualMachine| -> PyResult<f64> {
                math::$name(x.into_float()).map_err(|error| wrong(error, vm))
            },
        );
        $module.set_attr(stringify!($name), function, $vm)?;)*
    };
}

macro_rules! binary {
    ($vm:ident, $module:ident: $($name:ident)*) => {
        $(let function = $vm.new_function(
            stringify!($name),
            |x: ArgIntoFloat, y: ArgIntoFloat, vm: &VirtualMachine| -> PyResult<f64> {
                math::$name(x.into_float(), y.into_float()).map_err(|error| wrong(error, vm))
            },
        );
        $module.set_attr(stringify!($name), function, $vm)?;)*
    };
}

/// The module `_math`.
pub(crate) fn module(vm: &VirtualMachine) -> PyResult<PyRef<PyModule>> {
    let module = vm.new_module("_math", vm.ctx.new_dict(), None);
    unary!(vm, module: acos acosh asin asinh atan atanh cbrt cos cosh erf erfc exp exp2 expm1 fabs gamma lgamma log10
        log1p log2 sin sinh sqrt tan tanh);
    binary!(vm, module: atan2 copysign fmod pow remainder);
    let log = |x: ArgIntoFloat, vm: &VirtualMachine| -> PyResult<f64> {
        math::log(x.into_float(), None).map_err(|error| wrong(error, vm))
    };
    module.set_attr("log", vm.new_function("log", log), vm)?;
    let fma = |x: ArgIntoFloat, y: ArgIntoFloat, z: ArgIntoFloat, vm: &VirtualMachine| -> PyResult<f64> {
        math::fma(x.into_float(), y.into_float(), z.into_float()).map_err(|error| wrong(error, vm))
    };
    module.set_attr("fma", vm.new_function("fma", fma), vm)?;
    let ldexp = |x: ArgIntoFloat, exponent: i32, vm: &VirtualMachine| -> PyResult<f64> {
        math::ldexp(x.into_float(), exponent).map_err(|error| wrong(error, vm))
    };
    module.set_attr("ldexp", vm.new_function("ldexp", ldexp), vm)?;
    let fsum = |values: ArgIterable<ArgIntoFloat>, vm: &VirtualMachine| -> PyResult<f64> {
        let values: PyResult<Vec<f64>> = values
            .iter(vm)?
            .map(|value| value.map(ArgIntoFloat::into_float))
            .collect();
        math::fsum(values?).map_err(|error| wrong(error, vm))
    };
    module.set_attr("fsum", vm.new_function("fsum", fsum), vm)?;
    let hypot = |coordinates: PosArgs<ArgIntoFloat>| {
        let coordinates: Vec<f64> = coordinates.into_iter().map(ArgIntoFloat::into_float).collect();
        math::hypot(&coordinates)
    };
    module.set_attr("hypot", vm.new_function("hypot", hypot), vm)?;
    module.set_attr(
        "frexp",
        vm.new_function("frexp", |x: ArgIntoFloat| math::frexp(x.into_float())),
        vm,
    )?;
    module.set_attr(
        "modf",
        vm.new_function("modf", |x: ArgIntoFloat| math::modf(x.into_float())),
        vm,
    )?;
    module.set_attr(
        "ulp",
        vm.new_function("ulp", |x: ArgIntoFloat| math::ulp(x.into_float())),
        vm,
    )?;
    let nextafter = |x: ArgIntoFloat, y: ArgIntoFloat| math::nextafter(x.into_float(), y.into_float(), None);
    module.set_attr("nextafter", vm.new_function("nextafter", nextafter), vm)?;
    module.set_attr(
        "isfinite",
        vm.new_function("isfinite", |x: ArgIntoFloat| x.into_float().is_finite()),
        vm,
    )?;
    module.set_attr(
        "isinf",
        vm.new_function("isinf", |x: ArgIntoFloat| x.into_float().is_infinite()),
        vm,
    )?;
    module.set_attr(
        "isnan",
        vm.new_function("isnan", |x: ArgIntoFloat| x.into_float().is_nan()),
        vm,
    )?;
    Ok(module)
}
