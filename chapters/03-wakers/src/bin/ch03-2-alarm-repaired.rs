//! The same three moments, for an alarm that stores the waker before it reads the clock.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;

use wakers::alarm::Alarm;
use wakers::ready_list::ReadyList;
use wakers::scripted::{Moment, SEVEN, Scripted};

fn main() {
    closed_output::end_quietly();
    for moment in [
        Moment::BeforeThePoll,
        Moment::AfterThePoll,
        Moment::AfterTheLook,
    ] {
        println!("the clock strikes: {moment:?}");
        wait_for(|clock| Alarm::new(clock, SEVEN), moment);
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
    // An alarm that never asks the clock gives it no moment after the check: the clock still strikes.
    clock.comes(Moment::AfterTheLook);
    list.run();
    if !awake.get() {
        println!("    the queue is empty, and the task still waits");
    }
}
