//! 15.2 pass-on: the step that an echo consists of.

use std::cell::RefCell;
use std::future::{Pending, pending, poll_fn};
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
use probe_io::hostile::{Answer, Broken, HostileStream, Operation, Script, Witness, hostile};
use probe_io::stream::show;
use probe_io::{Peer, Stream, stream};
use probe_loop::Clock;
use state_machines::{Winner, race};

/// How many bytes the shared buffer of these runs holds.
const ROOM: usize = 8;

/// A connection, and what it shares with the other connections.
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

    /// The peer has sent these bytes, and they have arrived.
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
                "`pass_on` returned, and the shared buffer is still borrowed. The next connection that borrows it panics.",
            );
        }
        passed
    }

    /// One step that finds bytes.
    #[track_caller]
    fn passed(&mut self, right_count: usize) -> Vec<u8> {
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
    fn received(&self, right: &[u8]) {
        if self.peer.received() != right {
            self.run.departs(format!(
                "Expected at this point: the peer has received {}.",
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
fn bytes_that_are_there_are_written_back_at_once() {
    let mut world = World::arrived(run!("all_at_once"), b"hello");
    let rest = world.passed(5);
    if rest == b"hello" && world.peer.received() == b"hello" {
        world.run.diagnose_at(
            world.returned,
            "written-twice",
            "The peer has taken all 5 bytes, and the rest holds them again: `send` will write them a second time.",
        );
    }
    if !rest.is_empty() && world.peer.received() == b"hello" {
        world.run.departs_at(
            world.returned,
            format!(
                "The peer has taken every byte, and the rest is {}. Expected: an empty rest.",
                show(&rest)
            ),
        );
    }
    world.received(b"hello");
    if rest.capacity() > 0 {
        world.run.diagnose(
            "allocated-for-nothing",
            "The peer took all 5 bytes at once, and the empty rest owns allocated memory. The server would pay for that with each message.",
        );
    }
    snapshot!(world.run);
}

#[test]
fn pending_while_nothing_is_there_and_woken_when_bytes_arrive() {
    let mut world = World::new(run!("nothing_there"));
    if world.step().is_ready() {
        world
            .run
            .departs("The peer has sent no byte and no end, and the step returned `Ready`. Expected: `Pending`.");
    }
    world.peer.sends(b"hi");
    world.sim.advance();
    let rest = world.passed(2);
    world.received(b"hi");
    assert!(rest.is_empty());
    snapshot!(world.run);
}

#[test]
fn bytes_that_the_peer_does_not_take_are_the_rest() {
    let mut world = World::arrived(run!("a_part"), b"hello");
    world.peer.takes(2);
    let rest = world.passed(5);
    match &rest[..] {
        b"llo" => {}
        b"" => world.run.diagnose_at(
            world.returned,
            "short-write-ignored",
            "The peer took 2 of 5 bytes, and the rest is empty: the other 3 are lost.",
        ),
        b"hello" => world.run.diagnose_at(
            world.returned,
            "written-twice",
            "The peer took \"he\", and the rest is \"hello\": `send` will write \"he\" a second time.",
        ),
        rest => world.run.departs_at(
            world.returned,
            format!("The peer took \"he\", and the rest is {}. Expected: \"llo\".", show(rest)),
        ),
    }
    world.received(b"he");
    snapshot!(world.run);
}

#[test]
fn if_the_write_is_pending_every_byte_is_the_rest() {
    let mut world = World::arrived(run!("stalled"), b"hello");
    world.peer.stops_taking();
    let rest = world.passed(5);
    if rest != b"hello" {
        world.run.diagnose_at(
            world.returned,
            "lost-on-pending",
            format!(
                "The write was pending, and the rest has {} of the 5 bytes that were read. The others are lost: the next read overwrites the \
                 shared buffer.",
                rest.len()
            ),
        );
    }
    snapshot!(world.run);
}

#[test]
fn a_step_reads_no_more_than_the_shared_buffer_holds() {
    let mut world = World::arrived(run!(), b"twenty bytes, or so..");
    world.peer.stops_taking();
    let _rest = world.step();
    if world.peer.taken() > ROOM {
        world.run.diagnose(
            "no-backpressure",
            format!(
                "One step read {} bytes while the peer took none, and the shared buffer holds {ROOM}. A connection may not hold more than that.",
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
fn a_read_of_zero_bytes_is_the_peers_end() {
    let mut world = World::new(run!("the_end"));
    world.peer.sends_with_the_end(b"bye");
    world.sim.advance();
    world.passed(3);
    match world.step() {
        Poll::Ready(Ok(Passed::End)) => {}
        Poll::Ready(Ok(Passed::Some { count: 0, .. })) => world.run.diagnose(
            "end-taken-for-a-message",
            "The read returned 0 bytes, which is the peer's end, and the step returned a message of 0 bytes. An echo would call it without end.",
        ),
        Poll::Pending => world.run.diagnose(
            "end-taken-for-wouldblock",
            "The read returned 0 bytes, which is the peer's end, and the step returned `Pending`. No waker is stored, so the task is never \
             woken.",
        ),
        _ => world
            .run
            .departs("The peer has sent its end, and the step did not return `End`."),
    }
    snapshot!(world.run);
}

#[test]
fn an_error_of_the_read_or_the_write_is_returned() {
    let mut world = World::new(run!());
    world.peer.breaks(ErrorKind::ConnectionReset);
    world.sim.advance();
    if !matches!(world.step(), Poll::Ready(Err(_))) {
        world.run.diagnose(
            "error-swallowed",
            "The read failed with ConnectionReset, and the step did not return an error.",
        );
    }
    let mut world = World::arrived(run!(), b"hello");
    world.peer.refuses(ErrorKind::BrokenPipe);
    if !matches!(world.step(), Poll::Ready(Err(_))) {
        world.run.diagnose(
            "error-swallowed",
            "The write failed with BrokenPipe, and the step did not return an error.",
        );
    }
}

#[test]
fn bytes_read_and_bytes_taken_are_counted() {
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

#[test]
fn send_writes_the_whole_rest_in_order() {
    for piece in [1, 2, 100] {
        let mut world = World::new(run!());
        world.peer.takes(piece);
        let activity = Activity::begin(world.clock.now());
        if let Err(error) = sent(&mut world, b"hello", &activity) {
            world.run.departs(format!(
                "No operation of the stream failed, and your code returned an error: {error}."
            ));
        }
        let received = world.peer.received();
        if received.len() < 5 && b"hello".starts_with(&received[..]) {
            world.run.diagnose(
                "short-write-ignored",
                format!(
                    "The peer takes {piece} bytes at a time, and `send` returned `Ok` after {} of 5 bytes.",
                    received.len()
                ),
            );
        }
        if received.len() > 5 {
            world.run.diagnose(
                "written-twice",
                "The peer took a part of the rest, and received it again with the next write.",
            );
        }
        world.received(b"hello");
        world.counted(0, 5);
    }
}

#[test]
fn a_write_of_zero_bytes_ends_send_with_write_zero() {
    let mut world = World::new(run!());
    world.peer.takes_nothing();
    let activity = Activity::begin(world.clock.now());
    let run = world.run.clone();
    let result = run.risk(
        Some("zero-write-spins"),
        "A write took 0 bytes, and `send` repeated it without end.",
        || sent(&mut world, b"hello", &activity),
    );
    match result {
        Err(error) if error.kind() == ErrorKind::WriteZero => {}
        Err(error) => run.departs(format!(
            "A write took 0 bytes, and `send` returned {:?}. Expected: WriteZero.",
            error.kind()
        )),
        Ok(()) => run.diagnose(
            "error-swallowed",
            "A write took 0 bytes, and `send` returned `Ok`. Expected: WriteZero.",
        ),
    }
}

#[test]
fn send_notes_activity_whenever_the_peer_takes_bytes() {
    let mut world = World::new(run!());
    world.peer.takes(1);
    let began = world.clock.now();
    let activity = Activity::begin(began);
    // How long ago was the last note, when the last byte is out?
    let _ = sent(&mut world, b"slowly but surely", &activity);
    let now = world.clock.now();
    let idle_since = last(&activity, &world);
    let quiet = now.saturating_since(idle_since);
    slow_and_watched();
    if quiet > Duration::from_millis(1) {
        world.run.recorder().says(
            "activity",
            format!("the last note is {} ms old", quiet.as_millis()),
        );
        world.run.diagnose(
            "slow-taken-for-idle",
            "The peer takes 1 byte each millisecond, and `send` did not note that. The server would close a slow peer as idle.",
        );
    }
}

#[test]
fn send_notes_activity_before_it_waits_for_the_first_write() {
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
                .departs("The peer takes nothing, and `send` returned.");
        }
    }
    if last(&activity, &world) < Time::after_start(Duration::from_secs(10)) {
        (world.run.recorder()).says("echo", "send(\"hello\") waits for the peer");
        (world.run.recorder()).says("activity", "nothing is noted: the last note is 10 s old");
        world.run.diagnose(
            "slow-taken-for-idle",
            "The server has read bytes and called `send` with the rest. `send` waits for the peer, and has noted nothing. The connection would be \
             closed as idle too early.",
        );
    }
}

/// The same with an idle time-out beside it, which fires if nothing is noted between the first byte and the last.
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
        (world.run.recorder()).says("activity", "nothing is noted for 5 ms");
        world.run.diagnose(
            "slow-taken-for-idle",
            "The peer takes 1 byte each millisecond, and for 5 ms `send` noted nothing. The server would close a peer that takes a large rest \
             slowly.",
        );
    }
}

/// The time of the last note: an idle time-out of a minute shows it.
fn last(activity: &Activity, world: &World) -> Time {
    let minute = Duration::from_secs(60);
    let limits = world.limits();
    let idle = activity.idle_for(minute, limits.timer);
    if world.sim.run_unrecorded(pin!(idle)).is_err() {
        world.run.departs("The idle time-out never fires.");
    }
    Time::after_start(world.clock.now().since_start() - minute)
}

/// What a client sends in these runs: more than twice the shared buffer.
const TEXT: &[u8] = b"one two three four five";

#[test]
fn every_short_script_of_the_stream_has_the_right_outcome() {
    let run = run!();
    for script in Script::of_all(3) {
        echoed(&run, &script, TEXT, ROOM);
    }
}

#[test]
fn buffers_and_messages_of_every_size_pass_through() {
    let run = run!();
    let letters: Vec<u8> = (0..=255).collect();
    for (room, much) in [(1, 300), (255, 70_000), (65_537, 200_000)] {
        let text: Vec<u8> = letters.iter().copied().cycle().take(much).collect();
        echoed(&run, &Script::default(), &text, room);
        let answers = [
            Answer::Part(100),
            Answer::Pending,
            Answer::Part(1),
            Answer::Interrupted,
        ];
        let parts = Script {
            reads: answers.repeat(20),
            writes: [&answers[1..], &answers[..]].concat().repeat(20),
            ..Script::default()
        };
        echoed(&run, &parts, &text, room);
    }
}

/// An echo made of `pass_on` and `send`, on a stream that answers so.
#[track_caller]
fn echoed(run: &Run, script: &Script, text: &[u8], room: usize) {
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
    let ended = witness.drive(
        pin!(echo(run, stream, &witness, &limits, &activity)),
        || {
            figures_agree(run, &witness, &tally);
            let now_moved = witness.read() + witness.written().len();
            if now_moved > moved && witness.failure().is_none() && !noted(&activity, clock.now()) {
                (run.recorder()).says("activity", "nothing is noted");
                run.diagnose(
                    "slow-taken-for-idle",
                    "Bytes were read or taken in this poll, and `send` noted no activity. A connection on which bytes move would be closed as \
                     idle.",
                );
            }
            moved = now_moved;
            // The next poll is a second later.
            sim.advance_to(sim.now() + Duration::from_secs(1));
        },
    );
    let took_nothing = matches!(
        witness.failure(),
        Some((Operation::Write, ErrorKind::WriteZero))
    );
    witness.judge(ended, &witness.input(), |broken| match broken {
        Broken::ErrorHidden(_) => Some("error-swallowed"),
        Broken::Incomplete => Some("short-write-ignored"),
        Broken::Spins if took_nothing => Some("zero-write-spins"),
        _ => None,
    });
}

async fn echo(
    run: &Run,
    mut stream: HostileStream,
    witness: &Witness,
    limits: &Limits<'_, Clock>,
    activity: &Activity,
) -> io::Result<()> {
    loop {
        let step = poll_fn(|context| {
            let before = witness.read();
            let passed = pass_on(&mut stream, limits, context);
            (run.recorder()).says("echo", format!("pass_on → {}", in_words(&passed)));
            step_is_right(run, witness, &passed, before);
            figures_agree(run, witness, limits.tally);
            if limits.buffer.try_borrow_mut().is_err() {
                run.diagnose(
                    "buffer-kept",
                    "`pass_on` returned, and the shared buffer is still borrowed. The next connection that borrows it panics.",
                );
            }
            passed
        });
        let Passed::Some { rest, .. } = step.await? else {
            return Ok(());
        };
        (run.recorder()).says("echo", format!("send({})", show(&rest)));
        send(&mut stream, rest, limits, activity).await?;
    }
}

/// What the step returned agrees with what it did to the stream.
#[track_caller]
fn step_is_right(run: &Run, witness: &Witness, passed: &Poll<io::Result<Passed>>, before: usize) {
    let (read, written) = (witness.read(), witness.written().len());
    let (count, rest) = match passed {
        Poll::Pending if read > before => run.diagnose(
            "lost-on-pending",
            "The step read bytes, and returned `Pending`. They were in the shared buffer only, and the next read overwrites them.",
        ),
        Poll::Ready(Ok(Passed::Some { count, rest })) => (*count, rest),
        _ => return,
    };
    match witness.failure() {
        None | Some((Operation::Write, ErrorKind::WriteZero)) => {}
        Some((operation, _)) => witness.report(
            Broken::ErrorHidden(operation),
            TEXT,
            Some("error-swallowed"),
        ),
    }
    if count != read - before {
        run.departs(format!(
            "The step read {} bytes, and `count` is {count}.",
            read - before
        ));
    }
    let unsent = &witness.input()[written.min(read)..read];
    if rest != unsent {
        run.departs(format!(
            "The step returned the rest {}. Expected: {}, the bytes that were read and that the peer has not taken.",
            show(rest),
            show(unsent)
        ));
    }
    if rest.is_empty() && rest.capacity() > 0 {
        run.diagnose(
            "allocated-for-nothing",
            "The peer took every byte at once, and the empty rest owns allocated memory. The server would pay for that with each message.",
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
    if figures.bytes_in == read && figures.bytes_out > sent {
        run.diagnose(
            "counted-before-sent",
            format!(
                "The peer took {sent} bytes, and {} are counted as sent.",
                figures.bytes_out
            ),
        );
    }
    let after = match witness.failure() {
        Some((operation, kind)) => format!(" when the {operation:?} had failed with {kind:?}"),
        None => String::new(),
    };
    let expected = format!("Expected{after}: {read} bytes in, {sent} bytes out.");
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
