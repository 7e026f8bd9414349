//! Numbers for a StatsD server.

use std::cell::RefCell;
use std::future::pending;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use blocking::statsd::{Metrics, Packing, send};
use event_loop::{EventLoop, JumpingDriver, Time};
use futures::FutureExt;

const SECOND: Duration = Duration::from_secs(1);

fn packing(packet: usize, packets: usize) -> Packing {
    Packing {
        packet,
        packets,
        every: SECOND,
    }
}

/// What arrived, and when.
type Arrived = Rc<RefCell<Vec<(Duration, String)>>>;

/// Runs `talk` beside the task that sends, then ends both.
fn arrived(
    metrics: &Metrics,
    talk: impl AsyncFnOnce(&event_loop::Handle),
) -> Vec<(Duration, String)> {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let arrived = Arrived::default();
    let (ours, timer, list) = (metrics.clone(), handle.clone(), Rc::clone(&arrived));
    let sending = handle.spawn(async move {
        let clock = timer.clone();
        send(&ours, timer, async |packet: &[u8]| {
            let text = String::from_utf8(packet.to_vec()).expect("it is text");
            list.borrow_mut().push((clock.now() - Time::START, text));
            Ok(())
        })
        .await;
    });
    event_loop.block_on(async {
        talk(&handle).await;
        metrics.finish();
        assert!(sending.await.is_ok());
    });
    arrived.take()
}

fn texts(arrived: &[(Duration, String)]) -> Vec<&str> {
    arrived.iter().map(|(_, text)| &**text).collect()
}

#[test]
fn each_kind_has_its_line() {
    let metrics = Metrics::new(packing(1_000, 1));
    let arrived = arrived(&metrics, async |_| {
        metrics.count("a", -2);
        metrics.gauge("b", 3);
        metrics.gauge("c", -4);
        metrics.timing("d", Duration::from_micros(2_999));
        metrics.unique("e", "x|y\nz");
        metrics.count("f:1|c\nforged", 1);
    });
    let expected = "a:-2|c\nb:3|g\nc:0|g\nc:-4|g\nd:2|ms\ne:x_y_z|s\nf_1_c_forged:1|c";
    assert_eq!(texts(&arrived), [expected]);
}

#[test]
fn a_line_waits_a_second_for_others_and_a_full_packet_does_not_wait() {
    let metrics = Metrics::new(packing(9, 8));
    let arrived = arrived(&metrics, async |handle| {
        handle.sleep(5 * SECOND).await;
        metrics.count("a", 1);
        handle.sleep(SECOND / 2).await;
        metrics.count("b", 1);
        handle.sleep(3 * SECOND).await;
        for name in ["c", "d", "e"] {
            metrics.count(name, 1);
        }
        handle.sleep(3 * SECOND).await;
    });
    let seconds: Vec<f64> = arrived.iter().map(|(at, _)| at.as_secs_f64()).collect();
    assert_eq!(
        texts(&arrived),
        ["a:1|c", "b:1|c", "c:1|c", "d:1|c", "e:1|c"]
    );
    assert_eq!(seconds, [5.5, 6.5, 8.5, 8.5, 9.5]);
}

#[test]
fn without_a_line_no_timer_is_set() {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let metrics = Metrics::new(packing(100, 1));
    let mut sending = Box::pin(send(&metrics, event_loop.handle(), async |_: &[u8]| Ok(())));
    assert!(sending.as_mut().now_or_never().is_none());
    assert_eq!(event_loop.timers(), 0);
}

#[test]
fn lines_without_room_are_dropped_and_the_next_packet_says_how_many() {
    let metrics = Metrics::new(packing(40, 2));
    let arrived = arrived(&metrics, async |handle| {
        for _ in 0..20 {
            metrics.count("abc", 1);
        }
        assert_eq!(metrics.dropped(), 10);
        handle.sleep(2 * SECOND).await;
        metrics.count("later", 1);
    });
    let lines: Vec<&str> = arrived.iter().flat_map(|(_, text)| text.lines()).collect();
    let told = lines.iter().filter(|line| **line == "statsd.dropped:10|c");
    assert_eq!(told.count(), 1, "{lines:?}");
    let kept = lines.iter().filter(|line| **line == "abc:1|c").count();
    assert_eq!(kept, 10);
    assert!(lines.contains(&"later:1|c"));
    assert!(arrived.iter().all(|(_, text)| text.len() <= 40));
}

#[test]
fn each_line_is_sent_or_counted_whatever_fails() {
    for (seed, fails) in (0..60_u64).flat_map(|seed| [1, 2, 3].map(|fails| (seed, fails))) {
        let event_loop = EventLoop::with_driver(JumpingDriver::new());
        let handle = event_loop.handle();
        let metrics = Metrics::new(packing(60, 3));
        let (mut sent, mut told, mut packets) = (0, 0, 0);
        let mut total = 0;
        event_loop.block_on(async {
            let sending = send(&metrics, handle.clone(), async |packet: &[u8]| {
                packets += 1;
                handle.sleep(SECOND / 4).await;
                if (packets + seed) % fails == 1 {
                    return Err(io::Error::other("no server"));
                }
                for line in String::from_utf8_lossy(packet).lines() {
                    match line.strip_prefix("statsd.dropped:") {
                        Some(count) => told += count.trim_end_matches("|c").parse::<u64>().unwrap(),
                        None => sent += 1,
                    }
                }
                Ok(())
            });
            let talking = async {
                let mut random = seed + 1;
                for _ in 0..60 {
                    random = random
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    for _ in 0..(random >> 60) {
                        metrics.count("abcdef", 1);
                        total += 1;
                    }
                    handle
                        .sleep(Duration::from_millis((random >> 33) % 900))
                        .await;
                }
                metrics.finish();
            };
            futures::future::join(sending, talking).await;
        });
        assert_eq!(sent + metrics.dropped(), total, "seed {seed}, {fails}");
        assert!(told <= metrics.dropped(), "seed {seed}, {fails}");
        if fails > 1 && packets > 2 {
            assert!(told > 0 || metrics.dropped() == 0, "seed {seed}, {fails}");
        }
    }
}

#[test]
fn a_line_that_no_packet_can_hold_is_dropped() {
    let metrics = Metrics::new(packing(20, 2));
    metrics.count("a_name_of_many_letters", 1);
    assert_eq!(metrics.dropped(), 1);
}

#[test]
fn a_sender_that_is_dropped_leaves_the_other_packets_to_the_next() {
    let metrics = Metrics::new(packing(5, 8));
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    for name in ["a", "b", "c"] {
        metrics.count(name, 1);
    }
    let stuck = send(&metrics, event_loop.handle(), async |_: &[u8]| {
        pending().await
    });
    assert!(stuck.now_or_never().is_none());
    metrics.finish();
    let mut rest = Vec::new();
    event_loop.block_on(send(
        &metrics,
        event_loop.handle(),
        async |packet: &[u8]| {
            rest.push(packet.to_vec());
            Ok(())
        },
    ));
    assert_eq!(rest, [b"b:1|c", b"c:1|c"]);
}

#[test]
fn after_the_end_a_line_is_dropped_and_wakes_no_task() {
    let metrics = Metrics::new(packing(100, 1));
    metrics.finish();
    metrics.count("late", 1);
    assert_eq!(metrics.dropped(), 1);
}
