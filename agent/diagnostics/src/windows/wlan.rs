//! Wireless cards, as Windows' service for them tells. Its library is missing on servers without that service, so it is
//! looked for when it is needed: a program that was linked with it would not even start there.

/// One card.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Card {
    /// `Intel(R) Wi-Fi 6 AX201 160MHz`.
    pub(crate) description: String,
    /// Its link; `None` without one.
    pub(crate) joined: Option<Joined>,
    /// The service refused to tell of the link: since Windows 11 24H2 that takes the permission to know the location.
    pub(crate) refused: bool,
    /// In dBm.
    pub(crate) rssi: Option<i32>,
    pub(crate) channel: Option<u32>,
}

/// One link.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Joined {
    /// The name of the network: any bytes.
    pub(crate) name: Vec<u8>,
    /// 0 to 100.
    pub(crate) quality: u32,
    /// In kbit/s.
    pub(crate) receive: u32,
    pub(crate) send: u32,
    /// `DOT11_PHY_TYPE`: the generation of Wi-Fi.
    pub(crate) generation: i32,
    /// `DOT11_AUTH_ALGORITHM`.
    pub(crate) authentication: i32,
    /// The link is encrypted.
    pub(crate) encrypted: bool,
}

#[cfg(windows)]
pub(crate) use calls::cards;

#[cfg(windows)]
mod calls {
    use super::super::memory::text_in;
    use super::{Card, Joined};
    use crate::part::ProbeError;
    use std::{ffi::c_void, ptr};
    use windows::{
        Win32::{
            Foundation::{ERROR_ACCESS_DENIED, ERROR_SERVICE_NOT_ACTIVE, FARPROC, HANDLE, HMODULE},
            NetworkManagement::WiFi::{
                WLAN_CONNECTION_ATTRIBUTES, WLAN_INTERFACE_INFO, WLAN_INTERFACE_INFO_LIST, WLAN_INTF_OPCODE,
                wlan_interface_state_connected, wlan_intf_opcode_channel_number,
                wlan_intf_opcode_current_connection, wlan_intf_opcode_rssi,
            },
            System::LibraryLoader::{GetProcAddress, LOAD_LIBRARY_SEARCH_SYSTEM32, LoadLibraryExW},
        },
        core::{GUID, PCSTR, s, w},
    };

    /// The version of the service's language since Vista.
    const VERSION: u32 = 2;
    /// Cards that are looked at.
    const MOST_CARDS: usize = 8;

    type Open = unsafe extern "system" fn(u32, *const c_void, *mut u32, *mut HANDLE) -> u32;
    type Close = unsafe extern "system" fn(HANDLE, *const c_void) -> u32;
    type Enumerate =
        unsafe extern "system" fn(HANDLE, *const c_void, *mut *mut WLAN_INTERFACE_INFO_LIST) -> u32;
    type Query = unsafe extern "system" fn(
        HANDLE,
        *const GUID,
        WLAN_INTF_OPCODE,
        *const c_void,
        *mut u32,
        *mut *mut c_void,
        *mut i32,
    ) -> u32;
    type Free = unsafe extern "system" fn(*const c_void);

    /// The functions of the library, which stays loaded: programs come and go faster than it does.
    struct Library {
        open: Open,
        close: Close,
        enumerate: Enumerate,
        query: Query,
        free: Free,
    }

    impl Library {
        fn load() -> Option<Self> {
            #[expect(unsafe_code, reason = "a C function")]
            // SAFETY: the name ends with a zero, and only the system's own folder is searched.
            let library =
                unsafe { LoadLibraryExW(w!("wlanapi.dll"), None, LOAD_LIBRARY_SEARCH_SYSTEM32) }.ok()?;
            #[expect(
                unsafe_code,
                reason = "a function that is looked up has the type of its documentation"
            )]
            // SAFETY: each name is that of the function whose documented type stands in the field, and the library is
            // never unloaded.
            unsafe {
                Some(Self {
                    open: std::mem::transmute::<FARPROC, Option<Open>>(found(library, s!("WlanOpenHandle")))?,
                    close: std::mem::transmute::<FARPROC, Option<Close>>(found(
                        library,
                        s!("WlanCloseHandle"),
                    ))?,
                    enumerate: std::mem::transmute::<FARPROC, Option<Enumerate>>(found(
                        library,
                        s!("WlanEnumInterfaces"),
                    ))?,
                    query: std::mem::transmute::<FARPROC, Option<Query>>(found(
                        library,
                        s!("WlanQueryInterface"),
                    ))?,
                    free: std::mem::transmute::<FARPROC, Option<Free>>(found(library, s!("WlanFreeMemory")))?,
                })
            }
        }
    }

    fn found(library: HMODULE, name: PCSTR) -> FARPROC {
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: the library is loaded, and the name ends with a zero.
        unsafe {
            GetProcAddress(library, name)
        }
    }

    /// A line to the service.
    struct Service {
        library: Library,
        handle: HANDLE,
    }

    impl Drop for Service {
        fn drop(&mut self) {
            #[expect(unsafe_code, reason = "a C function")]
            // SAFETY: the handle is this value's own and is closed once.
            let _ = unsafe { (self.library.close)(self.handle, ptr::null()) };
        }
    }

    /// What the service gave; it is given back.
    struct Given<'a> {
        library: &'a Library,
        place: *mut c_void,
        bytes: usize,
    }

    impl Drop for Given<'_> {
        fn drop(&mut self) {
            #[expect(unsafe_code, reason = "a C function")]
            // SAFETY: the service allocated this memory for us, and nothing refers to it any more.
            unsafe {
                (self.library.free)(self.place);
            }
        }
    }

    impl Given<'_> {
        /// A copy of it as a `T`, if it is long enough for one.
        ///
        /// # Safety
        /// `T` is what the service writes for the question, without any rule on its bytes.
        #[expect(unsafe_code, reason = "Windows alone knows what it wrote")]
        unsafe fn copied<T: Copy>(&self) -> Option<T> {
            let fits = !self.place.is_null() && self.bytes >= size_of::<T>();
            // SAFETY: so many bytes were written there; any bytes are a `T`, and it is read wherever it lies.
            fits.then(|| unsafe { self.place.cast::<T>().read_unaligned() })
        }
    }

    /// All cards; empty on a machine without any.
    pub(crate) fn cards() -> Result<Vec<Card>, ProbeError> {
        let Some(library) = Library::load() else {
            return Err(ProbeError::unsupported(
                "this Windows has no service for wireless cards",
            ));
        };
        let (mut handle, mut version) = (HANDLE::default(), 0);
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: both places may be written to.
        let opened = unsafe { (library.open)(VERSION, ptr::null(), &raw mut version, &raw mut handle) };
        match opened {
            0 => {}
            // Nothing wireless was ever plugged in, or somebody switched the service off.
            error if error == ERROR_SERVICE_NOT_ACTIVE.0 => {
                return Err(ProbeError::unsupported(
                    "the service for wireless cards does not run",
                ));
            }
            error => {
                return Err(ProbeError::Failed(format!(
                    "the service for wireless cards fails with error {error}"
                )));
            }
        }
        let service = Service { library, handle };
        let cards = service.list()?;
        Ok(cards
            .iter()
            .take(MOST_CARDS)
            .map(|card| service.card(card))
            .collect())
    }

    impl Service {
        fn list(&self) -> Result<Vec<WLAN_INTERFACE_INFO>, ProbeError> {
            let mut list: *mut WLAN_INTERFACE_INFO_LIST = ptr::null_mut();
            #[expect(unsafe_code, reason = "a C function")]
            // SAFETY: the handle is open, and the place may be written to.
            let listed = unsafe { (self.library.enumerate)(self.handle, ptr::null(), &raw mut list) };
            if listed != 0 || list.is_null() {
                return Err(ProbeError::Failed(format!(
                    "wireless cards cannot be listed: error {listed}"
                )));
            }
            let given = Given {
                library: &self.library,
                place: list.cast(),
                bytes: 0,
            };
            #[expect(unsafe_code, reason = "Windows alone knows what it wrote")]
            // SAFETY: the list begins with the number of its rows, which follow one after the other; they are copied
            // before the list is given back. The first is reached through the list itself, so that its place is right.
            let cards = unsafe {
                let count = usize::try_from((*list).dwNumberOfItems).unwrap_or_default();
                let first = (&raw const (*list).InterfaceInfo).cast::<WLAN_INTERFACE_INFO>();
                (0..count.min(MOST_CARDS))
                    .map(|index| first.add(index).read_unaligned())
                    .collect()
            };
            drop(given);
            Ok(cards)
        }

        /// The answer to one question about one card.
        fn ask<T: Copy>(&self, card: &GUID, question: WLAN_INTF_OPCODE) -> Result<Option<T>, u32> {
            let (mut size, mut place) = (0, ptr::null_mut());
            #[expect(unsafe_code, reason = "a C function")]
            // SAFETY: the handle is open, and all places may be written to.
            let asked = unsafe {
                (self.library.query)(
                    self.handle,
                    card,
                    question,
                    ptr::null(),
                    &raw mut size,
                    &raw mut place,
                    ptr::null_mut(),
                )
            };
            if asked != 0 {
                return Err(asked);
            }
            let given = Given {
                library: &self.library,
                place,
                bytes: usize::try_from(size).unwrap_or_default(),
            };
            #[expect(unsafe_code, reason = "Windows alone knows what it wrote")]
            // SAFETY: every caller names the type that is documented for its question; all are plain numbers.
            Ok(unsafe { given.copied() })
        }

        fn card(&self, info: &WLAN_INTERFACE_INFO) -> Card {
            let mut card = Card {
                description: text_in(&info.strInterfaceDescription),
                ..Card::default()
            };
            if info.isState != wlan_interface_state_connected {
                return card;
            }
            let guid = &info.InterfaceGuid;
            match self.ask::<WLAN_CONNECTION_ATTRIBUTES>(guid, wlan_intf_opcode_current_connection) {
                Ok(link) => card.joined = link.as_ref().map(joined),
                Err(error) => card.refused = error == ERROR_ACCESS_DENIED.0,
            }
            card.rssi = self.ask(guid, wlan_intf_opcode_rssi).ok().flatten();
            card.channel = self.ask(guid, wlan_intf_opcode_channel_number).ok().flatten();
            card
        }
    }

    fn joined(link: &WLAN_CONNECTION_ATTRIBUTES) -> Joined {
        let association = &link.wlanAssociationAttributes;
        let length = usize::try_from(association.dot11Ssid.uSSIDLength).unwrap_or_default();
        Joined {
            name: association
                .dot11Ssid
                .ucSSID
                .iter()
                .copied()
                .take(length)
                .collect(),
            quality: association.wlanSignalQuality,
            receive: association.ulRxRate,
            send: association.ulTxRate,
            generation: association.dot11PhyType.0,
            authentication: link.wlanSecurityAttributes.dot11AuthAlgorithm.0,
            encrypted: link.wlanSecurityAttributes.bSecurityEnabled.as_bool(),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_cards_of_this_machine_are_listed_or_the_answer_says_why_not() {
            match cards() {
                Ok(cards) => assert!(cards.len() <= MOST_CARDS),
                Err(error) => assert!(!error.words().is_empty()),
            }
        }
    }
}
