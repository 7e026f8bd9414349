//! The laws of what is left behind: no value, whenever a run is dropped and wherever it panics, and no memory.
//!
//! ```
//! use probe::leaks::{Case, End, nothing_is_left};
//! use probe::run;
//!
//! // A list that owns three values and gives one away at each step.
//! nothing_is_left(&run!(), 3, |values, case: Case| {
//!     let mut list: Vec<_> = (0..3).map(|_| values.token()).collect();
//!     for _ in 0..case.steps {
//!         list.pop();
//!     }
//!     if case.end == End::Panics {
//!         panic!("in code that the caller supplied");
//!     }
//! });
//! ```

use crate::detect::DropCounter;
use crate::heap;
use crate::panics;
use crate::run::Run;

/// One way through a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// How many steps are taken before the end.
    pub steps: usize,
    /// How it ends.
    pub end: End,
}

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// What is left is dropped.
    Dropped,
    /// Caller-supplied code panics in the next step: a child, a callback, a value's destructor.
    Panics,
}

/// Runs the code under test again and again: dropped after each number of steps from 0 to `most`, and with a panic there. After
/// each, every value has to be dropped, and none twice.
///
/// `run_one` builds what is tested, hands it [tokens](DropCounter::token) to own, takes the steps and ends as the [`Case`] says.
/// A panic of its own is an end like any other. What it records is shown if the law is broken.
///
/// # Panics
///
/// With `never-dropped` or `dropped-twice`.
#[track_caller]
pub fn nothing_is_left(run: &Run, most: usize, run_one: impl Fn(&DropCounter, Case)) {
    for steps in 0..=most {
        for end in [End::Dropped, End::Panics] {
            run.recorder().clear();
            let (values, case) = (DropCounter::new(), Case { steps, end });
            let _panic = panics::expected(|| run_one(&values, case));
            judge(run, &values, case);
        }
    }
}

#[track_caller]
fn judge(run: &Run, values: &DropCounter, case: Case) {
    let (made, dropped) = (values.made(), values.dropped());
    if made == dropped {
        return;
    }
    run.recorder().says(
        "values",
        format!("{made} were made, {dropped} were dropped"),
    );
    let steps = match case.steps {
        1 => "1 step".to_owned(),
        steps => format!("{steps} steps"),
    };
    let end = match case.end {
        End::Dropped => format!("It was dropped after {steps}"),
        End::Panics => format!("Caller-supplied code panicked after {steps}, and all was dropped"),
    };
    if dropped > made {
        run.diagnose(
            "dropped-twice",
            format!("{end}. {made} values were made, and their destructors ran {dropped} times."),
        );
    }
    run.diagnose(
        "never-dropped",
        format!("{end}. Of {made} values that it owned, {} are still alive: nothing will ever drop them.", made - dropped),
    )
}

/// Uses something a hundred times, again and again, and looks at the memory of the program: it must not grow. It finds what no value and
/// no waker tells of: memory that belongs to nothing any more.
///
/// `use_one` makes one of what is tested, uses it and drops it. What a thread keeps for good after the first hundred does not count. It
/// needs the allocator of [`heap`], which every check has.
///
/// # Panics
///
/// With `never-dropped`.
#[track_caller]
pub fn no_memory_is_left(run: &Run, track: &str, mut use_one: impl FnMut()) {
    let bytes = heap::growth(|| (0..HUNDRED).for_each(|_| use_one())) / HUNDRED;
    refuse_growth(run, track, bytes);
}

/// The verdict of [`no_memory_is_left`], for laws that measure in their own way: so many bytes are left of each.
///
/// # Panics
///
/// With `never-dropped`, unless none is left.
#[track_caller]
pub fn refuse_growth(run: &Run, track: &str, bytes: usize) {
    if bytes == 0 {
        return;
    }
    run.recorder().says(
        track,
        format!("a hundred were made, used and dropped: {bytes} bytes of each stay in use"),
    );
    run.diagnose(
        "never-dropped",
        format!(
            "A hundred were made, used and dropped, five times. Each hundred left {bytes} bytes of each in use, and no part of the program \
             owns them: what is in them is never dropped."
        ),
    )
}

/// Lets something come to a thing that lives on, and leave it again, twenty thousand times: an entry, a waiter, a caller. What is in use
/// afterwards must not depend on how many came. `did` says in the past tense what they did.
///
/// A thing may put off the removal, as a list does that is swept when it has doubled: up to two bytes of each do not count.
///
/// # Panics
///
/// With `never-freed`.
#[track_caller]
pub fn nothing_is_kept(run: &Run, track: &str, did: &str, mut come_and_go: impl FnMut()) {
    const MANY: usize = 20_000;
    (0..HUNDRED).for_each(|_| come_and_go());
    let before = heap::in_use();
    (0..MANY).for_each(|_| come_and_go());
    let left = (heap::in_use() - before).max(0).unsigned_abs();
    if left <= 2 * MANY {
        return;
    }
    run.recorder()
        .says(track, format!("20,000 {did}: {left} bytes are left"));
    run.diagnose(
        "never-freed",
        format!(
            "20,000 {did}, one after the other, and {left} bytes are still in use for them: {} bytes for each.",
            left / MANY
        ),
    )
}

/// How many are used between two looks at the memory.
const HUNDRED: usize = 100;
