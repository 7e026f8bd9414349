//! The laws about memory. They are one test: what other tests ask for at the same time would count as well.

use std::borrow::Cow;

use probe::heap::Counting;
use probe::panics::{Verdict, verdict_of};
use probe::runs::{Machine, Operation, Search, Step};
use probe::{Diagnosis, leaks, run};

#[global_allocator]
static HEAP: Counting = Counting;

#[test]
fn memory_that_grows_with_each_run_is_found_and_nothing_else_is() {
    a_box_that_each_use_forgets_is_never_dropped();
    memory_that_is_given_back_or_kept_from_the_first_use_on_is_no_leak();
    memory_that_another_thread_gives_back_is_no_leak();
    of_short_runs_the_shortest_that_leaves_memory_behind_is_shown();
}

fn a_box_that_each_use_forgets_is_never_dropped() {
    let verdict = verdict_of(|| {
        leaks::no_memory_is_left(&run!(), "box", || {
            std::mem::forget(Box::new([0_u8; 1_000]));
        });
    });
    let sentence = broken(verdict).sentence;
    let (before, _) = sentence.split_once(" bytes of each").expect(&sentence);
    let bytes = before.rsplit(' ').next().unwrap_or_default();
    // The thread that started this test may give back some bytes of its own meanwhile, which count for the whole program.
    assert!(
        (950..=1_000).contains(&bytes.parse::<usize>().expect("it is a number")),
        "{sentence}"
    );
}

fn memory_that_is_given_back_or_kept_from_the_first_use_on_is_no_leak() {
    let mut kept = Vec::new();
    let verdict = verdict_of(|| {
        leaks::no_memory_is_left(&run!(), "box", || {
            drop(Box::new(1_u64));
            kept.resize(1_000, 0_u8);
        });
    });
    assert_eq!(verdict, Verdict::Kept);
}

fn memory_that_another_thread_gives_back_is_no_leak() {
    let verdict = verdict_of(|| {
        leaks::no_memory_is_left(&run!(), "thread", || {
            let sent = vec![0_u8; 1_000];
            let other = std::thread::spawn(move || drop(sent));
            other.join().expect("it does not panic");
        });
    });
    assert_eq!(verdict, Verdict::Kept);
}

fn of_short_runs_the_shortest_that_leaves_memory_behind_is_shown() {
    let compared = |forgets, looks| {
        let search = Search::of(&[Act::Fill, Act::Empty]).up_to(4);
        let search = if looks {
            search.leaving_no_memory()
        } else {
            search
        };
        verdict_of(|| search.compare(&run!(), move || Slot::new(forgets), || Slot::new(false)))
    };
    assert_eq!(compared(false, true), Verdict::Kept);
    assert_eq!(compared(true, false), Verdict::Kept);
    let diagnosis = broken(compared(true, true));
    let lines = diagnosis.recording.lines();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(
        diagnosis.sentence.contains("leaves 24 bytes in use"),
        "{}",
        diagnosis.sentence
    );
}

fn broken(verdict: Verdict) -> Diagnosis {
    let Verdict::Broken(diagnosis) = verdict else {
        panic!("it leaves memory behind: {verdict:?}");
    };
    assert_eq!(diagnosis.mistake.as_deref(), Some("never-dropped"));
    diagnosis
}

/// A place for one value. One that forgets leaves 24 bytes behind when it is emptied.
struct Slot {
    forgets: bool,
    value: Option<Box<[u8; 24]>>,
}

impl Slot {
    fn new(forgets: bool) -> Slot {
        Slot {
            forgets,
            value: None,
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Act {
    Fill,
    Empty,
}

impl Operation for Act {
    fn actor(&self) -> Cow<'static, str> {
        "slot".into()
    }

    fn call(&self) -> Cow<'static, str> {
        format!("{self:?}").to_lowercase().into()
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Act::Fill => "the slot was filled".into(),
            Act::Empty => "it was emptied".into(),
        }
    }
}

impl Machine for Slot {
    type Operation = Act;

    fn apply(&mut self, act: &Act) -> Option<Step> {
        match act {
            Act::Fill => self.value = Some(Box::new([0; 24])),
            Act::Empty if self.forgets => std::mem::forget(self.value.take()),
            Act::Empty => self.value = None,
        }
        Some(Step::of("done"))
    }

    fn end(self) -> Step {
        Step::of("dropped")
    }
}
