//! Requests of a connection that are recorded, and what becomes of them.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use super::super::subject::{Lease, Pool};
use probe::Run;
use probe_futures::{Poller, Spy, poller, spy};

/// The outcome of `acquire`, which shows the connection.
pub(super) struct Got(pub(super) Lease<u32>);

impl std::fmt::Debug for Got {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "connection {}", *self.0)
    }
}

pub(super) type Acquire<'a> = Pin<Box<Spy<Pin<Box<dyn Future<Output = Got> + 'a>>>>>;

pub(super) fn task(run: &Run, name: &str) -> Poller {
    poller(run.recorder(), name)
}

/// A request, whose `acquire` is watched.
pub(super) fn request<'a>(run: &Run, pool: &'a Pool<u32>) -> Acquire<'a> {
    let acquire: Pin<Box<dyn Future<Output = Got> + 'a>> =
        Box::pin(async { Got(pool.acquire().await) });
    Box::pin(spy(run, "acquire", acquire))
}

/// Polls a request for which a connection has to be there.
#[track_caller]
pub(super) fn gets(run: &Run, by: &Poller, request: &mut Acquire<'_>) -> Lease<u32> {
    match by.poll(request.as_mut()) {
        Poll::Ready(Got(lease)) => {
            run.recorder().holds(by.name(), connection(&lease));
            lease
        }
        Poll::Pending => run.departs(format!(
            "A connection is free, or on its way to {}, and its `acquire` is pending.",
            by.name()
        )),
    }
}

#[track_caller]
pub(super) fn waits(run: &Run, by: &Poller, request: &mut Acquire<'_>) {
    let before = by.wakes();
    if by.poll(request.as_mut()).is_ready() {
        run.departs("All connections were borrowed, and `acquire` was ready.");
    }
    if by.wakes() > before {
        run.diagnose(
            "busy-poll",
            "`acquire` waits, and woke its own task in the poll.",
        );
    }
    run.recorder().waits_for(by.name(), "a connection");
}

pub(super) fn connection(lease: &Lease<u32>) -> String {
    format!("connection {}", **lease)
}

pub(super) fn returns(run: &Run, by: &str, lease: Lease<u32>) {
    let connection = connection(&lease);
    let call = run.recorder().enters(by, format!("returns {connection}"));
    run.recorder().returns(by, &connection);
    drop(lease);
    call.returns("done");
}

pub(super) fn cancel(run: &Run, by: &str, request: Acquire<'_>) {
    let call = run.recorder().enters(by, "is cancelled");
    run.recorder().stops_waiting(by);
    drop(request);
    call.returns("done");
}
