//! Components that were built against a released version of the contract still work. They are committed: what built
//! them does not exist any more.

#![cfg(unix)]

use helpbell_conformance::{
    Person, Source, Subject, Verdict,
    practice::{self, Practice},
    run,
};
use helpbell_sandbox::{NetworkGrant, Sandbox, Transport};
use secrecy::SecretString;
use std::{fs, path::Path};

#[tokio::test(flavor = "multi_thread")]
async fn a_component_of_every_released_version_files_a_ticket_with_its_note() {
    let fixtures = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../contract/fixtures"));
    let mut tried = 0;
    for entry in fs::read_dir(fixtures).unwrap() {
        let file = entry.unwrap().path();
        let desk = Practice::start(0).await.unwrap();
        let connector = Sandbox::new(None).unwrap().load(&file).await.unwrap();
        let subject = Subject {
            connector,
            settings: vec![("server".into(), desk.url())],
            secrets: vec![("api-key".into(), SecretString::from(practice::KEY))],
            defaults: vec![],
            person: Person {
                name: "Maria Rossi".into(),
                email: "maria.rossi@bianchi.example".into(),
            },
            network: NetworkGrant {
                allow_http: true,
                allow_addresses: vec!["127.0.0.1/32".parse().unwrap()],
            },
            transport: Transport::direct(),
        };
        let source = Source::Server {
            witness: Some(desk.witness()),
            record: None,
        };
        let report = run(subject, source, |_| ()).await.unwrap();
        let failed = report
            .outcomes
            .iter()
            .filter(|outcome| matches!(outcome.verdict, Verdict::Failed(_)));
        assert_eq!(
            failed.collect::<Vec<_>>(),
            Vec::<&helpbell_conformance::Outcome>::new()
        );
        let passed = |check: &str| {
            let outcome = report
                .outcomes
                .iter()
                .find(|outcome| outcome.check == check)
                .unwrap();
            matches!(outcome.verdict, Verdict::Passed(_))
        };
        for check in [
            "create",
            "found-again",
            "words",
            "note",
            "bytes",
            "private",
            "get",
            "requests",
        ] {
            assert!(passed(check), "{}: {check}", file.display());
        }
        tried += 1;
    }
    assert!(tried > 0, "there is no fixture");
}
