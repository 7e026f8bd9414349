//! The laws of reference counts, for wakers that are made by hand.

use std::task::Waker;

use probe::Run;
use probe::detect::{DropCounter, Token};

/// Clones, wakes and drops a waker in every way, and checks that its payload lives exactly as long as its last waker.
///
/// `make` builds a waker that owns the token. Names `waker-leaked` if the payload outlives all wakers, `waker-not-counted` if it is
/// gone before the last; where that ends in an abort, a breadcrumb does.
#[track_caller]
pub fn balanced(run: &Run, make: impl Fn(Token) -> Waker) {
    let ways: [Way<'_>; 6] = [
        ("drop", &|waker, _| drop(waker)),
        ("wake", &|waker, _| waker.wake()),
        ("wake_by_ref, then drop", &|waker, still_there| {
            waker.wake_by_ref();
            still_there();
            drop(waker);
        }),
        ("clone, drop both", &|waker, still_there| {
            drop(waker.clone());
            still_there();
            drop(waker);
        }),
        ("clone, drop one, wake the other", &|waker, still_there| {
            let clone = waker.clone();
            drop(waker);
            still_there();
            clone.wake();
        }),
        ("clone, wake one, drop the other", &|waker, still_there| {
            let clone = waker.clone();
            clone.wake();
            still_there();
            drop(waker);
        }),
    ];
    for (way, consume) in ways {
        let payload = DropCounter::new();
        let waker = make(payload.token());
        run.recorder().says("waker", way);
        let still_there = || {
            if payload.dropped() > 0 {
                run.diagnose(
                    "waker-not-counted",
                    format!("In `{way}` the payload was freed, and there was a waker that still pointed to it."),
                );
            }
        };
        run.risk(
            Some("waker-not-counted"),
            "The payload was freed while a waker still pointed to it: some way of copying or waking does not count itself.",
            || consume(waker, &still_there),
        );
        judge(run, &payload, way);
    }
    three_clones(run, &make);
}

/// What the test does to one waker, by name. Between two steps it checks that the payload is still there.
type Way<'a> = (&'a str, &'a dyn Fn(Waker, &dyn Fn()));

#[track_caller]
fn three_clones(run: &Run, make: &impl Fn(Token) -> Waker) {
    let payload = DropCounter::new();
    let waker = make(payload.token());
    run.recorder()
        .says("waker", "clone three times, drop one by one");
    run.risk(
        Some("waker-not-counted"),
        "Three clones were dropped one by one, and the payload was freed before the last: `clone` does not count itself.",
        || {
            let mut all = vec![waker.clone(), waker.clone(), waker.clone(), waker];
            while let Some(one) = all.pop() {
                if payload.dropped() > 0 {
                    run.diagnose("waker-not-counted", "The payload is gone, and there are still wakers that point to it.");
                }
                drop(one);
            }
        },
    );
    judge(run, &payload, "dropping three clones and the waker itself");
}

#[track_caller]
fn judge(run: &Run, payload: &DropCounter, way: &str) {
    match payload.dropped() {
        0 => run.diagnose(
            "waker-leaked",
            format!("After `{way}` the last waker is gone, but its payload was never freed."),
        ),
        1 => {}
        times => run.diagnose(
            "waker-not-counted",
            format!("After `{way}` the payload had been freed {times} times."),
        ),
    }
}
