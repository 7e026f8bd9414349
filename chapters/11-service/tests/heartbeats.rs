//! Heartbeats on virtual time, and a thousand clients.

use std::cell::{Cell, RefCell};
use std::future::{pending, ready};
use std::io::ErrorKind;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};
use probe::detect::DropCounter;
use service::herd::{Choice, herd};
use service::{Heard, Lost, Pulse, heartbeat};

const SECOND: Duration = Duration::from_secs(1);
const PULSE: Pulse = Pulse {
    every: Duration::from_secs(30),
    patience: Duration::from_secs(5),
};

fn on_a_loop<T>(run: impl AsyncFnOnce(Handle) -> T) -> T {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let output = event_loop.block_on(run(event_loop.handle()));
    assert_eq!(event_loop.timers(), 0, "no timer outlives it");
    output
}

#[test]
fn pings_begin_at_each_interval_and_end_with_the_listener() {
    on_a_loop(async |timer| {
        let (heard, sent) = (Heard::new(), RefCell::new(Vec::new()));
        let listener = async {
            timer.sleep(100 * SECOND).await;
            "the end"
        };
        let ping = || {
            sent.borrow_mut().push(timer.now().since_start().as_secs());
            heard.note();
            // What is heard in the very moment of the ping is older than the answer, so it is noted once more.
            let heard = heard.clone();
            async move {
                heard.note();
                Ok::<(), ErrorKind>(())
            }
        };
        assert_eq!(
            heartbeat(&timer, PULSE, &heard, listener, ping).await,
            Ok("the end")
        );
        assert_eq!(sent.take(), [30, 60, 90]);
    });
}

#[test]
fn a_message_at_the_end_of_the_patience_counts_and_one_before_the_ping_does_not() {
    for (heard_at, ends_at) in [(35, 65), (29, 35), (36, 35)] {
        let at = on_a_loop(async |timer| {
            let heard = Heard::new();
            let listener = async {
                timer.sleep(heard_at * SECOND).await;
                heard.note();
                pending::<()>().await;
            };
            let ping = || ready(Ok::<(), ErrorKind>(()));
            let ended = heartbeat(&timer, PULSE, &heard, listener, ping).await;
            assert_eq!(ended, Err(Lost::Silent));
            timer.now().since_start()
        });
        assert_eq!(at, ends_at * SECOND, "heard at {heard_at} s");
    }
}

#[test]
fn a_ping_that_cannot_be_sent_ends_the_connection() {
    on_a_loop(async |timer| {
        let heard = Heard::new();
        let broken = || ready(Err(ErrorKind::BrokenPipe));
        let ended = heartbeat(&timer, PULSE, &heard, pending::<()>(), broken).await;
        assert_eq!(ended, Err(Lost::Ping(ErrorKind::BrokenPipe)));
    });
    let at = on_a_loop(async |timer| {
        let heard = Heard::new();
        let ended = heartbeat(
            &timer,
            PULSE,
            &heard,
            pending::<()>(),
            pending::<Result<(), ErrorKind>>,
        )
        .await;
        assert_eq!(ended, Err(Lost::Silent));
        timer.now().since_start()
    });
    assert_eq!(at, 35 * SECOND);
}

#[test]
fn a_dropped_heartbeat_leaves_neither_listener_nor_ping() {
    for seconds in [0, 29, 31, 34] {
        let values = DropCounter::new();
        let pings = Cell::new(0);
        on_a_loop(async |timer| {
            let heard = Heard::new();
            let listener = {
                let token = values.token();
                async move {
                    let _token = token;
                    pending::<()>().await;
                }
            };
            let ping = || {
                pings.set(pings.get() + 1);
                let token = values.token();
                async move {
                    let _token = token;
                    pending::<Result<(), ErrorKind>>().await
                }
            };
            let beats = heartbeat(&timer, PULSE, &heard, listener, ping);
            let _elapsed = composition::timeout(&timer, seconds * SECOND, beats).await;
            assert_eq!(values.alive(), 0);
            let before = pings.get();
            timer.sleep(1_000 * SECOND).await;
            assert_eq!(pings.get(), before);
        });
    }
}

#[test]
fn clients_without_jitter_come_back_in_lockstep() {
    let together = herd(1_000, 20, Choice::Longest);
    // Fifty rounds: 1,000 attempts, then 980, and so on.
    assert_eq!(together.attempts.len(), 25_500);
    assert_eq!(together.busiest(), 1_000);
    let spread = herd(1_000, 20, Choice::Full(7));
    assert!(
        spread.busiest() < 200 && spread.last < 60 * SECOND,
        "{spread:?}"
    );
    assert_eq!(spread, herd(1_000, 20, Choice::Full(7)));
    assert_eq!(herd(0, 1, Choice::Longest).attempts, []);
}
