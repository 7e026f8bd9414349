//! One buffer under test: what it does is recorded, and held to its limit.

use std::task::Poll;

use probe::{Recorder, Run};
use probe_futures::{Poller, poller};

use super::super::subject::{Buffered, buffered};
use super::world::{Source, World, name, poll};

/// A buffer, and how many outputs it has yielded.
pub(super) struct Tried {
    pub(super) run: Run,
    pub(super) world: World,
    pub(super) buffer: Buffered<Source>,
    pub(super) limit: usize,
    pub(super) a: Poller,
    pub(super) yielded: usize,
}

impl Tried {
    /// A buffer over a source that has this many futures.
    pub(super) fn new(run: &Run, limit: usize, futures: usize) -> Tried {
        let (world, source) = World::new(None);
        let text = match futures {
            1 => "has a future".to_owned(),
            futures => format!("has {futures} futures"),
        };
        run.recorder().says("source", text);
        world.has(futures);
        run.recorder()
            .says("caller", format!("buffered(source, {limit})"));
        Tried {
            run: run.clone(),
            buffer: buffered(source, limit),
            world,
            limit,
            // Not recorded: a buffer may wake its task once or for each future.
            a: poller(&Recorder::default(), "A"),
            yielded: 0,
        }
    }

    /// Polls, and holds what happened to the limit.
    #[track_caller]
    pub(super) fn poll(&mut self) -> Poll<Option<usize>> {
        let before = self.world.taken();
        let polled = poll(&self.run, &self.world, &self.a, &mut self.buffer);
        let (taken, run) = (self.world.taken(), &self.run);
        if taken > before {
            run.recorder()
                .says("source", format!("futures taken from it so far: {taken}"));
        }
        if taken - self.yielded > self.limit {
            run.diagnose(
                "too-many-in-flight",
                format!(
                    "Taken from the source: {taken}. Yielded before this poll: {}. So {} were in flight. The limit is {}, and an output that waits for its turn counts.",
                    self.yielded,
                    taken - self.yielded,
                    self.limit
                ),
            );
        }
        let due = (self.yielded + self.limit).min(self.world.total());
        if taken < due {
            run.diagnose(
                "places-left-empty",
                format!(
                    "The limit is {}, the source has more futures, and this poll left {} of the places empty. No event will wake the task for that.",
                    self.limit,
                    due - taken
                ),
            );
        }
        match polled {
            Poll::Ready(Some(output)) => {
                if output.number != self.yielded {
                    run.diagnose(
                        "outputs-out-of-order",
                        format!(
                            "Output {} was yielded, and output {} is the next one.",
                            output.number, self.yielded
                        ),
                    );
                }
                self.yielded += 1;
                Poll::Ready(Some(output.number))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }

    #[track_caller]
    pub(super) fn expect(&mut self, right: Poll<Option<usize>>) {
        let polled = self.poll();
        if polled == Poll::Ready(None) && polled != right {
            self.run.diagnose(
                "ended-in-flight",
                format!("The buffer returned `Ready(None)`; expected: {right:?}. It ends when the source has ended and no future is in flight, which one is until its output is yielded."),
            );
        }
        if polled != right {
            self.run.departs(format!(
                "Expected: {right:?}. The poll returned {polled:?}."
            ));
        }
    }

    /// A pending poll. After it, this many futures have been taken.
    #[track_caller]
    pub(super) fn expect_pending(&mut self, taken: usize) {
        self.expect(Poll::Pending);
        assert_eq!(self.world.taken(), taken, "the limit was kept and reached");
    }

    pub(super) fn finishes(&self, number: usize) {
        self.run
            .recorder()
            .says(&name(number), "has its output, and wakes");
        self.world.finishes(number);
    }
}

/// Which futures one poll of the buffer has polled.
#[track_caller]
pub(super) fn judge_polls(run: &Run, polled: &[usize], due: &[usize]) {
    if polled == due {
        return;
    }
    let list = |numbers: &[usize]| match numbers {
        [] => "no future".to_owned(),
        numbers => numbers
            .iter()
            .map(|number| name(*number))
            .collect::<Vec<_>>()
            .join(", "),
    };
    if let Some(left) = due.iter().find(|number| !polled.contains(number)) {
        run.diagnose(
            "taken-and-not-polled",
            format!("Future {left} was just taken, or was woken, and this poll did not poll it. It does nothing until it is polled, and wakes no task."),
        );
    }
    run.diagnose(
        "polls-everyone",
        format!(
            "This poll polled {}; {} was due. A future that was not woken has nothing new to say.",
            list(polled),
            list(due)
        ),
    )
}

#[track_caller]
pub(super) fn refuse_asleep(tried: &Tried) {
    if tried.a.wakes() == 0 {
        tried.run.recorder().lacks("A", "is not woken");
        tried.run.diagnose(
            "never-registered",
            "The buffer was pending, and then a future had its output. The task was not woken.",
        );
    }
}
