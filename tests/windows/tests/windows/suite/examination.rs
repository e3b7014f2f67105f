//! `helpbell report`.

use super::computer;
use helpbell_end_to_end::markup;
use helpbell_windows_tests::{HOST_NAME, Wine};
use std::{fs, sync::Arc};

pub(super) async fn a_report_has_the_screen_and_says_what_this_windows_does_not_tell(wine: Arc<Wine>) {
    let report = computer(&wine)
        .await
        .run(&["report", "--json"])
        .await
        .expect(0)
        .json();
    let screens = report["screens"].as_array().unwrap();
    assert_eq!(screens.len(), 1, "{screens:?}");
    assert_eq!(
        (screens[0]["width"].as_u64(), screens[0]["height"].as_u64()),
        (Some(800), Some(600))
    );
    let machine = &report["machine"];
    let system = machine["os"]["name"].as_str().unwrap();
    assert!(system.contains("Windows"), "{system}");
    assert_eq!(machine["os"]["hostname"], HOST_NAME);
    assert!(machine["memory"]["total"].as_u64().unwrap() > 0);
    let processes = machine["processes"]["by_memory"].as_array().unwrap();
    assert!(
        processes.iter().any(|process| process["name"] == "services.exe"),
        "the processes are those of Windows: {processes:?}"
    );
    for probe in report["probes"].as_array().unwrap() {
        let silent = probe["status"] != "ok";
        assert_eq!(
            silent,
            probe["note"].as_str().is_some_and(|note| !note.is_empty()),
            "what has no answer says why: {probe}"
        );
    }
}

pub(super) async fn the_page_has_the_picture_and_names_nobody_can_abuse(wine: Arc<Wine>) {
    let desk = computer(&wine).await;
    desk.run(&["report", "--output", &desk.told("the page.html")])
        .await
        .expect(0);
    let page = fs::read_to_string(desk.path("the page.html")).unwrap();
    assert_eq!(markup::active_parts(&page), Vec::<String>::new());
    let elements = markup::elements(&page);
    let pictures = elements.iter().filter(|element| {
        let shown = |(name, value): &(String, String)| name == "src" && value.starts_with("data:image/");
        element.name == "img" && element.attributes.iter().any(shown)
    });
    assert!(pictures.count() >= 1, "the screen is in the page");
    assert!(
        !page.contains(HOST_NAME) && page.contains("IMG SRC=X"),
        "the computer's name is there as text"
    );
}
