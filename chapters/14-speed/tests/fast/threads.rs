//! Wakes from other threads.

use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;

use event_loop::ThreadDriver;
use speed::EventLoop;
use speed::own_thread::OwnThread;

use super::all_steps;

const TIMES: usize = 1_000;

#[test]
fn no_wake_of_two_threads_is_lost_whatever_the_steps() {
    for steps in all_steps() {
        let event_loop = EventLoop::stepped(ThreadDriver::new(), (), steps);
        let sent = Arc::new(AtomicUsize::new(0));
        let waiting = Arc::new(Mutex::new(None::<Waker>));
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let (sent, waiting) = (Arc::clone(&sent), Arc::clone(&waiting));
                thread::spawn(move || {
                    for _ in 0..TIMES {
                        sent.fetch_add(1, Ordering::Relaxed);
                        let waker = waiting.lock().unwrap().clone();
                        if let Some(waker) = waker {
                            waker.wake();
                        }
                    }
                })
            })
            .collect();
        // A wake that is lost leaves this asleep for good.
        event_loop.block_on(poll_fn(|context| {
            waiting.lock().unwrap().replace(context.waker().clone());
            if sent.load(Ordering::Relaxed) == 2 * TIMES {
                return Poll::Ready(());
            }
            Poll::Pending
        }));
        for thread in threads {
            thread.join().unwrap();
        }
    }
}

#[test]
fn a_waker_outlives_its_loop_on_another_thread() {
    for steps in all_steps() {
        let event_loop = EventLoop::stepped(ThreadDriver::new(), (), steps);
        let kept = Arc::new(Mutex::new(Vec::new()));
        let task = event_loop.handle().spawn({
            let kept = Arc::clone(&kept);
            poll_fn(move |context| {
                kept.lock().unwrap().push(context.waker().clone());
                kept.lock().unwrap().push(context.waker().clone());
                Poll::<()>::Pending
            })
        });
        drop(task);
        event_loop.run_once().unwrap();
        let other = thread::spawn(move || {
            let mut wakers = kept.lock().unwrap();
            let copy = wakers[0].clone();
            wakers.pop().unwrap().wake();
            (copy, wakers.pop().unwrap())
        });
        let wakers = other.join().unwrap();
        drop(event_loop);
        wakers.0.wake_by_ref();
        drop(wakers.1);
        thread::spawn(move || wakers.0.wake()).join().unwrap();
    }
}

#[test]
fn another_thread_does_not_reach_a_value_of_its_maker_and_may_drop_it() {
    let value = OwnThread::new(String::from("mine"));
    assert_eq!(value.get().map(String::as_str), Some("mine"));
    let other = thread::spawn(move || value.get().is_none());
    assert!(other.join().unwrap());
}
