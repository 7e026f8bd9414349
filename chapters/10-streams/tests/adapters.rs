//! Streams from async blocks, and streams of streams.

use std::future::ready;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use composition::{ReadySet, Winner, select};
use futures::stream;
use probe::detect::DropCounter;
use probe_futures::laws::dropping;
use probe_futures::{gate, pending_times};
use streams::{collect, filter, from_async, map, next, take, try_collect, zip};

use crate::source::{poll, source, task};

#[test]
fn a_block_runs_only_while_its_stream_is_polled_and_stands_at_its_send() {
    let counter = DropCounter::new();
    let made = counter.clone();
    let mut numbers = Box::pin(from_async(async |mut items| {
        for _ in 0..2 {
            items.send(made.token()).await;
        }
    }));
    let a = task("A");
    assert_eq!(counter.made(), 0);
    for due in 1..=2 {
        assert!(matches!(poll(&a, &mut numbers), Poll::Ready(Some(_))));
        assert_eq!((counter.made(), counter.alive(), a.wakes()), (due, 0, 0));
    }
    for _ in 0..2 {
        assert!(matches!(poll(&a, &mut numbers), Poll::Ready(None)));
    }
}

#[test]
fn a_block_that_waits_wakes_the_task_that_polled_the_stream_last() {
    let (key, gate) = gate();
    let mut answers = Box::pin(from_async(async |mut items| {
        let answer = gate.await;
        items.send(answer).await;
    }));
    let [a, b] = ["A", "B"].map(task);
    assert!(poll(&a, &mut answers).is_pending());
    assert!(poll(&b, &mut answers).is_pending());
    key.open(7);
    assert_eq!((a.wakes(), b.wakes()), (0, 1));
    assert_eq!(poll(&b, &mut answers), Poll::Ready(Some(7)));
    assert_eq!(poll(&b, &mut answers), Poll::Ready(None));
}

#[test]
fn a_block_that_has_ended_is_dropped_before_the_end_is_returned() {
    let counter = DropCounter::new();
    let token = counter.token();
    let mut nothing = Box::pin(from_async(async |items: streams::Sender<u8>| {
        let _kept = (token, items);
    }));
    assert_eq!(poll(&task("A"), &mut nothing), Poll::Ready(None));
    assert_eq!(counter.alive(), 0);
}

#[test]
fn a_send_that_is_dropped_after_its_poll_is_yielded_and_the_next_one_after_it() {
    let mut items = Box::pin(from_async(async |mut items| {
        match select(pin!(items.send(1)), ready(())).biased().await {
            Winner::First(()) | Winner::Second(()) => {}
        }
        items.send(2).await;
    }));
    let a = task("A");
    assert_eq!(poll(&a, &mut items), Poll::Ready(Some(1)));
    assert_eq!(poll(&a, &mut items), Poll::Ready(Some(2)));
    assert_eq!(poll(&a, &mut items), Poll::Ready(None));
}

#[test]
fn a_send_inside_of_a_set_with_wakers_of_its_own_goes_on() {
    let mut items = Box::pin(from_async(async |mut items| {
        let mut set: ReadySet<_> = [async move {
            items.send(1).await;
            items.send(2).await;
        }]
        .into_iter()
        .collect();
        next(&mut set).await;
    }));
    let a = task("A");
    assert_eq!(poll(&a, &mut items), Poll::Ready(Some(1)));
    assert_eq!(poll(&a, &mut items), Poll::Ready(Some(2)));
    assert_eq!(poll(&a, &mut items), Poll::Ready(None));
}

#[test]
fn an_item_that_waits_in_the_block_is_dropped_with_the_stream() {
    let counter = DropCounter::new();
    let tokens = counter.clone();
    let mut items = Box::pin(from_async(async |mut items| {
        let before = tokens.token();
        items.send(tokens.token()).await;
        drop(before);
    }));
    let item = poll(&task("A"), &mut items);
    assert_eq!(counter.alive(), 2);
    drop(item);
    drop(items);
    assert_eq!(counter.alive(), 0);
}

#[test]
fn map_filter_and_take_keep_the_order_and_take_polls_no_further() {
    let (feed, numbers) = source();
    (1..=9).for_each(|number| feed.push(number));
    let odd = filter(numbers, |number| number % 2 == 1);
    let mut two = take(map(odd, |number| number * 10), 2);
    let a = task("A");
    assert_eq!(poll(&a, &mut two), Poll::Ready(Some(10)));
    assert_eq!(poll(&a, &mut two), Poll::Ready(Some(30)));
    assert_eq!(poll(&a, &mut two), Poll::Ready(None));
    assert_eq!((feed.polls(), feed.is_dropped()), (3, false));
    drop(two);
    assert!(feed.is_dropped());
}

#[test]
fn take_does_not_poll_a_source_that_has_ended() {
    let (feed, numbers) = source::<u8>();
    feed.end();
    let mut two = take(numbers, 2);
    for _ in 0..2 {
        assert_eq!(poll(&task("A"), &mut two), Poll::Ready(None));
    }
}

#[test]
fn a_zip_polls_only_the_stream_whose_item_is_missing() {
    let ((left, first), (right, second)) = (source(), source());
    let mut pairs = zip(first, second);
    let [a, b] = ["A", "B"].map(task);
    right.push('x');
    assert!(poll(&a, &mut pairs).is_pending());
    assert!(poll(&b, &mut pairs).is_pending());
    assert_eq!((left.polls(), right.polls()), (2, 1));
    left.push(1);
    assert_eq!((a.wakes(), b.wakes()), (0, 1));
    assert_eq!(poll(&b, &mut pairs), Poll::Ready(Some((1, 'x'))));
    left.push(2);
    right.end();
    assert_eq!(poll(&b, &mut pairs), Poll::Ready(None));
}

#[test]
fn a_collection_has_all_items_and_the_first_error_ends_it() {
    let text: String = wakers::block_on(collect(stream::iter(["a", "b"])));
    assert_eq!(text, "ab");
    let (feed, results) = source::<Result<u8, &str>>();
    for item in [Ok(1), Err("broken"), Ok(3)] {
        feed.push(item);
    }
    let all: Result<Vec<u8>, _> = wakers::block_on(try_collect(results));
    assert_eq!((all, feed.is_dropped()), (Err("broken"), true));
}

#[test]
fn a_next_that_is_dropped_loses_no_item() {
    let (feed, mut numbers) = source();
    let a = task("A");
    let mut waits = Box::pin(next(&mut numbers));
    assert!(a.poll(waits.as_mut()).is_pending());
    drop(waits);
    feed.push(1);
    assert_eq!(poll(&a, &mut numbers), Poll::Ready(Some(1)));
}

#[test]
fn a_block_that_panics_panics_in_the_poll() {
    let mut broken = Box::pin(from_async(async |mut items| {
        items.send(pending_times(1, 1).await).await;
        panic!("the block panics");
    }));
    let a = task("A");
    assert!(poll(&a, &mut broken).is_pending());
    assert_eq!(poll(&a, &mut broken), Poll::Ready(Some(1)));
    let again = catch_unwind(AssertUnwindSafe(|| poll(&a, &mut broken)));
    assert!(again.is_err());
}

#[test]
fn a_chain_that_is_dropped_at_any_suspension_point_leaves_no_item() {
    dropping::at_every_pause(
        || probe::run!(),
        |_| {
            let counter = DropCounter::new();
            let tokens = counter.clone();
            let items = from_async(async move |mut items| {
                for number in 0..4 {
                    let token = tokens.token();
                    pending_times(number, ()).await;
                    items.send((number, token)).await;
                }
            });
            let odd = filter(items, |(number, _)| number % 2 == 1);
            let pairs = zip(odd, stream::repeat(()));
            (collect::<_, Vec<_>>(pairs), counter)
        },
        |_| {},
        |_, counter, pauses| assert_eq!(counter.alive(), 0, "dropped after {pauses} polls"),
    );
}
