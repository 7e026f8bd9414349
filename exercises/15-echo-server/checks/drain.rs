//! 15.6 drain: what has been received comes back, and then the end.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::subject::drain;
use cancellation::Source;
use echo_server::figures::Tally;
use echo_server::{Activity, Limits};
use event_loop::Timer;
use futures::io::{AsyncRead, AsyncWrite};
use probe::{Run, run, snapshot};
use probe_futures::Sim;
use probe_io::stream::{End, show};
use probe_io::{Peer, Stream, stream};
use probe_loop::Clock;

/// How many bytes the shared buffer of these runs holds.
const ROOM: usize = 64 * 1024;

/// What a connection may still take at the end. The pieces of these runs come out even.
const LAST: usize = 8 << 20;

/// More than this is no slip in counting.
const BOUND: usize = LAST + 2 * ROOM;

/// A stream of which only so many reads succeed in one turn of the loop, as with a socket.
struct Budgeted {
    stream: Stream,
    budget: Rc<Cell<usize>>,
    /// Whether that was the answer to the last attempt.
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
    /// `None` if it waits for ever.
    result: Option<io::Result<()>>,
    /// Whether the last attempt to read was refused because the budget was used up.
    refused: bool,
}

/// The peer has done what the script says; then the server is to finish. The connection has used up what
/// it could read in this turn, if `budget` is 0.
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
        // Turns take time where there are many: a thousand at one instant would be taken for a circle.
        if peer.taken() > 1 << 20 {
            sim.advance_to(sim.now() + Duration::from_micros(1));
        }
        draining.as_mut().poll(context)
    });
    let result = run.risk(
        None,
        "It goes round and round in one poll, and gives nobody else a turn.",
        || sim.run_unrecorded(pin!(turns)).ok(),
    );
    run.recorder().says(
        "connection",
        match &result {
            None => "waits for ever".to_owned(),
            Some(Ok(())) => "is done".to_owned(),
            Some(Err(error)) => format!("ends: {:?}", error.kind()),
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
                "Everything has come back, the peer says nothing more, and the connection waits for it. The server cannot finish before the last \
                 client has something to say.",
            ),
            Some(Err(error)) => self.run.departs(format!(
                "Nothing went wrong, and an error came out: {error}."
            )),
            Some(Ok(())) => {}
        }
        if self.peer.sees_the_end() != End::Closed {
            self.run.diagnose(
                "dropped-instead-of-closed",
                "Everything is done, and the stream was dropped without being closed.",
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
                0 => "The first attempt was made in the turn in which the order came, and",
                _ => "The next attempt",
            };
            self.run.diagnose(
                "budget-taken-for-nothing",
                format!(
                    "{} of {} bytes were read. {attempt} was pending because the socket's budget for that turn was used up, and this was taken for \
                     \"there is nothing\".",
                    self.peer.taken(),
                    right.len()
                ),
            );
        }
        if self.peer.taken() >= right.len() && self.result.is_some() {
            self.run.diagnose(
                "closed-before-flush",
                "Everything was read, and not all of it was sent before the stream was closed: what the peer does not take at once is in `rest`.",
            );
        }
        if self.peer.taken() == 0 && self.result.is_some() {
            self.run.diagnose(
                "dropped-in-flight",
                format!(
                    "{} bytes had been received when the order came, and the connection was closed with all of them unread. The client has sent them, \
                     the system has confirmed them, and they are lost.",
                    right.len()
                ),
            );
        }
        if self.result.is_some() && right.starts_with(&received[..]) {
            self.run.diagnose(
                "dropped-in-flight",
                format!(
                    "{} bytes had been received when the order came, and {} of them came back. One read is as much as the buffer holds; there was more \
                     behind it.",
                    right.len(),
                    received.len()
                ),
            );
        }
        self.run.departs(format!(
            "What comes back should be the {} bytes that were sent.",
            right.len()
        ));
    }
}

#[test]
fn what_has_come_by_now_comes_back_and_then_the_end() {
    let seen = drained(run!("comes_back"), 2, |peer| peer.sends(b"hello"));
    seen.came_back(b"hello");
    seen.ended();
    snapshot!(seen.run);
}

#[test]
fn if_nothing_has_come_there_is_the_end_at_once() {
    let seen = drained(run!("nothing_there"), 2, |_| {});
    seen.ended();
    snapshot!(seen.run);
}

#[test]
fn all_of_it_comes_back_however_many_reads_it_takes() {
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
fn a_slow_peer_gets_all_of_it_before_the_end() {
    let seen = drained(run!("slow"), 2, |peer| {
        peer.takes(3);
        peer.sends(b"good bye");
    });
    seen.came_back(b"good bye");
    seen.ended();
    snapshot!(seen.run);
}

#[test]
fn a_budget_that_is_used_up_is_not_nothing() {
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
fn an_end_that_the_peer_has_sent_is_an_end() {
    let seen = drained(run!("ended_too"), 2, |peer| peer.sends_with_the_end(b"bye"));
    seen.came_back(b"bye");
    seen.ended();
    snapshot!(seen.run);
}

#[test]
fn a_peer_that_never_stops_sending_does_not_keep_the_server() {
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
                "{} MiB were read and sent back after the order to finish, and the bound is 8. A client that never stops sending keeps the server from \
                 its end.",
                seen.peer.taken() >> 20
            ),
        );
    }
    if seen.peer.taken() > LAST {
        seen.run.departs(format!(
            "{} KiB were read after the bound of 8 MiB was reached. The attempt with which it is reached is the last one.",
            (seen.peer.taken() - LAST) >> 10
        ));
    }
    if seen.peer.taken() < LAST {
        seen.run.departs(
            "Less than 8 MiB were read, and there was more: the system may have received as much as that.",
        );
    }
    let right = vec![b'x'; seen.peer.taken()];
    seen.came_back(&right);
    seen.ended();
}

#[test]
fn what_was_read_with_the_last_of_the_bytes_is_sent_as_well() {
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
fn a_connection_that_breaks_is_an_error() {
    let seen = drained(run!(), 2, |peer| {
        peer.sends(b"hello");
        peer.breaks(ErrorKind::ConnectionReset);
    });
    if !matches!(seen.result, Some(Err(_))) {
        seen.run.diagnose(
            "error-swallowed",
            "The connection was reset, and that came out as a good end: it would be counted as completed.",
        );
    }
}
