//! Attacks, made side by side, and the rows that tell of them.

use helpbell_hostile::{house::beside_the_neighbour, scene::Scene};
use helpbell_model::Effect;
use std::future::Future;

/// One attack in the documentation.
pub(crate) struct Row {
    /// What the connector does.
    pub(crate) does: &'static str,
    /// What comes of it, in the words an operator reads or, where there are none, in ours.
    pub(crate) outcome: String,
}

impl Row {
    /// An attack whose outcome nobody is told of, in our words.
    pub(crate) fn silent(does: &'static str, outcome: &str) -> Self {
        Self {
            does,
            outcome: outcome.to_owned(),
        }
    }

    /// An attack that ends in words for the operator.
    pub(crate) fn told(does: &'static str, words: &str) -> Self {
        Self {
            does,
            outcome: format!("“{words}”"),
        }
    }
}

/// Attacks of one kind.
pub(crate) struct Class {
    /// Heading.
    pub(crate) title: &'static str,
    /// What protects against them, and the control.
    pub(crate) about: &'static str,
    /// The attacks.
    pub(crate) rows: Vec<Row>,
}

/// An attack made while filing a ticket that fails in one known way.
pub(crate) struct Fails {
    /// Its name in the guest.
    pub(crate) attack: &'static str,
    /// What it does, for the documentation.
    pub(crate) does: &'static str,
    /// The failure's code.
    pub(crate) code: &'static str,
    /// What it did to the PSA.
    pub(crate) effect: Effect,
}

/// Makes all attacks at once, each in a scene of its own, while the neighbour works.
pub(crate) async fn all_fail<Making>(
    attacks: &'static [Fails],
    scene: impl Fn(&'static str) -> Making,
) -> Vec<Row>
where
    Making: Future<Output = Scene> + Send + 'static,
{
    let rows = attacks.iter().map(|attack| {
        let scene = scene(attack.attack);
        async move {
            let scene = scene.await;
            let call = scene.create().await;
            let words = scene.failed(&call, attack.code, attack.effect);
            scene.reached_nothing_else();
            Row::told(attack.does, &words)
        }
    });
    beside_the_neighbour(rows).await
}
