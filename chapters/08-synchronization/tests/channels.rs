//! Channels: mpsc, broadcast and watch.

use std::cell::RefCell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures::FutureExt;
use probe::Recorder;
use probe::detect::DropCounter;
use probe::random::Random;
use probe_futures::{Poller, poller};
use synchronization::broadcast::{RecvError, broadcast};
use synchronization::channel::{Closed, SendError, TryRecvError, TrySendError, channel};
use synchronization::watch::{self, watch};

fn task(name: &str) -> Poller {
    poller(&Recorder::default(), name)
}

fn now<F: Future>(future: F) -> Option<F::Output> {
    future.now_or_never()
}

#[test]
fn values_arrive_in_the_order_in_which_they_were_sent() {
    let (sender, mut receiver) = channel(3);
    for number in 0..3 {
        assert_eq!(now(sender.send(number)), Some(Ok(())));
    }
    assert_eq!(sender.try_send(3), Err(TrySendError::Full(3)));
    assert_eq!((0..3).map(|_| receiver.try_recv().unwrap()).sum::<i32>(), 3);
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn a_full_channel_makes_senders_wait_in_line() {
    let (sender, mut receiver) = channel(1);
    sender.try_send(0).unwrap();
    let [a, b] = ["A", "B"].map(task);
    let (mut first, mut second) = (pin!(sender.send(1)), pin!(sender.send(2)));
    assert!(a.poll(first.as_mut()).is_pending() && b.poll(second.as_mut()).is_pending());
    assert_eq!(receiver.try_recv(), Ok(0));
    assert_eq!((a.wakes(), b.wakes()), (1, 0), "one slot, one wake");
    assert_eq!(
        sender.try_send(3),
        Err(TrySendError::Full(3)),
        "it is the first's slot"
    );
    assert!(b.poll(second.as_mut()).is_pending());
    assert_eq!(a.poll(first.as_mut()), Poll::Ready(Ok(())));
    assert_eq!(receiver.try_recv(), Ok(1));
    assert_eq!(b.poll(second.as_mut()), Poll::Ready(Ok(())));
    assert_eq!(receiver.try_recv(), Ok(2));
    assert_eq!((a.counts().alive, b.counts().alive), (0, 0));
}

#[test]
fn a_sender_that_is_dropped_with_a_slot_passes_it_on() {
    let (sender, mut receiver) = channel(1);
    sender.try_send(0).unwrap();
    let [a, b] = ["A", "B"].map(task);
    let mut first = Box::pin(sender.send(1));
    let mut second = Box::pin(sender.send(2));
    assert!(a.poll(first.as_mut()).is_pending() && b.poll(second.as_mut()).is_pending());
    assert_eq!(receiver.try_recv(), Ok(0));
    drop(first);
    assert_eq!(b.wakes(), 1);
    assert_eq!(b.poll(second.as_mut()), Poll::Ready(Ok(())));
    assert_eq!(receiver.try_recv(), Ok(2));
    sender.try_send(3).unwrap();
}

#[test]
fn a_permit_takes_a_slot_until_it_is_used_or_dropped() {
    let (sender, mut receiver) = channel(1);
    let permit = now(sender.reserve()).unwrap().unwrap();
    assert_eq!(sender.try_send(1), Err(TrySendError::Full(1)));
    permit.send(2).unwrap();
    assert_eq!(sender.try_send(3), Err(TrySendError::Full(3)));
    assert_eq!(receiver.try_recv(), Ok(2));
    drop(now(sender.reserve()).unwrap().unwrap());
    sender.try_send(4).unwrap();
}

#[test]
fn after_the_last_sender_the_receiver_gets_the_rest_and_then_none() {
    let (sender, mut receiver) = channel(2);
    let other = sender.clone();
    sender.try_send(1).unwrap();
    drop(sender);
    other.try_send(2).unwrap();
    drop(other);
    assert_eq!(now(receiver.recv()), Some(Some(1)));
    assert_eq!(now(receiver.recv()), Some(Some(2)));
    assert_eq!(now(receiver.recv()), Some(None));
    assert_eq!(now(receiver.recv()), Some(None));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn the_receiver_wakes_the_task_that_polled_last() {
    let (sender, mut receiver) = channel(1);
    let [a, b] = ["A", "B"].map(task);
    let mut recv = receiver.recv();
    assert!(a.poll(Pin::new(&mut recv)).is_pending() && b.poll(Pin::new(&mut recv)).is_pending());
    assert_eq!(a.counts().alive, 0);
    sender.try_send(1).unwrap();
    assert_eq!((a.wakes(), b.wakes()), (0, 1));
    assert_eq!(a.poll(Pin::new(&mut recv)), Poll::Ready(Some(1)));
    assert!(b.poll(Pin::new(&mut recv)).is_pending());
    drop(recv);
    assert_eq!(b.counts().alive, 0, "a dropped recv keeps no waker");
    let mut recv = receiver.recv();
    assert!(a.poll(Pin::new(&mut recv)).is_pending());
    drop(sender);
    assert_eq!(a.wakes(), 1);
    assert_eq!(a.poll(Pin::new(&mut recv)), Poll::Ready(None));
}

#[test]
fn closing_gives_values_in_line_back_and_keeps_those_that_were_sent() {
    let (sender, mut receiver) = channel(2);
    sender.try_send(0).unwrap();
    let permit = now(sender.reserve()).unwrap().unwrap();
    let a = task("A");
    let mut waiting = pin!(sender.send(1));
    assert!(a.poll(waiting.as_mut()).is_pending());
    receiver.close();
    assert_eq!(a.wakes(), 1);
    assert_eq!(a.poll(waiting.as_mut()), Poll::Ready(Err(SendError(1))));
    assert_eq!(sender.try_send(2), Err(TrySendError::Closed(2)));
    assert_eq!(now(sender.reserve()).unwrap().err(), Some(Closed));
    assert!(sender.is_closed());
    assert_eq!(receiver.try_recv(), Ok(0));
    let mut recv = receiver.recv();
    assert!(a.poll(Pin::new(&mut recv)).is_pending(), "a permit is out");
    permit.send(3).unwrap();
    assert_eq!(a.wakes(), 2);
    assert_eq!(a.poll(Pin::new(&mut recv)), Poll::Ready(Some(3)));
    assert_eq!(a.poll(Pin::new(&mut recv)), Poll::Ready(None));
}

#[test]
fn a_permit_that_is_dropped_after_the_close_ends_the_receiver() {
    let (sender, mut receiver) = channel::<u32>(1);
    let permit = now(sender.reserve()).unwrap().unwrap();
    receiver.close();
    let a = task("A");
    let mut recv = receiver.recv();
    assert!(a.poll(Pin::new(&mut recv)).is_pending());
    drop(permit);
    assert_eq!(a.wakes(), 1);
    assert_eq!(a.poll(Pin::new(&mut recv)), Poll::Ready(None));
}

#[test]
fn a_sender_that_is_dropped_with_its_slot_after_the_close_ends_the_receiver() {
    let (sender, mut receiver) = channel(1);
    sender.try_send(0).unwrap();
    let a = task("A");
    let mut waiting = Box::pin(sender.send(1));
    assert!(a.poll(waiting.as_mut()).is_pending());
    assert_eq!(receiver.try_recv(), Ok(0));
    receiver.close();
    let b = task("B");
    let mut recv = receiver.recv();
    assert!(
        b.poll(Pin::new(&mut recv)).is_pending(),
        "a slot is on its way"
    );
    drop(waiting);
    assert_eq!(b.wakes(), 1);
    assert_eq!(b.poll(Pin::new(&mut recv)), Poll::Ready(None));
}

#[test]
fn a_dropped_receiver_gives_values_back_and_drops_those_in_the_channel() {
    let values = DropCounter::new();
    let (sender, receiver) = channel(2);
    assert!(sender.try_send(values.token()).is_ok());
    let permit = now(sender.reserve()).unwrap().unwrap();
    drop(receiver);
    assert_eq!(values.alive(), 0);
    let refused = permit.send(values.token());
    assert!(refused.is_err() && values.alive() == 1);
    assert!(matches!(
        sender.try_send(values.token()),
        Err(TrySendError::Closed(_))
    ));
}

#[test]
fn a_woken_task_and_a_dropped_value_may_use_the_channel_at_once() {
    struct Sends(Option<synchronization::channel::Sender<Sends>>);
    impl Drop for Sends {
        fn drop(&mut self) {
            if let Some(sender) = self.0.take() {
                assert!(sender.try_send(Sends(None)).is_err());
            }
        }
    }
    let (sender, receiver) = channel(1);
    assert!(sender.try_send(Sends(Some(sender.clone()))).is_ok());
    drop(receiver);

    let (sender, mut receiver) = channel(2);
    let a = task("A");
    assert!(a.poll(Pin::new(&mut receiver.recv())).is_pending());
    let mut recv = Box::pin(async move { (receiver.recv().await, receiver.recv().await) });
    assert!(a.poll(recv.as_mut()).is_pending());
    let seen = std::sync::Arc::new(std::sync::Mutex::new(false));
    let inside = std::sync::Arc::clone(&seen);
    a.on_wake(move || *inside.lock().unwrap() = true);
    sender.try_send(1).unwrap();
    assert!(*seen.lock().unwrap());
    sender.try_send(2).unwrap();
    assert_eq!(a.poll(recv.as_mut()), Poll::Ready((Some(1), Some(2))));
}

#[test]
fn a_channel_of_any_size_takes_memory_only_for_its_values() {
    let (sender, mut receiver) = channel(usize::MAX);
    for number in 0..100_000_u32 {
        sender.try_send(number).unwrap();
    }
    for number in 0..100_000 {
        assert_eq!(receiver.try_recv(), Ok(number));
    }
}

#[test]
#[should_panic(expected = "at least one slot")]
fn a_channel_without_slots_panics() {
    drop(channel::<()>(0));
}

/// Senders that are cancelled at random, a receiver that comes and goes: no slot is lost or made.
#[test]
fn slots_are_conserved_in_ten_thousand_random_schedules() {
    for seed in 0..10_000 {
        let mut random = Random::seeded(seed);
        let capacity = 1 + random.below(3);
        let (sender, mut receiver) = channel(capacity);
        let mut sends: Vec<Pin<Box<dyn Future<Output = _> + '_>>> = Vec::new();
        let (mut sent, mut received, mut number) = (0, 0, 0);
        for _ in 0..30 {
            match random.below(4) {
                0 => {
                    number += 1;
                    sends.push(Box::pin(sender.send(number)));
                }
                1 if !sends.is_empty() => {
                    let place = random.below(sends.len());
                    let poll = sends[place]
                        .as_mut()
                        .poll(&mut Context::from_waker(Waker::noop()));
                    if poll == Poll::Ready(Ok(())) {
                        sent += 1;
                        drop(sends.remove(place));
                    }
                }
                2 if !sends.is_empty() => drop(sends.remove(random.below(sends.len()))),
                _ => received += usize::from(receiver.try_recv().is_ok()),
            }
            assert!(sent - received <= capacity, "seed {seed}");
        }
        drop(sends);
        while receiver.try_recv().is_ok() {
            received += 1;
        }
        assert_eq!(sent, received, "seed {seed}");
        for number in 0..capacity {
            assert_eq!(
                sender.try_send(number),
                Ok(()),
                "a slot is lost: seed {seed}"
            );
        }
        assert!(sender.try_send(0).is_err(), "a slot was made: seed {seed}");
    }
}

#[test]
fn every_receiver_of_a_broadcast_gets_every_value() {
    let values = DropCounter::new();
    let (sender, mut first) = broadcast(8);
    assert_eq!(sender.send(Rc::new(values.token())).ok(), Some(1));
    let mut second = sender.subscribe();
    assert_eq!(sender.send(Rc::new(values.token())).ok(), Some(2));
    assert!(matches!(now(first.recv()), Some(Ok(_))) && values.alive() == 1);
    assert!(matches!(now(first.recv()), Some(Ok(_))) && values.alive() == 1);
    assert!(matches!(now(second.recv()), Some(Ok(_))) && values.alive() == 0);
    assert!(now(second.recv()).is_none());
}

#[test]
fn a_slow_receiver_of_a_broadcast_learns_what_it_missed() {
    let (sender, mut fast) = broadcast(2);
    let mut slow = sender.subscribe();
    for number in 0..5 {
        sender.send(number).unwrap();
        assert_eq!(now(fast.recv()), Some(Ok(number)));
    }
    assert_eq!(now(slow.recv()), Some(Err(RecvError::Lagged(3))));
    assert_eq!(now(slow.recv()), Some(Ok(3)));
    drop(sender);
    assert_eq!(now(slow.recv()), Some(Ok(4)));
    assert_eq!(now(slow.recv()), Some(Err(RecvError::Closed)));
    assert_eq!(now(fast.recv()), Some(Err(RecvError::Closed)));
}

#[test]
fn a_broadcast_wakes_all_that_wait_and_the_last_sender_does_too() {
    let (sender, mut first) = broadcast(2);
    let mut second = sender.subscribe();
    let [a, b] = ["A", "B"].map(task);
    {
        let (mut one, mut two) = (pin!(first.recv()), pin!(second.recv()));
        assert!(a.poll(one.as_mut()).is_pending() && b.poll(two.as_mut()).is_pending());
        sender.send(1).unwrap();
        assert_eq!((a.wakes(), b.wakes()), (1, 1));
        assert_eq!(a.poll(one.as_mut()), Poll::Ready(Ok(1)));
    } // The second is dropped after it was woken, and has lost nothing.
    assert_eq!(now(second.recv()), Some(Ok(1)));
    let mut one = pin!(first.recv());
    assert!(a.poll(one.as_mut()).is_pending());
    drop(sender);
    assert_eq!(a.wakes(), 2);
    assert_eq!(a.poll(one), Poll::Ready(Err(RecvError::Closed)));
}

#[test]
fn a_dropped_receiver_of_a_broadcast_keeps_no_value() {
    let values = DropCounter::new();
    let (sender, receiver) = broadcast(4);
    for _ in 0..6 {
        assert!(sender.send(Rc::new(values.token())).is_ok());
    }
    assert_eq!(values.alive(), 4);
    let other = sender.subscribe();
    drop(receiver);
    assert_eq!(values.alive(), 0);
    drop(other);
    assert!(sender.send(Rc::new(values.token())).is_err());
}

/// A broadcast beside a model, which notes for each value the receivers that have not seen it.
#[test]
fn a_broadcast_is_as_its_model_in_five_thousand_random_schedules() {
    for seed in 0..5_000 {
        let mut random = Random::seeded(seed);
        let capacity = 1 + random.below(3);
        let (sender, first) = broadcast(capacity);
        let mut receivers = vec![(0, first)];
        let mut kept: Vec<(u32, Vec<usize>)> = Vec::new();
        let mut missed = vec![0_u64];
        for number in 0..40 {
            match random.below(4) {
                0 => {
                    let unseen: Vec<usize> = receivers.iter().map(|(name, _)| *name).collect();
                    assert_eq!(
                        sender.send(number).ok(),
                        Some(unseen.len()).filter(|count| *count > 0)
                    );
                    if kept.len() == capacity && !unseen.is_empty() {
                        let (_, names) = kept.remove(0);
                        names.into_iter().for_each(|name| missed[name] += 1);
                    }
                    kept.push((number, unseen));
                }
                1 => {
                    receivers.push((missed.len(), sender.subscribe()));
                    missed.push(0);
                }
                2 if !receivers.is_empty() => {
                    let (name, _) = receivers.remove(random.below(receivers.len()));
                    kept.iter_mut()
                        .for_each(|(_, unseen)| unseen.retain(|other| *other != name));
                }
                _ if !receivers.is_empty() => {
                    let place = random.below(receivers.len());
                    let (name, receiver) = &mut receivers[place];
                    let lagged = std::mem::take(&mut missed[*name]);
                    let next = kept.iter_mut().find(|(_, unseen)| unseen.contains(name));
                    let expected = match next {
                        _ if lagged > 0 => Some(Err(RecvError::Lagged(lagged))),
                        Some((value, unseen)) => {
                            unseen.retain(|other| other != name);
                            Some(Ok(*value))
                        }
                        None => None,
                    };
                    assert_eq!(receiver.try_recv(), expected, "seed {seed}");
                }
                _ => {}
            }
            kept.retain(|(_, unseen)| !unseen.is_empty());
        }
    }
}

#[test]
fn a_watch_shows_the_latest_value_only() {
    let (sender, mut first) = watch(0);
    let mut second = first.clone();
    let a = task("A");
    {
        let mut changed = pin!(first.changed());
        assert!(a.poll(changed.as_mut()).is_pending());
        sender.send(1);
        sender.send(2);
        assert_eq!(a.wakes(), 1);
        assert_eq!(a.poll(changed), Poll::Ready(Ok(())));
    }
    assert_eq!(*first.latest(), 2);
    assert_eq!(second.has_changed(), Ok(true));
    assert_eq!(*second.latest(), 2);
    assert_eq!(now(second.changed()), None);
    sender.send(3);
    drop(sender);
    assert_eq!(
        now(second.changed()),
        Some(Ok(())),
        "the last value was not seen"
    );
    assert_eq!(now(second.changed()), Some(Err(watch::Closed)));
}

#[test]
fn a_value_of_a_watch_may_be_kept_while_another_is_sent() {
    let values = DropCounter::new();
    let (sender, mut receiver) = watch(RefCell::new(values.token()));
    let kept = receiver.latest();
    sender.send(RefCell::new(values.token()));
    assert_eq!(values.alive(), 2);
    drop(kept);
    assert_eq!(values.alive(), 1);
    let mut late = sender.subscribe();
    assert_eq!(now(late.changed()), None);
}
