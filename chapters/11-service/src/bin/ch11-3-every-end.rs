//! Everything that can go wrong in the life of three parts, and what then happens: one table.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use composition::timeout;
use event_loop::{EventLoop, Handle, JumpingDriver, Spawn};
use service::{Failure, Lifecycle};

/// What goes wrong: nothing, an error or a panic.
#[derive(Clone, Copy)]
enum Fault {
    Error,
    Panic,
}

/// When code drops the future that it awaits.
#[derive(Clone, Copy, PartialEq)]
enum Drops {
    Never,
    /// 1.5 s after the start has begun: b is starting.
    Start,
    /// As soon as the service is ready.
    Running,
    /// 1.5 s after the stop has begun: the clean-up of b is running.
    Stop,
    /// As `Stop`, and the loop is closed after it.
    StopAndTheLoop,
}

struct Case {
    what: &'static str,
    faults: &'static [(&'static str, Fault)],
    drops: Drops,
}

const fn case(what: &'static str, faults: &'static [(&'static str, Fault)], drops: Drops) -> Case {
    Case {
        what,
        faults,
        drops,
    }
}

#[rustfmt::skip]
const CASES: [Case; 14] = [
    case("nothing goes wrong", &[], Drops::Never),
    case("start of a: error", &[("start a", Fault::Error)], Drops::Never),
    case("start of b: error", &[("start b", Fault::Error)], Drops::Never),
    case("start of b: panic", &[("start b", Fault::Panic)], Drops::Never),
    case("start of c, stop of a: error", &[("start c", Fault::Error), ("stop a", Fault::Error)], Drops::Never),
    case("start dropped while b starts", &[], Drops::Start),
    case("stop of b: error", &[("stop b", Fault::Error)], Drops::Never),
    case("stop of b: panic", &[("stop b", Fault::Panic)], Drops::Never),
    case("stop of c and a: error", &[("stop c", Fault::Error), ("stop a", Fault::Error)], Drops::Never),
    case("the running service dropped", &[], Drops::Running),
    case("the same, stop of b: error", &[("stop b", Fault::Error)], Drops::Running),
    case("stop dropped while b stops", &[], Drops::Stop),
    case("the same, stop of c: error", &[("stop c", Fault::Error)], Drops::Stop),
    case("the same; the loop is closed", &[], Drops::StopAndTheLoop),
];

/// One row: what the calls return, what is cleaned up, and what the loop reports.
#[derive(Default)]
struct Row {
    returned: RefCell<String>,
    stopped: RefCell<Vec<&'static str>>,
    reported: RefCell<Vec<String>>,
}

fn main() {
    std::panic::set_hook(Box::new(|_| ())); // The table says which part panics.
    closed_output::end_quietly();
    println!(
        "{:29} {:26} {:10} loop reports",
        "what goes wrong", "returned", "cleaned up"
    );
    for case in &CASES {
        let row = Rc::new(Row::default());
        run(case, &row);
        let or_nothing = |text: String| {
            if text.is_empty() {
                "–".to_owned()
            } else {
                text
            }
        };
        println!(
            "{:29} {:26} {:10} {}",
            case.what,
            or_nothing(row.returned.take()),
            or_nothing(row.stopped.take().join(", ")),
            or_nothing(row.reported.take().join("; ")),
        );
    }
}

fn run(case: &Case, row: &Rc<Row>) {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let reports = Rc::clone(row);
    event_loop.on_unretrieved(move |report| {
        // In which words a failure is reported is the lifecycle's choice.
        let report = report.to_string();
        let failure = report.trim_start_matches("clean-up of ");
        reports.reported.borrow_mut().push(failure.to_owned());
    });
    let handle = event_loop.handle();
    event_loop.block_on(live(case, row, &handle));
    if case.drops != Drops::StopAndTheLoop {
        event_loop.block_on(handle.sleep(Duration::from_secs(10)));
    }
}

async fn live(case: &Case, row: &Rc<Row>, handle: &Handle) {
    let limit = |is_limited: bool| Duration::from_millis(if is_limited { 1_500 } else { 60_000 });
    let starting = parts(case, row, handle).start();
    let running = match timeout(handle, limit(case.drops == Drops::Start), starting).await {
        Err(_elapsed) => return returns(row, "dropped"),
        Ok(Err(not_started)) => {
            let mut text = format!("Err({})", not_started.failed);
            if !not_started.cleanups.is_empty() {
                text = format!("{text}, {}", in_words(&not_started.cleanups));
            }
            return returns(row, text);
        }
        Ok(Ok(running)) => running,
    };
    if case.drops == Drops::Running {
        drop(running);
        return returns(row, "Ok; dropped");
    }
    let stop_is_dropped = matches!(case.drops, Drops::Stop | Drops::StopAndTheLoop);
    match timeout(handle, limit(stop_is_dropped), running.stop()).await {
        Err(_elapsed) => returns(row, "Ok; dropped"),
        Ok(failures) => returns(row, format!("Ok; {}", in_words(&failures))),
    }
}

fn returns(row: &Row, text: impl Into<String>) {
    row.returned.replace(text.into());
}

fn in_words(failures: &[Failure<&str>]) -> String {
    let words: Vec<String> = failures.iter().map(ToString::to_string).collect();
    format!("[{}]", words.join("; "))
}

/// Parts a, b and c. Each takes a second to start, and a second to clean up.
fn parts(case: &Case, row: &Rc<Row>, handle: &Handle) -> Lifecycle<&'static str> {
    let spawn: Rc<dyn Spawn> = Rc::new(handle.clone());
    let faults: BTreeMap<&str, Fault> = case.faults.iter().copied().collect();
    let mut lifecycle = Lifecycle::new(&spawn);
    for (name, start, stop) in [
        ("a", "start a", "stop a"),
        ("b", "start b", "stop b"),
        ("c", "start c", "stop c"),
    ] {
        let (timer, row) = (handle.clone(), Rc::clone(row));
        let (start, stop) = (faults.get(start).copied(), faults.get(stop).copied());
        lifecycle.context(name, async move {
            work(&timer, start).await?;
            Ok(async move {
                row.stopped.borrow_mut().push(name);
                work(&timer, stop).await
            })
        });
    }
    lifecycle
}

async fn work(handle: &Handle, fault: Option<Fault>) -> Result<(), &'static str> {
    handle.sleep(Duration::from_secs(1)).await;
    match fault {
        None => Ok(()),
        Some(Fault::Error) => Err("error"),
        Some(Fault::Panic) => panic!("bug"),
    }
}
