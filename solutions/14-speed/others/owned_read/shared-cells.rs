//! One cell for each read, held by the future and by the table; the table lets go of it at the completion.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::io;
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use speed::buffer::Buffer;
use speed::ring::{Ring, cancelled};

type Outcome = (io::Result<usize>, Buffer);

#[derive(Default)]
struct Cell {
    buffer: Option<Buffer>,
    result: Option<io::Result<usize>>,
    task: Option<Waker>,
    asked: bool,
}

struct Table<R> {
    ring: R,
    flying: RefCell<BTreeMap<u64, Rc<RefCell<Cell>>>>,
    last: std::cell::Cell<u64>,
}

/// Reads of a ring.
pub struct Reads<R>(Rc<Table<R>>);

/// A read.
pub struct Read<R: Ring> {
    table: Rc<Table<R>>,
    descriptor: i32,
    cell: Rc<RefCell<Cell>>,
    name: Option<u64>,
}

impl<R: Ring> Reads<R> {
    /// No reads.
    pub fn new(ring: R) -> Reads<R> {
        Reads(Rc::new(Table {
            ring,
            flying: RefCell::default(),
            last: std::cell::Cell::new(1_000),
        }))
    }

    /// A read that has not begun.
    pub fn read(&self, descriptor: i32, buffer: Buffer) -> Read<R> {
        let cell = Cell {
            buffer: Some(buffer),
            ..Cell::default()
        };
        Read {
            table: Rc::clone(&self.0),
            descriptor,
            cell: Rc::new(RefCell::new(cell)),
            name: None,
        }
    }

    /// A read has completed.
    pub fn complete(&self, name: u64, result: io::Result<usize>) {
        let found = self.0.flying.borrow_mut().remove(&name);
        if let Some(cell) = found {
            cell.borrow_mut().result = Some(result);
            let task = cell.borrow_mut().task.take();
            if let Some(task) = task {
                task.wake();
            }
        }
    }

    /// How many are in flight.
    pub fn in_flight(&self) -> usize {
        self.0.flying.borrow().len()
    }

    /// The ring.
    pub fn ring(&self) -> &R {
        &self.0.ring
    }
}

impl<R: Ring> Read<R> {
    /// Asks the kernel to give it up.
    pub fn cancel(&mut self) {
        if mem::replace(&mut self.cell.borrow_mut().asked, true) {
            return;
        }
        if let Some(name) = self.name
            && self.table.flying.borrow().contains_key(&name)
        {
            self.table.ring.submit_cancel(name);
        }
    }

    fn begin(&mut self) {
        let name = self.table.last.get() + 1;
        self.table.last.set(name);
        self.name = Some(name);
        let memory = self.cell.borrow_mut().buffer.as_mut().map(Buffer::lend);
        let flying = Rc::clone(&self.cell);
        self.table.flying.borrow_mut().insert(name, flying);
        let memory = memory.expect("a read that begins has its buffer");
        self.table.ring.submit_read(name, self.descriptor, memory);
    }
}

impl<R: Ring> Future for Read<R> {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        let is_over = self.cell.borrow().buffer.is_none();
        assert!(!is_over, "polled after it was ready");
        if self.name.is_none() {
            if self.cell.borrow().asked {
                self.cell
                    .borrow_mut()
                    .result
                    .get_or_insert(Err(cancelled()));
            } else {
                self.begin();
            }
        }
        let task = context.waker().clone();
        let mut cell = self.cell.borrow_mut();
        let Some(result) = cell.result.take() else {
            let old = cell.task.replace(task);
            drop(cell);
            drop(old);
            return Poll::Pending;
        };
        let buffer = cell.buffer.take().expect("it is not over");
        Poll::Ready((result, buffer))
    }
}

impl<R: Ring> Drop for Read<R> {
    fn drop(&mut self) {
        if self.name.is_some() {
            self.cancel();
        }
        let task = self.cell.borrow_mut().task.take();
        drop(task);
    }
}

impl<R> Clone for Reads<R> {
    fn clone(&self) -> Reads<R> {
        Reads(Rc::clone(&self.0))
    }
}

impl<R> fmt::Debug for Reads<R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Reads")
    }
}

impl<R: Ring> fmt::Debug for Read<R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Read")
    }
}
