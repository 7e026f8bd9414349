//! Children that end at once: what it costs to start one and to hear of its end. Beside tokio, and beside the
//! blocking calls of the standard library, which are the least that it can cost.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::Context;
use event_loop::EventLoop;
use futures::future::try_join_all;
use reactor::Reactor;
use streams::Process;

use crate::table::median;

/// How many children one measured run starts.
const CHILDREN: usize = 1_000;

/// How many of them run at the same time.
const AT_ONCE: [usize; 3] = [1, 10, 100];

struct Family {
    name: &'static str,
    /// One measured run, in microseconds for each child.
    run: fn(usize) -> anyhow::Result<f64>,
}

const FAMILIES: [Family; 4] = [
    Family {
        name: "chapter 10",
        run: |at_once| ours(at_once, false),
    },
    Family {
        name: "by SIGCHLD",
        run: |at_once| ours(at_once, true),
    },
    Family {
        name: "tokio",
        run: tokio,
    },
    Family {
        name: "std, blocking",
        run: blocking,
    },
];

pub(crate) fn measure(rounds: u32) -> anyhow::Result<()> {
    let heads = FAMILIES.map(|family| format!("{:>15}", family.name));
    println!(
        "{:42}{}{:>10}",
        "µs a child, median of the rounds",
        heads.concat(),
        "÷ tokio"
    );
    for at_once in AT_ONCE {
        let mut results = vec![Vec::new(); FAMILIES.len()];
        for round in 0..rounds as usize {
            for turn in 0..FAMILIES.len() {
                let which = (turn + round) % FAMILIES.len();
                results[which].push((FAMILIES[which].run)(at_once)?);
            }
        }
        let medians: Vec<f64> = results.iter_mut().map(|values| median(values)).collect();
        let cells: String = medians.iter().map(|time| format!("{time:>15.0}")).collect();
        let what = format!("spawn and wait, {CHILDREN} children, {at_once} at once");
        println!("{what:42}{cells}{:>10.2}", medians[0] / medians[2]);
    }
    Ok(())
}

/// Divides the time of a run by the number of children.
fn each(run: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let start = Instant::now();
    run().context("a child could not be started")?;
    Ok(start.elapsed().as_nanos() as f64 / 1_000.0 / CHILDREN as f64)
}

fn program() -> Command {
    let mut command = Command::new("true");
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

fn ours(at_once: usize, by_signal: bool) -> anyhow::Result<f64> {
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let reactor = &event_loop.driver().handle();
    let one = async || -> anyhow::Result<()> {
        let mut process = Process::spawn(reactor, &mut program())?;
        if by_signal {
            process = process.watched_by_signal(reactor)?;
        }
        process.wait().await?;
        Ok(())
    };
    each(|| {
        event_loop.block_on(async {
            for _ in 0..CHILDREN / at_once {
                try_join_all((0..at_once).map(|_| one())).await?;
            }
            Ok(())
        })
    })
}

fn tokio(at_once: usize) -> anyhow::Result<f64> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let one = async || -> anyhow::Result<()> {
        let mut child = tokio::process::Command::from(program()).spawn()?;
        child.wait().await?;
        Ok(())
    };
    each(|| {
        runtime.block_on(async {
            for _ in 0..CHILDREN / at_once {
                try_join_all((0..at_once).map(|_| one())).await?;
            }
            Ok(())
        })
    })
}

fn blocking(at_once: usize) -> anyhow::Result<f64> {
    each(|| {
        for _ in 0..CHILDREN / at_once {
            let children: std::io::Result<Vec<_>> =
                (0..at_once).map(|_| program().spawn()).collect();
            for mut child in children? {
                child.wait()?;
            }
        }
        Ok(())
    })
}
