//! 12.3 half-open: a server, its subscribers, and hosts that lose power.

#[path = "half_open/counts.rs"]
mod counts;
#[path = "half_open/judge.rs"]
mod judge;
#[path = "half_open/pings.rs"]
mod pings;
#[path = "half_open/watched.rs"]
mod watched;
#[path = "half_open/world.rs"]
mod world;

use super::subject::{End, PATIENCE, PING, PING_AFTER};
use Step::{
    CloseFails, Killed, Leaves, NoMore, Partition, PowerCut, Speaks, SpuriousPoll, Stalls, Update,
};
use probe::random::Random;
use probe::{Run, run, snapshot};
use simnet::Kernel;
use world::{Played, Script, Step, play};

/// A kernel that does all at once.
fn good() -> Kernel {
    Kernel::default()
}

/// A kernel whose buffers hold 100 bytes.
fn small() -> Kernel {
    Kernel {
        send_buffer: 100,
        receive_buffer: 100,
        ..Kernel::default()
    }
}

/// Runs the script, and judges it.
#[track_caller]
fn judged(run: &Run, kernel: Kernel, script: &Script) -> Played {
    let played = play(run, 1, kernel, script);
    played.keeps_every_rule();
    played
}

#[test]
fn a_subscriber_that_is_killed_ends_the_call_at_once() {
    let run = run!("killed");
    if (PING_AFTER.as_secs(), PATIENCE.as_secs(), PING) != (10, 25, 0) {
        run.diagnose(
            "constant-changed",
            "`PING_AFTER` was 10 s, `PATIENCE` 25 s and `PING` 0, and they are not the fault.",
        );
    }
    let played = judged(&run, good(), &[(1_000, Update(5)), (3_000, Killed)]);
    played.ends_with(&[End::Left]);
    snapshot!(run);
}

#[test]
fn a_silent_subscriber_that_answers_each_ping_is_kept() {
    let run = run!();
    let played = judged(&run, good(), &[(200_000, Leaves)]);
    played.ends_with(&[End::Left]);
}

#[test]
fn a_host_that_loses_power_in_silence_is_given_up_after_25_s() {
    let run = run!("power_cut");
    let played = judged(&run, good(), &[(12_000, PowerCut)]);
    played.ends_with(&[End::Gone]);
    snapshot!(run);
}

#[test]
fn a_host_that_loses_power_is_given_up_after_25_s_though_there_are_updates() {
    let run = run!();
    let mut script: Vec<(u64, Step)> = (1..40).map(|second| (second * 1_000, Update(7))).collect();
    script.insert(12, (12_500, PowerCut));
    let played = judged(&run, good(), &script);
    played.ends_with(&[End::Gone]);
}

#[test]
fn a_subscriber_that_does_not_read_is_given_up_though_a_write_waits() {
    let run = run!();
    let script = [(2_000, Stalls), (5_000, Update(10)), (13_000, Update(500))];
    let played = judged(&run, small(), &script);
    played.ends_with(&[End::Gone]);
}

#[test]
fn a_subscriber_that_speaks_while_a_write_waits_is_heard() {
    let run = run!();
    let script = [
        (1_000, Partition(9_000)),
        (2_000, Update(500)),
        (12_000, Speaks),
        (40_000, Update(20)),
    ];
    let played = judged(&run, small(), &script);
    played.ends_with(&[]);
}

#[test]
fn a_partition_shorter_than_the_patience_costs_no_subscriber() {
    let run = run!();
    let script = [
        (11_000, Partition(8_000)),
        (12_000, Update(40)),
        (60_000, NoMore),
    ];
    let played = judged(&run, good(), &script);
    played.ends_with(&[End::Finished]);
}

#[test]
fn a_partition_longer_than_the_patience_ends_the_call() {
    let run = run!();
    let played = judged(
        &run,
        good(),
        &[(11_000, Partition(90_000)), (12_000, Update(40))],
    );
    played.ends_with(&[End::Gone]);
}

#[test]
fn updates_are_written_whole_and_in_order_and_the_call_finishes_after_the_last() {
    let run = run!();
    let mut script: Vec<(u64, Step)> = (0..30).map(|number| (number * 300, Update(150))).collect();
    script.push((9_100, NoMore));
    let kernel = Kernel {
        short_writes: 500,
        short_reads: 500,
        interrupted: 200,
        spurious: 300,
        ..small()
    };
    let played = judged(&run, kernel, &script);
    played.ends_with(&[End::Finished]);
    played.was_received();
}

#[test]
fn an_update_without_bytes_ends_nothing() {
    let run = run!();
    let script = [
        (1_000, Update(0)),
        (2_000, Update(5)),
        (3_000, Update(0)),
        (60_000, NoMore),
    ];
    let played = judged(&run, good(), &script);
    played.ends_with(&[End::Finished]);
    played.was_received();
}

#[test]
fn in_silence_the_call_sleeps() {
    /// A start, two pings and the end take a few polls each. One poll a second is 25.
    const MANY: usize = 20;
    let run = run!();
    let played = judged(&run, good(), &[(100, PowerCut)]);
    played.ends_with(&[End::Gone]);
    if played.polls > MANY {
        run.recorder()
            .says("server", format!("was polled {} times", played.polls));
        run.diagnose(
            "busy-poll",
            format!(
                "The subscriber's host lost power at once, and the call was polled {} times in 25 s. Nothing happened but two pings and the end: it \
                 sleeps until the next of them is due.",
                played.polls
            ),
        );
    }
}

#[test]
fn a_ping_waits_until_an_update_is_written() {
    let run = run!();
    // The subscriber speaks, so it lives, and the network loses its acknowledgements for a time.
    let script = [
        (1_000, Update(5)),
        (2_000, Partition(12_000)),
        (3_000, Update(250)),
        (60_000, NoMore),
    ];
    let played = judged(&run, small(), &script);
    played.ends_with(&[End::Finished]);
    played.was_received();
}

#[test]
fn a_subscriber_is_kept_for_as_long_as_it_speaks() {
    let run = run!();
    let script: Vec<(u64, Step)> = (1..=20).map(|number| (number * 9_000, Speaks)).collect();
    let played = judged(&run, good(), &script);
    played.ends_with(&[]);
}

#[test]
fn a_connection_that_is_reset_has_failed() {
    let run = run!();
    // The bytes that arrive after the subscriber is gone are answered with a reset.
    let script = [
        (1_000, Stalls),
        (2_000, Update(60)),
        (3_000, Killed),
        (3_500, Update(60)),
    ];
    let played = judged(&run, good(), &script);
    played.ends_with(&[End::Failed]);
}

#[test]
fn a_close_that_returns_an_error_has_failed() {
    let run = run!();
    let script = [(500, CloseFails), (1_000, Update(5)), (2_000, NoMore)];
    let played = judged(&run, good(), &script);
    if played.end.map(|(how, _)| how) == Some(End::Finished) {
        if played.seen.failed.get().is_none() {
            run.departs("Every update was written, and `subscription` returned `Finished`. It has not closed the stream.");
        }
        run.diagnose(
            "error-swallowed",
            "Every update was written, the close returned an error, and `subscription` returned `Finished`: as if the stream had been closed.",
        );
    }
    played.ends_with(&[End::Failed]);
}

#[test]
fn a_spurious_poll_changes_nothing() {
    let run = run!();
    let script: Vec<(u64, Step)> = [3_000, 9_999, 10_200, 15_000, 31_000]
        .map(|at| (at, SpuriousPoll))
        .to_vec();
    judged(&run, good(), &script).ends_with(&[]);
}

#[test]
fn in_every_short_script_and_in_random_ones_the_contract_holds() {
    let letters = [
        Update(3),
        Update(230),
        PowerCut,
        Killed,
        Partition(4_000),
        Partition(45_000),
        Stalls,
        Speaks,
        Leaves,
        NoMore,
        SpuriousPoll,
    ];
    for first in &letters {
        for second in &letters {
            let script = [(7_003, first.clone()), (19_009, second.clone())];
            judged(&run!(), small(), &script);
        }
    }
    let mut random = Random::seeded(126);
    for seed in 0..60 {
        let mut at = 0;
        let script: Vec<(u64, Step)> = (0..8)
            .map(|_| {
                at += *random.pick(&[13, 401, 2_003, 11_027]);
                (at, random.pick(&letters).clone())
            })
            .collect();
        let kernel = Kernel {
            short_writes: 300,
            short_reads: 300,
            interrupted: 100,
            spurious: 200,
            ..small()
        };
        play(&run!(), seed, kernel, &script).keeps_every_rule();
    }
}

impl Played {
    /// Nothing else may have ended this run: the script decides.
    #[track_caller]
    fn ends_with(&self, ends: &[End]) {
        let how = self.end.map(|(how, _)| how);
        if !how.map_or(ends.is_empty(), |how| ends.contains(&how)) {
            self.seen
                .run
                .departs(format!("`subscription` came to this end: {how:?}."));
        }
    }

    /// Every byte of every update has arrived.
    #[track_caller]
    fn was_received(&self) {
        let received = self
            .received
            .borrow()
            .iter()
            .filter(|byte| **byte != PING)
            .count();
        let sent: usize = self
            .script
            .iter()
            .map(|(_, step)| match step {
                Update(size) => *size,
                _ => 0,
            })
            .sum();
        if received != sent {
            self.seen.run.departs(format!(
                "{received} bytes of the updates arrived, of {sent}."
            ));
        }
    }
}
