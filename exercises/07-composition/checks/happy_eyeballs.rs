//! 7.8 happy-eyeballs: the first of many addresses that answers.

#[path = "happy_eyeballs/judging.rs"]
mod judging;
#[path = "happy_eyeballs/rules.rs"]
mod rules;
#[path = "happy_eyeballs/world.rs"]
mod world;

use judging::{attempts, compare, expect_connection, expect_starts};
use probe::{run, snapshot};
use world::Script;
use world::Script::{Connects, Fails, Hangs};

#[test]
fn the_families_take_turns_and_the_first_address_stays_first() {
    rules::in_turn(&run!());
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
    rules::all_fail(&run!());
}

#[test]
fn the_attempts_and_the_timer_are_gone_when_the_call_returns_or_is_dropped() {
    rules::nothing_stays(&run!());
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
        Fails(250),
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
