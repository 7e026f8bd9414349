//! A group as the machine of `probe-loop` knows it: the learner's, and the reference.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use event_loop::Spawn;
use probe::detect::Token;
use probe_loop::group_runs::{AnyGroup, AnyHandle, End, Fault, Scripted};

use super::judging::message;

/// A group of `$module`, as the machine knows it.
macro_rules! any_group {
    ($name:ident, $starts:ident, $($module:ident)::+) => {
        pub(crate) struct $name($($module)::+::TaskGroup<'static, Token, Fault>);

        pub(crate) struct $starts($($module)::+::Group<Fault>);

        impl Clone for $starts {
            fn clone(&self) -> $starts {
                $starts(self.0.clone())
            }
        }

        impl AnyGroup for $name {
            type Handle = $starts;

            fn start(spawn: &Rc<dyn Spawn>, body: impl FnOnce($starts) -> Scripted<$starts>) -> $name {
                $name($($module)::+::task_group(spawn, |group| body($starts(group))))
            }

            fn poll(&mut self, context: &mut Context<'_>) -> Poll<End> {
                use $($module)::+::Failed;
                let in_words = |failed: &Failed<Fault>| match failed {
                    Failed::Error(fault) => fault.message().to_owned(),
                    Failed::Panicked(panic) => message(&**panic).to_owned(),
                };
                let polled = Pin::new(&mut self.0).poll(context);
                polled.map_err(|failures| failures.iter().map(in_words).collect())
            }
        }

        impl AnyHandle for $starts {
            fn spawn(&self, child: Scripted<$starts>) {
                self.0.spawn(async move { child.await.map(drop) });
            }

            fn spawner(&self) -> Rc<dyn Spawn> {
                self.0.spawner()
            }
        }
    };
}

any_group!(Yours, YourHandle, super::super::subject);
any_group!(Reference, ReferenceHandle, composition);
