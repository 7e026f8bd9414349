//! The two ends of a connection, and what was sent and noted.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use super::super::subject::{Passed, pass_on, send};
use cancellation::{Source, Token};
use echo_server::figures::Tally;
use echo_server::{Activity, Limits};
use event_loop::{Time, Timer};
use probe::{Recorder, Run, run};
use probe_futures::{Sim, poller};
use probe_io::stream::show;
use probe_io::{Peer, Stream, stream};
use probe_loop::{Clock, HandClock};
use state_machines::{Winner, race};

/// How many bytes the shared buffer of these runs holds.
pub(super) const ROOM: usize = 8;

/// A connection, and what it shares with the other connections.
pub(super) struct World {
    pub(super) run: Run,
    pub(super) sim: Sim,
    pub(super) clock: Clock,
    pub(super) drain: Token,
    pub(super) buffer: RefCell<Box<[u8]>>,
    pub(super) tally: Tally,
    pub(super) stream: Stream,
    pub(super) peer: Peer,
    /// The event at which the last call returned.
    pub(super) returned: Option<usize>,
}

impl World {
    pub(super) fn new(run: Run) -> World {
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

    /// The peer has sent these bytes, and they have arrived.
    pub(super) fn arrived(run: Run, bytes: &[u8]) -> World {
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
    pub(super) fn step(&mut self) -> Poll<io::Result<Passed>> {
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
                "`pass_on` returned, and the shared buffer is still borrowed. The next connection that borrows it panics.",
            );
        }
        passed
    }

    /// One step that finds bytes.
    #[track_caller]
    pub(super) fn passed(&mut self, right_count: usize) -> Vec<u8> {
        let (read, before) = (self.peer.taken(), self.peer.received().len());
        match self.step() {
            Poll::Ready(Ok(Passed::Some { count, rest })) => {
                if count != right_count {
                    self.run.departs_at(
                        self.returned,
                        format!("The step read {right_count} bytes, and `count` is {count}."),
                    );
                }
                rest
            }
            Poll::Pending if self.peer.taken() > read => self.run.diagnose(
                "lost-on-pending",
                "The step read bytes, and returned `Pending`. They were in the shared buffer only, and the next read overwrites them.",
            ),
            Poll::Pending => self
                .run
                .departs("There are bytes to read, and the step returned `Pending`."),
            Poll::Ready(Ok(Passed::End)) => self.run.departs(format!(
                "The peer has not sent its end, and the step returned `End`, after it had written {} bytes.",
                self.peer.received().len() - before
            )),
            Poll::Ready(Err(error)) => self.run.departs(format!(
                "No operation of the stream failed, and your code returned an error: {error}."
            )),
        }
    }

    #[track_caller]
    pub(super) fn received(&self, right: &[u8]) {
        if self.peer.received() != right {
            self.run.departs(format!(
                "Expected at this point: the peer has received {}.",
                show(right)
            ));
        }
    }

    /// What the figures say.
    #[track_caller]
    pub(super) fn counted(&self, bytes_in: u64, bytes_out: u64) {
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
                    "The peer took {bytes_out} bytes, and {counted_out} are counted as sent. Bytes that are still to be written are not sent yet."
                ),
            );
        }
        let (call, field) = match counted_in == bytes_in {
            true => ("sent(count)", "once for the bytes of each write"),
            false => ("received(count)", "once for the bytes of each read"),
        };
        self.run.departs(format!(
            "Expected: {bytes_in} bytes in, {bytes_out} bytes out. `limits.tally.{call}` counts, {field}."
        ));
    }
}

pub(super) fn in_words(passed: &Poll<io::Result<Passed>>) -> String {
    match passed {
        Poll::Pending => "pending".to_owned(),
        Poll::Ready(Ok(Passed::End)) => "End".to_owned(),
        Poll::Ready(Ok(Passed::Some { count, rest })) => {
            format!("{count} read, the rest is {}", show(rest))
        }
        Poll::Ready(Err(error)) => format!("{:?}", error.kind()),
    }
}

/// Sends a rest, and returns how it went.
#[track_caller]
pub(super) fn sent(world: &mut World, rest: &[u8], activity: &Activity) -> io::Result<()> {
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
        run.departs("The peer takes what is written, and `send` waits forever.");
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

/// The same with an idle time-out beside it, which fires if nothing is noted between the first byte and the last.
#[track_caller]
pub(super) fn slow_and_watched() {
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
        (world.run.recorder()).says("activity", "nothing is noted for 5 ms");
        world.run.diagnose(
            "slow-taken-for-idle",
            "The peer takes 1 byte each millisecond, and for 5 ms `send` noted nothing. The server would close a peer that takes a large rest \
             slowly.",
        );
    }
}

/// The time of the last note: an idle time-out of a minute shows it.
pub(super) fn last(activity: &Activity, world: &World) -> Time {
    let minute = Duration::from_secs(60);
    let limits = world.limits();
    let idle = activity.idle_for(minute, limits.timer);
    if world.sim.run_unrecorded(pin!(idle)).is_err() {
        world.run.departs("The idle time-out never fires.");
    }
    Time::after_start(world.clock.now().since_start() - minute)
}

/// Whether activity was noted at this time: an idle time-out of a nanosecond has not passed then.
pub(super) fn noted(activity: &Activity, now: Time) -> bool {
    let clock = HandClock::at(now);
    let idle = activity.idle_for(Duration::from_nanos(1), &clock);
    poller(&Recorder::new(), "").poll(pin!(idle)).is_pending()
}
