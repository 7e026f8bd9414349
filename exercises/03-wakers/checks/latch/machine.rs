//! Every short run: the steps, the machine, and the model that it is compared with.

use std::borrow::Cow;
use std::pin::Pin;
use std::task::Poll;

use probe::runs::{Known, Machine, Operation, Step as Seen};
use probe_futures::runs::Tasks;

/// One step of a short run with a latch of 2 and three waits, of which two are of the same clone.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Step {
    CountDown,
    Poll { wait: usize, task: usize },
    Drop { wait: usize },
}

const WAITS: [&str; 3] = ["wait 1", "wait 2", "wait 3"];
const TASKS: [&str; 2] = ["A", "B"];

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Step::CountDown => "latch".into(),
            Step::Poll { wait, .. } | Step::Drop { wait } => WAITS[*wait].into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::CountDown => "count_down()".into(),
            Step::Poll { task, .. } => format!("poll by {}", TASKS[*task]).into(),
            Step::Drop { .. } => "is dropped".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::CountDown => "the latch of 2 was counted down".into(),
            Step::Poll { wait, task } => format!("{} polled {}", TASKS[*task], WAITS[*wait]).into(),
            Step::Drop { wait } => format!("{} was dropped", WAITS[*wait]).into(),
        }
    }
}

pub(super) const KNOWN: [Known<Step>; 1] = [Known {
    mistake: "waits-mixed-up",
    sentence: "The latch opened, and a task was not woken whose wait it had polled and not dropped. Before that, another wait was polled \
               or dropped.",
    shows: |difference| {
        let other = |wait: usize| {
            let of = |step: &Step| matches!(step, Step::Poll { wait: which, .. } | Step::Drop { wait: which } if *which != wait);
            difference.operations.iter().any(of)
        };
        let missed = |wait: usize| {
            let is_woken = |step: &Seen| {
                step.about(WAITS[wait])
                    .map(|about| about.ends_with("is woken"))
            };
            is_woken(difference.expected_step()) == Some(true)
                && is_woken(difference.your_step()) == Some(false)
        };
        difference.operation() == Some(&Step::CountDown)
            && (0..WAITS.len()).any(|wait| missed(wait) && other(wait))
    },
}];

/// Carries out the steps on a latch of `$module`.
macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        pub(super) struct $name {
            latches: [$($module)::+::Latch; 3],
            waits: [Option<Pin<Box<$($module)::+::Wait>>>; 3],
            tasks: [Tasks; 3],
        }

        impl $name {
            pub(super) fn new() -> $name {
                let latch = $($module)::+::Latch::new(2);
                let latches = [latch.clone(), latch.clone(), latch];
                let waits = [0, 1, 1].map(|which: usize| Some(Box::pin(latches[which].wait())));
                $name { latches, waits, tasks: [(); 3].map(|()| Tasks::new()) }
            }
        }

        impl Machine for $name {
            type Operation = Step;

            fn apply(&mut self, step: &Step) -> Option<Seen> {
                let outcome = match *step {
                    Step::CountDown => {
                        self.latches[0].count_down();
                        "done"
                    }
                    Step::Poll { wait, task } => match self.tasks[wait].poll(task, self.waits[wait].as_mut()?.as_mut()) {
                        Poll::Pending => "Pending",
                        Poll::Ready(()) => "Ready",
                    },
                    Step::Drop { wait } => {
                        self.tasks[wait].stop_waiting();
                        drop(self.waits[wait].take()?);
                        "done"
                    }
                };
                let mut seen = Seen::of(outcome);
                for (tasks, wait) in self.tasks.iter_mut().zip(WAITS) {
                    seen = tasks.tell_of(wait, seen);
                }
                Some(seen)
            }

            fn end(self) -> Seen {
                let $name { latches, waits, tasks } = self;
                drop((latches, waits));
                let kept: usize = tasks.iter().map(Tasks::wakers_kept).sum();
                Seen::of("everything is dropped").fact("wakers", format!("{kept} kept"))
            }
        }
    };
}

machine!(Yours, super::super::subject);
machine!(Reference, model);

/// A latch for one thread.
mod model {
    use std::cell::RefCell;
    use std::collections::BTreeMap;
    use std::future::Future;
    use std::pin::Pin;
    use std::rc::Rc;
    use std::task::{Context, Poll, Waker};

    #[derive(Default)]
    struct State {
        left: usize,
        waits: usize,
        wakers: BTreeMap<usize, Waker>,
    }

    #[derive(Clone)]
    pub(super) struct Latch(Rc<RefCell<State>>);

    pub(super) struct Wait {
        state: Rc<RefCell<State>>,
        number: usize,
    }

    impl Latch {
        pub(super) fn new(left: usize) -> Latch {
            Latch(Rc::new(RefCell::new(State {
                left,
                ..State::default()
            })))
        }

        pub(super) fn count_down(&self) {
            let mut state = self.0.borrow_mut();
            state.left = state.left.saturating_sub(1);
            if state.left == 0 {
                let wakers = std::mem::take(&mut state.wakers);
                drop(state);
                wakers.into_values().for_each(Waker::wake);
            }
        }

        pub(super) fn wait(&self) -> Wait {
            let mut state = self.0.borrow_mut();
            state.waits += 1;
            Wait {
                state: Rc::clone(&self.0),
                number: state.waits,
            }
        }
    }

    impl Future for Wait {
        type Output = ();

        fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
            let mut state = self.state.borrow_mut();
            if state.left == 0 {
                return Poll::Ready(());
            }
            state.wakers.insert(self.number, context.waker().clone());
            Poll::Pending
        }
    }

    impl Drop for Wait {
        fn drop(&mut self) {
            self.state.borrow_mut().wakers.remove(&self.number);
        }
    }
}
