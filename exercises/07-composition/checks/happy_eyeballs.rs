//! 7.8 happy-eyeballs: the first of many addresses that answers.

use std::net::SocketAddr;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use super::subject::{happy_eyeballs, interleaved};
use probe::{Recorder, Run, run, snapshot};

#[path = "happy_eyeballs/world.rs"]
mod world;

use world::Script::{Connects, Fails, Hangs};
use world::{Ended, Script, World, address};

#[test]
fn the_families_take_turns_and_the_first_address_stays_first() {
    let run = run!();
    let of = |family: char, number: usize| match family {
        '6' => address(2 * number),
        _ => address(2 * number + 1),
    };
    for (given, order) in [
        ("", ""),
        ("4", "4"),
        ("46", "46"),
        ("6644", "6464"),
        ("4466", "4646"),
        ("466644", "464646"),
        ("66664", "64666"),
        ("444", "444"),
    ] {
        let list: Vec<SocketAddr> = (1..)
            .zip(given.chars())
            .map(|(number, family)| of(family, number))
            .collect();
        let families = |list: &[SocketAddr]| -> String {
            list.iter()
                .map(|to| if to.is_ipv6() { '6' } else { '4' })
                .collect()
        };
        let turns = interleaved(&list);
        let call = run
            .recorder()
            .enters("interleaved", format!("families {given:?}"));
        call.returns(format!("{:?}", families(&turns)));
        let mut sorted = (turns.clone(), list.clone());
        sorted.0.sort();
        sorted.1.sort();
        if sorted.0 != sorted.1 {
            run.departs(format!(
                "{} addresses went in, and other ones came out: {turns:?}.",
                list.len()
            ));
        }
        if families(&turns) != order {
            if turns == list {
                run.diagnose(
                    "families-in-a-row",
                    format!("The families {given:?} came out in the order in which they went in. Expected: {order:?}."),
                );
            }
            run.departs(format!(
                "The families {given:?} came out as {:?}. Expected: {order:?}.",
                families(&turns)
            ));
        }
        let within = |six: bool, list: &[SocketAddr]| -> Vec<SocketAddr> {
            list.iter()
                .filter(|to| to.is_ipv6() == six)
                .copied()
                .collect()
        };
        if within(true, &turns) != within(true, &list)
            || within(false, &turns) != within(false, &list)
        {
            run.departs("Within one family the addresses have changed their order.");
        }
    }
}

#[test]
fn the_second_attempt_starts_250_ms_after_the_first() {
    let run = run!("staggered");
    let (world, ended) = attempts(&run, &[Hangs, Connects(30), Connects(5)]);
    match world.start_of(1) {
        Some(0) => run.diagnose(
            "all-at-once",
            "The first two attempts started at the same time. An attempt has the network to itself for 250 ms.",
        ),
        None => run.diagnose(
            "one-at-a-time",
            "The first attempt hangs, and no second one started.",
        ),
        Some(_) => {}
    }
    expect_starts(&run, &world, &[0, 250]);
    expect_connection(&run, &world, &ended, 1, 280);
    snapshot!(run);
}

#[test]
fn an_attempt_goes_on_when_the_next_one_starts() {
    let run = run!();
    let (world, ended) = attempts(&run, &[Connects(600), Hangs, Hangs, Hangs]);
    if !matches!(ended, Some(Ok((_, 0)))) {
        run.diagnose(
            "attempt-given-up",
            "The first address connects after 600 ms, the others hang, and the connection to the first was not returned. The delay starts the next attempt; it does not end the one before.",
        );
    }
    expect_starts(&run, &world, &[0, 250, 500]);
    expect_connection(&run, &world, &ended, 0, 600);
}

#[test]
fn a_failure_of_the_newest_attempt_starts_the_next_at_once() {
    let run = run!("fails");
    let (world, ended) = attempts(&run, &[Fails(10), Connects(5)]);
    if world.start_of(1) == Some(250) {
        run.diagnose(
            "failure-waits-for-the-clock",
            "The first attempt failed after 10 ms, and the second started after 250 ms. There was nothing left to wait for.",
        );
    }
    expect_starts(&run, &world, &[0, 10]);
    expect_connection(&run, &world, &ended, 1, 15);
    snapshot!(run);
}

#[test]
fn the_delay_is_counted_from_the_newest_attempt() {
    let run = run!();
    let (world, ended) = attempts(&run, &[Fails(10), Hangs, Connects(5)]);
    if let Some(at @ (250 | 500)) = world.start_of(2) {
        run.diagnose(
            "delay-from-the-first",
            format!("The second attempt started at 10 ms, so the third is due at 260 ms. It started at {at} ms, a multiple of 250 ms after the first."),
        );
    }
    expect_starts(&run, &world, &[0, 10, 260]);
    expect_connection(&run, &world, &ended, 2, 265);
}

#[test]
fn a_failure_of_an_older_attempt_starts_none_and_moves_no_timer() {
    let run = run!();
    let (world, ended) = attempts(&run, &[Fails(300), Hangs, Connects(5)]);
    match world.start_of(2) {
        Some(300) => run.diagnose(
            "older-failure-starts-the-next",
            "The second attempt started at 250 ms. The first failed at 300 ms, and the third started in the same moment: the second had the network to itself for 50 ms.",
        ),
        Some(550) => run.diagnose(
            "delay-begins-anew",
            "The second attempt started at 250 ms, so the third is due at 500 ms. It started at 550 ms, which is 250 ms after the failure of the first: the failure has begun the delay anew.",
        ),
        _ => {}
    }
    expect_starts(&run, &world, &[0, 250, 500]);
    expect_connection(&run, &world, &ended, 2, 505);
}

#[test]
fn a_connection_at_the_end_of_the_delay_is_returned_and_no_attempt_starts() {
    let run = run!();
    // A fair `select` polls the clock first in some of these.
    for _ in 0..16 {
        run.recorder().clear();
        let (world, ended) = attempts(&run, &[Connects(250), Hangs]);
        if world.start_of(1).is_some() {
            run.diagnose(
                "clock-before-connection",
                "The first attempt connected at 250 ms, in the poll in which the delay ended, and a second attempt started in that poll.",
            );
        }
        expect_connection(&run, &world, &ended, 0, 250);
    }
}

#[test]
fn after_the_last_attempt_all_that_are_left_are_waited_for() {
    let run = run!();
    let (world, ended) = attempts(&run, &[Connects(90_000), Fails(2_000)]);
    if matches!(ended, Some(Err(_))) {
        run.diagnose(
            "gives-up-early",
            format!("The call returned an error after {} ms, and the attempt to the first address was still under way.", world.millis()),
        );
    }
    expect_connection(&run, &world, &ended, 0, 90_000);
}

#[test]
fn if_all_fail_every_error_is_returned_in_the_order_of_the_attempts() {
    let run = run!();
    let (world, ended) = attempts(&run, &[Fails(900), Fails(0), Fails(700), Fails(1)]);
    let Some(Err(errors)) = ended else {
        run.departs("Every attempt failed, and the call returned no list of errors.");
    };
    let numbers: Vec<usize> = errors.iter().map(|(_, number)| *number).collect();
    if numbers.len() < 4 {
        run.diagnose(
            "one-error-hides-another",
            format!(
                "Four attempts failed, and the call returned {} errors.",
                numbers.len()
            ),
        );
    }
    if numbers != [0, 1, 2, 3] {
        run.departs(format!("Expected the errors of the attempts 0, 1, 2, 3 in this order, and got those of {numbers:?}."));
    }
    if errors
        .iter()
        .any(|(to, number)| *to != world.addresses[*number])
    {
        run.departs("An error stands beside the address of another attempt.");
    }
    let (_, ended) = attempts(&run, &[]);
    if !matches!(&ended, Some(Err(errors)) if errors.is_empty()) {
        run.departs("Without an address the result is an empty list of errors.");
    }
    let world = World::new(run.recorder(), &[Fails(0)]);
    let (connecting, handle) = (world.clone(), world.handle.clone());
    let twice = [world.addresses[0]; 2];
    let call = async move { happy_eyeballs(&handle, &twice, |to| connecting.connect(to)).await };
    if !matches!(world.drive(&run, call), Some(Err(errors)) if errors.len() == 2) {
        run.departs(
            "An address stands in the list twice, and both attempts fail. Expected two errors.",
        );
    }
}

#[test]
fn the_attempts_and_the_timer_are_gone_when_the_call_returns_or_is_dropped() {
    let run = run!();
    for scripts in [
        &[Hangs, Connects(30), Hangs][..],
        &[Connects(0)],
        &[Hangs, Fails(0), Connects(100)],
    ] {
        let (world, _) = attempts(&run, scripts);
        nothing_is_left(&run, &world, "The call has returned");
    }
    for steps in 0..6 {
        let world = World::new(run.recorder(), &[Hangs, Fails(30), Hangs, Hangs]);
        let (connecting, handle) = (world.clone(), world.handle.clone());
        {
            let call = pin!(happy_eyeballs(&handle, &world.addresses, |to| connecting.connect(to)));
            let mut call = call;
            for _ in 0..steps {
                let _ = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                let sleep = world.handle.sleep(Duration::from_millis(250));
                let _ = world.drive(&run, sleep);
            }
        }
        nothing_is_left(
            &run,
            &world,
            &format!("The call was dropped after {steps} polls"),
        );
    }
}

#[test]
fn a_poll_polls_only_the_attempts_that_were_woken() {
    let run = run!();
    let mut scripts = vec![Hangs; 300];
    scripts[299] = Connects(1);
    scripts[0] = Fails(256 * 250 + 100);
    let (world, ended) = attempts(&run, &scripts);
    expect_connection(&run, &world, &ended, 299, 299 * 250 + 1);
    if world.start_of(257) != Some(257 * 250) {
        run.departs("The first attempt failed 100 ms after the start of attempt 256, and attempt 257 did not start at 64,250 ms. Only a failure of attempt 256 starts it earlier.");
    }
    let polls: usize = (1..299).map(|number| world.polls_of(number)).sum();
    if polls > 298 {
        run.diagnose(
            "polls-everyone",
            format!("298 attempts hang, and none of them was woken. Together they were polled {polls} times; once each is enough."),
        );
    }
}

#[test]
fn three_thousand_addresses_that_refuse_at_once_are_tried_in_no_time() {
    let run = run!();
    let scripts = vec![Fails(0); 3_000];
    let what = "3,000 addresses refused at once, one after the other.";
    let (world, ended) = run.risk(None, what, || attempts(&run, &scripts));
    let count = match ended {
        Some(Err(errors)) => errors.len(),
        _ => run.departs("Every attempt failed, and the call returned no list of errors."),
    };
    if count != 3_000 || world.millis() > 0 {
        run.departs(format!(
            "3,000 attempts fail at 0 ms. At {} ms the call returned {count} errors.",
            world.millis()
        ));
    }
}

#[test]
fn every_script_of_up_to_three_addresses_is_followed_as_expected() {
    let run = run!();
    // No two connections of these are established at the same moment.
    let all = [
        Connects(0),
        Connects(103),
        Connects(250),
        Connects(317),
        Fails(0),
        Fails(103),
        Fails(317),
        Hangs,
    ];
    let mut scripts: Vec<Vec<Script>> = vec![Vec::new()];
    let mut place = 0;
    while place < scripts.len() {
        let shorter = scripts[place].clone();
        place += 1;
        run.recorder().clear();
        compare(&run, &shorter, place);
        if shorter.len() < 3 {
            scripts.extend(all.map(|next| [&shorter[..], &[next]].concat()));
        }
    }
}

/// Follows one script here and in the reference.
fn compare(run: &Run, scripts: &[Script], tried: usize) {
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
fn attempts(run: &Run, scripts: &[Script]) -> (World, Option<Ended>) {
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
fn expect_starts(run: &Run, world: &World, millis: &[u64]) {
    let expected: Vec<(usize, u64)> = millis.iter().copied().enumerate().collect();
    if world.starts() != expected {
        run.departs(format!(
            "Expected that the attempts start at (number, ms): {expected:?}. They started at: {:?}.",
            world.starts()
        ));
    }
}

#[track_caller]
fn expect_connection(run: &Run, world: &World, ended: &Option<Ended>, number: usize, millis: u64) {
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
fn nothing_is_left(run: &Run, world: &World, when: &str) {
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
