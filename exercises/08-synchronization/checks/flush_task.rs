//! 8.3 flush-task: batches of measurements, sent when they are full or in time.

#[path = "flush_task/judging.rs"]
mod judging;
#[path = "flush_task/world.rs"]
mod world;

use super::subject::{FLUSH_TIMEOUT, LIMIT};
use Step::{Record, SpuriousPoll};
use probe::random::Random;
use probe::{run, snapshot};
use world::{SEND, SLOW_SEND, Step, World, play, play_with_sends_of};

#[test]
fn four_values_are_sent_at_once() {
    let run = run!("four");
    if (LIMIT, FLUSH_TIMEOUT.as_millis()) != (4, 1_000) {
        run.departs(format!(
            "`LIMIT` is {LIMIT} and `FLUSH_TIMEOUT` is {FLUSH_TIMEOUT:?}. They were 4 and 1 s, and are not the fault."
        ));
    }
    let world = play(&run, &[(100, Record(4))]);
    world.sent(&[(100, &[1, 2, 3, 4])]);
    snapshot!(run);
}

#[test]
fn fewer_values_are_sent_after_the_time_out() {
    let run = run!();
    let world = play(&run, &[(100, Record(2)), (1_400, Record(1))]);
    world.sent(&[(1_000, &[1, 2]), (2_030, &[3])]);
}

#[test]
fn a_spurious_poll_sends_nothing() {
    let run = run!();
    let script = [(100, Record(1)), (200, SpuriousPoll), (300, SpuriousPoll)];
    let world = play(&run, &script);
    world.sent(&[(1_000, &[1])]);
}

#[test]
fn a_batch_that_is_full_before_a_send_has_ended_is_sent_next() {
    let run = run!("full_during_a_send");
    let world = play(&run, &[(100, Record(4)), (110, Record(5))]);
    world.sent(&[(100, &[1, 2, 3, 4]), (130, &[5, 6, 7, 8]), (1_160, &[9])]);
    snapshot!(run);
}

#[test]
fn record_waits_while_four_values_wait() {
    let run = run!();
    let world = play(&run, &[(100, Record(9))]);
    world.sent(&[(100, &[1, 2, 3, 4]), (130, &[5, 6, 7, 8]), (1_160, &[9])]);
}

#[test]
fn values_that_come_during_a_send_and_are_too_few_wait_for_the_time_out() {
    let run = run!();
    let world = play(&run, &[(100, Record(4)), (110, Record(2))]);
    world.sent(&[(100, &[1, 2, 3, 4]), (1_130, &[5, 6])]);
}

#[test]
fn a_batch_that_is_full_during_a_send_of_the_time_out_is_sent_next() {
    let run = run!();
    let world = play(&run, &[(500, Record(1)), (1_010, Record(4))]);
    world.sent(&[(1_000, &[1]), (1_030, &[2, 3, 4, 5])]);
}

#[test]
fn a_send_that_takes_longer_than_the_time_out_is_not_dropped() {
    let run = run!();
    let script = [(100, Record(4)), (300, Record(6))];
    let world = play_with_sends_of(SLOW_SEND, &run, &script);
    world.sent(&[
        (100, &[1, 2, 3, 4]),
        (1_470, &[5, 6, 7, 8]),
        (3_840, &[9, 10]),
    ]);
}

#[test]
fn forty_values_of_two_tasks_take_ten_sends() {
    let run = run!();
    let world = play(&run, &[(100, Record(20)), (105, Record(20))]);
    let batches: Vec<(u64, Vec<u32>)> = world.sends();
    let begins: Vec<u64> = batches.iter().map(|batch| batch.0).collect();
    let expected: Vec<u64> = (0..10).map(|number| 100 + 30 * number).collect();
    if begins != expected {
        run.departs(format!(
            "Two tasks recorded 20 values each from 100 ms on, and a send takes 30 ms. The sends began at {begins:?}. Expected: {expected:?}."
        ));
    }
}

#[test]
fn of_the_tasks_that_wait_for_room_four_go_on() {
    let run = run!();
    let script: Vec<(u64, Step)> = (0..8).map(|number| (100 + number, Record(2))).collect();
    let world = play(&run, &script);
    let sends: Vec<(u64, usize)> = world
        .sends()
        .iter()
        .map(|(at, batch)| (*at, batch.len()))
        .collect();
    let expected = [(101, 4), (131, 4), (161, 4), (191, 4)];
    if sends != expected {
        run.departs(format!(
            "Eight tasks recorded two values each. Sent, with the milliseconds at which each send began and the number of its values: {sends:?}. \
             Expected: {expected:?}."
        ));
    }
}

/// Every script of up to two steps with these gaps between them, and some longer ones.
#[test]
fn in_every_short_script_each_batch_is_sent_in_its_time() {
    // Milliseconds whose sums are neither the end of a send nor that of a time-out.
    const GAPS: [u64; 4] = [7, 47, 703, 1_101];
    let letters: Vec<(u64, Step)> = GAPS
        .into_iter()
        .flat_map(|gap| [1, 3, 4, 6].map(|count| (gap, Record(count))))
        .chain([(7, SpuriousPoll), (703, SpuriousPoll)])
        .collect();
    for first in &letters {
        World::try_script(SEND, &[*first]);
        for second in &letters {
            World::try_script(SEND, &[*first, *second]);
        }
    }
    let mut random = Random::seeded(83);
    for number in 0..200 {
        let script: Vec<(u64, Step)> = (0..6).map(|_| *random.pick(&letters)).collect();
        let send = if number % 4 == 3 { SLOW_SEND } else { SEND };
        World::try_script(send, &script);
    }
}
