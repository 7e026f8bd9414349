//! A loop with a pool, whose functions record what they do.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use super::super::subject::{Job, Lost, Pool};
use event_loop::{EventLoop, JumpingDriver};
use green::wait;
use probe::{Run, panics};

/// A loop whose clock jumps, and a pool on it.
pub(super) struct World {
    pub(super) event_loop: EventLoop<JumpingDriver>,
    pub(super) pool: Pool,
    /// How many functions run, and how many did at most.
    pub(super) at_once: Rc<Cell<(usize, usize)>>,
}

impl World {
    pub(super) fn new(limit: usize) -> World {
        let event_loop = EventLoop::with_driver(JumpingDriver::new());
        let pool = Pool::new(event_loop.handle(), limit);
        World {
            event_loop,
            pool,
            at_once: Rc::default(),
        }
    }

    /// A function that notes when it begins and ends, and waits in between.
    pub(super) fn spawn(&self, run: &Run, name: &'static str, millis: u64) -> Job<u64> {
        let (handle, recorder) = (self.event_loop.handle(), run.recorder().clone());
        let at_once = Rc::clone(&self.at_once);
        let now = move |handle: &event_loop::Handle| handle.now().since_start().as_millis();
        self.pool.spawn(move || {
            let (running, most) = at_once.get();
            at_once.set((running + 1, most.max(running + 1)));
            recorder.says(name, format!("begins at {} ms", now(&handle)));
            wait(handle.sleep(Duration::from_millis(millis)));
            recorder.says(name, format!("ends at {} ms", now(&handle)));
            let (running, most) = at_once.get();
            at_once.set((running - 1, most));
            millis
        })
    }

    /// Awaits a job, for a minute of the loop's clock at most.
    #[track_caller]
    pub(super) fn outcome<T>(&self, run: &Run, job: Job<T>) -> Result<T, Lost> {
        let minute = self.event_loop.handle().sleep(Duration::from_secs(60));
        let outcome = panics::expected(|| {
            self.event_loop
                .block_on(futures::future::select(job, minute))
        });
        match outcome {
            Ok(futures::future::Either::Left((outcome, _))) => outcome,
            Ok(futures::future::Either::Right(_)) => run.departs(
                "A minute has passed on the loop's clock, and a function has not run to its end.",
            ),
            Err(panic) => run.departs(format!("A panic came out of the loop: {}", panic.message)),
        }
    }
}
