//! An alarm that most people would write, and a clock that strikes at three different moments.

use std::cell::Cell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use wakers::alarm::Clock;
use wakers::ready_list::ReadyList;
use wakers::scripted::{Moment, SEVEN, Scripted};

struct PlausibleAlarm {
    clock: Scripted,
    sleeper: Arc<Mutex<Option<Waker>>>,
}

// ANCHOR: poll
impl Future for PlausibleAlarm {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.clock.now() >= SEVEN {
            return Poll::Ready(());
        }
        let waker = context.waker().clone();
        *self.sleeper.lock().unwrap_or_else(PoisonError::into_inner) = Some(waker);
        Poll::Pending
    }
}
// ANCHOR_END: poll

impl PlausibleAlarm {
    fn new(clock: Scripted) -> PlausibleAlarm {
        let sleeper: Arc<Mutex<Option<Waker>>> = Arc::default();
        let bell = Arc::clone(&sleeper);
        clock.call_at(
            SEVEN,
            Box::new(move || {
                let waker = bell.lock().unwrap_or_else(PoisonError::into_inner).take();
                if let Some(waker) = waker {
                    waker.wake();
                }
            }),
        );
        PlausibleAlarm { clock, sleeper }
    }
}

fn main() {
    closed_output::end_quietly();
    for (run, moment) in [
        ("first", Moment::BeforeThePoll),
        ("second", Moment::AfterThePoll),
        ("third", Moment::AfterTheLook),
    ] {
        println!("the {run} run");
        wait_for(PlausibleAlarm::new, moment);
    }
}

fn wait_for<F: Future<Output = ()> + 'static>(alarm: impl Fn(Scripted) -> F, moment: Moment) {
    let clock = Scripted::new(moment);
    let alarm = alarm(clock.clone());
    clock.comes(Moment::BeforeThePoll);
    let awake = Rc::new(Cell::new(false));
    let gets_up = Rc::clone(&awake);
    let mut list = ReadyList::new();
    list.add(async move {
        let mut alarm = pin!(alarm);
        std::future::poll_fn(|context| {
            let poll = alarm.as_mut().poll(context);
            println!(
                "    poll: {}",
                if poll.is_ready() { "ready" } else { "pending" }
            );
            poll
        })
        .await;
        println!("    the task gets up");
        gets_up.set(true);
    });
    list.run();
    clock.comes(Moment::AfterThePoll);
    list.run();
    if !awake.get() {
        println!("    the queue is empty, and the task still waits");
    }
}
