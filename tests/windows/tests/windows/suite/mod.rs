//! The tests, and what they share.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on stops"
)]

mod commands;
mod examination;
mod filing;
mod key;
mod sandbox;

use helpbell_end_to_end::Desk;
use helpbell_windows_tests::Wine;
use libtest_mimic::{Arguments, Trial};
use std::{
    future::Future,
    process::ExitCode,
    sync::{Arc, OnceLock},
};

/// The Windows of all tests; none where it cannot be had.
type Shared = Arc<OnceLock<Option<Arc<Wine>>>>;

/// Tests by the names of their functions.
macro_rules! trials {
    ($shared:expr, $($module:ident::$name:ident),+ $(,)?) => {
        vec![$(trial($shared, concat!(stringify!($module), "::", stringify!($name)), $module::$name)),+]
    };
}

pub(crate) fn run() -> ExitCode {
    let shared = Shared::default();
    let trials = trials![
        &shared,
        // The others run while this one takes its half minute.
        sandbox::a_connector_that_never_ends_is_stopped,
        commands::version_help_and_completions_are_told,
        commands::exit_codes_say_how_it_went,
        commands::what_must_outlive_the_program_stays_on_this_computer,
        commands::the_program_tells_windows_that_it_knows_every_monitors_pixels,
        examination::a_report_has_the_screen_and_says_what_this_windows_does_not_tell,
        examination::the_page_has_the_picture_and_names_nobody_can_abuse,
        filing::a_press_becomes_one_ticket_with_a_private_note_and_two_files,
        filing::a_press_that_finds_no_psa_is_kept_and_delivered_later,
        filing::a_press_that_is_not_waited_for_is_delivered_in_the_background,
        filing::a_press_whose_process_is_killed_after_the_ticket_was_filed_becomes_no_second_one,
        key::the_key_stands_in_no_file_in_the_clear,
        key::a_key_in_the_clear_is_found_and_refused_with_the_command_that_protects_it,
        sandbox::compiled_code_is_kept_and_used_again,
    ];
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    let wine = Arc::into_inner(shared).and_then(OnceLock::into_inner).flatten();
    let Some(wine) = wine else {
        return conclusion.exit_code();
    };
    let mut wine = Arc::into_inner(wine).expect("every computer is gone with its test");
    assert!(!wine.processes().is_empty(), "Windows runs, and that is seen");
    let left = wine.stop();
    if left.is_empty() {
        return conclusion.exit_code();
    }
    eprintln!("these processes are still there after Windows was shut down: {left:?}");
    ExitCode::FAILURE
}

/// A test that is given the Windows.
fn trial<F>(shared: &Shared, name: &str, test: fn(Arc<Wine>) -> F) -> Trial
where
    F: Future<Output = ()> + 'static,
{
    let shared = Arc::clone(shared);
    Trial::test(name, move || {
        let started = shared.get_or_init(|| Wine::start().map(Arc::new));
        if let Some(wine) = started {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(test(Arc::clone(wine)));
        }
        Ok(())
    })
}

/// A computer with this Windows on it, where connectors were compiled before and nothing is configured.
async fn computer(wine: &Arc<Wine>) -> Desk {
    Desk::on(Arc::<Wine>::clone(wine)).await
}
