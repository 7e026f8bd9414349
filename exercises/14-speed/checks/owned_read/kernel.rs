//! A simulated kernel with a ring, and the reads that the learner's code keeps on it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

use probe::Run;
use speed::buffer::Lent;
use speed::ring::{Ring, cancelled};

/// A ring whose kernel does what the check says, when the check says it.
#[derive(Clone)]
pub(super) struct Simulated {
    kernel: Rc<RefCell<Kernel>>,
}

struct Kernel {
    /// In the order of submission.
    reads: BTreeMap<usize, InFlight>,
    submitted: usize,
    run: Option<Run>,
    /// The first rule of the ring that was broken.
    fault: Option<String>,
    /// It was asked to give up a read that is not in flight.
    asked_too_late: bool,
}

struct InFlight {
    name: u64,
    memory: Lent,
    is_cancelled: bool,
}

impl Simulated {
    /// With a run, each call is recorded.
    pub(super) fn new(run: Option<&Run>) -> Simulated {
        Simulated {
            kernel: Rc::new(RefCell::new(Kernel {
                reads: BTreeMap::new(),
                submitted: 0,
                run: run.cloned(),
                fault: None,
                asked_too_late: false,
            })),
        }
    }

    fn says(&self, text: String) {
        if let Some(run) = &self.kernel.borrow().run {
            run.recorder().says("kernel", text);
        }
    }

    /// How many reads were submitted so far.
    pub(super) fn submitted(&self) -> usize {
        self.kernel.borrow().submitted
    }

    /// Whether the kernel was asked to give up this read.
    pub(super) fn is_cancelled(&self, read: usize) -> bool {
        let kernel = self.kernel.borrow();
        kernel
            .reads
            .get(&read)
            .is_some_and(|read| read.is_cancelled)
    }

    pub(super) fn asked_too_late(&self) -> bool {
        self.kernel.borrow().asked_too_late
    }

    pub(super) fn fault(&self) -> Option<String> {
        self.kernel.borrow().fault.clone()
    }

    /// Whether the buffer of a read in flight was dropped.
    pub(super) fn has_an_orphan(&self) -> bool {
        let kernel = self.kernel.borrow();
        kernel.reads.values().any(|read| read.memory.is_orphan())
    }

    /// The kernel writes bytes into the buffer of this read. Returns the name and the result that the ring reports; `None` if it is not
    /// in flight.
    pub(super) fn writes(&self, read: usize, bytes: &[u8]) -> Option<(u64, io::Result<usize>)> {
        let mut in_flight = self.kernel.borrow_mut().reads.remove(&read)?;
        let count = in_flight.memory.write(bytes);
        let whose = match in_flight.memory.is_orphan() {
            true => "memory that was freed",
            false => "its buffer",
        };
        let text = String::from_utf8_lossy(bytes);
        self.says(format!("writes \"{text}\" for read {read}, into {whose}"));
        Some((in_flight.name, Ok(count)))
    }

    /// The kernel cannot read, because the connection was reset.
    pub(super) fn fails(&self, read: usize) -> Option<(u64, io::Result<usize>)> {
        let in_flight = self.kernel.borrow_mut().reads.remove(&read)?;
        self.says(format!(
            "reports for read {read} that the connection was reset"
        ));
        Some((in_flight.name, Err(io::ErrorKind::ConnectionReset.into())))
    }

    /// The kernel gives up this read, if it was asked to.
    pub(super) fn gives_up(&self, read: usize) -> Option<(u64, io::Result<usize>)> {
        if !self.is_cancelled(read) {
            return None;
        }
        let in_flight = self.kernel.borrow_mut().reads.remove(&read)?;
        self.says(format!("gives up read {read}"));
        Some((in_flight.name, Err(cancelled())))
    }
}

impl Ring for Simulated {
    fn submit_read(&self, name: u64, _descriptor: i32, memory: Lent) {
        let read = {
            let mut kernel = self.kernel.borrow_mut();
            if kernel.reads.values().any(|read| read.name == name) {
                let fault = "A read was submitted under the name of another one that is in flight.";
                kernel.fault.get_or_insert(fault.to_owned());
            }
            kernel.submitted += 1;
            let read = kernel.submitted;
            let is_cancelled = false;
            kernel.reads.insert(
                read,
                InFlight {
                    name,
                    memory,
                    is_cancelled,
                },
            );
            read
        };
        self.says(format!("read {read} is submitted"));
    }

    fn submit_cancel(&self, name: u64) {
        let found = {
            let mut kernel = self.kernel.borrow_mut();
            let mut reads = kernel.reads.iter_mut();
            let found = reads.find(|(_, read)| read.name == name);
            found.map(|(number, read)| {
                read.is_cancelled = true;
                *number
            })
        };
        match found {
            Some(read) => self.says(format!("is asked to give up read {read}")),
            None => {
                self.kernel.borrow_mut().asked_too_late = true;
                self.says("is asked to give up a read that is not in flight".to_owned());
            }
        }
    }
}
