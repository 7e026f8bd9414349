//! The tasks of the learner and of the reference, for every short run.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use event_loop::Spawn;
use probe_loop::task_runs::{AnyTask, End, Scripted, Value};

/// A task of `$module`, as the machine knows it.
macro_rules! any_task {
    ($name:ident, $($module:ident)::+) => {
        pub(super) struct $name($($module)::+::Task<Value>);

        impl AnyTask for $name {
            fn spawn(spawn: &Rc<dyn Spawn>, future: Scripted) -> $name {
                $name($($module)::+::Task::spawn(spawn, future))
            }

            fn join(&mut self, context: &mut Context<'_>) -> Poll<End> {
                Pin::new(&mut self.0).poll(context).map(|end| match end {
                    Ok(_) => End::Output,
                    Err($($module)::+::Ended::Cancelled) => End::Cancelled,
                    Err($($module)::+::Ended::Panicked(_)) => End::Panicked,
                })
            }

            fn cancel(&self) -> bool {
                self.0.cancel()
            }

            fn is_over(&self) -> bool {
                self.0.is_over()
            }

            fn detach(self) {
                self.0.detach();
            }

            fn canceller(&self) -> Box<dyn Fn()> {
                let canceller = self.0.canceller();
                Box::new(move || canceller.cancel())
            }
        }
    };
}

any_task!(Yours, super::super::subject);
any_task!(Reference, cancellation);
