//! What rules cost: all rules of the cookbook on one press, in a fresh instance of the sandbox.
//!
//! | metric | beside |
//! |---|---|
//! | `rules.run`, `rules.run-pooled` | starting CPython for the same rules and variables, from the same process |
//! | `rules.one-line` | nothing: what a fresh instance costs at least |
//! | `rules.memory`, `rules.size` | nothing |
//!
//! Both sides take turns.

use crate::metric::{Metric, Samples, Target, precise};
use anyhow::{Context as _, Result, bail, ensure};
use helpbell_model::rules::{Circumstances, Input, Value, Variable};
use helpbell_sandbox::{RuleEngine, Sandbox};
use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

/// Turns of each side.
const TURNS: usize = 300;
/// Starting CPython takes long enough that fewer do.
const PYTHON_TURNS: usize = 60;
/// Turns before the measured ones.
const UNMEASURED: usize = 10;

const RUN_MS: f64 = 0.5;
/// Forty times as fast as CPython's start.
const RUN_RATIO: f64 = 1.0 / 40.0;
const MEMORY_MIB: f64 = 16.0;
const SIZE_MB: f64 = 10.0;

const MEDIAN: usize = 50;
const MIB: f64 = 1_048_576.0;
const MB: f64 = 1_000_000.0;

/// Runs at the same time in the pooled sandbox.
const GUESTS: u32 = 4;

/// Measures the engine in this file.
pub(crate) fn measure(engine: &Path) -> Result<Vec<Metric>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("failed to start the runtime")?;
    let cookbook = input(cookbook()?);
    let size = std::fs::metadata(engine)
        .with_context(|| format!("failed to look at {}", engine.display()))?
        .len();
    let (on_demand, pooled, least, python, memory) = runtime.block_on(async {
        let fresh = Sandbox::new(None)?.load_rules(engine).await?;
        let reused = Sandbox::pooled(None, GUESTS)?.load_rules(engine).await?;
        let mut python = Samples::default();
        for turn in 0..UNMEASURED + PYTHON_TURNS {
            let took = cpython(&cookbook)?;
            if turn >= UNMEASURED {
                python.add(took);
            }
        }
        let memory = memory(&fresh, &cookbook).await?;
        let (mut on_demand, mut pooled, mut least) =
            (Samples::default(), Samples::default(), Samples::default());
        let one_line = input("x = 1\n".to_owned());
        for turn in 0..UNMEASURED + TURNS {
            let sides = [
                (&fresh, &cookbook, &mut on_demand),
                (&reused, &cookbook, &mut pooled),
                (&fresh, &one_line, &mut least),
            ];
            for (engine, input, samples) in sides {
                let took = run(engine, input).await?;
                if turn >= UNMEASURED {
                    samples.add(took);
                }
            }
        }
        anyhow::Ok((on_demand, pooled, least, python, memory))
    })?;
    let start = python.quantile_ms(MEDIAN);
    let ratio = |name: &str, what: &str, samples: &Samples| Metric {
        name: name.to_owned(),
        what: what.to_owned(),
        value: samples.quantile_ms(MEDIAN),
        unit: "ms",
        against: Some(start),
        target: Some(Target::Ratio(RUN_RATIO)),
    };
    let alone = |name: &str, what: &str, value: f64, unit: &'static str, most: Option<f64>| Metric {
        name: name.to_owned(),
        what: what.to_owned(),
        value,
        unit,
        against: None,
        target: most.map(Target::Value),
    };
    Ok(vec![
        ratio(
            "rules.run",
            "all of the cookbook on one press, beside CPython's start",
            &on_demand,
        ),
        ratio("rules.run-pooled", "the same where memory is used again", &pooled),
        alone(
            "rules.run-ms",
            "the better of both, median",
            pooled.quantile_ms(MEDIAN).min(on_demand.quantile_ms(MEDIAN)),
            "ms",
            Some(RUN_MS),
        ),
        alone(
            "rules.one-line",
            "x = 1 in a fresh instance",
            least.quantile_ms(MEDIAN),
            "ms",
            None,
        ),
        alone(
            "rules.memory",
            "linear memory of an instance after the cookbook",
            memory / MIB,
            "MiB",
            Some(MEMORY_MIB),
        ),
        alone(
            "rules.size",
            "the component",
            precise(usize::try_from(size)?) / MB,
            "MB",
            Some(SIZE_MB),
        ),
    ])
}

async fn run(engine: &Arc<RuleEngine>, input: &Input) -> Result<Duration> {
    let began = Instant::now();
    let call = engine.run(input).await;
    let took = began.elapsed();
    let outcome = call.result?;
    ensure!(
        outcome.failure.is_none(),
        "the rules failed: {:?}",
        outcome.failure
    );
    Ok(took)
}

async fn memory(engine: &Arc<RuleEngine>, input: &Input) -> Result<f64> {
    let call = engine.run(input).await;
    call.result?;
    let bytes = call.memory_bytes.context("the run did not end by itself")?;
    Ok(precise(bytes))
}

/// Starts CPython, lets it run the same, and waits for its end.
fn cpython(input: &Input) -> Result<Duration> {
    let mut script = String::new();
    for variable in &input.variables {
        let value = serde_json::to_string(&variable.value)?;
        for name in std::iter::once(&variable.name).chain(&variable.aliases) {
            // JSON's texts, numbers and lists are Python's.
            script.push_str(&format!("{name} = {value}\n"));
        }
    }
    script.push_str(
        "def ai_categorize(text, categories): return {'best_match': None, 'matches': [], 'scores': {}}\n",
    );
    script.push_str(&input.source);
    let began = Instant::now();
    let mut python = Command::new("python3")
        .args(["-I", "-S", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .context("failed to start python3")?;
    if let Some(mut stdin) = python.stdin.take() {
        stdin.write_all(script.as_bytes())?;
    }
    if !python.wait()?.success() {
        bail!("CPython does not run the cookbook");
    }
    Ok(began.elapsed())
}

/// Every example of the cookbook, one below the other. Some are for priorities that are numbers, some for such that are
/// names: where one fails for that, the next goes on.
fn cookbook() -> Result<String> {
    let guide = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md");
    let text =
        std::fs::read_to_string(&guide).with_context(|| format!("failed to read {}", guide.display()))?;
    let (_, cookbook) = text
        .split_once("\n## Cookbook")
        .context("the guide to rules has no cookbook")?;
    let blocks: Vec<&str> = cookbook
        .split("```python\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("```"))
        .map(|(block, _)| block)
        .collect();
    ensure!(!blocks.is_empty(), "the cookbook has no examples");
    let attempts = blocks.iter().map(|block| {
        let lines: Vec<String> = block.lines().map(|line| format!("    {line}\n")).collect();
        format!("try:\n{}except TypeError: pass\n", lines.concat())
    });
    Ok(attempts.collect())
}

/// A press as the cookbook knows it.
fn input(source: String) -> Input {
    let text = |name: &str, value: &str| Variable {
        name: name.to_owned(),
        aliases: if name == "msg" {
            vec!["message".to_owned()]
        } else {
            vec![]
        },
        writable: true,
        value: Value::Text(value.to_owned()),
    };
    let mut variables: Vec<Variable> = [
        ("hostname", "PC-0231"),
        ("mac", "aa:bb:cc:dd:ee:ff"),
        ("ip", "10.0.3.17"),
        ("email", "maria.rossi@acme.example"),
        ("name", "Maria Rossi"),
        ("msg", "The printer on the third floor prints nothing!"),
        ("subject", "The printer on the third floor prints nothing!"),
        ("append", ""),
        ("priv_append", ""),
        ("exception", ""),
        ("business_name", "Acme"),
        ("priority", "Medium"),
        ("state", "New"),
        ("team", "1st Line"),
        ("ticketType", "Incident"),
        ("agent", ""),
        ("category_1", ""),
        ("problem_type", ""),
        ("type", ""),
        ("board", ""),
    ]
    .map(|(name, value)| text(name, value))
    .into();
    for name in ["impact", "urgency"] {
        variables.push(Variable {
            value: Value::Integer(3),
            ..text(name, "")
        });
    }
    variables.push(Variable {
        value: Value::Texts(vec!["This is an emergency".to_owned()]),
        ..text("selections", "")
    });
    Input {
        source,
        variables,
        circumstances: Circumstances {
            clock_ms: 1_764_500_000_000,
            offset_minutes: 60,
            seed: 7,
        },
    }
}
