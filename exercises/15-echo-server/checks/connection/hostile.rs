//! Connections whose every operation can go wrong.

use std::cell::RefCell;
use std::pin::pin;

use super::super::subject::{End, connection};
use super::served::IDLE;
use cancellation::Source;
use echo_server::Limits;
use echo_server::figures::Tally;
use probe::Run;
use probe_futures::Sim;
use probe_io::hostile::{Answer, Broken, Ended, Script, Witness, hostile};
use probe_loop::Clock;

/// What a client sends in these runs: more than twice the shared buffer.
pub(super) const TEXT: &[u8] = b"one two three four five";

/// Serves a stream that answers so. The server is told to finish after `order` polls.
#[track_caller]
pub(super) fn answered(run: &Run, script: &Script, order: Option<usize>, text: &[u8], room: usize) {
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
            End::Reset => Err(witness.error()),
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
        Broken::EarlierWoken => Some("first-waker-only"),
        Broken::Incomplete => Some("short-write-ignored"),
        Broken::Unread if order.is_some() => Some("dropped-in-flight"),
        Broken::Unread => Some("ends-with-bytes-unread"),
        Broken::CalledAfterFailure(_) => Some("used-after-an-error"),
        _ => None,
    });
    if completed {
        witness.judge_close("dropped-instead-of-closed");
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
    if witness.most_held() > room && witness.input().starts_with(&witness.written()) {
        witness.report(Broken::HoldsTooMuch, TEXT, Some("no-backpressure"));
    }
    let figures = tally.figures();
    let counted = (figures.bytes_in, figures.bytes_out);
    witness.judge_figures("this poll returned", counted, "bytes-not-counted");
}

/// A pending read says that no more bytes have arrived.
fn may_stop_reading(script: &Script) -> bool {
    let pending = |answer: &Answer| matches!(answer, Answer::Pending | Answer::Interrupted);
    script.reads.iter().any(pending)
}
