//! Reads of the learner's code on the simulated kernel, each call recorded.

use std::io;
use std::pin::Pin;
use std::task::Poll;

use super::super::subject::{Read, Reads};
use super::kernel::Simulated;
use probe::Run;
use probe_futures::{Poller, poller};
use speed::buffer::{Buffer, Watch};

pub(super) struct Desk {
    pub(super) run: Run,
    pub(super) ring: Simulated,
    pub(super) reads: Reads<Simulated>,
}

/// One read, its watch on the buffer, and the task that polls it.
pub(super) struct One {
    pub(super) read: Pin<Box<Read<Simulated>>>,
    pub(super) memory: Watch,
    pub(super) task: Poller,
    name: &'static str,
    run: Run,
}

pub(super) type Output = (io::Result<usize>, Buffer);

impl Desk {
    pub(super) fn new(run: &Run) -> Desk {
        let ring = Simulated::new(Some(run));
        Desk {
            run: run.clone(),
            reads: Reads::new(ring.clone()),
            ring,
        }
    }

    pub(super) fn read(&self, name: &'static str) -> One {
        let buffer = Buffer::new(8);
        let memory = buffer.watch();
        One {
            read: Box::pin(self.reads.read(3, buffer)),
            memory,
            task: poller(self.run.recorder(), name),
            name,
            run: self.run.clone(),
        }
    }

    /// The kernel writes, and the ring reports it. Returns the name of the read.
    pub(super) fn writes(&self, read: usize, bytes: &str) -> u64 {
        if self.ring.has_an_orphan() {
            let _ = self.ring.writes(read, bytes.as_bytes());
            self.freed();
        }
        let Some((name, result)) = self.ring.writes(read, bytes.as_bytes()) else {
            self.run.departs(format!("Read {read} is not in flight."));
        };
        self.reads.complete(name, result);
        name
    }

    /// The connection is reset, and the ring reports it. Returns the name of the read.
    pub(super) fn fails(&self, read: usize) -> u64 {
        let Some((name, result)) = self.ring.fails(read) else {
            self.run.departs(format!("Read {read} is not in flight."));
        };
        self.reads.complete(name, result);
        name
    }

    pub(super) fn gives_up(&self, read: usize) {
        if let Some((name, result)) = self.ring.gives_up(read) {
            self.reads.complete(name, result);
        }
    }

    pub(super) fn freed(&self) -> ! {
        self.run.diagnose(
            "buffer-freed-in-flight",
            "A read was in flight, and its buffer was dropped. The kernel does not know that, and writes into memory that the program may \
             use for something else by now.",
        )
    }

    #[track_caller]
    pub(super) fn expect_in_flight(&self, right: usize) {
        let said = self.reads.in_flight();
        if said != right {
            self.run.diagnose(
                "in-flight-miscounted",
                format!(
                    "Reads that the kernel has not completed: {right}. `in_flight` returned {said}."
                ),
            );
        }
        if let Some(fault) = self.ring.fault() {
            self.run.departs(fault);
        }
    }
}

impl One {
    pub(super) fn poll(&mut self) -> Poll<Output> {
        let call = self.run.recorder().enters(self.name, "poll");
        let polled = self.task.poll(self.read.as_mut());
        call.returns(match &polled {
            Poll::Pending => "pending".to_owned(),
            Poll::Ready((Ok(count), _)) => format!("ready: {count} bytes"),
            Poll::Ready((Err(error), _)) if error.kind() == io::ErrorKind::Interrupted => {
                "ready: cancelled".to_owned()
            }
            Poll::Ready((Err(error), _)) => format!("ready: {error}"),
        });
        if let Poll::Ready((_, buffer)) = &polled
            && buffer.is_lent()
        {
            self.run.diagnose(
                "buffer-returned-in-flight",
                "The read returned its buffer, and the kernel had not reported the completion: it may still write into it.",
            );
        }
        polled
    }

    /// What the read came to, as text.
    pub(super) fn text(&mut self) -> Option<Result<String, ()>> {
        match self.poll() {
            Poll::Pending => None,
            Poll::Ready((Err(_), _)) => Some(Err(())),
            Poll::Ready((Ok(count), buffer)) => {
                let bytes = buffer.bytes();
                let read = &bytes[..count.min(bytes.len())];
                Some(Ok(String::from_utf8_lossy(read).into_owned()))
            }
        }
    }

    pub(super) fn cancel(&mut self) {
        let call = self.run.recorder().enters(self.name, "cancel");
        self.read.cancel();
        call.returns("done");
    }

    pub(super) fn dropped(self) -> Watch {
        let call = self.run.recorder().enters(self.name, "is dropped");
        drop(self.read);
        call.returns("done");
        self.memory
    }
}
