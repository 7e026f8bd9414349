//! The judgments that take several steps.

use std::net::SocketAddr;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use super::super::subject::{happy_eyeballs, interleaved};
use super::judging::{attempts, nothing_is_left};
use super::world::Script::{Connects, Fails, Hangs};
use super::world::{World, address};
use probe::Run;

/// Lists of addresses of both families.
pub(super) fn in_turn(run: &Run) {
    let of = |family: char, number: usize| match family {
        '6' => address(2 * number),
        _ => address(2 * number + 1),
    };
    for (given, order) in [
        ("", ""),
        ("4", "4"),
        ("46", "46"),
        ("6644", "6464"),
        ("4466", "4646"),
        ("466644", "464646"),
        ("66664", "64666"),
        ("444", "444"),
    ] {
        let list: Vec<SocketAddr> = (1..)
            .zip(given.chars())
            .map(|(number, family)| of(family, number))
            .collect();
        let families = |list: &[SocketAddr]| -> String {
            list.iter()
                .map(|to| if to.is_ipv6() { '6' } else { '4' })
                .collect()
        };
        let turns = interleaved(&list);
        let call = run
            .recorder()
            .enters("interleaved", format!("families {given:?}"));
        call.returns(format!("{:?}", families(&turns)));
        let mut sorted = (turns.clone(), list.clone());
        sorted.0.sort();
        sorted.1.sort();
        if sorted.0 != sorted.1 {
            run.departs(format!(
                "{} addresses went in, and other ones came out: {turns:?}.",
                list.len()
            ));
        }
        if families(&turns) != order {
            if turns == list {
                run.diagnose(
                    "families-in-a-row",
                    format!("The families {given:?} came out in the order in which they went in. Expected: {order:?}."),
                );
            }
            run.departs(format!(
                "The families {given:?} came out as {:?}. Expected: {order:?}.",
                families(&turns)
            ));
        }
        let within = |six: bool, list: &[SocketAddr]| -> Vec<SocketAddr> {
            list.iter()
                .filter(|to| to.is_ipv6() == six)
                .copied()
                .collect()
        };
        if within(true, &turns) != within(true, &list)
            || within(false, &turns) != within(false, &list)
        {
            run.departs("Within one family the addresses have changed their order.");
        }
    }
}

/// Every attempt fails, and there is no address.
pub(super) fn all_fail(run: &Run) {
    let (world, ended) = attempts(run, &[Fails(900), Fails(0), Fails(700), Fails(1)]);
    let Some(Err(errors)) = ended else {
        run.departs("Every attempt failed, and the call returned no list of errors.");
    };
    let numbers: Vec<usize> = errors.iter().map(|(_, number)| *number).collect();
    if numbers.len() < 4 {
        run.diagnose(
            "one-error-hides-another",
            format!(
                "Four attempts failed, and the call returned {} errors.",
                numbers.len()
            ),
        );
    }
    if numbers != [0, 1, 2, 3] {
        run.departs(format!("Expected the errors of the attempts 0, 1, 2, 3 in this order, and got those of {numbers:?}."));
    }
    if errors
        .iter()
        .any(|(to, number)| *to != world.addresses[*number])
    {
        run.departs("An error stands beside the address of another attempt.");
    }
    let (_, ended) = attempts(run, &[]);
    if !matches!(&ended, Some(Err(errors)) if errors.is_empty()) {
        run.departs("Without an address the result is an empty list of errors.");
    }
    let world = World::new(run.recorder(), &[Fails(0)]);
    let (connecting, handle) = (world.clone(), world.handle.clone());
    let twice = [world.addresses[0]; 2];
    let call = async move { happy_eyeballs(&handle, &twice, |to| connecting.connect(to)).await };
    if !matches!(world.drive(run, call), Some(Err(errors)) if errors.len() == 2) {
        run.departs(
            "An address stands in the list twice, and both attempts fail. Expected two errors.",
        );
    }
}

/// The call returns, and another one is dropped.
pub(super) fn nothing_stays(run: &Run) {
    for scripts in [
        &[Hangs, Connects(30), Hangs][..],
        &[Connects(0)],
        &[Hangs, Fails(0), Connects(100)],
    ] {
        let (world, _) = attempts(run, scripts);
        nothing_is_left(run, &world, "The call has returned");
    }
    for steps in 0..6 {
        let world = World::new(run.recorder(), &[Hangs, Fails(30), Hangs, Hangs]);
        let (connecting, handle) = (world.clone(), world.handle.clone());
        {
            let call = pin!(happy_eyeballs(&handle, &world.addresses, |to| connecting.connect(to)));
            let mut call = call;
            for _ in 0..steps {
                let _ = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                let sleep = world.handle.sleep(Duration::from_millis(250));
                let _ = world.drive(run, sleep);
            }
        }
        nothing_is_left(
            run,
            &world,
            &format!("The call was dropped after {steps} polls"),
        );
    }
}
