//! Many addresses, on a clock that jumps.

use std::cell::RefCell;
use std::future::pending;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use composition::{happy_eyeballs, interleaved};
use event_loop::{EventLoop, Handle, JumpingDriver};

/// What becomes of an attempt, and after how many milliseconds.
#[derive(Clone, Copy)]
enum Script {
    Connects(u64),
    Fails(u64),
    Hangs,
}

use Script::{Connects, Fails, Hangs};

/// Address number `number` of IPv6 or of IPv4.
fn address(family: char, number: u16) -> SocketAddr {
    match family {
        '6' => SocketAddr::from(([0x2001, 0xdb8, 0, 0, 0, 0, 0, number], 80)),
        _ => SocketAddr::from(([192, 0, 2, number as u8], 80)),
    }
}

/// Six or four addresses: `664` is two of IPv6 and one of IPv4.
fn addresses(families: &str) -> Vec<SocketAddr> {
    (1..)
        .zip(families.chars())
        .map(|(number, family)| address(family, number))
        .collect()
}

type Log = Rc<RefCell<Vec<String>>>;

struct Attempt(Log, Handle, usize);

impl Attempt {
    fn says(&self, what: &str) {
        let Attempt(log, handle, number) = self;
        let at = handle.now().since_start().as_millis();
        log.borrow_mut().push(format!("{at} ms: {number} {what}"));
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.says("is gone");
    }
}

/// Runs the scripts, numbered in the order of the attempts.
fn run(scripts: &'static [Script]) -> (Vec<String>, Result<usize, usize>) {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let list = addresses(&"64".repeat(scripts.len())[..scripts.len()]);
    let log = Log::default();
    let connect = |to: SocketAddr| {
        let number = list.iter().position(|address| *address == to).unwrap();
        let attempt = Attempt(Rc::clone(&log), handle.clone(), number);
        attempt.says("starts");
        let handle = handle.clone();
        async move {
            let _attempt = &attempt;
            match scripts[number] {
                Connects(millis) => {
                    handle.sleep(Duration::from_millis(millis)).await;
                    Ok(number)
                }
                Fails(millis) => {
                    handle.sleep(Duration::from_millis(millis)).await;
                    Err("refused")
                }
                Hangs => pending().await,
            }
        }
    };
    let result = event_loop.block_on(happy_eyeballs(&handle, &list, connect));
    assert_eq!((event_loop.tasks(), event_loop.timers()), (0, 0));
    let result = match result {
        Ok((to, number)) => {
            assert_eq!(to, list[number]);
            Ok(number)
        }
        Err(errors) => {
            let tried: Vec<_> = errors.iter().map(|(address, _)| *address).collect();
            assert_eq!(tried, list, "in the order of the attempts");
            Err(errors.len())
        }
    };
    (log.take(), result)
}

#[test]
fn families_take_turns() {
    for (given, order) in [
        ("", ""),
        ("6", "6"),
        ("664", "646"),
        ("4666", "4666"),
        ("466644", "464646"),
        ("44446", "46444"),
    ] {
        let list = interleaved(&addresses(given));
        let families: String = list
            .iter()
            .map(|to| if to.is_ipv6() { '6' } else { '4' })
            .collect();
        assert_eq!(families, order, "{given}");
    }
}

#[test]
fn the_second_attempt_starts_after_250_ms_and_the_loser_is_dropped() {
    let (log, result) = run(&[Hangs, Connects(30)]);
    assert_eq!(result, Ok(1));
    assert_eq!(
        log,
        [
            "0 ms: 0 starts",
            "250 ms: 1 starts",
            "280 ms: 1 is gone",
            "280 ms: 0 is gone",
        ]
    );
}

#[test]
fn a_failure_of_the_newest_attempt_starts_the_next_and_the_delay_begins_anew() {
    let (log, result) = run(&[Fails(10), Hangs, Connects(5)]);
    assert_eq!(result, Ok(2));
    assert_eq!(log[2], "10 ms: 1 starts");
    assert_eq!(log[3], "260 ms: 2 starts");
}

#[test]
fn a_failure_of_an_older_attempt_starts_none() {
    let (log, _) = run(&[Fails(300), Hangs, Connects(5)]);
    assert_eq!(log[1], "250 ms: 1 starts");
    assert_eq!(log[2], "300 ms: 0 is gone");
    assert_eq!(log[3], "500 ms: 2 starts");
}

#[test]
fn a_connection_at_the_end_of_the_delay_is_returned_and_no_attempt_starts() {
    let (log, result) = run(&[Connects(250), Connects(0)]);
    assert_eq!(result, Ok(0));
    assert_eq!(log, ["0 ms: 0 starts", "250 ms: 0 is gone"]);
}

#[test]
fn all_errors_are_returned_in_the_order_of_the_attempts() {
    let (_, result) = run(&[Fails(900), Fails(0), Fails(700), Fails(1)]);
    assert_eq!(result, Err(4));
    assert_eq!(run(&[]).1, Err(0));
}
