//! Each task holds its own state, and a counter says who has been ready longest. There is no queue.

use std::collections::BTreeMap;
use std::io;
use std::mem::replace;

use generators::{Generator, Step};
use green::coroutine::{Coroutine, Yielder};

#[derive(Debug)]
pub enum Call<M> {
    Turn,
    Send { to: usize, message: M },
    Receive,
}

#[derive(Debug)]
pub enum Answer<M> {
    Done,
    Message(M),
    Refused(M),
}

#[derive(Debug)]
pub struct Port<'a, M> {
    yielder: &'a Yielder<Answer<M>, Call<M>>,
}

impl<M: 'static> Port<'_, M> {
    pub fn turn(&self) {
        let answer = self.yielder.suspend(Call::Turn);
        assert!(matches!(answer, Answer::Done), "the answer to `Turn`");
    }

    pub fn send(&self, to: usize, message: M) -> Result<(), M> {
        match self.yielder.suspend(Call::Send { to, message }) {
            Answer::Done => Ok(()),
            Answer::Refused(message) => Err(message),
            Answer::Message(_) => panic!("the answer to `Send` is a message"),
        }
    }

    pub fn receive(&self) -> M {
        match self.yielder.suspend(Call::Receive) {
            Answer::Message(message) => message,
            _ => panic!("the answer to `Receive` is no message"),
        }
    }
}

enum State<M> {
    Ready { since: u64, with: Answer<M> },
    Waits,
    Runs,
    Ended,
}

struct Task<M> {
    coroutine: Option<Coroutine<Answer<M>, Call<M>, ()>>,
    state: State<M>,
    mail: BTreeMap<u64, M>,
}

pub struct Trampoline<M> {
    tasks: Vec<Task<M>>,
    clock: u64,
}

impl<M: 'static> Trampoline<M> {
    pub fn new() -> Trampoline<M> {
        Trampoline {
            tasks: Vec::new(),
            clock: 0,
        }
    }

    fn ready(&mut self, number: usize, with: Answer<M>) {
        self.clock += 1;
        let since = self.clock;
        self.tasks[number].state = State::Ready { since, with };
    }

    pub fn spawn(&mut self, body: impl FnOnce(&Port<'_, M>) + 'static) -> io::Result<usize> {
        let run = |yielder: &Yielder<_, _>, _: Answer<M>| body(&Port { yielder });
        self.tasks.push(Task {
            coroutine: Some(Coroutine::new(run)?),
            state: State::Runs,
            mail: BTreeMap::new(),
        });
        let number = self.tasks.len() - 1;
        self.ready(number, Answer::Done);
        Ok(number)
    }

    pub fn turn(&mut self) -> Option<usize> {
        let since = |task: &Task<M>| match task.state {
            State::Ready { since, .. } => Some(since),
            _ => None,
        };
        let ready = self.tasks.iter().enumerate();
        let (_, number) = ready
            .filter_map(|(number, task)| Some((since(task)?, number)))
            .min()?;
        let State::Ready { with, .. } = replace(&mut self.tasks[number].state, State::Ended) else {
            return None;
        };
        let mut coroutine = self.tasks[number].coroutine.take()?;
        let Step::Yielded(call) = coroutine.resume(with) else {
            self.tasks[number].mail.clear();
            return Some(number);
        };
        self.tasks[number].coroutine = Some(coroutine);
        self.tasks[number].state = State::Runs;
        match call {
            Call::Turn => self.ready(number, Answer::Done),
            Call::Receive => match self.tasks[number].mail.pop_first() {
                Some((_, message)) => self.ready(number, Answer::Message(message)),
                None => self.tasks[number].state = State::Waits,
            },
            Call::Send { to, message } => {
                let answer = match self.tasks.get(to).map(|task| &task.state) {
                    None | Some(State::Ended) => Answer::Refused(message),
                    Some(State::Waits) => {
                        self.ready(to, Answer::Message(message));
                        Answer::Done
                    }
                    Some(_) => {
                        self.clock += 1;
                        self.tasks[to].mail.insert(self.clock, message);
                        Answer::Done
                    }
                };
                self.ready(number, answer);
            }
        }
        Some(number)
    }

    pub fn waiting(&self) -> Vec<usize> {
        let tasks = self.tasks.iter().enumerate();
        tasks
            .filter(|(_, task)| matches!(task.state, State::Waits))
            .map(|(number, _)| number)
            .collect()
    }
}

impl<M: 'static> Default for Trampoline<M> {
    fn default() -> Self {
        Trampoline::new()
    }
}
