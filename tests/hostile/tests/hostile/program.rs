//! The real program with a hostile connector: everything that people and other programs read of it.

use crate::table::{Class, Row};
use helpbell_end_to_end::{Desk, Run};
use helpbell_hostile::{
    components,
    house::{self, beside_the_neighbour},
    psa::Psa,
    scene::{CANARY, SECRET},
};
use helpbell_model::text;
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    sync::{Arc, OnceLock},
};

/// Lines that only the program may write, if a connector's text began them.
const FAKED: [&str; 2] = ["error: your key has expired", "Password:"];

pub(crate) fn class() -> &'static Class {
    static CLASS: OnceLock<Class> = OnceLock::new();
    CLASS.get_or_init(|| {
        house::run(async {
            let kinds: [(&'static str, &'static str); 4] = [
                ("inspected", "describes itself in terminal escapes, fake prompts and fake errors"),
                ("pressed", "answers a press with them"),
                ("failing", "fails a press with them"),
                ("examined", "answers an examination with them"),
            ];
            let rows = beside_the_neighbour(kinds.into_iter().map(|(how, does)| async move {
                attacked(how).await;
                Row::silent(does, OUTCOME)
            }))
            .await;
            Class {
                title: "In front of people",
                about: "The real program with a connector whose every text clears the screen, hides what follows, sets the window's title, makes links, fills the \
                        clipboard, turns the direction of writing, and goes on with lines that look like the program's own. Control: the connector's own texts hold all \
                        of that.",
                rows,
            }
        })
    })
}

const OUTCOME: &str = "terminal and JSON hold no control or direction character, and no line begins with words of the connector that pose as the program's";

/// A computer with the hostile connector, whose `describe` makes this attack.
async fn desk(describing: &str, attack: &str, psa: &Psa) -> Desk {
    let desk = Desk::cold();
    fs::write(desk.path("hostile.wasm"), components::describing(describing)).unwrap();
    fs::write(desk.path("key"), SECRET).unwrap();
    fs::set_permissions(desk.path("key"), fs::Permissions::from_mode(0o600)).unwrap();
    let configuration = format!(
        "[connector]\nfile = \"hostile.wasm\"\n[settings]\nserver = \"http://{}\"\nattack = \"{attack}\"\n[key]\nfile = \"key\"\n\
         [network]\nallow-http = true\nallow-addresses = [\"127.0.0.1/32\"]\n",
        psa.authority()
    );
    fs::write(desk.config(), configuration).unwrap();
    desk
}

/// Checks all that was said.
#[track_caller]
fn fit_to_be_shown(run: &Run) {
    for stream in [&run.stdout, &run.stderr] {
        let hidden: Vec<char> = stream
            .chars()
            .filter(|c| *c != '\n' && !text::is_shown(*c))
            .collect();
        assert!(hidden.is_empty(), "{hidden:?} in {stream:?}");
        for line in stream.lines() {
            assert!(
                !FAKED.iter().any(|fake| line.trim_start().starts_with(fake)),
                "{line:?} in {stream}"
            );
        }
    }
    assert!(!run.said().contains(CANARY), "{}", run.said());
}

/// The same of every text in the JSON.
#[track_caller]
fn json_fit_to_be_shown(run: &Run) {
    fit_to_be_shown(run);
    let mut values = vec![run.json()];
    while let Some(value) = values.pop() {
        match value {
            serde_json::Value::String(text) => {
                assert!(text.chars().all(|c| c == '\n' || text::is_shown(c)), "{text:?}");
            }
            serde_json::Value::Array(items) => values.extend(items),
            serde_json::Value::Object(members) => values.extend(members.into_iter().map(|(_, value)| value)),
            _ => {}
        }
    }
}

async fn attacked(how: &str) {
    let psa = Arc::new(Psa::start("").await);
    match how {
        "inspected" => {
            let desk = desk("escapes", "none", &psa).await;
            let file = desk.path("hostile.wasm").display().to_string();
            let aloud = desk.run(&["connector", "inspect", &file]).await.expect(0);
            assert!(
                aloud.stdout.contains("[2J"),
                "the connector's text is shown, made harmless: {}",
                aloud.stdout
            );
            fit_to_be_shown(&aloud);
            json_fit_to_be_shown(
                &desk
                    .run(&["connector", "inspect", &file, "--json"])
                    .await
                    .expect(0),
            );
            fit_to_be_shown(&desk.run(&["connector", "grant", &file]).await.expect(0));
        }
        "examined" => {
            let desk = desk("none", "answers-escapes", &psa).await;
            desk.run(&["connector", "grant"]).await.expect(0);
            fit_to_be_shown(&desk.run(&["doctor"]).await);
            json_fit_to_be_shown(&desk.run(&["doctor", "--json"]).await);
        }
        _ => {
            let (attack, code) = match how {
                "pressed" => ("answers-escapes", 0),
                _ => ("failing-escapes", 3),
            };
            let desk = desk("none", attack, &psa).await;
            desk.run(&["connector", "grant"]).await.expect(0);
            fit_to_be_shown(&desk.press().flag("--no-screens").aloud().await.expect(code));
            json_fit_to_be_shown(&desk.press().flag("--no-screens").now().await.expect(code));
        }
    }
}

#[test]
fn no_text_of_a_connector_poses_as_the_programs_or_moves_the_cursor() {
    class();
}
