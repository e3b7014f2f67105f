//! The engine for dispatcher rules: Python in a component, for the world `rules` of `wit/rules`.
//!
//! ```text
//! source ─► read ─► tree ─┬─► is_literal ─► lints ─► Examined                        (check)
//!                         └─► is_literal ─► trace ─► compile ─► run, watched ─► Outcome   (run)
//! ```
//!
//! Python is RustPython. It is started once, when the component is made (`prepare/`), and every instance begins with
//! the interpreter running and its library imported.
#![cfg(target_arch = "wasm32")]

mod bound;
mod check;
mod interpreter;
mod is_literal;
mod lints;
mod math;
mod nesting;
mod place;
mod random;
mod read;
mod rules;
mod run;
mod slices;
mod trace;
mod undefined;
mod values;
mod watch;

mod contract {
    #![allow(
        missing_docs,
        unreachable_pub,
        unsafe_code,
        clippy::all,
        clippy::pedantic,
        clippy::indexing_slicing,
        clippy::panic,
        reason = "generated from wit/rules, which documents every item"
    )]
    wit_bindgen::generate!({
        inline: "
            package helpbell:rules-engine;

            world engine {
                include helpbell:rules/rules@0.1.0;
                export prepare: func(library: list<tuple<string, string>>) -> result<_, string>;
            }
        ",
        path: "../../wit/rules",
        world: "helpbell:rules-engine/engine",
        generate_all,
    });
    export!(Python with_types_in self);
    use super::Python;
}

use contract::{
    exports::helpbell::rules::engine,
    helpbell::rules::types::{Description, Examined, Input, Outcome, Variable},
};

struct Python;

impl contract::Guest for Python {
    fn prepare(library: Vec<(String, String)>) -> Result<(), String> {
        interpreter::prepare(&library)
    }
}

impl engine::Guest for Python {
    fn describe() -> Description {
        Description {
            id: "python".to_owned(),
            name: "Helpbell's Python".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            language: "Python 3.14 (RustPython 0.5)".to_owned(),
        }
    }

    fn check(source: String, variables: Vec<Variable>) -> Examined {
        check::check(&source, &variables)
    }

    fn run(input: Input) -> Outcome {
        run::run(&input)
    }
}
