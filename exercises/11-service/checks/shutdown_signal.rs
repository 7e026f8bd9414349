//! shutdown-signal: a service that stops on SIGTERM, and reloads on SIGHUP.

use std::rc::Rc;

use probe::{Run, run, snapshot};
// Its allocator counts, so that an allocation of the handler is seen.
use probe_io as _;
use service::Signal;

#[path = "shutdown_signal/process.rs"]
mod process;
#[path = "shutdown_signal/runs.rs"]
mod runs;
#[path = "shutdown_signal/world.rs"]
mod world;

use runs::every_short_run;
use world::{Moment, World};

fn world(run: &Run, tells_reads: bool) -> Rc<World> {
    let (world, service) = World::new(run.recorder(), tells_reads);
    std::mem::forget(service); // The process has it until it ends.
    world
}

/// Lets the loop run until it sleeps, and refuses what is wrong then.
#[track_caller]
fn expect_no_fault(run: &Run, world: &World) {
    if let Some(fault) = world.fault() {
        match fault.code {
            Some(code) => run.diagnose(code, fault.sentence),
            None => run.departs(fault.sentence),
        }
    }
}

#[test]
fn a_signal_to_stop_is_followed_by_a_finish() {
    let run = run!("stops");
    let world = world(&run, false);
    world.signal(Signal::Terminate);
    expect_no_fault(&run, &world);
    run.recorder().says("requests", "are answered");
    world.answers();
    expect_no_fault(&run, &world);
    snapshot!(run);
}

#[test]
fn a_hangup_is_followed_by_a_reload_in_the_task() {
    let run = run!("reloads");
    let world = world(&run, false);
    for _ in 0..2 {
        world.signal(Signal::Hangup);
        expect_no_fault(&run, &world);
    }
    snapshot!(run);
}

#[test]
fn a_signal_that_comes_just_before_or_after_the_read_is_not_lost() {
    for moment in [Moment::BeforeTheRead, Moment::AfterTheRead] {
        for signal in [Signal::Hangup, Signal::Interrupt] {
            let run = run!();
            let world = world(&run, true);
            world.interrupts(moment, signal);
            world.signal(Signal::Hangup);
            expect_no_fault(&run, &world);
        }
    }
}

#[test]
fn a_hangup_in_the_middle_of_a_reload_is_followed_by_another_reload() {
    let run = run!();
    let world = world(&run, true);
    world.interrupts(Moment::InReload, Signal::Hangup);
    world.signal(Signal::Hangup);
    expect_no_fault(&run, &world);
    if world.reloads.get() != 2 {
        run.departs(format!("A SIGHUP came, and another one while the service reloaded. It reloaded {} times. Expected: 2.", world.reloads.get()));
    }
}

#[test]
fn a_burst_of_a_hundred_is_one_reload() {
    let run = run!();
    let world = world(&run, true);
    for _ in 0..100 {
        world.signal(Signal::Hangup);
    }
    expect_no_fault(&run, &world);
    if world.reloads.get() != 1 {
        run.departs(format!(
            "100 SIGHUPs came while the loop was busy. It reloaded {} times. Expected: once.",
            world.reloads.get()
        ));
    }
}

#[test]
fn the_handler_may_run_on_another_thread() {
    for signal in [Signal::Hangup, Signal::Terminate] {
        let run = run!();
        let world = world(&run, true);
        world.signal_elsewhere(signal);
        expect_no_fault(&run, &world);
    }
}

#[test]
fn the_second_signal_to_stop_ends_the_process_in_the_handler() {
    for (first, second, status) in [
        (Signal::Terminate, Signal::Interrupt, 130),
        (Signal::Interrupt, Signal::Terminate, 143),
        (Signal::Terminate, Signal::Terminate, 143),
    ] {
        for loop_is_stuck in [false, true] {
            let run = run!();
            let world = world(&run, true);
            world.signal(first);
            if loop_is_stuck {
                run.recorder().says("loop", "is stuck in a task");
            } else {
                expect_no_fault(&run, &world);
            }
            world.signal(second);
            match world.exit.get() {
                Some(exit) if exit == status => {}
                Some(exit) => run.diagnose("wrong-exit-status", format!("{second} came second, and the process ended with the status {exit}. Expected: {status}, which is 128 and the number of the second signal.")),
                None => run.diagnose(
                    "second-signal-ignored",
                    "A second signal to stop has come, and its handler has returned. The process is still there.",
                ),
            }
        }
    }
}

#[test]
fn other_signals_change_nothing() {
    let run = run!();
    let world = world(&run, true);
    for signal in [Signal::Child, Signal::User1, Signal::Child] {
        world.signal(signal);
        expect_no_fault(&run, &world);
    }
    if world.reloads.get() > 0 {
        run.departs("SIGCHLD and SIGUSR1 came, and the service reloaded.");
    }
}

#[test]
fn every_short_run_is_as_the_contract_says() {
    every_short_run(&run!());
}
