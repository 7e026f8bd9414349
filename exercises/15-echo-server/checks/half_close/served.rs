//! A connection that is served to its end, and what is seen of it.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::time::Duration;

use super::super::subject::echo;
use cancellation::Source;
use echo_server::figures::{Figures, Tally};
use echo_server::{Activity, Limits};
use event_loop::{Time, Timer};
use probe::{Recorder, Run};
use probe_futures::{Sim, poller};
use probe_io::stream::{End, show};
use probe_io::{Peer, stream};
use probe_loop::{Clock, HandClock};

/// How many bytes the shared buffer of these runs holds.
pub(super) const ROOM: usize = 8;

/// How a connection ended.
pub(super) struct Seen {
    pub(super) run: Run,
    pub(super) peer: Peer,
    /// `None` if it waits forever.
    pub(super) result: Option<io::Result<()>>,
    /// What was counted.
    pub(super) figures: Figures,
    /// The time of the last note of activity.
    pub(super) last: Option<Duration>,
}

/// Serves one client, whom the script plays.
#[track_caller]
pub(super) fn served(run: Run, script: impl FnOnce(&Sim, &Peer)) -> Seen {
    served_at(
        run,
        None,
        "The echo loops without end and never waits.",
        script,
    )
}

/// The same, where the peer sends its end.
#[track_caller]
pub(super) fn served_to_the_end(run: Run, script: impl FnOnce(&Sim, &Peer)) -> Seen {
    served_at(
        run,
        Some("end-taken-for-a-message"),
        "The echo loops without end: each read returns 0 bytes, the peer's end, and the echo reads again.",
        script,
    )
}

#[track_caller]
pub(super) fn served_at(
    run: Run,
    spins: Option<&str>,
    sentence: &str,
    script: impl FnOnce(&Sim, &Peer),
) -> Seen {
    let sim = Sim::new(&run);
    let clock = Clock::new(&run, &sim);
    let (stream, peer) = stream(&run, &sim);
    script(&sim, &peer);
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
    let mut service = pin!(echo(stream, &limits, &activity));
    let looked_at = poll_fn(|context| {
        let polled = service.as_mut().poll(context);
        if polled.is_pending() && buffer.try_borrow_mut().is_err() {
            run.recorder()
                .says("echo", "waits, with the buffer borrowed");
            run.diagnose(
                "buffer-kept",
                "The echo waits, and the shared buffer is still borrowed. The next connection that borrows it panics.",
            );
        }
        polled
    });
    let result = run.risk(spins, sentence, || sim.run_unrecorded(pin!(looked_at)).ok());
    run.recorder().says(
        "echo",
        match &result {
            None => "waits forever".to_owned(),
            Some(Ok(())) => "returns Ok".to_owned(),
            Some(Err(error)) => format!("returns {:?}", error.kind()),
        },
    );
    (run.recorder()).says("peer", format!("has received {}", show(&peer.received())));
    run.recorder().says(
        "peer",
        match peer.sees_the_end() {
            End::Closed => "sees the end",
            End::Dropped => "sees the connection dropped",
            End::Open => "sees no end",
        },
    );
    // An idle time-out of an hour shows the time of the last note.
    let hour = Duration::from_secs(3_600);
    let idle = sim.run_unrecorded(pin!(activity.idle_for(hour, &clock)));
    let last = idle.ok().and_then(|()| sim.now().checked_sub(hour));
    Seen {
        run,
        peer,
        result,
        figures: tally.figures(),
        last,
    }
}

impl Seen {
    /// Every byte came back, and the end after them.
    #[track_caller]
    pub(super) fn came_back(&self, right: &[u8]) {
        let received = self.peer.received();
        if received.len() < self.peer.taken() && self.result.is_some() {
            self.run.diagnose(
                "short-write-ignored",
                format!(
                    "The echo read {} bytes, sent {}, and returned. What the peer does not take at once is in `rest`, and is sent before the next read.",
                    self.peer.taken(),
                    received.len()
                ),
            );
        }
        self.is_patient();
        if self.result.is_some() && self.peer.taken() < right.len() {
            self.run.diagnose(
                "half-closed-taken-for-closed",
                format!(
                    "The echo returned with {} of {} bytes read: the others were on their way, before the peer's end.",
                    self.peer.taken(),
                    right.len()
                ),
            );
        }
        if received != right {
            self.run
                .departs(format!("Expected: the peer has received {}.", show(right)));
        }
        self.is_counted();
    }

    /// The figures say how many bytes were read and sent.
    #[track_caller]
    fn is_counted(&self) {
        let (read, sent) = (self.peer.taken() as u64, self.peer.received().len() as u64);
        let Figures {
            bytes_in,
            bytes_out,
            ..
        } = self.figures;
        if (bytes_in, bytes_out) != (read, sent) {
            self.run.recorder().says(
                "figures",
                format!("{bytes_in} bytes in, {bytes_out} bytes out"),
            );
            let expected = format!(
                "Expected: {read} bytes in, {sent} bytes out. `pass_on` and `send` count; a read or a write without them is counted, too."
            );
            if bytes_in < read || bytes_out < sent {
                self.run.diagnose("bytes-not-counted", expected);
            }
            self.run.departs(expected);
        }
    }

    /// It did not read more than it could send.
    #[track_caller]
    fn is_patient(&self) {
        let held = self.peer.most_held();
        if held > ROOM {
            (self.run.recorder()).says("echo", format!("held {held} bytes at most"));
            self.run.diagnose(
                "no-backpressure",
                format!(
                    "{held} bytes were read and unsent at once, and the buffer holds {ROOM}: the echo reads while bytes are unsent. A client that never \
                     reads could fill the memory."
                ),
            );
        }
    }

    #[track_caller]
    pub(super) fn ended_well(&self) {
        match &self.result {
            None => self.run.diagnose(
                "end-taken-for-wouldblock",
                "The peer has sent its end and received every byte, and the echo waits. No byte will arrive.",
            ),
            Some(Err(error)) => self.run.departs(format!(
                "No operation of the stream failed, and the echo returned an error: {error}."
            )),
            Some(Ok(())) => {}
        }
        if self.peer.sees_the_end() != End::Closed {
            self.run.diagnose(
                "dropped-instead-of-closed",
                "Every byte was sent, and the stream was dropped without being closed. Bytes in its buffer are lost, and the peer cannot tell this \
                 from a broken connection.",
            );
        }
    }
}

/// Whether activity was noted at this time: an idle time-out of a nanosecond has not passed then.
pub(super) fn noted(activity: &Activity, now: Time) -> bool {
    let clock = HandClock::at(now);
    let idle = activity.idle_for(Duration::from_nanos(1), &clock);
    poller(&Recorder::new(), "").poll(pin!(idle)).is_pending()
}
