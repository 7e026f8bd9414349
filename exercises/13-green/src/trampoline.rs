//! A trampoline for coroutines: tasks that take turns, and ask it for things by suspending themselves.

use std::collections::BTreeMap;
use std::io;

use generators::{Generator, Step};
use green::coroutine::{Coroutine, Yielder};

/// What a task asks for when it suspends itself.
#[derive(Debug)]
pub enum Call<M> {
    /// To go on after the other tasks that are ready.
    Turn,
    /// That a task gets this message.
    Send {
        /// The number of the task.
        to: usize,
        /// What it gets.
        message: M,
    },
    /// To go on with the oldest message that was sent to it.
    Receive,
}

/// What a task goes on with.
#[derive(Debug)]
pub enum Answer<M> {
    /// To `Turn`; to `Send`, if the task that gets the message has not ended. A task also begins with it.
    Done,
    /// To `Receive`.
    Message(M),
    /// To `Send`: no task has this number, or it has ended. The message comes back.
    Refused(M),
}

/// What a task calls its trampoline with, from any function of its own.
#[derive(Debug)]
pub struct Port<'a, M> {
    yielder: &'a Yielder<Answer<M>, Call<M>>,
}

impl<M: 'static> Port<'_, M> {
    /// Lets the other tasks run that are ready.
    pub fn turn(&self) {
        let answer = self.yielder.suspend(Call::Turn);
        assert!(matches!(answer, Answer::Done), "the answer to `Turn`");
    }

    /// Sends a message to a task.
    ///
    /// # Errors
    ///
    /// The message comes back if no task has this number, or if it has ended.
    pub fn send(&self, to: usize, message: M) -> Result<(), M> {
        match self.yielder.suspend(Call::Send { to, message }) {
            Answer::Done => Ok(()),
            Answer::Refused(message) => Err(message),
            Answer::Message(_) => panic!("the answer to `Send` is a message"),
        }
    }

    /// Returns the oldest message that was sent to this task, and waits for one if there is none.
    pub fn receive(&self) -> M {
        match self.yielder.suspend(Call::Receive) {
            Answer::Message(message) => message,
            _ => panic!("the answer to `Receive` is no message"),
        }
    }
}

/// Tasks that take turns.
pub struct Trampoline<M> {
    // Who is ready, and with which answer? Who waits? Which messages has no task received yet?
    tasks: BTreeMap<usize, Task<M>>, // Yours to change.
}

/// A task that has not ended.
struct Task<M> {
    coroutine: Coroutine<Answer<M>, Call<M>, ()>,
}

impl<M: 'static> Trampoline<M> {
    /// A trampoline without tasks.
    pub fn new() -> Trampoline<M> {
        todo!("no task yet")
    }

    /// Adds a task behind those that are ready, and returns its number: 0 for the first, 1 for the second, and so on. No
    /// number is given twice. The task does not run yet.
    ///
    /// # Errors
    ///
    /// If the system gives no stack.
    pub fn spawn(&mut self, body: impl FnOnce(&Port<'_, M>) + 'static) -> io::Result<usize> {
        let run = |yielder: &Yielder<_, _>, _: Answer<M>| body(&Port { yielder });
        let coroutine = Coroutine::new(run)?;
        todo!("give it a number, and a place behind those that are ready")
    }

    /// Lets the task go on that has been ready longest, until it suspends itself or ends, and carries out what it asks
    /// for. Returns its number, or `None` if no task is ready.
    ///
    /// - `Turn`: it goes to the back of the queue.
    /// - `Send`: the message goes behind those that the receiver has not received yet. If the receiver waits, it goes to
    ///   the back of the queue, with the message. Behind it goes the sender, in each case.
    /// - `Receive`: it goes to the back of the queue with its oldest message. If it has none, it waits: it is not in
    ///   the queue until a message comes.
    ///
    /// # Panics
    ///
    /// With what the task panics with. The task has ended then, and the others are not concerned.
    pub fn turn(&mut self) -> Option<usize> {
        todo!("resume the task that is first in the queue, and carry out its call")
    }

    /// The numbers of the tasks that wait for a message, in ascending order.
    pub fn waiting(&self) -> Vec<usize> {
        todo!("those that have asked for a message, and got none")
    }
}

impl<M: 'static> Default for Trampoline<M> {
    fn default() -> Self {
        Trampoline::new()
    }
}
