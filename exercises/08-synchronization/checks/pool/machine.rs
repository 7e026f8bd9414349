//! Every short run of a pool with one connection or two, and a model of it.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use super::super::subject::{Lease, Pool};
use probe::Run;
use probe::runs::{Known, Machine, Operation, Search, Step};
use probe_futures::runs::Waiter;

const NAMES: [&str; 3] = ["A", "B", "C"];

/// One step of a short run, by one of three tasks.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Move {
    /// It asks for a connection, or polls its request again.
    Poll(usize),
    Cancel(usize),
    Return(usize),
}

impl Move {
    fn task(self) -> usize {
        let (Move::Poll(task) | Move::Cancel(task) | Move::Return(task)) = self;
        task
    }
}

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        NAMES[self.task()].into()
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Poll(_) => "polls acquire".into(),
            Move::Cancel(_) => "is cancelled".into(),
            Move::Return(_) => "returns its connection".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        let name = NAMES[self.task()];
        match self {
            Move::Poll(_) => format!("{name} polled `acquire`").into(),
            Move::Cancel(_) => format!("{name} was cancelled").into(),
            Move::Return(_) => format!("{name} returned its connection").into(),
        }
    }
}

const KNOWN: [Known<Move>; 1] = [Known {
    mistake: "turn-not-passed-on",
    sentence: "A connection is free, and the next request in line was not woken.",
    shows: |difference| {
        !difference.at_the_end()
            && difference.your_step().outcome() == difference.expected_step().outcome()
            && matches!(difference.operation(), Some(Move::Cancel(_)))
            && NAMES.iter().any(|name| {
                difference.expected_step().about(name) == Some("is woken")
                    && difference.your_step().about(name) == Some("is not woken")
            })
    },
}];

fn idle(connections: usize) -> String {
    format!("{connections} idle")
}

type Request = Pin<Box<dyn Future<Output = Lease<usize>>>>;

struct Yours {
    pool: Pool<usize>,
    requests: [Option<Request>; 3],
    leases: [Option<Lease<usize>>; 3],
    tasks: [Waiter; 3],
}

impl Yours {
    fn new(connections: usize) -> Yours {
        Yours {
            pool: Pool::new((0..connections).collect()),
            requests: [None, None, None],
            leases: [None, None, None],
            tasks: NAMES.map(Waiter::new),
        }
    }

    fn outcome(&mut self, step: Move) -> Option<&'static str> {
        let task = step.task();
        match step {
            Move::Poll(_) => {
                if self.leases[task].is_some() {
                    return None;
                }
                let pool = self.pool.clone();
                let request = self.requests[task]
                    .get_or_insert_with(|| Box::pin(async move { pool.acquire().await }));
                let Poll::Ready(lease) = self.tasks[task].poll(request.as_mut()) else {
                    return Some("Pending");
                };
                self.leases[task] = Some(lease);
                drop(self.requests[task].take());
                Some("Ready(lease)")
            }
            Move::Cancel(_) => {
                drop(self.requests[task].take()?);
                self.tasks[task].stop_waiting();
                Some("done")
            }
            Move::Return(_) => {
                drop(self.leases[task].take()?);
                Some("done")
            }
        }
    }
}

impl Machine for Yours {
    type Operation = Move;

    fn apply(&mut self, step: &Move) -> Option<Step> {
        let outcome = self.outcome(*step)?;
        let step = self
            .tasks
            .iter()
            .fold(Step::of(outcome), |step, task| task.tell(step));
        Some(step.fact("pool", idle(self.pool.idle())))
    }

    fn end(self) -> Step {
        let Yours {
            pool,
            requests,
            leases,
            tasks,
        } = self;
        drop((requests, leases));
        let kept: usize = tasks.iter().map(Waiter::wakers_kept).sum();
        Step::of("all requests and leases are dropped")
            .fact("pool", idle(pool.idle()))
            .fact("wakers", format!("{kept} kept"))
    }
}

/// What the contract says, in a few lines.
struct Model {
    connections: usize,
    idle: usize,
    tasks: [Task; 3],
    line: Vec<usize>,
}

#[derive(Clone, Copy, PartialEq)]
enum Task {
    Away,
    InLine,
    Woken,
    Has,
}

impl Model {
    fn new(connections: usize) -> Model {
        Model {
            connections,
            idle: connections,
            tasks: [Task::Away; 3],
            line: Vec::new(),
        }
    }

    /// A connection is free.
    fn free(&mut self) {
        if self.line.is_empty() {
            self.idle += 1;
        } else {
            self.tasks[self.line.remove(0)] = Task::Woken;
        }
    }
}

impl Machine for Model {
    type Operation = Move;

    fn apply(&mut self, step: &Move) -> Option<Step> {
        let task = step.task();
        let before = self.tasks[task];
        let outcome = match (step, before) {
            (Move::Poll(_), Task::Away) if self.idle == 0 => {
                self.line.push(task);
                self.tasks[task] = Task::InLine;
                "Pending"
            }
            (Move::Poll(_), Task::InLine) => "Pending",
            (Move::Poll(_), Task::Away | Task::Woken) => {
                self.idle -= usize::from(before == Task::Away);
                self.tasks[task] = Task::Has;
                "Ready(lease)"
            }
            (Move::Cancel(_), Task::InLine) => {
                self.line.retain(|waiting| *waiting != task);
                self.tasks[task] = Task::Away;
                "done"
            }
            (Move::Cancel(_), Task::Woken) | (Move::Return(_), Task::Has) => {
                self.tasks[task] = Task::Away;
                self.free();
                "done"
            }
            _ => return None,
        };
        let step =
            (NAMES.into_iter().zip(self.tasks)).fold(Step::of(outcome), |step, (name, task)| {
                match task {
                    Task::InLine => step.absence(name, "is not woken"),
                    Task::Woken => step.fact(name, "is woken"),
                    Task::Away | Task::Has => step,
                }
            });
        Some(step.fact("pool", idle(self.idle)))
    }

    fn end(self) -> Step {
        Step::of("all requests and leases are dropped")
            .fact("pool", idle(self.connections))
            .fact("wakers", "0 kept")
    }
}

/// All runs of up to six steps with one connection, and long ones with one and with two.
#[track_caller]
pub(super) fn compare(run: &Run) {
    let alphabet: Vec<Move> = (0..3)
        .flat_map(|task| [Move::Poll(task), Move::Return(task), Move::Cancel(task)])
        .collect();
    let search = Search::of(&alphabet)
        .up_to(6)
        .and_random(300, 20, 81)
        .naming(&KNOWN);
    search.compare(run, || Yours::new(1), || Model::new(1));
    let search = Search::of(&alphabet)
        .up_to(3)
        .and_random(300, 20, 82)
        .naming(&KNOWN);
    search.compare(run, || Yours::new(2), || Model::new(2));
}
