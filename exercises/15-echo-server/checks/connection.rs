//! 15.7 connection: one connection's life, from an empty function.

use std::borrow::Cow;
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
use echo_server::figures::{Figures, Tally};
use event_loop::{Time, Timer};
use futures::io::{AsyncRead, AsyncWrite};
use probe::runs::{Machine, Operation, Search, Step};
use probe::{Recorder, Run, run, snapshot};
use probe_futures::{Poller, Sim, poller};
use probe_io::hostile::{Answer, Broken, Ended, Script, Witness, hostile};
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
    /// `None` if it waits forever.
    end: Option<End>,
    at: Duration,
}

/// Serves one client, which the script plays. The server is told to finish at the time `order`.
#[track_caller]
fn served(run: Run, order: Option<Duration>, script: impl FnOnce(&Sim, &Peer)) -> Seen {
    served_as(run, Arrives::AtOnce, Closes::AtOnce, order, script)
}

/// Whether the stream's close completes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Closes {
    AtOnce,
    Never,
}

/// When the peer's bytes can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arrives {
    /// As soon as the peer has sent them.
    AtOnce,
    /// In the iteration after the one in which the server is told to finish.
    AfterTheOrder,
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
fn served_as(
    run: Run,
    arrives: Arrives,
    closes: Closes,
    order: Option<Duration>,
    script: impl FnOnce(&Sim, &Peer),
) -> Seen {
    let sim = Sim::new(&run);
    let clock = Clock::new(&run, &sim);
    let (stream, peer) = stream(&run, &sim);
    let open = Rc::new(Cell::new(arrives == Arrives::AtOnce));
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

fn in_words(end: End) -> &'static str {
    match end {
        End::Completed => "completed",
        End::Reset => "reset",
        End::TimedOut => "timed out",
    }
}

/// Something happens at this time.
fn at(sim: &Sim, peer: &Peer, millis: u64, what: impl FnOnce(&Peer) + Send + 'static) {
    let peer = peer.clone();
    sim.at(Duration::from_millis(millis - 1), move || what(&peer));
}

impl Seen {
    #[track_caller]
    fn came_back(&self, right: &[u8]) {
        if self.peer.received() != right {
            self.run
                .departs(format!("Expected: the peer has received {}.", show(right)));
        }
    }

    #[track_caller]
    fn completed(&self) {
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
    fn timed_out_at(&self, seconds: u64) {
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

/// What a client sends in these runs: more than twice the shared buffer.
const TEXT: &[u8] = b"one two three four five";

#[test]
fn every_short_script_of_the_stream_has_the_right_outcome() {
    let run = run!();
    for script in Script::of_all(3) {
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

/// Serves a stream that answers so. The server is told to finish after `order` polls.
#[track_caller]
fn answered(run: &Run, script: &Script, order: Option<usize>, text: &[u8], room: usize) {
    let sim = Sim::new(run);
    let clock = Clock::new(run, &sim);
    let (stream, witness) = hostile(run, script, text);
    let (tally, drain) = (Tally::default(), Source::new());
    let buffer = RefCell::new(vec![0; room].into_boxed_slice());
    let limits = Limits {
        timer: &clock,
        idle_timeout: IDLE,
        drain: &drain.token(),
        buffer: &buffer,
        tally: &tally,
    };
    let mut polls = 0;
    let is_told = |polls: usize| {
        if order == Some(polls) {
            (run.recorder()).says("server", "is told to finish");
            drain.cancel();
        }
    };
    is_told(0);
    let life = async {
        match connection(stream, limits).await {
            End::Completed => Ok(()),
            End::Reset => Err(io::Error::from(
                witness.failure().map_or(ErrorKind::Other, |(_, kind)| kind),
            )),
            End::TimedOut => run.departs("No time has passed, and the connection is timed out."),
        }
    };
    let ended = witness.drive(pin!(life), || {
        polls += 1;
        is_told(polls);
        after_each_poll(run, &witness, &tally, &buffer, room);
    });
    if drain.token().is_cancelled() && may_stop_reading(script) {
        witness.ends_here();
    }
    let completed = matches!(ended, Ended::Ready(Ok(())));
    witness.judge(ended, &witness.input(), |broken| match broken {
        Broken::ErrorHidden(_) => Some("error-swallowed"),
        Broken::Incomplete => Some("short-write-ignored"),
        Broken::Unread if order.is_some() => Some("dropped-in-flight"),
        Broken::Unread => Some("ends-with-bytes-unread"),
        Broken::CalledAfterFailure(_) => Some("used-after-an-error"),
        _ => None,
    });
    if completed && !witness.is_closed() {
        run.diagnose(
            "dropped-instead-of-closed",
            "Every byte was sent, and the stream was dropped without being closed: the peer cannot tell this from a broken connection.",
        );
    }
    if !witness.is_dropped() {
        run.diagnose(
            "never-dropped",
            "The connection ended, and the stream was not dropped.",
        );
    }
}

#[track_caller]
fn after_each_poll(
    run: &Run,
    witness: &Witness,
    tally: &Tally,
    buffer: &RefCell<Box<[u8]>>,
    room: usize,
) {
    if buffer.try_borrow_mut().is_err() {
        run.diagnose(
            "buffer-kept",
            "The poll returned, and the shared buffer is still borrowed. The next connection that borrows it panics.",
        );
    }
    if witness.most_held() > room {
        witness.report(Broken::HoldsTooMuch, TEXT, Some("no-backpressure"));
    }
    let Figures {
        bytes_in,
        bytes_out,
        ..
    } = tally.figures();
    let (read, sent) = (witness.read() as u64, witness.written().len() as u64);
    if (bytes_in, bytes_out) != (read, sent) {
        (run.recorder()).says(
            "figures",
            format!("{bytes_in} bytes in, {bytes_out} bytes out"),
        );
        let expected =
            format!("Expected when this poll returned: {read} bytes in, {sent} bytes out.");
        if bytes_in < read || bytes_out < sent {
            run.diagnose("bytes-not-counted", expected);
        }
        run.departs(expected);
    }
}

/// A pending read says that no more bytes have arrived.
fn may_stop_reading(script: &Script) -> bool {
    let pending = |answer: &Answer| matches!(answer, Answer::Pending | Answer::Interrupted);
    script.reads.iter().any(pending)
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
            (run.recorder()).says("stream", "is not dropped");
            run.diagnose(
                "never-dropped",
                format!("The future was dropped after {polls} polls, and the stream was not: its descriptor stays open."),
            );
        }
    }
}

/// What can happen to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    Sends,
    Ends,
    Breaks,
    StopsTaking,
    TakesAgain,
    Order,
    Passes(u64),
}

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Move::Order => "server".into(),
            Move::Passes(_) => "clock".into(),
            _ => "peer".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Sends => "sends \"hello world\"".into(),
            Move::Ends => "ends".into(),
            Move::Breaks => "breaks: ConnectionReset".into(),
            Move::StopsTaking => "takes no more bytes".into(),
            Move::TakesAgain => "takes bytes again".into(),
            Move::Order => "is told to finish".into(),
            Move::Passes(seconds) => format!("{seconds} s pass").into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Move::Sends => "the peer sent 11 bytes".into(),
            Move::Ends => "the peer sent its end".into(),
            Move::Breaks => "the connection broke".into(),
            Move::StopsTaking => "the peer stopped taking bytes".into(),
            Move::TakesAgain => "the peer took bytes again".into(),
            Move::Order => "the server was told to finish".into(),
            Move::Passes(seconds) => format!("{seconds} s passed").into(),
        }
    }
}

const MOVES: [Move; 8] = [
    Move::Sends,
    Move::Ends,
    Move::Breaks,
    Move::StopsTaking,
    Move::TakesAgain,
    Move::Order,
    Move::Passes(7),
    Move::Passes(14),
];

/// One connection, and how it has ended.
struct Served {
    sim: Sim,
    peer: Peer,
    drain: Source,
    tally: Rc<Tally>,
    task: Poller,
    life: Option<Pin<Box<dyn Future<Output = String>>>>,
    end: Option<String>,
    sent_its_end: bool,
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

impl Served {
    fn poll(&mut self) {
        let Some(life) = &mut self.life else {
            return;
        };
        if let Poll::Ready(end) = self.task.poll(life.as_mut()) {
            self.end = Some(end);
            self.life = None;
        }
    }

    /// Lets this time pass. Polls the connection whenever it is woken.
    fn pass(&mut self, time: Duration) {
        let until = self.sim.now() + time;
        let mut polled = 0;
        for _ in 0..1_000 {
            let wakes = self.task.wakes();
            if wakes > polled {
                polled = wakes;
                self.poll();
            } else if self.sim.next_event().is_some_and(|next| next <= until) {
                self.sim.advance();
            } else {
                break;
            }
        }
        self.sim.advance_to(until);
    }

    fn step(&self) -> Step {
        let outcome = self.end.clone().unwrap_or_else(|| "still open".to_owned());
        let Figures {
            bytes_in,
            bytes_out,
            ..
        } = self.tally.figures();
        let wire = match self.peer.sees_the_end() {
            Wire::Closed => "sees the end",
            Wire::Dropped => "sees the connection dropped",
            Wire::Open => "sees no end",
        };
        let received = show(&self.peer.received());
        Step::of(outcome)
            .fact("peer", format!("has received {received}, {wire}"))
            .fact(
                "figures",
                format!("{bytes_in} bytes in, {bytes_out} bytes out"),
            )
    }
}

impl Machine for Served {
    type Operation = Move;

    fn apply(&mut self, operation: &Move) -> Option<Step> {
        self.life.as_ref()?;
        let sends = matches!(operation, Move::Sends | Move::Ends | Move::Breaks);
        if sends && self.sent_its_end {
            return None;
        }
        self.sent_its_end |= matches!(operation, Move::Ends | Move::Breaks);
        let mut time = Duration::from_millis(1);
        match operation {
            Move::Sends => self.peer.sends(b"hello world"),
            Move::Ends => self.peer.ends(),
            Move::Breaks => self.peer.breaks(ErrorKind::ConnectionReset),
            Move::StopsTaking => self.peer.stops_taking(),
            Move::TakesAgain => self.peer.takes_again(),
            Move::Order => drop(self.drain.cancel()),
            Move::Passes(seconds) => time = Duration::from_secs(*seconds),
        }
        self.pass(time);
        Some(self.step())
    }

    fn end(mut self) -> Step {
        self.pass(Duration::from_secs(100));
        self.step()
    }
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
