//! What the simulated driver promises.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use event_loop::{Driver, Time};
use probe::run;
use probe_futures::Sim;
use probe_loop::{SimDriver, Stuck};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_sleep_jumps_to_its_end() {
    let driver = SimDriver::new(&Sim::new(&run!()));
    driver.park(Some(SECOND)).unwrap();
    assert_eq!(driver.now(), Time::START + SECOND);
    assert_eq!((driver.parks(), driver.sleeps()), (1, 1));
}

#[test]
fn an_event_that_wakes_no_task_does_not_end_the_sleep() {
    let sim = Sim::new(&run!());
    let driver = SimDriver::new(&sim);
    sim.at(SECOND, || ());
    driver.park(Some(3 * SECOND)).unwrap();
    assert_eq!(driver.now(), Time::START + 3 * SECOND);
    assert_eq!(sim.left(), 0);
}

#[test]
fn an_event_that_unparks_ends_the_sleep() {
    let sim = Sim::new(&run!());
    let driver = SimDriver::new(&sim);
    let unparker = driver.unparker();
    sim.at(SECOND, move || unparker.unpark());
    driver.park(None).unwrap();
    assert_eq!(driver.now(), Time::START + SECOND);
    assert_eq!(driver.unparks(), 1);
}

#[test]
fn an_event_that_comes_with_the_end_of_the_sleep_happens_before_it() {
    let sim = Sim::new(&run!());
    let driver = SimDriver::new(&sim);
    let happened = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&happened);
    sim.at(SECOND, move || {
        seen.fetch_add(1, Relaxed);
    });
    driver.park(Some(SECOND)).unwrap();
    assert_eq!(happened.load(Relaxed), 1);
}

#[test]
fn an_unpark_before_the_sleep_ends_that_one_and_no_other() {
    let driver = SimDriver::new(&Sim::new(&run!()));
    driver.unparker().unpark();
    driver.unparker().unpark();
    driver.park(Some(SECOND)).unwrap();
    assert_eq!(driver.now(), Time::START);
    driver.park(Some(SECOND)).unwrap();
    assert_eq!(driver.now(), Time::START + SECOND);
}

#[test]
fn a_look_takes_no_time_and_sees_what_is_due() {
    let sim = Sim::new(&run!());
    let driver = SimDriver::new(&sim);
    sim.at(Duration::ZERO, || ());
    sim.at(SECOND, || ());
    driver.park(Some(Duration::ZERO)).unwrap();
    assert_eq!(driver.now(), Time::START);
    assert_eq!(sim.left(), 1);
    assert_eq!((driver.parks(), driver.sleeps()), (1, 0));
}

#[test]
fn with_nothing_to_come_a_sleep_without_end_is_stuck() {
    let sim = Sim::new(&run!());
    let driver = SimDriver::new(&sim);
    sim.external("a telephone");
    sim.at(SECOND, || ());
    let error = driver.park(None).unwrap_err();
    let stuck = Stuck::of(&error).unwrap();
    assert_eq!(stuck.at, Time::START + SECOND);
    assert_eq!(stuck.external, ["a telephone"]);
    assert_eq!(
        error.to_string(),
        "stuck at 1s: nothing is ready, no timer is set, and nothing is going to happen, unless it comes from a telephone"
    );
}

#[test]
fn a_sleep_returns_for_nothing_where_it_was_told_to() {
    let driver = SimDriver::new(&Sim::new(&run!())).returning_early([2]);
    driver.park(Some(Duration::ZERO)).unwrap();
    driver.park(Some(SECOND)).unwrap();
    assert_eq!(driver.now(), Time::START + SECOND);
    driver.park(Some(SECOND)).unwrap();
    assert_eq!(driver.now(), Time::START + SECOND);
    driver.park(Some(SECOND)).unwrap();
    assert_eq!(driver.now(), Time::START + 2 * SECOND);
}
