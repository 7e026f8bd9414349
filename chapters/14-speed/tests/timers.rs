//! The wheel's timers beside the heap of chapter 04.

use std::collections::HashMap;
use std::time::Duration;

use event_loop::Time;
use probe::random::Random;
use probe::run;
use probe_loop::timer_runs::{self, Item, Sorted, TimerMachine, TimerSet};
use speed::timers::{TimerKey, Timers};

/// `next` of a wheel may be too early, so the times are noted beside it.
struct OnAWheel<T> {
    timers: Timers<T>,
    due: HashMap<TimerKey, Time>,
}

impl<T> TimerSet<T> for OnAWheel<T> {
    type Key = TimerKey;

    fn new() -> OnAWheel<T> {
        OnAWheel {
            timers: Timers::new(),
            due: HashMap::new(),
        }
    }

    fn insert(&mut self, when: Time, item: T) -> TimerKey {
        let key = self.timers.insert(when, item);
        assert_eq!(self.due.insert(key, when), None);
        key
    }

    fn remove(&mut self, key: TimerKey) -> Option<T> {
        self.due.remove(&key);
        self.timers.remove(key)
    }

    fn get_mut(&mut self, key: TimerKey) -> Option<&mut T> {
        self.timers.get_mut(key)
    }

    fn contains(&self, key: TimerKey) -> bool {
        self.timers.contains(key)
    }

    fn next(&self) -> Option<Time> {
        let (next, earliest) = (self.timers.next(), self.due.values().min().copied());
        assert_eq!(next.is_some(), earliest.is_some());
        assert!(next <= earliest, "{next:?} is later than {earliest:?}");
        earliest
    }

    fn pop_due(&mut self, now: Time) -> Option<(TimerKey, T)> {
        let popped = self.timers.pop_due(now);
        if let Some((key, _)) = &popped {
            self.due.remove(key);
        }
        popped
    }

    fn len(&self) -> usize {
        self.timers.len()
    }

    fn is_empty(&self) -> bool {
        self.timers.is_empty()
    }
}

#[test]
fn in_every_short_run_of_chapter_04_the_wheel_answers_as_its_timers_do() {
    let runs = timer_runs::set_and_pop()
        .into_iter()
        .chain(timer_runs::all());
    for search in runs {
        search.compare(
            &run!(),
            TimerMachine::<OnAWheel<Item>>::new,
            TimerMachine::<Sorted<Item>>::new,
        );
    }
}

const YEAR: Duration = Duration::from_secs(365 * 86_400);

fn nanos(nanos: u64) -> Time {
    Time::after_start(Duration::from_nanos(nanos))
}

/// A duration of any magnitude up to `2^bits` nanoseconds.
fn any_duration(random: &mut Random, bits: usize) -> Duration {
    let bits = random.below(bits) as u32;
    Duration::from_nanos(random.number() >> (63 - bits))
}

/// A wheel and a heap with the same timers.
struct Both {
    wheel: Timers<u64>,
    heap: event_loop::Timers<u64>,
    keys: HashMap<u64, (TimerKey, event_loop::TimerKey)>,
    numbers: Vec<u64>,
    set: u64,
    now: Time,
}

impl Both {
    fn new(wheel: Timers<u64>) -> Both {
        Both {
            wheel,
            heap: event_loop::Timers::new(),
            keys: HashMap::new(),
            numbers: Vec::new(),
            set: 0,
            now: Time::START,
        }
    }

    fn insert(&mut self, when: Time, heap_when: Time) {
        let number = self.set;
        self.set += 1;
        let keys = (
            self.wheel.insert(when, number),
            self.heap.insert(heap_when, number),
        );
        self.keys.insert(number, keys);
        self.numbers.push(number);
    }

    fn remove_any(&mut self, random: &mut Random) {
        if self.numbers.is_empty() {
            return;
        }
        let number = self.numbers.swap_remove(random.below(self.numbers.len()));
        let (wheel, heap) = self.keys[&number];
        assert_eq!(self.wheel.contains(wheel), self.heap.remove(heap).is_some());
        assert_eq!(
            self.wheel.remove(wheel).is_some(),
            self.keys.remove(&number).is_some() && self.wheel.len() == self.heap.len()
        );
    }

    /// Takes out what is due now, from both.
    fn pop_all(&mut self) {
        loop {
            let popped = (self.wheel.pop_due(self.now), self.heap.pop_due(self.now));
            match popped {
                (None, None) => break,
                (Some((key, number)), Some((other, expected))) => {
                    assert_eq!(number, expected, "at {}", self.now);
                    assert_eq!(self.keys.remove(&number), Some((key, other)));
                    self.numbers.retain(|left| *left != number);
                }
                (wheel, heap) => panic!("at {}: {wheel:?}, and the heap {heap:?}", self.now),
            }
        }
        assert_eq!(self.wheel.len(), self.heap.len());
    }

    /// Sleeps as a loop does, as often as `next` is too early.
    fn sleep(&mut self) {
        let Some(due) = self.heap.next() else {
            return assert_eq!(self.wheel.next(), None);
        };
        for _ in 0..=16 {
            let next = self.wheel.next().expect("a timer is set");
            assert!(next <= due, "{next} is later than the earliest, {due}");
            self.now = self.now.max(next);
            self.pop_all();
            if self.now >= due {
                return;
            }
        }
        panic!("`next` was too early 17 times in a row");
    }
}

#[test]
fn over_virtual_years_the_wheel_returns_what_the_heap_returns() {
    for seed in 0..20 {
        println!("seed {seed}");
        let mut random = Random::seeded(seed);
        let mut both = Both::new(Timers::new());
        for _ in 0..3_000 {
            match random.below(10) {
                0..=4 => {
                    let when = both.now + any_duration(&mut random, 60);
                    both.insert(when, when);
                }
                // Already past, or now.
                5 => {
                    let past = both.now.since_start() / (random.below(3) as u32 + 1);
                    let when = Time::after_start(past);
                    both.insert(when, when);
                }
                6..=7 => both.remove_any(&mut random),
                8 => both.sleep(),
                _ => {
                    both.now = both.now + any_duration(&mut random, 48);
                    both.pop_all();
                }
            }
        }
        let in_ten_years = both.now + 10 * YEAR;
        both.insert(in_ten_years, in_ten_years);
        while both.heap.next().is_some() {
            both.sleep();
        }
        assert!(both.wheel.is_empty());
        assert!(both.now >= in_ten_years);
    }
}

#[test]
fn with_ticks_of_a_millisecond_no_timer_is_early_and_none_is_late_by_a_tick() {
    for seed in 0..20 {
        println!("seed {seed}");
        let mut random = Random::seeded(seed);
        let wheel = Timers::with_resolution(Duration::from_millis(1));
        let tick = wheel.resolution();
        assert!(tick <= Duration::from_millis(1));
        let tick = tick.as_nanos() as u64;
        let mut both = Both::new(wheel);
        for _ in 0..2_000 {
            let when = both.now + any_duration(&mut random, 50);
            // The heap is told the first tick that is no earlier.
            let since = when.since_start().as_nanos() as u64;
            both.insert(when, nanos(since.next_multiple_of(tick)));
            if random.below(3) == 0 {
                both.sleep();
            }
        }
        while both.heap.next().is_some() {
            both.sleep();
        }
    }
}

#[test]
fn a_timer_for_the_end_of_time_comes_out_only_when_all_are_taken_out() {
    for resolution in [Duration::ZERO, Duration::from_millis(1)] {
        let mut timers = Timers::with_resolution(resolution);
        timers.insert(Time::END, "last");
        let next = timers.next();
        assert!(next.is_some_and(|next| next <= Time::END), "{next:?}");
        assert_eq!(timers.pop_due(nanos(u64::MAX - 1)), None);
        assert_eq!(
            timers.pop_due(Time::END).map(|(_, item)| item),
            Some("last")
        );
    }
}

#[test]
fn a_clock_that_goes_back_takes_out_only_what_is_due_then() {
    let mut timers = Timers::new();
    assert_eq!(timers.pop_due(nanos(1_000)), None);
    timers.insert(nanos(500), "b");
    timers.insert(nanos(300), "a");
    timers.insert(nanos(1_500), "c");
    let next = timers.next();
    assert!(next.is_some_and(|next| next <= nanos(300)), "{next:?}");
    assert_eq!(timers.pop_due(nanos(299)), None);
    assert_eq!(timers.pop_due(nanos(400)).map(|(_, item)| item), Some("a"));
    assert_eq!(timers.pop_due(nanos(400)), None);
    assert_eq!(
        timers.pop_due(nanos(1_400)).map(|(_, item)| item),
        Some("b")
    );
    assert_eq!(timers.pop_due(nanos(1_400)), None);
    assert_eq!(
        timers.pop_due(nanos(1_500)).map(|(_, item)| item),
        Some("c")
    );
}
