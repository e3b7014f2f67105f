//! What the memories and tables of one instance take together.
//!
//! wasmtime's own limiter bounds each memory and each table; a component may have dozens.

use crate::limits::Limits;
use wasmtime::ResourceLimiter;

/// What is left, and whether more was wanted.
#[derive(Debug)]
pub(crate) struct Bounds {
    memory: usize,
    memory_left: usize,
    elements_left: usize,
    instances: usize,
    refused: Option<Refused>,
}

/// What a guest wanted more of than it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Memory,
    Tables,
}

impl Bounds {
    pub(crate) const fn new(limits: &Limits) -> Self {
        Self {
            memory: limits.memory_bytes,
            memory_left: limits.memory_bytes,
            elements_left: limits.table_elements,
            instances: limits.instances,
            refused: None,
        }
    }

    /// Bytes of linear memory that were granted.
    pub(crate) const fn memory(&self) -> usize {
        self.memory - self.memory_left
    }

    /// What was refused, if anything: the likely reason of a crash that follows.
    pub(crate) const fn refused(&self) -> Option<Refused> {
        self.refused
    }
}

/// Takes a growth from what is left; false if there is not enough.
///
/// A growth beyond the declared maximum is let through, since wasmtime refuses it. What fails for any other
/// reason stays taken: wasmtime reports failed growths that were never asked for here, so giving back would
/// let a guest earn memory by failing.
fn take(left: &mut usize, current: usize, desired: usize, maximum: Option<usize>) -> bool {
    if maximum.is_some_and(|maximum| desired > maximum) {
        return true;
    }
    match left.checked_sub(desired.saturating_sub(current)) {
        Some(rest) => {
            *left = rest;
            true
        }
        None => false,
    }
}

impl ResourceLimiter for Bounds {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let granted = take(&mut self.memory_left, current, desired, maximum);
        if !granted {
            self.refused = Some(Refused::Memory);
        }
        Ok(granted)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let granted = take(&mut self.elements_left, current, desired, maximum);
        if !granted {
            self.refused = Some(Refused::Tables);
        }
        Ok(granted)
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.instances
    }

    fn memories(&self) -> usize {
        self.instances
    }
}
