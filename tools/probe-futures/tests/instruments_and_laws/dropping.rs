//! The law of cancellation drops a future at every pause: it accepts what cleans up everywhere, and finds the one pause at which
//! something is left behind.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use probe::detect::{DropCounter, Token};
use probe::panics::{Verdict, verdict_of};
use probe::{Run, run};
use probe_futures::laws::dropping;
use probe_futures::{pending_times, poller, ready};

/// The ways to hold a value across three suspension points, right and wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Right: what it holds is a field.
    Owns,
    /// Right: clones the waker before it looks, and holds what it has in a box from its first poll on.
    ClonesEarly,
    /// Wrong: forgets what it holds if it is dropped at this pause.
    ForgetsAt(usize),
    /// Wrong: forgets what it holds when it completes, if it was not dropped before.
    ForgetsAtTheEnd,
}

const RIGHT: [Style; 2] = [Style::Owns, Style::ClonesEarly];
const PAUSES: usize = 3;

struct Holds {
    style: Style,
    held: Option<Token>,
    boxed: Option<Box<Token>>,
    waker: Option<Waker>,
    polls: usize,
}

impl Future for Holds {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.style == Style::ClonesEarly {
            self.waker = Some(context.waker().clone());
            let held = self.held.take().map(Box::new);
            self.boxed = self.boxed.take().or(held);
        }
        self.polls += 1;
        if self.polls > PAUSES {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl Drop for Holds {
    fn drop(&mut self) {
        let forgets = match self.style {
            Style::ForgetsAt(pause) => pause == self.polls,
            Style::ForgetsAtTheEnd => self.polls > PAUSES,
            Style::Owns | Style::ClonesEarly => false,
        };
        if forgets {
            std::mem::forget(self.held.take());
        }
    }
}

fn holds(style: Style, tokens: &DropCounter) -> Holds {
    Holds {
        style,
        held: Some(tokens.token()),
        boxed: None,
        waker: None,
        polls: 0,
    }
}

fn nothing_is_left(run: &Run, tokens: &DropCounter) {
    if tokens.alive() > 0 {
        run.diagnose("never-dropped", "It is still there.");
    }
}

fn law(style: Style) -> Verdict {
    verdict_of(|| {
        dropping::at_every_pause(
            || run!(),
            |_| {
                let tokens = DropCounter::new();
                (holds(style, &tokens), tokens)
            },
            |_| (),
            |run, tokens, _| nothing_is_left(run, tokens),
        );
    })
}

/// What is seen without the law: one run to the end.
fn one_run(style: Style) -> Verdict {
    verdict_of(|| {
        let run = run!();
        let tokens = DropCounter::new();
        let mut future = Box::pin(holds(style, &tokens));
        let a = poller(run.recorder(), "A");
        while a.poll(future.as_mut()).is_pending() {}
        drop(future);
        nothing_is_left(&run, &tokens);
    })
}

#[test]
fn right_futures_of_two_styles_may_be_dropped_anywhere() {
    for style in RIGHT {
        assert_eq!(law(style), Verdict::Kept, "{style:?}");
    }
}

#[test]
fn each_pause_at_which_something_is_left_behind_is_found() {
    let wrong = (0..=PAUSES).map(Style::ForgetsAt);
    for style in wrong.chain([Style::ForgetsAtTheEnd]) {
        let Verdict::Broken(diagnosis) = law(style) else {
            panic!("{style:?} is refused");
        };
        assert_eq!(
            diagnosis.mistake.as_deref(),
            Some("never-dropped"),
            "{style:?}"
        );
    }
}

#[test]
fn without_the_law_only_what_is_left_at_the_end_is_seen() {
    for pause in 0..=PAUSES {
        assert_eq!(one_run(Style::ForgetsAt(pause)), Verdict::Kept, "{pause}");
    }
    assert_ne!(one_run(Style::ForgetsAtTheEnd), Verdict::Kept);
}

#[test]
fn a_future_is_dropped_after_each_number_of_polls_once() {
    let dropped_after = Rc::new(Cell::new(Vec::new()));
    let seen = Rc::clone(&dropped_after);
    dropping::at_every_pause(
        || run!(),
        |_| (pending_times(3, ()), ()),
        |()| (),
        |_: &Run, (), pauses| {
            let mut all = seen.take();
            all.push(pauses);
            seen.set(all);
        },
    );
    assert_eq!(dropped_after.take(), [0, 1, 2, 3, 4]);
}

#[test]
#[should_panic(expected = "a future that never pauses cannot be cancelled")]
fn a_future_that_never_pauses_is_a_mistake_of_the_check() {
    dropping::at_every_pause(|| run!(), |_| (ready(()), ()), |()| (), |_, (), _| ());
}
