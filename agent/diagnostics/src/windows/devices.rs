//! The devices that are plugged in, as the configuration manager lists them.

/// One device that is present.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Device {
    /// Its place in the tree: `USB\VID_046D&PID_085E\3&11583659&0`.
    pub(crate) id: String,
    /// As its driver or its maker calls it; empty if nobody does.
    pub(crate) name: String,
    /// `Display`, `Net`, `Camera`; empty without a driver.
    pub(crate) class: String,
    /// The key of its driver below the classes: `{4d36e968-…}\0001`; empty without one.
    pub(crate) driver: String,
    /// The device manager's number for what is wrong.
    pub(crate) problem: Option<u32>,
}

#[cfg(windows)]
pub(crate) use calls::present;

#[cfg(windows)]
mod calls {
    use super::super::memory::{Room, text_in};
    use super::Device;
    use crate::part::ProbeError;
    use std::ptr;
    use windows::Win32::Devices::DeviceAndDriverInstallation::{
        CM_DEVNODE_STATUS_FLAGS, CM_DRP_CLASS, CM_DRP_DEVICEDESC, CM_DRP_DRIVER, CM_DRP_FRIENDLYNAME,
        CM_GETIDLIST_FILTER_PRESENT, CM_Get_DevNode_Registry_PropertyW, CM_Get_DevNode_Status,
        CM_Get_Device_ID_List_SizeW, CM_Get_Device_ID_ListW, CM_LOCATE_DEVNODE_NORMAL, CM_Locate_DevNodeW,
        CM_PROB, CONFIGRET, CR_SUCCESS, DN_HAS_PROBLEM,
    };
    use windows::core::{HSTRING, PCWSTR};

    /// Devices that are looked at. A workstation has about three hundred.
    const MOST: usize = 2000;
    /// Units of the list of their names: what that many would take at their usual hundred each, doubled.
    const LIST_UNITS: u32 = 400_000;
    /// Bytes of one property; names are limited to 256 units.
    const PROPERTY_BYTES: u32 = 1024;

    /// Every device that is present.
    pub(crate) fn present() -> Result<Vec<Device>, ProbeError> {
        let ids = ids()?;
        if ids.is_empty() {
            return Err(ProbeError::unsupported("this system lists no devices"));
        }
        Ok(ids.into_iter().take(MOST).filter_map(device).collect())
    }

    fn checked(result: CONFIGRET) -> Result<(), ProbeError> {
        if result == CR_SUCCESS {
            Ok(())
        } else {
            Err(ProbeError::Failed(format!(
                "the configuration manager answered {}",
                result.0
            )))
        }
    }

    fn ids() -> Result<Vec<String>, ProbeError> {
        let mut units = 0;
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: the length may be written to; no filter text is given.
        checked(unsafe {
            CM_Get_Device_ID_List_SizeW(&raw mut units, PCWSTR::null(), CM_GETIDLIST_FILTER_PRESENT)
        })?;
        let mut list = vec![0_u16; units.min(LIST_UNITS) as usize];
        if list.is_empty() {
            return Ok(Vec::new());
        }
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: the list may be written to and tells its own length; no filter text is given.
        checked(unsafe { CM_Get_Device_ID_ListW(PCWSTR::null(), &mut list, CM_GETIDLIST_FILTER_PRESENT) })?;
        Ok(list
            .split(|unit| *unit == 0)
            .filter(|id| !id.is_empty())
            .map(String::from_utf16_lossy)
            .collect())
    }

    /// `None` if it has just been unplugged.
    fn device(id: String) -> Option<Device> {
        let mut node = 0;
        let name = HSTRING::from(&id);
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: the node may be written to; the name lives until after the call and is only read.
        let found = unsafe { CM_Locate_DevNodeW(&raw mut node, &name, CM_LOCATE_DEVNODE_NORMAL) };
        checked(found).ok()?;
        let property = |which| property(node, which).unwrap_or_default();
        let friendly = property(CM_DRP_FRIENDLYNAME);
        Some(Device {
            id,
            name: if friendly.is_empty() {
                property(CM_DRP_DEVICEDESC)
            } else {
                friendly
            },
            class: property(CM_DRP_CLASS),
            driver: property(CM_DRP_DRIVER),
            problem: problem(node),
        })
    }

    fn problem(node: u32) -> Option<u32> {
        let (mut status, mut problem) = (CM_DEVNODE_STATUS_FLAGS(0), CM_PROB(0));
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: both numbers may be written to; a node that is gone is answered by an error.
        let asked = unsafe { CM_Get_DevNode_Status(&raw mut status, &raw mut problem, node, 0) };
        checked(asked).ok()?;
        (status.0 & DN_HAS_PROBLEM.0 != 0).then_some(problem.0)
    }

    fn property(node: u32, which: u32) -> Option<String> {
        let mut room = Room::of(PROPERTY_BYTES);
        let mut length = PROPERTY_BYTES;
        let place = ptr::from_mut(room.bytes()).cast();
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: `place` has room for `length` bytes, which Windows updates to what it wrote; the kind is not asked for.
        let asked =
            unsafe { CM_Get_DevNode_Registry_PropertyW(node, which, None, Some(place), &raw mut length, 0) };
        checked(asked).ok()?;
        #[expect(unsafe_code, reason = "the property is a text")]
        // SAFETY: the room is initialised, whatever Windows wrote, and every pair of bytes is a unit.
        let units: &[u16] = unsafe { room.rows(length / 2) };
        Some(text_in(units))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn this_machine_lists_its_devices_or_says_that_it_cannot() {
            match present() {
                Ok(devices) => assert!(devices.iter().all(|device| !device.id.is_empty())),
                Err(error) => assert!(!error.words().is_empty()),
            }
        }
    }
}
