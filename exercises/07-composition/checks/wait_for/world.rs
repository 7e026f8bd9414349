//! A wait on trial, and what can be done to it by hand.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use super::super::subject::{Stopped, wait_for};
use composition::{Request, Requests};
use probe::{Recorder, Run, panics};
use probe_futures::{Gate, Key, Poller, gate, poller};
use probe_loop::HandClock;

const SECOND: Duration = Duration::from_secs(1);

/// A wait of one second, in its first poll.
pub(super) struct World {
    pub(super) run: Run,
    pub(super) clock: HandClock,
    pub(super) requests: Requests,
    pub(super) a: Poller,
    pub(super) value: Key<u32>,
}

pub(super) type Waiting<'a> = Pin<Box<dyn Future<Output = Result<u32, Stopped>> + 'a>>;

impl World {
    pub(super) fn new(run: Run) -> (World, Gate<u32>) {
        let (value, gate) = gate();
        let world = World {
            run,
            clock: HandClock::default(),
            requests: Requests::new(),
            a: poller(&Recorder::new(), "A"),
            value,
        };
        (world, gate)
    }

    /// Polls once, which has to be pending.
    #[track_caller]
    pub(super) fn begin(&self, gate: Gate<u32>) -> Waiting<'_> {
        let mut waits: Waiting<'_> = Box::pin(wait_for(&self.clock, SECOND, &self.requests, gate));
        if self.poll(&mut waits).is_ready() {
            self.run
                .departs("Nothing had happened yet, and the wait was over.");
        }
        waits
    }

    #[track_caller]
    pub(super) fn poll(&self, waits: &mut Waiting<'_>) -> Poll<Result<u32, Stopped>> {
        let call = self.run.recorder().enters("wait", "polled");
        let polled = self.run.risk(
            Some("blocked-in-poll"),
            "The poll has not returned: it waits inside.",
            || panics::expected(|| self.a.poll(waits.as_mut())),
        );
        match polled {
            Ok(polled) => {
                call.returns(match &polled {
                    Poll::Pending => "pending".to_owned(),
                    Poll::Ready(Ok(value)) => format!("ready(Ok({value}))"),
                    Poll::Ready(Err(stopped)) => format!("ready(Err({stopped}))"),
                });
                polled
            }
            Err(panic) => {
                drop(call);
                self.run
                    .departs(format!("The poll panicked: {}.", panic.message))
            }
        }
    }

    pub(super) fn says(&self, track: &str, text: &str) {
        self.run.recorder().says(track, text);
    }

    pub(super) fn has_its_value(&self) {
        self.says("future", "has its value");
        self.value.open(7);
    }

    pub(super) fn is_asked(&self) {
        self.says("caller", "asks it to stop");
        self.requests.push("shutdown");
    }

    pub(super) fn deadline(&self) {
        self.says("clock", "shows 1s, the deadline");
        self.clock.advance(SECOND);
    }

    pub(super) fn is_left(&self) -> bool {
        self.requests.waiting() == [Request("shutdown")]
    }
}
