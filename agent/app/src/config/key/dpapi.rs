//! Windows' own protection of small secrets, under keys that belong to the account or the computer.
//!
//! The two functions are C, which is why this module contains unsafe code. What Windows allocates is owned by [`Given`]
//! alone, which wipes and frees it.

use super::Scope;
use std::{io, ptr, slice};
use windows_sys::Win32::{
    Foundation::LocalFree,
    Security::Cryptography::{
        CRYPT_INTEGER_BLOB, CRYPTPROTECT_LOCAL_MACHINE, CRYPTPROTECT_UI_FORBIDDEN, CryptProtectData,
        CryptUnprotectData,
    },
};
use zeroize::Zeroize as _;

/// Bytes that Windows allocated.
struct Given(CRYPT_INTEGER_BLOB);

impl Given {
    const fn nothing() -> Self {
        Self(CRYPT_INTEGER_BLOB {
            cbData: 0,
            pbData: ptr::null_mut(),
        })
    }

    fn bytes(&mut self) -> &mut [u8] {
        if self.0.pbData.is_null() {
            return &mut [];
        }
        #[expect(
            unsafe_code,
            reason = "what Windows allocated is known to it by place and length alone"
        )]
        // SAFETY: the place is not null, so a call below succeeded and set both members: so many bytes, initialised,
        // that nobody else knows. They live until `self` is dropped, which the result's lifetime excludes.
        unsafe {
            slice::from_raw_parts_mut(self.0.pbData, self.0.cbData as usize)
        }
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        self.bytes().zeroize();
        #[expect(unsafe_code, reason = "Windows frees what it allocated")]
        // SAFETY: the place was allocated by Windows with `LocalAlloc`, as both functions document, or is null, which
        // `LocalFree` takes; it is freed once, since `Given` is neither copied nor used after this.
        unsafe {
            LocalFree(self.0.pbData.cast());
        }
    }
}

/// Bytes of ours as Windows takes them. It only reads them, though its type does not say so.
fn lent(bytes: &[u8]) -> io::Result<CRYPT_INTEGER_BLOB> {
    let too_long = |_| io::Error::from(io::ErrorKind::FileTooLarge);
    Ok(CRYPT_INTEGER_BLOB {
        cbData: u32::try_from(bytes.len()).map_err(too_long)?,
        pbData: bytes.as_ptr().cast_mut(),
    })
}

/// Protects bytes, for the account or for the computer.
///
/// # Errors
/// Windows' own reason, such as an account without a profile.
pub(super) fn protect(bytes: &[u8], scope: Scope) -> io::Result<Vec<u8>> {
    let flags = match scope {
        Scope::Account => CRYPTPROTECT_UI_FORBIDDEN,
        Scope::Computer => CRYPTPROTECT_UI_FORBIDDEN | CRYPTPROTECT_LOCAL_MACHINE,
    };
    let input = lent(bytes)?;
    let mut given = Given::nothing();
    #[expect(unsafe_code, reason = "DPAPI is a C function")]
    // SAFETY: `input` describes `bytes`, which outlive the call and are only read; `given.0` may be written to; the
    // parameters that are null are documented as optional.
    let done = unsafe {
        CryptProtectData(
            &raw const input,
            ptr::null(),
            ptr::null(),
            ptr::null(),
            ptr::null(),
            flags,
            &raw mut given.0,
        )
    };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(given.bytes().to_vec())
}

/// Shows what was protected to `look`; nothing of it stays.
///
/// # Errors
/// Windows' own reason: another account or computer, or damaged bytes.
pub(super) fn unprotect<T>(blob: &[u8], look: impl FnOnce(&[u8]) -> T) -> io::Result<T> {
    let input = lent(blob)?;
    let mut given = Given::nothing();
    #[expect(unsafe_code, reason = "DPAPI is a C function")]
    // SAFETY: as in `protect`; the description, which Windows would allocate, is not asked for.
    let done = unsafe {
        CryptUnprotectData(
            &raw const input,
            ptr::null_mut(),
            ptr::null(),
            ptr::null(),
            ptr::null(),
            CRYPTPROTECT_UI_FORBIDDEN,
            &raw mut given.0,
        )
    };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(look(given.bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_protected_comes_back_and_is_not_to_be_seen() {
        for scope in [Scope::Account, Scope::Computer] {
            let blob = protect(b"acme+id:secret", scope).unwrap();
            assert!(!blob.windows(6).any(|part| part == b"secret"));
            assert_eq!(unprotect(&blob, <[u8]>::to_vec).unwrap(), b"acme+id:secret");
        }
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let mut blob = protect(b"acme+id:secret", Scope::Account).unwrap();
        if let Some(last) = blob.last_mut() {
            *last ^= 1;
        }
        assert!(unprotect(&blob, <[u8]>::to_vec).is_err());
        assert!(unprotect(b"nothing of Windows'", <[u8]>::to_vec).is_err());
    }
}
