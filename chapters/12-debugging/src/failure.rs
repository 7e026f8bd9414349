//! How a test fails under a schedule.

use std::cell::RefCell;
use std::fmt;
use std::panic;
use std::sync::Once;

/// How a test failed.
///
/// Two failures are equal if they are of the same kind and, for a panic, came from the same line: a message may
/// hold figures that differ from schedule to schedule.
#[derive(Debug, Clone)]
pub enum Failure {
    /// The test or one of its tasks panicked.
    Panicked {
        /// The panic's message.
        message: String,
        /// The file and the line.
        place: String,
    },
    /// No task is ready and no timer is set, and the test waits.
    Stuck {
        /// How many tasks wait, the test's own future included.
        tasks: usize,
    },
    /// The test has returned, and left something in its loop that nothing will end.
    Left {
        /// How many tasks.
        tasks: usize,
        /// How many timers.
        timers: usize,
    },
    /// The loop ran a hundred thousand iterations, and the test has not returned.
    Endless,
}

impl PartialEq for Failure {
    fn eq(&self, other: &Failure) -> bool {
        match (self, other) {
            (Failure::Panicked { place, .. }, Failure::Panicked { place: other, .. }) => {
                place == other
            }
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = |count: usize| if count == 1 { "" } else { "s" };
        match self {
            Failure::Panicked { message, place } => write!(out, "{message} ({place})"),
            Failure::Stuck { tasks } => write!(
                out,
                "stuck: {tasks} task{} not finished, no task is ready, and no timer is set",
                s(*tasks)
            ),
            Failure::Left { tasks, timers } => write!(
                out,
                "the test has returned and left {tasks} task{} and {timers} timer{} in its loop",
                s(*tasks),
                s(*timers)
            ),
            Failure::Endless => write!(
                out,
                "the test has not returned after a hundred thousand iterations"
            ),
        }
    }
}

impl Failure {
    /// A panic that was reported so; its place is known from those that were kept.
    pub(crate) fn panicked(message: String, kept: &[Panic]) -> Failure {
        let place = kept.iter().rfind(|panic| message.ends_with(&panic.message));
        let place = place.map_or_else(
            || "an unknown place".to_owned(),
            |panic| panic.place.clone(),
        );
        Failure::Panicked { message, place }
    }
}

/// A panic that was kept instead of printed.
pub(crate) struct Panic {
    message: String,
    place: String,
}

thread_local! {
    /// The panics of this thread, while it keeps them.
    static KEPT: RefCell<Option<Vec<Panic>>> = const { RefCell::new(None) };
}

/// Runs a test and keeps the panics in it, which are not printed: a search makes the same test panic many times.
pub(crate) fn keeping_panics<R>(test: impl FnOnce() -> R) -> (R, Vec<Panic>) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let place = info.location();
            let place = place.map_or_else(String::new, |at| format!("{}:{}", at.file(), at.line()));
            let message = info.payload_as_str().unwrap_or("a panic without a message");
            let panic = Panic {
                message: message.to_owned(),
                place,
            };
            let kept = KEPT.with_borrow_mut(|kept| kept.as_mut().map(|kept| kept.push(panic)));
            if kept.is_none() {
                before(info);
            }
        }));
    });
    let before = KEPT.replace(Some(Vec::new()));
    let result = test();
    (result, KEPT.replace(before).unwrap_or_default())
}
