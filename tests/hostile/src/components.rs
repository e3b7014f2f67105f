//! The hostile component, and files made of it.

use helpbell_contract_tests::contract::{connector_contract, world};
use helpbell_end_to_end::built;
use std::sync::OnceLock;
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi};

/// What the guest's `describe` reads its attack from; see `guest/src/lib.rs`.
const MARK: &[u8] = b"helpbell-hostile-describe:";
/// Length of the mark with the attack.
const MARK_BYTES: usize = 64;

/// Section of a component that holds one core module.
const CORE_MODULE: u8 = 1;
/// Section of a component that holds another.
const COMPONENT: u8 = 4;
/// Section of a core module that holds its memories.
const CORE_MEMORY: u8 = 5;
/// Section of a core module that holds its functions.
const CORE_CODE: u8 = 10;
/// Section of a core module that holds what its memories begin with.
const CORE_DATA: u8 = 11;
/// Section of a component that instantiates core modules.
const CORE_INSTANCES: u8 = 2;
/// Bytes before the first section.
const PREAMBLE_BYTES: usize = 8;

/// The hostile connector.
pub fn hostile() -> &'static [u8] {
    static BUILT: OnceLock<Vec<u8>> = OnceLock::new();
    BUILT.get_or_init(|| {
        let file = built::component("hostile-guest").unwrap_or_else(|reason| panic!("{reason}"));
        std::fs::read(&file).unwrap_or_else(|error| panic!("failed to read {}: {error}", file.display()))
    })
}

/// The hostile connector with this attack in its `describe`.
pub fn describing(attack: &str) -> Vec<u8> {
    let mut bytes = hostile().to_vec();
    let begins: Vec<usize> = (0..bytes.len())
        .filter(|begin| bytes[*begin..].starts_with(MARK))
        .collect();
    let [begin] = begins[..] else {
        panic!("the mark of describe stands in the file {} times", begins.len())
    };
    let place = &mut bytes[begin + MARK.len()..begin + MARK_BYTES];
    place.fill(b'.');
    place[..attack.len()].copy_from_slice(attack.as_bytes());
    bytes
}

/// Locals (none), `unreachable`, end.
pub const CRASH: &[u8] = &[0x00, 0x00, 0x0b];
/// Locals (none), `loop`, branch to its beginning, end, `unreachable`, end.
pub const LOOP: &[u8] = &[0x00, 0x03, 0x40, 0x0c, 0x00, 0x0b, 0x00, 0x0b];
/// A mebibyte more, without end: `loop`, grow memory by 16 pages, drop, branch, end, `unreachable`, end.
pub const GROW: &[u8] = &[
    0x00, 0x03, 0x40, 0x41, 0x10, 0x40, 0x00, 0x1a, 0x0c, 0x00, 0x0b, 0x00, 0x0b,
];

/// A connector all of whose functions have this body. It compiles in no time.
pub fn tiny(body: &[u8]) -> Vec<u8> {
    made_of(|dummy| with_bodies(dummy, body))
}

/// Locals (none), the address 0, `return`, end: what every function that gives more than a number gives back.
const ADDRESS: &[u8] = &[0x00, 0x41, 0x00, 0x0f, 0x0b];

/// A connector whose functions all return what stands at the beginning of its memory, which is this. At most two
/// pages of it.
pub fn remembering(memory: &[u8]) -> Vec<u8> {
    made_of(|dummy| with_memory(&with_bodies(dummy, ADDRESS), memory))
}

fn made_of(change: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let (resolve, package) = connector_contract().unwrap();
    let world = world(&resolve, package, "connector").unwrap();
    let dummy = dummy_module(&resolve, world, ManglingAndAbi::Legacy(LiftLowerAbi::Sync));
    let mut module = change(&dummy);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default()
        .module(&module)
        .and_then(|encoder| encoder.validate(true).encode())
        .expect("a component of the dummy")
}

/// The core module with a memory of two pages that begins so.
fn with_memory(module: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut changed = module[..PREAMBLE_BYTES].to_vec();
    for (id, content) in contents(module) {
        if id == CORE_MEMORY {
            // One memory, without a maximum, of two pages.
            section(&mut changed, id, &[1, 0, 2]);
        } else {
            section(&mut changed, id, content);
        }
        if id == CORE_CODE {
            // One segment, for the one memory, at address 0.
            let mut data = vec![1, 0, 0x41, 0, 0x0b];
            leb128(&mut data, u32::try_from(bytes.len()).unwrap());
            data.extend_from_slice(bytes);
            section(&mut changed, CORE_DATA, &data);
        }
    }
    changed
}

/// The core module with this body for each of its functions that crashes.
fn with_bodies(module: &[u8], body: &[u8]) -> Vec<u8> {
    let mut changed = module[..PREAMBLE_BYTES].to_vec();
    for (id, content) in contents(module) {
        if id != CORE_CODE {
            section(&mut changed, id, content);
            continue;
        }
        let (functions, mut at) = read_leb128(content, 0);
        let mut code = vec![];
        leb128(&mut code, functions);
        for _ in 0..functions {
            let (size, from) = read_leb128(content, at);
            at = from + usize::try_from(size).unwrap();
            let given = &content[from..at];
            // The one that is called before all others returns.
            let put = if given == CRASH { body } else { given };
            leb128(&mut code, u32::try_from(put.len()).unwrap());
            code.extend_from_slice(put);
        }
        section(&mut changed, CORE_CODE, &code);
    }
    changed
}

/// The sections with what is in them.
fn contents(module: &[u8]) -> Vec<(u8, &[u8])> {
    let within = |(id, begin): (u8, usize)| {
        let (size, content) = read_leb128(module, begin + 1);
        (id, &module[content..content + usize::try_from(size).unwrap()])
    };
    sections(module).into_iter().map(within).collect()
}

/// A component in a component, and so on.
pub fn nested(depth: u32) -> Vec<u8> {
    let empty = wat::parse_str("(component)").unwrap();
    (0..depth).fold(empty.clone(), |inner, _| {
        let mut outer = empty[..PREAMBLE_BYTES].to_vec();
        section(&mut outer, COMPONENT, &inner);
        outer
    })
}

/// A component with a core module at its end that is instantiated so many times, after everything else.
pub fn carrying(component: Vec<u8>, module: &str, times: u32) -> Vec<u8> {
    let module = wat::parse_str(module).expect("a core module");
    let mut bytes = component;
    let index = sections(&bytes)
        .iter()
        .filter(|(id, _)| *id == CORE_MODULE)
        .count();
    section(&mut bytes, CORE_MODULE, &module);
    let mut instances = vec![];
    leb128(&mut instances, times);
    for _ in 0..times {
        // Instantiate this module with no arguments.
        instances.push(0);
        leb128(&mut instances, u32::try_from(index).unwrap());
        instances.push(0);
    }
    section(&mut bytes, CORE_INSTANCES, &instances);
    bytes
}

/// The sections of a component or core module: what they are and where they begin.
pub fn sections(bytes: &[u8]) -> Vec<(u8, usize)> {
    let mut found = vec![];
    let mut at = PREAMBLE_BYTES;
    while at < bytes.len() {
        let (size, content) = read_leb128(bytes, at + 1);
        found.push((bytes[at], at));
        at = content + usize::try_from(size).unwrap();
    }
    found
}

/// A number and where it ends.
fn read_leb128(bytes: &[u8], mut at: usize) -> (u32, usize) {
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = bytes[at];
        at += 1;
        value |= u32::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return (value, at);
        }
    }
}

fn section(bytes: &mut Vec<u8>, id: u8, content: &[u8]) {
    bytes.push(id);
    leb128(bytes, u32::try_from(content.len()).unwrap());
    bytes.extend_from_slice(content);
}

fn leb128(bytes: &mut Vec<u8>, mut value: u32) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap();
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            break;
        }
        bytes.push(low | 0x80);
    }
}
