//! request_log: a log whose lines name the request that they belong to.

// The tests below come first, and then those of these modules, in this order.
#[path = "request_log/ends.rs"]
mod ends;

use std::time::Duration;

use super::subject::{in_request, lines, log};
use event_loop::{EventLoop, Handle, JumpingDriver};
use futures::FutureExt;
use green::{Green, wait};
use probe::{Run, panics, run, snapshot};

/// The lines that were logged, and recorded.
fn logged(run: &Run) -> Vec<String> {
    let lines = lines();
    for line in &lines {
        run.recorder().says("log", line.clone());
    }
    lines
}

fn pause(handle: &Handle, millis: u64) {
    wait(handle.sleep(Duration::from_millis(millis)));
}

type Function = Box<dyn FnOnce(&Handle)>;

/// Runs the functions as green threads of one loop.
fn together(run: &Run, functions: Vec<Function>) {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let threads: Vec<_> = functions
        .into_iter()
        .map(|function| {
            let inside = handle.clone();
            let thread = Green::new(move || function(&inside));
            handle.spawn(thread.expect("the system gives a stack"))
        })
        .collect();
    event_loop.block_on(async {
        for thread in threads {
            if thread.await.is_err() {
                run.departs("A green thread panicked.");
            }
        }
    });
}

/// Whether a line is marked with the name of another request than its own, which its text begins with.
fn is_mixed_up(line: &str) -> bool {
    let (request, text) = line.split_once(": ").unwrap_or(("", line));
    request != "-" && !text.starts_with(request)
}

#[test]
fn lines_outside_of_green_threads_are_marked() {
    let run = run!("outside");
    log("before");
    let value = panics::expected(|| {
        in_request("a", || {
            log("a begins");
            in_request("b", || log("b in a"));
            log("a goes on");
            7
        })
    });
    let value = match value {
        Ok(value) => value,
        Err(panic) if panic.message.contains("borrowed") => run.diagnose(
            "borrowed-across-the-call",
            format!("`serve` called `log`, and it panicked: {}. What `in_request` had borrowed stayed borrowed while it called `serve`.", panic.message),
        ),
        Err(panic) => run.diagnose(
            "green-threads-only",
            format!("No green thread runs here, and `in_request` panicked: {}", panic.message),
        ),
    };
    log("after");
    let lines = logged(&run);
    if value != 7 {
        run.departs("`in_request` returns what `serve` returns. Expected: 7.");
    }
    match &lines.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["-: before", "a: a begins", "b: b in a", "a: a goes on", "-: after"] => {}
        [_, "a: a begins", _, "-: a goes on", ..] => run.diagnose(
            "outer-request-forgotten",
            "`in_request` was called inside of another one. When it had returned, the lines were not marked with the outer request again.",
        ),
        [_, "-: a begins", "-: b in a", "-: a goes on", _] => run.diagnose(
            "green-threads-only",
            "No green thread runs here. Lines inside of `in_request` are marked as lines outside of each request.",
        ),
        [_, "a: a begins", "a: b in a", ..] => run.diagnose(
            "outer-request-counts",
            "`in_request` was called inside of another one. A line of the inner one is marked with the outer request.",
        ),
        [_, _, _, "b: a goes on", ..] | [_, _, _, "a: a goes on", "a: after" | "b: after"] => run.diagnose(
            "request-left-behind",
            "`in_request` had returned, and the next line was still marked with its request.",
        ),
        _ => run.departs("No green thread runs here. Expected: each line is marked with the innermost request that it is in."),
    }
    snapshot!(run);
}

/// Requests in each other, each with a line before and one after the inner ones.
fn nested(names: &[&str]) {
    if let [name, inner @ ..] = names {
        in_request(name, || {
            log("begins");
            nested(inner);
            log("goes on");
        });
    }
}

#[test]
fn requests_may_have_any_name_and_any_depth() {
    let run = run!();
    let mut names = vec!["a", "a", "", "-", "", "b: c", "a"];
    names.extend(["deep"; 300]);
    nested(&names);
    let seen = lines();
    let begin = names.iter().map(|name| format!("{name}: begins"));
    let end = names.iter().rev().map(|name| format!("{name}: goes on"));
    let right: Vec<String> = begin.chain(end).collect();
    let Some(at) = (0..right.len()).find(|at| seen.get(*at) != right.get(*at)) else {
        return;
    };
    let line = seen.get(at).map_or("nothing", String::as_str);
    run.recorder().says("log", line.to_owned());
    let depth = at.min(right.len() - 1 - at) + 1;
    if right[at].ends_with("goes on") && depth < names.len() {
        run.diagnose(
            "outer-request-forgotten",
            format!("{} requests were in each other, some of them with equal names. When number {} had ended, the next line of number {depth} was not marked with its request. Expected: \"{}\".", names.len(), depth + 1, right[at]),
        );
    }
    run.departs(format!(
        "{} requests were in each other. Expected as the first line of number {depth}, or as its last: \"{}\".",
        names.len(),
        right[at]
    ));
}

#[test]
fn two_requests_wait_at_the_same_time() {
    let run = run!("two_requests");
    let serve = |name: &'static str, millis: u64| -> Function {
        Box::new(move |handle| {
            in_request(name, || {
                log(&format!("{name} begins"));
                pause(handle, millis);
                log(&format!("{name} has waited"));
            });
            log(&format!("{name} is over"));
        })
    };
    together(&run, vec![serve("a", 2), serve("b", 1)]);
    let lines = logged(&run);
    let expected = [
        "a: a begins",
        "b: b begins",
        "b: b has waited",
        "-: b is over",
        "a: a has waited",
        "-: a is over",
    ];
    if lines.iter().any(|line| is_mixed_up(line)) {
        run.diagnose(
            "thread-local-across-switch",
            "A green thread waited inside of `in_request`, and another one ran meanwhile. A line of the one is marked with the request of the other.",
        );
    }
    if lines != expected {
        run.departs("Each line names its own request. Expected: marked with that request inside of `in_request`, and with `-` outside.");
    }
    snapshot!(run);
}

#[test]
fn a_request_that_began_first_may_end_first() {
    let run = run!();
    let serve = |name: &'static str, millis: u64| -> Function {
        Box::new(move |handle| {
            in_request(name, || pause(handle, millis));
            log(&format!("{name} has ended"));
        })
    };
    let writes = |handle: &Handle| {
        in_request("b", || {
            pause(handle, 2);
            log("b goes on");
        });
    };
    together(&run, vec![serve("a", 1), Box::new(writes)]);
    match &logged(&run).iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["-: a has ended", "b: b goes on"] => {}
        ["a: a has ended", _] => run.diagnose(
            "left-for-another",
            "Green thread 1 was in request a, and green thread 2 in request b, which began later. Request a ended first, and its end removed the name b.",
        ),
        ["-: a has ended", "-: b goes on" | "a: b goes on"] => run.diagnose(
            "left-for-another",
            "Green thread 1 was in request a, and green thread 2 in request b. Request a ended, and the next line of request b is not marked with b.",
        ),
        _ => run.departs("Request a began first and ended first. Expected: the line behind it is in no request, and request b goes on."),
    }
}

#[test]
fn a_green_thread_is_not_in_the_request_of_the_code_that_polls_it() {
    let run = run!();
    in_request("a", || {
        let thread = Green::new(|| {
            log("before");
            in_request("b", || log("within"));
            log("after");
        });
        thread.expect("the system gives a stack").now_or_never();
        log("a goes on");
    });
    match &logged(&run).iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["-: before", "b: within", "-: after", "a: a goes on"] => {}
        ["a: before", ..] | [_, _, "a: after", _] => run.diagnose(
            "request-of-the-poller",
            "Code in request a polled a green thread that is in no request. A line of the green thread is marked with a.",
        ),
        _ => run.departs("Code in request a polled a green thread, which was in request b for a while. Expected: lines outside of b are in no request, and the code that polls is in a."),
    }
}

#[test]
fn the_loop_and_its_tasks_are_in_no_request() {
    let run = run!();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let inside = handle.clone();
    let thread = Green::new(move || in_request("a", || pause(&inside, 5)));
    let thread = handle.spawn(thread.expect("the system gives a stack"));
    event_loop.block_on(async {
        handle.sleep(Duration::from_millis(1)).await;
        log("a task");
        let _ = thread.await;
    });
    if logged(&run) != ["-: a task"] {
        run.diagnose(
            "thread-local-across-switch",
            "A green thread waited inside of `in_request`. A task that is in no request wrote a line meanwhile, and the line is marked.",
        );
    }
}
