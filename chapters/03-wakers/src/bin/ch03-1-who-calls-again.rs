//! Waiting for ten milliseconds, twice: by polling in a loop, and with a waker.

use std::fs;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use wakers::block_on;
use wakers::oneshot::{self, Receiver};

fn main() {
    closed_output::end_quietly();
    report("busy polling", poll_in_a_loop);
    report("with a waker", |mut answer, polls| {
        let mut answer = pin!(&mut answer);
        block_on(std::future::poll_fn(|context| {
            *polls += 1;
            answer.as_mut().poll(context).map(drop)
        }));
    });
}

// ANCHOR: busy
/// Polls in a loop until `answer` is ready, with a waker that does nothing.
fn poll_in_a_loop(answer: Receiver<()>, polls: &mut u64) {
    let mut answer = pin!(answer);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        *polls += 1;
        if answer.as_mut().poll(&mut context).is_ready() {
            return;
        }
    }
}
// ANCHOR_END: busy

/// Lets `wait` wait for a thread that takes ten milliseconds, and says what it cost.
fn report(how: &str, wait: impl FnOnce(Receiver<()>, &mut u64)) {
    let (sender, answer) = oneshot::channel();
    let computed = time_on_the_processor();
    let slow = thread::spawn(move || {
        thread::sleep(Duration::from_millis(10));
        sender.send(())
    });
    let mut polls = 0;
    wait(answer, &mut polls);
    let cost = match (computed, time_on_the_processor()) {
        (Some(before), Some(after)) => {
            format!("{:.1} ms on the processor", milliseconds(after - before))
        }
        _ => "time on the processor not known here".to_owned(),
    };
    println!("{how}: {polls:>9} polls, {cost}");
    let _received = slow.join().expect("the other thread does not panic");
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The processor time of this thread so far, where the system reports it.
fn time_on_the_processor() -> Option<Duration> {
    // Linux updates this figure when a thread gives up the processor.
    thread::sleep(Duration::from_millis(1));
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = text.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}
