//! A queue whose every call is recorded and judged.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use super::super::subject::ReadyQueue;
use event_loop::Unparker;
use probe::Run;
use probe_loop::queue::Queue;
use probe_model::Blame;
use probe_model::sync::thread;

impl<T> Queue<T> for ReadyQueue<T> {
    fn new(unparker: Unparker) -> ReadyQueue<T> {
        ReadyQueue::new(unparker)
    }
    fn push(&self, entry: T) -> Result<(), T> {
        self.push(entry)
    }
    fn is_empty(&self) -> bool {
        self.is_empty()
    }
    fn fall_asleep(&self) -> bool {
        self.fall_asleep()
    }
    fn wake_up(&self) {
        self.wake_up();
    }
    fn take_batch(&self, batch: &mut Vec<T>) {
        self.take_batch(batch);
    }
    fn close(&self) -> Vec<T> {
        self.close()
    }
}

pub(super) const UNPARKED_UNDER_LOCK: Blame<'static> = Blame {
    mistake: Some("unparks-under-lock"),
    sentence: "`push` called the unparker, the unparker called the queue, and the thread stopped at a lock that this `push` still holds. \
               The model ends such a wait with a panic. An unparker is caller-supplied code: call it with no lock held.",
};

pub(super) const SLEPT: Blame<'static> = Blame {
    mistake: Some("slept-with-work"),
    sentence: "An entry is in the queue, and the taker sleeps: another thread ran between two steps that must be one. The taker's two steps \
               are to see that the queue is empty and to note that it sleeps. The pusher's two are to add the entry and to read \
               that note.",
};

pub(super) const BUSY: Blame<'static> = Blame {
    mistake: None,
    sentence: "The taker spins: `fall_asleep` returns false, and `take_batch` gives it nothing.",
};

/// A queue that one thread uses, and whose calls are recorded.
pub(super) struct Watched {
    pub(super) queue: ReadyQueue<u32>,
    pub(super) rings: Arc<AtomicUsize>,
    run: Run,
}

impl Watched {
    pub(super) fn new(run: &Run) -> Watched {
        let recorder = run.recorder().clone();
        Watched::whose_unparker(run, move || recorder.says("unparker", "is called"))
    }

    pub(super) fn whose_unparker(run: &Run, step: impl Fn() + Send + Sync + 'static) -> Watched {
        let rings: Arc<AtomicUsize> = Arc::default();
        let count = Arc::clone(&rings);
        let unparker = Unparker::new(move || {
            count.fetch_add(1, Relaxed);
            step();
        });
        Watched {
            queue: ReadyQueue::new(unparker),
            rings,
            run: run.clone(),
        }
    }

    pub(super) fn try_push(&self, entry: u32) -> Result<(), u32> {
        let call = self
            .run
            .recorder()
            .enters("queue", format!("push({entry})"));
        let pushed = self.queue.push(entry);
        call.returns(match pushed {
            Ok(()) => "in".to_owned(),
            Err(entry) => format!("returns {entry}"),
        });
        if let Err(back) = pushed
            && back != entry
        {
            self.run
                .departs(format!("`push({entry})` returned {back}, another entry."));
        }
        pushed
    }

    #[track_caller]
    pub(super) fn push(&self, entry: u32) {
        if self.try_push(entry).is_err() {
            self.run
                .departs("The queue is open, and `push` returned the entry.");
        }
    }

    pub(super) fn take(&self) -> Vec<u32> {
        let mut batch = Vec::new();
        self.take_into(&mut batch);
        batch
    }

    pub(super) fn take_into(&self, batch: &mut Vec<u32>) {
        let call = self.run.recorder().enters("queue", "take_batch");
        self.queue.take_batch(batch);
        call.returns(format!("{batch:?}"));
    }

    pub(super) fn fall_asleep(&self) -> bool {
        let call = self.run.recorder().enters("queue", "fall_asleep");
        let sleeps = self.queue.fall_asleep();
        call.returns(sleeps.to_string());
        sleeps
    }

    pub(super) fn wake_up(&self) {
        let call = self.run.recorder().enters("queue", "wake_up");
        self.queue.wake_up();
        call.returns("done");
    }

    pub(super) fn close(&self) -> Vec<u32> {
        let call = self.run.recorder().enters("queue", "close");
        let left = self.queue.close();
        call.returns(format!("{left:?}"));
        left
    }

    pub(super) fn rings(&self) -> usize {
        self.rings.load(Relaxed)
    }

    #[track_caller]
    pub(super) fn must_fall_asleep(&self, run: &Run) {
        if !self.fall_asleep() {
            run.departs(
                "The queue is empty and open, and `fall_asleep` returned false: a loop would spin.",
            );
        }
    }

    #[track_caller]
    pub(super) fn must_have_rung(&self, run: &Run) {
        if self.rings() == 0 {
            run.diagnose(
                "deaf-to-threads",
                "`fall_asleep` returned true, an entry was pushed, and `push` did not call the unparker. The loop sleeps on.",
            );
        }
    }

    #[track_caller]
    pub(super) fn refuse_rings(&self, run: &Run, at_most: usize, why: &str) {
        if self.rings() > at_most {
            let times = match at_most {
                0 => "The unparker was called.".to_owned(),
                _ => format!("The unparker was called {} times.", self.rings()),
            };
            run.diagnose(
                "unparks-the-awake",
                format!("{times} {why} To end a sleep takes a system call, and most wakes come while the loop is awake."),
            );
        }
    }
}

/// The thread that takes entries, and sleeps in between.
pub(super) struct Taker {
    pub(super) queue: Arc<ReadyQueue<u32>>,
}

impl Taker {
    pub(super) fn new() -> Taker {
        let taker = thread::current();
        let unparker = Unparker::new(move || taker.unpark());
        Taker {
            queue: Arc::new(ReadyQueue::new(unparker)),
        }
    }

    /// Takes until there are `count` entries.
    pub(super) fn take(&self, run: &Run, count: usize) -> Vec<u32> {
        let mut taken = Vec::new();
        while taken.len() < count {
            if self.queue.fall_asleep() {
                let call = run.recorder().enters("taker", "sleeps");
                thread::park();
                call.returns("wakes up");
                self.queue.wake_up();
            }
            let before = taken.len();
            self.queue.take_batch(&mut taken);
            run.recorder()
                .says("taker", format!("takes {:?}", &taken[before..]));
        }
        taken
    }
}
