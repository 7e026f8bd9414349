//! 15.3 half-close: an echo that comes to its end.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind};
use std::pin::pin;
use std::time::Duration;

use super::subject::echo;
use cancellation::Source;
use echo_server::figures::{Figures, Tally};
use echo_server::{Activity, Limits};
use event_loop::Timer;
use probe::{Run, run, snapshot};
use probe_futures::Sim;
use probe_io::hostile::{Broken, Ended, Script, hostile};
use probe_io::stream::{End, show};
use probe_io::{Peer, stream};
use probe_loop::Clock;

/// How many bytes the shared buffer of these runs holds.
const ROOM: usize = 8;

/// What became of a connection.
struct Seen {
    run: Run,
    peer: Peer,
    /// `None` if it waits for ever.
    result: Option<io::Result<()>>,
    /// What was counted.
    figures: Figures,
    /// When something was noted last, in the time of the world.
    last: Option<Duration>,
}

/// Serves one client, whom the script plays.
#[track_caller]
fn served(run: Run, script: impl FnOnce(&Sim, &Peer)) -> Seen {
    served_at(
        run,
        None,
        "It goes round and round, and never waits.",
        script,
    )
}

/// The same, where the peer sends its end.
#[track_caller]
fn served_to_the_end(run: Run, script: impl FnOnce(&Sim, &Peer)) -> Seen {
    served_at(
        run,
        Some("end-taken-for-a-message"),
        "It goes round and round: the end of a stream is there again at each read, and is taken for a message of no bytes.",
        script,
    )
}

#[track_caller]
fn served_at(
    run: Run,
    spins: Option<&str>,
    sentence: &str,
    script: impl FnOnce(&Sim, &Peer),
) -> Seen {
    let sim = Sim::new(&run);
    let clock = Clock::new(&run, &sim);
    let (stream, peer) = stream(&run, &sim);
    script(&sim, &peer);
    let tally = Tally::default();
    let buffer = RefCell::new(vec![0; ROOM].into_boxed_slice());
    let limits = Limits {
        timer: &clock,
        idle_timeout: Duration::from_secs(60),
        drain: &Source::new().token(),
        buffer: &buffer,
        tally: &tally,
    };
    let activity = Activity::begin(clock.now());
    let mut service = pin!(echo(stream, &limits, &activity));
    let looked_at = poll_fn(|context| {
        let polled = service.as_mut().poll(context);
        if polled.is_pending() && buffer.try_borrow_mut().is_err() {
            run.recorder()
                .says("echo", "waits, with the buffer borrowed");
            run.diagnose(
                "buffer-kept",
                "It waits, and the shared buffer is borrowed all the while. The next connection that has something to read panics.",
            );
        }
        polled
    });
    let result = run.risk(spins, sentence, || sim.run_unrecorded(pin!(looked_at)).ok());
    run.recorder().says(
        "echo",
        match &result {
            None => "waits for ever".to_owned(),
            Some(Ok(())) => "is done".to_owned(),
            Some(Err(error)) => format!("ends: {:?}", error.kind()),
        },
    );
    (run.recorder()).says("peer", format!("has received {}", show(&peer.received())));
    run.recorder().says(
        "peer",
        match peer.sees_the_end() {
            End::Closed => "sees the end",
            End::Dropped => "sees the connection dropped",
            End::Open => "sees no end",
        },
    );
    // What an idle time-out of an hour goes by.
    let hour = Duration::from_secs(3_600);
    let idle = sim.run_unrecorded(pin!(activity.idle_for(hour, &clock)));
    let last = idle.ok().and_then(|()| sim.now().checked_sub(hour));
    Seen {
        run,
        peer,
        result,
        figures: tally.figures(),
        last,
    }
}

impl Seen {
    /// Everything came back, the end behind it.
    #[track_caller]
    fn came_back(&self, right: &[u8]) {
        let received = self.peer.received();
        if received.len() < self.peer.taken() && self.result.is_some() {
            self.run.diagnose(
                "short-write-ignored",
                format!(
                    "{} bytes were read, {} came back, and it was done. What the peer does not take at once is in `rest`: it has to be sent as well, \
                     and before anything that comes later.",
                    self.peer.taken(),
                    received.len()
                ),
            );
        }
        self.is_patient();
        if self.result.is_some() && self.peer.taken() < right.len() {
            self.run.diagnose(
                "half-closed-taken-for-closed",
                format!(
                    "It was done with {} of {} bytes read: there was more before the end.",
                    self.peer.taken(),
                    right.len()
                ),
            );
        }
        if received != right {
            self.run
                .departs(format!("What comes back should be {}.", show(right)));
        }
        self.is_counted();
    }

    /// The account says what was read and what was sent.
    #[track_caller]
    fn is_counted(&self) {
        let (read, sent) = (self.peer.taken() as u64, self.peer.received().len() as u64);
        let Figures {
            bytes_in,
            bytes_out,
            ..
        } = self.figures;
        if (bytes_in, bytes_out) != (read, sent) {
            self.run.recorder().says(
                "figures",
                format!("{bytes_in} bytes in, {bytes_out} bytes out"),
            );
            self.run.departs(format!(
                "{read} bytes were read and {sent} were sent, and the figures say otherwise. `pass_on` and `send` count; whoever reads or writes \
                 without them has to count as well."
            ));
        }
    }

    /// It has not read what it could not have sent.
    #[track_caller]
    fn is_patient(&self) {
        let held = self.peer.most_held();
        if held > ROOM {
            (self.run.recorder()).says("echo", format!("held {held} bytes at most"));
            self.run.diagnose(
                "no-backpressure",
                format!(
                    "The peer sends more than it takes, and {held} bytes were in memory for it, where one buffer holds {ROOM}: it is read from while \
                     something is still to be sent. A client that never reads could fill the memory."
                ),
            );
        }
    }

    #[track_caller]
    fn ended_well(&self) {
        match &self.result {
            None => self.run.diagnose(
                "end-taken-for-wouldblock",
                "The peer has ended, everything is back, and the echo waits. Nothing more will come.",
            ),
            Some(Err(error)) => self.run.departs(format!(
                "Nothing went wrong, and an error came out: {error}."
            )),
            Some(Ok(())) => {}
        }
        if self.peer.sees_the_end() != End::Closed {
            self.run.diagnose(
                "dropped-instead-of-closed",
                "Everything is back, and the stream was dropped without being closed. What it still holds back is lost then, and the peer sees no \
                 end that was meant.",
            );
        }
    }
}

#[test]
fn what_comes_goes_back_message_by_message() {
    let seen = served(run!("two_messages"), |_, peer| {
        peer.sends(b"one ");
        peer.sends(b"two ");
        peer.sends(b"three");
    });
    if seen.result.is_some() && seen.peer.received().len() < 13 {
        seen.run.diagnose(
            "done-after-the-first",
            "It was done after the first message, and the peer had sent no end. An echo goes on until there is one.",
        );
    }
    seen.came_back(b"one two three");
    if seen.result.is_some() {
        seen.run
            .departs("The peer has sent no end, and the echo is done.");
    }
    snapshot!(seen.run);
}

#[test]
fn when_the_peer_has_ended_the_end_is_sent() {
    let seen = served_to_the_end(run!("the_end"), |_, peer| {
        peer.sends(b"hello");
        peer.ends();
    });
    seen.came_back(b"hello");
    seen.ended_well();
    snapshot!(seen.run);
}

#[test]
fn so_it_is_when_the_end_comes_with_the_last_bytes() {
    let seen = served_to_the_end(run!("one_segment"), |_, peer| {
        peer.sends_with_the_end(b"bye")
    });
    seen.came_back(b"bye");
    seen.ended_well();
    snapshot!(seen.run);
}

#[test]
fn what_a_slow_peer_has_not_taken_yet_comes_before_the_end() {
    let seen = served_to_the_end(run!("slow"), |_, peer| {
        peer.takes(3);
        peer.sends(b"good bye");
        peer.sends_with_the_end(b" for now");
    });
    seen.came_back(b"good bye for now");
    seen.ended_well();
    snapshot!(seen.run);
}

#[test]
fn so_does_what_the_stream_holds_back() {
    let seen = served_to_the_end(run!(), |_, peer| {
        peer.gets_it_when_flushed();
        peer.sends_with_the_end(b"bye");
    });
    seen.ended_well();
    seen.came_back(b"bye");
}

#[test]
fn what_comes_in_counts_as_activity_also_if_it_goes_out_at_once() {
    let seen = served(run!(), |sim, peer| {
        let peer = peer.clone();
        sim.at(Duration::from_secs(10), move || peer.sends(b"hello"));
    });
    seen.came_back(b"hello");
    if seen.last.is_some_and(|last| last < Duration::from_secs(10)) {
        (seen.run.recorder()).says("activity", "nothing was noted since the beginning");
        seen.run.departs(
            "Ten seconds after the beginning \"hello\" came in and went out, and nothing of it was noted as activity. A client that takes everything \
             at once would be closed as idle, however busy it is.",
        );
    }
}

#[test]
fn a_peer_that_takes_nothing_at_all_is_an_error() {
    let seen = served_at(
        run!(),
        Some("zero-write-spins"),
        "The stream took no bytes and said so, and this was answered by trying again, without end.",
        |_, peer| {
            peer.takes_nothing();
            peer.sends(b"hello");
        },
    );
    if !matches!(seen.result, Some(Err(_))) {
        seen.run.diagnose(
            "error-swallowed",
            "The stream took no bytes and said so, and no error came out.",
        );
    }
}

#[test]
fn while_something_is_unsent_nothing_more_is_read() {
    let seen = served_to_the_end(run!(), |sim, peer| {
        peer.stops_taking();
        for _ in 0..100 {
            peer.sends(b"12345678");
        }
        let again = peer.clone();
        sim.at(Duration::from_secs(1), move || again.takes_again());
        peer.ends();
    });
    seen.came_back(&b"12345678".repeat(100));
    seen.ended_well();
}

#[test]
fn a_connection_that_breaks_is_an_error() {
    let seen = served(run!("broken"), |_, peer| {
        peer.sends(b"hello");
        peer.breaks(ErrorKind::ConnectionReset);
    });
    if !matches!(seen.result, Some(Err(_))) {
        seen.run.diagnose(
            "error-swallowed",
            "The connection was reset, and that came out as an end like others: it would be counted as completed.",
        );
    }
    if seen.peer.sees_the_end() == End::Closed {
        seen.run.departs(
            "The stream was closed after the error. A peer that is still there would take this for the end of everything it has asked for; \
             after an error the stream is dropped.",
        );
    }
    snapshot!(seen.run);
}

/// What a client sends in these runs: more than twice the shared buffer.
const TEXT: &[u8] = b"one two three four five";

#[test]
fn whatever_the_stream_answers_the_outcome_is_right() {
    let run = run!();
    for script in Script::of_all(3) {
        answered(&run, &script, TEXT);
    }
}

#[test]
fn it_goes_on_however_much_comes() {
    let run = run!();
    let much = b"12345678".repeat(10_000);
    answered(&run, &Script::default(), &much);
}

/// Serves a stream that answers so, and looks at the counts and the buffer after each poll.
#[track_caller]
fn answered(run: &Run, script: &Script, text: &[u8]) {
    let sim = Sim::new(run);
    let clock = Clock::new(run, &sim);
    let (stream, witness) = hostile(run, script, text);
    let tally = Tally::default();
    let buffer = RefCell::new(vec![0; ROOM].into_boxed_slice());
    let limits = Limits {
        timer: &clock,
        idle_timeout: Duration::from_secs(60),
        drain: &Source::new().token(),
        buffer: &buffer,
        tally: &tally,
    };
    let activity = Activity::begin(clock.now());
    let ended = witness.drive(pin!(echo(stream, &limits, &activity)), || {
        let Figures { bytes_in, bytes_out, .. } = tally.figures();
        let (read, sent) = (witness.read() as u64, witness.written().len() as u64);
        if (bytes_in, bytes_out) != (read, sent) {
            (run.recorder()).says("figures", format!("{bytes_in} bytes in, {bytes_out} bytes out"));
            run.departs(format!(
                "{read} bytes had been read and {sent} had been sent when the poll returned, and the figures say otherwise. What a slow peer takes \
                 is counted as it is taken."
            ));
        }
        if buffer.try_borrow_mut().is_err() {
            run.diagnose(
                "buffer-kept",
                "The poll returned, and the shared buffer is still borrowed. The next connection that has something to read panics.",
            );
        }
        if witness.most_held() > ROOM {
            witness.report(Broken::HoldsTooMuch, text, Some("no-backpressure"));
        }
    });
    let ended_well = matches!(ended, Ended::Ready(Ok(())));
    witness.judge(ended, &witness.input(), |broken| match broken {
        Broken::ErrorHidden(_) => Some("error-swallowed"),
        Broken::Incomplete => Some("short-write-ignored"),
        _ => None,
    });
    if ended_well && !witness.is_closed() {
        run.diagnose(
            "dropped-instead-of-closed",
            "Everything is back, and the stream was dropped without being closed: the peer sees no end that was meant.",
        );
    }
    if !witness.is_dropped() {
        run.departs("It is done, and the stream has not been dropped.");
    }
}
