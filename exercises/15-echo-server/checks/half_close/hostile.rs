//! Connections whose every operation can go wrong.

use std::cell::RefCell;
use std::io::ErrorKind;
use std::pin::pin;
use std::time::Duration;

use super::super::subject::echo;
use super::served::noted;
use cancellation::Source;
use echo_server::figures::Tally;
use echo_server::{Activity, Limits};
use event_loop::Timer;
use probe::Run;
use probe_futures::Sim;
use probe_io::hostile::{Answer, Broken, Ended, Operation, Script, hostile};
use probe_loop::Clock;

/// What a client sends in these runs: more than twice the shared buffer.
pub(super) const TEXT: &[u8] = b"one two three four five";

/// Serves a stream that answers so. Looks at the figures, the notes and the buffer after each poll.
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
    let (mut moved, mut is_first) = (0, true);
    let mut was_unsent = false;
    let may_have_ended = script.reads.contains(&Answer::Zero);
    let ended = witness.drive(pin!(echo(stream, &limits, &activity)), || {
        let figures = tally.figures();
        let counted = (figures.bytes_in, figures.bytes_out);
        witness.judge_figures("this poll returned", counted, "bytes-not-counted");
        let now_moved = witness.read() + witness.written().len();
        let is_unsent = witness.read() > witness.written().len();
        let mistake = if is_unsent || was_unsent {
            "slow-taken-for-idle"
        } else {
            "busy-taken-for-idle"
        };
        was_unsent = is_unsent;
        if now_moved > moved && witness.failure().is_none() && !noted(&activity, clock.now()) {
            (run.recorder()).says("activity", "nothing is noted");
            run.diagnose(
                mistake,
                "Bytes were read or taken in this poll, and the echo noted no activity. A connection on which bytes move would be closed as \
                 idle.",
            );
        }
        let is_quiet = now_moved == moved && witness.read() < text.len() && !may_have_ended;
        if is_quiet && !is_first && witness.failure().is_none() && noted(&activity, clock.now()) {
            (run.recorder()).says("activity", "is noted    expected: no note");
            run.diagnose(
                "noted-for-nothing",
                "No byte was read or taken in this poll, and the echo noted activity. A connection that is polled without a reason would never be \
                 idle.",
            );
        }
        is_first = false;
        moved = now_moved;
        if buffer.try_borrow_mut().is_err() {
            run.diagnose(
                "buffer-kept",
                "The poll returned, and the shared buffer is still borrowed. The next connection that borrows it panics.",
            );
        }
        if witness.most_held() > room && text.starts_with(&witness.written()) {
            witness.report(Broken::HoldsTooMuch, text, Some("no-backpressure"));
        }
        // The next poll is a second later.
        sim.advance_to(sim.now() + Duration::from_secs(1));
    });
    let returned_ok = matches!(ended, Ended::Ready(Ok(())));
    let took_nothing = matches!(
        witness.failure(),
        Some((Operation::Write, ErrorKind::WriteZero))
    );
    witness.judge(ended, &witness.input(), |broken| match broken {
        Broken::ErrorHidden(_) => Some("error-swallowed"),
        Broken::EarlierWoken => Some("first-waker-only"),
        Broken::Incomplete => Some("short-write-ignored"),
        Broken::Unread => Some("ends-with-bytes-unread"),
        Broken::CalledAfterFailure(_) => Some("used-after-an-error"),
        Broken::Spins if took_nothing => Some("zero-write-spins"),
        _ => None,
    });
    if returned_ok {
        witness.judge_close("dropped-instead-of-closed");
    }
    if !witness.is_dropped() {
        run.diagnose(
            "never-dropped",
            "The echo returned, and the stream was not dropped: its descriptor stays open.",
        );
    }
}
