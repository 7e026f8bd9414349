//! What other threads may do: wake, and come in through the door.

use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use event_loop::{EventLoop, JoinError, LoopClosed, yield_now};
use probe::run;
use probe_futures::gate;
use probe_loop::SimLoop;

const MILLIS: Duration = Duration::from_millis(1);

/// Does something on another thread, and waits until it is done.
fn elsewhere<T: Send + 'static>(step: impl FnOnce() -> T + Send + 'static) -> T {
    thread::spawn(step).join().unwrap()
}

#[test]
fn a_wake_from_another_thread_ends_the_loops_sleep() {
    let sim_loop = SimLoop::new(&run!());
    let (key, gate) = gate();
    let task = sim_loop.spawn("waits", gate);
    sim_loop
        .sim()
        .at(5 * MILLIS, move || elsewhere(move || key.open(7)));
    assert_eq!(sim_loop.drive(task), Ok(7));
    assert_eq!(sim_loop.sim().now(), 5 * MILLIS);
    assert_eq!(sim_loop.driver().unparks(), 1);
}

#[test]
fn a_wake_from_the_loops_own_thread_calls_no_unparker() {
    let sim_loop = SimLoop::new(&run!());
    let (key, gate) = gate();
    let waits = sim_loop.spawn("waits", gate);
    drop(sim_loop.spawn("wakes", async move { key.open(7) }));
    assert_eq!(sim_loop.drive(waits), Ok(7));
    assert_eq!(sim_loop.driver().unparks(), 0);
}

#[test]
fn a_call_from_another_thread_ends_the_loops_sleep() {
    let sim_loop = SimLoop::new(&run!());
    let door = sim_loop.handle().door();
    let (sender, receiver) = mpsc::channel();
    sim_loop.sim().at(5 * MILLIS, move || {
        elsewhere(move || {
            door.call_soon_threadsafe(move |handle| {
                sender.send(handle.now().since_start()).unwrap()
            })
            .unwrap();
        });
    });
    sim_loop.drive_to_the_end();
    assert_eq!(receiver.try_recv(), Ok(5 * MILLIS));
}

#[test]
fn a_real_loop_that_really_sleeps_is_woken_by_a_real_thread() {
    let event_loop = EventLoop::new();
    let (key, gate) = gate();
    let door = event_loop.handle().door();
    let (called, was_called) = mpsc::channel();
    let other = thread::spawn(move || {
        // Three times round: each time the loop has nothing to do, and may be asleep already.
        for number in 0..3 {
            let called = called.clone();
            door.call_soon_threadsafe(move |_| called.send(number).unwrap())
                .unwrap();
            assert_eq!(was_called.recv(), Ok(number));
        }
        key.open(7);
    });
    assert_eq!(event_loop.block_on(gate), 7);
    other.join().unwrap();
}

#[test]
fn calls_of_one_thread_are_called_in_the_order_in_which_it_sent_them() {
    let event_loop = EventLoop::new();
    let door = event_loop.handle().door();
    let (sender, receiver) = mpsc::channel();
    elsewhere(move || {
        for number in 0..100 {
            let sender = sender.clone();
            door.call_soon_threadsafe(move |_| sender.send(number).unwrap())
                .unwrap();
        }
    });
    event_loop.run_once().unwrap();
    assert_eq!(
        receiver.try_iter().collect::<Vec<_>>(),
        (0..100).collect::<Vec<_>>()
    );
}

#[test]
fn a_call_that_panics_is_reported_and_the_others_are_called() {
    let event_loop = EventLoop::new();
    let reports = Rc::new(std::cell::RefCell::new(Vec::new()));
    let list = Rc::clone(&reports);
    event_loop.on_unretrieved(move |unretrieved| {
        list.borrow_mut()
            .push((unretrieved.task(), unretrieved.to_string()));
    });
    let (sender, receiver) = mpsc::channel();
    let door = event_loop.handle().door();
    door.call_soon_threadsafe(|_| panic!("in a call")).unwrap();
    door.call_soon_threadsafe(move |_| sender.send(()).unwrap())
        .unwrap();
    event_loop.run_once().unwrap();
    assert_eq!(receiver.try_recv(), Ok(()));
    assert_eq!(
        *reports.borrow(),
        [(
            None,
            "a call from another thread panicked: in a call".to_owned()
        )]
    );
}

#[test]
fn a_task_that_another_thread_started_gives_its_result_there() {
    let event_loop = EventLoop::new();
    let door = event_loop.handle().door();
    let other = thread::spawn(move || {
        let task = door.run_coroutine_threadsafe(|handle| async move {
            let rc = Rc::new(40);
            handle.sleep(Duration::ZERO).await;
            *rc + 2
        });
        let result = task.unwrap().wait().unwrap();
        door.call_soon_threadsafe(|handle| handle.stop()).unwrap();
        result
    });
    event_loop.run_forever();
    assert_eq!(other.join().unwrap(), 42);
}

#[test]
fn the_panic_of_a_task_that_another_thread_started_arrives_there() {
    let event_loop = EventLoop::new();
    event_loop.on_unretrieved(|unretrieved| panic!("reported: {unretrieved}"));
    let door = event_loop.handle().door();
    let other = thread::spawn(move || {
        let task = door.run_coroutine_threadsafe(|_| async { panic!("no tea left") });
        let result: Result<(), JoinError> = task.unwrap().wait();
        door.call_soon_threadsafe(|handle| handle.stop()).unwrap();
        result.unwrap_err().to_string()
    });
    event_loop.run_forever();
    assert_eq!(other.join().unwrap(), "the task panicked: no tea left");
}

#[test]
fn a_thread_that_waits_for_a_task_learns_that_the_loop_is_gone() {
    let event_loop = EventLoop::new();
    let door = event_loop.handle().door();
    let (started, is_started) = mpsc::channel();
    let other = thread::spawn(move || {
        let task = door.run_coroutine_threadsafe(|_| pending::<()>()).unwrap();
        started.send(()).unwrap();
        (task.wait(), door.call_soon_threadsafe(|_| ()))
    });
    is_started.recv().unwrap();
    event_loop.run_once().unwrap();
    drop(event_loop);
    let (result, afterwards) = other.join().unwrap();
    assert!(matches!(result, Err(JoinError::Aborted)));
    assert_eq!(afterwards, Err(LoopClosed));
}

#[test]
fn the_door_of_a_loop_that_is_gone_says_so_and_drops_the_call() {
    let tokens = probe::detect::DropCounter::new();
    let event_loop = EventLoop::new();
    let door = event_loop.handle().door();
    drop(event_loop);
    let token = tokens.token();
    let called = door.call_soon_threadsafe(move |_| drop(token));
    assert_eq!(called, Err(LoopClosed));
    assert_eq!(tokens.alive(), 0);
    assert_eq!(LoopClosed.to_string(), "the loop is closed");
}

#[test]
fn a_call_that_had_no_turn_yet_is_dropped_with_the_loop() {
    let tokens = probe::detect::DropCounter::new();
    let event_loop = EventLoop::new();
    let token = tokens.token();
    event_loop
        .handle()
        .door()
        .call_soon_threadsafe(move |_| drop(token))
        .unwrap();
    drop(event_loop);
    assert_eq!(tokens.alive(), 0);
}

#[test]
fn wakes_after_the_loop_is_gone_do_nothing() {
    let kept: Arc<Mutex<Option<Waker>>> = Arc::default();
    let keep = Arc::clone(&kept);
    let event_loop = EventLoop::new();
    drop(
        event_loop
            .handle()
            .spawn(std::future::poll_fn(move |context| {
                *keep.lock().unwrap() = Some(context.waker().clone());
                std::task::Poll::<()>::Pending
            })),
    );
    event_loop.run_once().unwrap();
    drop(event_loop);
    let waker = kept.lock().unwrap().take().unwrap();
    waker.wake_by_ref();
    elsewhere(move || waker.wake());
}

#[test]
fn a_wake_from_a_task_of_another_loop_arrives() {
    let (key, gate) = gate();
    let (ready, is_ready) = mpsc::channel();
    let other = thread::spawn(move || {
        let event_loop = EventLoop::new();
        ready.send(event_loop.handle().door()).unwrap();
        event_loop.run_forever();
    });
    let door = is_ready.recv().unwrap();
    let task = door.run_coroutine_threadsafe(|_| async move {
        yield_now().await;
        key.open(7);
    });
    let event_loop = EventLoop::new();
    assert_eq!(event_loop.block_on(gate), 7);
    task.unwrap().wait().unwrap();
    door.call_soon_threadsafe(|handle| handle.stop()).unwrap();
    other.join().unwrap();
}

#[test]
fn a_thousand_wakes_from_several_threads_lose_no_task() {
    let event_loop = EventLoop::new();
    let handle = event_loop.handle();
    let (keys, gates): (Vec<_>, Vec<_>) = (0..200).map(|_| gate::<u32>()).unzip();
    let tasks: Vec<_> = gates.into_iter().map(|gate| handle.spawn(gate)).collect();
    event_loop.run_once().unwrap();
    let mut keys = keys.into_iter();
    let threads = [0, 1, 2, 3].map(|_| {
        let own: Vec<_> = keys.by_ref().take(50).collect();
        thread::spawn(move || {
            for key in own {
                for _ in 0..5 {
                    key.rattle();
                }
                key.open(1);
            }
        })
    });
    let sum = event_loop.block_on(async {
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap();
        }
        sum
    });
    assert_eq!(sum, 200);
    for thread in threads {
        thread.join().unwrap();
    }
}

/// A loop with a queue of its own beside the one that other threads share has the future in both, and comes to the second entry when the
/// future has completed.
#[test]
fn a_main_future_that_its_own_thread_and_another_one_wake_is_not_polled_after_it_has_completed() {
    let mut polls = 0;
    let polls = EventLoop::new().block_on(poll_fn(move |context| {
        polls += 1;
        let waker = context.waker().clone();
        match polls {
            1 => {
                waker.wake_by_ref();
                elsewhere(|| waker.wake());
                Poll::Pending
            }
            2 => {
                elsewhere(|| waker.wake());
                Poll::Ready(polls)
            }
            _ => panic!("polled after it was ready"),
        }
    }));
    assert_eq!(polls, 2);
}

/// The wake is in the queue that other threads share, which is closed.
#[test]
fn a_main_future_that_another_thread_wakes_and_that_closes_its_loop_is_polled_again() {
    let event_loop = EventLoop::new();
    let mut is_first = true;
    event_loop.block_on(poll_fn(|context| {
        if !is_first {
            return Poll::Ready(());
        }
        is_first = false;
        let waker = context.waker().clone();
        elsewhere(|| waker.wake());
        event_loop.close();
        context.waker().wake_by_ref();
        Poll::Pending
    }));
}
