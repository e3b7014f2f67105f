//! Five other connectors, as skeletons, are components of the contract's shape.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of a test fails the test"
)]

use std::collections::BTreeSet;
use std::sync::OnceLock;

use helpbell_contract_tests::contract::{connector_contract, world};
use helpbell_contract_tests::skeletons::{SKELETONS, build};
use wit_component::{DecodedWasm, decode, targets};
use wit_parser::{Resolve, WorldId, WorldItem};

/// What every connector exports.
const EXPORTS: [&str; 6] = ["auth", "describe", "directory", "dispatcher", "notes", "tickets"];

fn components() -> &'static [(&'static str, Vec<u8>)] {
    static COMPONENTS: OnceLock<Vec<(&'static str, Vec<u8>)>> = OnceLock::new();
    COMPONENTS.get_or_init(|| build().unwrap())
}

fn world_of(component: &[u8]) -> (Resolve, WorldId) {
    match decode(component).unwrap() {
        DecodedWasm::Component(resolve, world) => (resolve, world),
        DecodedWasm::WitPackage(..) => panic!("a package of types is no component"),
    }
}

#[test]
fn every_folder_of_skeletons_is_built() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/skeletons");
    let found: BTreeSet<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(found, SKELETONS.map(ToOwned::to_owned).into());
}

#[test]
fn every_skeleton_exports_the_six_interfaces_and_nothing_else() {
    let expected: BTreeSet<_> = EXPORTS.map(|name| format!("helpbell:psa/{name}@0.1.0")).into();
    for (name, component) in components() {
        let (resolve, world) = world_of(component);
        let exports: BTreeSet<_> = resolve.worlds[world]
            .exports
            .keys()
            .map(|key| resolve.name_world_key(key))
            .collect();
        assert_eq!(exports, expected, "{name}");
    }
}

#[test]
fn every_skeleton_imports_only_wasi_0_2_and_the_contract() {
    for (name, component) in components() {
        let (resolve, world) = world_of(component);
        let mut http = false;
        for (key, item) in &resolve.worlds[world].imports {
            let import = resolve.name_world_key(key);
            let WorldItem::Interface { id, .. } = item else {
                panic!("{name} imports {import}, which is no interface");
            };
            let package = &resolve.packages[resolve.interfaces[*id].package.unwrap()].name;
            let version = package.version.as_ref().unwrap();
            match package.namespace.as_str() {
                "wasi" => assert_eq!((version.major, version.minor), (0, 2), "{name} imports {import}"),
                "helpbell" => assert_eq!(
                    package.to_string(),
                    "helpbell:psa@0.1.0",
                    "{name} imports {import}"
                ),
                _ => panic!("{name} imports {import}"),
            }
            http |= import.starts_with("wasi:http/outgoing-handler@");
        }
        assert!(http, "{name} cannot send anything");
    }
}

/// The names being right says nothing of the types behind them: this instantiates the component's
/// type in the world it claims to fit, with what Rust's standard library adds of `wasi:cli`.
#[test]
fn every_skeleton_fits_the_world_connector_type_by_type() {
    for (name, component) in components() {
        let (resolve, world) = hosting_world(component);
        targets(&resolve, world, component).unwrap_or_else(|error| panic!("{name}: {error:?}"));
    }
}

#[test]
fn a_component_that_exports_too_little_does_not_fit() {
    for (_, component) in components() {
        let (mut resolve, world) = hosting_world(component);
        let (doctor, docs) = resolve
            .interfaces
            .iter()
            .find(|(_, interface)| interface.name.as_deref() == Some("doctor"))
            .map(|(id, interface)| (id, interface.docs.clone()))
            .unwrap();
        let item = WorldItem::Interface {
            id: doctor,
            stability: wit_parser::Stability::default(),
            docs,
            span: wit_parser::Span::default(),
            external_id: None,
        };
        resolve.worlds[world]
            .exports
            .insert(wit_parser::WorldKey::Interface(doctor), item);
        targets(&resolve, world, component).unwrap_err();
    }
}

/// The world `connector` of the contract's text, and beside it the imports of this component that
/// are not the contract's.
fn hosting_world(component: &[u8]) -> (Resolve, WorldId) {
    let (mut resolve, package) = connector_contract().unwrap();
    let connector = world(&resolve, package, "connector").unwrap();
    let (own, own_world) = world_of(component);
    let own_world = resolve
        .merge(own)
        .unwrap()
        .map_world(own_world, wit_parser::Span::default())
        .unwrap();
    let imports = resolve.worlds[own_world].imports.clone();
    for (key, item) in imports {
        if resolve.name_world_key(&key).starts_with("wasi:") {
            resolve.worlds[connector].imports.entry(key).or_insert(item);
        }
    }
    (resolve, connector)
}
