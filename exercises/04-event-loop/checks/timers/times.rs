//! Times that are close to each other, past, or at the ends of the range.

use std::time::Duration;

use super::super::subject::Timers;
use super::shelf::{Shelf, at};
use event_loop::Time;
use probe::run;

#[test]
fn times_that_differ_by_a_nanosecond_are_not_equal() {
    let run = run!();
    let nano = Duration::from_nanos(1);
    for sooner in [
        Time::after_start(Duration::new(1, 500)),
        Time::after_start(Duration::from_secs(200 * 24 * 3600)),
        Time::after_start(Duration::from_nanos(u64::MAX - 1)),
    ] {
        let later = sooner + nano;
        let mut timers = Timers::new();
        timers.insert(later, "later");
        timers.insert(sooner, "sooner");
        run.recorder()
            .says("timers", format!("set \"later\" for {later}"));
        run.recorder()
            .says("timers", format!("set \"sooner\" for {sooner}"));
        let next = timers.next();
        let mut due = || timers.pop_due(sooner).map(|(_, item)| item);
        let out = [due(), due()];
        if (next, out) == (Some(sooner), [Some("sooner"), None]) {
            continue;
        }
        let said = next.map_or("None".to_owned(), |next| next.to_string());
        run.recorder().says(
            "check",
            format!(
                "at {sooner} `pop_due` returns {:?}, then {:?}",
                out[0], out[1]
            ),
        );
        let sentence = format!(
            "One timer was set for {later}, and then one for {sooner}. `next` returned {said}. At {sooner}, `pop_due` returned {:?} and then \
             {:?}. Expected: \"sooner\", and then None.",
            out[0], out[1]
        );
        if out[0] == Some("later") && next.is_some() {
            run.diagnose("time-rounded-down", sentence);
        }
        run.departs(sentence);
    }
}

#[test]
fn a_timer_set_for_a_time_in_the_past_comes_out_by_its_time() {
    let run = run!();
    let mut shelf = Shelf::new(&run);
    shelf.set("noon", 20);
    if shelf.pop(20).is_none() {
        run.departs("The timer was set for 20ms, and at 20ms `pop_due` returned None.");
    }
    shelf.set("later", 15);
    shelf.set("sooner", 10);
    if shelf.timers.next() != Some(at(10)) {
        let next = shelf
            .timers
            .next()
            .map_or("None".to_owned(), |next| next.to_string());
        let sentence = format!(
            "It was 20ms. Then timers were set for 15ms and for 10ms, and `next` returned {next}."
        );
        if shelf.timers.next() == Some(at(20)) {
            run.diagnose("overdue-unsorted", sentence);
        }
        run.departs(sentence);
    }
    let out = shelf.pop_all(20);
    match out.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["sooner", "later"] => {}
        ["later", "sooner"] => run.diagnose(
            "overdue-unsorted",
            "It was 20ms. Then timers were set for 15ms and for 10ms, and they came out in the order of setting. The earliest time comes out \
             first, in the past as well.",
        ),
        _ => run.departs(format!(
            "It was 20ms. Then timers were set for 15ms and for 10ms, and these came out: {out:?}."
        )),
    }
}

#[test]
fn a_timer_may_be_set_for_time_zero_and_for_the_end_of_time() {
    let run = run!();
    let mut timers = Timers::new();
    let (start, end) = (Time::START, Time::END);
    timers.insert(end, "never");
    run.recorder()
        .says("timers", format!("set \"never\" for {end}"));
    timers.insert(start, "at the beginning");
    run.recorder()
        .says("timers", format!("set \"at the beginning\" for {start}"));
    let first = timers.pop_due(start).map(|(_, item)| item);
    let then = timers.pop_due(at(1_000_000_000)).map(|(_, item)| item);
    if (first, then, timers.next()) != (Some("at the beginning"), None, Some(end)) {
        run.departs(format!(
            "One timer was set for time zero and one for `Time::END`. At zero `pop_due` returned {first:?}, at 1,000,000s it returned \
             {then:?}, and `next` returned {:?}.",
            timers.next()
        ));
    }
}
