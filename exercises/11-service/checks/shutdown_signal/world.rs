//! A process whose signals come when a script says so, also in the middle of a call.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use probe::Recorder;
use probe_futures::heap;
use service::Signal;

use super::super::subject::Service;

/// A point of the program at which a signal interrupts it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Moment {
    /// `run` reads the bytes: before they are read, and after.
    BeforeTheRead,
    AfterTheRead,
    /// `run` reloads, or waits for the requests in flight.
    InReload,
    InFinish,
}

/// What a service did wrong.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) code: Option<&'static str>,
    pub(crate) sentence: String,
}

pub(super) type Running = Pin<Box<dyn Future<Output = ()>>>;

pub(crate) struct World {
    pub(super) recorder: Recorder,
    /// Whether reads are written down. Right answers read at different moments, so not where runs are compared.
    pub(super) tells_reads: bool,
    pub(super) service: RefCell<Weak<Service<Shared>>>,
    /// `None` while it is polled, and when it has returned.
    pub(super) running: RefCell<Option<Running>>,
    pub(super) has_returned: Cell<bool>,
    pub(super) woken: Arc<Woken>,
    pub(super) bytes: Cell<u32>,
    pub(super) reader: RefCell<Option<Waker>>,
    pub(super) interrupt: Cell<Option<(Moment, Signal)>>,
    /// The handler runs on another thread: while it writes its byte, the loop's thread goes on.
    pub(super) on_another_thread: Cell<bool>,
    pub(super) in_handler: Cell<bool>,
    /// Bytes of memory that this world took while the handler ran.
    pub(super) own_memory: Cell<isize>,
    pub(crate) stops: Cell<u32>,
    /// A SIGHUP has come, and no reload has begun since.
    pub(super) owes_a_reload: Cell<bool>,
    /// Whether a SIGHUP has come.
    pub(super) hung_up: Cell<bool>,
    /// Whether a signal has come that the service does not care about.
    pub(super) others: Cell<bool>,
    pub(crate) reloads: Cell<u32>,
    pub(super) finishes: Cell<u32>,
    pub(crate) finished: Cell<bool>,
    pub(super) finisher: RefCell<Option<Waker>>,
    pub(crate) exit: Cell<Option<i32>>,
    pub(super) fault: RefCell<Option<Fault>>,
}

#[derive(Clone)]
pub(crate) struct Shared(pub(super) Rc<World>);

#[derive(Default)]
pub(super) struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl World {
    /// A service whose `run` waits for its first signal.
    pub(crate) fn new(recorder: &Recorder, tells_reads: bool) -> (Rc<World>, Rc<Service<Shared>>) {
        let world = Rc::new(World {
            recorder: recorder.clone(),
            tells_reads,
            service: RefCell::default(),
            running: RefCell::default(),
            has_returned: Cell::default(),
            woken: Arc::default(),
            bytes: Cell::default(),
            reader: RefCell::default(),
            interrupt: Cell::default(),
            on_another_thread: Cell::default(),
            in_handler: Cell::default(),
            own_memory: Cell::default(),
            stops: Cell::default(),
            owes_a_reload: Cell::default(),
            hung_up: Cell::default(),
            others: Cell::default(),
            reloads: Cell::default(),
            finishes: Cell::default(),
            finished: Cell::default(),
            finisher: RefCell::default(),
            exit: Cell::default(),
            fault: RefCell::default(),
        });
        let service = Rc::new(Service::new(Shared(Rc::clone(&world))));
        world.service.replace(Rc::downgrade(&service));
        let runs = Rc::clone(&service);
        world
            .running
            .replace(Some(Box::pin(async move { runs.run().await })));
        world.woken.0.store(true, Ordering::SeqCst);
        world.polls();
        (world, service)
    }

    /// A signal comes, and the handler runs to its end.
    pub(crate) fn signal(&self, signal: Signal) {
        let Some(service) = self.service.borrow().upgrade() else {
            return;
        };
        if self.exit.get().is_some() {
            return; // There is no process any more.
        }
        match signal {
            Signal::Terminate | Signal::Interrupt => self.stops.set(self.stops.get() + 1),
            Signal::Hangup => {
                self.owes_a_reload.set(true);
                self.hung_up.set(true);
            }
            _ => self.others.set(true),
        }
        let outside = self.in_handler.replace(true);
        let call = self.recorder.enters("handler", signal.to_string());
        let outer = self.own_memory.replace(0);
        let before = heap::in_use();
        service.on_signal(signal);
        let taken = heap::in_use() - before - self.own_memory.replace(outer);
        call.returns("returns");
        self.in_handler.set(outside);
        if taken != 0 {
            self.is_at_fault(Some("work-in-the-handler"), "The handler allocated memory. It may have interrupted an allocation, whose lock it then waits for without end.");
        }
    }

    /// The same, on a thread that is not the loop's.
    pub(crate) fn signal_elsewhere(&self, signal: Signal) {
        self.on_another_thread.set(true);
        self.signal(signal);
        self.on_another_thread.set(false);
    }

    /// The next time that the program is there, this signal interrupts it.
    pub(crate) fn interrupts(&self, moment: Moment, signal: Signal) {
        self.interrupt.set(Some((moment, signal)));
    }

    pub(super) fn is_at(&self, moment: Moment) {
        if let Some((at, signal)) = self.interrupt.get()
            && at == moment
        {
            self.interrupt.set(None);
            self.signal(signal);
        }
    }

    /// The loop polls `run` as long as it is woken.
    pub(crate) fn polls(&self) {
        let mut count = 0;
        while self.exit.get().is_none() && self.woken.0.swap(false, Ordering::SeqCst) {
            let Some(mut running) = self.running.take() else {
                return;
            };
            let waker = Waker::from(Arc::clone(&self.woken));
            let polled = running.as_mut().poll(&mut Context::from_waker(&waker));
            match polled {
                Poll::Pending => drop(self.running.replace(Some(running))),
                Poll::Ready(()) => {
                    self.says("run", "returns");
                    self.has_returned.set(true);
                }
            }
            count += 1;
            if count > 50 {
                let words =
                    "The loop polled `run` 50 times, and no signal came: it wakes its own task.";
                return self.is_at_fault(Some("busy-poll"), words);
            }
        }
    }

    /// The requests in flight are answered.
    pub(crate) fn answers(&self) {
        self.finished.set(true);
        if let Some(waker) = self.finisher.take() {
            waker.wake();
        }
    }

    /// Drops the service, which owns this world.
    pub(crate) fn ends(&self) {
        drop(self.running.take());
    }

    pub(super) fn says(&self, actor: &str, text: &str) {
        self.recorder.says(actor, text);
    }

    pub(super) fn is_at_fault(&self, code: Option<&'static str>, sentence: &str) {
        let sentence = sentence.to_owned();
        let fault = Fault { code, sentence };
        let mut first = self.fault.borrow_mut();
        if first.is_none() {
            *first = Some(fault);
        }
    }

    pub(super) fn refuse_in_handler(&self, call: &str) {
        if self.in_handler.get() {
            let words = format!(
                "The handler called `{call}`. It may have interrupted the allocator or a reload, and waits for their locks without end."
            );
            self.is_at_fault(Some("work-in-the-handler"), &words);
        }
    }

    /// Lets the loop run until it sleeps. What is wrong then, if anything is?
    pub(crate) fn fault(&self) -> Option<Fault> {
        self.polls();
        if self.fault.borrow().is_some() {
            return self.fault.take();
        }
        let (stops, exit) = (self.stops.get(), self.exit.get());
        let (code, words) = match (stops, exit) {
            (1, Some(_)) if self.finished.get() => (
                "exits-instead-of-returning",
                "The requests in flight were answered, and the process was ended at once. `run` has to return.",
            ),
            (0 | 1, Some(_)) => (
                "first-signal-exits",
                "No second signal had come, and the process was ended at once. The requests in flight are lost.",
            ),
            (2.., None) => (
                "second-signal-ignored",
                "A second signal to stop has come, and the handler did not end the process.",
            ),
            (2.., Some(_)) => return None,
            (1, None) if self.finishes.get() == 0 => (
                "signal-lost",
                "A signal to stop has come, and the loop sleeps. `run` has not begun to finish, and no byte is left that would wake it.",
            ),
            (0, None) if self.owes_a_reload.get() => (
                "signal-lost",
                "A SIGHUP has come, and the loop sleeps. No reload has begun since, and no byte is left that would wake `run`.",
            ),
            (0, None) if self.finishes.get() > 0 => (
                "stops-unasked",
                "No signal to stop has come, and `run` has begun to finish.",
            ),
            _ => return self.end_of_run(),
        };
        if code == "signal-lost" {
            self.recorder.lacks("loop", "sleeps");
        }
        Some(Fault {
            code: Some(code),
            sentence: words.to_owned(),
        })
    }

    fn end_of_run(&self) -> Option<Fault> {
        let (finishes, finished) = (self.finishes.get(), self.finished.get());
        let words = match (finishes, self.has_returned.get()) {
            (2.., _) => "`run` called `finish` twice.",
            (1, true) if !finished => "`run` returned before the requests in flight were answered.",
            (1, false) if finished => {
                "The requests in flight are answered, and `run` has not returned."
            }
            (0, true) => "`run` returned, and did not finish.",
            _ => return None,
        };
        Some(Fault {
            code: None,
            sentence: words.to_owned(),
        })
    }
}
