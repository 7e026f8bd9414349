//! Tasks of hyper, and a connection that hyper serves.

use std::cell::Cell;
use std::rc::Rc;

use super::super::subject::LoopExecutor;
use super::parts;
use hyper::rt::Executor;
use probe::{run, snapshot};
use probe_futures::gate;
use probe_loop::SimLoop;

#[test]
fn a_task_of_hypers_runs_on_the_loop() {
    let run = run!();
    let sim = SimLoop::new(&run);
    let (key, gate) = gate::<()>();
    let done = Rc::new(Cell::new(0));
    let sees = Rc::clone(&done);
    let executor = LoopExecutor::new(sim.handle());
    run.risk(
        Some("blocks-the-loop"),
        "hyper called `execute` with a future that waits, and the call does not return: the loop's thread is blocked.",
        || {
            executor.execute(async move {
                sees.set(1);
                gate.await;
                sees.set(2);
                "an output"
            });
        },
    );
    if done.get() > 0 {
        run.diagnose(
            "polled-in-execute",
            "`execute` polled the future. It has to return first: hyper holds its connection's state meanwhile.",
        );
    }
    let _ = sim.run_until(|| done.get() > 0);
    key.open(());
    let _ = sim.run_until(|| done.get() == 2);
    if done.get() != 2 {
        run.departs("hyper called `execute`, and its future was not polled to the end.");
    }
}

#[test]
fn the_output_of_a_task_is_dropped() {
    let run = run!();
    let sim = SimLoop::new(&run);
    let values = probe::detect::DropCounter::new();
    let output = values.token();
    let ended = Rc::new(Cell::new(false));
    let sees = Rc::clone(&ended);
    LoopExecutor::new(sim.handle()).execute(async move {
        sees.set(true);
        output
    });
    let _ = sim.run_until(|| ended.get());
    if values.dropped() != 1 {
        run.departs(
            "A task of hyper's has ended, and its output is still there. Nothing reads the output of such a task: it is dropped.",
        );
    }
}

#[test]
fn hyper_answers_two_requests_and_ends_a_client_that_is_too_slow() {
    let run = run!("served");
    parts::served(&run);
    snapshot!(run);
}
