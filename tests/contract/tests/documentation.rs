//! The contract's text is the author's reference: every item says what it is.

use helpbell_contract_tests::contract::{load, packages};
use helpbell_contract_tests::documentation::undocumented;
use wit_parser::Resolve;

#[test]
fn every_item_of_every_package_has_a_doc_comment() {
    let folders = packages().unwrap();
    assert!(
        folders.iter().any(|folder| folder.ends_with("psa")),
        "{folders:?}"
    );
    for folder in folders {
        let (resolve, package) = load(&folder).unwrap();
        let missing = undocumented(&resolve, package);
        assert!(
            missing.is_empty(),
            "without a doc comment in {}: {missing:#?}",
            folder.display()
        );
    }
}

#[test]
fn an_item_of_any_kind_without_a_doc_comment_is_found() {
    let text = "package test:bare;
        interface i {
            record r { f: u8 }
            variant v { c(u8) }
            enum e { k }
            flags g { b }
            type t = u8;
            resource s { m: func(); }
            /// .
            documented: func();
            bare: func();
        }
        world w {
            import a: func();
            export i;
        }";
    let mut resolve = Resolve::default();
    let package = resolve.push_str("bare.wit", text).unwrap();
    let mut missing = undocumented(&resolve, package);
    missing.sort();
    let mut expected = [
        "test:bare",
        "i",
        "i/r",
        "i/r.f",
        "i/v",
        "i/v.c",
        "i/e",
        "i/e.k",
        "i/g",
        "i/g.b",
        "i/t",
        "i/s",
        "i/[method]s.m",
        "i/bare",
        "world w",
        "w/a",
    ];
    expected.sort_unstable();
    assert_eq!(missing, expected);
}
