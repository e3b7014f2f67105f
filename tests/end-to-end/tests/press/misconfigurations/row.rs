//! One misconfiguration, and how it is made.

use super::outcome::Outcome;
use helpbell_end_to_end::{
    Desk, Setup, built,
    network::{Stranger, nobody},
    world::{self, MARIAS_SITE},
};
use psa_sandbox::halo::{Behaviour, Deployment, Halo, Seed};

/// The web page that answers where somebody pasted the address of something else.
const PORTAL: &str =
    "<!doctype html><html><head><title>Lantern IT: sign in</title></head><body></body></html>";

type World = fn(&mut Seed, &mut Behaviour);
type Settings = fn(Setup, &Around) -> Setup;
type Edit = fn(&Desk);
type Later = fn(&Halo);

/// What stands around a row's Halo.
pub(super) struct Around {
    /// `127.0.0.1:1234` of the Halo.
    pub(super) halo: String,
    /// The same of a server that is no Halo.
    pub(super) portal: String,
    /// The same where nothing listens.
    pub(super) nobody: String,
}

/// One misconfiguration.
pub(super) struct Row {
    /// What is wrong.
    pub(super) wrong: &'static str,
    /// The guide's words about it.
    pub(super) guide: &'static str,
    /// Nothing comes of it, and the doctor need not name it.
    pub(super) harmless: bool,
    /// The doctor only sees it with `--write-test`.
    pub(super) writes: bool,
    /// The heading before it, for the first row of a part.
    pub(super) heading: Option<&'static str>,
    stranger: bool,
    deployment: Deployment,
    world: World,
    setup: Settings,
    edit: Edit,
    later: Option<Later>,
}

impl Row {
    /// A Halo and a computer that are set up well, but for what is added. `guide` quotes the guide.
    pub(super) fn new(wrong: &'static str, guide: &'static str) -> Self {
        Self {
            wrong,
            guide,
            harmless: false,
            writes: false,
            heading: None,
            stranger: false,
            deployment: Deployment::Hosted,
            world: |_, _| {},
            setup: |setup, _| setup,
            edit: |_| {},
            later: None,
        }
    }

    /// The first row of a part.
    pub(super) fn under(mut self, heading: &'static str) -> Self {
        self.heading = Some(heading);
        self
    }

    /// Nothing comes of it.
    pub(super) fn harmless(mut self) -> Self {
        self.harmless = true;
        self
    }

    /// Only a test that writes shows it.
    pub(super) fn writes(mut self) -> Self {
        self.writes = true;
        self
    }

    /// Somebody presses whom Halo does not know.
    pub(super) fn by_a_stranger(mut self) -> Self {
        self.stranger = true;
        self
    }

    /// Halo runs at the MSP.
    pub(super) fn on_prem(mut self) -> Self {
        self.deployment = Deployment::OnPremises;
        self
    }

    /// What is wrong in Halo.
    pub(super) fn world(mut self, world: World) -> Self {
        self.world = world;
        self
    }

    /// What is wrong in what was pasted.
    pub(super) fn setup(mut self, setup: Settings) -> Self {
        self.setup = setup;
        self
    }

    /// What was done to the computer's files afterwards.
    pub(super) fn edit(mut self, edit: Edit) -> Self {
        self.edit = edit;
        self
    }

    /// What happens to Halo after a press has worked.
    pub(super) fn later(mut self, later: Later) -> Self {
        self.later = Some(later);
        self
    }

    /// Makes it, asks the doctor, presses.
    pub(super) async fn made(&self) -> Outcome {
        let (mut seed, mut behaviour) = (world::with_this_machine(MARIAS_SITE), Behaviour::default());
        (self.world)(&mut seed, &mut behaviour);
        let halo = world::start(seed, self.deployment, behaviour).await;
        let portal = Stranger::with_page(PORTAL).await;
        let around = Around {
            halo: halo.address().to_string(),
            portal: portal.address().to_owned(),
            nobody: nobody().await,
        };
        // As the guide asks for it.
        let well = Setup::of(&halo)
            .default("agent", "Unassigned")
            .default("impact", "3")
            .default("urgency", "3");
        let desk = Desk::with(&(self.setup)(well, &around)).await;
        (self.edit)(&desk);
        if let Some(later) = self.later {
            desk.press().now().await.expect(0);
            later(&halo);
        }
        let examination: &[&str] = if self.writes {
            &["doctor", "--json", "--write-test"]
        } else {
            &["doctor", "--json"]
        };
        let doctor = desk.run(examination).await;
        let press = if self.stranger {
            desk.press().by("Nora Newcomer", "nora@nowhere.example")
        } else {
            desk.press()
        };
        let press = press.now().await;
        let redacted = |text: &str| around.redacted(&desk, text);
        let read = |text: &str| {
            serde_json::from_str(&redacted(text))
                .unwrap_or_else(|error| panic!("{}: {error}: {text}", self.wrong))
        };
        Outcome::of(&read(&doctor.stdout), &read(&press.stdout))
    }
}

impl Around {
    /// The text without what differs between two runs: addresses, folders, seconds.
    fn redacted(&self, desk: &Desk, text: &str) -> String {
        let config = desk.config();
        let home = config.parent().unwrap().display().to_string();
        let text = text
            .replace(&self.halo, "halo.example")
            .replace(&self.portal, "portal.example")
            .replace(&self.nobody, "nothing.example")
            .replace(&format!("{home}/"), "")
            .replace(
                &format!("{}", desk.connectors().display()),
                "connectors of HELPBELL_CONNECTORS",
            )
            .replace(
                &format!("{}", built::program().with_file_name("").display()),
                "the program's folder/",
            )
            .replace(" (os error 111)", "");
        seconds_redacted(&text)
    }
}

/// `7201 s ahead` as `… s ahead`.
fn seconds_redacted(text: &str) -> String {
    let mut parts = text.split(" s ");
    let mut redacted = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let counted = part.starts_with("ahead of") || part.starts_with("behind");
        if counted {
            redacted.truncate(
                redacted
                    .trim_end_matches(|digit: char| digit.is_ascii_digit())
                    .len(),
            );
            redacted.push('…');
        }
        redacted.push_str(" s ");
        redacted.push_str(part);
    }
    redacted
}
