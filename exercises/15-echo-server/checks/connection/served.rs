//! A connection that is served to its end, and what is seen of it.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::super::subject::{End, connection};
use cancellation::Source;
use echo_server::Limits;
use echo_server::figures::Tally;
use event_loop::{Time, Timer};
use futures::io::{AsyncRead, AsyncWrite};
use probe::Run;
use probe_futures::Sim;
use probe_io::stream::{End as Wire, show};
use probe_io::{Peer, Stream, stream};
use probe_loop::Clock;
use state_machines::{Winner, race};

/// How many bytes the shared buffer of these runs holds.
pub(super) const ROOM: usize = 8;

/// The idle time-out of these runs.
pub(super) const IDLE: Duration = Duration::from_secs(20);

/// When no connection of these runs is open any more.
const LONG: Duration = Duration::from_secs(1_000);

pub(super) struct Seen {
    pub(super) run: Run,
    pub(super) peer: Peer,
    /// `None` if it waits forever.
    pub(super) end: Option<End>,
    pub(super) at: Duration,
}

/// Serves one client, which the script plays. The server is told to finish at the time `order`.
#[track_caller]
pub(super) fn served(run: Run, order: Option<Duration>, script: impl FnOnce(&Sim, &Peer)) -> Seen {
    served_as(run, Arrives::AtOnce, Closes::AtOnce, order, script)
}

/// Whether the stream's close completes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closes {
    AtOnce,
    Never,
}

/// When the peer's bytes can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrives {
    /// As soon as the peer has sent them.
    AtOnce,
    /// In the iteration after the one in which the server is told to finish.
    AfterTheOrder,
    /// At once. The connection is polled every 7 s, although nothing has happened, for a minute.
    WithSpuriousPolls,
}

/// A stream from which nothing can be read until it is open, and whose close may stay pending.
struct Late {
    stream: Stream,
    open: Rc<Cell<bool>>,
    closes: bool,
}

impl AsyncRead for Late {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        match self.open.get() {
            true => Pin::new(&mut self.stream).poll_read(context, buffer),
            false => Poll::Pending,
        }
    }
}

impl AsyncWrite for Late {
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
        match self.closes {
            true => Pin::new(&mut self.stream).poll_close(context),
            false => Poll::Pending,
        }
    }
}

#[track_caller]
pub(super) fn served_as(
    run: Run,
    arrives: Arrives,
    closes: Closes,
    order: Option<Duration>,
    script: impl FnOnce(&Sim, &Peer),
) -> Seen {
    let sim = Sim::new(&run);
    let clock = Clock::new(&run, &sim);
    let (stream, peer) = stream(&run, &sim);
    let open = Rc::new(Cell::new(arrives != Arrives::AfterTheOrder));
    let stream = Late {
        stream,
        open: Rc::clone(&open),
        closes: closes == Closes::AtOnce,
    };
    script(&sim, &peer);
    let tally = Tally::default();
    let drain = Source::new();
    let buffer = RefCell::new(vec![0; ROOM].into_boxed_slice());
    let limits = Limits {
        timer: &clock,
        idle_timeout: IDLE,
        drain: &drain.token(),
        buffer: &buffer,
        tally: &tally,
    };
    let order = async {
        match order {
            None if arrives == Arrives::WithSpuriousPolls => {
                for _ in 0..9 {
                    clock.sleep(Duration::from_secs(7)).await;
                }
                pending().await
            }
            None => pending().await,
            Some(when) => {
                clock.sleep_until(Time::after_start(when)).await;
                run.recorder().says("server", "is told to finish");
                drain.cancel();
                pending::<()>().await;
            }
        }
    };
    let mut service = pin!(race(order, connection(stream, limits)));
    let looked_at = poll_fn(|context| {
        if drain.token().is_cancelled() {
            open.set(true);
        }
        let polled = service.as_mut().poll(context);
        if polled.is_pending() && sim.now() > LONG {
            (run.recorder()).says("server", "serves the connection, after 1,000 s");
            run.diagnose(
                "never-times-out",
                "It is 1,000 s, no byte was read or taken for minutes, and the connection is open. Its idle time-out is 20 s: something other than \
                 bytes puts it off.",
            );
        }
        if polled.is_pending() && buffer.try_borrow_mut().is_err() {
            run.diagnose(
                "buffer-kept",
                "The connection waits, and the shared buffer is still borrowed. The next connection that borrows it panics.",
            );
        }
        polled
    });
    let end = run.risk(
        None,
        "The connection loops without end in one poll.",
        || match sim.run_unrecorded(pin!(looked_at)) {
            Ok(Winner::Second(end)) => Some(end),
            _ => None,
        },
    );
    run.recorder().says(
        "server",
        match end {
            None => "waits forever".to_owned(),
            Some(end) => format!("sees it {}", in_words(end)),
        },
    );
    let received = peer.received();
    (run.recorder()).says("peer", format!("has received {}", show(&received)));
    run.recorder().says(
        "peer",
        match peer.sees_the_end() {
            Wire::Closed => "sees the end",
            Wire::Dropped => "sees the connection dropped",
            Wire::Open => "sees no end",
        },
    );
    let at = sim.now();
    Seen {
        run: run.clone(),
        peer,
        end,
        at,
    }
}

pub(super) fn in_words(end: End) -> &'static str {
    match end {
        End::Completed => "completed",
        End::Reset => "reset",
        End::TimedOut => "timed out",
    }
}

/// Something happens at this time.
pub(super) fn at(sim: &Sim, peer: &Peer, millis: u64, what: impl FnOnce(&Peer) + Send + 'static) {
    let peer = peer.clone();
    sim.at(Duration::from_millis(millis - 1), move || what(&peer));
}

impl Seen {
    #[track_caller]
    pub(super) fn came_back(&self, right: &[u8]) {
        if self.peer.received() != right {
            self.run
                .departs(format!("Expected: the peer has received {}.", show(right)));
        }
    }

    #[track_caller]
    pub(super) fn completed(&self) {
        match self.end {
            Some(End::Completed) => {}
            None => self.run.diagnose(
                "never-times-out",
                "The connection waits forever. Expected: Completed.",
            ),
            Some(end) => self.run.departs(format!(
                "No operation of the stream failed, and the connection is {}. Expected: completed.",
                in_words(end)
            )),
        }
        if self.peer.sees_the_end() != Wire::Closed {
            self.run.diagnose(
                "dropped-instead-of-closed",
                "Every byte was sent, and the stream was dropped without being closed.",
            );
        }
    }

    #[track_caller]
    pub(super) fn timed_out_at(&self, seconds: u64) {
        let right = Duration::from_secs(seconds);
        match self.end {
            Some(End::TimedOut) if self.at == right => {}
            Some(End::TimedOut) if self.at == IDLE => self.run.diagnose(
                "measured-from-the-start",
                "The connection timed out 20 s after it was opened, and bytes were read or taken in between. Expected: 20 s after the last of them.",
            ),
            Some(End::TimedOut) if self.at < right => self.run.diagnose(
                "idle-too-early",
                format!("The connection timed out at {} ms, less than 20 s after a byte was read or taken.", self.at.as_millis()),
            ),
            Some(End::TimedOut) => self.run.diagnose(
                "idle-counted-anew",
                format!("The connection timed out at {} ms, more than 20 s after the last byte was read or taken.", self.at.as_millis()),
            ),
            None => self.run.diagnose(
                "never-times-out",
                "No byte is read or taken, and the connection stays open forever.",
            ),
            Some(end) => self.run.departs(format!(
                "No byte was read or taken for 20 s, and the connection is {}. Expected: timed out.",
                in_words(end)
            )),
        }
    }
}
