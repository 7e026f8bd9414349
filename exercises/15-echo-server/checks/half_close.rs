//! 15.3 half-close: an echo that completes.

use std::cell::RefCell;
use std::future::{Future, Pending, pending, poll_fn};
use std::io::{self, ErrorKind};
use std::pin::pin;
use std::time::Duration;

use super::subject::echo;
use cancellation::Source;
use echo_server::figures::{Figures, Tally};
use echo_server::{Activity, Limits};
use event_loop::{Time, Timer};
use probe::{Recorder, Run, run, snapshot};
use probe_futures::{Sim, poller};
use probe_io::hostile::{Answer, Broken, Ended, Operation, Script, Witness, hostile};
use probe_io::stream::{End, show};
use probe_io::{Peer, stream};
use probe_loop::Clock;

/// How many bytes the shared buffer of these runs holds.
const ROOM: usize = 8;

/// How a connection ended.
struct Seen {
    run: Run,
    peer: Peer,
    /// `None` if it waits forever.
    result: Option<io::Result<()>>,
    /// What was counted.
    figures: Figures,
    /// The time of the last note of activity.
    last: Option<Duration>,
}

/// Serves one client, whom the script plays.
#[track_caller]
fn served(run: Run, script: impl FnOnce(&Sim, &Peer)) -> Seen {
    served_at(
        run,
        None,
        "The echo loops without end and never waits.",
        script,
    )
}

/// The same, where the peer sends its end.
#[track_caller]
fn served_to_the_end(run: Run, script: impl FnOnce(&Sim, &Peer)) -> Seen {
    served_at(
        run,
        Some("end-taken-for-a-message"),
        "The echo loops without end: each read returns 0 bytes, the peer's end, and the echo reads again.",
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
                "The echo waits, and the shared buffer is still borrowed. The next connection that borrows it panics.",
            );
        }
        polled
    });
    let result = run.risk(spins, sentence, || sim.run_unrecorded(pin!(looked_at)).ok());
    run.recorder().says(
        "echo",
        match &result {
            None => "waits forever".to_owned(),
            Some(Ok(())) => "returns Ok".to_owned(),
            Some(Err(error)) => format!("returns {:?}", error.kind()),
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
    // An idle time-out of an hour shows the time of the last note.
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
    /// Every byte came back, and the end after them.
    #[track_caller]
    fn came_back(&self, right: &[u8]) {
        let received = self.peer.received();
        if received.len() < self.peer.taken() && self.result.is_some() {
            self.run.diagnose(
                "short-write-ignored",
                format!(
                    "The echo read {} bytes, sent {}, and returned. What the peer does not take at once is in `rest`, and is sent before the next read.",
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
                    "The echo returned with {} of {} bytes read: the others were on their way, before the peer's end.",
                    self.peer.taken(),
                    right.len()
                ),
            );
        }
        if received != right {
            self.run
                .departs(format!("Expected: the peer has received {}.", show(right)));
        }
        self.is_counted();
    }

    /// The figures say how many bytes were read and sent.
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
            let expected = format!(
                "Expected: {read} bytes in, {sent} bytes out. `pass_on` and `send` count; a read or a write without them is counted, too."
            );
            if bytes_in < read || bytes_out < sent {
                self.run.diagnose("bytes-not-counted", expected);
            }
            self.run.departs(expected);
        }
    }

    /// It did not read more than it could send.
    #[track_caller]
    fn is_patient(&self) {
        let held = self.peer.most_held();
        if held > ROOM {
            (self.run.recorder()).says("echo", format!("held {held} bytes at most"));
            self.run.diagnose(
                "no-backpressure",
                format!(
                    "{held} bytes were read and unsent at once, and the buffer holds {ROOM}: the echo reads while bytes are unsent. A client that never \
                     reads could fill the memory."
                ),
            );
        }
    }

    #[track_caller]
    fn ended_well(&self) {
        match &self.result {
            None => self.run.diagnose(
                "end-taken-for-wouldblock",
                "The peer has sent its end and received every byte, and the echo waits. No byte will arrive.",
            ),
            Some(Err(error)) => self.run.departs(format!(
                "No operation of the stream failed, and the echo returned an error: {error}."
            )),
            Some(Ok(())) => {}
        }
        if self.peer.sees_the_end() != End::Closed {
            self.run.diagnose(
                "dropped-instead-of-closed",
                "Every byte was sent, and the stream was dropped without being closed. Bytes in its buffer are lost, and the peer cannot tell this \
                 from a broken connection.",
            );
        }
    }
}

#[test]
fn each_message_comes_back_before_the_peers_end() {
    let seen = served(run!("two_messages"), |_, peer| {
        peer.sends(b"one ");
        peer.sends(b"two ");
        peer.sends(b"three");
    });
    if seen.result.is_some() && seen.peer.received().len() < 13 {
        seen.run.diagnose(
            "done-after-the-first",
            "The echo returned after the first message, and the peer had not sent its end.",
        );
    }
    seen.came_back(b"one two three");
    if seen.result.is_some() {
        seen.run
            .departs("The peer has not sent its end, and the echo returned.");
    }
    snapshot!(seen.run);
}

#[test]
fn after_the_peers_end_the_stream_is_closed() {
    let seen = served_to_the_end(run!("the_end"), |_, peer| {
        peer.sends(b"hello");
        peer.ends();
    });
    seen.came_back(b"hello");
    seen.ended_well();
    snapshot!(seen.run);
}

#[test]
fn the_last_bytes_come_back_if_the_end_arrives_with_them() {
    let seen = served_to_the_end(run!("one_segment"), |_, peer| {
        peer.sends_with_the_end(b"bye")
    });
    seen.came_back(b"bye");
    seen.ended_well();
    snapshot!(seen.run);
}

#[test]
fn a_slow_peer_receives_every_byte_before_the_end() {
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
fn bytes_in_the_streams_buffer_reach_the_peer_before_the_end() {
    let seen = served_to_the_end(run!(), |_, peer| {
        peer.gets_it_when_flushed();
        peer.sends_with_the_end(b"bye");
    });
    seen.ended_well();
    seen.came_back(b"bye");
}

#[test]
fn bytes_that_the_peer_takes_at_once_are_noted_as_activity() {
    let seen = served(run!(), |sim, peer| {
        let peer = peer.clone();
        sim.at(Duration::from_secs(10), move || peer.sends(b"hello"));
    });
    seen.came_back(b"hello");
    if seen.last.is_some_and(|last| last < Duration::from_secs(10)) {
        (seen.run.recorder()).says("activity", "nothing is noted since the start");
        seen.run.departs(
            "At 10 s \"hello\" arrived and went out, and the echo noted no activity. A busy client that takes everything at once would be closed as \
             idle.",
        );
    }
}

#[test]
fn a_write_of_zero_bytes_ends_the_echo_with_an_error() {
    let seen = served_at(
        run!(),
        Some("zero-write-spins"),
        "A write took 0 bytes, and the echo repeated it without end.",
        |_, peer| {
            peer.takes_nothing();
            peer.sends(b"hello");
        },
    );
    if !matches!(seen.result, Some(Err(_))) {
        seen.run.diagnose(
            "error-swallowed",
            "A write took 0 bytes, and the echo returned no error.",
        );
    }
}

#[test]
fn while_bytes_are_unsent_no_more_are_read() {
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
fn a_broken_connection_is_an_error_and_is_not_closed() {
    let seen = served(run!("broken"), |_, peer| {
        peer.sends(b"hello");
        peer.breaks(ErrorKind::ConnectionReset);
    });
    if !matches!(seen.result, Some(Err(_))) {
        seen.run.diagnose(
            "error-swallowed",
            "The read failed with ConnectionReset, and the echo returned no error. The server would count the connection as completed.",
        );
    }
    if seen.peer.sees_the_end() == End::Closed {
        seen.run.diagnose(
            "used-after-an-error",
            "The read failed with ConnectionReset, and the echo closed the stream after that. Expected: the stream is dropped.",
        );
    }
    snapshot!(seen.run);
}

/// What a client sends in these runs: more than twice the shared buffer.
const TEXT: &[u8] = b"one two three four five";

#[test]
fn every_short_script_of_the_stream_has_the_right_outcome() {
    let run = run!();
    for script in Script::of_all(3) {
        answered(&run, &script, TEXT, ROOM);
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
        answered(&run, &script, &bytes, room);
    }
}

#[test]
fn the_echo_goes_on_for_seventy_thousand_messages() {
    let run = run!();
    let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    answered(&run, &Script::default(), &bytes, 1);
}

/// Serves a stream that answers so. Looks at the figures, the notes and the buffer after each poll.
#[track_caller]
fn answered(run: &Run, script: &Script, text: &[u8], room: usize) {
    let sim = Sim::new(run);
    let clock = Clock::new(run, &sim);
    let (stream, witness) = hostile(run, script, text);
    let tally = Tally::default();
    let buffer = RefCell::new(vec![0; room].into_boxed_slice());
    let limits = Limits {
        timer: &clock,
        idle_timeout: Duration::from_secs(60),
        drain: &Source::new().token(),
        buffer: &buffer,
        tally: &tally,
    };
    let activity = Activity::begin(clock.now());
    let mut moved = 0;
    let ended = witness.drive(pin!(echo(stream, &limits, &activity)), || {
        figures_agree(run, &witness, &tally);
        let now_moved = witness.read() + witness.written().len();
        if now_moved > moved && witness.failure().is_none() && !noted(&activity, clock.now()) {
            (run.recorder()).says("activity", "nothing is noted");
            run.diagnose(
                "slow-taken-for-idle",
                "Bytes were read or taken in this poll, and the echo noted no activity. A connection on which bytes move would be closed as \
                 idle.",
            );
        }
        moved = now_moved;
        if buffer.try_borrow_mut().is_err() {
            run.diagnose(
                "buffer-kept",
                "The poll returned, and the shared buffer is still borrowed. The next connection that borrows it panics.",
            );
        }
        if witness.most_held() > room {
            witness.report(Broken::HoldsTooMuch, text, Some("no-backpressure"));
        }
        // The next poll is a second later.
        sim.advance_to(sim.now() + Duration::from_secs(1));
    });
    let returned_ok = matches!(ended, Ended::Ready(Ok(())));
    let took_nothing = matches!(
        witness.failure(),
        Some((Operation::Write, ErrorKind::WriteZero))
    );
    witness.judge(ended, &witness.input(), |broken| match broken {
        Broken::ErrorHidden(_) => Some("error-swallowed"),
        Broken::Incomplete => Some("short-write-ignored"),
        Broken::Unread => Some("ends-with-bytes-unread"),
        Broken::CalledAfterFailure(_) => Some("used-after-an-error"),
        Broken::Spins if took_nothing => Some("zero-write-spins"),
        _ => None,
    });
    if returned_ok && !witness.is_closed() {
        run.diagnose(
            "dropped-instead-of-closed",
            "Every byte was sent, and the stream was dropped without being closed: the peer cannot tell this from a broken connection.",
        );
    }
    if !witness.is_dropped() {
        run.diagnose(
            "never-dropped",
            "The echo returned, and the stream was not dropped: its descriptor stays open.",
        );
    }
}

/// The figures say what has been read and written by now.
#[track_caller]
fn figures_agree(run: &Run, witness: &Witness, tally: &Tally) {
    let figures = tally.figures();
    let (read, sent) = (witness.read() as u64, witness.written().len() as u64);
    if (figures.bytes_in, figures.bytes_out) == (read, sent) {
        return;
    }
    let counted = format!(
        "{} bytes in, {} bytes out",
        figures.bytes_in, figures.bytes_out
    );
    (run.recorder()).says("figures", counted);
    let expected = format!("Expected when this poll returned: {read} bytes in, {sent} bytes out.");
    if figures.bytes_in < read || figures.bytes_out < sent {
        run.diagnose("bytes-not-counted", expected);
    }
    run.departs(expected);
}

/// A clock that stands still.
struct Still(Time);

impl Timer for Still {
    type Sleep = Pending<()>;

    fn now(&self) -> Time {
        self.0
    }

    fn sleep_until(&self, _: Time) -> Pending<()> {
        pending()
    }
}

/// Whether activity was noted at this time: an idle time-out of a nanosecond has not passed then.
fn noted(activity: &Activity, now: Time) -> bool {
    let still = Still(now);
    let idle = activity.idle_for(Duration::from_nanos(1), &still);
    poller(&Recorder::new(), "").poll(pin!(idle)).is_pending()
}
