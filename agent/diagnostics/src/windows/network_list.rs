//! What Windows' network service thinks of the connection. Asking it may hang with the service.

use super::com::Com;
use windows::{
    Win32::{
        Networking::NetworkListManager::{INetworkCostManager, INetworkListManager, NetworkListManager},
        System::Com::{CLSCTX_ALL, COINIT_MULTITHREADED, CoCreateInstance},
    },
    core::Interface as _,
};

fn asked<T>(ask: impl FnOnce(&INetworkListManager) -> windows::core::Result<T>) -> Option<T> {
    let _com = Com::begin(COINIT_MULTITHREADED)?;
    #[expect(unsafe_code, reason = "a C function")]
    // SAFETY: COM has begun on this thread, and the object is released before it ends.
    let manager: INetworkListManager =
        unsafe { CoCreateInstance(&NetworkListManager, None, CLSCTX_ALL) }.ok()?;
    ask(&manager).ok()
}

/// `NLM_CONNECTIVITY`; `None` if the service does not tell.
pub(crate) fn connectivity() -> Option<u32> {
    #[expect(unsafe_code, reason = "a method of COM")]
    // SAFETY: takes nothing but the living object.
    let flags = asked(|manager| unsafe { manager.GetConnectivity() })?;
    Some(flags.0.cast_unsigned())
}

/// `NLM_CONNECTION_COST`; `None` if the service does not tell.
pub(crate) fn cost() -> Option<u32> {
    asked(|manager| {
        let costs: INetworkCostManager = manager.cast()?;
        let mut cost = 0;
        #[expect(unsafe_code, reason = "a method of COM")]
        // SAFETY: the number may be written to; no address means the connection that is used by default.
        unsafe {
            costs.GetCost(&raw mut cost, std::ptr::null())?;
        }
        Ok(cost)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_answers_or_does_not_and_twice_is_no_trouble() {
        assert_eq!(connectivity().is_some(), connectivity().is_some());
        let _ = cost();
    }
}
