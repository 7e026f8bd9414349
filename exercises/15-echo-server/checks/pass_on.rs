//! 15.2 pass-on: the step that an echo consists of.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use super::subject::{Passed, pass_on, send};
use cancellation::{Source, Token};
use echo_server::figures::Tally;
use echo_server::{Activity, Limits};
use event_loop::{Time, Timer};
use probe::{Recorder, Run, run, snapshot};
use probe_futures::{Sim, poller};
use probe_io::stream::show;
use probe_io::{Peer, Stream, stream};
use probe_loop::Clock;
use state_machines::{Winner, race};

/// How many bytes the shared buffer of these runs holds.
const ROOM: usize = 8;

/// A connection, and what it shares with the others.
struct World {
    run: Run,
    sim: Sim,
    clock: Clock,
    drain: Token,
    buffer: RefCell<Box<[u8]>>,
    tally: Tally,
    stream: Stream,
    peer: Peer,
    /// The event at which the last call returned.
    returned: Option<usize>,
}

impl World {
    fn new(run: Run) -> World {
        let sim = Sim::new(&run);
        let (stream, peer) = stream(&run, &sim);
        World {
            clock: Clock::new(&run, &sim),
            drain: Source::new().token(),
            buffer: RefCell::new(vec![0; ROOM].into_boxed_slice()),
            tally: Tally::default(),
            run,
            sim,
            stream,
            peer,
            returned: None,
        }
    }

    /// The peer has sent this, and it is here.
    fn arrived(run: Run, bytes: &[u8]) -> World {
        let world = World::new(run);
        world.peer.sends(bytes);
        world.sim.advance();
        world
    }

    fn limits(&self) -> Limits<'_, Clock> {
        Limits {
            timer: &self.clock,
            idle_timeout: Duration::from_secs(60),
            drain: &self.drain,
            buffer: &self.buffer,
            tally: &self.tally,
        }
    }

    /// One step, as one poll.
    fn step(&mut self) -> Poll<io::Result<Passed>> {
        let limits = Limits {
            timer: &self.clock,
            idle_timeout: Duration::from_secs(60),
            drain: &self.drain,
            buffer: &self.buffer,
            tally: &self.tally,
        };
        let stream = &mut self.stream;
        let call = self.run.recorder().enters("echo", "pass_on");
        let passed = poller(self.run.recorder(), "echo")
            .poll(pin!(poll_fn(|context| pass_on(stream, &limits, context))));
        call.returns(in_words(&passed));
        self.returned = self.run.recorder().last_event();
        let received = self.peer.received();
        self.run
            .recorder()
            .says("peer", format!("has received {}", show(&received)));
        if self.buffer.try_borrow_mut().is_err() {
            self.run.diagnose(
                "buffer-kept",
                "The call is over, and the shared buffer is still borrowed. All connections share it: the next one that wants it panics.",
            );
        }
        passed
    }

    /// One step that finds something.
    #[track_caller]
    fn passed(&mut self, right_count: usize) -> Vec<u8> {
        let (read, before) = (self.peer.taken(), self.peer.received().len());
        match self.step() {
            Poll::Ready(Ok(Passed::Some { count, rest })) => {
                if count != right_count {
                    self.run.departs_at(
                        self.returned,
                        format!("{right_count} bytes were read, and it says {count}."),
                    );
                }
                rest
            }
            Poll::Pending if self.peer.taken() > read => self.run.diagnose(
                "lost-on-pending",
                "It read, could not write at once, and was pending. What it had read was in the shared buffer, and nobody has it now: the next \
                 call reads anew.",
            ),
            Poll::Pending => self
                .run
                .departs("There is something to read, and it is pending."),
            Poll::Ready(Ok(Passed::End)) => self.run.departs(format!(
                "The peer has sent no end, and that is what came out, after {} bytes.",
                self.peer.received().len() - before
            )),
            Poll::Ready(Err(error)) => self.run.departs(format!(
                "An error came out that nobody had put in: {error}."
            )),
        }
    }

    #[track_caller]
    fn received(&self, right: &[u8]) {
        if self.peer.received() != right {
            self.run.departs(format!(
                "The peer should have received {} by now.",
                show(right)
            ));
        }
    }

    /// What the figures say.
    #[track_caller]
    fn counted(&self, bytes_in: u64, bytes_out: u64) {
        let figures = self.tally.figures();
        let (counted_in, counted_out) = (figures.bytes_in, figures.bytes_out);
        if (counted_in, counted_out) == (bytes_in, bytes_out) {
            return;
        }
        self.run.recorder().says(
            "figures",
            format!("{counted_in} bytes in, {counted_out} bytes out"),
        );
        if counted_in == bytes_in && counted_out > bytes_out {
            self.run.diagnose(
                "counted-before-sent",
                format!(
                    "{bytes_out} bytes were taken by the peer, and {counted_out} are counted as sent. What is still to be written has not been \
                     sent."
                ),
            );
        }
        let (call, field) = match counted_in == bytes_in {
            true => ("sent(count)", "after each write"),
            false => ("received(count)", "after each read"),
        };
        self.run.departs(format!(
            "The figures should say {bytes_in} bytes in, {bytes_out} bytes out. `limits.tally.{call}` counts, and is called {field}."
        ));
    }
}

fn in_words(passed: &Poll<io::Result<Passed>>) -> String {
    match passed {
        Poll::Pending => "pending".to_owned(),
        Poll::Ready(Ok(Passed::End)) => "End".to_owned(),
        Poll::Ready(Ok(Passed::Some { count, rest })) => {
            format!("{count} read, the rest is {}", show(rest))
        }
        Poll::Ready(Err(error)) => format!("{:?}", error.kind()),
    }
}

#[test]
fn what_is_there_is_written_back() {
    let mut world = World::arrived(run!("all_at_once"), b"hello");
    let rest = world.passed(5);
    if rest == b"hello" && world.peer.received() == b"hello" {
        world.run.diagnose_at(
            world.returned,
            "written-twice",
            "The peer has taken everything, and what was taken is in the rest once more: it will be written again.",
        );
    }
    if !rest.is_empty() && world.peer.received() == b"hello" {
        world.run.departs_at(
            world.returned,
            format!(
                "The peer has taken everything, and the rest is {}, which it has not sent.",
                show(&rest)
            ),
        );
    }
    world.received(b"hello");
    if rest.capacity() > 0 {
        world.run.diagnose(
            "allocated-for-nothing",
            "Everything was written at once, and yet memory was allocated for a rest of nothing. This happens for each message that the server \
             echoes.",
        );
    }
    snapshot!(world.run);
}

#[test]
fn while_nothing_is_there_it_is_pending_and_is_woken() {
    let mut world = World::new(run!("nothing_there"));
    if world.step().is_ready() {
        world
            .run
            .departs("The peer has sent nothing and has not ended: there is nothing to report.");
    }
    world.peer.sends(b"hi");
    world.sim.advance();
    let rest = world.passed(2);
    world.received(b"hi");
    assert!(rest.is_empty());
    snapshot!(world.run);
}

#[test]
fn what_the_peer_does_not_take_at_once_is_the_rest() {
    let mut world = World::arrived(run!("a_part"), b"hello");
    world.peer.takes(2);
    let rest = world.passed(5);
    match &rest[..] {
        b"llo" => {}
        b"" => world.run.diagnose_at(
            world.returned,
            "short-write-ignored",
            "The peer took two bytes of five, and there is no rest. A write says how many bytes were taken.",
        ),
        b"hello" => world.run.diagnose_at(
            world.returned,
            "written-twice",
            "The peer took \"he\", and the rest is \"hello\": what was taken already will be written again.",
        ),
        rest => world.run.departs_at(
            world.returned,
            format!("The peer took \"he\", and the rest is {}.", show(rest)),
        ),
    }
    world.received(b"he");
    snapshot!(world.run);
}

#[test]
fn what_cannot_be_written_at_all_is_the_rest_too() {
    let mut world = World::arrived(run!("stalled"), b"hello");
    world.peer.stops_taking();
    let rest = world.passed(5);
    if rest != b"hello" {
        world.run.diagnose_at(
            world.returned,
            "lost-on-pending",
            format!(
                "Writing was pending, and of the five bytes that were read the rest has {}. The others are nowhere any more: the buffer is for \
                 the next one.",
                rest.len()
            ),
        );
    }
    snapshot!(world.run);
}

#[test]
fn no_more_is_read_than_the_shared_buffer_holds() {
    let mut world = World::arrived(run!(), b"twenty bytes, or so..");
    world.peer.stops_taking();
    let _rest = world.step();
    if world.peer.taken() > ROOM {
        world.run.diagnose(
            "no-backpressure",
            format!(
                "{} bytes were read in one step, the peer takes none, and the shared buffer holds {ROOM}. How much one connection may have in \
                 memory is for the server to say, and it says it with that buffer.",
                world.peer.taken()
            ),
        );
    }
    let mut world = World::arrived(run!(), b"twenty bytes, or so..");
    for part in [&b"twenty b"[..], b"ytes, or", b" so.."] {
        let before = world.peer.received();
        let _ = world.passed(part.len());
        world.received(&[&before[..], part].concat());
    }
}

#[test]
fn when_the_peer_has_ended_that_is_what_comes_out() {
    let mut world = World::new(run!("the_end"));
    world.peer.sends_with_the_end(b"bye");
    world.sim.advance();
    world.passed(3);
    match world.step() {
        Poll::Ready(Ok(Passed::End)) => {}
        Poll::Ready(Ok(Passed::Some { count: 0, .. })) => world.run.diagnose(
            "end-taken-for-a-message",
            "Reading gave no bytes, which is how a stream says that it has ended, and it came out as a message of no bytes. Whoever calls this \
             calls it again and again.",
        ),
        Poll::Pending => world.run.diagnose(
            "end-taken-for-wouldblock",
            "Reading gave no bytes, which is how a stream says that it has ended, and it was taken for \"nothing yet\". Nothing will come, and \
             nobody wakes it.",
        ),
        _ => world
            .run
            .departs("The peer has sent its end, and something else came out."),
    }
    snapshot!(world.run);
}

#[test]
fn an_error_comes_out() {
    let mut world = World::new(run!());
    world.peer.breaks(ErrorKind::ConnectionReset);
    world.sim.advance();
    if !matches!(world.step(), Poll::Ready(Err(_))) {
        world.run.diagnose(
            "error-swallowed",
            "Reading gave an error, and it did not come out.",
        );
    }
    let mut world = World::arrived(run!(), b"hello");
    world.peer.refuses(ErrorKind::BrokenPipe);
    if !matches!(world.step(), Poll::Ready(Err(_))) {
        world.run.diagnose(
            "error-swallowed",
            "Writing gave an error, and it did not come out.",
        );
    }
}

#[test]
fn what_was_read_and_what_was_sent_is_counted() {
    let mut world = World::arrived(run!(), b"hello");
    world.passed(5);
    world.counted(5, 5);
    let mut world = World::arrived(run!(), b"hello");
    world.peer.takes(2);
    world.passed(5);
    world.counted(5, 2);
    let mut world = World::arrived(run!(), b"hello");
    world.peer.stops_taking();
    world.passed(5);
    world.counted(5, 0);
}

/// Sends a rest, and returns how it went.
#[track_caller]
fn sent(world: &mut World, rest: &[u8], activity: &Activity) -> io::Result<()> {
    let (sim, run) = (world.sim.clone(), world.run.clone());
    let limits = Limits {
        timer: &world.clock,
        idle_timeout: Duration::from_secs(60),
        drain: &world.drain,
        buffer: &world.buffer,
        tally: &world.tally,
    };
    let call = run
        .recorder()
        .enters("echo", format!("send({})", show(rest)));
    let sending = send(&mut world.stream, rest.to_vec(), &limits, activity);
    let Ok(result) = sim.run_unrecorded(pin!(sending)) else {
        run.departs("It waits, and the peer takes what is written.");
    };
    call.returns(match &result {
        Ok(()) => "done".to_owned(),
        Err(error) => format!("{:?}", error.kind()),
    });
    let received = world.peer.received();
    run.recorder()
        .says("peer", format!("has received {}", show(&received)));
    result
}

#[test]
fn a_rest_is_sent_whole_and_in_order() {
    for piece in [1, 2, 100] {
        let mut world = World::new(run!());
        world.peer.takes(piece);
        let activity = Activity::begin(world.clock.now());
        if let Err(error) = sent(&mut world, b"hello", &activity) {
            world.run.departs(format!(
                "An error came out that nobody had put in: {error}."
            ));
        }
        let received = world.peer.received();
        if received.len() < 5 && b"hello".starts_with(&received[..]) {
            world.run.diagnose(
                "short-write-ignored",
                format!(
                    "The peer takes {piece} at a time, and `send` was done after {} of 5 bytes. A write says how many bytes were taken; the others \
                     are still to be written.",
                    received.len()
                ),
            );
        }
        if received.len() > 5 {
            world.run.diagnose(
                "written-twice",
                "The peer took a part, and the next write began at the beginning again.",
            );
        }
        world.received(b"hello");
        world.counted(0, 5);
    }
}

#[test]
fn a_peer_that_takes_nothing_at_all_is_an_error() {
    let mut world = World::new(run!());
    world.peer.takes_nothing();
    let activity = Activity::begin(world.clock.now());
    let run = world.run.clone();
    let result = run.risk(
        Some("zero-write-spins"),
        "The stream took no bytes and said so, and this was answered by trying again, without end.",
        || sent(&mut world, b"hello", &activity),
    );
    match result {
        Err(error) if error.kind() == ErrorKind::WriteZero => {}
        Err(_) => {}
        Ok(()) => run.diagnose(
            "error-swallowed",
            "The stream took no bytes and said so, and sending was done, as if they had been sent.",
        ),
    }
}

#[test]
fn a_peer_that_takes_little_is_not_idle() {
    let mut world = World::new(run!());
    world.peer.takes(1);
    let began = world.clock.now();
    let activity = Activity::begin(began);
    // For how long has nothing happened, by the time the last byte is out?
    let _ = sent(&mut world, b"slowly but surely", &activity);
    let now = world.clock.now();
    let idle_since = last(&activity, &world);
    let quiet = now.saturating_since(idle_since);
    slow_and_watched();
    if quiet > Duration::from_millis(1) {
        world.run.recorder().says(
            "activity",
            format!("nothing happened for {} ms", quiet.as_millis()),
        );
        world.run.diagnose(
            "slow-taken-for-idle",
            "The peer takes a byte each millisecond, and by the activity's account nothing has happened in the meantime. A slow peer would be \
             thrown out as an idle one.",
        );
    }
}

#[test]
fn what_was_read_counts_as_something_at_once() {
    let mut world = World::new(run!());
    world.peer.stops_taking();
    let activity = Activity::begin(world.clock.now());
    world.sim.advance_to(Duration::from_secs(10));
    {
        let limits = Limits {
            timer: &world.clock,
            idle_timeout: Duration::from_secs(60),
            drain: &world.drain,
            buffer: &world.buffer,
            tally: &world.tally,
        };
        let sending = send(&mut world.stream, b"hello".to_vec(), &limits, &activity);
        if poller(&Recorder::new(), "echo")
            .poll(pin!(sending))
            .is_ready()
        {
            world
                .run
                .departs("The peer takes nothing, and sending was done.");
        }
    }
    if last(&activity, &world) < Time::after_start(Duration::from_secs(10)) {
        (world.run.recorder()).says("echo", "send(\"hello\") waits for the peer");
        (world.run.recorder()).says("activity", "the last was noted 10 s ago");
        world.run.diagnose(
            "slow-taken-for-idle",
            "Something was read, and `send` was called with the rest of it; the peer does not take it yet, and by the activity's account nothing has \
             happened. It would be closed as idle too early.",
        );
    }
}

/// The same, with an idle time-out beside it: it comes if nothing is noted between the first byte and the last.
#[track_caller]
fn slow_and_watched() {
    let mut world = World::new(run!());
    world.peer.takes(1);
    let activity = Activity::begin(world.clock.now());
    let limits = Limits {
        timer: &world.clock,
        idle_timeout: Duration::from_secs(60),
        drain: &world.drain,
        buffer: &world.buffer,
        tally: &world.tally,
    };
    let rest = b"slowly but surely".to_vec();
    let sending = send(&mut world.stream, rest, &limits, &activity);
    let idle = activity.idle_for(Duration::from_millis(5), &world.clock);
    if let Ok(Winner::Second(())) = world.sim.run_unrecorded(pin!(race(sending, idle))) {
        (world.run.recorder()).says("peer", "takes a byte each millisecond");
        let received = show(&world.peer.received());
        (world.run.recorder()).says("peer", format!("has received {received}"));
        (world.run.recorder()).says("activity", "nothing happened for 5 ms");
        world.run.diagnose(
            "slow-taken-for-idle",
            "The peer takes a byte each millisecond, and while the rest goes out nothing is noted. A peer that takes a large rest slowly would \
             be thrown out as an idle one.",
        );
    }
}

/// When something happened last: what an idle time-out of a minute goes by.
fn last(activity: &Activity, world: &World) -> Time {
    let minute = Duration::from_secs(60);
    let limits = world.limits();
    let idle = activity.idle_for(minute, limits.timer);
    if world.sim.run_unrecorded(pin!(idle)).is_err() {
        world.run.departs("The idle time-out never comes.");
    }
    Time::after_start(world.clock.now().since_start() - minute)
}
