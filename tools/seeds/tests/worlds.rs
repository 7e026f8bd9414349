//! Some of the worlds that continuous integration runs all of.

use std::time::Duration;

use echo_server::server::Ending;
use echo_server::wish::Wish;
use event_loop::EventLoop;
use seeds::planted::{Fault, Planted};
use seeds::server::Server;
use seeds::{Plan, run, run_on};
use simnet::SimNet;

/// A debug build needs a second for some fifty; `cargo run --release -p seeds` runs 10,000.
const SEEDS: u64 = 60;

#[test]
fn every_law_holds_in_the_first_worlds() {
    for seed in 1..=SEEDS {
        let outcome = run(&Plan::of(seed), false);
        assert!(
            outcome.broken.is_empty(),
            "seed {seed}: {}\ncargo run -p seeds -- --seed {seed} --trace",
            outcome.broken.join("; ")
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_trace_byte_for_byte() {
    for seed in [1, 2, 3] {
        let traces = [0, 1].map(|_| run(&Plan::of(seed), true).trace);
        assert!(
            traces[0].to_string() == traces[1].to_string(),
            "seed {seed}"
        );
        let hash = run(&Plan::of(seed), false).trace.hash();
        assert_eq!(hash, traces[0].hash());
    }
}

/// On another machine, with another compiler, the trace is the same. If the server or the network changes, so do
/// these numbers.
#[test]
fn the_traces_are_those_of_every_other_machine() {
    let kept: Vec<String> = (1..=8)
        .map(|seed| {
            let trace = run(&Plan::of(seed), false).trace;
            format!(
                "seed {seed}: {} lines, {:016x}",
                trace.count(),
                trace.hash()
            )
        })
        .collect();
    insta::assert_snapshot!("traces", kept.join("\n"));
}

#[test]
fn each_planted_fault_is_found() {
    for fault in Fault::ALL {
        let found = (1..=300).find_map(|seed| {
            let outcome = run_on(&Plan::of(seed), false, |net, _| Planted::new(net, fault));
            let broken = outcome.broken.into_iter().next();
            broken.map(|broken| (seed, broken))
        });
        let (seed, broken) = found.unwrap_or_else(|| panic!("{fault:?} is not found"));
        println!("{fault:?}: found by seed {seed}: {broken}");
    }
}

#[test]
fn the_same_network_without_a_fault_keeps_all_laws() {
    for seed in 1..=20 {
        let outcome = run_on(&Plan::of(seed), false, |net, _| {
            Planted::new(net, Fault::None)
        });
        assert!(
            outcome.broken.is_empty(),
            "seed {seed}: {:?}",
            outcome.broken
        );
    }
}

/// The leader tells its four workers to finish while a thousand clients connect, send and read.
#[test]
fn a_thousand_clients_are_drained_in_the_middle_of_their_work() {
    for (seed, stop) in [(1, 300), (2, 700), (3, 1_000)] {
        let plan = Plan {
            stop: Some(Duration::from_millis(stop)),
            ..Plan::crowd(seed)
        };
        let outcome = run(&plan, false);
        assert!(
            outcome.broken.is_empty(),
            "seed {seed}: {:?}",
            outcome.broken
        );
        let (accepted, open) = (outcome.ended.figures.accepted, outcome.ended.figures.open());
        assert!(
            accepted > 100 && open == 0,
            "{accepted} accepted, {open} open"
        );
    }
}

#[test]
fn a_second_order_to_stop_ends_the_service_at_once() {
    let net = SimNet::new(1);
    let event_loop = EventLoop::with_driver(net.clone());
    let (server, client) = (net.host("server"), net.host("client"));
    let handle = event_loop.handle();
    event_loop.block_on(async {
        let bound = vec![server.listen(7777).unwrap()];
        let mut echo = Server::start(&net, bound, Plan::crowd(1).limits, &handle);
        let stream = client.connect(server.address(7777)).await.unwrap();
        handle.sleep(Duration::from_millis(300)).await;
        echo.wish(Wish::Stop);
        echo.wish(Wish::Stop);
        let told = handle.now();
        let led = echo.end().await.unwrap();
        assert_eq!(led.ending, Ending::AtOnce);
        assert!(led.is_healthy);
        assert_eq!(handle.now(), told);
        drop(stream);
    });
}
