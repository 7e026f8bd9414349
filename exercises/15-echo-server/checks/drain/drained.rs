//! A connection that is drained to its end, and what is seen of it.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::super::subject::drain;
use cancellation::Source;
use echo_server::figures::Tally;
use echo_server::{Activity, Limits};
use event_loop::{Time, Timer};
use futures::io::{AsyncRead, AsyncWrite};
use probe::{Recorder, Run};
use probe_futures::{Sim, poller};
use probe_io::stream::{End, show};
use probe_io::{Peer, Stream, stream};
use probe_loop::{Clock, HandClock};

/// How many bytes the shared buffer of these runs holds.
pub(super) const ROOM: usize = 64 * 1024;

/// How many bytes a connection still reads at the end. The pieces of these runs add up to exactly this.
pub(super) const LAST: usize = 8 << 20;

/// Reading more than this is not an error of counting.
pub(super) const BOUND: usize = LAST + 2 * ROOM;

/// A stream with a budget: a bounded number of reads succeed in one iteration of the loop, as with a socket.
struct Budgeted {
    stream: Stream,
    budget: Rc<Cell<usize>>,
    /// Whether the last attempt was pending because the budget was used up.
    refused: Rc<Cell<bool>>,
    /// Whether an attempt to read was pending, and how many followed.
    was_pending: Rc<Cell<bool>>,
    later: Rc<Cell<usize>>,
}

impl AsyncRead for Budgeted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.was_pending.get() {
            self.later.set(self.later.get() + 1);
        }
        if self.budget.get() == 0 {
            context.waker().wake_by_ref();
            self.refused.set(true);
            self.was_pending.set(true);
            return Poll::Pending;
        }
        self.refused.set(false);
        self.budget.set(self.budget.get() - 1);
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.was_pending
            .set(self.was_pending.get() || polled.is_pending());
        polled
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

pub(super) struct Seen {
    pub(super) run: Run,
    pub(super) peer: Peer,
    /// `None` if it waits forever.
    pub(super) result: Option<io::Result<()>>,
    /// Whether the last attempt to read was refused because the budget was used up.
    refused: bool,
    /// How many attempts to read came after one that was pending.
    later: usize,
}

/// The peer does what the script says. Then the server is told to finish. With a `budget` of 0 the connection has used up the budget of
/// this iteration.
#[track_caller]
pub(super) fn drained(run: Run, budget: usize, script: impl FnOnce(&Peer)) -> Seen {
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
    let later = Rc::new(Cell::new(0));
    let stream = Budgeted {
        stream,
        budget: Rc::clone(&left),
        refused: Rc::clone(&refused),
        was_pending: Rc::default(),
        later: Rc::clone(&later),
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
        later: later.get(),
    }
}

impl Seen {
    #[track_caller]
    pub(super) fn ended(&self) {
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
        if self.later > 0 {
            self.run.departs(format!(
                "An attempt to read was pending, and `drain` made {} more after it. When one is pending, every byte that has arrived is read.",
                self.later
            ));
        }
        if self.peer.sees_the_end() != End::Closed {
            self.run.diagnose(
                "dropped-instead-of-closed",
                "Every byte was sent, and the stream was dropped without being closed.",
            );
        }
    }

    #[track_caller]
    pub(super) fn came_back(&self, right: &[u8]) {
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

/// Whether activity was noted at this time: an idle time-out of a nanosecond has not passed then.
pub(super) fn noted(activity: &Activity, now: Time) -> bool {
    let clock = HandClock::at(now);
    let idle = activity.idle_for(Duration::from_nanos(1), &clock);
    poller(&Recorder::new(), "").poll(pin!(idle)).is_pending()
}
