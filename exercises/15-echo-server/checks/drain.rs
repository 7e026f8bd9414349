//! 15.6 drain: the bytes that have arrived come back, and then the end.

use std::cell::{Cell, RefCell};
use std::future::{Future, Pending, pending, poll_fn};
use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::subject::drain;
use cancellation::Source;
use echo_server::figures::{Figures, Tally};
use echo_server::{Activity, Limits};
use event_loop::{Time, Timer};
use futures::io::{AsyncRead, AsyncWrite};
use probe::{Recorder, Run, run, snapshot};
use probe_futures::{Sim, poller};
use probe_io::hostile::{Answer, Broken, Ended, Script, Witness, hostile};
use probe_io::stream::{End, show};
use probe_io::{Peer, Stream, stream};
use probe_loop::Clock;

/// How many bytes the shared buffer of these runs holds.
const ROOM: usize = 64 * 1024;

/// How many bytes a connection still reads at the end. The pieces of these runs add up to exactly this.
const LAST: usize = 8 << 20;

/// Reading more than this is not an error of counting.
const BOUND: usize = LAST + 2 * ROOM;

/// A stream with a budget: a bounded number of reads succeed in one iteration of the loop, as with a socket.
struct Budgeted {
    stream: Stream,
    budget: Rc<Cell<usize>>,
    /// Whether the last attempt was pending because the budget was used up.
    refused: Rc<Cell<bool>>,
}

impl AsyncRead for Budgeted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.budget.get() == 0 {
            context.waker().wake_by_ref();
            self.refused.set(true);
            return Poll::Pending;
        }
        self.refused.set(false);
        self.budget.set(self.budget.get() - 1);
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Budgeted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(context)
    }
}

struct Seen {
    run: Run,
    peer: Peer,
    /// `None` if it waits forever.
    result: Option<io::Result<()>>,
    /// Whether the last attempt to read was refused because the budget was used up.
    refused: bool,
}

/// The peer does what the script says. Then the server is told to finish. With a `budget` of 0 the connection has used up the budget of
/// this iteration.
#[track_caller]
fn drained(run: Run, budget: usize, script: impl FnOnce(&Peer)) -> Seen {
    let sim = Sim::new(&run);
    let clock = Clock::new(&run, &sim);
    let (stream, peer) = stream(&run, &sim);
    script(&peer);
    while sim.advance() {}
    run.recorder().says("server", "is told to finish");
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
    let left = Rc::new(Cell::new(budget));
    let refused = Rc::new(Cell::new(false));
    let stream = Budgeted {
        stream,
        budget: Rc::clone(&left),
        refused: Rc::clone(&refused),
    };
    let mut draining = pin!(drain(stream, &limits, &activity));
    let mut first = true;
    let turns = poll_fn(|context| {
        if !first {
            left.set(2);
        }
        first = false;
        // Iterations take time where there are many of them: the simulation takes a thousand polls at one instant for a loop without end.
        if peer.taken() > 1 << 20 {
            sim.advance_to(sim.now() + Duration::from_micros(1));
        }
        draining.as_mut().poll(context)
    });
    let result = run.risk(
        None,
        "`drain` loops without end in one poll. No other task of the loop can run.",
        || sim.run_unrecorded(pin!(turns)).ok(),
    );
    run.recorder().says(
        "connection",
        match &result {
            None => "waits forever".to_owned(),
            Some(Ok(())) => "returns Ok".to_owned(),
            Some(Err(error)) => format!("returns {:?}", error.kind()),
        },
    );
    let received = peer.received();
    run.recorder()
        .says("peer", format!("has received {}", show(&received)));
    run.recorder().says(
        "peer",
        match peer.sees_the_end() {
            End::Closed => "sees the end",
            End::Dropped => "sees the connection dropped",
            End::Open => "sees no end",
        },
    );
    let refused = refused.get();
    Seen {
        run,
        peer,
        result,
        refused,
    }
}

impl Seen {
    #[track_caller]
    fn ended(&self) {
        match &self.result {
            None => self.run.diagnose(
                "drain-waits-for-the-idle",
                "Every byte has come back, the peer sends no more, and `drain` waits for it. The server cannot finish until the last client speaks.",
            ),
            Some(Err(error)) => self.run.departs(format!(
                "No operation of the stream failed, and `drain` returned an error: {error}."
            )),
            Some(Ok(())) => {}
        }
        if self.peer.sees_the_end() != End::Closed {
            self.run.diagnose(
                "dropped-instead-of-closed",
                "Every byte was sent, and the stream was dropped without being closed.",
            );
        }
    }

    #[track_caller]
    fn came_back(&self, right: &[u8]) {
        let received = self.peer.received();
        if received == right {
            return;
        }
        if self.peer.taken() < right.len() && self.result.is_some() && self.refused {
            let attempt = match self.peer.taken() {
                0 => {
                    "The first attempt came in the iteration in which the server was told to finish. It"
                }
                _ => "The next attempt",
            };
            self.run.diagnose(
                "budget-taken-for-nothing",
                format!(
                    "`drain` read {} of {} bytes. {attempt} was pending because the socket's budget for that iteration was used up, and `drain` read no \
                     more.",
                    self.peer.taken(),
                    right.len()
                ),
            );
        }
        if self.peer.taken() >= right.len() && self.result.is_some() {
            self.run.diagnose(
                "closed-before-flush",
                "`drain` read every byte, and closed the stream before it had sent them all. What the peer does not take at once is in `rest`.",
            );
        }
        if self.peer.taken() == 0 && self.result.is_some() {
            self.run.diagnose(
                "dropped-in-flight",
                format!(
                    "{} bytes had arrived when the server was told to finish, and `drain` read none of them. The client's kernel has the acknowledgement \
                     for them, and they are lost.",
                    right.len()
                ),
            );
        }
        if self.result.is_some() && right.starts_with(&received[..]) {
            self.run.diagnose(
                "dropped-in-flight",
                format!(
                    "{} bytes had arrived when the server was told to finish, and {} of them came back. One read returns at most what the buffer holds, \
                     and more bytes were there.",
                    right.len(),
                    received.len()
                ),
            );
        }
        self.run.departs(format!(
            "Expected: the {} bytes that the peer sent come back.",
            right.len()
        ));
    }
}

#[test]
fn bytes_that_have_arrived_come_back_before_the_end() {
    let seen = drained(run!("comes_back"), 2, |peer| peer.sends(b"hello"));
    seen.came_back(b"hello");
    seen.ended();
    snapshot!(seen.run);
}

#[test]
fn if_no_byte_has_arrived_the_stream_is_closed_at_once() {
    let seen = drained(run!("nothing_there"), 2, |_| {});
    seen.ended();
    snapshot!(seen.run);
}

#[test]
fn every_byte_comes_back_if_that_takes_many_reads() {
    let long = b"0123456789".repeat(30_000);
    let seen = drained(run!(), 2, |peer| peer.sends(&long));
    seen.came_back(&long);
    seen.ended();
    let parts: Vec<Vec<u8>> = (0..50_u8).map(|part| vec![part; 10]).collect();
    let seen = drained(run!(), 2, |peer| {
        for part in &parts {
            peer.sends(part);
        }
    });
    seen.came_back(&parts.concat());
    seen.ended();
}

#[test]
fn a_slow_peer_receives_every_byte_before_the_end() {
    let seen = drained(run!("slow"), 2, |peer| {
        peer.takes(3);
        peer.sends(b"good bye");
    });
    seen.came_back(b"good bye");
    seen.ended();
    snapshot!(seen.run);
}

#[test]
fn each_attempt_to_read_has_an_iteration_of_its_own() {
    for budget in [0, 1] {
        let parts: Vec<Vec<u8>> = (0..5_u8).map(|part| vec![b'0' + part; 3]).collect();
        let seen = drained(run!(), budget, |peer| {
            for part in &parts {
                peer.sends(part);
            }
        });
        seen.came_back(&parts.concat());
        seen.ended();
    }
}

#[test]
fn after_the_peers_end_the_stream_is_closed() {
    let seen = drained(run!("ended_too"), 2, |peer| peer.sends_with_the_end(b"bye"));
    seen.came_back(b"bye");
    seen.ended();
    snapshot!(seen.run);
}

#[test]
fn at_most_8_mib_are_read_from_a_peer_that_never_stops_sending() {
    let run = run!();
    let seen = drained(run, 2, |peer| {
        let piece = vec![b'x'; ROOM];
        for _ in 0..400 {
            peer.sends_quietly(&piece);
        }
    });
    if seen.peer.taken() > BOUND {
        seen.run.diagnose(
            "drains-for-ever",
            format!(
                "`drain` read {} MiB, and the bound is 8. A client that never stops sending keeps the server from ending.",
                seen.peer.taken() >> 20
            ),
        );
    }
    if seen.peer.taken() > LAST {
        seen.run.departs(format!(
            "`drain` read {} KiB more after it had read 8 MiB. Expected: the attempt that reaches the bound is the last.",
            (seen.peer.taken() - LAST) >> 10
        ));
    }
    if seen.peer.taken() < LAST {
        seen.run.departs(
            "`drain` read less than 8 MiB, and more bytes were there: the kernel may hold that much for a connection.",
        );
    }
    let right = vec![b'x'; seen.peer.taken()];
    seen.came_back(&right);
    seen.ended();
}

#[test]
fn the_rest_of_the_last_read_is_sent_before_the_end() {
    let seen = drained(run!(), 2, |peer| {
        // All but a byte at once, so that each step leaves a rest.
        peer.takes(ROOM - 1);
        let piece = vec![b'x'; ROOM];
        for _ in 0..200 {
            peer.sends_quietly(&piece);
        }
    });
    let right = vec![b'x'; seen.peer.taken()];
    seen.came_back(&right);
    seen.ended();
}

#[test]
fn an_error_of_the_connection_is_returned() {
    let seen = drained(run!(), 2, |peer| {
        peer.sends(b"hello");
        peer.breaks(ErrorKind::ConnectionReset);
    });
    if !matches!(seen.result, Some(Err(_))) {
        seen.run.diagnose(
            "error-swallowed",
            "The read failed with ConnectionReset, and `drain` returned no error. The server would count the connection as completed.",
        );
    }
}

/// What a client has sent in these runs, and how much of it the shared buffer holds.
const TEXT: &[u8] = b"one two three four five";
const SMALL: usize = 8;

#[test]
fn every_short_script_of_the_stream_has_the_right_outcome() {
    let run = run!();
    for script in Script::of_all(3) {
        answered(&run, &script, TEXT, SMALL);
    }
}

#[test]
fn five_thousand_messages_come_back() {
    let run = run!();
    let bytes: Vec<u8> = (0..=255).cycle().take(5_000).collect();
    answered(&run, &Script::default(), &bytes, 1);
}

/// Drains a stream that answers so. Looks at the figures, the notes and the buffer after each poll.
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
    let ended = witness.drive(pin!(drain(stream, &limits, &activity)), || {
        figures_agree(run, &witness, &tally);
        if witness.most_held() > room {
            witness.report(Broken::HoldsTooMuch, text, Some("no-backpressure"));
        }
        let (read, sent) = (witness.read(), witness.written().len());
        let waits_for_the_peer = read > sent && read + sent > moved && witness.failure().is_none();
        if waits_for_the_peer && !noted(&activity, clock.now()) {
            (run.recorder()).says("activity", "nothing is noted");
            run.diagnose(
                "slow-taken-for-idle",
                "Bytes were read or taken in this poll, others are unsent, and `drain` noted no activity. A peer that takes them slowly would be \
                 closed as idle.",
            );
        }
        moved = read + sent;
        if buffer.try_borrow_mut().is_err() {
            run.diagnose(
                "buffer-kept",
                "The poll returned, and the shared buffer is still borrowed. The next connection that borrows it panics.",
            );
        }
        // The next poll is a second later.
        sim.advance_to(sim.now() + Duration::from_secs(1));
    });
    if may_stop_reading(script) {
        witness.ends_here();
    }
    let returned_ok = matches!(ended, Ended::Ready(Ok(())));
    witness.judge(ended, &witness.input(), |broken| match broken {
        Broken::ErrorHidden(_) => Some("error-swallowed"),
        Broken::Incomplete => Some("closed-before-flush"),
        Broken::Unread => Some("dropped-in-flight"),
        Broken::CalledAfterFailure(_) => Some("used-after-an-error"),
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
            "`drain` returned, and the stream was not dropped.",
        );
    }
}

/// A pending read says that no more bytes have arrived.
fn may_stop_reading(script: &Script) -> bool {
    let pending = |answer: &Answer| matches!(answer, Answer::Pending | Answer::Interrupted);
    script.reads.iter().any(pending)
}

/// The figures say what has been read and written by now.
#[track_caller]
fn figures_agree(run: &Run, witness: &Witness, tally: &Tally) {
    let Figures {
        bytes_in,
        bytes_out,
        ..
    } = tally.figures();
    let (read, sent) = (witness.read() as u64, witness.written().len() as u64);
    if (bytes_in, bytes_out) == (read, sent) {
        return;
    }
    (run.recorder()).says(
        "figures",
        format!("{bytes_in} bytes in, {bytes_out} bytes out"),
    );
    let expected = format!("Expected when this poll returned: {read} bytes in, {sent} bytes out.");
    if bytes_in < read || bytes_out < sent {
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
