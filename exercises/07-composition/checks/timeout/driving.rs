//! One poll of a time-out by hand, recorded.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use composition::Elapsed;
use probe::{Run, panics};
use probe_futures::Poller;

/// How a poll ended, as the run shows it.
pub(super) fn shown(polled: &Poll<Result<u32, Elapsed>>) -> String {
    match polled {
        Poll::Pending => "pending".to_owned(),
        Poll::Ready(Ok(value)) => format!("ready(Ok({value}))"),
        Poll::Ready(Err(elapsed)) => format!("ready(Err({elapsed}))"),
    }
}

/// Polls, and records it.
#[track_caller]
pub(super) fn poll<F>(run: &Run, by: &Poller, limited: Pin<&mut F>) -> Poll<Result<u32, Elapsed>>
where
    F: Future<Output = Result<u32, Elapsed>>,
{
    let call = run.recorder().enters("time-out", "polled");
    let polled = run.risk(
        Some("blocked-in-poll"),
        "The poll has not returned: it waits inside. No time passes on the clock while it does.",
        || panics::expected(|| by.poll(limited)),
    );
    match polled {
        Ok(polled) => {
            call.returns(shown(&polled));
            polled
        }
        Err(panic) => {
            drop(call);
            run.departs(format!("The poll panicked: {}.", panic.message))
        }
    }
}
