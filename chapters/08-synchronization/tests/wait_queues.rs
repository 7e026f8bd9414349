//! The queue of waiters, and the list under it.

use std::cell::RefCell;
use std::rc::Rc;

use futures::FutureExt;
use probe::random::Random;
use synchronization::{LinkedSlab, WaitQueue};

/// A turn whose destructor hands it to the next waiter, as a permit does.
struct Turn {
    queue: WaitQueue<Turn>,
    dropped: Rc<RefCell<usize>>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.dropped.borrow_mut() += 1;
        if !self.queue.is_empty() {
            let turn = Turn {
                queue: self.queue.clone(),
                dropped: Rc::clone(&self.dropped),
            };
            assert!(self.queue.hand_over(turn).is_ok());
        }
    }
}

#[test]
fn a_chosen_waiter_that_is_dropped_passes_its_turn_on() {
    let queue = WaitQueue::new();
    let dropped = Rc::default();
    let waits = [(); 3].map(|()| queue.wait(()));
    let turn = Turn {
        queue: queue.clone(),
        dropped: Rc::clone(&dropped),
    };
    assert!(queue.hand_over(turn).is_ok());
    let [first, second, third] = waits;
    drop(first);
    assert_eq!(*dropped.borrow(), 1);
    drop(second);
    assert_eq!(*dropped.borrow(), 2);
    assert!(third.now_or_never().is_some());
    assert!(queue.is_empty());
}

#[test]
fn waiters_that_come_while_all_are_woken_receive_nothing() {
    let queue: WaitQueue<u32> = WaitQueue::new();
    let waits = [(); 3].map(|()| queue.wait(()));
    let late = RefCell::new(Vec::new());
    let count = queue.hand_to_all(|| {
        late.borrow_mut().push(queue.wait(()));
        7
    });
    assert_eq!((count, queue.len()), (3, 3));
    for wait in waits {
        assert_eq!(wait.now_or_never(), Some(7));
    }
}

#[test]
fn the_list_does_what_a_vector_of_keys_does() {
    let mut random = Random::seeded(8);
    let mut list = LinkedSlab::new();
    let mut order: Vec<usize> = Vec::new();
    let mut unlinked: Vec<usize> = Vec::new();
    for number in 0..2_000_u64 {
        let any = |random: &mut Random, keys: &Vec<usize>| random.below(keys.len());
        match random.below(4) {
            0 | 1 => order.push(list.push_back(number)),
            2 if !order.is_empty() => {
                let key = order.remove(any(&mut random, &order));
                list.unlink(key);
                unlinked.push(key);
            }
            3 if !order.is_empty() => {
                let _value: u64 = list.remove(order.remove(any(&mut random, &order)));
            }
            _ => {}
        }
        if unlinked.len() > 5 {
            let _value: u64 = list.remove(unlinked.remove(0));
        }
        assert_eq!(list.len(), order.len());
        assert_eq!(list.front(), order.first().copied());
    }
    let mut left = Vec::new();
    while let Some(key) = list.front() {
        left.push(key);
        list.unlink(key);
    }
    assert_eq!(left, order);
}
