//! Pictures of the screens.

use helpbell_end_to_end::{Desk, display::Screen, markup, tickets::assert_one_of_each, world};
use psa_sandbox::halo::Seed;
use std::{fs, path::Path};

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_press_at_a_screen_has_its_picture_in_the_report() {
    let Some(screen) = Screen::white() else { return };
    let halo = world::halo(Seed::default()).await;
    let desk = Desk::at(&halo).await.with_display(screen.name());
    let (page, data) = press(&desk, &[]).await;
    assert_eq!(pictures(&page), 2, "the small one and the whole one");
    let screens = data["screens"].as_array().unwrap();
    assert_eq!(screens.len(), 1, "{screens:?}");
    assert_eq!(
        (screens[0]["width"].as_u64(), screens[0]["height"].as_u64()),
        (Some(800), Some(600))
    );
    assert!(
        !data.to_string().contains("base64"),
        "the picture itself never enters the JSON"
    );
    assert_one_of_each(&halo);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_press_at_a_screen_takes_no_picture_when_told_not_to() {
    let Some(screen) = Screen::white() else { return };
    let halo = world::halo(Seed::default()).await;
    let desk = Desk::at(&halo).await.with_display(screen.name());
    let (page, _) = press(&desk, &["--no-screens"]).await;
    assert_eq!(pictures(&page), 0);
    assert_one_of_each(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_without_a_screen_says_so_and_goes_through() {
    let halo = world::halo(Seed::default()).await;
    let desk = Desk::at(&halo).await;
    let (page, data) = press(&desk, &[]).await;
    assert_eq!(pictures(&page), 0);
    let note = data["screens"][0]["note"].as_str().unwrap();
    assert!(note.contains("no display"), "{note}");
    assert!(page.to_lowercase().contains("no display"), "the page says it too");
    assert_one_of_each(&halo);
}

/// Presses and gives the report as page and as data.
async fn press(desk: &Desk, flags: &[&str]) -> (String, serde_json::Value) {
    let reports = desk.path("reports");
    let press = desk.press().option("--report-to", &reports.display().to_string());
    flags
        .iter()
        .fold(press, |press, flag| press.flag(flag))
        .now()
        .await
        .expect(0);
    (
        read(&reports, "html"),
        serde_json::from_str(&read(&reports, "json")).unwrap(),
    )
}

fn read(folder: &Path, ending: &str) -> String {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let file = files
        .into_iter()
        .find(|path| path.extension().is_some_and(|found| found == ending));
    fs::read_to_string(file.expect(ending)).unwrap()
}

fn pictures(page: &str) -> usize {
    let source = |element: &markup::Element| {
        element
            .attributes
            .iter()
            .any(|(name, value)| name == "src" && value.starts_with("data:image/"))
    };
    markup::elements(page)
        .iter()
        .filter(|element| element.name == "img" && source(element))
        .count()
}
