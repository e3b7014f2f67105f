//! The instance's memory.
//!
//! While the engine is prepared, memory that is given back is cleared: what is not zero is written into the component,
//! and would otherwise hold the remains of reading the library.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicBool, Ordering},
};

static CLEARING: AtomicBool = AtomicBool::new(false);

/// Whether memory is cleared when it is given back.
pub(crate) fn clear(clearing: bool) {
    CLEARING.store(clearing, Ordering::Relaxed);
}

struct Clearing;

#[global_allocator]
static ALLOCATOR: Clearing = Clearing;

#[expect(
    unsafe_code,
    reason = "an allocator is unsafe by its nature; it hands on to the system's"
)]
// SAFETY: every call is handed on as it came. What is cleared is about to be given back and belongs to nobody else.
unsafe impl GlobalAlloc for Clearing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        if CLEARING.load(Ordering::Relaxed) {
            unsafe { memory.write_bytes(0, layout.size()) };
        }
        unsafe { System.dealloc(memory, layout) };
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if CLEARING.load(Ordering::Relaxed) {
            // By way of a new piece, so that the old one is cleared.
            let Ok(new) = Layout::from_size_align(size, layout.align()) else {
                return std::ptr::null_mut();
            };
            let moved = unsafe { self.alloc(new) };
            if !moved.is_null() {
                unsafe {
                    moved.copy_from_nonoverlapping(memory, layout.size().min(size));
                    self.dealloc(memory, layout);
                }
            }
            return moved;
        }
        unsafe { System.realloc(memory, layout, size) }
    }
}
