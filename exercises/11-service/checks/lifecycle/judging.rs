//! What the parts have to write down, and what is said when they do not.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use probe::Run;

use super::super::subject::{Failure, Lifecycle, Phase, Running};
use super::world::{Ends, Parts, World};

/// Refuses starts that overlap, or come after one that failed.
#[track_caller]
pub(crate) fn refuse_wrong_starts(world: &World) {
    let written = world.written();
    let starts = |line: &&String| line.contains(" start ");
    let (mut open, mut failed) = (None::<&str>, None::<&str>);
    for line in written.iter().filter(starts) {
        let name = &line[..1];
        if !line.ends_with("begins") {
            open = None;
            if !line.ends_with("finishes") {
                failed = Some(name);
            }
            continue;
        }
        if let Some(other) = open {
            world.run.diagnose(
                "starts-at-once",
                format!("The start of {name} was polled while the start of {other} was pending. A part may use the parts before it, so its start waits for theirs."),
            );
        }
        if let Some(other) = failed {
            world.run.diagnose(
                "starts-after-failure",
                format!(
                    "The start of {other} had failed, and the start of {name} was polled after it."
                ),
            );
        }
        open = Some(name);
    }
}

/// Refuses clean-ups that overlap, are missing, or come in another order than this.
#[track_caller]
pub(crate) fn expect_cleanups(world: &World, expected: &[&str], missing: &str, sentence: &str) {
    let written = world.written();
    let mut open = None::<&str>;
    let mut begun = Vec::new();
    for line in written.iter().filter(|line| line.contains(" clean-up ")) {
        let name = &line[..1];
        if !line.ends_with("begins") {
            open = None;
            continue;
        }
        if let Some(other) = open {
            world.run.diagnose(
                "cleanups-at-once",
                format!("The clean-up of {name} was polled while the clean-up of {other} was pending. A clean-up may use the parts before it, so these are cleaned up after it."),
            );
        }
        open = Some(name);
        begun.push(name);
    }
    if begun == expected {
        return;
    }
    let absent: Vec<_> = expected
        .iter()
        .filter(|name| !begun.contains(name))
        .collect();
    if let Some(name) = absent.first() {
        world
            .run
            .recorder()
            .lacks(name, "has started, and is not cleaned up");
        if begun.iter().all(|name| expected.contains(name)) {
            world.run.diagnose(missing, sentence);
        }
    }
    let forwards: Vec<&str> = expected.iter().rev().copied().collect();
    if begun == forwards {
        world.run.diagnose(
            "cleanup-order",
            format!("The parts were cleaned up in the order {}, in which they had started. A part may use the parts before it, also in its clean-up.", begun.join(", ")),
        );
    }
    world.run.departs(format!(
        "The parts were cleaned up in the order [{}]. Expected: [{}].",
        begun.join(", "),
        expected.join(", ")
    ));
}

pub(crate) const ABC: [(&str, Ends, Ends); 3] = [
    ("a", Ends::Well, Ends::Well),
    ("b", Ends::Well, Ends::Well),
    ("c", Ends::Well, Ends::Well),
];

/// The three parts, of which this start ends otherwise.
pub(crate) fn with_start(part: usize, ends: Ends) -> [(&'static str, Ends, Ends); 3] {
    let mut parts = ABC;
    parts[part].1 = ends;
    parts
}

/// The three parts, of which this clean-up ends otherwise.
pub(crate) fn with_cleanup(part: usize, ends: Ends) -> [(&'static str, Ends, Ends); 3] {
    let mut parts = ABC;
    parts[part].2 = ends;
    parts
}

/// Whether the failures are these, in this order. If some are missing, that is said.
#[track_caller]
pub(crate) fn expect_failures(world: &World, failures: &[String], expected: &[&str]) {
    world.says("service", format!("returns [{}]", failures.join(", ")));
    if failures == expected {
        return;
    }
    if failures.len() < expected.len() && failures.iter().all(|one| expected.contains(&&**one)) {
        world.run.diagnose(
            "one-error-hides-another",
            format!(
                "These failed: {}. Returned: [{}].",
                expected.join(", "),
                failures.join(", ")
            ),
        );
    }
    let mut sorted: Vec<&str> = failures.iter().map(String::as_str).collect();
    let mut all = expected.to_vec();
    sorted.sort_unstable();
    all.sort_unstable();
    if sorted == all {
        world.run.diagnose(
            "failures-out-of-order",
            format!(
                "In this order they failed: {}. In this order they were returned: {}.",
                expected.join(", "),
                failures.join(", ")
            ),
        );
    }
    world.run.departs(format!(
        "These failed: [{}]. Returned: [{}].",
        expected.join(", "),
        failures.join(", ")
    ));
}

/// The service, if it starts.
#[track_caller]
pub(crate) fn starts(world: &World, parts: Parts) -> Running<&'static str> {
    match world.drive(parts.start()) {
        Ok(running) => running,
        Err(not_started) => world.run.departs(format!(
            "No start fails, and the start returned: {not_started}."
        )),
    }
}

/// The failures, if it does not: that of the start first.
#[track_caller]
pub(crate) fn fails_to_start(world: &World, parts: Parts) -> Vec<String> {
    match world.drive(parts.start()) {
        Ok(_) => world.run.diagnose(
            "failure-ignored",
            "A start failed, and the start of the service returned Ok.",
        ),
        Err(not_started) => {
            let mut words = vec![not_started.failed.to_string()];
            words.extend(not_started.cleanups.iter().map(ToString::to_string));
            words
        }
    }
}

#[track_caller]
pub(crate) fn stops(world: &World, running: Running<&'static str>) -> Vec<String> {
    let words = |failure: &Failure<&str>| failure.to_string();
    world.drive(running.stop()).iter().map(words).collect()
}

/// The running service, of which no start waits.
#[track_caller]
pub(crate) fn polled(run: &Run, lifecycle: Lifecycle<&'static str>) -> Running<&'static str> {
    let mut starting = lifecycle.start();
    match Pin::new(&mut starting).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(running)) => running,
        Poll::Pending => run.diagnose(
            "forgot-to-loop",
            "No start waits, and one poll of them was pending. When a start has finished, the next one is polled in the same poll.",
        ),
        _ => run.departs("No start waits, and none fails. Expected of one poll: Ready(Ok)."),
    }
}

#[track_caller]
pub(crate) fn expect_phase(world: &World, phase: Phase, expected: Phase, when: &str) {
    if phase != expected {
        world.run.departs(format!(
            "{when}, and the phase is {phase:?}. Expected: {expected:?}."
        ));
    }
}

/// Whether the loop has reported each of these failures once, in any words.
#[track_caller]
pub(crate) fn expect_reports(world: &World, expected: &[&str]) {
    let reports = world.reports.borrow();
    for failure in expected {
        match reports.iter().filter(|report| report.contains(failure)).count() {
            1 => {}
            0 => world.run.diagnose(
                "error-swallowed",
                format!("The stop was dropped. Later the loop ran a clean-up that failed, {failure}, and the failure was neither returned nor reported."),
            ),
            count => world.run.departs(format!("The failure {failure} was reported {count} times.")),
        }
    }
}
