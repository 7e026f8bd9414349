//! Exits that a test opens, the loop that runs what is left, and the recording of both.

use std::cell::RefCell;
use std::error::Error;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use super::super::subject::{Close, ExitFailure, ExitStack};
use event_loop::Spawn;
use probe::detect::DropCounter;
use probe::{Run, panics};
use probe_futures::{Gate, Key, Poller, gate, poller};
use probe_loop::ManualLoop;

/// How an exit ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Ends {
    Well,
    Fails,
    Panics,
}

pub(super) struct World {
    pub(super) run: Run,
    pub(super) event_loop: Rc<ManualLoop>,
    pub(super) spawn: Rc<dyn Spawn>,
    pub(super) values: DropCounter,
    /// What the exits did, in order: `3 begins`.
    log: Rc<RefCell<Vec<String>>>,
    keys: RefCell<Vec<(u32, Key<()>)>>,
    a: Poller,
}

impl World {
    pub(super) fn new(run: Run) -> World {
        let event_loop = Rc::new(ManualLoop::default());
        let a = poller(&probe::Recorder::new(), "A");
        World {
            run,
            spawn: Rc::<ManualLoop>::clone(&event_loop),
            event_loop,
            values: DropCounter::new(),
            log: Rc::default(),
            keys: RefCell::default(),
            a,
        }
    }

    pub(super) fn stack(&self) -> ExitStack {
        ExitStack::new(&self.spawn)
    }

    /// A stack with exits 1 to `count`, which wait until they are opened.
    pub(super) fn waiting(&self, count: u32) -> ExitStack {
        let mut stack = self.stack();
        for number in 1..=count {
            self.push(&mut stack, number, true, Ends::Well);
        }
        stack
    }

    /// Pushes an exit; one that `waits` is pending until it is opened.
    pub(super) fn push(&self, stack: &mut ExitStack, number: u32, waits: bool, ends: Ends) {
        let (log, value) = (Rc::clone(&self.log), self.values.token());
        let (recorder, track) = (self.run.recorder().clone(), format!("exit {number}"));
        let waits: Option<Gate<()>> = waits.then(|| {
            let (key, gate) = gate();
            self.keys.borrow_mut().push((number, key));
            gate
        });
        recorder.says(&track, "is pushed");
        stack.push(async move {
            let _value = value;
            let says = |what: &str| {
                recorder.says(&track, what);
                log.borrow_mut().push(format!("{number} {what}"));
            };
            says("begins");
            if let Some(gate) = waits {
                gate.await;
            }
            match ends {
                Ends::Well => {
                    says("ends");
                    Ok(())
                }
                Ends::Fails => {
                    says("fails");
                    Err(Box::<dyn Error>::from(format!("failure of exit {number}")))
                }
                Ends::Panics => {
                    says("panics");
                    panic!("panic of exit {number}")
                }
            }
        });
    }

    /// Lets exit `number` go on.
    pub(super) fn opens(&self, number: u32) {
        self.run
            .recorder()
            .says("world", format!("lets exit {number} go on"));
        for (of, key) in &*self.keys.borrow() {
            if *of == number {
                key.open(());
            }
        }
    }

    /// Polls `close` once.
    #[track_caller]
    pub(super) fn poll(&self, close: &mut Pin<Box<Close>>) -> Poll<Result<(), Vec<ExitFailure>>> {
        let call = self.run.recorder().enters("caller", "polls close");
        match panics::expected(|| self.a.poll(close.as_mut())) {
            Ok(polled) => {
                call.returns(match &polled {
                    Poll::Pending => "Pending".to_owned(),
                    Poll::Ready(Ok(())) => "Ready(Ok)".to_owned(),
                    Poll::Ready(Err(failures)) => format!("Ready(Err({failures:?}))"),
                });
                polled
            }
            Err(panic) if panic.message.starts_with("panic of exit") => {
                drop(call);
                self.run.diagnose(
                    "panic-takes-the-rest",
                    format!(
                        "An exit panicked, and the poll of `close` panicked with it: {}. A panic is a failure of that exit, and the exits \
                         behind it still have to run.",
                        panic.message
                    ),
                )
            }
            Err(panic) => {
                drop(call);
                self.run
                    .departs(format!("The poll of `close` panicked: {}.", panic.message))
            }
        }
    }

    /// Runs the loop until no task is woken.
    #[track_caller]
    pub(super) fn runs(&self) {
        self.run.recorder().says("loop", "runs");
        if !self.event_loop.run() {
            self.run.diagnose(
                "busy-poll",
                "A task of the loop woke itself a thousand times, and no exit went on. Waking is the business of what the exit waits for.",
            );
        }
        if self.event_loop.take_panics() > 0 {
            self.run.diagnose(
                "panic-takes-the-rest",
                "An exit panicked in the task on the loop, and the task panicked with it. The exits behind it do not run.",
            );
        }
    }

    /// Drops this and records it.
    pub(super) fn drops<T>(&self, what: &str, value: T) {
        let call = self
            .run
            .recorder()
            .enters("caller", format!("drops {what}"));
        drop(value);
        call.returns("returns");
    }

    pub(super) fn log(&self) -> String {
        self.log.borrow().join(", ")
    }

    pub(super) fn has(&self, line: &str) -> bool {
        self.log.borrow().iter().any(|said| said == line)
    }

    /// Refuses exits that run in the order in which they were pushed.
    #[track_caller]
    pub(super) fn refuse_order(&self, log: &str) {
        let begun: Vec<u32> = log
            .split(", ")
            .filter_map(|line| line.strip_suffix(" begins")?.parse().ok())
            .collect();
        if begun.len() > 1 && begun.is_sorted() {
            self.run.diagnose(
                "exits-in-order-of-entry",
                format!(
                    "Exit {} was pushed first, and began first. What was opened last may use what was opened before it, so its exit comes \
                     first.",
                    begun[0]
                ),
            );
        }
    }

    /// Refuses exits that run at the same time.
    #[track_caller]
    pub(super) fn refuse_side_by_side(&self) {
        let log = self.log.borrow();
        let begun = log.iter().filter(|line| line.ends_with("begins")).count();
        let ended = log.len() - begun;
        if begun > ended + 1 {
            self.run.diagnose(
                "exits-side-by-side",
                format!(
                    "{begun} exits have begun, and {ended} of them have finished. An exit begins when the one before it has finished."
                ),
            );
        }
    }
}
