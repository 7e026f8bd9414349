//! The cost of a wake, and of a thread that falls asleep and is woken.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use crate::block_on;
use crate::oneshot;
use crate::ready_list::ReadyList;

/// The time of one wake on one thread, and the poll that follows: a task is put in a queue, and
/// removed again. An average over `times`.
pub fn wake_and_poll(times: u32) -> Duration {
    let mut list = ReadyList::new();
    let waker = list.add(std::future::pending());
    list.run();
    average(times, || {
        waker.wake_by_ref();
        black_box(list.run());
    })
}

/// The time of one round trip between two threads: this thread wakes the other and falls asleep; the
/// other wakes this one, and falls asleep in turn. An average over `times`.
pub fn round_trip(times: u32) -> Duration {
    let (to_other, from_here) = std::sync::mpsc::channel::<oneshot::Sender<()>>();
    let other = thread::spawn(move || {
        for answer in from_here {
            let _sent = answer.send(());
        }
    });
    let time = average(times, || {
        let (answer, answered) = oneshot::channel();
        to_other.send(answer).expect("the other thread listens");
        block_on(answered).expect("the other thread answers");
    });
    drop(to_other);
    other.join().expect("the other thread does not panic");
    time
}

fn average(times: u32, mut step: impl FnMut()) -> Duration {
    let start = Instant::now();
    for _ in 0..times {
        step();
    }
    start.elapsed() / times
}
