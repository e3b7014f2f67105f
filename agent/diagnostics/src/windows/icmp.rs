//! Echoes by ICMP: Windows sends them for anybody.

use std::{
    ffi::c_void,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV6},
    time::{Duration, Instant},
};
use windows::Win32::{
    Foundation::HANDLE,
    NetworkManagement::IpHelper::{
        ICMP_ECHO_REPLY, ICMPV6_ECHO_REPLY_LH, IP_SUCCESS, Icmp6CreateFile, Icmp6SendEcho2, IcmpCloseHandle,
        IcmpCreateFile, IcmpSendEcho,
    },
    Networking::WinSock::{AF_INET6, SOCKADDR_IN6},
};

/// What every echo carries; the system tells them apart by itself.
const PAYLOAD: [u8; 8] = *b"helpbell";
/// What the system wants beyond the answer: room for an ICMP error, and for its own bookkeeping.
const ROOM: usize = 8 + 16;

/// As on other systems; here it is always so.
pub(crate) const fn may_send(_: IpAddr) -> bool {
    true
}

/// How long one echo takes there and back; `None` if it does not come back within `wait`. The clock is the system's,
/// in whole milliseconds, for everything that takes at least one; faster answers are timed here.
pub(crate) fn echo(to: SocketAddr, _number: u16, wait: Duration) -> io::Result<Option<Duration>> {
    let wait = u32::try_from(wait.as_millis()).unwrap_or(u32::MAX);
    let began = Instant::now();
    let answered = match to {
        SocketAddr::V4(to) => v4(*to.ip(), wait)?,
        SocketAddr::V6(to) => v6(to, wait)?,
    };
    Ok(answered.map(|ms| {
        if ms == 0 {
            began.elapsed().min(Duration::from_millis(1))
        } else {
            Duration::from_millis(u64::from(ms))
        }
    }))
}

/// A handle of the ICMP service.
struct Icmp(HANDLE);

impl Drop for Icmp {
    #[expect(unsafe_code, reason = "the service has no other door")]
    fn drop(&mut self) {
        // SAFETY: the handle is this value's own and open; nothing uses it afterwards.
        let _ = unsafe { IcmpCloseHandle(self.0) };
    }
}

#[expect(unsafe_code, reason = "the service has no other door")]
fn v4(to: Ipv4Addr, wait: u32) -> io::Result<Option<u32>> {
    // SAFETY: takes nothing, gives a handle or an error.
    let icmp = Icmp(unsafe { IcmpCreateFile() }?);
    // The layout of the answer asks for the alignment of a pointer.
    let mut answer = [0_u64; (size_of::<ICMP_ECHO_REPLY>() + PAYLOAD.len() + ROOM).div_ceil(8)];
    // SAFETY: the handle is open; request and answer are buffers of the lengths given and outlive the call, which
    // returns only when it no longer uses them. The address is in network order, as it stands in memory.
    let count = unsafe {
        IcmpSendEcho(
            icmp.0,
            u32::from_ne_bytes(to.octets()),
            PAYLOAD.as_ptr().cast::<c_void>(),
            u16::try_from(PAYLOAD.len()).unwrap_or_default(),
            None,
            answer.as_mut_ptr().cast::<c_void>(),
            u32::try_from(size_of_val(&answer)).unwrap_or_default(),
            wait,
        )
    };
    if count == 0 {
        return Ok(None);
    }
    // SAFETY: at least one answer was written to the beginning of the buffer, which is aligned for it and longer.
    let reply = unsafe { &*answer.as_ptr().cast::<ICMP_ECHO_REPLY>() };
    Ok((reply.Status == IP_SUCCESS).then_some(reply.RoundTripTime))
}

#[expect(unsafe_code, reason = "the service has no other door")]
fn v6(to: SocketAddrV6, wait: u32) -> io::Result<Option<u32>> {
    // SAFETY: takes nothing, gives a handle or an error.
    let icmp = Icmp(unsafe { Icmp6CreateFile() }?);
    let from = SOCKADDR_IN6 {
        sin6_family: AF_INET6,
        ..SOCKADDR_IN6::default()
    };
    let mut target = from;
    target.sin6_addr.u.Byte = to.ip().octets();
    target.Anonymous.sin6_scope_id = to.scope_id();
    let mut answer = [0_u64; (size_of::<ICMPV6_ECHO_REPLY_LH>() + PAYLOAD.len() + ROOM).div_ceil(8)];
    // SAFETY: the handle is open; addresses, request and answer outlive the call, which returns only when it no longer
    // uses them, since it is given neither event nor callback; the lengths are theirs.
    let count = unsafe {
        Icmp6SendEcho2(
            icmp.0,
            None,
            None,
            None,
            &raw const from,
            &raw const target,
            PAYLOAD.as_ptr().cast::<c_void>(),
            u16::try_from(PAYLOAD.len()).unwrap_or_default(),
            None,
            answer.as_mut_ptr().cast::<c_void>(),
            u32::try_from(size_of_val(&answer)).unwrap_or_default(),
            wait,
        )
    };
    if count == 0 {
        return Ok(None);
    }
    // SAFETY: at least one answer was written to the beginning of the buffer, which is aligned for it and longer.
    let reply = unsafe { &*answer.as_ptr().cast::<ICMPV6_ECHO_REPLY_LH>() };
    Ok((reply.Status == IP_SUCCESS).then_some(reply.RoundTripTime))
}
