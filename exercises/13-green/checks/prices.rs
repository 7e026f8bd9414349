//! prices: a cache that green threads share, and that waits while it loads.

use std::cell::Cell;
use std::collections::HashSet;
use std::rc::Rc;

use super::subject::Prices;
use event_loop::{EventLoop, JumpingDriver};
use futures::FutureExt;
use green::{Green, wait};
use probe::random::Random;
use probe::{Recorder, Run, panics, run, snapshot};

/// A green thread asks for an item; its load waits for some milliseconds and gives a price.
#[derive(Debug, Clone, Copy)]
struct Ask {
    at: u64,
    item: u32,
    takes: u64,
    price: u32,
}

impl Ask {
    /// When it asks, for what, how long the load takes, and the price that it gives.
    fn of((at, item, takes, price): (u64, u32, u64, u32)) -> Ask {
        Ask {
            at,
            item,
            takes,
            price,
        }
    }
}

/// What each of them got, and whether it loaded. A panic of one is in the text.
fn asked(run: &Run, recorder: &Recorder, asks: &[Ask]) -> Vec<(Result<u32, String>, bool)> {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let prices = Rc::new(Prices::default());
    let threads: Vec<_> = (asks.iter().enumerate())
        .map(|(number, ask)| {
            let (ask, prices, recorder) = (*ask, Rc::clone(&prices), recorder.clone());
            let (clock, loaded) = (handle.clone(), Rc::new(Cell::new(false)));
            let (name, loads) = (format!("thread {}", number + 1), Rc::clone(&loaded));
            let thread = Green::new(move || {
                let sleep = |millis| wait(clock.sleep(std::time::Duration::from_millis(millis)));
                sleep(ask.at);
                recorder.says(&name, format!("price({}, load)", ask.item));
                let caught = panics::expected(|| {
                    prices.price(ask.item, || {
                        loads.set(true);
                        recorder.says(&name, format!("loads for {} ms", ask.takes));
                        sleep(ask.takes);
                        ask.price
                    })
                });
                let got = caught.map_err(|panic| panic.message);
                match &got {
                    Ok(price) => recorder.says(&name, format!("has {price}")),
                    Err(text) => recorder.says(&name, format!("panics: {text}")),
                }
                got
            });
            (
                handle.spawn(thread.expect("the system gives a stack")),
                loaded,
            )
        })
        .collect();
    let all = async {
        let mut results = Vec::new();
        for (thread, loaded) in threads {
            let got = thread
                .await
                .unwrap_or_else(|_| Err("its task ended".to_owned()));
            results.push((got, loaded.get()));
        }
        results
    };
    run.risk(
        Some("busy-poll"),
        "A green thread waits for the cache in a loop, and wakes itself each time. The loop never sleeps, so its timers do not fire, and the load that has the cache does not end.",
        || event_loop.block_on(all),
    )
}

/// What the contract says: who loads, and which price stays.
fn expected(asks: &[Ask]) -> Vec<(Result<u32, String>, bool)> {
    let stored = |item: u32| {
        // The first load of the item that ends, among those that began before it ended.
        let first = asks.iter().enumerate().filter(|(_, ask)| ask.item == item);
        first
            .min_by_key(|(number, ask)| (ask.at + ask.takes, *number))
            .map(|(_, ask)| (ask.at + ask.takes, ask.price))
    };
    asks.iter()
        .map(|ask| {
            let (at, price) = stored(ask.item).expect("it is asked for");
            (Ok(price), ask.at < at)
        })
        .collect()
}

#[track_caller]
fn refuse_a_panic(run: &Run, results: &[(Result<u32, String>, bool)]) {
    let panics = results.iter().find_map(|(got, _)| got.as_ref().err());
    if let Some(text) = panics {
        run.diagnose(
            "borrow-across-switch",
            format!("A green thread waited in `load`, and the cache was borrowed meanwhile. Another one used the cache, and panicked: {text}."),
        );
    }
}

#[test]
fn two_green_threads_load_two_items_at_the_same_time() {
    let run = run!("two_items");
    let asks = [(0, 1, 20, 100), (10, 2, 20, 200)].map(Ask::of);
    let results = asked(&run, run.recorder(), &asks);
    refuse_a_panic(&run, &results);
    if results != expected(&asks) {
        run.departs(format!(
            "Expected: 100 and 200, each loaded by its thread. Seen: {results:?}."
        ));
    }
    snapshot!(run);
}

#[test]
fn a_price_that_is_known_is_not_loaded() {
    let run = run!();
    let asks = [(0, 1, 20, 100), (30, 1, 20, 101)].map(Ask::of);
    let results = asked(&run, run.recorder(), &asks);
    refuse_a_panic(&run, &results);
    if results[1].1 {
        run.diagnose(
            "loaded-again",
            "The first thread had loaded item 1 and has its price. Then the second thread asked for item 1, and `load` was called again.",
        );
    }
}

#[test]
fn each_price_is_kept() {
    let run = run!();
    let prices = Prices::default();
    for (item, price) in [(0, 0), (u32::MAX, 0), (7, u32::MAX)] {
        let again = Cell::new(false);
        let first = prices.price(item, || price);
        let second = prices.price(item, || {
            again.set(true);
            price
        });
        if again.get() {
            run.diagnose(
                if price == 0 { "zero-is-a-miss" } else { "loaded-again" },
                format!("Item {item} has the price {price}, which was loaded. It was asked for once more, and `load` was called again."),
            );
        }
        if (first, second) != (price, price) {
            run.departs(format!(
                "Item {item} has the price {price}. Seen: {first}, and then {second}."
            ));
        }
    }
    for item in 0..2_000 {
        prices.price(item, || item);
    }
    // Items 0 and 7 were there.
    if prices.len() != 2_001 {
        run.diagnose(
            "bounded-cache",
            format!(
                "The prices of 2,001 items were loaded. Expected: 2,001 are kept. Seen: {}.",
                prices.len()
            ),
        );
    }
    let known = (0..2_000)
        .filter(|item| {
            prices.price(*item, || 1_000_000) == if *item == 7 { u32::MAX } else { *item }
        })
        .count();
    if known < 2_000 {
        run.departs(format!(
            "The prices of 2,000 items were loaded. Asked for again, {known} of them are known."
        ));
    }
}

#[test]
fn what_two_threads_have_loaded_is_kept() {
    let run = run!();
    let asks = [
        (0, 1, 20, 120),
        (10, 2, 20, 220),
        (50, 1, 5, 105),
        (60, 2, 5, 205),
    ]
    .map(Ask::of);
    let results = asked(&run, run.recorder(), &asks);
    refuse_a_panic(&run, &results);
    if results[2].1 || results[3].1 {
        run.diagnose(
            "other-entries-lost",
            "Two threads loaded items 1 and 2 at the same time. Then both items were asked for again, and one of them was loaded again: the thread that ended last stored a cache without the other's price.",
        );
    }
}

#[test]
fn the_price_that_was_stored_first_stays_and_both_return_it() {
    let run = run!("same_item");
    let asks = [(0, 1, 30, 100), (10, 1, 10, 101), (50, 1, 10, 102)].map(Ask::of);
    let results = asked(&run, run.recorder(), &asks);
    refuse_a_panic(&run, &results);
    let prices: Vec<u32> = results
        .iter()
        .filter_map(|(got, _)| got.clone().ok())
        .collect();
    match prices[..] {
        [101, 101, 101] => {}
        [100, 101, 101] => run.diagnose(
            "own-load-returned",
            "Two threads loaded item 1 at the same time. The price 101 was stored first, and stays. The other thread returned the price 100 that it had loaded itself.",
        ),
        [_, 101, 100] => run.diagnose(
            "later-load-overwrites",
            "Two threads loaded item 1 at the same time. The price 101 was stored first, and one thread has it. Then the other load ended, and the price 100 took its place.",
        ),
        _ if prices.iter().any(|price| !(100..=102).contains(price)) => run.diagnose(
            "placeholder-handed-out",
            format!("A thread has a price that no load has given: {prices:?}. Something was stored for the item before its price was known."),
        ),
        _ => run.departs(format!("Expected: all three have 101, the price that was stored first. Seen: {prices:?}.")),
    }
    snapshot!(run);
}

#[test]
fn a_load_may_use_the_cache_and_may_panic() {
    let run = run!();
    let prices = Prices::default();
    let empty = prices.is_empty();
    let nested = panics::expected(|| prices.price(1, || prices.price(2, || 20) + 1));
    if nested.as_ref().ok() != Some(&21) || prices.len() != 2 {
        run.diagnose(
            "borrow-across-switch",
            "The load of item 1 asked the same cache for item 2. The cache was borrowed while `load` ran.",
        );
    }
    if (empty, prices.is_empty()) != (true, false) {
        run.departs(format!(
            "Before the first price `is_empty` should return true, and with two prices false. Seen: {empty}, and then {}.",
            prices.is_empty()
        ));
    }
    let panicked = panics::expected(|| prices.price(3, || panic!("no server")));
    let after = panics::expected(|| prices.price(3, || 30));
    if panicked.is_ok() || after.ok() != Some(30) || prices.len() != 3 {
        run.departs("The load of item 3 panicked, and was then tried again. Expected: the panic, and then the price.");
    }
    let prices = Rc::new(prices);
    let inside = Rc::clone(&prices);
    let thread = Green::new(move || inside.price(4, || wait(std::future::pending())));
    let mut thread = Box::pin(thread.expect("the system gives a stack"));
    let pending = thread.as_mut().now_or_never();
    let meanwhile = panics::expected(|| prices.len());
    drop(thread);
    let after = panics::expected(|| prices.price(4, || 40));
    if meanwhile.is_err() {
        run.diagnose(
            "borrow-across-switch",
            "A green thread waits in `load`. Another one asked for the number of prices, and found the cache borrowed.",
        );
    }
    if pending.is_some() || meanwhile.ok() != Some(3) || after.ok() != Some(40) || prices.len() != 4
    {
        run.departs("A green thread was dropped in the load of item 4, and then the item was asked for again. Expected: 3 prices until then, and the price of the second load.");
    }
}

#[test]
fn many_green_threads_get_what_was_stored_first() {
    let run = run!();
    let mut random = Random::seeded(13);
    for seed in 0..100 {
        // They begin in even milliseconds and end in odd ones, and no two loads of an item end in the same one: such an order is the
        // loop's to decide, and not the contract's.
        let mut ends = HashSet::new();
        let asks: Vec<Ask> = (0..=random.below(6))
            .map(|number| Ask {
                at: 2 * random.below(20) as u64,
                item: random.below(3) as u32,
                takes: 1 + 2 * random.below(15) as u64,
                price: 100 + number as u32,
            })
            .filter(|ask| ends.insert((ask.item, ask.at + ask.takes)))
            .collect();
        let results = asked(&run, &Recorder::default(), &asks);
        refuse_a_panic(&run, &results);
        if results != expected(&asks) {
            run.departs(format!("Run {seed} of 100: {asks:?}. Expected, with whether it loads: {:?}. Seen: {results:?}.", expected(&asks)));
        }
    }
}
