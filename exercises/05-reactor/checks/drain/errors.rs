//! Attempts that fail.

use std::future::poll_fn;
use std::io::ErrorKind;
use std::pin::pin;
use std::task::Poll;

use super::super::subject::Readiness;
use super::reader::{Reader, refuse_error, stalled};
use probe::run;
use probe_futures::poller;
use probe_io::{Trigger, marked};

#[test]
fn an_interrupted_attempt_is_made_again() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"hello");
    reader.kernel.interrupts(2);
    reader.event();
    match reader.read() {
        Poll::Ready(Ok(5)) => {}
        Poll::Ready(Err(error)) => refuse_error(&run, &error),
        Poll::Pending if reader.task.wakes() == 1 => run.diagnose(
            "interrupted-taken-for-wouldblock",
            "The attempt was interrupted, and the task waits for an event. The kernel reported the bytes before, and does not report \
             them again.",
        ),
        // A wake of its own task for another attempt loses nothing.
        Poll::Pending => {
            reader.run();
            if !reader.has(b"hello") {
                stalled(&run, &reader);
            }
        }
        Poll::Ready(Ok(_)) => run.departs("After an interrupted attempt the read returned another number of bytes than had arrived."),
    }
}

#[test]
fn any_other_error_is_returned() {
    let run = run!();
    let task = poller(run.recorder(), "task");
    let readiness = Readiness::ready();
    let mut tries = 0;
    let attempt = pin!(poll_fn(|context| {
        let reset = || {
            tries += 1;
            Err::<(), _>(marked::error(ErrorKind::ConnectionReset, 7))
        };
        readiness.poll_io(1, context, reset, |()| false)
    }));
    let call = run.recorder().enters("task", "tries: ConnectionReset");
    let poll = task.poll(attempt);
    match poll {
        Poll::Ready(Err(error)) if marked::mark(&error) == Some(7) => {
            call.returns("ConnectionReset")
        }
        Poll::Ready(Err(error)) if error.kind() == ErrorKind::ConnectionReset => {
            call.returns("a new ConnectionReset");
            run.diagnose(
                "error-rebuilt",
                "The attempt failed with ConnectionReset, and `poll_io` returned an error of the same kind that is not the attempt's: your code \
                 made a new one. What the attempt's error holds beside its kind is lost: the operating system's code, or the message.",
            );
        }
        _ => {
            call.returns("something else");
            run.departs(
                "The attempt failed with ConnectionReset, and `poll_io` did not return that error.",
            );
        }
    }
    if tries > 1 {
        run.departs("The attempt failed with ConnectionReset, and `poll_io` made another one.");
    }
    let again = pin!(poll_fn(|context| {
        readiness.poll_io(1, context, || Ok(()), |()| false)
    }));
    let call = run
        .recorder()
        .enters("task", "tries again: there is something");
    if task.poll(again).is_pending() {
        call.returns("pending");
        run.diagnose(
            "stopped-before-wouldblock",
            "An attempt failed with ConnectionReset, and the next poll made no attempt. Only `WouldBlock` shows that the direction is drained: \
             after another error there may be more, and the kernel reported it before.",
        );
    }
    call.returns("ready");
}
