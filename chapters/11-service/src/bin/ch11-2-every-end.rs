//! Everything that can go wrong while a program starts, runs and stops, and what then happens: one table.

use std::cell::RefCell;
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use cancellation::Cleanup;
use event_loop::{EventLoop, Handle, JumpingDriver};
use service::{Program, run};

/// What a piece of the program does after one second.
#[derive(Clone, Copy, PartialEq)]
enum Does {
    Nothing,
    Ends,
    Fails,
    Panics,
    /// It never ends.
    Hangs,
}

struct Case {
    what: &'static str,
    main: Does,
    /// A task that is left when `main` ends.
    task: Does,
    /// Clean-up that the task's destructor starts.
    cleanup: Does,
    /// The exit "pool"; the exit "log" always ends.
    pool: Does,
}

const WELL: Case = Case {
    what: "nothing goes wrong",
    main: Does::Ends,
    task: Does::Nothing,
    cleanup: Does::Nothing,
    pool: Does::Ends,
};

#[rustfmt::skip]
const CASES: [Case; 13] = [
    WELL,
    Case { what: "main panics at once", main: Does::Nothing, ..WELL },
    Case { what: "main panics later", main: Does::Panics, task: Does::Hangs, ..WELL },
    Case { what: "a task panics", task: Does::Panics, ..WELL },
    Case { what: "a task is left", task: Does::Hangs, ..WELL },
    Case { what: "a destructor panics", task: Does::Fails, ..WELL },
    Case { what: "clean-up is left", task: Does::Hangs, cleanup: Does::Ends, ..WELL },
    Case { what: "clean-up panics", task: Does::Hangs, cleanup: Does::Panics, ..WELL },
    Case { what: "clean-up hangs", task: Does::Hangs, cleanup: Does::Hangs, ..WELL },
    Case { what: "an exit fails", pool: Does::Fails, ..WELL },
    Case { what: "an exit panics", pool: Does::Panics, ..WELL },
    Case { what: "an exit hangs", pool: Does::Hangs, ..WELL },
    Case { what: "main panics, an exit fails", main: Does::Panics, pool: Does::Fails, ..WELL },
];

type Log = Rc<RefCell<Vec<&'static str>>>;

fn main() {
    std::panic::set_hook(Box::new(|_| ())); // The table says what panics.
    closed_output::end_quietly();
    println!("{:27} {:6} in this order", "what goes wrong", "output");
    for case in &CASES {
        let log = Log::default();
        let event_loop = EventLoop::with_driver(JumpingDriver::new());
        let ran = run(event_loop, Duration::from_secs(10), async |program| {
            live(case, program, Rc::clone(&log)).await;
        });
        println!(
            "{:27} {:6} {}",
            case.what,
            if ran.output.is_ok() { "Ok" } else { "panic" },
            log.borrow().join(", "),
        );
        if !ran.left.is_empty() {
            println!("    left after 10 s: {}", ran.left.join(", "));
        }
        for problem in ran.problems {
            println!("    problem: {problem}");
        }
    }
}

async fn live(case: &Case, program: Program, log: Log) {
    let handle = program.handle();
    for (name, does) in [("pool", case.pool), ("log", Does::Ends)] {
        let (timer, log) = (handle.clone(), Rc::clone(&log));
        program.at_exit(name, async move {
            log.borrow_mut().push(name);
            work(&timer, does).await
        });
    }
    if case.main == Does::Nothing {
        panic!("bug");
    }
    if case.task != Does::Nothing {
        program.spawn("task", task(program.clone(), case.task, case.cleanup, log));
    }
    handle.sleep(Duration::from_secs(2)).await;
    if case.main == Does::Panics {
        panic!("bug");
    }
}

/// A task with two guards: one starts clean-up, and one says that the task is dropped.
async fn task(program: Program, does: Does, cleanup: Does, log: Log) {
    let handle = program.handle();
    let _dropped = Dropped(Rc::clone(&log), does == Does::Fails);
    let timer = handle.clone();
    let cleans_up = Cleanup::new(&program.spawner(), async move {
        log.borrow_mut().push("clean-up");
        let _ends = work(&timer, cleanup).await;
    });
    if cleanup == Does::Nothing {
        cleans_up.cancel();
    } else {
        let _cleans_up = cleans_up;
        pending::<()>().await;
    }
    match does {
        Does::Panics => drop(work(&handle, Does::Panics).await),
        _ => pending().await,
    }
}

struct Dropped(Log, bool);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.borrow_mut().push("task dropped");
        assert!(!self.1, "bug in a destructor");
    }
}

async fn work(handle: &Handle, does: Does) -> Result<(), String> {
    handle.sleep(Duration::from_secs(1)).await;
    match does {
        Does::Fails => Err("error".to_owned()),
        Does::Panics => panic!("bug"),
        Does::Hangs => pending().await,
        Does::Ends | Does::Nothing => Ok(()),
    }
}
