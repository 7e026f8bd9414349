//! Sets of timers alone: the heap of chapter 04, the wheel of chapter 14, and a sorted map.
//!
//! It knows the sets that it compares. It does not know loops.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Duration;

use event_loop::Time;

use crate::loops::per_step;
use crate::table::median;

/// Timers that one measured run sets and removes, or sets and waits for.
const STEPS: usize = 100_000;

/// What is set already.
const LIVE: [usize; 3] = [0, 1_000, 1_000_000];

trait Timers {
    type Key: Copy;
    fn none() -> Self;
    fn set(&mut self, when: Time) -> Self::Key;
    fn remove(&mut self, key: Self::Key);
    fn next(&self) -> Option<Time>;
    fn pop(&mut self, now: Time) -> bool;
}

impl Timers for event_loop::Timers<u64> {
    type Key = event_loop::TimerKey;
    fn none() -> Self {
        event_loop::Timers::new()
    }
    fn set(&mut self, when: Time) -> Self::Key {
        self.insert(when, 0)
    }
    fn remove(&mut self, key: Self::Key) {
        black_box(self.remove(key));
    }
    fn next(&self) -> Option<Time> {
        self.next()
    }
    fn pop(&mut self, now: Time) -> bool {
        self.pop_due(now).is_some()
    }
}

impl Timers for speed::timers::Timers<u64> {
    type Key = speed::timers::TimerKey;
    fn none() -> Self {
        speed::timers::Timers::new()
    }
    fn set(&mut self, when: Time) -> Self::Key {
        self.insert(when, 0)
    }
    fn remove(&mut self, key: Self::Key) {
        black_box(self.remove(key));
    }
    fn next(&self) -> Option<Time> {
        self.next()
    }
    fn pop(&mut self, now: Time) -> bool {
        self.pop_due(now).is_some()
    }
}

/// The wheel with ticks of half a millisecond.
struct Coarse(speed::timers::Timers<u64>);

impl Timers for Coarse {
    type Key = speed::timers::TimerKey;
    fn none() -> Self {
        Coarse(speed::timers::Timers::with_resolution(
            Duration::from_millis(1),
        ))
    }
    fn set(&mut self, when: Time) -> Self::Key {
        self.0.insert(when, 0)
    }
    fn remove(&mut self, key: Self::Key) {
        black_box(self.0.remove(key));
    }
    fn next(&self) -> Option<Time> {
        self.0.next()
    }
    fn pop(&mut self, now: Time) -> bool {
        self.0.pop_due(now).is_some()
    }
}

#[derive(Default)]
struct Sorted {
    entries: BTreeMap<(Time, u64), u64>,
    set: u64,
}

impl Timers for Sorted {
    type Key = (Time, u64);
    fn none() -> Self {
        Sorted::default()
    }
    fn set(&mut self, when: Time) -> Self::Key {
        self.set += 1;
        self.entries.insert((when, self.set), 0);
        (when, self.set)
    }
    fn remove(&mut self, key: Self::Key) {
        black_box(self.entries.remove(&key));
    }
    fn next(&self) -> Option<Time> {
        Some(self.entries.first_key_value()?.0.0)
    }
    fn pop(&mut self, now: Time) -> bool {
        match self.entries.first_entry() {
            Some(entry) if entry.key().0 <= now => {
                entry.remove();
                true
            }
            _ => false,
        }
    }
}

/// A time-out between half a minute and a minute from now, in no order.
fn timeout(now: Time, number: usize) -> Time {
    let mixed = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    now + Duration::from_nanos(30_000_000_000 + mixed * 7)
}

/// Sets and removes time-outs while others are set, as a server does. Each request takes a
/// microsecond, and eight are in progress.
fn set_and_removed<T: Timers>(live: usize) -> f64 {
    let mut timers = T::none();
    for number in 0..live {
        timers.set(timeout(Time::START, number));
    }
    let mut now = Time::START;
    let mut requests = std::collections::VecDeque::new();
    per_step(STEPS, || {
        for number in 0..STEPS {
            now = now + Duration::from_micros(1);
            requests.push_back(timers.set(timeout(now, number)));
            if requests.len() > 8 {
                timers.remove(requests.pop_front().expect("there are nine"));
            }
            black_box(timers.next());
        }
    })
}

/// Sets timers within a minute, and takes them all out, as a loop does: it sleeps until `next`.
fn set_and_due<T: Timers>() -> f64 {
    let mut timers = T::none();
    per_step(STEPS, || {
        for number in 0..STEPS {
            timers.set(timeout(Time::START, number));
        }
        while let Some(now) = timers.next() {
            while timers.pop(now) {}
        }
    })
}

struct Set {
    name: &'static str,
    set_and_removed: fn(usize) -> f64,
    set_and_due: fn() -> f64,
}

const fn set<T: Timers>(name: &'static str) -> Set {
    Set {
        name,
        set_and_removed: set_and_removed::<T>,
        set_and_due: set_and_due::<T>,
    }
}

pub(crate) fn measure(rounds: u32) {
    let sets = [
        set::<event_loop::Timers<u64>>("heap (04)"),
        set::<speed::timers::Timers<u64>>("wheel"),
        set::<Coarse>("wheel, 0.5 ms"),
        set::<Sorted>("BTreeMap"),
    ];
    println!(
        "{:42}{}",
        "ns each, median of the rounds",
        sets.each_ref()
            .map(|set| format!("{:>14}", set.name))
            .concat()
    );
    for live in LIVE {
        let name = format!("set and removed, {live} are set");
        row(&name, &sets, rounds, |set| (set.set_and_removed)(live));
    }
    row(
        "set and due, 100000 within half a minute",
        &sets,
        rounds,
        |set| (set.set_and_due)(),
    );
}

fn row(name: &str, sets: &[Set], rounds: u32, run: impl Fn(&Set) -> f64) {
    let mut results = vec![Vec::new(); sets.len()];
    for round in 0..rounds as usize {
        for turn in 0..sets.len() {
            let which = (turn + round) % sets.len();
            results[which].push(run(&sets[which]));
        }
    }
    let cells = results
        .iter_mut()
        .map(|values| format!("{:>14.0}", median(values)));
    println!("{name:42}{}", cells.collect::<String>());
}
