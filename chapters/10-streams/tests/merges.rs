//! Several streams as one.

use std::task::Poll;

use futures::stream;
use streams::{collect, map, merge, merge_all};

use crate::source::{Feed, Source, poll, source, task};

#[test]
fn of_two_streams_that_always_have_an_item_each_has_every_second_turn() {
    let ones = map(stream::iter(0..500), |_| 1);
    let twos = map(stream::iter(0..500), |_| 2);
    let items: Vec<u8> = wakers::block_on(collect(merge(ones, twos)));
    assert_eq!(items.len(), 1_000);
    assert!(items.chunks(2).all(|pair| pair == [1, 2]));
}

#[test]
fn after_an_item_the_other_stream_is_polled_first() {
    let ((left, first), (right, second)) = (source(), source());
    let mut both = merge(first, second);
    let a = task("A");
    right.push(10);
    assert_eq!(poll(&a, &mut both), Poll::Ready(Some(10)));
    left.push(1);
    left.push(2);
    right.push(20);
    assert_eq!(poll(&a, &mut both), Poll::Ready(Some(1)));
    assert_eq!(poll(&a, &mut both), Poll::Ready(Some(20)));
    assert_eq!(poll(&a, &mut both), Poll::Ready(Some(2)));
}

#[test]
fn a_stream_that_has_ended_is_dropped_and_the_other_goes_on() {
    for ends_first in 0..2 {
        let (feeds, mut sources): (Vec<Feed<u8>>, Vec<Source<u8>>) =
            (0..2).map(|_| source()).unzip();
        let mut both = merge(sources.remove(0), sources.remove(0));
        let [a, b] = ["A", "B"].map(task);
        let (gone, left) = (&feeds[ends_first], &feeds[1 - ends_first]);
        gone.end();
        assert!(poll(&a, &mut both).is_pending());
        assert!(gone.is_dropped() && !left.is_dropped());
        assert!(poll(&b, &mut both).is_pending());
        left.push(1);
        assert_eq!((a.wakes(), b.wakes()), (0, 1));
        assert_eq!(poll(&b, &mut both), Poll::Ready(Some(1)));
        left.end();
        for _ in 0..2 {
            assert_eq!(poll(&b, &mut both), Poll::Ready(None));
        }
    }
}

#[test]
fn in_a_merge_of_many_a_wake_polls_one_stream() {
    let (feeds, sources): (Vec<_>, Vec<_>) = (0..100).map(|_| source()).unzip();
    let mut all = merge_all(sources);
    let a = task("A");
    assert!(poll(&a, &mut all).is_pending());
    for place in [70, 3, 70] {
        feeds[place].push(place);
        assert_eq!(poll(&a, &mut all), Poll::Ready(Some(place)));
        assert!(poll(&a, &mut all).is_pending());
    }
    let polls: usize = feeds.iter().map(Feed::polls).sum();
    assert_eq!(polls, 100 + 2 * 3);
    feeds.iter().for_each(Feed::end);
    assert_eq!(poll(&a, &mut all), Poll::Ready(None));
    assert!(feeds.iter().all(Feed::is_dropped));
}

#[test]
fn in_a_merge_of_many_a_stream_that_always_has_an_item_holds_up_no_other() {
    let full = (0..3).map(|number| stream::iter(std::iter::repeat_n(number, 1_000)));
    let items: Vec<u8> = wakers::block_on(collect(merge_all(full)));
    assert_eq!(items.len(), 3_000);
    assert!(items.chunks(3).all(|three| three == [0, 1, 2]));
}

#[test]
fn a_stream_that_is_pushed_later_is_merged_too() {
    let mut all = merge_all([stream::iter([1])]);
    all.push(stream::iter([2]));
    assert_eq!(wakers::block_on(collect::<_, Vec<_>>(all)), [1, 2]);
}
