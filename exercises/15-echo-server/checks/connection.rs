//! 15.7 connection: one connection's life, from an empty function.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::subject::{End, connection};
use cancellation::Source;
use echo_server::Limits;
use echo_server::figures::Tally;
use event_loop::{Time, Timer};
use futures::io::{AsyncRead, AsyncWrite};
use probe::{Run, run, snapshot};
use probe_futures::Sim;
use probe_io::stream::{End as Wire, show};
use probe_io::{Peer, Stream, stream};
use probe_loop::Clock;
use state_machines::{Winner, race};

/// How many bytes the shared buffer of these runs holds.
const ROOM: usize = 8;

/// The idle time-out of these runs.
const IDLE: Duration = Duration::from_secs(20);

struct Seen {
    run: Run,
    peer: Peer,
    /// `None` if it waits for ever.
    end: Option<End>,
    at: Duration,
}

/// Serves one client, whom the script plays. If `order` is given, the server is to finish then.
#[track_caller]
fn served(run: Run, order: Option<Duration>, script: impl FnOnce(&Sim, &Peer)) -> Seen {
    served_as(run, Arrives::Whenever, order, script)
}

/// When something can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arrives {
    /// As soon as the peer has sent it.
    Whenever,
    /// In the turn after the one in which the order to finish comes.
    AfterTheOrder,
}

/// A stream that has nothing to be read as long as it is not open.
struct Late {
    stream: Stream,
    open: Rc<Cell<bool>>,
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
        Pin::new(&mut self.stream).poll_close(context)
    }
}

#[track_caller]
fn served_as(
    run: Run,
    arrives: Arrives,
    order: Option<Duration>,
    script: impl FnOnce(&Sim, &Peer),
) -> Seen {
    let sim = Sim::new(&run);
    let clock = Clock::new(&run, &sim);
    let (stream, peer) = stream(&run, &sim);
    let open = Rc::new(Cell::new(arrives == Arrives::Whenever));
    let stream = Late {
        stream,
        open: Rc::clone(&open),
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
        if polled.is_pending() && buffer.try_borrow_mut().is_err() {
            run.diagnose(
                "buffer-kept",
                "It waits, and the shared buffer is borrowed all the while. The next connection that has something to read panics.",
            );
        }
        polled
    });
    let end = run.risk(
        None,
        "It goes round and round in one poll, and never waits.",
        || match sim.run_unrecorded(pin!(looked_at)) {
            Ok(Winner::Second(end)) => Some(end),
            _ => None,
        },
    );
    run.recorder().says(
        "server",
        match end {
            None => "waits for ever".to_owned(),
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

fn in_words(end: End) -> &'static str {
    match end {
        End::Completed => "completed",
        End::Reset => "reset",
        End::TimedOut => "timed out",
    }
}

/// Something happens at a second.
fn at(sim: &Sim, peer: &Peer, millis: u64, what: impl FnOnce(&Peer) + Send + 'static) {
    let peer = peer.clone();
    sim.at(Duration::from_millis(millis - 1), move || what(&peer));
}

impl Seen {
    #[track_caller]
    fn came_back(&self, right: &[u8]) {
        if self.peer.received() != right {
            self.run
                .departs(format!("What has come back should be {}.", show(right)));
        }
    }

    #[track_caller]
    fn completed(&self) {
        match self.end {
            Some(End::Completed) => {}
            None => self.run.diagnose(
                "never-times-out",
                "Nothing will ever happen again on this connection, and it waits.",
            ),
            Some(end) => self.run.departs(format!(
                "Everything was done, and the server sees the connection {}.",
                in_words(end)
            )),
        }
        if self.peer.sees_the_end() != Wire::Closed {
            self.run.diagnose(
                "dropped-instead-of-closed",
                "Everything is done, and the stream was dropped without being closed.",
            );
        }
    }

    #[track_caller]
    fn timed_out_at(&self, seconds: u64) {
        let right = Duration::from_secs(seconds);
        match self.end {
            Some(End::TimedOut) if self.at == right => {}
            Some(End::TimedOut) if self.at == IDLE => self.run.diagnose(
                "measured-from-the-start",
                "It was closed as idle 20 seconds after it was opened, and something had happened in between: the time counts from the beginning, \
                 or what happened is not noted as activity.",
            ),
            Some(End::TimedOut) if self.at < right => self.run.diagnose(
                "idle-too-early",
                format!("It was closed as idle at {} ms, and something had happened less than 20 seconds ago.", self.at.as_millis()),
            ),
            Some(End::TimedOut) => self.run.diagnose(
                "idle-counted-anew",
                format!("It was closed as idle at {} ms: it had been idle for more than 20 seconds.", self.at.as_millis()),
            ),
            None => self.run.diagnose(
                "never-times-out",
                "Nothing happens on it any more, and it stays open.",
            ),
            Some(end) => self.run.departs(format!(
                "Nothing has happened for 20 seconds, and the server sees it {}.",
                in_words(end)
            )),
        }
    }
}

#[test]
fn what_comes_goes_back_until_the_peers_end() {
    let seen = served(run!("echo"), None, |_, peer| {
        peer.sends(b"one ");
        peer.sends_with_the_end(b"two");
    });
    seen.came_back(b"one two");
    seen.completed();
    snapshot!(seen.run);
}

#[test]
fn a_slow_peer_gets_all_of_it_and_is_not_read_from_meanwhile() {
    let seen = served(run!(), None, |_, peer| {
        peer.takes(3);
        for _ in 0..20 {
            peer.sends(b"12345678");
        }
        peer.ends();
    });
    if seen.peer.most_held() > ROOM {
        seen.run.diagnose(
            "no-backpressure",
            format!(
                "{} bytes were in memory for a peer that takes three at a time.",
                seen.peer.most_held()
            ),
        );
    }
    seen.came_back(&b"12345678".repeat(20));
    seen.completed();
}

#[test]
fn a_connection_that_breaks_is_reset() {
    let seen = served(run!("broken"), None, |_, peer| {
        peer.sends(b"one");
        peer.breaks(ErrorKind::ConnectionReset);
    });
    if seen.end != Some(End::Reset) {
        seen.run.diagnose(
            "error-swallowed",
            "The connection was broken off, and it is not counted as reset.",
        );
    }
    snapshot!(seen.run);
}

#[test]
fn a_connection_on_which_nothing_happens_is_closed() {
    let seen = served(run!("idle"), None, |_, _| {});
    seen.timed_out_at(20);
    snapshot!(seen.run);
}

#[test]
fn a_byte_puts_that_off() {
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
fn a_peer_that_takes_a_little_now_and_then_is_not() {
    let seen = served(run!(), None, |sim, peer| {
        peer.takes(1);
        peer.sends(b"12345678");
        peer.stops_taking();
        for step in 1..=8 {
            // For a moment, it takes a byte.
            at(sim, peer, step * 15_000, |peer| peer.takes_again());
            at(sim, peer, step * 15_000 + 1, |peer| peer.stops_taking());
        }
        at(sim, peer, 130_000, Peer::ends);
        at(sim, peer, 131_000, |peer| peer.takes_again());
    });
    if seen.end == Some(End::TimedOut) {
        seen.run.diagnose(
            "slow-taken-for-idle",
            "It was closed as idle, though the peer took something every 15 seconds.",
        );
    }
    seen.came_back(b"12345678");
    seen.completed();
}

#[test]
fn when_the_server_is_to_finish_a_quiet_connection_ends_at_once() {
    let order = Duration::from_secs(10);
    let seen = served(run!("order"), Some(order), |_, peer| peer.sends(b"one"));
    if seen.end == Some(End::TimedOut) {
        seen.run.diagnose(
            "drain-waits-for-the-idle",
            "The server was told to finish, and it waited until the connection had been idle for 20 seconds.",
        );
    }
    seen.came_back(b"one");
    seen.completed();
    if seen.at != order {
        seen.run
            .departs("There was nothing left to do when the order came.");
    }
    snapshot!(seen.run);
}

#[test]
fn what_is_being_sent_then_is_sent_first() {
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
            "When the order to finish came, something had been read and was still to be sent, and more was there to be read. What was received is \
             to come back.",
        );
    }
    seen.came_back(b"12345678the rest");
    seen.completed();
    snapshot!(seen.run);
}

#[test]
fn who_does_not_take_it_is_idle_then_too() {
    let seen = served(run!(), Some(Duration::from_secs(5)), |_, peer| {
        peer.stops_taking();
        peer.sends(b"12345678");
    });
    match seen.end {
        Some(End::TimedOut) => {}
        None => seen.run.diagnose(
            "never-times-out",
            "The peer takes nothing, the server is to finish, and the connection waits for ever.",
        ),
        Some(end) => seen.run.departs(format!(
            "The peer has taken nothing, and the server sees the connection {}.",
            in_words(end)
        )),
    }
}

#[test]
fn so_is_who_takes_nothing_of_what_came_with_the_order() {
    let order = Some(Duration::from_secs(5));
    let seen = served_as(run!(), Arrives::AfterTheOrder, order, |_, peer| {
        peer.stops_taking();
        peer.sends(b"12345678");
    });
    match seen.end {
        Some(End::TimedOut) => {}
        None => seen.run.diagnose(
            "never-times-out",
            "What had come when the server was to finish was read, the peer takes nothing of it, and the connection waits for ever: nothing times \
             it out while it drains.",
        ),
        Some(End::Completed) if seen.peer.taken() == 0 => seen.run.diagnose(
            "dropped-in-flight",
            "Something came together with the order to finish, and the connection was closed with it unread.",
        ),
        Some(end) => seen.run.departs(format!(
            "The peer has taken nothing, and the server sees the connection {}.",
            in_words(end)
        )),
    }
}
