//! One table: the ways out of a body, the exits that run, and what the caller gets, and when.

use std::cell::RefCell;
use std::error::Error;
use std::fmt::Display;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use cancellation::{Ended, Task};
use event_loop::{EventLoop, Handle, JumpingDriver, Spawn, Time};
use streams::{ExitStack, with};

const SECOND: Duration = Duration::from_secs(1);

/// How a body ends, and how its exits do.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Returns,
    Fails,
    Panics,
    ExitFails,
    ExitPanics,
}

/// What happens in one row, and when.
#[derive(Clone)]
struct World {
    handle: Handle,
    spawn: Rc<dyn Spawn>,
    exits: Rc<RefCell<Vec<(String, Time)>>>,
    reports: Rc<RefCell<Vec<String>>>,
}

impl World {
    // ANCHOR: body
    /// Opens two resources, and waits for a second behind each.
    async fn stacked(self, way: Way) -> Result<u32, String> {
        let mut stack = ExitStack::new(&self.spawn);
        stack.push(self.clone().exit("1", Way::Returns));
        self.handle.sleep(SECOND).await;
        stack.push(self.clone().exit("2", way));
        self.handle.sleep(SECOND).await;
        let value = body_ends(way)?;
        stack
            .close()
            .await
            .map_err(|failures| failures[0].to_string())?;
        Ok(value)
    }

    /// Takes a second.
    async fn exit(self, name: &'static str, way: Way) -> Result<(), Box<dyn Error>> {
        self.handle.sleep(SECOND).await;
        self.exits
            .borrow_mut()
            .push((name.to_owned(), self.handle.now()));
        match way {
            Way::ExitFails => Err(format!("exit {name} fails").into()),
            Way::ExitPanics => panic!("exit {name} panics"),
            _ => Ok(()),
        }
    }
    // ANCHOR_END: body

    /// One resource, and a body that takes a second.
    fn one(&self, way: Way) -> impl Future<Output = Result<u32, String>> + use<> {
        let (world, handle) = (self.clone(), self.handle.clone());
        let body = async move |_: &mut &str| {
            handle.sleep(SECOND).await;
            body_ends(way)
        };
        with(&self.spawn, "1", body, move |name| world.ends(name, way))
    }

    /// One resource inside of another.
    // ANCHOR: nested
    fn nested(&self) -> impl Future<Output = Result<u32, String>> + use<> {
        let (outer, inner) = (self.clone(), self.clone());
        let body = async move |_: &mut &str| {
            let handle = inner.handle.clone();
            let body = async |_: &mut &str| {
                handle.sleep(SECOND).await;
                Ok(7)
            };
            with(&inner.clone().spawn, "2", body, |name| {
                inner.ends(name, Way::Returns)
            })
            .await
        };
        with(&self.spawn, "1", body, |name| {
            outer.ends(name, Way::Returns)
        })
    }
    // ANCHOR_END: nested

    async fn ends(self, name: &'static str, way: Way) -> Result<(), String> {
        let ended = self.exit(name, way).await;
        ended.map_err(|error| error.to_string())
    }
}

fn body_ends(way: Way) -> Result<u32, String> {
    match way {
        Way::Fails => Err("the body fails".to_owned()),
        Way::Panics => panic!("the body panics"),
        _ => Ok(7),
    }
}

/// One row: runs `make`'s future as a task, and cancels it after `cancel`, if that is given.
fn row<F>(name: &str, cancel: Option<Duration>, make: impl FnOnce(World) -> F)
where
    F: Future<Output = Result<u32, String>> + 'static,
{
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let world = World {
        handle: handle.clone(),
        spawn: Rc::new(handle.clone()),
        exits: Rc::default(),
        reports: Rc::default(),
    };
    let reports = Rc::clone(&world.reports);
    event_loop.on_unretrieved(move |problem| reports.borrow_mut().push(problem.to_string()));
    let begin = handle.now();
    let (gets, when) = event_loop.block_on(async {
        let task = Task::spawn(&world.spawn, make(world.clone()));
        if let Some(after) = cancel {
            if !after.is_zero() {
                handle.sleep(after).await;
            }
            task.cancel();
        }
        let gets = match task.await {
            Ok(Ok(value)) => format!("{value}"),
            Ok(Err(error)) => error,
            Err(Ended::Cancelled) => "cancelled".to_owned(),
            Err(Ended::Panicked(panic)) => format!("panic: {}", event_loop::panic_message(&*panic)),
        };
        let when = handle.now();
        handle.sleep(10 * SECOND).await;
        (gets, when)
    });
    let seconds = |time: Time| format!("{:.1}", time.saturating_since(begin).as_secs_f64());
    let exits = world.exits.borrow();
    let exits: Vec<String> = exits
        .iter()
        .map(|(exit, when)| format!("{exit} at {}", seconds(*when)))
        .collect();
    let exits = match &exits[..] {
        [] => "none".to_owned(),
        exits => exits.join(", "),
    };
    line(name, &gets, seconds(when), &exits);
    for report in world.reports.borrow().iter() {
        // The words around the error's own are the stack's affair.
        let failures = ["exit 2 fails", "exit 2 panics"].into_iter();
        let said = failures.filter(|failure| report.contains(failure));
        println!("  reported: {}", said.collect::<String>());
    }
}

fn line(way: &str, gets: &str, when: impl Display, exits: &str) {
    println!("{way:<29} {gets:<22} {when:>3}  {exits}");
}

fn main() {
    std::panic::set_hook(Box::new(|_| ())); // The panics are in the table.
    closed_output::end_quietly();
    let half = SECOND / 2;
    // ANCHOR: table
    line("a stack of two", "the caller gets", "at", "exits");
    row("the body returns", None, |world| {
        world.stacked(Way::Returns)
    });
    row("the body fails", None, |world| world.stacked(Way::Fails));
    row("the body panics", None, |world| world.stacked(Way::Panics));
    row("exit 2 fails", None, |world| world.stacked(Way::ExitFails));
    row("exit 2 panics", None, |world| {
        world.stacked(Way::ExitPanics)
    });
    row(
        "cancelled before it begins",
        Some(Duration::ZERO),
        |world| world.stacked(Way::Returns),
    );
    for (after, place) in [
        "in the body, 1 open",
        "in the body, 2 open",
        "in exit 2",
        "in exit 1",
    ]
    .iter()
    .enumerate()
    {
        let after = half + SECOND * u32::try_from(after).unwrap();
        row(&format!("cancelled {place}"), Some(after), |world| {
            world.stacked(Way::Returns)
        });
    }
    row(
        "cancelled, and exit 2 fails",
        Some(half + SECOND),
        |world| world.stacked(Way::ExitFails),
    );
    row("cancelled, exit 2 panics", Some(half + SECOND), |world| {
        world.stacked(Way::ExitPanics)
    });
    println!();
    line("with, around one", "the caller gets", "at", "exits");
    row("the body returns", None, |world| world.one(Way::Returns));
    row("the body fails", None, |world| world.one(Way::Fails));
    row("the body panics", None, |world| world.one(Way::Panics));
    row("the exit fails", None, |world| world.one(Way::ExitFails));
    row(
        "cancelled before it begins",
        Some(Duration::ZERO),
        |world| world.one(Way::Returns),
    );
    row("cancelled in the body", Some(half), |world| {
        world.one(Way::Returns)
    });
    row("cancelled in the exit", Some(half + SECOND), |world| {
        world.one(Way::Returns)
    });
    println!();
    line("with, in a with", "the caller gets", "at", "exits");
    row("the body returns", None, |world| world.nested());
    row("cancelled in the body", Some(half), |world| world.nested());
    // ANCHOR_END: table
}
