//! Many failures, many parts, and every short run.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::super::subject::Lifecycle;
use super::events::{ALPHABET, KNOWN};
use super::judging::polled;
use super::machine::{Begins, Reference, Yours};
use event_loop::Spawn;
use probe::runs::Search;
use probe::{Run, run};
use probe_futures::gate;
use probe_loop::ManualLoop;

#[test]
fn every_one_of_three_hundred_failures_is_told_in_order() {
    const ALL: usize = 300;
    let names: Vec<&'static str> = (0..ALL)
        .map(|number| &*Box::leak(format!("part {number}").into_boxed_str()))
        .collect();
    let expected: Vec<_> = names
        .iter()
        .rev()
        .map(|name| format!("{name}: error"))
        .collect();
    let parts = || {
        let event_loop = Rc::new(ManualLoop::default());
        let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
        let mut lifecycle: Lifecycle<&str> = Lifecycle::new(&spawn);
        let (key, waits) = gate();
        lifecycle.context("waits", async {
            Ok(async move {
                waits.await;
                Ok(())
            })
        });
        for name in &names {
            lifecycle.context(name, async { Ok(async { Err("error") }) });
        }
        (event_loop, lifecycle, key)
    };
    let mut context = Context::from_waker(Waker::noop());
    let judge = |run: &Run, told: &[String], by: &str| {
        // A report is a sentence that has the failure in it.
        let is_told = |(told, failure): (&String, &String)| told.contains(failure.as_str());
        if told.len() == ALL && told.iter().zip(&expected).all(is_told) {
            return;
        }
        let missing = expected
            .iter()
            .any(|failure| !told.iter().any(|told| told.contains(failure.as_str())));
        run.recorder()
            .says("caller", format!("is told of {} failures", told.len()));
        if missing || told.len() < ALL {
            run.diagnose(
                "error-swallowed",
                format!(
                    "{ALL} clean-ups failed, and {} failures were {by}.",
                    told.len()
                ),
            );
        }
        run.diagnose(
            "failures-out-of-order",
            format!("{ALL} clean-ups failed, the last part's first. The first failure that was {by} is {:?}. Failures are told in the order in which they happened.", told[0]),
        );
    };
    {
        let run = run!();
        let (_loop, lifecycle, key) = parts();
        let mut stopping = polled(&run, lifecycle).stop();
        key.open(());
        if let Poll::Ready(failures) = Pin::new(&mut stopping).poll(&mut context) {
            let told: Vec<_> = failures.iter().map(ToString::to_string).collect();
            judge(&run, &told, "returned");
        }
    }
    {
        let run = run!();
        let (_loop, mut lifecycle, key) = parts();
        lifecycle.on_startup("fails", async { Err("no") });
        key.open(());
        let mut starting = lifecycle.start();
        if let Poll::Ready(Err(not)) = Pin::new(&mut starting).poll(&mut context) {
            let told: Vec<_> = not.cleanups.iter().map(ToString::to_string).collect();
            judge(&run, &told, "in `NotStarted`");
        }
    }
    let run = run!();
    let (event_loop, lifecycle, key) = parts();
    drop(polled(&run, lifecycle));
    run.recorder().says("caller", "drops the running service");
    event_loop.run();
    let early = event_loop.reports().len();
    if early > 0 {
        run.recorder()
            .says("loop", format!("is told of {early} failures"));
        run.departs(format!("The running service was dropped, {ALL} clean-ups failed, and the last one is pending. {early} failures were reported. The task reports them when the last clean-up has ended."));
    }
    key.open(());
    event_loop.run();
    judge(&run, &event_loop.reports(), "reported");
}

#[test]
fn a_hundred_thousand_parts_start_and_stop() {
    let run = run!();
    let event_loop = Rc::new(ManualLoop::default());
    let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
    let count = Rc::new(Cell::new(0_u32));
    let mut lifecycle: Lifecycle<&str> = Lifecycle::new(&spawn);
    for _ in 0..100_000 {
        let count = Rc::clone(&count);
        lifecycle.context("part", async {
            Ok(async move {
                count.set(count.get() + 1);
                Ok(())
            })
        });
    }
    let stopped = run.risk(
        Some("recursion-for-a-loop"),
        "100,000 parts, none of which waits, start and are cleaned up in two polls.",
        || {
            Pin::new(&mut polled(&run, lifecycle).stop())
                .poll(&mut Context::from_waker(Waker::noop()))
        },
    );
    if !stopped.is_ready() || count.get() != 100_000 {
        run.departs(format!(
            "100,000 parts had started, and no clean-up waits. One poll has run {} of them.",
            count.get()
        ));
    }
}

#[test]
fn every_short_run_is_as_expected() {
    for (begins, length) in [
        (Begins::AtTheStart, 4),
        (Begins::Running, 4),
        (Begins::Stopping, 4),
    ] {
        Search::of(&ALPHABET)
            .up_to(length)
            .and_random(60, 16, 11)
            .naming(&KNOWN)
            .compare(&run!(), || Yours::new(begins), || Reference::new(begins));
    }
}
