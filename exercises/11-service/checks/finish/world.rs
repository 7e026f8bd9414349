//! A loop whose clock jumps, and requests that write down what becomes of them.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Waker};
use std::time::Duration;

use event_loop::{Handle, JoinHandle};
use probe::{Run, What, panics, run};
use probe_loop::SimLoop;

use super::super::subject::{Admitted, Drain, Numbers};

pub(crate) const SECOND: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) run: Run,
    pub(crate) sim: Rc<SimLoop>,
    pub(crate) handle: Handle,
}

impl World {
    pub(crate) fn new(run: Run) -> World {
        let sim = Rc::new(SimLoop::new(&run!()));
        sim.event_loop().on_unretrieved(|_| ());
        World {
            run,
            handle: sim.handle(),
            sim,
        }
    }

    /// Writes down what an actor did, and when.
    pub(crate) fn says(&self, actor: &str, text: impl Into<String>) {
        let now = self.handle.now().since_start();
        self.run.recorder().set_time(now);
        self.run.recorder().says(actor, text);
    }

    /// A request that takes this long.
    pub(crate) fn request(
        &self,
        name: &'static str,
        seconds: u32,
    ) -> impl Future<Output = u32> + use<> {
        let world = self.clone();
        let guard = Guard(self.clone(), name, Cell::new(false));
        async move {
            let guard = guard;
            world.says(name, "begins");
            world.handle.sleep(SECOND * seconds).await;
            guard.2.set(true);
            world.says(name, "finishes");
            seconds
        }
    }

    /// Admits a request, and runs it as a task, which writes down what the request is ready with.
    pub(crate) fn admits(&self, drain: &Drain, name: &'static str, seconds: u32) -> bool {
        let (world, request) = (self.clone(), self.request(name, seconds));
        match drain.admit(request) {
            Ok(admitted) => {
                drop(self.handle.spawn(async move {
                    let outcome = match admitted.await {
                        Ok(output) => format!("ready: Ok({output})"),
                        Err(_cut) => "ready: Err(Cut)".to_owned(),
                    };
                    world.says(name, outcome);
                }));
                true
            }
            Err(refused) => {
                self.says(name, "is refused");
                let guard = refused.0;
                std::mem::forget(guard); // It says nothing when it is dropped.
                false
            }
        }
    }

    /// Begins to finish, with this patience, and runs the loop until the finish is ready.
    #[track_caller]
    pub(crate) fn finishes(&self, drain: &Drain, patience: u32) -> Numbers {
        self.says("service", format!("finish({patience} s)"));
        let finish = drain.finish(&self.handle, SECOND * patience);
        let numbers = self.drive(finish);
        self.says("service", "has finished");
        numbers
    }

    /// Polls work that is ready, or was cut. How much was in flight when its destructor ran?
    pub(crate) fn open_at_the_drop(&self, drain: &Drain, is_cut: bool) -> Option<u64> {
        let open = Rc::new(Cell::new(None));
        let looks = Looks(drain.clone(), Rc::clone(&open));
        let mut admitted = drain.admit(async move {
            let _looks = &looks;
            if is_cut {
                std::future::pending::<()>().await;
            }
        });
        drop(drain.finish(&self.handle, SECOND));
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..2 {
            let ready = |work: &mut Admitted<_>| Pin::new(work).poll(&mut context).is_ready();
            if admitted.as_mut().is_ok_and(ready) {
                break;
            }
            self.says("service", "cut()");
            drain.cut();
        }
        let open = open.get();
        self.says("destructor", format!("sees {open:?} in flight"));
        open
    }

    /// Runs the loop until this is ready. A panic, or a loop that is stuck, is a verdict.
    #[track_caller]
    pub(crate) fn drive<F: Future + 'static>(&self, future: F) -> F::Output {
        let joined = self.handle.spawn(future);
        let driven = panics::expected(|| {
            self.refuse_a_busy_loop(&joined);
            self.sim.drive(joined)
        });
        match driven {
            Ok(Ok(output)) => output,
            Ok(Err(_stuck)) => {
                self.says("loop", "is stuck: no task is woken, and no timer is set");
                let circle = self.sim.explain_stuck();
                self.run.diagnose(
                    "forgot-to-wake",
                    format!("The finish is pending, and the loop is stuck: no task is woken, and no timer is set.{circle}"),
                )
            }
            Err(panic) => self
                .run
                .departs(format!("The future panicked: {}.", panic.message)),
        }
    }

    #[track_caller]
    fn refuse_a_busy_loop<T>(&self, joined: &JoinHandle<T>) {
        if self.sim.spins(100, || joined.is_finished()) {
            self.run.diagnose(
                "busy-poll",
                "The loop ran 100 iterations, and no time has passed: a task wakes itself again and again while work is in flight.",
            );
        }
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, seconds: u32) {
        let handle = self.handle.clone();
        self.drive(async move { handle.sleep(SECOND * seconds).await });
    }

    /// Whether this stands in the recording.
    pub(crate) fn said(&self, actor: &str, text: &str) -> bool {
        let events = self.run.recorder().recording().events;
        let says = |event: &probe::Event| matches!(&event.what, What::Says(said) if said == text);
        events
            .iter()
            .any(|event| event.track == actor && says(event))
    }

    /// Whole seconds since the start.
    pub(crate) fn seconds(&self) -> u64 {
        self.handle.now().since_start().as_secs()
    }

    /// The finish is ready, and this was the second in which the last work ended.
    #[track_caller]
    pub(crate) fn refuse_waiting(&self, expected: u64) {
        let seconds = self.seconds();
        if seconds != expected {
            self.run.diagnose(
                "waits-out-the-deadline",
                format!("From {expected} s on no work was in flight, and the finish was ready at {seconds} s."),
            );
        }
    }

    /// Whether the numbers are these: admitted, finished, cut, dropped, refused.
    #[track_caller]
    pub(crate) fn expect_numbers(&self, numbers: Numbers, expected: [u64; 5]) {
        let Numbers {
            admitted,
            finished,
            cut,
            dropped,
            refused,
        } = numbers;
        let seen = [admitted, finished, cut, dropped, refused];
        if seen != expected {
            let words = |numbers: [u64; 5]| {
                let [admitted, finished, cut, dropped, refused] = numbers;
                format!(
                    "{admitted} admitted, {finished} finished, {cut} cut, {dropped} dropped, {refused} refused"
                )
            };
            self.says("numbers", words(seen));
            self.run.diagnose(
                "numbers-do-not-add-up",
                format!(
                    "The numbers are: {}. What has happened: {}.",
                    words(seen),
                    words(expected)
                ),
            );
        }
    }
}

/// Sees how much is in flight when it is dropped.
struct Looks(Drain, Rc<Cell<Option<u64>>>);

impl Drop for Looks {
    fn drop(&mut self) {
        self.1.set(Some(self.0.numbers().open()));
    }
}

/// Says it if the request is dropped before it has finished.
struct Guard(World, &'static str, Cell<bool>);

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.2.get() {
            self.0.says(self.1, "is dropped");
        }
    }
}
