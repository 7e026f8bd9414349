//! Connections whose every operation can go wrong.

use std::cell::RefCell;
use std::pin::pin;
use std::time::Duration;

use super::super::subject::drain;
use super::drained::noted;
use cancellation::Source;
use echo_server::figures::Tally;
use echo_server::{Activity, Limits};
use event_loop::Timer;
use probe::Run;
use probe_futures::Sim;
use probe_io::hostile::{Answer, Broken, Ended, Script, hostile};
use probe_loop::Clock;

/// What a client has sent in these runs, and how much of it the shared buffer holds.
pub(super) const TEXT: &[u8] = b"one two three four five";
pub(super) const SMALL: usize = 8;

/// Drains a stream that answers so. Looks at the figures, the notes and the buffer after each poll.
#[track_caller]
pub(super) fn answered(run: &Run, script: &Script, text: &[u8], room: usize) {
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
    let ended = witness.drive(pin!(drain(stream, &limits, &activity)), || {
        let figures = tally.figures();
        let counted = (figures.bytes_in, figures.bytes_out);
        witness.judge_figures("this poll returned", counted, "bytes-not-counted");
        if witness.most_held() > room {
            witness.report(Broken::HoldsTooMuch, text, Some("no-backpressure"));
        }
        let (read, sent) = (witness.read(), witness.written().len());
        let waits_for_the_peer = read > sent && read + sent > moved && witness.failure().is_none();
        if waits_for_the_peer && !noted(&activity, clock.now()) {
            (run.recorder()).says("activity", "nothing is noted");
            run.diagnose(
                "slow-taken-for-idle",
                "Bytes were read or taken in this poll, others are unsent, and `drain` noted no activity. A peer that takes them slowly would be \
                 closed as idle.",
            );
        }
        moved = read + sent;
        if buffer.try_borrow_mut().is_err() {
            run.diagnose(
                "buffer-kept",
                "The poll returned, and the shared buffer is still borrowed. The next connection that borrows it panics.",
            );
        }
        // The next poll is a second later.
        sim.advance_to(sim.now() + Duration::from_secs(1));
    });
    if may_stop_reading(script) {
        witness.ends_here();
    }
    let returned_ok = matches!(ended, Ended::Ready(Ok(())));
    witness.judge(ended, &witness.input(), |broken| match broken {
        Broken::ErrorHidden(_) => Some("error-swallowed"),
        Broken::EarlierWoken => Some("first-waker-only"),
        Broken::Incomplete => Some("closed-before-flush"),
        Broken::Unread => Some("dropped-in-flight"),
        Broken::CalledAfterFailure(_) => Some("used-after-an-error"),
        _ => None,
    });
    if returned_ok {
        witness.judge_close("dropped-instead-of-closed");
    }
    if !witness.is_dropped() {
        run.diagnose(
            "never-dropped",
            "`drain` returned, and the stream was not dropped.",
        );
    }
}

/// A pending read says that no more bytes have arrived.
fn may_stop_reading(script: &Script) -> bool {
    let pending = |answer: &Answer| matches!(answer, Answer::Pending | Answer::Interrupted);
    script.reads.iter().any(pending)
}
