//! Work that is admitted ends in one of three ways, and the numbers say in which.

use std::cell::Cell;
use std::future::{Future, pending, poll_fn, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use event_loop::{EventLoop, JumpingDriver, Time, Timer};
use probe::detect::{DropCounter, Token};
use probe::panics;
use probe::random::Random;
use probe_futures::runs::Tasks;
use probe_loop::HandClock;
use service::drain::Finish;
use service::{Admitted, Cut, Drain, Numbers};

const SECOND: Duration = Duration::from_secs(1);

/// What scripted work does in its next poll.
#[derive(Clone, Copy, PartialEq)]
enum Act {
    Waits,
    Ends,
    Panics,
}

type Work = Pin<Box<dyn Future<Output = Token>>>;

/// Work that was admitted, and what it does next.
type Entry = (Option<Admitted<Work>>, Rc<Cell<Act>>);

/// A drain, works with what they do next, and what has to be true of them.
struct Life {
    clock: HandClock,
    drain: Drain,
    counter: DropCounter,
    works: Vec<Entry>,
    finish: Option<Finish<<HandClock as Timer>::Sleep>>,
    tasks: Tasks,
    deadline: Option<Time>,
    closing: bool,
    cut: bool,
    expected: Numbers,
}

impl Life {
    fn new() -> Life {
        Life {
            clock: HandClock::default(),
            drain: Drain::new(),
            counter: DropCounter::new(),
            works: Vec::new(),
            finish: None,
            tasks: Tasks::new(),
            deadline: None,
            closing: false,
            cut: false,
            expected: Numbers::default(),
        }
    }

    fn step(&mut self, random: &mut Random) {
        match random.below(9) {
            0 | 1 => self.admit(),
            2 | 3 => self.poll_a_work(random),
            4 => {
                if let Some((_, act)) = pick(&self.works, random) {
                    act.set(if random.below(4) == 0 {
                        Act::Panics
                    } else {
                        Act::Ends
                    });
                }
            }
            5 => {
                if let Some(place) = place(&self.works, random) {
                    self.expected.dropped += u64::from(self.works[place].0.take().is_some());
                    self.works.remove(place);
                }
            }
            6 => self.begins_to_finish(),
            7 => self.poll_finish(random),
            _ => self.clock.advance(SECOND),
        }
        assert_eq!(self.drain.numbers(), self.expected);
        let open = self.works.iter().filter(|(work, _)| work.is_some()).count();
        assert_eq!(self.expected.open(), open as u64);
        assert_eq!(
            self.counter.alive(),
            open,
            "work lives as long as it is in flight"
        );
        assert_eq!(self.drain.closing().is_cancelled(), self.closing);
    }

    fn admit(&mut self) {
        let (act, token) = (Rc::new(Cell::new(Act::Waits)), self.counter.token());
        let (acts, mut token) = (Rc::clone(&act), Some(token));
        let work: Work = Box::pin(poll_fn(move |_| match acts.get() {
            Act::Waits => Poll::Pending,
            Act::Ends => Poll::Ready(token.take().expect("it is polled once after that")),
            Act::Panics => panic!("the work panics"),
        }));
        match self.drain.admit(work) {
            Ok(admitted) => {
                assert!(!self.closing);
                self.expected.admitted += 1;
                self.works.push((Some(admitted), act));
            }
            Err(_) => {
                assert!(self.closing);
                self.expected.refused += 1;
            }
        }
    }

    fn poll_a_work(&mut self, random: &mut Random) {
        let Some(place) = place(&self.works, random) else {
            return;
        };
        let (work, act) = &mut self.works[place];
        let Some(admitted) = work else { return };
        let mut context = Context::from_waker(Waker::noop());
        let polled = panics::expected(|| Pin::new(admitted).poll(&mut context));
        match polled {
            Err(_) => {
                assert!(act.get() == Act::Panics);
                self.expected.dropped += 1;
            }
            Ok(Poll::Ready(Ok(_token))) => {
                assert!(
                    act.get() == Act::Ends,
                    "the output comes first, also after the cut"
                );
                self.expected.finished += 1;
            }
            Ok(Poll::Ready(Err(Cut))) => {
                assert!(self.cut && act.get() == Act::Waits);
                self.expected.cut += 1;
            }
            Ok(Poll::Pending) => {
                assert!(!self.cut && act.get() == Act::Waits);
                return;
            }
        }
        self.works.remove(place);
    }

    fn begins_to_finish(&mut self) {
        self.tasks.stop_waiting();
        self.finish = Some(self.drain.finish(&self.clock, 3 * SECOND));
        self.deadline = Some(self.clock.now() + 3 * SECOND);
        self.closing = true;
    }

    fn poll_finish(&mut self, random: &mut Random) {
        let Some(finish) = &mut self.finish else {
            return;
        };
        let task = usize::from(random.below(2) == 0);
        match self.tasks.poll(task, Pin::new(finish)) {
            Poll::Ready(numbers) => {
                assert_eq!((numbers, numbers.open()), (self.expected, 0));
                self.finish = None;
            }
            Poll::Pending => {
                assert!(
                    self.expected.open() > 0,
                    "with nothing in flight it is ready"
                );
                let is_due = |deadline| deadline <= self.clock.now();
                self.cut |= self.deadline.is_some_and(is_due);
            }
        }
    }
}

type Works = [Entry];

fn place(works: &Works, random: &mut Random) -> Option<usize> {
    (!works.is_empty()).then(|| random.below(works.len()))
}

fn pick<'a>(works: &'a Works, random: &mut Random) -> Option<&'a Entry> {
    place(works, random).map(|place| &works[place])
}

#[test]
fn in_three_thousand_schedules_the_numbers_add_up_after_each_step() {
    for seed in 0..3_000 {
        let (mut random, mut life) = (Random::seeded(seed), Life::new());
        for _ in 0..40 {
            life.step(&mut random);
        }
        let (drain, counter) = (life.drain.clone(), life.counter.clone());
        drop(life);
        assert_eq!(
            (drain.numbers().open(), counter.alive()),
            (0, 0),
            "seed {seed}"
        );
    }
}

#[test]
fn the_end_of_the_last_work_wakes_the_task_that_polled_last() {
    let (drain, clock, mut tasks) = (Drain::new(), HandClock::default(), Tasks::new());
    let work = drain.admit(pending::<()>()).unwrap();
    let mut finish = drain.finish(&clock, SECOND);
    for task in [0, 1] {
        assert!(tasks.poll(task, Pin::new(&mut finish)).is_pending());
    }
    drop(work);
    assert_eq!(
        tasks.tell(probe::runs::Step::of("")).about("B"),
        Some("is woken")
    );
    assert!(tasks.poll(1, Pin::new(&mut finish)).is_ready());
    drop((finish, drain));
    assert_eq!((tasks.wakers_kept(), clock.alive()), (0, 0));
}

#[test]
fn at_the_deadline_the_work_is_cut_and_waited_for() {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let (handle, drain) = (event_loop.handle(), Drain::new());
    let cut = handle.spawn(drain.admit(pending::<()>()).unwrap());
    let numbers = event_loop.block_on(drain.finish(&handle, 3 * SECOND));
    assert_eq!((numbers.cut, numbers.open()), (1, 0));
    assert_eq!(event_loop.block_on(cut).unwrap(), Err(Cut));
    assert_eq!(handle.now().since_start(), 3 * SECOND);
}

#[test]
fn an_idle_connection_is_told_that_the_service_finishes() {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let (handle, drain) = (event_loop.handle(), Drain::new());
    let closing = drain.closing();
    let idle = drain
        .admit(async move { closing.cancelled().await })
        .unwrap();
    drop(handle.spawn(idle));
    let numbers = event_loop.block_on(drain.finish(&handle, 3 * SECOND));
    assert_eq!((numbers.finished, handle.now()), (1, Time::START));
}

#[test]
fn a_destructor_that_panics_is_counted_and_its_panic_passes_through() {
    struct Breaks;
    impl Drop for Breaks {
        fn drop(&mut self) {
            panic!("a destructor");
        }
    }
    let drain = Drain::new();
    let breaks = Breaks;
    let mut admitted = drain
        .admit(async move {
            let _breaks = breaks;
            pending::<()>().await;
        })
        .unwrap();
    let mut context = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut admitted).poll(&mut context).is_pending());
    drain.cut();
    assert!(panics::expected(|| Pin::new(&mut admitted).poll(&mut context)).is_err());
    drop(admitted);
    let numbers = drain.numbers();
    assert_eq!(
        (numbers.cut + numbers.dropped, numbers.open()),
        (1, 0),
        "{numbers:?}"
    );
}

#[test]
fn a_hundred_thousand_works_are_cut() {
    let (drain, clock) = (Drain::new(), HandClock::default());
    let mut works: Vec<_> = (0..100_000)
        .map(|_| drain.admit(pending::<()>()).unwrap())
        .collect();
    let mut context = Context::from_waker(Waker::noop());
    for work in &mut works {
        assert!(Pin::new(work).poll(&mut context).is_pending());
    }
    let mut finish = drain.finish(&clock, Duration::ZERO);
    clock.advance(SECOND);
    assert!(Pin::new(&mut finish).poll(&mut context).is_pending());
    for work in &mut works {
        assert!(Pin::new(work).poll(&mut context).is_ready());
    }
    let Poll::Ready(numbers) = Pin::new(&mut finish).poll(&mut context) else {
        panic!("nothing is in flight");
    };
    assert_eq!(
        numbers.to_string(),
        "100000 admitted = 0 finished + 100000 cut + 0 dropped + 0 open; 0 refused"
    );
}

#[test]
fn work_that_is_refused_comes_back_unpolled() {
    let (drain, clock) = (Drain::new(), HandClock::default());
    drop(drain.finish(&clock, SECOND));
    let refused = drain.admit(ready(7)).unwrap_err();
    let mut context = Context::from_waker(Waker::noop());
    let mut work = refused.0;
    assert_eq!(Pin::new(&mut work).poll(&mut context), Poll::Ready(7));
    assert_eq!(drain.numbers().refused, 1);
}
