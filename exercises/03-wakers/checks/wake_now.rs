//! 3.2 wake-now: what does a wake run?

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use super::subject::prediction;
use probe::predict::{self, Misconception, Wording};
use probe::{run, snapshot};
use wakers::ready_list::ReadyList;

#[test]
fn the_prediction_is_what_the_tasks_do() {
    let prediction = predict::steady(&run!(), prediction);
    predict::written_as(
        &run!(),
        &prediction,
        Wording {
            forms: &["a waits", "a completes", "b wakes a", "b writes its letter"],
            guide: "each line is one of `a completes`, `a waits`, `b wakes a` and `b writes its letter`",
        },
    );
    predict::compare(
        &run!(),
        &prediction,
        &["a waits", "b wakes a", "b writes its letter", "a completes"],
        &[
            Misconception {
                mistake: "wake-runs-the-task-now",
                predictions: &[&["a waits", "b wakes a", "a completes", "b writes its letter"]],
                sentence: "Here a runs inside b's call of `wake`. A wake puts a in the queue and returns; then b goes on.",
            },
            Misconception {
                mistake: "order-of-need",
                predictions: &[
                    &["b wakes a", "b writes its letter", "a waits", "a completes"],
                    &["b wakes a", "a waits", "a completes", "b writes its letter"],
                    &["b wakes a", "a waits", "b writes its letter", "a completes"],
                ],
                sentence: "Here b runs first. `run` polls a first, because a was added first. Before its first poll a does not wait for \
                           b: a future does nothing until it is polled.",
            },
            Misconception {
                mistake: "pending-blocks",
                predictions: &[&["a waits", "a completes", "b wakes a", "b writes its letter"]],
                sentence: "Here a completes before b has run. a returned Pending, and completes in its next poll. That poll comes only \
                           after b has called a's waker.",
            },
        ],
    );
    let run = run!("a_letter");
    let mut list = ReadyList::new();
    let kept: Rc<RefCell<Option<Waker>>> = Rc::default();
    let (keep, recorder, mut waited) = (Rc::clone(&kept), run.recorder().clone(), false);
    list.add(poll_fn(move |context| {
        if waited {
            recorder.says("a", "completes");
            return Poll::Ready(());
        }
        waited = true;
        recorder.says("a", "waits");
        *keep.borrow_mut() = Some(context.waker().clone());
        Poll::Pending
    }));
    let recorder = run.recorder().clone();
    list.add(poll_fn(move |_| {
        recorder.says("b", "wakes a");
        if let Some(waker) = kept.borrow_mut().take() {
            waker.wake();
        }
        recorder.says("b", "writes its letter");
        Poll::Ready(())
    }));
    list.run();
    snapshot!(run);
}
