//! The executor under a model of its threads: the chapter's own files, with the model's locks.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Wake, Waker};

use probe::run;
use probe_model::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use probe_model::sync::{Arc, Mutex, UnsafeCell, thread};
use probe_model::{Blame, Turn, explore, explore_standstills, explore_turns};

#[allow(dead_code, unreachable_pub, unused_imports)]
#[path = "../src/stealing/mod.rs"]
mod stealing;

use stealing::{RunQueues, Workers};

const LOST: Blame<'static> = Blame {
    mistake: None,
    sentence: "A task was woken, and no worker polls it: all threads sleep.",
};

/// `wakers::block_on`, with the model's park.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(thread::Thread, AtomicBool);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.1.store(true, Ordering::SeqCst);
            self.0.unpark();
        }
    }
    let mut future = pin!(future);
    let woken = Arc::new(Unpark(thread::current(), AtomicBool::new(false)));
    let waker = Waker::from(Arc::clone(&woken));
    loop {
        let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
        if let Poll::Ready(output) = polled {
            return output;
        }
        while !woken.1.swap(false, Ordering::SeqCst) {
            thread::park();
        }
    }
}

/// A flag that another thread or task sets, with the waker of the task that waits for it.
#[derive(Clone, Default)]
struct Signal(Arc<Mutex<(bool, Option<Waker>)>>);

impl Signal {
    fn set(&self) {
        let waker = {
            let mut state = self.0.lock().unwrap();
            state.0 = true;
            state.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Future for Signal {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.lock().unwrap();
        if state.0 {
            return Poll::Ready(());
        }
        state.1 = Some(context.waker().clone());
        Poll::Pending
    }
}

fn two_tasks_wake_each_other() {
    let workers = Workers::new(2).unwrap();
    let [there, back] = [Signal::default(), Signal::default()];
    let (sets, waits) = (there.clone(), back.clone());
    let a = workers.spawn(async move {
        sets.set();
        waits.await;
    });
    let b = workers.spawn(async move {
        there.await;
        back.set();
    });
    block_on(a).unwrap();
    block_on(b).unwrap();
}

#[test]
fn no_wake_between_two_tasks_is_lost() {
    explore(
        || run!(),
        LOST,
        Blame::BUSY,
        |_| two_tasks_wake_each_other(),
    );
    explore_standstills(
        300,
        2,
        || run!(),
        LOST,
        Blame::BUSY,
        |_| two_tasks_wake_each_other(),
    );
}

#[test]
fn a_wake_from_another_thread_in_the_middle_of_a_poll_is_not_lost() {
    explore(
        || run!(),
        LOST,
        Blame::BUSY,
        |_| {
            let workers = Workers::new(1).unwrap();
            let signal = Signal::default();
            let task = workers.spawn(signal.clone());
            signal.set();
            block_on(task).unwrap();
        },
    );
}

#[test]
fn a_task_that_several_threads_wake_is_polled_by_one_worker_at_a_time() {
    explore(
        || run!(),
        LOST,
        Blame::BUSY,
        |_| {
            let workers = Workers::new(2).unwrap();
            let wakers: Arc<Mutex<Option<Waker>>> = Arc::default();
            let given = Arc::clone(&wakers);
            // The model panics if two threads are inside of the cell at once.
            let inside = UnsafeCell::new(0_usize);
            let polls = AtomicUsize::new(0);
            let task = workers.spawn(poll_fn(move |context| {
                inside.with_mut(|_| *given.lock().unwrap() = Some(context.waker().clone()));
                match polls.fetch_add(1, Ordering::SeqCst) {
                    0 => {
                        context.waker().wake_by_ref();
                        Poll::Pending
                    }
                    _ => Poll::Ready(()),
                }
            }));
            for _ in 0..2 {
                let waker = wakers.lock().unwrap().clone();
                if let Some(waker) = waker {
                    waker.wake();
                }
            }
            block_on(task).unwrap();
        },
    );
}

#[test]
fn dropping_the_executor_ends_its_threads_whatever_they_do() {
    explore(
        || run!(),
        LOST,
        Blame::BUSY,
        |_| {
            let workers = Workers::new(2).unwrap();
            let signal = Signal::default();
            let task = workers.spawn(signal.clone());
            let wakes = thread::spawn(move || signal.set());
            drop(workers);
            wakes.join().unwrap();
            // Completed or dropped, but not forgotten.
            let _either = block_on(task);
        },
    );
}

#[test]
fn a_thread_that_empties_closed_queues_as_a_worker_lets_that_worker_end() {
    // The body starts the worker; the worker announces that it sleeps; the body closes the queues and looks into them as that worker;
    // the worker falls asleep, or does not; and the body goes on.
    let steps = |most| 0..most;
    let interleavings = steps(6).flat_map(move |starts| {
        let worker = move |looks| {
            steps(24).map(move |closes| {
                vec![
                    Turn::of(0, starts),
                    Turn::of(1, looks),
                    Turn::of(0, closes),
                    Turn::all(1),
                ]
            })
        };
        steps(24).flat_map(worker)
    });
    explore_turns(
        interleavings,
        || run!(),
        LOST,
        Blame::BUSY,
        |_| {
            let queues = Arc::new(RunQueues::<()>::new(1));
            let shared = Arc::clone(&queues);
            let worker = thread::spawn(move || shared.next(0));
            queues.close();
            assert_eq!(queues.next(0), None);
            assert_eq!(worker.join().unwrap(), None);
        },
    );
}

#[test]
fn a_task_that_drops_its_executor_does_not_wait_for_its_own_thread() {
    explore(
        || run!(),
        LOST,
        Blame::BUSY,
        |_| {
            let workers = Workers::new(2).unwrap();
            let (given, gives) = (Signal::default(), Arc::new(Mutex::new(None::<Workers>)));
            let (waits, last) = (given.clone(), Arc::clone(&gives));
            let drops = workers.spawn(async move {
                waits.await;
                drop(last.lock().unwrap().take());
            });
            *gives.lock().unwrap() = Some(workers);
            given.set();
            block_on(drops).unwrap();
        },
    );
}
