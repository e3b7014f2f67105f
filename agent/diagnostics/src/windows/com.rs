//! COM, for those who ask it something.

use std::marker::PhantomData;
use windows::Win32::System::Com::{COINIT, CoInitializeEx, CoUninitialize};

/// COM on this thread, ended with the value. Make it before every object of COM, so that it goes after them.
pub(super) struct Com {
    /// Ended on the thread that began: not to be sent to another one.
    _here: PhantomData<*const ()>,
}

impl Com {
    /// Begins, unless somebody has chosen another way for this thread before.
    pub(super) fn begin(way: COINIT) -> Option<Self> {
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: may be called on any thread; every success is undone once, when this value is dropped.
        let begun = unsafe { CoInitializeEx(None, way) };
        begun.is_ok().then_some(Self { _here: PhantomData })
    }
}

impl Drop for Com {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: undoes the one success of `begin`, on the same thread, which this value cannot leave.
        unsafe {
            CoUninitialize();
        }
    }
}
