//! Programs made up at random, on a loop whose observer knows the rules.
//!
//! The seeds are fixed, and the one that fails is printed.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Poll, Waker};
use std::time::Duration;

use event_loop::{End, EventLoop, Handle, JoinHandle, Observer, TaskId, Time, TimerKey, yield_now};
use probe::run;
use probe_futures::Sim;
use probe_loop::{SimDriver, Stuck};

const SEEDS: u64 = 1_000;

#[test]
fn every_wake_is_one_poll_in_the_order_of_the_wakes() {
    for seed in 1..=SEEDS {
        let outcome = std::panic::catch_unwind(|| Program::new(seed).run());
        if let Err(panic) = outcome {
            eprintln!("the program of seed {seed} broke a rule");
            std::panic::resume_unwind(panic);
        }
    }
}

/// One program: tasks that wait, wake, spawn and abort each other as the numbers say.
struct Program {
    random: Random,
    rules: Rules,
}

impl Program {
    fn new(seed: u64) -> Program {
        Program {
            random: Random::new(seed),
            rules: Rules::default(),
        }
    }

    fn run(self) {
        let driver = SimDriver::new(&Sim::new(&run!()));
        let event_loop = EventLoop::observed(driver, self.rules.clone());
        let world = World {
            handle: event_loop.handle(),
            random: Rc::new(RefCell::new(self.random)),
            wakers: Rc::default(),
            tasks: Rc::default(),
        };
        for _ in 0..6 {
            world.spawn();
        }
        for turn in 0.. {
            assert!(turn < 10_000, "it does not come to an end");
            match event_loop.run_once() {
                Ok(()) => self.rules.turn_is_over(),
                Err(error) => {
                    assert!(Stuck::of(&error).is_some());
                    break;
                }
            }
        }
        assert_eq!(event_loop.timers(), 0);
        self.rules.no_task_was_forgotten();
        drop((world, event_loop));
        self.rules.every_task_is_gone();
    }
}

/// What the tasks of a program share.
#[derive(Clone)]
struct World {
    handle: Handle,
    random: Rc<RefCell<Random>>,
    wakers: Rc<RefCell<Vec<Waker>>>,
    tasks: Rc<RefCell<Vec<JoinHandle<()>>>>,
}

impl World {
    fn below(&self, end: u64) -> u64 {
        self.random.borrow_mut().below(end)
    }

    fn spawn(&self) {
        let steps = self.below(12);
        let world = self.clone();
        let task = self.handle.spawn(async move {
            for _ in 0..steps {
                world.step().await;
            }
        });
        self.tasks.borrow_mut().push(task);
    }

    async fn step(&self) {
        match self.below(10) {
            0 | 1 => yield_now().await,
            2 | 3 => {
                let millis = self.below(5);
                self.handle.sleep(Duration::from_millis(millis)).await;
            }
            4 => {
                let mut sleep = self.handle.sleep(Duration::from_millis(2));
                let mut polled = false;
                // Polled once, and then dropped.
                poll_fn(|context| {
                    if !polled {
                        polled = true;
                        assert!(
                            std::pin::Pin::new(&mut sleep)
                                .as_mut()
                                .poll(context)
                                .is_pending()
                        );
                        context.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                    Poll::Ready(())
                })
                .await;
            }
            5 if self.tasks.borrow().len() < 40 => self.spawn(),
            6 => self.abort_a_task(),
            7 => self.wake_a_task(),
            8 => self.leave_a_waker_and_yield().await,
            _ => {
                for _ in 0..3 {
                    self.wake_a_task();
                }
            }
        }
    }

    fn abort_a_task(&self) {
        let count = self.tasks.borrow().len() as u64;
        let task = self
            .tasks
            .borrow_mut()
            .swap_remove(self.below(count) as usize);
        task.abort();
    }

    fn wake_a_task(&self) {
        let count = self.wakers.borrow().len() as u64;
        if count > 0 {
            let waker = self.wakers.borrow()[self.below(count) as usize].clone();
            waker.wake();
        }
    }

    async fn leave_a_waker_and_yield(&self) {
        let mut polls = 0;
        poll_fn(|context| {
            polls += 1;
            if polls > 1 {
                return Poll::Ready(());
            }
            self.wakers.borrow_mut().push(context.waker().clone());
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}

/// An observer that knows what must hold, and panics where it does not.
#[derive(Clone, Default)]
struct Rules(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// Who was woken and not yet polled, oldest wake first, and in which turn that was.
    woken: VecDeque<(TaskId, usize)>,
    alive: BTreeMap<TaskId, usize>,
    timers: usize,
    turn: usize,
    polling: Option<TaskId>,
}

impl Rules {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Each task that was woken before this iteration's batch was polled in it.
    fn turn_is_over(&self) {
        let mut state = self.lock();
        let State {
            woken, alive, turn, ..
        } = &mut *state;
        woken.retain(|(task, _)| alive.contains_key(task));
        for (task, since) in woken.iter() {
            assert!(
                *since == *turn,
                "{task} was woken in turn {since}, and has waited through turn {turn}"
            );
        }
    }

    fn no_task_was_forgotten(&self) {
        let state = self.lock();
        assert!(
            state.woken.is_empty(),
            "woken and never polled: {:?}",
            state.woken
        );
        assert_eq!(state.timers, 0);
    }

    fn every_task_is_gone(&self) {
        assert!(self.lock().alive.is_empty());
    }
}

impl Observer for Rules {
    fn turn_begun(&self) {
        self.lock().turn += 1;
    }

    fn task_spawned(&self, task: TaskId) {
        let before = self.lock().alive.insert(task, 0);
        assert!(before.is_none(), "{task} is there already");
    }

    fn woken(&self, task: TaskId) {
        let mut state = self.lock();
        let turn = state.turn;
        assert!(state.alive.contains_key(&task), "{task} is over");
        assert!(
            state.woken.iter().all(|(woken, _)| *woken != task),
            "{task} is in the queue already"
        );
        state.woken.push_back((task, turn));
    }

    fn poll_begun(&self, task: TaskId) {
        let mut state = self.lock();
        assert_eq!(state.polling.replace(task), None, "two polls at once");
        loop {
            let (first, _) = state.woken.pop_front().expect("a spurious poll");
            if first == task {
                break;
            }
            assert!(
                !state.alive.contains_key(&first),
                "{task} was polled before {first}, which was woken earlier"
            );
        }
        *state
            .alive
            .get_mut(&task)
            .expect("a completed task was polled") += 1;
    }

    fn polled(&self, task: TaskId, _ready: bool) {
        assert_eq!(self.lock().polling.take(), Some(task));
    }

    fn task_finished(&self, task: TaskId, _end: End) {
        assert!(
            self.lock().alive.remove(&task).is_some(),
            "{task} ends twice"
        );
    }

    fn timer_set(&self, _timer: TimerKey, _when: Time) {
        self.lock().timers += 1;
    }

    fn timer_fired(&self, _timer: TimerKey) {
        self.lock().timers -= 1;
    }

    fn timer_dropped(&self, _timer: TimerKey) {
        self.lock().timers -= 1;
    }
}

/// Numbers that look random, and are the same ones for the same seed.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % end
    }
}
