//! The generator behind Python's `random`: the Mersenne twister, as CPython seeds and reads it, so that a seed gives
//! the same numbers here and there.

use mt19937::MT19937;
use rand_core::Rng as _;
use rustpython_vm::{
    Py, PyObjectRef, PyPayload, PyRef, PyResult, VirtualMachine,
    builtins::{PyInt, PyModule, PyType, PyTypeRef},
    class::PyClassImpl as _,
    function::FuncArgs,
    pyclass,
    types::Constructor,
};
use std::cell::RefCell;

/// Bits of one draw.
const WORD_BITS: u32 = 32;
/// Words of a generator's state.
const STATE_WORDS: usize = 624;
/// Bits that one call may ask for: more than any rule needs, and less than hurts.
const MOST_BITS: u32 = 1 << 20;

#[pyclass(module = "_random", name = "Random")]
#[derive(PyPayload)]
pub(crate) struct Generator {
    twister: RefCell<MT19937>,
}

impl std::fmt::Debug for Generator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Generator")
    }
}

impl Constructor for Generator {
    type Args = FuncArgs;

    fn py_new(_class: &Py<PyType>, _args: FuncArgs, _vm: &VirtualMachine) -> PyResult<Self> {
        Ok(Self {
            twister: RefCell::new(MT19937::new_with_slice_seed(&[0])),
        })
    }
}

#[pyclass(flags(BASETYPE), with(Constructor))]
impl Generator {
    #[pymethod]
    fn random(&self) -> f64 {
        mt19937::gen_res53(&mut *self.twister.borrow_mut())
    }

    /// Nothing, or no number, seeds like nought: there is no other chance than that of the input.
    #[pymethod]
    fn seed(
        &self,
        seed: rustpython_vm::function::OptionalOption<PyObjectRef>,
        vm: &VirtualMachine,
    ) -> PyResult<()> {
        let digits = match seed.flatten() {
            None => vec![],
            Some(seed) => match seed.downcast::<PyInt>() {
                Ok(number) => number.as_bigint().magnitude().to_u32_digits(),
                Err(other) => {
                    vec![u32::try_from(other.hash(vm)?.unsigned_abs() & u64::from(u32::MAX)).unwrap_or(0)]
                }
            },
        };
        let key = if digits.is_empty() { &[0][..] } else { &digits };
        *self.twister.borrow_mut() = MT19937::new_with_slice_seed(key);
        Ok(())
    }

    /// A whole number of so many random bits, the first draw lowest.
    #[pymethod]
    fn getrandbits(&self, bits: i64, vm: &VirtualMachine) -> PyResult<PyObjectRef> {
        let Some(bits) = u32::try_from(bits).ok().filter(|bits| *bits <= MOST_BITS) else {
            return Err(vm.new_value_error(format!("number of bits must be from 0 to {MOST_BITS}")));
        };
        let mut twister = self.twister.borrow_mut();
        let (mut digits, mut left) = (vec![], bits);
        while left > 0 {
            let taken = left.min(WORD_BITS);
            digits.push(twister.next_u32() >> (WORD_BITS - taken));
            left -= taken;
        }
        let mut bytes: Vec<u8> = digits.iter().flat_map(|digit| digit.to_le_bytes()).collect();
        bytes.push(0);
        let whole = vm.ctx.new_bytes(bytes);
        let int: PyObjectRef = vm.ctx.types.int_type.to_owned().into();
        vm.call_method(&int, "from_bytes", (whole, vm.ctx.new_str("little")))
    }

    #[pymethod]
    fn getstate(&self, vm: &VirtualMachine) -> PyObjectRef {
        let twister = self.twister.borrow();
        let words = twister.get_state().iter().map(|word| u64::from(*word));
        let all = words.chain([twister.get_index() as u64]);
        let all: Vec<PyObjectRef> = all.map(|word| vm.ctx.new_int(word).into()).collect();
        vm.ctx.new_tuple(all).into()
    }

    #[pymethod]
    fn setstate(&self, state: Vec<u32>, vm: &VirtualMachine) -> PyResult<()> {
        let wrong = || vm.new_value_error("this is no state of a random generator");
        let (index, words) = state.split_last().ok_or_else(wrong)?;
        let words: [u32; STATE_WORDS] = words.try_into().map_err(|_| wrong())?;
        let index = usize::try_from(*index).unwrap_or(usize::MAX);
        let mut twister = MT19937::new_with_slice_seed(&[0]);
        twister.set_state(&words);
        if index > STATE_WORDS {
            return Err(wrong());
        }
        twister.set_index(index);
        *self.twister.borrow_mut() = twister;
        Ok(())
    }
}

/// The module `_random`.
pub(crate) fn module(vm: &VirtualMachine) -> PyResult<PyRef<PyModule>> {
    let module = vm.new_module("_random", vm.ctx.new_dict(), None);
    let class: PyTypeRef = Generator::make_static_type();
    module.set_attr("Random", class, vm)?;
    Ok(module)
}
