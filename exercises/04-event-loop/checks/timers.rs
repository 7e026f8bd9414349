//! timers: what is to happen at what time, the earliest first.

use std::collections::BTreeMap;
use std::time::Duration;

use super::subject::{TimerKey, Timers};
use event_loop::Time;
use probe::detect::DropCounter;
use probe::{Run, run, snapshot};
use probe_futures::heap;

#[global_allocator]
static HEAP: heap::Counting = heap::Counting;

#[test]
fn a_timer_comes_out_when_its_time_has_come() {
    let run = run!("one_timer");
    let mut shelf = Shelf::new(&run);
    shelf.set("tea", 30);
    if shelf.pop(29).is_some() {
        run.departs("The timer is set for 30ms, it was 29ms, and it came out.");
    }
    if shelf.pop(30).is_none() {
        if shelf.pop(31).is_none() {
            run.departs(
                "The timer is set for 30ms, and it has not come out: not at 30ms, nor at 31ms.",
            );
        }
        run.diagnose(
            "due-too-late",
            "The timer is set for 30ms, it was 30ms, and it did not come out. A loop that slept until exactly then would find nothing, \
             and go to sleep again for no time at all, until the clock moves.",
        );
    }
    if shelf.pop(40).is_some() {
        run.departs("It had come out, and came out once more.");
    }
    shelf.set("coffee", 50);
    if shelf.pop(1_000_000).is_none() {
        run.departs(
            "The timer is set for 50ms, nobody looked until much later, and it did not come out.",
        );
    }
    snapshot!(run);
}

#[test]
fn the_earliest_comes_out_first() {
    let run = run!("the_earliest_first");
    let mut shelf = Shelf::new(&run);
    for (name, when) in [("second", 20), ("third", 30), ("first", 10)] {
        shelf.set(name, when);
    }
    let out = shelf.pop_all(40);
    match out.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["first", "second", "third"] => {}
        ["third", "second", "first"] => run.diagnose(
            "latest-first",
            "The latest came out first: that one is on top. A heap of the standard library has the greatest on top; which of two times \
             is the greater one?",
        ),
        _ => run.departs(format!("They came out in this order: {}.", out.join(", "))),
    }
    snapshot!(run);
}

#[test]
fn several_timers_of_one_instant_all_come_out() {
    let run = run!();
    let mut shelf = Shelf::new(&run);
    shelf.set("one", 10);
    shelf.set("another", 10);
    if shelf.timers.len() == 1 {
        run.diagnose(
            "timer-collision",
            "Two timers were set for the same instant, and there is one: the second has taken the place of the first. A time alone is no \
             name.",
        );
    }
    let out = shelf.pop_all(10);
    match out.len() {
        2 => {}
        1 => run.diagnose(
            "timer-collision",
            format!("Two timers were set for the same instant, and only \"{}\" came out: the other one is lost. A time alone is no name.", out[0]),
        ),
        _ => run.departs(format!("Two were set for 10ms, and at 10ms this came out: {out:?}.")),
    }
}

#[test]
fn timers_of_one_instant_come_out_in_the_order_in_which_they_were_set() {
    let run = run!("one_instant");
    let mut shelf = Shelf::new(&run);
    let names = ["a", "b", "c", "d", "e"];
    for name in names {
        shelf.set(name, 10);
    }
    let out = shelf.pop_all(10);
    let mut sorted = out.clone();
    sorted.sort();
    if sorted != names {
        run.departs(format!(
            "{} were set, and this came out: {}.",
            names.join(", "),
            out.join(", ")
        ));
    }
    if out != names {
        run.diagnose(
            "tie-not-broken",
            format!(
                "All were set for the same instant, in the order {}, and they came out as {}. Where two times are equal, something else has \
                 to decide.",
                names.join(", "),
                out.join(", ")
            ),
        );
    }
    snapshot!(run);
}

#[test]
fn it_says_when_the_next_is_due_and_how_many_there_are() {
    let run = run!();
    let mut shelf = Shelf::new(&run);
    shelf.expect_next(None, 0);
    shelf.set("late", 20);
    shelf.expect_next(Some(20), 1);
    shelf.set("early", 10);
    shelf.expect_next(Some(10), 2);
    shelf.set("middle", 15);
    shelf.expect_next(Some(10), 3);
    shelf.pop(10);
    shelf.expect_next(Some(15), 2);
    shelf.pop_all(20);
    shelf.expect_next(None, 0);
}

#[test]
fn what_comes_out_has_the_name_under_which_it_was_set() {
    let run = run!();
    let mut shelf = Shelf::new(&run);
    let keys = [("a", 30), ("b", 10), ("c", 20)].map(|(name, when)| (name, shelf.set(name, when)));
    while let Some((key, name)) = shelf.timers.pop_due(at(40)) {
        let given = keys
            .iter()
            .find(|(given, _)| *given == name)
            .map(|(_, key)| *key);
        if given != Some(key) {
            run.departs(format!(
                "{name} came out under another key than the one that `insert` gave it."
            ));
        }
    }
    let [a, b, c] = keys.map(|(_, key)| key);
    if a == b || b == c || a == c {
        run.departs("Two timers have the same key.");
    }
}

#[test]
fn what_is_taken_back_does_not_come_out() {
    let run = run!("taken_back");
    let mut shelf = Shelf::new(&run);
    shelf.set("first", 10);
    let second = shelf.set("second", 20);
    shelf.set("third", 30);
    shelf.take_back("second", second, true);
    shelf.take_back("second", second, false);
    let out = shelf.pop_all(40);
    if out.iter().any(|name| name == "second") {
        run.departs(format!(
            "\"second\" was taken back, and this came out: {}.",
            out.join(", ")
        ));
    }
    if out != ["first", "third"] {
        let came = if out.is_empty() {
            "nothing".to_owned()
        } else {
            out.join(", ")
        };
        run.departs(format!(
            "\"second\" was taken back, so \"first\" and \"third\" are left, in this order. What came out is {came}."
        ));
    }
    snapshot!(run);
}

#[test]
fn a_timer_that_has_come_out_cannot_be_taken_back() {
    let run = run!();
    let mut shelf = Shelf::new(&run);
    let key = shelf.set("tea", 10);
    shelf.pop(10);
    shelf.take_back("tea", key, false);
    shelf.expect_next(None, 0);
}

#[test]
fn what_is_taken_back_leaves_nothing() {
    let run = run!();
    let mut shelf = Shelf::new(&run);
    let first = shelf.set("first", 10);
    shelf.set("second", 20);
    shelf.take_back("first", first, true);
    if shelf.timers.next() == Some(at(10)) {
        run.diagnose(
            "timer-leaked",
            "The timer for 10ms was taken back, and it still counts as the next one: the loop would get up for it, and find nobody to wake.",
        );
    }
    if shelf.timers.len() == 2 {
        run.diagnose(
            "timer-leaked",
            "Two were set, one was taken back, and there are two: its place is still taken.",
        );
    }
    shelf.expect_next(Some(20), 1);
    let tokens = DropCounter::new();
    let mut timers = Timers::new();
    let hour = at(3_600_000);
    for _ in 0..1_000 {
        let key = timers.insert(hour, tokens.token());
        drop(timers.remove(key));
    }
    if !timers.is_empty() || timers.next().is_some() {
        run.diagnose(
            "timer-leaked",
            format!(
                "A thousand timers were set for an hour from now, and each was taken back at once. There are still {}, and they stay for an \
                 hour.",
                timers.len()
            ),
        );
    }
    if tokens.alive() > 0 {
        run.departs(format!(
            "A thousand timers were taken back, and what {} of them held is still alive.",
            tokens.alive()
        ));
    }
}

#[test]
fn what_a_timer_holds_can_be_changed_as_long_as_it_is_set() {
    let run = run!();
    let mut shelf = Shelf::new(&run);
    let tea = shelf.set("tea", 20);
    let coffee = shelf.set("coffee", 10);
    match shelf.timers.get_mut(tea) {
        Some(item) if item == "tea" => *item = "green tea".to_owned(),
        other => run.departs(format!("`get_mut` of the key of \"tea\" gave {other:?}.")),
    }
    if !(shelf.timers.contains(tea) && shelf.timers.contains(coffee)) {
        run.departs("Two are set, and `contains` does not know both.");
    }
    let out = shelf.pop_all(30);
    if out != ["coffee", "green tea"] {
        run.departs(format!(
            "\"tea\" was changed to \"green tea\", and this came out: {}.",
            out.join(", ")
        ));
    }
    if shelf.timers.contains(tea) || shelf.timers.get_mut(coffee).is_some() {
        run.departs("Both have come out, and one of them still counts as set.");
    }
}

#[test]
fn an_old_key_is_not_taken_for_a_new_timer() {
    let run = run!();
    for taken_back in [true, false] {
        let mut shelf = Shelf::new(&run);
        let old = shelf.set("old", 10);
        if taken_back {
            shelf.take_back("old", old, true);
        } else {
            shelf.pop(10);
        }
        let new = shelf.set("new", 10);
        let call = run
            .recorder()
            .enters("timers", "take back \"old\" once more");
        let removed = shelf.timers.remove(old);
        call.returns(format!("{removed:?}"));
        let stale =
            "\"old\" was gone, and \"new\" was set. Then somebody who still had the key of \"old\"";
        if removed.as_deref() == Some("new") {
            run.diagnose(
                "stale-key",
                format!("{stale} took it back, and \"new\" is gone. Both have the same key."),
            );
        }
        if shelf.timers.contains(old) || shelf.timers.get_mut(old).is_some() || old == new {
            run.diagnose(
                "stale-key",
                format!("{stale} asked for it, and was given \"new\". Both have the same key."),
            );
        }
        if !shelf.timers.contains(new) {
            run.departs("\"new\" is set, and `contains` does not know it.");
        }
    }
}

#[test]
fn a_time_may_be_as_far_away_as_it_likes() {
    let run = run!();
    let mut timers = Timers::new();
    let (start, end) = (Time::START, Time::END);
    timers.insert(end, "never");
    timers.insert(start, "at the beginning");
    let first = timers.pop_due(start).map(|(_, item)| item);
    let then = timers.pop_due(at(1_000_000_000)).map(|(_, item)| item);
    if (first, then, timers.next()) != (Some("at the beginning"), None, Some(end)) {
        run.departs(format!(
            "One was set for time zero and one for the end of time. At zero came out: {first:?}. Long after that: {then:?}. And then the \
             next one is due at {:?}.",
            timers.next()
        ));
    }
}

#[test]
fn behind_one_that_stays_what_is_taken_back_leaves_nothing_either() {
    let run = run!();
    let mut timers = Timers::new();
    timers.insert(at(1), 0);
    let hour = at(3_600_000);
    let set_and_take_back = |timers: &mut Timers<u64>, count| {
        for number in 0..count {
            let key = timers.insert(hour, number);
            timers.remove(key);
        }
        heap::in_use()
    };
    run.recorder()
        .says("timers", "one is set for 1ms, and stays");
    let before = set_and_take_back(&mut timers, A_FEW);
    let after = set_and_take_back(&mut timers, MANY);
    run.recorder().says(
        "timers",
        format!("{MANY} are set for an hour from now, and each is taken back at once"),
    );
    run.recorder().says(
        "check",
        format!(
            "counts {}, and {} bytes more than before",
            timers.len(),
            after - before
        ),
    );
    if after - before > BYTES {
        run.diagnose(
            "timer-leaked",
            format!(
                "One timer stays set. Behind it, {MANY} were set for an hour from now and each was taken back at once, and {} bytes are still \
                 in use for these: {} for each. Their entries stay until their time has come.",
                after - before,
                (after - before) / MANY as isize
            ),
        );
    }
}

/// So many timers are set and taken back before anything is counted.
const A_FEW: u64 = 1_000;

/// So many are set and taken back after that.
const MANY: u64 = 50_000;

/// What may be kept of them. Each that stays takes eight bytes at the least; who clears away now and then keeps a few.
const BYTES: isize = 100_000;

#[test]
fn thousands_set_at_random_come_out_in_order() {
    let run = run!();
    if let Some(found) = first_difference(Mix::SetAndPop) {
        found.show(&run);
        run.departs(found.sentence());
    }
}

#[test]
fn thousands_set_and_taken_back_at_random_come_out_in_order() {
    let run = run!();
    if let Some(found) = first_difference(Mix::All) {
        found.show(&run);
        if found.difference == Difference::Ghost {
            run.diagnose(
                "timer-leaked",
                format!(
                    "{} No timer is set for that time: what was there has been taken back, and it still counts as the next one. The loop would \
                     get up for it, and find nobody to wake.",
                    found.sentence()
                ),
            );
        }
        if found.difference == Difference::Order {
            run.diagnose(
                "order-lost-by-removal",
                format!(
                    "{} As long as none is taken back, yours come out in order; so it is the removal that leaves the others out of order.",
                    found.sentence()
                ),
            );
        }
        run.departs(found.sentence());
    }
}

fn at(millis: u64) -> Time {
    Time::after_start(Duration::from_millis(millis))
}

/// Timers that hold their names, and are recorded.
struct Shelf {
    timers: Timers<String>,
    run: Run,
}

impl Shelf {
    fn new(run: &Run) -> Shelf {
        Shelf {
            timers: Timers::new(),
            run: run.clone(),
        }
    }

    fn set(&mut self, name: &str, when: u64) -> TimerKey {
        let call = self
            .run
            .recorder()
            .enters("timers", format!("set \"{name}\" for {when}ms"));
        let key = self.timers.insert(at(when), name.to_owned());
        call.returns("set");
        key
    }

    fn pop(&mut self, now: u64) -> Option<String> {
        let call = self
            .run
            .recorder()
            .enters("timers", format!("due at {now}ms?"));
        let popped = self.timers.pop_due(at(now)).map(|(_, name)| name);
        call.returns(match &popped {
            Some(name) => format!("\"{name}\""),
            None => "none".to_owned(),
        });
        popped
    }

    fn pop_all(&mut self, now: u64) -> Vec<String> {
        let mut all = Vec::new();
        while let Some(name) = self.pop(now) {
            all.push(name);
            if all.len() > 10 {
                self.run.departs("More came out than were ever set.");
            }
        }
        all
    }

    #[track_caller]
    fn take_back(&mut self, name: &str, key: TimerKey, is_there: bool) {
        let call = self
            .run
            .recorder()
            .enters("timers", format!("take back \"{name}\""));
        let removed = self.timers.remove(key);
        call.returns(match &removed {
            Some(name) => format!("\"{name}\""),
            None => "none".to_owned(),
        });
        match (removed.as_deref(), is_there) {
            (Some(removed), true) if removed == name => {}
            (None, false) => {}
            (None, true) => self.run.departs(format!(
                "\"{name}\" was still set, and could not be taken back."
            )),
            (Some(other), _) => self.run.departs(format!(
                "\"{name}\" was to be taken back, and \"{other}\" was given."
            )),
        }
    }

    #[track_caller]
    fn expect_next(&self, next: Option<u64>, len: usize) {
        let seen = (
            self.timers.next(),
            self.timers.len(),
            self.timers.is_empty(),
        );
        if seen != (next.map(at), len, len == 0) {
            let when = next.map_or("none".to_owned(), |next| format!("due at {next}ms"));
            let said = seen
                .0
                .map_or("none".to_owned(), |next| format!("due at {next}"));
            self.run.departs(format!(
                "There are {len}, the next one {when}. `next` says {said}, `len` says {}, `is_empty` says {}.",
                seen.1, seen.2
            ));
        }
    }
}

/// What happens in a run at random.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mix {
    SetAndPop,
    All,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Set { when: u64 },
    TakeBack { number: usize },
    Pop { now: u64 },
}

/// A run at random in which the timers were not those of the model: the shortest of many.
struct Found {
    seed: u64,
    /// Each with what the timers answered.
    steps: Vec<(Step, String)>,
    expected: String,
    seen: String,
    difference: Difference,
}

/// In which way they were not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Difference {
    /// Another one came out, or is the next.
    Order,
    /// The next is due when none is.
    Ghost,
    /// There are more, or fewer.
    Number,
}

/// Short runs first, so that the first difference is easy to read.
fn first_difference(mix: Mix) -> Option<Found> {
    for (length, seeds) in [(6, 2_000), (12, 1_000), (30, 200), (3_000, 5)] {
        for seed in 1..=seeds {
            if let Some(found) = try_at_random(mix, length, seed) {
                return Some(found);
            }
        }
    }
    None
}

/// Does the same with the timers and with a sorted map.
fn try_at_random(mix: Mix, length: usize, seed: u64) -> Option<Found> {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let (mut timers, mut model) = (Timers::new(), BTreeMap::new());
    let (mut keys, mut steps) = (Vec::new(), Vec::new());
    let mut now = 0;
    for _ in 0..length {
        let step = match random.below(if mix == Mix::All { 5 } else { 3 }) {
            0 | 1 => Step::Set {
                when: now + random.below(20),
            },
            2 => {
                now += random.below(4);
                Step::Pop { now }
            }
            _ if keys.is_empty() => continue,
            _ => Step::TakeBack {
                number: random.below(keys.len() as u64) as usize,
            },
        };
        let (expected, seen) = match step {
            Step::Set { when } => {
                model.insert((when, keys.len()), ());
                keys.push((when, timers.insert(at(when), keys.len())));
                (String::new(), String::new())
            }
            Step::TakeBack { number } => {
                let (when, key) = keys[number];
                let there = model.remove(&(when, number)).map(|()| number);
                (say(there), say(timers.remove(key)))
            }
            Step::Pop { now } => {
                let first = model.first_key_value().map(|(key, ())| *key);
                let due = first
                    .filter(|(when, _)| *when <= now)
                    .map(|(_, number)| number);
                if let Some(key) = first.filter(|_| due.is_some()) {
                    model.remove(&key);
                }
                (
                    say(due),
                    say(timers.pop_due(at(now)).map(|(_, number)| number)),
                )
            }
        };
        steps.push((step, seen.clone()));
        let next = model.first_key_value().map(|((when, _), ())| at(*when));
        let right = (model.len(), next);
        let state = (timers.len(), timers.next());
        let is_set = |when: Time| model.keys().any(|(set, _)| at(*set) == when);
        let difference = match state {
            _ if seen != expected => Difference::Order,
            (len, _) if len != right.0 => Difference::Number,
            (_, Some(next)) if !is_set(next) => Difference::Ghost,
            _ => Difference::Order,
        };
        let (expected, seen) = if seen != expected {
            (expected, seen)
        } else {
            (count(right), count(state))
        };
        if seen != expected {
            return Some(Found {
                seed,
                steps,
                expected,
                seen,
                difference,
            });
        }
    }
    None
}

fn count((len, next): (usize, Option<Time>)) -> String {
    let next = next.map_or("none next".to_owned(), |next| {
        format!("the next due at {next}")
    });
    format!("{len} left, {next}")
}

fn say(number: Option<usize>) -> String {
    number.map_or("none".to_owned(), |number| format!("number {}", number + 1))
}

impl Found {
    /// Records the steps, if they can be read at all.
    fn show(&self, run: &Run) {
        const READABLE: usize = 40;
        let mut number = 0;
        let skipped = self.steps.len().saturating_sub(READABLE);
        if skipped > 0 {
            run.recorder()
                .says("timers", format!("… {skipped} steps …"));
        }
        for (index, (step, answer)) in self.steps.iter().enumerate() {
            let text = match step {
                Step::Set { when } => {
                    number += 1;
                    format!("set number {number} for {when}ms")
                }
                Step::TakeBack { number } => format!("take back number {}", number + 1),
                Step::Pop { now } => format!("due at {now}ms?"),
            };
            if index >= skipped {
                let answer = if answer.is_empty() { "set" } else { answer };
                run.recorder().enters("timers", text).returns(answer);
            }
        }
    }

    fn sentence(&self) -> String {
        format!(
            "After the last step it should have been: {}. It was: {} (seed {}).",
            self.expected, self.seen, self.seed
        )
    }
}

/// Numbers that look random, and are the same ones every time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % end
    }
}
