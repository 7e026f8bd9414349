//! Streams whose every operation can go wrong.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use super::super::subject::{Passed, pass_on, send};
use super::world::{in_words, noted};
use cancellation::Source;
use echo_server::figures::Tally;
use echo_server::{Activity, Limits};
use event_loop::Timer;
use probe::Run;
use probe_futures::Sim;
use probe_io::hostile::{Broken, HostileStream, Operation, Script, Witness, hostile};
use probe_io::stream::show;
use probe_loop::Clock;

/// What a client sends in these runs: more than twice the shared buffer.
pub(super) const TEXT: &[u8] = b"one two three four five";

/// An echo made of `pass_on` and `send`, on a stream that answers so.
#[track_caller]
pub(super) fn echoed(run: &Run, script: &Script, text: &[u8], room: usize) {
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
    let (mut moved, mut was_unsent) = (0, false);
    let ended = witness.drive(
        pin!(echo(run, stream, &witness, &limits, &activity)),
        || {
            figures_agree(run, &witness, &tally);
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
        Broken::EarlierWoken => Some("first-waker-only"),
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
    if figures.bytes_in == read && figures.bytes_out > sent {
        (run.recorder()).says(
            "figures",
            format!(
                "{read} bytes in, {} bytes out    expected: {read} bytes in, {sent} bytes out",
                figures.bytes_out
            ),
        );
        run.diagnose(
            "counted-before-sent",
            format!(
                "The peer took {sent} bytes, and {} are counted as sent.",
                figures.bytes_out
            ),
        );
    }
    let moment = match witness.failure() {
        Some((operation, kind)) => format!(
            "{} had failed with {kind:?}",
            format!("the {operation:?}").to_lowercase()
        ),
        None => "this poll returned".to_owned(),
    };
    let counted = (figures.bytes_in, figures.bytes_out);
    witness.judge_figures(&moment, counted, "bytes-not-counted");
}
