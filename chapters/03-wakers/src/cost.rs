//! What a wake costs, and what it costs to put a thread to sleep and get it up again.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use crate::block_on;
use crate::oneshot;
use crate::ready_list::ReadyList;

/// The time of one wake that finds nobody asleep: a task is put in a queue, and taken out again by
/// a poll. An average over `times`.
pub fn wake_and_poll(times: u32) -> Duration {
    let mut list = ReadyList::new();
    let waker = list.add(std::future::pending());
    list.run();
    average(times, || {
        waker.wake_by_ref();
        black_box(list.run());
    })
}

/// The time of one round trip between two threads: this one wakes the other and falls asleep, the
/// other gets up, wakes this one, and falls asleep in turn. An average over `times`.
pub fn round_trip(times: u32) -> Duration {
    let (to_other, from_here) = std::sync::mpsc::channel::<oneshot::Sender<()>>();
    let other = thread::spawn(move || {
        for answer in from_here {
            let _whoever_asked = answer.send(());
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
    let begun = Instant::now();
    for _ in 0..times {
        step();
    }
    begun.elapsed() / times
}
