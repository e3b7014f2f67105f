use super::*;
use std::net::{Ipv4Addr, TcpListener};

/// Nobody waits for it: everything on this machine answers at once.
const AMPLE: Duration = Duration::from_secs(20);

fn plan(servers: Vec<SocketAddr>) -> Plan {
    Plan {
        gateways: Vec::new(),
        servers,
        pause: Duration::ZERO,
        wait: AMPLE,
    }
}

fn after(times: &[Option<u64>]) -> Times {
    times.iter().map(|ms| Ok(ms.map(Duration::from_millis))).collect()
}

#[test]
fn loss_average_worst_and_jitter_are_of_what_came_back() {
    let reached = summed("icmp", after(&[Some(10), None, Some(20), Some(12), None]));
    assert_eq!((reached.sent, reached.received), (5, 3));
    assert_eq!(reached.average_ms, Some(14.0));
    assert_eq!(reached.worst_ms, Some(20.0));
    // From 10 to 20 and from 20 to 12.
    assert_eq!(reached.jitter_ms, Some(9.0));
    assert_eq!(reached.note, "");
}

#[test]
fn without_an_answer_there_are_no_times() {
    let reached = summed("icmp", after(&[None; 5]));
    assert_eq!((reached.sent, reached.received), (5, 0));
    assert_eq!(
        (reached.average_ms, reached.worst_ms, reached.jitter_ms),
        (None, None, None)
    );
    let failed = summed("icmp", vec![Err(io::ErrorKind::NetworkUnreachable.into())]);
    assert_eq!(failed.note, "cannot be reached from here");
}

#[test]
fn a_refusal_is_an_answer_of_a_gateway_and_none_of_the_internet() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let open = listener.local_addr().unwrap();
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap();
    for (address, counts) in [
        (open, tcp::Counts::Both),
        (open, tcp::Counts::Acceptance),
        (closed, tcp::Counts::Both),
    ] {
        let door = tcp::door(address, counts, AMPLE).unwrap();
        assert_eq!(door, address);
        assert!(tcp::echo(door, counts, AMPLE).unwrap().is_some());
    }
    assert_eq!(
        tcp::door(closed, tcp::Counts::Acceptance, AMPLE),
        Err("refuses connections".to_owned())
    );
}

#[test]
fn whether_by_echo_or_by_door_this_machine_answers_itself() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let reached = reach(plan(vec![listener.local_addr().unwrap()]));
    let [reached] = reached.as_slice() else {
        panic!("{reached:?}")
    };
    assert_eq!(
        (reached.role.as_str(), reached.address.as_str()),
        ("internet", "127.0.0.1")
    );
    assert_eq!((reached.sent, reached.received), (ECHOES, ECHOES), "{reached:?}");
    assert!(reached.worst_ms >= reached.average_ms && reached.jitter_ms.is_some());
}

#[test]
fn an_ipv6_gateway_keeps_its_link_and_double_ones_are_asked_once() {
    let mut interface = netdev::Interface::dummy();
    interface.index = 7;
    interface.default = true;
    let device = |ipv4, ipv6| netdev::NetworkDevice {
        mac_addr: netdev::MacAddr::zero(),
        ipv4,
        ipv6,
    };
    let local: Ipv6Addr = "fe80::1".parse().unwrap();
    interface.gateway = Some(device(
        vec![Ipv4Addr::new(192, 168, 1, 1), Ipv4Addr::UNSPECIFIED],
        vec![local, local],
    ));
    let mut other = netdev::Interface::dummy();
    other.gateway = Some(device(vec![Ipv4Addr::new(10, 0, 0, 1)], Vec::new()));
    let found = gateways(&[other.clone(), interface]);
    assert_eq!(
        found,
        [
            SocketAddr::new(Ipv4Addr::new(192, 168, 1, 1).into(), 0),
            SocketAddr::V6(SocketAddrV6::new(local, 0, 0, 7))
        ]
    );
    // Where no route is marked, any gateway is better than none.
    assert_eq!(gateways(&[other]).len(), 1);
}
