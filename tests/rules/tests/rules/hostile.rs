//! Rules that attack the engine and the machine it runs on. Each ends in a plain error, and the engine goes on.

use crate::attacks::{End, MEMORY, TIME, UNREADABLE, attacks, nested_ifs};
use helpbell_model::{
    Failure,
    rules::{Outcome, Value},
};
use helpbell_rules_tests::{
    Given,
    engine::{call, check, engine, run, wait},
};
use helpbell_sandbox::SOURCE_BYTES;
use std::{env, fs, sync::Arc};
use tokio::{sync::Semaphore, task::JoinSet};

/// So many attacks at a time: each may take its memory and a core.
const AT_ONCE: usize = 4;

/// What is wrong with how it ended; the attack comes after an assignment.
fn wrong(end: End, result: &Result<Outcome, Failure>, readable: bool) -> Option<String> {
    let (codes, kinds): (&[&str], _) = match end {
        End::Told(kinds) => (&[], kinds),
        End::Stopped(codes, kinds) => (codes, kinds),
    };
    match result {
        Err(failure) if codes.contains(&failure.code.as_str()) => {
            let helped = failure
                .help
                .as_ref()
                .is_some_and(|help| help.contains("helpbell rules"));
            (!helped).then(|| format!("no help: {failure:?}"))
        }
        Err(failure) => Some(format!("{}: {}", failure.code, failure.message)),
        Ok(outcome) => {
            let Some(failure) = &outcome.failure else {
                return Some(format!("no failure: {:?}", outcome.created));
            };
            if !kinds.contains(&failure.kind.as_str()) {
                return Some(failure.to_string());
            }
            if readable && outcome.last_change("team").is_none() {
                return Some(format!("what was assigned before is lost: {failure}"));
            }
            None
        }
    }
}

async fn harmless_rules_run() {
    let outcome = run("if 'PRINTER' in msg:\n    team = 'Print'\n", &Given::usual()).await;
    assert_eq!(outcome.failure, None);
    assert!(outcome.last_change("team").is_some());
}

#[test]
fn every_attack_ends_in_a_plain_error_and_the_engine_goes_on() {
    wait(async {
        harmless_rules_run().await;
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let mut running = JoinSet::new();
        for (name, source, end) in attacks() {
            let places = Arc::clone(&places);
            running.spawn(async move {
                let _place = places.acquire_owned().await.unwrap();
                let result = call(&format!("team = 'Print'\n{source}"), &Given::usual()).await;
                let wrong = wrong(end, &result, end != UNREADABLE)?;
                let wrong: String = wrong.chars().take(300).collect();
                Some(format!("{name}: {wrong}\n"))
            });
        }
        let mut wrong = String::new();
        while let Some(done) = running.join_next().await {
            if let Some(line) = done.unwrap() {
                wrong.push_str(&line);
            }
        }
        harmless_rules_run().await;
        assert!(wrong.is_empty(), "{wrong}");
    });
}

#[test]
fn what_is_stopped_is_seen_by_what_lets_it_through() {
    // The controls: the same in small is no attack.
    for source in [
        "x = 'a' * 10**5\n",
        "n = 0\nwhile n < 10**4: n += 1\n",
        "def f(n): return n and f(n - 1)\nx = f(50)\n",
        "x = 10**10**2\n",
        "x = '%1000d' % 1\n",
        "import re\nx = re.match('(a+)+$', 'a' * 40)\n",
        "x = ((((((((((1))))))))))\n",
    ] {
        assert_eq!(wait(run(source, &Given::usual())).failure, None, "{source}");
    }
    let mut nested = nested_ifs(15);
    nested.push_str("if x == 1: team = 'deep'\n");
    assert!(wait(run(&nested, &Given::usual())).last_change("team").is_some());
}

#[test]
fn reading_alone_is_as_safe() {
    let given = Given::usual();
    for (name, source, end) in attacks() {
        let examined = wait(async { engine().await.check(&source, &given.variables).await.result });
        let examined = examined.unwrap_or_else(|failure| panic!("{name}: {failure:?}"));
        let refused = examined.has_errors();
        if end == UNREADABLE {
            assert!(refused, "{name}: {examined:?}");
        }
    }
    wait(harmless_rules_run());
}

#[test]
fn deep_nesting_and_null_bytes_are_refused_with_a_place() {
    for (source, code) in [
        (
            format!("x = 1\ny = {}1{}\n", "(".repeat(10_000), ")".repeat(10_000)),
            "nesting",
        ),
        (nested_ifs(500), "nesting"),
        ("x = 1\ny = '\0'\n".to_owned(), "source"),
    ] {
        let examined = wait(check(&source, &Given::usual()));
        let error = &examined.diagnostics[0];
        assert_eq!(error.code, code, "{error:?}");
        assert!(error.line >= 1 && error.column >= 1, "{error:?}");
        assert!(!error.message.is_empty());
    }
}

#[test]
fn long_rules_are_no_deep_ones() {
    let sum = format!("x = {}1\n", "1 + ".repeat(900));
    let mut chain = String::from("n = 500\nif n == 0:\n    x = 0\n");
    for number in 1..=600 {
        chain.push_str(&format!("elif n == {number}:\n    x = {number}\n"));
    }
    let list = format!("x = [{}]\n", "'a', ".repeat(10_000));
    let flat = "x = 1\n".repeat(5_000);
    for source in [sum, chain, list, flat] {
        let outcome = wait(run(&source, &Given::usual()));
        assert_eq!(outcome.failure, None, "{}", &source[..60]);
    }
    // Longer ones are refused rather than run into the end of the stack.
    for source in [
        format!("x = {}1\n", "1 + ".repeat(50_000)),
        format!("x = {}1\n", "a.".repeat(50_000)),
    ] {
        let outcome = wait(run(&source, &Given::usual()));
        let failure = outcome.failure.unwrap();
        assert!(
            ["SyntaxError", "RecursionError", "NameError", "MemoryError"].contains(&failure.kind.as_str()),
            "{failure}"
        );
    }
}

#[test]
fn a_source_of_ten_megabytes_is_refused() {
    let line = "x = 1\n";
    let source = line.repeat((10 << 20) / line.len());
    let given = Given::usual();
    let examined = wait(check(&source, &given));
    assert_eq!(examined.diagnostics.len(), 1);
    assert_eq!(examined.diagnostics[0].code, "source");
    let outcome = wait(run(&source, &given));
    assert!(outcome.failure.is_some(), "it ran");
    // What just fits is read.
    let fits = format!("# {}\nteam = 'Print'\n", "a".repeat(SOURCE_BYTES - 100));
    assert!(fits.len() < SOURCE_BYTES);
    assert!(wait(run(&fits, &given)).last_change("team").is_some());
    let one_more = "#".repeat(SOURCE_BYTES + 1);
    assert_eq!(wait(check(&one_more, &given)).diagnostics[0].code, "source");
}

#[test]
fn nothing_of_the_machine_is_reached() {
    // What this process has and the rules must not see.
    let path = env::var("PATH").unwrap();
    let hosts = fs::read_to_string("/etc/hostname").unwrap_or_default();
    for source in [
        "x = [c.__name__ for c in ().__class__.__mro__[1].__subclasses__()]\nfor c in ().__class__.__mro__[1].__subclasses__():\n    if 'warning' in c.__name__.lower() or 'popen' in c.__name__.lower():\n        try: x.append(repr(c.__init__.__globals__['sys'].modules['os'].environ))\n        except BaseException as e: x.append(repr(e))\nprint(x)\n",
        "x = []\nfor name in ['os', 'posix', 'nt', 'socket', '_socket', 'subprocess', 'ctypes', '_ctypes', 'signal', 'threading', '_thread', 'io', '_io', 'pathlib', 'urllib.request', 'platform', 'shutil', 'tempfile', 'sys']:\n    try:\n        module = __import__(name)\n        for what in ('environ', 'getcwd', 'listdir', 'system', 'open', 'getpid', 'uname', 'argv', 'path', 'executable'):\n            try:\n                value = getattr(module, what)\n                x.append((name, what, repr(value('/etc/hostname') if what == 'open' else value() if callable(value) else value)))\n                if what == 'open': x.append(module.open('/etc/hostname').read())\n            except BaseException as e: pass\n    except BaseException as e: pass\nprint(x)\n",
        "for attempt in ['open(\"/etc/hostname\").read()', '__import__(\"os\").environ', '__import__(\"os\").listdir(\"/\")', '__builtins__', 'eval(\"__import__(chr(111)+chr(115)).environ\")']:\n    try: print(eval(attempt))\n    except BaseException as e: print(repr(e))\n",
        "exec(compile('import os; print(os.environ, os.listdir(\"/\"))', 'x', 'exec'))\n",
    ] {
        let outcome = wait(run(source, &Given::usual()));
        let said = format!("{outcome:?}");
        assert!(!said.contains(&path), "the environment: {said}");
        assert!(
            hosts.trim().len() < 4 || !said.contains(hosts.trim()),
            "a file: {said}"
        );
        for folder in ["'etc'", "'usr'", "'home'"] {
            assert!(!said.contains(folder), "a folder: {said}");
        }
    }
    wait(harmless_rules_run());
}

#[test]
fn what_a_script_breaks_is_whole_again_in_the_next_run() {
    let breaking = "\
import builtins, random, re, datetime
for module in (builtins, random, re, datetime):
    for name in list(vars(module)):
        if not name.startswith('__'):
            try: setattr(module, name, None)
            except BaseException: pass
";
    let first = wait(call(breaking, &Given::usual()));
    if let Ok(outcome) = &first {
        assert!(outcome.changes.is_empty());
    }
    let after = "import random, re, datetime\nteam = re.sub('a', 'b', 'a') + str(len([1]))\n";
    let outcome = wait(run(after, &Given::usual()));
    assert_eq!(outcome.failure, None);
    assert!(outcome.last_change("team").is_some());
}

#[test]
fn replaced_builtins_do_not_fool_the_engine() {
    let source = "\
def liar(*args, **kwargs): return 'lie'
str = repr = print = len = isinstance = type = dict = list = liar
team = 'Print'
hostname = 'x'
count = 3
";
    let outcome = wait(run(source, &Given::usual()));
    assert_eq!(outcome.failure, None);
    assert_eq!(outcome.changes.len(), 1);
    assert_eq!(
        outcome.last_change("team").unwrap().shown.trim_matches('\''),
        "Print"
    );
    let count = outcome
        .created
        .iter()
        .find(|created| created.name == "count")
        .unwrap();
    assert_eq!(count.shown, "3");
}

#[test]
fn a_value_that_lies_about_itself_is_told_as_some_text() {
    let source = "\
class Liar:
    def __repr__(self): raise ValueError('no')
    def __str__(self): return 5
    def __eq__(self, other): raise KeyError('no')
    def __hash__(self): raise KeyError('no')
team = Liar()
agent = 'Ann'
helper = Liar()
class Text(str):
    def __str__(self): raise ValueError('no')
priority = Text('High')
class Loop:
    def __repr__(self):
        while True: pass
";
    let outcome = wait(run(source, &Given::usual()));
    assert!(outcome.last_change("agent").is_some(), "{outcome:?}");
    assert!(outcome.created.iter().any(|created| created.name == "helper"));
}

#[test]
fn a_flood_of_changes_variables_and_output_is_bounded() {
    /// Bytes of an outcome: what the journal of a press keeps without asking.
    const OUTCOME_BYTES: usize = 4 << 20;
    for source in [
        "for n in range(100000): team = str(n)\n",
        "for n in range(20000): globals()['v' + str(n)] = 'x' * 100\n",
        "print('a' * 10**7)\n",
        "for n in range(20000): hostname = 'x'\n",
        "append = 'a' * 10**7\n",
        "helper = 'a' * 10**7\n",
        "raise ValueError('a' * 10**7)\n",
    ] {
        match wait(call(source, &Given::usual())) {
            Ok(outcome) => {
                let bytes = serde_json::to_vec(&outcome).unwrap().len();
                assert!(bytes < OUTCOME_BYTES, "{bytes} bytes of {source}");
            }
            Err(failure) => assert!(
                [TIME, MEMORY].contains(&failure.code.as_str()),
                "{source}: {failure:?}"
            ),
        }
    }
    wait(harmless_rules_run());
}

#[test]
fn the_last_of_many_changes_is_told() {
    let outcome = wait(run("for n in range(50000): team = str(n)\n", &Given::usual()));
    assert_eq!(outcome.failure, None);
    let last = outcome.last_change("team").unwrap();
    assert_eq!(last.shown.trim_matches('\''), "49999");
}

#[test]
fn strange_characters_are_read_or_refused_and_never_crash() {
    for source in [
        "x = '\u{202e}\u{feff}\u{10ffff}'\n",
        "\u{202e}x = 1\n",
        "x = '\u{d7ff}\u{e000}'\n",
        "ﬀ = 1\n",
        "x\u{a0}= 1\n",
        "x = 1\u{2028}y = 2\n",
        "x = “quoted”\n",
        "\u{c}x = 1\n",
        "x = '\\ud800'\nteam = x\nprint(x)\n",
        "x = '\\N{NO SUCH NAME}'\n",
        "x = '\\u12'\n",
        "\r\r\r",
        "",
    ] {
        let result = wait(call(source, &Given::usual()));
        assert!(result.is_ok(), "{source:?}: {result:?}");
        wait(check(source, &Given::usual()));
    }
}

#[test]
fn a_value_that_assigns_while_it_is_looked_at_loses_nothing() {
    let source = "class Sly:\n    def __eq__(self, other):\n        global team\n        team = 'Print'\n        return False\n\
                  \x20   def __str__(self):\n        global state\n        state = 'New'\n        return 'sly'\n\
                  agent = 'Ann'\npriority = Sly()\npriority = Sly()\n";
    let outcome = wait(run(source, &Given::usual()));
    assert_eq!(outcome.failure, None);
    for (variable, value) in [("agent", "Ann"), ("team", "Print")] {
        let change = outcome.last_change(variable).expect(variable);
        assert_eq!(change.value, Value::Text(value.into()), "{variable}");
    }
}
