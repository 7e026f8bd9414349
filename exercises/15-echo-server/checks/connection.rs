//! 15.7 connection: one connection's life, from an empty function.

#[path = "connection/hostile.rs"]
mod hostile;
#[path = "connection/machine.rs"]
mod machine;
#[path = "connection/served.rs"]
mod served;

use std::cell::RefCell;
use std::io::ErrorKind;
use std::rc::Rc;
use std::time::Duration;

use super::subject::{End, connection};
use cancellation::Source;
use echo_server::Limits;
use echo_server::figures::Tally;
use event_loop::Timer;
use hostile::{TEXT, answered};
use machine::{MOVES, Served};
use probe::runs::Search;
use probe::{Recorder, Run, run, snapshot};
use probe_futures::{Sim, poller};
use probe_io::hostile::{Answer, Script, hostile};
use probe_io::{Peer, stream};
use probe_loop::Clock;
use served::{Arrives, Closes, IDLE, ROOM, at, in_words, served, served_as};

#[test]
fn every_byte_comes_back_until_the_peers_end() {
    let seen = served(run!("echo"), None, |_, peer| {
        peer.sends(b"one ");
        peer.sends_with_the_end(b"two");
    });
    seen.came_back(b"one two");
    seen.completed();
    snapshot!(seen.run);
}

#[test]
fn a_slow_peer_receives_every_byte_and_no_more_is_read_meanwhile() {
    let seen = served(run!(), None, |_, peer| {
        peer.takes(3);
        for _ in 0..20 {
            peer.sends(b"12345678");
        }
        peer.ends();
    });
    let (taken, received) = (seen.peer.taken(), seen.peer.received().len());
    if seen.end == Some(End::Completed) && received < taken {
        seen.run.diagnose(
            "short-write-ignored",
            format!("The connection read {taken} bytes, sent {received}, and is completed. What the peer does not take at once is in `rest`."),
        );
    }
    if seen.peer.most_held() > ROOM {
        seen.run.diagnose(
            "no-backpressure",
            format!(
                "{} bytes were read and unsent at once, for a peer that takes 3 at a time. The shared buffer holds 8.",
                seen.peer.most_held()
            ),
        );
    }
    seen.came_back(&b"12345678".repeat(20));
    seen.completed();
}

#[test]
fn a_broken_connection_is_reset() {
    let seen = served(run!("broken"), None, |_, peer| {
        peer.sends(b"one");
        peer.breaks(ErrorKind::ConnectionReset);
    });
    if seen.end != Some(End::Reset) {
        seen.run.diagnose(
            "error-swallowed",
            "The read failed with ConnectionReset, and the connection is not Reset.",
        );
    }
    snapshot!(seen.run);
}

#[test]
fn an_idle_connection_times_out() {
    let seen = served(run!("idle"), None, |_, _| {});
    seen.timed_out_at(20);
    snapshot!(seen.run);
}

#[test]
fn the_idle_time_counts_from_the_opening_of_the_connection() {
    let seen = served(run!(), None, |sim, _| {
        sim.advance_to(Duration::from_secs(100));
    });
    if seen.end == Some(End::TimedOut) && seen.at < Duration::from_secs(120) {
        seen.run.diagnose(
            "idle-too-early",
            format!(
                "The connection was opened when the loop's clock showed 100 s, and it timed out at {} ms, less than 20 s later.",
                seen.at.as_millis()
            ),
        );
    }
    seen.timed_out_at(120);
}

#[test]
fn a_poll_in_which_no_byte_moves_does_not_postpone_the_time_out() {
    let seen = served_as(
        run!(),
        Arrives::WithSpuriousPolls,
        Closes::AtOnce,
        None,
        |_, _| {},
    );
    let is_late = seen.end.is_none() || seen.at > IDLE;
    if is_late {
        seen.run.diagnose(
            "noted-for-nothing",
            "The connection was polled every 7 s, and no byte was read or taken. It was not timed out after 20 s: a poll counted as activity.",
        );
    }
    seen.timed_out_at(20);
}

#[test]
fn each_byte_postpones_the_time_out() {
    let seen = served(run!("put_off"), None, |sim, peer| {
        at(sim, peer, 15_000, |peer| peer.sends(b"one"));
        at(sim, peer, 30_000, |peer| peer.sends(b"two"));
    });
    seen.timed_out_at(50);
    seen.came_back(b"onetwo");
    snapshot!(seen.run);
}

#[test]
fn a_peer_that_sends_and_never_reads_is_idle() {
    let seen = served(run!(), None, |sim, peer| {
        peer.stops_taking();
        for second in 1..100 {
            at(sim, peer, second * 1_000, |peer| peer.sends(b"12345678"));
        }
    });
    seen.timed_out_at(21);
}

#[test]
fn a_peer_that_takes_a_byte_every_15_seconds_is_not_idle() {
    let seen = served(run!(), None, |sim, peer| {
        peer.takes(1);
        peer.sends(b"12345678");
        peer.stops_taking();
        for step in 1..=8 {
            // It takes one byte.
            at(sim, peer, step * 15_000, |peer| peer.takes_again());
            at(sim, peer, step * 15_000 + 1, |peer| peer.stops_taking());
        }
        at(sim, peer, 130_000, Peer::ends);
        at(sim, peer, 131_000, |peer| peer.takes_again());
    });
    if seen.end == Some(End::TimedOut) {
        seen.run.diagnose(
            "slow-taken-for-idle",
            "The connection timed out after 20 s, and the peer took a byte every 15 s.",
        );
    }
    seen.came_back(b"12345678");
    seen.completed();
}

#[test]
fn a_quiet_connection_ends_at_once_when_the_server_is_told_to_finish() {
    let order = Duration::from_secs(10);
    let seen = served(run!("order"), Some(order), |_, peer| peer.sends(b"one"));
    if seen.end == Some(End::TimedOut) {
        seen.run.diagnose(
            "drain-waits-for-the-idle",
            "The server was told to finish at 10 s, and the connection waited until it had been idle for 20 s.",
        );
    }
    seen.came_back(b"one");
    seen.completed();
    if seen.at != order {
        seen.run
            .departs("Expected: the connection ends at 10 s, when the server is told to finish. No byte was unsent.");
    }
    snapshot!(seen.run);
}

#[test]
fn a_rest_that_is_being_sent_is_sent_before_the_drain() {
    let seen = served(
        run!("sent_first"),
        Some(Duration::from_secs(5)),
        |sim, peer| {
            peer.stops_taking();
            peer.sends(b"12345678");
            peer.sends(b"the rest");
            at(sim, peer, 6_001, |peer| peer.takes_again());
        },
    );
    if seen.peer.received().len() < 16 && seen.end.is_some() {
        seen.run.diagnose(
            "dropped-in-flight",
            "When the server was told to finish, 8 bytes were unsent and 8 more had arrived. The connection ended before all 16 had come back.",
        );
    }
    seen.came_back(b"12345678the rest");
    seen.completed();
    snapshot!(seen.run);
}

#[test]
fn a_peer_that_does_not_take_the_rest_times_out_after_the_order_too() {
    let seen = served(run!(), Some(Duration::from_secs(5)), |_, peer| {
        peer.stops_taking();
        peer.sends(b"12345678");
    });
    match seen.end {
        Some(End::TimedOut) => {}
        None => seen.run.diagnose(
            "never-times-out",
            "The peer takes nothing, the server was told to finish, and the connection waits forever.",
        ),
        Some(end) => seen.run.departs(format!(
            "The peer took no byte for 20 s, and the connection is {}. Expected: timed out.",
            in_words(end)
        )),
    }
}

#[test]
fn a_peer_that_takes_nothing_times_out_while_the_connection_drains() {
    let order = Some(Duration::from_secs(5));
    let arrives = Arrives::AfterTheOrder;
    let seen = served_as(run!(), arrives, Closes::AtOnce, order, |_, peer| {
        peer.stops_taking();
        peer.sends(b"12345678");
    });
    match seen.end {
        Some(End::TimedOut) => {}
        None => seen.run.diagnose(
            "never-times-out",
            "The connection drains, the peer takes nothing, and the connection waits forever. Expected: it times out.",
        ),
        Some(End::Completed) if seen.peer.taken() == 0 => seen.run.diagnose(
            "dropped-in-flight",
            "8 bytes arrived together with the order to finish, and the connection was closed with them unread.",
        ),
        Some(end) => seen.run.departs(format!(
            "The peer took no byte for 20 s, and the connection is {}. Expected: timed out.",
            in_words(end)
        )),
    }
}

#[test]
fn a_close_that_stays_pending_times_out() {
    let order = Some(Duration::from_secs(5));
    for order in [None, order] {
        let seen = served_as(
            run!(),
            Arrives::AtOnce,
            Closes::Never,
            order,
            |_, peer| match order {
                None => peer.sends_with_the_end(b"one"),
                Some(_) => peer.sends(b"one"),
            },
        );
        (seen.run.recorder()).says("stream", "close stays pending");
        match seen.end {
            Some(End::TimedOut) => {}
            None => seen.run.diagnose(
                "never-times-out",
                "The close of the stream stays pending, and the connection waits for it forever. Expected: the idle time-out covers the close.",
            ),
            Some(end) => seen.run.departs(format!(
                "The close of the stream stays pending, and the connection is {}. Expected: timed out.",
                in_words(end)
            )),
        }
    }
}

#[test]
fn the_order_to_finish_does_not_postpone_the_time_out() {
    let order = Some(Duration::from_secs(5));
    let seen = served_as(
        run!(),
        Arrives::AtOnce,
        Closes::Never,
        order,
        |sim, peer| at(sim, peer, 3_000, |peer| peer.sends(b"one")),
    );
    seen.timed_out_at(23);
}

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
