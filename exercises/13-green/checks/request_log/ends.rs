//! How a request ends, and what it leaves to others; and many requests in random trees.

use std::cell::RefCell;
use std::rc::Rc;

use super::super::subject::{in_request, lines, log};
use super::{Function, logged, pause, together};
use event_loop::Handle;
use futures::FutureExt;
use green::{Green, wait};
use probe::detect::OnDrop;
use probe::random::Random;
use probe::{panics, run, snapshot};
use probe_io::heap;

#[test]
fn a_request_ends_with_a_panic() {
    let run = run!();
    let panicked = panics::expected(|| in_request("a", || in_request("b", || panic!("in b"))));
    log("after");
    if panicked.is_ok() {
        run.departs("`serve` panicked, and `in_request` returned.");
    }
    if logged(&run) != ["-: after"] {
        run.diagnose(
            "request-left-behind",
            "`serve` panicked, and the next line was still marked with its request.",
        );
    }
}

#[test]
fn a_request_ends_when_its_green_thread_is_dropped() {
    let run = run!("dropped");
    let dropped = || {
        let waits = || in_request("b", || wait(std::future::pending::<()>()));
        let mut thread = Box::pin(Green::new(waits).expect("the system gives a stack"));
        let _ = thread.as_mut().now_or_never();
        log("a has polled b");
        drop(thread);
    };
    in_request("a", || {
        log("a begins");
        dropped();
        log("a has dropped b");
    });
    log("after");
    let lines = logged(&run);
    match &lines.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["a: a begins", "a: a has polled b", "a: a has dropped b", "-: after"] => {}
        [_, "b: a has polled b", ..] => run.diagnose(
            "thread-local-across-switch",
            "A green thread is suspended in its request b. The code that polled it is in the request a, and its line is marked with b.",
        ),
        ["a: a begins", "a: a has polled b", ..] => run.diagnose(
            "left-for-another",
            "The code in request a dropped a green thread that was suspended in request b. The destructor ran in the code that drops, and ended the request of that code.",
        ),
        _ => run.departs("The code in request a polls and drops a green thread in request b. Expected: its own lines are marked with a."),
    }
    snapshot!(run);
}

#[test]
fn green_threads_that_follow_each_other_begin_in_no_request() {
    let run = run!();
    for name in ["a", "b"] {
        let dropped = Green::new(move || in_request(name, || wait(std::future::pending::<()>())));
        let _ = dropped.expect("the system gives a stack").now_or_never();
        let next = Green::new(move || log(&format!("behind {name}")));
        next.expect("the system gives a stack").now_or_never();
    }
    if logged(&run) != ["-: behind a", "-: behind b"] {
        run.diagnose(
            "request-left-behind",
            "A green thread was dropped in a request. A new green thread wrote a line, and it is marked with that request.",
        );
    }
}

#[test]
fn each_thread_of_the_system_has_requests_of_its_own() {
    let run = run!();
    let elsewhere = in_request("a", || {
        log("a begins");
        std::thread::spawn(|| {
            log("x");
            in_request("b", || log("y"));
            lines()
        })
        .join()
        .expect("it does not panic")
    });
    log("after");
    let here = logged(&run);
    if elsewhere != ["-: x", "b: y"] || here != ["a: a begins", "-: after"] {
        run.diagnose(
            "shared-between-threads",
            format!("One thread of the system was in request a, and another one wrote x outside of each request, and y in request b. The other one's lines: {elsewhere:?}. The lines of the one: {here:?}."),
        );
    }
}

#[test]
fn destructors_may_log_when_a_green_thread_is_dropped() {
    let run = run!();
    let logs = || OnDrop::new(|| log("destructor"));
    let thread = Green::new(move || {
        in_request("a", || {
            let _logs = logs();
            in_request("b", || {
                let _logs = logs();
                wait(std::future::pending::<()>());
            });
        });
    });
    let mut thread = Box::pin(thread.expect("the system gives a stack"));
    let _ = thread.as_mut().now_or_never();
    run.risk(
        None,
        "A green thread was dropped in its request, and a destructor of `serve` called `log`. It panicked.",
        || drop(thread),
    );
    log("after");
    let lines = logged(&run);
    let written = lines
        .iter()
        .filter(|line| line.ends_with(": destructor"))
        .count();
    if written != 2 || lines.len() != 3 || lines[2] != "-: after" {
        run.departs("A green thread was dropped in two requests, and a destructor in each of them logged a line. Expected: both lines, and then a line that is in no request.");
    }
}

#[test]
fn a_request_that_has_ended_leaves_nothing_behind() {
    let run = run!();
    let serve = |count: usize| {
        for _ in 0..count {
            for waits in [false, true] {
                let thread = Green::new(move || {
                    in_request("a request with a long name", || {
                        if waits {
                            wait(std::future::pending::<()>());
                        }
                    });
                });
                let thread = thread.expect("the system gives a stack");
                thread.now_or_never();
            }
        }
        heap::in_use()
    };
    let before = serve(50);
    let kept = serve(250) - before;
    if kept > 5_000 {
        run.diagnose(
            "ended-requests-kept",
            format!("500 green threads were in a request each. Half of them have returned, and half were dropped. {kept} bytes more than before are in use: each green thread has a number of its own, and left something behind."),
        );
    }
}

/// A tree of requests and waits.
fn walk(random: &mut Random, depth: u32, handle: &Handle, name: &str, plan: &RefCell<Vec<String>>) {
    for _ in 0..3 {
        let line = format!("{name} {}", random.number());
        plan.borrow_mut().push(format!("{name}: {line}"));
        log(&line);
        match random.below(4) {
            0 | 1 => pause(handle, random.below(8) as u64),
            2 if depth > 0 => {
                let inner = format!("{name}.{depth}");
                in_request(&inner, || walk(random, depth - 1, handle, &inner, plan));
            }
            _ => {}
        }
    }
}

#[test]
fn many_green_threads_nest_requests_and_wait() {
    let run = run!();
    let plan = Rc::<RefCell<Vec<String>>>::default();
    let functions = (1..=20_u64).map(|number| -> Function {
        let plan = Rc::clone(&plan);
        Box::new(move |handle| {
            let (name, mut random) = (format!("r{number}"), Random::seeded(number));
            in_request(&name, || walk(&mut random, 4, handle, &name, &plan));
        })
    });
    together(&run, functions.collect());
    let lines = lines();
    let plan = plan.take();
    if let Some((seen, expected)) = lines
        .iter()
        .zip(&plan)
        .find(|(seen, expected)| seen != expected)
    {
        run.recorder().says("log", seen.clone());
        run.departs(format!(
            "20 green threads nest requests, and wait. Expected: the line \"{expected}\"."
        ));
    }
    if lines.len() != plan.len() {
        run.departs(format!(
            "{} lines were logged, and {} came out.",
            plan.len(),
            lines.len()
        ));
    }
}
