//! Lists of futures: all of them, the first error, and the order of completion.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use composition::{as_completed, join_all, try_join_all};
use futures::StreamExt;
use probe::detect::DropCounter;
use probe_futures::laws::dropping;
use probe_futures::{Poller, gate, pending_times, poller};

type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

fn task(name: &str) -> Poller {
    poller(&probe::Recorder::default(), name)
}

#[test]
fn the_outputs_are_in_the_order_of_the_list() {
    let (keys, gates): (Vec<_>, Vec<_>) = (0..4).map(|_| gate()).unzip();
    let mut all = Box::pin(join_all(gates));
    let a = task("A");
    assert!(a.poll(all.as_mut()).is_pending());
    for place in [2, 0, 3] {
        keys[place].open(place);
        assert!(a.poll(all.as_mut()).is_pending());
    }
    keys[1].open(1);
    assert_eq!(a.poll(all.as_mut()), Poll::Ready(vec![0, 1, 2, 3]));
}

#[test]
fn no_futures_are_ready_at_once() {
    let a = task("A");
    let nothing: [std::future::Ready<u8>; 0] = [];
    assert_eq!(
        a.poll(Box::pin(join_all(nothing)).as_mut()),
        Poll::Ready(vec![])
    );
    let nothing: [std::future::Ready<Result<u8, u8>>; 0] = [];
    assert_eq!(
        a.poll(Box::pin(try_join_all(nothing)).as_mut()),
        Poll::Ready(Ok(vec![]))
    );
}

#[test]
fn a_child_wakes_the_task_that_polled_the_join_last_and_a_spurious_poll_polls_no_child() {
    let polls = Rc::new(Cell::new(0));
    let (keys, gates): (Vec<_>, Vec<_>) = (0..3).map(|_| gate::<usize>()).unzip();
    let counted = gates.into_iter().map(|mut gate| {
        let polls = Rc::clone(&polls);
        poll_fn(move |context| {
            polls.set(polls.get() + 1);
            Pin::new(&mut gate).poll(context)
        })
    });
    let mut all = Box::pin(join_all(counted));
    for (place, key) in keys.iter().enumerate() {
        let [a, b] = ["A", "B"].map(task);
        assert!(a.poll(all.as_mut()).is_pending());
        let before = polls.get();
        assert!(b.poll(all.as_mut()).is_pending());
        assert_eq!((polls.get(), a.counts().alive), (before, 0));
        key.open(place);
        assert_eq!(a.wakes(), 0);
        assert!(b.wakes() > 0);
    }
    assert_eq!(task("C").poll(all.as_mut()), Poll::Ready(vec![0, 1, 2]));
}

/// Polls of the children, for a list of which each wake makes one ready: the last first.
fn polls_of(children: usize) -> usize {
    let polls = Rc::new(Cell::new(0));
    let (keys, gates): (Vec<_>, Vec<_>) = (0..children).map(|_| gate()).unzip();
    let counted = gates.into_iter().map(|mut gate| {
        let polls = Rc::clone(&polls);
        poll_fn(move |context| {
            polls.set(polls.get() + 1);
            Pin::new(&mut gate).poll(context)
        })
    });
    let mut all = Box::pin(join_all(counted));
    let a = task("A");
    for key in keys.iter().rev() {
        assert!(a.poll(all.as_mut()).is_pending());
        key.open(());
    }
    assert!(a.poll(all.as_mut()).is_ready());
    polls.get()
}

#[test]
fn the_number_of_polls_grows_as_the_number_of_children() {
    for children in [1, 10, 100, 1_000, 10_000] {
        assert_eq!(polls_of(children), 2 * children);
    }
}

#[test]
fn the_instrument_counts_polls_by_the_rules_that_the_page_gives() {
    use composition::polls::{Finish, Wakers, polls};
    for n in [0, 1, 2, 10, 100, 1_000] {
        let children = n as u64;
        let one_by_one = children + children * (children + 1) / 2;
        assert_eq!(polls(n, Wakers::OneForAll, Finish::OneByOne), one_by_one);
        assert_eq!(polls(n, Wakers::OneForAll, Finish::AtOnce), 2 * children);
        assert_eq!(polls(n, Wakers::OneEach, Finish::OneByOne), 2 * children);
        assert_eq!(polls(n, Wakers::OneEach, Finish::AtOnce), 2 * children);
    }
}

#[test]
fn the_first_error_comes_at_once_and_its_siblings_are_dropped_before_it() {
    let live = DropCounter::new();
    let (keys, gates): (Vec<_>, Vec<_>) = (0..3).map(|_| gate::<Result<u32, u32>>()).unzip();
    let guarded = gates.into_iter().map(|gate| {
        let token = live.token();
        async move {
            let _token = token;
            gate.await
        }
    });
    let mut all = Box::pin(try_join_all(guarded));
    let a = task("A");
    assert!(a.poll(all.as_mut()).is_pending());
    keys[0].open(Ok(1));
    assert!(a.poll(all.as_mut()).is_pending());
    keys[2].open(Err(7));
    assert_eq!(a.poll(all.as_mut()), Poll::Ready(Err(7)));
    assert_eq!(live.alive(), 0);
    assert!(keys[1].is_gone());
}

#[test]
fn of_two_errors_at_the_same_moment_the_one_that_was_woken_first_wins() {
    let (keys, gates): (Vec<_>, Vec<_>) = (0..2).map(|_| gate::<Result<(), usize>>()).unzip();
    let mut all = Box::pin(try_join_all(gates));
    let a = task("A");
    assert!(a.poll(all.as_mut()).is_pending());
    keys[1].open(Err(1));
    keys[0].open(Err(0));
    assert_eq!(a.poll(all.as_mut()), Poll::Ready(Err(1)));
}

#[test]
fn all_values_that_are_there_make_a_list() {
    let a = task("A");
    let mut all = Box::pin(try_join_all([2, 0, 1].map(|times| async move {
        pending_times(times, ()).await;
        Ok::<_, ()>(times)
    })));
    let ends = (0..3).find_map(|_| match a.poll(all.as_mut()) {
        Poll::Ready(values) => Some(values),
        Poll::Pending => None,
    });
    assert_eq!(ends, Some(Ok(vec![2, 0, 1])));
}

#[test]
fn outputs_come_in_the_order_of_completion_also_when_many_are_there_at_once() {
    let (keys, gates): (Vec<_>, Vec<_>) = (0..5).map(|_| gate()).unzip();
    let mut done = as_completed(gates);
    let a = task("A");
    assert!(a.poll(Pin::new(&mut done.next())).is_pending());
    for place in [3, 1, 4] {
        keys[place].open('x');
    }
    let next = |done: &mut _| a.poll(Pin::new(&mut StreamExt::next(done)));
    assert_eq!(next(&mut done), Poll::Ready(Some((3, 'x'))));
    assert_eq!(next(&mut done), Poll::Ready(Some((1, 'x'))));
    assert_eq!(next(&mut done), Poll::Ready(Some((4, 'x'))));
    assert!(next(&mut done).is_pending());
    assert_eq!((done.len(), done.is_empty()), (2, false));
}

#[test]
fn nothing_is_lost_when_a_next_is_dropped() {
    let (key, gate) = gate();
    let mut done = as_completed([gate]);
    let a = task("A");
    assert!(a.poll(Pin::new(&mut done.next())).is_pending());
    key.open(7);
    drop(done.next()); // Made and dropped without a poll.
    assert_eq!(
        a.poll(Pin::new(&mut done.next())),
        Poll::Ready(Some((0, 7)))
    );
}

#[test]
fn dropped_at_any_suspension_point_it_leaves_no_child_no_output_and_no_waker() {
    dropping::at_every_pause(
        || probe::run!(),
        |_| {
            let live = DropCounter::new();
            let children = [3, 1, 2].map(|times| {
                let (token, live) = (live.token(), live.clone());
                async move {
                    pending_times(times, ()).await;
                    drop(token);
                    live.token()
                }
            });
            (join_all(children), live)
        },
        |_| (),
        |_, live, pauses| assert_eq!(live.alive(), 0, "dropped after {pauses} polls"),
    );
}

#[test]
fn a_panic_of_one_is_the_callers_and_nothing_leaks() {
    let live = DropCounter::new();
    let children = (0..3).map(|place| {
        let token = live.token();
        Box::pin(async move {
            pending_times(1, ()).await;
            assert_ne!(place, 1, "in a child");
            token
        }) as Boxed<_>
    });
    let mut all = Box::pin(join_all(children));
    let a = task("A");
    assert!(a.poll(all.as_mut()).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| a.poll(all.as_mut()))).is_err());
    drop(all);
    assert_eq!((live.alive(), a.counts().alive), (0, 0));
}

#[test]
fn the_destructor_of_a_sibling_may_wake_its_siblings() {
    struct Wakes(Rc<RefCell<Vec<std::task::Waker>>>);
    impl Drop for Wakes {
        fn drop(&mut self) {
            self.0
                .borrow()
                .iter()
                .for_each(std::task::Waker::wake_by_ref);
        }
    }
    let wakers: Rc<RefCell<Vec<std::task::Waker>>> = Rc::default();
    let mut children: Vec<Boxed<Result<(), u32>>> = Vec::new();
    for _ in 0..3 {
        let (guard, wakers) = (Wakes(Rc::clone(&wakers)), Rc::clone(&wakers));
        children.push(Box::pin(async move {
            let _guard = guard;
            poll_fn(|context| {
                wakers.borrow_mut().push(context.waker().clone());
                Poll::<()>::Pending
            })
            .await;
            Ok(())
        }));
    }
    children.push(Box::pin(ready(Err(7))));
    let a = task("A");
    assert_eq!(
        a.poll(Box::pin(try_join_all(children)).as_mut()),
        Poll::Ready(Err(7))
    );
}
