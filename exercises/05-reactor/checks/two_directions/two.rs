//! Two tasks on one socket, and the events that reach them.

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use super::super::subject::{Happened, Source};
use probe::Run;
use probe_futures::{Poller, poller};
use reactor::Readiness;

/// A source and two tasks: one waits to read, the other to write.
pub(super) struct Two {
    run: Run,
    pub(super) source: Source,
    pub(super) reader: Poller,
    pub(super) writer: Poller,
}

pub(super) const READ: &str = "reader";
pub(super) const WRITE: &str = "writer";

impl Two {
    /// Both tasks have polled, and both wait.
    pub(super) fn waiting(run: &Run) -> Two {
        let two = Two::of(run, Source::new());
        for name in [READ, WRITE] {
            if two.tries(name).is_ready() {
                run.departs(format!(
                    "The source is new, no event has come, and the {name}'s attempt was not pending."
                ));
            }
        }
        two
    }

    pub(super) fn of(run: &Run, source: Source) -> Two {
        Two {
            run: run.clone(),
            source,
            reader: poller(run.recorder(), READ),
            writer: poller(run.recorder(), WRITE),
        }
    }

    /// One attempt, which would succeed.
    pub(super) fn tries(&self, name: &str) -> Poll<()> {
        self.attempt(name, &mut || Ok(()))
    }

    /// One attempt, which would block.
    pub(super) fn finds_nothing(&self, name: &str) -> Poll<()> {
        self.attempt(name, &mut || Err(ErrorKind::WouldBlock.into()))
    }

    /// One attempt that succeeds, and shows that there is no more for now.
    pub(super) fn short_attempt(&self, name: &str) {
        let (readiness, task) = self.direction(name);
        let short = pin!(poll_fn(|context| readiness.poll_io(
            1,
            context,
            || Ok(3),
            |_| true
        )));
        let call = (self.run.recorder()).enters(name, "makes a short attempt");
        let poll = task.poll(short);
        call.returns(if poll.is_ready() {
            "3 bytes"
        } else {
            "pending"
        });
    }

    pub(super) fn direction(&self, name: &str) -> (&Readiness, &Poller) {
        match name {
            READ => (self.source.reading(), &self.reader),
            _ => (self.source.writing(), &self.writer),
        }
    }

    pub(super) fn attempt(
        &self,
        name: &str,
        attempt: &mut dyn FnMut() -> io::Result<()>,
    ) -> Poll<()> {
        let (readiness, task) = self.direction(name);
        let polled = pin!(poll_fn(|context| readiness.poll_io(
            1,
            context,
            &mut *attempt,
            |()| false
        )));
        let call = self.run.recorder().enters(name, "tries");
        let poll = task.poll(polled);
        call.returns(if poll.is_ready() { "done" } else { "pending" });
        poll.map(|_| ())
    }

    pub(super) fn tell(&self, happened: Happened) {
        self.run.recorder().says("event", in_words(happened));
        self.source.dispatch(happened);
    }

    /// Exactly these tasks were woken.
    #[track_caller]
    pub(super) fn woken(&self, reader: bool, writer: bool) {
        let woken = (self.reader.wakes() > 0, self.writer.wakes() > 0);
        if woken == (reader, writer) {
            return;
        }
        let run = &self.run;
        if reader && writer {
            let left = if woken.0 { WRITE } else { READ };
            run.departs(format!(
                "This event concerns both directions, and the {left} was not woken."
            ));
        }
        let (right, wrong) = if reader { (READ, WRITE) } else { (WRITE, READ) };
        match woken {
            (false, false) => run.departs(format!(
                "This event concerns the {right}, and no task was woken."
            )),
            (true, true) => run.departs(format!(
                "This event concerns the {right} alone, and the {wrong} was woken too."
            )),
            _ => run.departs(format!(
                "This event concerns the {right}, and the {wrong} was woken instead."
            )),
        }
    }
}

pub(super) fn in_words(happened: Happened) -> String {
    let Happened {
        readable,
        writable,
        read_closed,
        write_closed,
        error,
    } = happened;
    let words = [
        (readable, "readable"),
        (writable, "writable"),
        (read_closed, "read closed"),
        (write_closed, "write closed"),
        (error, "error"),
    ];
    let words = words.iter().filter(|word| word.0).map(|word| word.1);
    words.collect::<Vec<_>>().join(", ")
}

pub(super) const READABLE: Happened = Happened {
    readable: true,
    writable: false,
    read_closed: false,
    write_closed: false,
    error: false,
};
pub(super) const NOTHING: Happened = Happened {
    readable: false,
    ..READABLE
};
pub(super) const WRITABLE: Happened = Happened {
    writable: true,
    ..NOTHING
};

/// The name of the task that is woken first.
pub(super) fn first_woken(two: &Two) -> Arc<Mutex<Option<&'static str>>> {
    let first = Arc::new(Mutex::new(None));
    for (task, name) in [(&two.reader, READ), (&two.writer, WRITE)] {
        let first = Arc::clone(&first);
        task.on_wake(move || {
            first.lock().expect("no wake panics").get_or_insert(name);
        });
    }
    first
}
