//! What attempts come to, beside what they should come to.

use super::super::subject::happy_eyeballs;
use super::world::{Ended, Script, World};
use probe::{Recorder, Run};

/// Follows one script here and in the reference.
pub(super) fn compare(run: &Run, scripts: &[Script], tried: usize) {
    let (yours, your_end) = attempts(run, scripts);
    let expected = Recorder::default();
    let reference = World::new(&expected, scripts);
    let end = drive_reference(run, &reference);
    // On a call that is stuck, the clock shows when the last timer fired: the answer's own business.
    let same_time = end.is_none() || yours.millis() == reference.millis();
    if your_end == end && yours.starts() == reference.starts() && same_time {
        return;
    }
    let last = |recorder: &Recorder| recorder.last_event();
    let sentence = format!(
        "The attempts: {scripts:?}. They started at (number, ms): {:?}; expected: {:?}. The call ended at {} ms with {}; expected: at {} ms with {}. Found by trying {tried} scripts, shortest first.",
        yours.starts(),
        reference.starts(),
        yours.millis(),
        in_words(&your_end),
        reference.millis(),
        in_words(&end),
    );
    run.differs(
        None,
        sentence,
        last(run.recorder()),
        expected.recording(),
        last(&expected),
    );
}

/// Runs the learner's function on these scripts.
pub(super) fn attempts(run: &Run, scripts: &[Script]) -> (World, Option<Ended>) {
    let world = World::new(run.recorder(), scripts);
    let (connecting, handle, addresses) =
        (world.clone(), world.handle.clone(), world.addresses.clone());
    let call =
        async move { happy_eyeballs(&handle, &addresses, |to| connecting.connect(to)).await };
    let ended = world.drive(run, call);
    if let Some(ended) = &ended {
        world.says(
            "call",
            format!("returns {}", in_words(&Some(ended.clone()))),
        );
    }
    (world, ended)
}

fn drive_reference(run: &Run, world: &World) -> Option<Ended> {
    let (connecting, handle, addresses) =
        (world.clone(), world.handle.clone(), world.addresses.clone());
    let call = async move {
        composition::happy_eyeballs(&handle, &addresses, |to| connecting.connect(to)).await
    };
    let ended = world.drive(run, call);
    if let Some(ended) = &ended {
        world.says(
            "call",
            format!("returns {}", in_words(&Some(ended.clone()))),
        );
    }
    ended
}

fn in_words(ended: &Option<Ended>) -> String {
    match ended {
        None => "nothing: it is stuck".to_owned(),
        Some(Ok((to, _))) => format!("a connection to {}", to.ip()),
        Some(Err(errors)) => format!("{} errors", errors.len()),
    }
}

#[track_caller]
pub(super) fn expect_starts(run: &Run, world: &World, millis: &[u64]) {
    let expected: Vec<(usize, u64)> = millis.iter().copied().enumerate().collect();
    if world.starts() != expected {
        run.departs(format!(
            "Expected that the attempts start at (number, ms): {expected:?}. They started at: {:?}.",
            world.starts()
        ));
    }
}

#[track_caller]
pub(super) fn expect_connection(
    run: &Run,
    world: &World,
    ended: &Option<Ended>,
    number: usize,
    millis: u64,
) {
    let expected = world.addresses[number];
    let right = matches!(ended, Some(Ok((to, of))) if *to == expected && *of == number);
    if !right || world.millis() != millis {
        run.departs(format!(
            "Expected a connection to {} at {millis} ms. At {} ms the call returned {}.",
            expected.ip(),
            world.millis(),
            in_words(ended)
        ));
    }
}

#[track_caller]
pub(super) fn nothing_is_left(run: &Run, world: &World, when: &str) {
    let (attempts, timers) = (world.attempts.alive(), world.sim.event_loop().timers());
    if attempts > 0 {
        run.diagnose(
            "loser-lives-on",
            format!("{when}, and {attempts} of its attempts are still there."),
        );
    }
    if timers > 0 {
        run.diagnose(
            "timer-leaked",
            format!("{when}, and {timers} of its timers are still set."),
        );
    }
}
