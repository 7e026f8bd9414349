//! Every short script of a stream, every short life, and a future that is dropped.

use std::cell::RefCell;
use std::rc::Rc;

use super::super::subject::connection;
use super::hostile::{TEXT, answered};
use super::machine::{MOVES, Served};
use super::served::{IDLE, ROOM};
use cancellation::Source;
use echo_server::Limits;
use echo_server::figures::Tally;
use event_loop::Timer;
use probe::runs::Search;
use probe::{Recorder, Run, run};
use probe_futures::{Sim, poller};
use probe_io::hostile::{Answer, Script, hostile};
use probe_io::stream;
use probe_loop::Clock;

#[test]
fn every_short_script_of_the_stream_has_the_right_outcome() {
    let run = run!();
    for script in [Script::of_all(3), Script::of_kinds(), Script::of_parts(9)].concat() {
        answered(&run, &script, None, TEXT, ROOM);
    }
}

#[test]
fn every_short_script_has_the_right_outcome_if_the_server_is_told_to_finish() {
    let run = run!();
    for script in Script::of_all(2) {
        for order in 0..5 {
            answered(&run, &script, Some(order), TEXT, ROOM);
        }
    }
}

#[test]
fn a_stream_that_is_often_pending_has_the_right_outcome() {
    let run = run!();
    let answers = [
        Answer::Part(100),
        Answer::Pending,
        Answer::Part(1),
        Answer::Interrupted,
    ];
    let script = Script {
        reads: answers.repeat(20),
        writes: [&answers[1..], &answers[..]].concat().repeat(20),
        ..Script::default()
    };
    for room in [1, 8, 255, 65_537] {
        let bytes: Vec<u8> = (0..=255).cycle().take(2_000).collect();
        answered(&run, &script, None, &bytes, room);
    }
}

#[test]
fn the_connection_goes_on_for_seventy_thousand_messages() {
    let run = run!();
    let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    answered(&run, &Script::default(), None, &bytes, 1);
}

#[test]
fn dropping_the_future_drops_the_stream_after_any_number_of_polls() {
    for polls in 0..8 {
        let run = run!();
        let sim = Sim::new(&run);
        let clock = Clock::new(&run, &sim);
        let script = Script {
            reads: vec![Answer::Part(5), Answer::Pending],
            writes: vec![Answer::Pending, Answer::Part(1), Answer::Pending],
            closes: vec![Answer::Pending],
            ..Script::default()
        };
        let (stream, witness) = hostile(&run, &script, TEXT);
        let (tally, drain) = (Tally::default(), Source::new());
        let buffer = RefCell::new(vec![0; ROOM].into_boxed_slice());
        let limits = Limits {
            timer: &clock,
            idle_timeout: IDLE,
            drain: &drain.token(),
            buffer: &buffer,
            tally: &tally,
        };
        let task = poller(&Recorder::new(), "connection");
        let mut life = Box::pin(connection(stream, limits));
        for _ in 0..polls {
            if task.poll(life.as_mut()).is_ready() {
                break;
            }
        }
        drop(life);
        (run.recorder()).says("server", format!("drops the future after {polls} polls"));
        if !witness.is_dropped() {
            (run.recorder()).says("stream", "is not dropped    expected: dropped");
            run.diagnose(
                "never-dropped",
                format!("The future was dropped after {polls} polls, and the stream was not: its descriptor stays open."),
            );
        }
    }
}

/// A connection of one of the two sides, and its peer.
macro_rules! served {
    ($connection:path) => {{
        let run = Run::unnamed();
        let sim = Sim::new(&run);
        let clock = Clock::new(&run, &sim);
        let (stream, peer) = stream(&run, &sim);
        let (tally, drain) = (Rc::new(Tally::default()), Source::new());
        let (counts, token) = (Rc::clone(&tally), drain.token());
        let life = async move {
            let buffer = RefCell::new(vec![0; ROOM].into_boxed_slice());
            let limits = Limits {
                timer: &clock,
                idle_timeout: IDLE,
                drain: &token,
                buffer: &buffer,
                tally: &counts,
            };
            let end = $connection(stream, limits).await;
            format!("{end:?} at {} ms", clock.now().since_start().as_millis())
        };
        let mut served = Served {
            sim,
            peer,
            drain,
            tally,
            task: poller(&Recorder::new(), "connection"),
            life: Some(Box::pin(life)),
            end: None,
            sent_its_end: false,
        };
        served.poll();
        served
    }};
}

#[test]
fn every_short_life_ends_as_the_contract_says() {
    Search::of(&MOVES)
        .up_to(4)
        .and_random(100, 12, 0x15)
        .compare(
            &run!(),
            || served!(connection),
            || served!(echo_server::connection),
        );
}
