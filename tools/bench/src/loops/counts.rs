//! Instructions instead of nanoseconds: the same on a busy machine.
//!
//! valgrind's callgrind counts the instructions of a process outside the kernel. A run of few steps and one of
//! many steps are counted, and the difference is divided by the difference of the steps, so that start and end
//! of the process cancel.

use std::env;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use clap::ValueEnum;

use super::cases::{Case, set_steps};
use super::{Runtime, ours, peers};

/// What a child process runs: a case on a runtime, with this many steps.
#[derive(Debug, clap::Args)]
pub(crate) struct Counted {
    runtime: String,
    case: Case,
    steps: usize,
}

const CASES: [Case; 6] = [
    Case::JoinOne,
    Case::JoinMany,
    Case::PingPong,
    Case::YieldOne,
    Case::YieldMany,
    Case::TimerOne,
];

/// The most instructions that a step of chapter 14's loop may take, in the order of [`CASES`]. A tenth above what
/// was counted when the bound was set.
const BOUNDS: [u64; 6] = [1_990, 1_770, 555, 475, 240, 560];

const FEW: usize = 2_000;
const MANY: usize = 12_000;

/// Chapter 14's loop beside the others.
const BESIDE: [Runtime; 5] = [
    ours::FAST,
    ours::RUNTIME,
    peers::TOKIO,
    peers::SMOL,
    peers::LOCAL_POOL,
];

/// Prints the tables, of which the book has a copy in `book/figures/counts.txt`.
pub(crate) fn measure() -> anyhow::Result<()> {
    println!(
        "cargo run --release -p bench -- counts: instructions outside the kernel, by valgrind"
    );
    println!("\n// ANCHOR: peers");
    table(&BESIDE)?;
    println!("// ANCHOR_END: peers\n\n// ANCHOR: steps");
    let mut runtimes = vec![ours::FAST];
    runtimes.extend(ours::STEPS_ALONE);
    table(&runtimes)?;
    println!("// ANCHOR_END: steps\n\n// ANCHOR: echo");
    crate::echo::instructions::print()?;
    println!("// ANCHOR_END: echo\n\n// ANCHOR: idle");
    crate::echo::instructions::print_idle()?;
    println!("// ANCHOR_END: idle");
    Ok(())
}

fn table(runtimes: &[Runtime]) -> anyhow::Result<()> {
    let names = runtimes.iter().map(|r| format!("{:>12}", r.name));
    println!("{:38}{}", "instructions each", names.collect::<String>());
    for case in CASES {
        print!("{:38}", case.name());
        for runtime in runtimes {
            match count(runtime.name, case)? {
                None => print!("{:>12}", "–"),
                Some(count) => print!("{count:>12}"),
            }
        }
        println!();
    }
    Ok(())
}

/// Compares chapter 14's loop, and the echo server on both loops, with their bounds.
pub(crate) fn check() -> anyhow::Result<()> {
    let mut above = Vec::new();
    for (case, bound) in CASES.into_iter().zip(BOUNDS) {
        let count = count(ours::FAST.name, case)?.context("the loop has every case")?;
        println!("{:38}{count:>8}, bound {bound}", case.name());
        if count > bound {
            above.push(format!("{}: {count}", case.name()));
        }
    }
    if !above.is_empty() {
        bail!("more instructions than the bound: {}", above.join("; "));
    }
    crate::echo::instructions::check()
}

/// The instructions of a step; `None` if the runtime has no such thing.
fn count(runtime: &str, case: Case) -> anyhow::Result<Option<u64>> {
    let few = count_run(runtime, case, FEW)?;
    let many = count_run(runtime, case, MANY)?;
    Ok((few.zip(many)).map(|(few, many)| many.saturating_sub(few) / (MANY - FEW) as u64))
}

fn count_run(runtime: &str, case: Case, steps: usize) -> anyhow::Result<Option<u64>> {
    let case = case.to_possible_value().expect("no case is skipped");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe()?)
        .args(["counted", runtime, case.get_name(), &steps.to_string()])
        .stdin(Stdio::null())
        .output()
        .context("valgrind counts the instructions, and cannot be started")?;
    if output.status.code() == Some(NO_SUCH_CASE) {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find_map(|line| line.split_once("Collected :"));
    let (_, count) = line.with_context(|| format!("valgrind says no count: {text}"))?;
    Ok(Some(count.trim().parse()?))
}

const NO_SUCH_CASE: i32 = 3;

/// Runs one case, for valgrind.
pub(crate) fn run(counted: &Counted) -> anyhow::Result<()> {
    set_steps(counted.steps);
    let mut runtimes = BESIDE.iter().chain(&ours::STEPS_ALONE);
    let runtime = runtimes.find(|r| r.name == counted.runtime);
    let runtime = runtime.context("there is no such runtime")?;
    if (runtime.run)(counted.case).is_none() {
        std::process::exit(NO_SUCH_CASE);
    }
    Ok(())
}
