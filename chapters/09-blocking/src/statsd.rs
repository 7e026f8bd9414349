//! Numbers for a StatsD server, which no task ever waits for.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt::{self, Write};
use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use event_loop::Timer;
use state_machines::{Winner, race};

/// How [`Metrics`] pack and keep what they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packing {
    /// The longest packet, in bytes. 1,432 fit into one frame of an Ethernet; a packet that is cut into
    /// several is lost if one of them is. (StatsD's own documentation of its packets gives the figure.)
    pub packet: usize,
    /// How many packets wait at most until they are sent.
    pub packets: usize,
    /// How long a line waits at most for others that share its packet.
    pub every: Duration,
}

impl Default for Packing {
    fn default() -> Packing {
        Packing {
            packet: 1_432,
            packets: 64,
            every: Duration::from_secs(1),
        }
    }
}

// ANCHOR: metrics
/// Counts and times, for a StatsD server. A clone is the same queue.
///
/// Each call writes one line into a packet and returns: it never waits, and never fails. [`send`] sends
/// the packets, as one task of the loop. If they are made faster than they are sent, lines are dropped,
/// and the next packet says how many, as the counter `statsd.dropped`.
///
/// A name or a set's member cannot end its line: each `:`, `|`, `@` and control character of it becomes
/// `_`.
///
/// ```
/// use blocking::statsd::{Metrics, Packing, send};
/// use event_loop::EventLoop;
///
/// let metrics = Metrics::new(Packing::default());
/// metrics.count("requests", 1);
/// metrics.gauge("connections", 12);
/// metrics.finish();
/// let event_loop = EventLoop::new();
/// let mut packets = Vec::new();
/// let sent = send(&metrics, event_loop.handle(), async |packet: &[u8]| {
///     packets.push(String::from_utf8_lossy(packet).into_owned());
///     Ok(())
/// });
/// event_loop.block_on(sent);
/// assert_eq!(packets, ["requests:1|c\nconnections:12|g"]);
/// ```
#[derive(Clone)]
pub struct Metrics {
    shared: Rc<Shared>,
}

struct Shared {
    packing: Packing,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    /// The last one has room.
    packets: VecDeque<Packet>,
    dropped: u64,
    /// How many of these a packet tells, or has told.
    told: u64,
    finished: bool,
    sender: Option<Waker>,
}
// ANCHOR_END: metrics

#[derive(Default)]
struct Packet {
    text: String,
    lines: u64,
    /// How many dropped lines it reports.
    tells: u64,
}

impl Metrics {
    /// A queue without a line.
    ///
    /// # Panics
    ///
    /// If no packet may wait.
    #[must_use]
    pub fn new(packing: Packing) -> Metrics {
        assert!(packing.packets > 0, "one packet has to wait");
        Metrics {
            shared: Rc::new(Shared {
                packing,
                state: RefCell::default(),
            }),
        }
    }

    /// Adds to a counter.
    pub fn count(&self, name: &str, change: i64) {
        self.line(name, change, "c");
    }

    /// Sets a gauge. A negative number would change it by that much, as StatsD reads it, so a gauge below
    /// zero is set to zero first.
    pub fn gauge(&self, name: &str, value: i64) {
        if value < 0 {
            self.line(name, 0, "g");
        }
        self.line(name, value, "g");
    }

    /// Notes how long something took, in whole milliseconds.
    pub fn timing(&self, name: &str, took: Duration) {
        self.line(name, took.as_millis(), "ms");
    }

    /// Adds a member to a set, whose size the server reports.
    pub fn unique(&self, name: &str, member: &str) {
        self.line(name, clean(member), "s");
    }

    /// How many lines have been dropped.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.shared.state.borrow().dropped
    }

    /// Lets [`send`] end when it has sent what there is. Later lines are dropped, and counted.
    pub fn finish(&self) {
        let mut state = self.shared.state.borrow_mut();
        state.finished = true;
        let sender = state.sender.take();
        drop(state);
        if let Some(sender) = sender {
            sender.wake();
        }
    }

    fn line(&self, name: &str, value: impl fmt::Display, kind: &str) {
        let line = format!("{}:{value}|{kind}", clean(name));
        let mut state = self.shared.state.borrow_mut();
        let wakes = state.add(&self.shared.packing, &line);
        // The sender wakes for the first line, whose time begins, and for each packet that is full.
        let sender = match wakes {
            true => state.sender.take(),
            false => None,
        };
        drop(state);
        if let Some(sender) = sender {
            sender.wake();
        }
    }
}

impl State {
    /// Adds a line, or counts it as dropped. Whether the sender has something new to do.
    fn add(&mut self, packing: &Packing, line: &str) -> bool {
        let first = self.packets.is_empty();
        let fits = |packet: &Packet| packet.text.len() + 1 + line.len() <= packing.packet;
        let begins = !self.packets.back().is_some_and(fits);
        let full = begins && self.packets.len() == packing.packets;
        if self.finished || full || line.len() > packing.packet {
            self.dropped += 1;
            return false;
        }
        if begins {
            self.packets.push_back(Packet::default());
        }
        if let Some(packet) = self.packets.back_mut() {
            packet.add(line);
            packet.lines += 1;
        }
        begins || first
    }

    /// The next packet that is to be sent: a full one, or also the last one. At the end, one that only says
    /// what was dropped.
    fn next(&mut self, packing: &Packing, also_the_last: bool) -> Option<Packet> {
        if self.packets.len() < 2 && !also_the_last && !self.finished {
            return None;
        }
        let untold = self.dropped - self.told;
        let at_the_end = || (self.finished && untold > 0).then(Packet::default);
        let mut packet = self.packets.pop_front().or_else(at_the_end)?;
        let line = format!("statsd.dropped:{untold}|c");
        if untold > 0 && packet.text.len() + 1 + line.len() <= packing.packet {
            packet.add(&line);
            packet.tells = untold;
            self.told = self.dropped;
        } else if packet.lines == 0 {
            return None; // A packet has no room for the number.
        }
        Some(packet)
    }

    /// A packet was not sent.
    fn lost(&mut self, packet: &Packet) {
        self.dropped += packet.lines;
        self.told -= packet.tells;
    }
}

impl Packet {
    fn add(&mut self, line: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(line);
    }
}

fn clean(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for char in name.chars() {
        let reserved = matches!(char, ':' | '|' | '@') || char.is_control();
        let _ = out.write_char(if reserved { '_' } else { char });
    }
    out
}

/// Sends what [`Metrics`] collect, a packet at a time, until they are [finished](Metrics::finish) and
/// nothing is left: a full packet at once, any other after [`Packing::every`].
///
/// The lines of a packet that `packet` fails to send count as dropped. It is not sent again: a metric that
/// comes late is wrong, and the server that is missing does not come back faster.
///
/// # Cancel safety
///
/// Dropping it drops the packet that it was sending, which is not counted. The other packets stay, and
/// another `send` goes on with them.
pub async fn send<T, S>(metrics: &Metrics, timer: T, mut packet: S)
where
    T: Timer,
    S: AsyncFnMut(&[u8]) -> io::Result<()>,
{
    let Shared { packing, state } = &*metrics.shared;
    loop {
        until(state, |state| !state.packets.is_empty()).await;
        let full = until(state, |state| state.packets.len() > 1);
        let time_is_up = match race(full, timer.sleep(packing.every)).await {
            Winner::First(()) => false,
            Winner::Second(()) => true,
        };
        while let Some(next) = next(state, packing, time_is_up) {
            if packet(next.text.as_bytes()).await.is_err() {
                state.borrow_mut().lost(&next);
            }
        }
        if state.borrow().finished {
            return;
        }
    }
}

fn next(state: &RefCell<State>, packing: &Packing, also_the_last: bool) -> Option<Packet> {
    state.borrow_mut().next(packing, also_the_last)
}

/// Waits until this is true of the state, or the metrics are finished.
async fn until(state: &RefCell<State>, done: impl Fn(&State) -> bool) {
    poll_fn(|context| {
        let mut state = state.borrow_mut();
        if done(&state) || state.finished {
            return Poll::Ready(());
        }
        let old = state.sender.replace(context.waker().clone());
        drop(state);
        drop(old); // A waker's destructor is code of a caller.
        Poll::Pending
    })
    .await;
}

impl fmt::Debug for Metrics {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.shared.state.borrow();
        out.debug_struct("Metrics")
            .field("packets", &state.packets.len())
            .field("dropped", &state.dropped)
            .finish_non_exhaustive()
    }
}
